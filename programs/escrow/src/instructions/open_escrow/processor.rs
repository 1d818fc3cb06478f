use super::{accounts::OpenEscrowAccounts, data::OpenEscrowData};
use crate::{
    books,
    error::EscrowError,
    state::{
        escrow::{self, signing_seeds},
        Escrow, EscrowHeader, Lease, VERSION,
    },
    vault::Vault,
};
use pinocchio::{
    cpi::Signer,
    sysvars::{clock::Clock, rent::Rent, Sysvar},
    AccountView, Address, ProgramResult,
};
use pinocchio_associated_token_account::instructions::CreateIdempotent;
use pinocchio_system::{create_account_with_minimum_balance_signed, instructions::Transfer};
use pinocchio_token::instructions::TransferChecked;

const SECONDS_PER_HOUR: u32 = 3_600;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let data = OpenEscrowData::parse(data)?;
    let accounts = OpenEscrowAccounts::check(program, accounts, data.id)?;
    data.check(accounts.escrow.address())?;
    let clock = Clock::get()?;

    create_accounts(program, &accounts, &data)?;
    deposit(&accounts, data.deposit)?;
    // SAFETY: just created by this program with room for these leases; no other reference into its data.
    let escrow = unsafe { Escrow::view(accounts.escrow, data.lease_count(), data.capacity()) };
    *escrow.header = header(&accounts, &data, &clock)?;
    for (lease, terms) in escrow.leases.iter_mut().zip(data.leases()) {
        escrow.header.check_rate_holds(clock.unix_timestamp, terms.max_seconds)?;
        *lease = Lease::starting(terms.supplier, terms.rate_per_hour, terms.max_seconds, clock.unix_timestamp);
    }
    let vault = Vault::new(escrow.header, accounts.vault, accounts.escrow, program, 0)?;
    books::assert_balanced(escrow.header, vault.held())?;
    Ok(())
}

fn header(accounts: &OpenEscrowAccounts, data: &OpenEscrowData, clock: &Clock) -> Result<EscrowHeader, EscrowError> {
    let rent = Rent::get().and_then(|rent| rent.try_minimum_balance(Escrow::len(data.capacity())));
    Ok(EscrowHeader {
        version: VERSION,
        kind: escrow::KIND,
        bump: accounts.escrow_bump,
        status: escrow::STATUS_OPEN,
        currency: if accounts.is_native() { escrow::CURRENCY_NATIVE } else { escrow::CURRENCY_TOKEN },
        decimals: accounts.terms.decimals,
        fee_bps: accounts.terms.fee_bps,
        minimum_seconds: accounts.parameters.minimum_seconds,
        release_after_seconds: accounts.parameters.release_after_seconds,
        lease_count: data.lease_count() as u8,
        capacity: data.capacity() as u8,
        reserved: [0; 2],
        rate_valid_seconds: u32::from(accounts.terms.rate_valid_hours) * SECONDS_PER_HOUR,
        id: data.id,
        opened_slot: clock.slot,
        opened_at: clock.unix_timestamp,
        final_at: 0,
        deposited: data.deposit,
        paid: 0,
        fees: 0,
        fees_earned: 0,
        refunded: 0,
        remainder: data.deposit,
        engineer: *accounts.engineer.address(),
        mint: *accounts.mint.address(),
        vault: *accounts.vault.address(),
        rent_payer: *accounts.rent_payer.address(),
        delegate: data.delegate,
        rent: rent.map_err(|_| EscrowError::AmountOverflow)?,
        reserved2: [0; 16],
    })
}

/// The escrow at the address of its seeds, and its vault, which is its associated token account, or for native
/// SOL the escrow itself. Either may have been sent something before; an escrow that exists already makes this
/// fail.
fn create_accounts(program: &Address, accounts: &OpenEscrowAccounts, data: &OpenEscrowData) -> ProgramResult {
    if accounts.escrow.owned_by(program) {
        return Err(EscrowError::AlreadyOpen.into());
    }
    let (id, bump) = (data.id.to_le_bytes(), [accounts.escrow_bump]);
    let seeds = signing_seeds(accounts.engineer.address(), &id, &bump);
    let mut escrow = *accounts.escrow;
    create_account_with_minimum_balance_signed(
        &mut escrow,
        Escrow::len(data.capacity()),
        program,
        accounts.rent_payer,
        None,
        &[Signer::from(&seeds)],
    )?;
    if accounts.is_native() {
        return Ok(());
    }
    CreateIdempotent {
        funding_account: accounts.rent_payer,
        account: accounts.vault,
        wallet: accounts.escrow,
        mint: accounts.mint,
        system_program: accounts.system_program,
        token_program: accounts.token_program,
    }
    .invoke()
}

fn deposit(accounts: &OpenEscrowAccounts, amount: u64) -> ProgramResult {
    if accounts.is_native() {
        return Transfer { from: accounts.engineer, to: accounts.escrow, lamports: amount }.invoke();
    }
    TransferChecked::new(
        accounts.engineer_tokens,
        accounts.mint,
        accounts.vault,
        accounts.engineer,
        amount,
        accounts.terms.decimals,
    )
    .invoke()
}
