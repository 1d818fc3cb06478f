use crate::{error::EscrowError, seeds};
use ionet_shared::{
    address,
    upgrade_authority::{self, Answer},
};
use pinocchio::{AccountView, Address};

pub struct InitializeNetworkAccounts<'a> {
    pub payer: &'a AccountView,
    pub network: &'a mut AccountView,
    pub network_bump: u8,
    pub mints: &'a [AccountView],
}

impl<'a> InitializeNetworkAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a mut [AccountView]) -> Result<Self, EscrowError> {
        let [payer, upgrade_authority, network, program_data, _system_program, mints @ ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        if !payer.is_signer() || !upgrade_authority.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        match upgrade_authority::judge(program, program_data, upgrade_authority.address()) {
            Answer::Authority => {}
            Answer::AnotherKey => return Err(EscrowError::WrongUpgradeAuthority),
            Answer::WrongProgramData => return Err(EscrowError::WrongProgramData),
        }
        let (address, network_bump) = address::find(&[seeds::NETWORK_SEED], program);
        if network.address() != &address {
            return Err(EscrowError::WrongAddress);
        }
        if network.owned_by(program) {
            return Err(EscrowError::AlreadyInitialized);
        }
        Ok(Self { payer, network, network_bump, mints })
    }
}
