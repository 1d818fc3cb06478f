use super::accounts::CloseEscrowAccounts;
use crate::{
    books,
    error::EscrowError,
    state::{
        escrow::{signing_seeds, STATUS_FINAL},
        Escrow,
    },
    vault::Vault,
};
use ionet_shared::destination::Destination;
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
    let CloseEscrowAccounts { escrow_account, mut escrow, vault: vault_account, engineer_tokens, rent_payer } =
        CloseEscrowAccounts::check(program, accounts)?;
    let mut vault = Vault::new(escrow.header, vault_account, escrow_account, program, 1)?;
    let place = vault.judge(engineer_tokens, &escrow.header.engineer);
    if place == Destination::Foreign {
        return Err(EscrowError::WrongRefundAccount.into());
    }
    let clock = Clock::get()?;
    check_ended(&escrow, &clock)?;
    let owed = books::owed(&escrow)?;
    let rest = escrow.header.remainder.checked_sub(owed).ok_or(EscrowError::BooksDoNotBalance)?;
    // Whatever strangers sent to the vault goes to the engineer with the rest.
    let refund = vault.held().checked_sub(owed).ok_or(EscrowError::VaultTooSmall)?;
    if refund == 0 && owed > 0 {
        return Err(EscrowError::StillOwed.into());
    }

    end_leases(&mut escrow, clock.unix_timestamp);
    let header = &mut *escrow.header;
    if refund > 0 && (place != Destination::Payable || !vault.pay(engineer_tokens, refund)?) {
        return Err(EscrowError::RefundAccountUnavailable.into());
    }
    books::refund(header, rest)?;
    let (engineer, id, bump) = (header.engineer, header.id.to_le_bytes(), [header.bump]);
    let seeds = signing_seeds(&engineer, &id, &bump);
    let signer = Signer::from(&seeds);
    vault.send(&signer);
    books::assert_balanced(header, vault.held())?;
    if owed == 0 {
        close(*escrow_account, rent_payer, (!header.is_native()).then_some(vault_account), signer)?;
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
        lease.last_second().saturating_add(i64::from(header.release_after_seconds)) <= clock.unix_timestamp
    });
    if header.status == STATUS_FINAL || released {
        Ok(())
    } else {
        Err(EscrowError::NotFinal)
    }
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
    token_vault: Option<&AccountView>,
    signer: Signer,
) -> ProgramResult {
    if let Some(vault) = token_vault {
        CloseAccount::new(vault, &rent_payer, &escrow_account).invoke_signed(&[signer])?;
    }
    let lamports = rent_payer.lamports().checked_add(escrow_account.lamports()).ok_or(EscrowError::AmountOverflow)?;
    rent_payer.set_lamports(lamports);
    escrow_account.set_lamports(0);
    escrow_account.close()
}
