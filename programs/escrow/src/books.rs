//! The invariant of every escrow, asserted after each instruction that moves money.
use crate::{error::EscrowError, state::EscrowHeader, token_account};
use pinocchio::AccountView;

/// deposited = paid + fees + refunded + remainder, and the vault holds at least the remainder.
#[inline(always)]
pub fn assert_balanced(header: &EscrowHeader, vault: &AccountView) -> Result<(), EscrowError> {
    let accounted =
        u128::from(header.paid) + u128::from(header.fees) + u128::from(header.refunded) + u128::from(header.remainder);
    if accounted != u128::from(header.deposited) || header.fees > header.fees_earned {
        return Err(EscrowError::BooksDoNotBalance);
    }
    if token_account::amount(vault) < header.remainder {
        return Err(EscrowError::VaultTooSmall);
    }
    Ok(())
}
