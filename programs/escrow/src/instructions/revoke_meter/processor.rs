use super::{accounts::RevokeMeterAccounts, data};
use crate::{error::EscrowError, event};
use pinocchio::{AccountView, Address, ProgramResult};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let meter = data::parse(data)?;
    let RevokeMeterAccounts { network } = RevokeMeterAccounts::check(program, accounts)?;

    // Out of what waits as well: a proposal made before must not bring a stolen key back.
    let proposed = network.proposed_at != 0 && network.proposed.remove_meter(&meter);
    if !network.parameters.remove_meter(&meter) && !proposed {
        return Err(EscrowError::UnknownMeter.into());
    }
    event::emit(event::METER_REVOKED, meter.as_ref());
    Ok(())
}
