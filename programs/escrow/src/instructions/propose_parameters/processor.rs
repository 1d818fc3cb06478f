use super::{accounts::ProposeParametersAccounts, data};
use crate::{event, parameters};
use pinocchio::{
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let mut proposed = data::parse(data)?;
    let ProposeParametersAccounts { network, mints } = ProposeParametersAccounts::check(program, accounts)?;
    parameters::check_mints(&mut proposed, mints)?;

    // An earlier proposal is gone, and its waiting with it.
    network.proposed = proposed;
    network.proposed_at = Clock::get()?.unix_timestamp;
    event::emit(event::PARAMETERS_PROPOSED, network.proposed.as_bytes());
    Ok(())
}
