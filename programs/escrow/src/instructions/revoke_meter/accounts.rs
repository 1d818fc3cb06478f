use crate::{error::EscrowError, state::Network};
use pinocchio::{AccountView, Address};

pub struct RevokeMeterAccounts<'a> {
    pub network: &'a mut Network,
}

impl<'a> RevokeMeterAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a mut [AccountView]) -> Result<Self, EscrowError> {
        let [guardian, network, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        let network = Network::load_mut(network, program)?;
        if !guardian.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        if guardian.address() != &network.parameters.guardian {
            return Err(EscrowError::WrongGuardian);
        }
        Ok(Self { network })
    }
}
