use super::VERSION;
use crate::error::EscrowError;
use codama_macros::CodamaAccount;
use ionet_shared::fixed_width::{self, FixedWidth, Unreadable};
use pinocchio::{AccountView, Address};

/// Says that a wallet agreed to be paid as a supplier: only such wallets may stand in for others.
#[derive(CodamaAccount)]
#[codama(name = "supplier")]
#[codama(discriminator(field = "kind", offset = 1))]
#[codama(discriminator(size = 48))]
#[codama(seed(type = string(utf8), value = "supplier"))]
#[codama(seed(name = "wallet", type = public_key))]
#[repr(C)]
pub struct Supplier {
    #[codama(default_value = 1)]
    pub version: u8,
    #[codama(default_value = 3)]
    pub kind: u8,
    pub bump: u8,
    #[codama(type = fixed_size(bytes, 5))]
    pub reserved: [u8; 5],
    pub registered_at: i64,
    pub wallet: Address,
}

const _: () = assert!(Supplier::LEN == 48);

// SAFETY: repr(C) of integers and an address without padding, version and kind first.
unsafe impl FixedWidth for Supplier {
    const VERSION: u8 = VERSION;
    const KIND: u8 = 3;
}

impl Supplier {
    /// Reads a supplier out of an account, whoever passed it: only `register_supplier` makes accounts of this
    /// kind, each with its wallet's signature.
    pub fn load<'a>(account: &'a AccountView, program: &Address) -> Result<&'a Self, EscrowError> {
        fixed_width::load(account, program).map_err(|unreadable| match unreadable {
            Unreadable::Foreign => EscrowError::WrongSupplier,
            Unreadable::OtherVersion => EscrowError::WrongVersion,
        })
    }
}
