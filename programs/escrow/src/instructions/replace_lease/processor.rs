use super::{accounts::ReplaceLeaseAccounts, data::ReplaceLeaseData};
use crate::{error::EscrowError, payout::budget, state::Lease};
use pinocchio::{
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let data = ReplaceLeaseData::parse(data)?;
    let ReplaceLeaseAccounts { escrow, supplier } = ReplaceLeaseAccounts::check(program, accounts, data.opened_slot)?;
    let header = escrow.header;
    let now = Clock::get()?.unix_timestamp;
    let old = escrow.leases.get_mut(usize::from(data.lease)).ok_or(EscrowError::UnknownLease)?;
    check_terms(old, &data, header.minimum_seconds)?;
    header.check_rate_holds(now, data.max_seconds)?;
    let new = escrow.spare.first_mut().ok_or(EscrowError::NoRoom)?;

    old.replaced = 1;
    *new = Lease::starting(supplier, data.rate_per_hour, data.max_seconds, now);
    header.lease_count += 1;
    Ok(())
}

/// It stands in for an ended lease, once, at most at its rate and within what that one left over of its budget.
fn check_terms(old: &Lease, data: &ReplaceLeaseData, minimum_seconds: u32) -> Result<(), EscrowError> {
    if old.ended_at == 0 {
        return Err(EscrowError::LeaseNotEnded);
    }
    if old.replaced != 0 {
        return Err(EscrowError::AlreadyReplaced);
    }
    if data.rate_per_hour > old.rate_per_hour {
        return Err(EscrowError::RateTooHigh);
    }
    let rest = budget(old.rate_per_hour, old.max_seconds)?
        .checked_sub(old.commitment(minimum_seconds)?)
        .ok_or(EscrowError::BooksDoNotBalance)?;
    if budget(data.rate_per_hour, data.max_seconds)? > rest {
        return Err(EscrowError::BudgetTooHigh);
    }
    Ok(())
}
