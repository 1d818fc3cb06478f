//! What the program needs to know of a wallet that is paid in lamports.
use crate::token_account::Destination;
use pinocchio::{AccountView, Address};

/// Judges a destination for `wallet`, the program's own address standing for "none". An escrow is never paid out
/// of itself.
#[inline(never)]
pub fn judge(account: &AccountView, wallet: &Address, escrow: &AccountView, program: &Address) -> Destination {
    if account.address() == program {
        return Destination::Unavailable;
    }
    if account.address() != wallet {
        return Destination::Foreign;
    }
    judge_any(account, escrow)
}

/// Whether an account, whosever it is, can be given lamports.
#[inline(always)]
pub fn judge_any(account: &AccountView, escrow: &AccountView) -> Destination {
    if account.address() == escrow.address() {
        return Destination::Foreign;
    }
    // The runtime lets nobody give to a program, and makes sysvars and the like read-only.
    if account.is_writable() && !account.executable() {
        Destination::Payable
    } else {
        Destination::Unavailable
    }
}
