use super::{accounts::EndLeaseAccounts, data::EndLeaseData};
use crate::error::EscrowError;
use pinocchio::{
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let data = EndLeaseData::parse(data)?;
    let EndLeaseAccounts { escrow } = EndLeaseAccounts::check(program, accounts, data.opened_slot)?;
    let lease = escrow.leases.get_mut(usize::from(data.lease)).ok_or(EscrowError::UnknownLease)?;
    if lease.ended_at != 0 {
        return Err(EscrowError::LeaseEnded.into());
    }
    lease.ended_at = Clock::get()?.unix_timestamp;
    Ok(())
}
