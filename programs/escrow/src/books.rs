//! What is written down when a lease earns and when somebody is paid, and the invariant of every escrow, asserted
//! after each instruction that moves money.
use crate::{
    error::EscrowError,
    payout::payout,
    state::{Escrow, EscrowHeader, Lease},
};

/// Books what the lease has earned with these seconds, which are not fewer than before.
#[inline(always)]
pub fn earn(header: &mut EscrowHeader, lease: &mut Lease, seconds: u32) -> Result<(), EscrowError> {
    let earned = payout(lease.rate_per_hour, seconds, header.fee_bps)?;
    header.fees_earned = add(header.fees_earned, take(earned.fee, lease.fee)?)?;
    lease.seconds = seconds;
    lease.gross = earned.gross;
    lease.fee = earned.fee;
    Ok(())
}

/// Books that a lease's supplier got `amount`.
#[inline(always)]
pub fn pay_lease(header: &mut EscrowHeader, lease: &mut Lease, amount: u64) -> Result<(), EscrowError> {
    lease.paid = add(lease.paid, amount)?;
    header.paid = add(header.paid, amount)?;
    header.remainder = take(header.remainder, amount)?;
    Ok(())
}

/// What the treasury has earned and not got.
#[inline(always)]
pub fn fee_owed(header: &EscrowHeader) -> Result<u64, EscrowError> {
    take(header.fees_earned, header.fees)
}

/// Books that the treasury got all it is owed.
#[inline(always)]
pub fn pay_fee(header: &mut EscrowHeader) -> Result<(), EscrowError> {
    header.remainder = take(header.remainder, fee_owed(header)?)?;
    header.fees = header.fees_earned;
    Ok(())
}

/// Accepted and not yet sent, to suppliers and treasury: it waits for them whatever the engineer does.
pub fn owed(escrow: &Escrow) -> Result<u64, EscrowError> {
    escrow.leases.iter().try_fold(fee_owed(escrow.header)?, |sum, lease| add(sum, lease.owed()))
}

/// Books that the engineer got `amount` back.
pub fn refund(header: &mut EscrowHeader, amount: u64) -> Result<(), EscrowError> {
    header.refunded = add(header.refunded, amount)?;
    header.remainder = take(header.remainder, amount)?;
    Ok(())
}

/// deposited = paid + fees + refunded + remainder, and the vault, which holds `held`, has at least the remainder.
#[inline(always)]
pub fn assert_balanced(header: &EscrowHeader, held: u64) -> Result<(), EscrowError> {
    let accounted =
        u128::from(header.paid) + u128::from(header.fees) + u128::from(header.refunded) + u128::from(header.remainder);
    if accounted != u128::from(header.deposited) || header.fees > header.fees_earned {
        return Err(EscrowError::BooksDoNotBalance);
    }
    if held < header.remainder {
        return Err(EscrowError::VaultTooSmall);
    }
    Ok(())
}

#[inline(always)]
pub fn add(to: u64, amount: u64) -> Result<u64, EscrowError> {
    to.checked_add(amount).ok_or(EscrowError::AmountOverflow)
}

#[inline(always)]
pub fn take(from: u64, amount: u64) -> Result<u64, EscrowError> {
    from.checked_sub(amount).ok_or(EscrowError::BooksDoNotBalance)
}
