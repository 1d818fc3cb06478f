use super::VERSION;
use crate::error::EscrowError;
use codama_macros::CodamaAccount;
use pinocchio::{AccountView, Address};

pub const KIND: u8 = 3;

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

const _: () = assert!(core::mem::size_of::<Supplier>() == Supplier::LEN);

impl Supplier {
    pub const LEN: usize = 48;

    /// Reads a supplier out of an account, whoever passed it: only `register_supplier` makes accounts of this
    /// kind, each with its wallet's signature.
    pub fn load<'a>(account: &'a AccountView, program: &Address) -> Result<&'a Self, EscrowError> {
        if !account.owned_by(program) || account.data_len() != Self::LEN {
            return Err(EscrowError::WrongSupplier);
        }
        // SAFETY: length checked; account data is 8-byte aligned, the layout has no padding and every
        // bit pattern is valid; no instruction writes to a supplier that it reads.
        let supplier = unsafe { &*account.data_ptr().cast::<Self>() };
        if supplier.kind != KIND {
            return Err(EscrowError::WrongSupplier);
        }
        if supplier.version != VERSION {
            return Err(EscrowError::WrongVersion);
        }
        Ok(supplier)
    }
}
