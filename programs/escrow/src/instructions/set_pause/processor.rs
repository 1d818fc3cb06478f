use super::{accounts::SetPauseAccounts, data};
use crate::event;
use pinocchio::{AccountView, Address, ProgramResult};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let paused = data::parse(data)?;
    let SetPauseAccounts { network } = SetPauseAccounts::check(program, accounts)?;

    network.paused = paused;
    event::emit(event::PAUSE_SET, &[paused]);
    Ok(())
}
