use crate::{
    error::EscrowError,
    state::{escrow::STATUS_OPEN, Escrow, Supplier},
};
use pinocchio::{AccountView, Address};

pub struct ReplaceLeaseAccounts<'a> {
    pub escrow: Escrow<'a>,
    /// The wallet of the supplier that comes in.
    pub supplier: Address,
}

const NOBODY: Address = Address::new_from_array([0; 32]);

impl<'a> ReplaceLeaseAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a [AccountView], opened_slot: u64) -> Result<Self, EscrowError> {
        let [delegate, escrow_account, supplier, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if !delegate.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        if escrow.header.delegate == NOBODY || delegate.address() != &escrow.header.delegate {
            return Err(EscrowError::WrongDelegate);
        }
        escrow.header.check_opening(opened_slot)?;
        if escrow.header.status != STATUS_OPEN {
            return Err(EscrowError::NotRunning);
        }
        let supplier = Supplier::load(supplier, program)?.wallet;
        if &supplier == escrow_account.address() {
            return Err(EscrowError::WrongLease);
        }
        Ok(Self { escrow, supplier })
    }
}
