use crate::{error::EscrowError, state::Network};
use pinocchio::{AccountView, Address};

pub struct ProposeParametersAccounts<'a> {
    pub network: &'a mut Network,
    /// In the order of the data.
    pub mints: &'a [AccountView],
}

impl<'a> ProposeParametersAccounts<'a> {
    pub fn check(program: &Address, accounts: &'a mut [AccountView]) -> Result<Self, EscrowError> {
        let [authority, network, mints @ ..] = accounts else {
            return Err(EscrowError::NotEnoughAccounts);
        };
        let network = Network::load_mut(network, program)?;
        if !authority.is_signer() {
            return Err(EscrowError::MissingSignature);
        }
        if authority.address() != &network.parameters.authority {
            return Err(EscrowError::WrongAuthority);
        }
        Ok(Self { network, mints })
    }
}
