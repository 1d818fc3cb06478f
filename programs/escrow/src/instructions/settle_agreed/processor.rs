use super::{accounts::SettleAgreedAccounts, data::SettleAgreedData};
use crate::{books, error::EscrowError, state::escrow::signing_seeds, treasury::pay_fee, vault::Vault};
use ionet_shared::destination::Destination;
use pinocchio::{
    cpi::Signer,
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let data = SettleAgreedData::parse(data)?;
    let SettleAgreedAccounts { supplier, escrow_account, escrow, vault, treasury, supplier_tokens, treasury_tokens } =
        SettleAgreedAccounts::check(program, accounts, data.opened_slot)?;
    let header = escrow.header;
    let lease = escrow.leases.get_mut(usize::from(data.lease)).ok_or(EscrowError::UnknownLease)?;
    if &lease.supplier != supplier {
        return Err(EscrowError::NotThisLeasesSupplier.into());
    }
    let most = lease.deliverable(Clock::get()?.unix_timestamp, header.minimum_seconds);
    if data.seconds < lease.seconds || data.seconds > most {
        return Err(EscrowError::WrongSeconds.into());
    }
    let mut vault = Vault::new(header, vault, escrow_account, program, 2)?;
    let place = vault.judge(supplier_tokens, supplier);
    if place == Destination::Foreign {
        return Err(EscrowError::WrongDestination.into());
    }

    books::earn(header, lease, data.seconds)?;
    let owed = lease.owed();
    if owed > 0 && place == Destination::Payable && vault.pay(supplier_tokens, owed)? {
        books::pay_lease(header, lease, owed)?;
    }
    pay_fee(header, &mut vault, treasury_tokens, treasury)?;
    let (id, bump) = (header.id.to_le_bytes(), [header.bump]);
    vault.send(&Signer::from(&signing_seeds(&header.engineer, &id, &bump)));
    books::assert_balanced(header, vault.held())?;
    Ok(())
}
