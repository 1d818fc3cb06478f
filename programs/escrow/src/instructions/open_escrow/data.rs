use crate::{error::EscrowError, payout::budget, state::escrow::MAX_LEASES};
use ionet_shared::wire::Wire;
use pinocchio::Address;

const TERMS_LEN: usize = 44;

/// What the engineer asks for; `leases` yields the terms, already checked.
pub struct OpenEscrowData<'a> {
    pub id: u64,
    /// Base units of the mint.
    pub deposit: u64,
    pub delegate: Address,
    /// Room for replacements.
    pub spare_leases: usize,
    terms: &'a [u8],
}

pub struct LeaseTerms {
    pub supplier: Address,
    pub rate_per_hour: u64,
    pub max_seconds: u32,
}

impl<'a> OpenEscrowData<'a> {
    pub fn parse(data: &'a [u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
        let (id, deposit, delegate) = (wire.u64()?, wire.u64()?, wire.address()?);
        let (spare_leases, count) = (usize::from(wire.u8()?), usize::from(wire.u8()?));
        if count == 0 {
            return Err(EscrowError::NoLeases);
        }
        if count + spare_leases > MAX_LEASES {
            return Err(EscrowError::TooManyLeases);
        }
        let terms = wire.slice(count * TERMS_LEN)?;
        wire.end()?;
        Ok(Self { id, deposit, delegate, spare_leases, terms })
    }

    /// Every lease is payable in full, and the deposit covers them all. `escrow` cannot be its own supplier.
    pub fn check(&self, escrow: &Address) -> Result<(), EscrowError> {
        let mut needed = 0u64;
        for lease in self.leases() {
            let nobody = lease.supplier.as_array() == &[0; 32] || &lease.supplier == escrow;
            if nobody || lease.rate_per_hour == 0 || lease.max_seconds == 0 {
                return Err(EscrowError::WrongLease);
            }
            let cost = budget(lease.rate_per_hour, lease.max_seconds)?;
            needed = needed.checked_add(cost).ok_or(EscrowError::AmountOverflow)?;
        }
        if self.deposit < needed {
            return Err(EscrowError::FundingTooLittle);
        }
        Ok(())
    }

    pub fn capacity(&self) -> usize {
        self.lease_count() + self.spare_leases
    }

    pub fn lease_count(&self) -> usize {
        self.terms.len() / TERMS_LEN
    }

    pub fn leases(&self) -> impl Iterator<Item = LeaseTerms> + 'a {
        self.terms.as_chunks::<TERMS_LEN>().0.iter().map(|terms| {
            let mut supplier = [0; 32];
            supplier.copy_from_slice(&terms[..32]);
            let mut rate = [0; 8];
            rate.copy_from_slice(&terms[32..40]);
            let mut seconds = [0; 4];
            seconds.copy_from_slice(&terms[40..]);
            LeaseTerms {
                supplier: Address::new_from_array(supplier),
                rate_per_hour: u64::from_le_bytes(rate),
                max_seconds: u32::from_le_bytes(seconds),
            }
        })
    }
}
