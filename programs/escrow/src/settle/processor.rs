use super::{
    accounts::SettleAccounts,
    data::{instructions, signed_reading},
};
use crate::{
    books,
    error::EscrowError,
    payout::payout,
    state::{
        escrow::{signing_seeds, STATUS_FINAL},
        EscrowHeader, Lease,
    },
    token_account::{judge, Destination},
    transfers::Transfers,
};
use pinocchio::{
    cpi::Signer,
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    if !data.is_empty() {
        return Err(EscrowError::MalformedInstruction.into());
    }
    let accounts = SettleAccounts::check(program, accounts)?;
    let instructions = instructions(accounts.instructions)?;
    let before = instructions.get_instruction_relative(-1).map_err(|_| EscrowError::NoMeterSignature)?;
    let (meter, reading) = signed_reading(&before)?;
    accounts.check_reading(program, meter, &reading)?;
    let now = Clock::get()?.unix_timestamp;

    let SettleAccounts { escrow_account, escrow, vault, network, treasury_tokens, destinations, .. } = accounts;
    let header = escrow.header;
    let was_final = header.status == STATUS_FINAL;
    let mut transfers = Transfers::new(vault, escrow_account, destinations.len() + 1);
    for (entry, destination) in reading.entries().zip(destinations) {
        let lease = &mut escrow.leases[usize::from(entry.lease)];
        let place = judge(destination, &lease.supplier, &header.mint, program);
        if place == Destination::Foreign {
            return Err(EscrowError::WrongDestination.into());
        }
        if reading.is_final && lease.ended_at == 0 {
            lease.ended_at = now;
        }
        if entry.seconds < lease.seconds {
            // An older reading came late: nothing shrinks, nothing is paid.
            continue;
        }
        if !was_final {
            accept(header, lease, entry.seconds, now)?;
        }
        let owed = lease.owed();
        if owed > 0 && place == Destination::Payable {
            lease.paid = add(lease.paid, owed)?;
            header.paid = add(header.paid, owed)?;
            header.remainder = take(header.remainder, owed)?;
            transfers.add(destination, owed);
        }
    }
    if reading.is_final && !was_final {
        header.status = STATUS_FINAL;
        header.final_at = now;
    }
    pay_fee(header, treasury_tokens, &network.treasury, program, &mut transfers)?;

    let (id, bump) = (header.id.to_le_bytes(), [header.bump]);
    transfers.send(&Signer::from(&signing_seeds(&header.engineer, &id, &bump)));
    books::assert_balanced(header, vault)?;
    Ok(())
}

/// Books what the lease has earned: the signed seconds, within what can have been delivered and its budget.
#[inline(always)]
fn accept(header: &mut EscrowHeader, lease: &mut Lease, signed: u32, now: i64) -> Result<(), EscrowError> {
    let seconds = signed.min(lease.deliverable(now, header.minimum_seconds)).max(lease.seconds);
    let earned = payout(lease.rate_per_hour, seconds, header.fee_bps)?;
    header.fees_earned = add(header.fees_earned, take(earned.fee, lease.fee)?)?;
    lease.seconds = seconds;
    lease.gross = earned.gross;
    lease.fee = earned.fee;
    Ok(())
}

/// The fee earned and not yet sent; a treasury that cannot take it now is paid by a later settlement.
#[inline(always)]
fn pay_fee<'a>(
    header: &mut EscrowHeader,
    treasury_tokens: &'a AccountView,
    treasury: &Address,
    program: &Address,
    transfers: &mut Transfers<'a>,
) -> Result<(), EscrowError> {
    let place = judge(treasury_tokens, treasury, &header.mint, program);
    if place == Destination::Foreign {
        return Err(EscrowError::WrongTreasury);
    }
    let owed = take(header.fees_earned, header.fees)?;
    if owed > 0 && place == Destination::Payable {
        header.fees = header.fees_earned;
        header.remainder = take(header.remainder, owed)?;
        transfers.add(treasury_tokens, owed);
    }
    Ok(())
}

#[inline(always)]
fn add(to: u64, amount: u64) -> Result<u64, EscrowError> {
    to.checked_add(amount).ok_or(EscrowError::AmountOverflow)
}

#[inline(always)]
fn take(from: u64, amount: u64) -> Result<u64, EscrowError> {
    from.checked_sub(amount).ok_or(EscrowError::BooksDoNotBalance)
}
