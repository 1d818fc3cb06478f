use super::{accounts::TopUpAccounts, data::TopUpData};
use crate::{books, error::EscrowError, state::Escrow, vault::Vault};
use pinocchio::{
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};
use pinocchio_system::instructions::Transfer;
use pinocchio_token::instructions::TransferChecked;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let data = TopUpData::parse(data)?;
    let mut accounts = TopUpAccounts::check(program, accounts, data.opened_slot)?;
    let vault = Vault::new(accounts.escrow.header, accounts.vault, accounts.escrow_account, program, 0)?;
    let now = Clock::get()?.unix_timestamp;

    let before = accounts.escrow.committed()?;
    extend(&mut accounts.escrow, &data, now)?;
    // Paid by this top-up itself: a stranger must not spend what the engineer keeps in the escrow.
    if accounts.escrow.committed()?.checked_sub(before).is_none_or(|more| more > data.amount) {
        return Err(EscrowError::FundingTooLittle.into());
    }
    let header = &mut *accounts.escrow.header;
    header.deposited = books::add(header.deposited, data.amount)?;
    header.remainder = books::add(header.remainder, data.amount)?;
    let (native, decimals) = (header.is_native(), header.decimals);
    let TopUpAccounts { payer, payer_tokens, escrow_account, vault: vault_account, mint, .. } = accounts;
    if native {
        Transfer { from: payer, to: escrow_account, lamports: data.amount }.invoke()?;
    } else {
        TransferChecked::new(payer_tokens, mint, vault_account, payer, data.amount, decimals).invoke()?;
    }
    books::assert_balanced(accounts.escrow.header, vault.held())?;
    Ok(())
}

/// Leases that are named must still run; of those that are not, only running ones are extended.
fn extend(escrow: &mut Escrow, data: &TopUpData, now: i64) -> Result<(), EscrowError> {
    if data.leases.checked_shr(escrow.leases.len() as u32).unwrap_or(0) != 0 {
        return Err(EscrowError::UnknownLease);
    }
    for (at, lease) in escrow.leases.iter_mut().enumerate() {
        if data.leases != 0 && !data.names(at) {
            continue;
        }
        // A lease that used up its seconds is over: its agent has stopped.
        if lease.ended_at != 0 || lease.last_second() <= now {
            if data.leases == 0 {
                continue;
            }
            return Err(EscrowError::LeaseEnded);
        }
        lease.max_seconds = lease.max_seconds.checked_add(data.seconds).ok_or(EscrowError::AmountOverflow)?;
        escrow.header.check_rate_holds(lease.started_at, lease.max_seconds)?;
    }
    Ok(())
}
