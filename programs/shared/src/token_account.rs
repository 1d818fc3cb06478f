//! What a program needs to know of a token account that somebody passed.
use crate::destination::Destination;
use pinocchio::{address::address_eq, AccountView, Address};

const LEN: usize = pinocchio_token::state::Account::LEN;
const STATE_AT: usize = 108;
const UNINITIALIZED: u8 = 0;
const INITIALIZED: u8 = 1;

/// Judges a destination for `wallet` and `mint`. The program's own address stands for "none": a submitter
/// whose transaction has no room for all destinations passes it, and the rest is collected later.
#[inline(always)]
pub fn judge(account: &AccountView, wallet: &Address, mint: &Address, program: &Address) -> Destination {
    if address_eq(account.address(), program) {
        return Destination::Unavailable;
    }
    if !account.owned_by(&pinocchio_token::ID) {
        // An address where no account was made yet, whether or not somebody sent lamports there.
        return if account.data_len() == 0 && account.owned_by(&pinocchio_system::ID) {
            Destination::Unavailable
        } else {
            Destination::Foreign
        };
    }
    if account.data_len() != LEN {
        return Destination::Foreign;
    }
    // SAFETY: length checked; token accounts are the token program's, ours only read them. It begins with
    // the mint, then the owner.
    let (state, [of, owner]) =
        unsafe { (*account.data_ptr().add(STATE_AT), &*account.data_ptr().cast::<[Address; 2]>()) };
    if state == UNINITIALIZED {
        return Destination::Unavailable;
    }
    if !address_eq(of, mint) || !address_eq(owner, wallet) {
        return Destination::Foreign;
    }
    if state == INITIALIZED && account.is_writable() {
        Destination::Payable
    } else {
        Destination::Unavailable
    }
}

/// Judges a destination of `mint` that a wallet has chosen for itself: whose it is does not matter.
#[inline(always)]
pub fn judge_any(account: &AccountView, mint: &Address) -> Destination {
    if !account.owned_by(&pinocchio_token::ID) || account.data_len() != LEN {
        return Destination::Foreign;
    }
    // SAFETY: as in `judge`.
    let (state, of) = unsafe { (*account.data_ptr().add(STATE_AT), &*account.data_ptr().cast::<Address>()) };
    if !address_eq(of, mint) {
        return Destination::Foreign;
    }
    if state == INITIALIZED && account.is_writable() {
        Destination::Payable
    } else {
        Destination::Unavailable
    }
}

/// The balance, in base units, of an account that is known to be a token account.
#[inline(always)]
pub fn amount(account: &AccountView) -> u64 {
    if !account.owned_by(&pinocchio_token::ID) || account.data_len() != LEN {
        return 0;
    }
    // SAFETY: length checked, and the fields lie within it; read unaligned by copy.
    let bytes = unsafe { *account.data_ptr().add(64).cast::<[u8; 8]>() };
    u64::from_le_bytes(bytes)
}
