use super::accounts::ApplyParametersAccounts;
use crate::{error::EscrowError, event};
use pinocchio::{
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};

/// Not a parameter: everybody has this long to see what comes, and to leave.
const WAIT_SECONDS: i64 = 48 * 3_600;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    if !data.is_empty() {
        return Err(EscrowError::MalformedInstruction.into());
    }
    let ApplyParametersAccounts { network } = ApplyParametersAccounts::check(program, accounts)?;
    if Clock::get()?.unix_timestamp < network.proposed_at.saturating_add(WAIT_SECONDS) {
        return Err(EscrowError::TooEarly.into());
    }

    network.parameters = network.proposed;
    network.proposed_at = 0;
    event::emit(event::PARAMETERS_APPLIED, network.parameters.as_bytes());
    Ok(())
}
