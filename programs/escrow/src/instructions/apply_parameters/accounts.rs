use crate::{error::EscrowError, state::Network};
use pinocchio::{AccountView, Address};

pub struct ApplyParametersAccounts<'a> {
    pub network: &'a mut Network,
}

impl<'a> ApplyParametersAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a mut [AccountView]) -> Result<Self, EscrowError> {
        let [network, ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        let network = Network::load_mut(network, program)?;
        if network.proposed_at == 0 {
            return Err(EscrowError::NothingProposed);
        }
        Ok(Self { network })
    }
}
