//! Which mints an escrow can hold.
use crate::error::EscrowError;
use pinocchio::{AccountView, Address};
use pinocchio_token::state::Mint;

/// Native SOL needs no wrapping, and a wrapped balance follows the account's lamports.
const WRAPPED_SOL: Address = Address::from_str_const("So11111111111111111111111111111111111111112");

/// The decimals of a plain SPL mint. Token-2022 is refused: such mints can take fees, run hooks, or move funds
/// out of a vault.
pub fn decimals(account: &AccountView) -> Result<u8, EscrowError> {
    if account.address() == &WRAPPED_SOL {
        return Err(EscrowError::WrongMint);
    }
    let mint = Mint::from_account_view(account).map_err(|_| EscrowError::WrongMint)?;
    if mint.is_initialized() {
        Ok(mint.decimals())
    } else {
        Err(EscrowError::WrongMint)
    }
}
