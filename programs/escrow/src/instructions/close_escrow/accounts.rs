use crate::{error::EscrowError, state::Escrow};
use pinocchio::{AccountView, Address};

pub struct CloseEscrowAccounts<'a> {
    pub escrow_account: &'a AccountView,
    pub escrow: Escrow<'a>,
    pub vault: &'a AccountView,
    pub engineer_tokens: &'a AccountView,
    pub rent_payer: AccountView,
}

impl<'a> CloseEscrowAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a [AccountView]) -> Result<Self, EscrowError> {
        let [escrow_account, vault, engineer_tokens, rent_payer, token_program, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if token_program.address() != &pinocchio_token::ID {
            return Err(EscrowError::WrongTokenProgram);
        }
        if rent_payer.address() != &escrow.header.rent_payer || !rent_payer.is_writable() {
            return Err(EscrowError::WrongRentPayer);
        }
        Ok(Self { escrow_account, escrow, vault, engineer_tokens, rent_payer: *rent_payer })
    }
}
