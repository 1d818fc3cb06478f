use crate::{
    error::EscrowError,
    state::{escrow::STATUS_OPEN, Escrow},
};
use ionet_shared::{destination::Destination, token_account::judge};
use pinocchio::{AccountView, Address};

pub struct TopUpAccounts<'a> {
    pub payer: &'a AccountView,
    pub payer_tokens: &'a AccountView,
    pub escrow_account: &'a AccountView,
    pub escrow: Escrow<'a>,
    pub vault: &'a AccountView,
    pub mint: &'a AccountView,
}

impl<'a> TopUpAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a [AccountView], opened_slot: u64) -> Result<Self, EscrowError> {
        let [payer, payer_tokens, escrow_account, vault, mint, _system_program, token_program, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if !payer.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        escrow.header.check_opening(opened_slot)?;
        if escrow.header.status != STATUS_OPEN {
            return Err(EscrowError::NotRunning);
        }
        if token_program.address() != &pinocchio_token::ID {
            return Err(EscrowError::WrongTokenProgram);
        }
        if mint.address() != &escrow.header.mint {
            return Err(EscrowError::WrongMint);
        }
        let theirs = if escrow.header.is_native() {
            payer_tokens.address() == payer.address()
        } else {
            judge(payer_tokens, payer.address(), mint.address(), program) == Destination::Payable
        };
        if !theirs {
            return Err(EscrowError::WrongPayerAccount);
        }
        Ok(Self { payer, payer_tokens, escrow_account, escrow, vault, mint })
    }
}
