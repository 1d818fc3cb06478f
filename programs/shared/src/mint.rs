//! Which currencies a program of ours can hold.
use pinocchio::{AccountView, Address};
use pinocchio_token::state::Mint;

/// Stands for native SOL: the system program's address, which no mint can have.
pub const NATIVE: Address = pinocchio_system::ID;
const NATIVE_DECIMALS: u8 = 9;
/// A wrapped balance follows its account's lamports, and SOL needs no wrapping here.
const WRAPPED_SOL: Address = Address::from_str_const("So11111111111111111111111111111111111111112");

/// The decimals of native SOL or of a plain SPL mint; `None` for anything else. Token-2022 is refused: such mints can take
/// fees, run hooks, or move funds out of a vault.
pub fn decimals(account: &AccountView) -> Option<u8> {
    if account.address() == &NATIVE {
        return Some(NATIVE_DECIMALS);
    }
    if account.address() == &WRAPPED_SOL {
        return None;
    }
    let mint = Mint::from_account_view(account).ok()?;
    mint.is_initialized().then(|| mint.decimals())
}
