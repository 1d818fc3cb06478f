use crate::{
    error::EscrowError,
    seeds,
    state::{Network, NetworkMint, NetworkParameters},
};
use ionet_shared::{address, destination::Destination, mint::NATIVE, token_account::judge};
use pinocchio::{AccountView, Address};

pub struct OpenEscrowAccounts<'a> {
    pub engineer: &'a AccountView,
    pub rent_payer: &'a AccountView,
    pub escrow: &'a mut AccountView,
    pub escrow_bump: u8,
    pub vault: &'a AccountView,
    pub engineer_tokens: &'a AccountView,
    pub mint: &'a AccountView,
    pub parameters: &'a NetworkParameters,
    pub terms: &'a NetworkMint,
    pub system_program: &'a AccountView,
    pub token_program: &'a AccountView,
}

impl<'a> OpenEscrowAccounts<'a> {
    pub fn is_native(&self) -> bool {
        self.mint.address() == &NATIVE
    }

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
        // Listed mints were checked to be native SOL or plain SPL mints when they were listed.
        let parameters = &network.parameters;
        let terms = parameters.mint(mint.address())?;
        if mint.address() == &NATIVE {
            if engineer_tokens.address() != engineer.address() {
                return Err(EscrowError::WrongEngineerAccount);
            }
            if vault.address() != escrow.address() {
                return Err(EscrowError::WrongVault);
            }
        } else if judge(engineer_tokens, engineer.address(), mint.address(), program) != Destination::Payable {
            return Err(EscrowError::WrongEngineerAccount);
        }
        let id = id.to_le_bytes();
        let (address, escrow_bump) = address::find(&[seeds::ESCROW_SEED, engineer.address().as_ref(), &id], program);
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
            parameters,
            terms,
            system_program,
            token_program,
        })
    }
}
