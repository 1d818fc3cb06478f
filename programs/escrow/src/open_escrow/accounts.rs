use crate::{
    error::EscrowError,
    pda,
    state::{Network, NetworkMint},
    token_account::{judge, Destination},
};
use pinocchio::{AccountView, Address};

pub struct OpenEscrowAccounts<'a> {
    pub engineer: &'a AccountView,
    pub rent_payer: &'a AccountView,
    pub escrow: &'a mut AccountView,
    pub escrow_bump: u8,
    pub vault: &'a AccountView,
    pub engineer_tokens: &'a AccountView,
    pub mint: &'a AccountView,
    pub network: &'a Network,
    pub terms: &'a NetworkMint,
    pub system_program: &'a AccountView,
    pub token_program: &'a AccountView,
}

impl<'a> OpenEscrowAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a mut [AccountView], id: u64) -> Result<Self, EscrowError> {
        let [engineer, rent_payer, escrow, vault, engineer_tokens, mint, network, system_program, token_program, _ata, ..] =
            accounts
        else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        if !engineer.is_signer() || !rent_payer.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        let network = Network::load(network, program)?;
        if network.paused != 0 {
            return Err(EscrowError::Paused);
        }
        if token_program.address() != &pinocchio_token::ID {
            return Err(EscrowError::WrongTokenProgram);
        }
        // Listed mints were checked to be plain SPL mints when the network was initialised.
        let terms = network.mint(mint.address())?;
        if judge(engineer_tokens, engineer.address(), mint.address(), program) != Destination::Payable {
            return Err(EscrowError::WrongEngineerAccount);
        }
        let id = id.to_le_bytes();
        let (address, escrow_bump) = pda::find(&[pda::ESCROW_SEED, engineer.address().as_ref(), &id], program);
        if escrow.address() != &address {
            return Err(EscrowError::WrongAddress);
        }
        Ok(Self {
            engineer,
            rent_payer,
            escrow,
            escrow_bump,
            vault,
            engineer_tokens,
            mint,
            network,
            terms,
            system_program,
            token_program,
        })
    }
}
