use crate::{
    error::EscrowError,
    state::{escrow::STATUS_FINAL, Escrow, Network},
};
use pinocchio::{AccountView, Address};

pub struct SettleAgreedAccounts<'a> {
    pub supplier: &'a Address,
    pub escrow_account: &'a AccountView,
    pub escrow: Escrow<'a>,
    pub vault: &'a AccountView,
    pub treasury: &'a Address,
    pub supplier_tokens: &'a AccountView,
    pub treasury_tokens: &'a AccountView,
}

impl<'a> SettleAgreedAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a [AccountView], opened_slot: u64) -> Result<Self, EscrowError> {
        let [engineer, supplier, escrow_account, vault, network, supplier_tokens, treasury_tokens, token_program, ..] =
            accounts
        else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if !engineer.is_signer() || !supplier.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        if engineer.address() != &escrow.header.engineer {
            return Err(EscrowError::WrongEngineer);
        }
        escrow.header.check_opening(opened_slot)?;
        if escrow.header.status == STATUS_FINAL {
            return Err(EscrowError::AlreadyFinal);
        }
        if token_program.address() != &pinocchio_token::ID {
            return Err(EscrowError::WrongTokenProgram);
        }
        let treasury = &Network::load(network, program)?.parameters.treasury;
        let supplier = supplier.address();
        Ok(Self { supplier, escrow_account, escrow, vault, treasury, supplier_tokens, treasury_tokens })
    }
}
