use crate::error::EscrowError;
use codama_macros::CodamaType;
use pinocchio::Address;

pub const MAX_METERS: usize = 4;
pub const MAX_MINTS: usize = 4;
/// Not a parameter: no network takes more than 5 %.
pub const FEE_LIMIT_BPS: u16 = 500;

/// A currency the network is paid in; the system program's address stands for native SOL.
#[derive(CodamaType)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NetworkMint {
    pub mint: Address,
    pub fee_bps: u16,
    pub decimals: u8,
    /// How many hours after the opening a rate in this currency holds; 0: for ever.
    pub rate_valid_hours: u8,
    #[codama(type = fixed_size(bytes, 4))]
    pub reserved: [u8; 4],
}

/// What governance may change, after its 48 hours.
#[derive(CodamaType)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NetworkParameters {
    /// The shortest bill, in seconds, of a lease that joined.
    pub minimum_seconds: u32,
    /// How long after its last possible second anybody may have an escrow's rest returned.
    pub release_after_seconds: u32,
    pub meter_count: u8,
    pub mint_count: u8,
    #[codama(type = fixed_size(bytes, 6))]
    pub reserved: [u8; 6],
    /// Proposes parameters.
    pub authority: Address,
    /// Revokes meters and pauses new escrows, at once, and can do nothing else.
    pub guardian: Address,
    /// The wallet that takes the fee.
    pub treasury: Address,
    pub meters: [Address; 4],
    pub mints: [NetworkMint; 4],
}

const _: () = assert!(core::mem::size_of::<NetworkParameters>() == NetworkParameters::LEN);

impl NetworkParameters {
    pub const LEN: usize = 400;

    /// Finds the terms of a mint.
    #[inline(always)]
    pub fn mint(&self, mint: &Address) -> Result<&NetworkMint, EscrowError> {
        self.mints
            .iter()
            .take(usize::from(self.mint_count))
            .find(|known| &known.mint == mint)
            .ok_or(EscrowError::WrongMint)
    }

    #[inline(always)]
    pub fn has_meter(&self, key: &[u8; 32]) -> bool {
        self.meters.iter().take(usize::from(self.meter_count)).any(|meter| meter.as_array() == key)
    }

    /// Takes a meter off the list; false when it is not there.
    pub fn remove_meter(&mut self, key: &Address) -> bool {
        let count = usize::from(self.meter_count);
        let Some(at) = self.meters.iter().take(count).position(|meter| meter == key) else {
            return false;
        };
        self.meters[at..count].rotate_left(1);
        self.meters[count - 1] = Address::new_from_array([0; 32]);
        self.meter_count -= 1;
        true
    }

    /// As it lies in the account.
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        // SAFETY: repr(C) without padding, and of exactly this size.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }
}
