use crate::{error::EscrowError, state::Escrow};
use pinocchio::{AccountView, Address};

pub struct StopAccounts<'a> {
    pub escrow_account: &'a AccountView,
    pub escrow: Escrow<'a>,
    pub vault: &'a AccountView,
    pub engineer_tokens: &'a AccountView,
}

impl<'a> StopAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a [AccountView], opened_slot: u64) -> Result<Self, EscrowError> {
        let [engineer, escrow_account, vault, engineer_tokens, token_program, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if !engineer.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        if engineer.address() != &escrow.header.engineer {
            return Err(EscrowError::WrongEngineer);
        }
        escrow.header.check_opening(opened_slot)?;
        if token_program.address() != &pinocchio_token::ID {
            return Err(EscrowError::WrongTokenProgram);
        }
        Ok(Self { escrow_account, escrow, vault, engineer_tokens })
    }
}
