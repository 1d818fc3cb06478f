//! What a program needs to know of a wallet that is paid in lamports.
use crate::destination::Destination;
use pinocchio::{AccountView, Address};

/// Judges a destination for `wallet`, the program's own address standing for "none". What pays, the `payer`, is
/// never paid out of itself.
#[inline(never)]
pub fn judge(account: &AccountView, wallet: &Address, payer: &AccountView, program: &Address) -> Destination {
    if account.address() == program {
        return Destination::Unavailable;
    }
    if account.address() != wallet {
        return Destination::Foreign;
    }
    judge_any(account, payer)
}

/// Whether an account, whosever it is, can be given lamports.
#[inline(always)]
pub fn judge_any(account: &AccountView, payer: &AccountView) -> Destination {
    if account.address() == payer.address() {
        return Destination::Foreign;
    }
    // The runtime lets nobody give to a program, and makes sysvars and the like read-only.
    if account.is_writable() && !account.executable() {
        Destination::Payable
    } else {
        Destination::Unavailable
    }
}
