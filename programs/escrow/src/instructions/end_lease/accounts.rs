use crate::{
    error::EscrowError,
    state::{escrow::STATUS_OPEN, Escrow},
};
use pinocchio::{AccountView, Address};

pub struct EndLeaseAccounts<'a> {
    pub escrow: Escrow<'a>,
}

impl<'a> EndLeaseAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a [AccountView], opened_slot: u64) -> Result<Self, EscrowError> {
        let [signer, escrow_account, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if !signer.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        if signer.address() != &escrow.header.engineer && signer.address() != &escrow.header.delegate {
            return Err(EscrowError::WrongDelegate);
        }
        escrow.header.check_opening(opened_slot)?;
        if escrow.header.status != STATUS_OPEN {
            return Err(EscrowError::NotRunning);
        }
        Ok(Self { escrow })
    }
}
