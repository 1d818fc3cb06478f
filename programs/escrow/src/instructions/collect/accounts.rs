use crate::{
    error::EscrowError,
    state::{Escrow, Network},
};
use pinocchio::{AccountView, Address};

pub struct CollectAccounts<'a> {
    pub wallet: &'a Address,
    pub is_treasury: bool,
    pub escrow_account: &'a AccountView,
    pub escrow: Escrow<'a>,
    pub vault: &'a AccountView,
    pub destination: &'a AccountView,
}

impl<'a> CollectAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a [AccountView]) -> Result<Self, EscrowError> {
        let [wallet, escrow_account, vault, destination, network, token_program, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        // SAFETY: the only place in this instruction that refers to the escrow's data.
        let escrow = unsafe { Escrow::load(escrow_account, program)? };
        if !wallet.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        if token_program.address() != &pinocchio_token::ID {
            return Err(EscrowError::WrongTokenProgram);
        }
        let wallet = wallet.address();
        let is_treasury = wallet == &Network::load(network, program)?.parameters.treasury;
        Ok(Self { wallet, is_treasury, escrow_account, escrow, vault, destination })
    }
}
