use super::accounts::RegisterSupplierAccounts;
use crate::{
    error::EscrowError,
    seeds::SUPPLIER_SEED,
    state::{Supplier, VERSION},
};
use ionet_shared::fixed_width::{self, FixedWidth};
use pinocchio::{
    cpi::{Seed, Signer},
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};
use pinocchio_system::create_account_with_minimum_balance_signed;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    if !data.is_empty() {
        return Err(EscrowError::MalformedInstruction.into());
    }
    let accounts = RegisterSupplierAccounts::check(program, accounts)?;
    let wallet = *accounts.wallet.address();
    let bump = [accounts.supplier_bump];
    let seeds = [Seed::from(SUPPLIER_SEED), Seed::from(wallet.as_ref()), Seed::from(&bump)];
    create_account_with_minimum_balance_signed(
        accounts.supplier,
        Supplier::LEN,
        program,
        accounts.payer,
        None,
        &[Signer::from(&seeds)],
    )?;
    // SAFETY: just created by this program with LEN zeros, and nobody else refers to it.
    let account = unsafe { fixed_width::created::<Supplier>(accounts.supplier) };
    *account = Supplier {
        version: VERSION,
        kind: Supplier::KIND,
        bump: accounts.supplier_bump,
        reserved: [0; 5],
        registered_at: Clock::get()?.unix_timestamp,
        wallet,
    };
    Ok(())
}
