use super::accounts::CollectAccounts;
use crate::{books, error::EscrowError, state::escrow::signing_seeds, vault::Vault};
use ionet_shared::destination::Destination;
use pinocchio::{cpi::Signer, AccountView, Address, ProgramResult};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    if !data.is_empty() {
        return Err(EscrowError::MalformedInstruction.into());
    }
    let CollectAccounts { wallet, is_treasury, escrow_account, escrow, vault, destination } =
        CollectAccounts::check(program, accounts)?;
    let header = escrow.header;
    let mut vault = Vault::new(header, vault, escrow_account, program, 1)?;
    match vault.judge_any(destination) {
        Destination::Payable => {}
        Destination::Foreign => return Err(EscrowError::WrongDestination.into()),
        Destination::Unavailable => return Err(EscrowError::DestinationUnavailable.into()),
    }

    let mut owed = 0u64;
    for lease in escrow.leases.iter_mut().filter(|lease| &lease.supplier == wallet) {
        let amount = lease.owed();
        owed = books::add(owed, amount)?;
        books::pay_lease(header, lease, amount)?;
    }
    if is_treasury {
        owed = books::add(owed, books::fee_owed(header)?)?;
        books::pay_fee(header)?;
    }
    if owed == 0 {
        return Err(EscrowError::NothingOwed.into());
    }
    if !vault.pay(destination, owed)? {
        return Err(EscrowError::DestinationUnavailable.into());
    }
    let (id, bump) = (header.id.to_le_bytes(), [header.bump]);
    vault.send(&Signer::from(&signing_seeds(&header.engineer, &id, &bump)));
    books::assert_balanced(header, vault.held())?;
    Ok(())
}
