use super::{Lease, VERSION};
use crate::{error::EscrowError, seeds::ESCROW_SEED};
use codama_macros::CodamaAccount;
use pinocchio::{cpi::Seed, AccountView, Address};

pub const KIND: u8 = 2;
pub const MAX_LEASES: usize = 50;
/// Funds are tokens in the vault.
pub const CURRENCY_TOKEN: u8 = 0;
/// Funds are lamports that the escrow account holds itself, beyond its rent; its vault is its own address.
pub const CURRENCY_NATIVE: u8 = 1;
pub const STATUS_OPEN: u8 = 0;
/// The engineer stopped it: every lease has ended, readings for the time before still count.
pub const STATUS_STOPPED: u8 = 1;
/// Every lease has ended and no reading may raise its seconds any more.
pub const STATUS_FINAL: u8 = 2;

/// What stands before the leases. Amounts in base units of `mint`, times in Unix seconds.
#[derive(CodamaAccount)]
#[codama(name = "escrow")]
#[codama(field(after, "leases", array(link("lease"), remainder_count)))]
#[codama(discriminator(field = "kind", offset = 1))]
#[codama(seed(type = string(utf8), value = "escrow"))]
#[codama(seed(name = "engineer", type = public_key))]
#[codama(seed(name = "id", type = number(u64)))]
#[repr(C)]
pub struct EscrowHeader {
    #[codama(default_value = 1)]
    pub version: u8,
    #[codama(default_value = 2)]
    pub kind: u8,
    pub bump: u8,
    /// 0 open, 1 stopped, 2 final.
    pub status: u8,
    /// 0 an SPL token, 1 native lamports (`mint` is then the system program's address).
    pub currency: u8,
    pub decimals: u8,
    /// The network's fee when the escrow opened; later changes do not touch it.
    pub fee_bps: u16,
    pub minimum_seconds: u32,
    /// How long after its last possible second anybody may have the rest returned.
    pub release_after_seconds: u32,
    pub lease_count: u8,
    /// Leases that the account has room for: those at opening and later replacements.
    pub capacity: u8,
    #[codama(type = fixed_size(bytes, 2))]
    pub reserved: [u8; 2],
    /// How long after the opening the rates hold; 0: for ever.
    pub rate_valid_seconds: u32,
    pub id: u64,
    pub opened_slot: u64,
    pub opened_at: i64,
    /// 0 while open.
    pub final_at: i64,
    pub deposited: u64,
    /// Sent to suppliers.
    pub paid: u64,
    /// Sent to the treasury.
    pub fees: u64,
    /// Earned by the treasury, sent or not.
    pub fees_earned: u64,
    /// Sent back to the engineer, donations not counted.
    pub refunded: u64,
    /// What the escrow still holds of the deposits: deposited − paid − fees − refunded.
    pub remainder: u64,
    pub engineer: Address,
    pub mint: Address,
    pub vault: Address,
    pub rent_payer: Address,
    /// May replace ended leases within their rest; zeros: nobody may.
    pub delegate: Address,
    /// The lamports of the account that are its rent.
    pub rent: u64,
    #[codama(type = fixed_size(bytes, 16))]
    pub reserved2: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<EscrowHeader>() == EscrowHeader::LEN);

impl EscrowHeader {
    pub const LEN: usize = 288;

    #[inline(always)]
    pub fn is_native(&self) -> bool {
        self.currency == CURRENCY_NATIVE
    }

    /// An instruction about a running escrow names its opening slot, so that one signed for an earlier escrow
    /// of the same address is worth nothing.
    #[inline(always)]
    pub fn check_opening(&self, opened_slot: u64) -> Result<(), EscrowError> {
        if self.opened_slot == opened_slot {
            Ok(())
        } else {
            Err(EscrowError::WrongOpening)
        }
    }

    /// Whether rates that were fixed at the opening hold until this many seconds after `from`.
    #[inline(always)]
    pub fn check_rate_holds(&self, from: i64, seconds: u32) -> Result<(), EscrowError> {
        let until = from.saturating_sub(self.opened_at).saturating_add(i64::from(seconds));
        if self.rate_valid_seconds == 0 || until <= i64::from(self.rate_valid_seconds) {
            Ok(())
        } else {
            Err(EscrowError::RateExpired)
        }
    }
}

/// An escrow account, read and written in place.
pub struct Escrow<'a> {
    pub header: &'a mut EscrowHeader,
    /// Those that are used; `spare` is the room for replacements.
    pub leases: &'a mut [Lease],
    pub spare: &'a mut [Lease],
}

impl<'a> Escrow<'a> {
    pub const fn len(leases: usize) -> usize {
        EscrowHeader::LEN + leases * Lease::LEN
    }

    /// Reads the escrow out of an account, whoever passed it. Only `open_escrow` makes accounts of this
    /// kind, each at the address of its seeds.
    ///
    /// # Safety
    /// The caller holds no other reference into this account's data, and makes none while this one lives.
    #[inline(always)]
    pub unsafe fn load(account: &AccountView, program: &Address) -> Result<Self, EscrowError> {
        if !account.owned_by(program) || account.data_len() < Self::len(1) || !account.is_writable() {
            return Err(EscrowError::WrongEscrow);
        }
        // SAFETY: the account is long enough; this reference is gone before the next one is made.
        let header = &*account.data_ptr().cast::<EscrowHeader>();
        if header.kind != KIND {
            return Err(EscrowError::WrongEscrow);
        }
        if header.version != VERSION {
            return Err(EscrowError::WrongVersion);
        }
        let (leases, capacity) = (usize::from(header.lease_count), usize::from(header.capacity));
        if leases > capacity || account.data_len() != Self::len(capacity) {
            return Err(EscrowError::WrongEscrow);
        }
        Ok(Self::view(account, leases, capacity))
    }

    /// What the leases can cost in all: the budgets of those that run; of an ended one what it can have
    /// delivered; of a final escrow what was accepted. Never below what was paid.
    pub fn committed(&self) -> Result<u64, EscrowError> {
        let is_final = self.header.status == STATUS_FINAL;
        self.leases.iter().try_fold(0u64, |sum, lease| {
            let cost = if is_final { lease.gross } else { lease.commitment(self.header.minimum_seconds)? };
            sum.checked_add(cost).ok_or(EscrowError::AmountOverflow)
        })
    }

    /// What no lease can earn any more and was not refunded yet.
    pub fn refundable(&self) -> Result<u64, EscrowError> {
        let header = &self.header;
        let sent = header.paid.checked_add(header.fees).ok_or(EscrowError::AmountOverflow)?;
        let needed = self.committed()?.checked_sub(sent).ok_or(EscrowError::BooksDoNotBalance)?;
        header.remainder.checked_sub(needed).ok_or(EscrowError::BooksDoNotBalance)
    }

    /// # Safety
    /// As for `load`; besides, the account is this program's and at least `len(capacity)` bytes long, and
    /// `capacity` is not below `leases`.
    #[inline(always)]
    pub unsafe fn view(account: &AccountView, leases: usize, capacity: usize) -> Self {
        // Account data is 8-byte aligned, both layouts are multiples of 8 bytes without padding, and every
        // bit pattern is valid.
        let start = account.data_ptr().cast_mut();
        let first = start.add(EscrowHeader::LEN).cast::<Lease>();
        Self {
            header: &mut *start.cast::<EscrowHeader>(),
            leases: core::slice::from_raw_parts_mut(first, leases),
            spare: core::slice::from_raw_parts_mut(first.add(leases), capacity - leases),
        }
    }
}

/// The seeds by which an escrow signs for its vault, bump last.
#[inline(always)]
pub fn signing_seeds<'a>(engineer: &'a Address, id: &'a [u8; 8], bump: &'a [u8; 1]) -> [Seed<'a>; 4] {
    [Seed::from(ESCROW_SEED), Seed::from(engineer.as_ref()), Seed::from(id.as_slice()), Seed::from(bump.as_slice())]
}
