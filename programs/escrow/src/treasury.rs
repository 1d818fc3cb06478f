//! What the network's treasury gets.
use crate::{books, error::EscrowError, state::EscrowHeader, vault::Vault};
use ionet_shared::destination::Destination;
use pinocchio::{AccountView, Address};

/// Pays the fee earned and not yet sent; a treasury that cannot take it now is paid later.
#[inline(always)]
pub fn pay_fee<'a>(
    header: &mut EscrowHeader,
    vault: &mut Vault<'a>,
    destination: &'a AccountView,
    treasury: &Address,
) -> Result<(), EscrowError> {
    let place = vault.judge(destination, treasury);
    if place == Destination::Foreign {
        return Err(EscrowError::WrongTreasury);
    }
    let owed = books::fee_owed(header)?;
    if owed > 0 && place == Destination::Payable && vault.pay(destination, owed)? {
        books::pay_fee(header)?;
    }
    Ok(())
}
