use super::accounts::CloseEscrowAccounts;
use crate::{
    books,
    error::EscrowError,
    state::{
        escrow::{signing_seeds, STATUS_FINAL},
        Escrow,
    },
    token_account,
    transfers::Transfers,
};
use pinocchio::{
    cpi::Signer,
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};
use pinocchio_token::instructions::CloseAccount;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    if !data.is_empty() {
        return Err(EscrowError::MalformedInstruction.into());
    }
    let mut accounts = CloseEscrowAccounts::check(program, accounts)?;
    let clock = Clock::get()?;
    check_ended(&accounts.escrow, &clock)?;
    let owed = owed(&accounts.escrow)?;
    let rest = accounts.escrow.header.remainder.checked_sub(owed).ok_or(EscrowError::BooksDoNotBalance)?;
    // Whatever strangers sent to the vault goes to the engineer with the rest.
    let refund = token_account::amount(accounts.vault).checked_sub(owed).ok_or(EscrowError::VaultTooSmall)?;
    if refund == 0 && owed > 0 {
        return Err(EscrowError::StillOwed.into());
    }
    if refund > 0 && !accounts.refundable {
        return Err(EscrowError::RefundAccountUnavailable.into());
    }

    end_leases(&mut accounts.escrow, clock.unix_timestamp);
    let CloseEscrowAccounts { escrow_account, vault, engineer_tokens, .. } = accounts;
    let header = &mut *accounts.escrow.header;
    header.refunded = header.refunded.checked_add(rest).ok_or(EscrowError::AmountOverflow)?;
    header.remainder = owed;
    let (engineer, id, bump) = (header.engineer, header.id.to_le_bytes(), [header.bump]);
    let seeds = signing_seeds(&engineer, &id, &bump);
    let signer = Signer::from(&seeds);
    let mut transfers = Transfers::new(vault, &escrow_account, 1);
    if refund > 0 {
        transfers.add(engineer_tokens, refund);
    }
    transfers.send(&signer);
    books::assert_balanced(header, vault)?;
    if owed == 0 {
        close(escrow_account, accounts.rent_payer, vault, signer)?;
    }
    Ok(())
}

/// Nothing more can be earned: a final reading was applied, or nobody brought one for long enough.
/// Never in the slot of opening: a new escrow at this address must not share its opened slot, by which
/// readings tell them apart.
fn check_ended(escrow: &Escrow, clock: &Clock) -> Result<(), EscrowError> {
    let header = &escrow.header;
    if clock.slot <= header.opened_slot {
        return Err(EscrowError::OpenedInThisSlot);
    }
    let released = escrow.leases.iter().all(|lease| {
        let last_second = lease.started_at.saturating_add(i64::from(lease.max_seconds));
        last_second.saturating_add(i64::from(header.release_after_seconds)) <= clock.unix_timestamp
    });
    if header.status == STATUS_FINAL || released {
        Ok(())
    } else {
        Err(EscrowError::NotFinal)
    }
}

/// Accepted and not yet sent, to suppliers and treasury: it waits for them whatever the engineer does.
fn owed(escrow: &Escrow) -> Result<u64, EscrowError> {
    let header = &escrow.header;
    let fees = header.fees_earned.checked_sub(header.fees).ok_or(EscrowError::BooksDoNotBalance)?;
    escrow.leases.iter().try_fold(fees, |sum, lease| sum.checked_add(lease.owed())).ok_or(EscrowError::AmountOverflow)
}

/// Released without a final reading, the escrow is final all the same: what was not read stays unpaid.
fn end_leases(escrow: &mut Escrow, now: i64) {
    if escrow.header.status == STATUS_FINAL {
        return;
    }
    escrow.header.status = STATUS_FINAL;
    escrow.header.final_at = now;
    for lease in escrow.leases.iter_mut().filter(|lease| lease.ended_at == 0) {
        lease.ended_at = now;
    }
}

/// Rent goes back to who paid it.
fn close(
    mut escrow_account: AccountView,
    mut rent_payer: AccountView,
    vault: &AccountView,
    signer: Signer,
) -> ProgramResult {
    CloseAccount::new(vault, &rent_payer, &escrow_account).invoke_signed(&[signer])?;
    let lamports = rent_payer.lamports().checked_add(escrow_account.lamports()).ok_or(EscrowError::AmountOverflow)?;
    rent_payer.set_lamports(lamports);
    escrow_account.set_lamports(0);
    escrow_account.close()
}
