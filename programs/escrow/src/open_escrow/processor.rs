use super::{accounts::OpenEscrowAccounts, data::OpenEscrowData};
use crate::{
    books,
    error::EscrowError,
    state::{
        escrow::{self, signing_seeds},
        Escrow, EscrowHeader, Lease, VERSION,
    },
};
use pinocchio::{
    cpi::Signer,
    sysvars::{clock::Clock, Sysvar},
    AccountView, Address, ProgramResult,
};
use pinocchio_associated_token_account::instructions::CreateIdempotent;
use pinocchio_system::create_account_with_minimum_balance_signed;
use pinocchio_token::instructions::TransferChecked;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let data = OpenEscrowData::parse(data)?;
    let accounts = OpenEscrowAccounts::check(program, accounts, data.id)?;
    data.check(accounts.escrow.address())?;
    let clock = Clock::get()?;

    create_accounts(program, &accounts, &data)?;
    TransferChecked::new(
        accounts.engineer_tokens,
        accounts.mint,
        accounts.vault,
        accounts.engineer,
        data.deposit,
        accounts.terms.decimals,
    )
    .invoke()?;
    // SAFETY: just created by this program with room for these leases; no other reference into its data.
    let escrow = unsafe { Escrow::view(accounts.escrow, data.lease_count()) };
    *escrow.header = EscrowHeader {
        version: VERSION,
        kind: escrow::KIND,
        bump: accounts.escrow_bump,
        status: escrow::STATUS_OPEN,
        currency: 0,
        decimals: accounts.terms.decimals,
        fee_bps: accounts.terms.fee_bps,
        minimum_seconds: accounts.network.minimum_seconds,
        release_after_seconds: accounts.network.release_after_seconds,
        lease_count: data.lease_count() as u8,
        reserved: [0; 7],
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
        reserved2: [0; 24],
    };
    for (lease, terms) in escrow.leases.iter_mut().zip(data.leases()) {
        *lease = Lease {
            supplier: terms.supplier,
            rate_per_hour: terms.rate_per_hour,
            started_at: clock.unix_timestamp,
            ended_at: 0,
            gross: 0,
            paid: 0,
            fee: 0,
            max_seconds: terms.max_seconds,
            seconds: 0,
            reserved: [0; 8],
        };
    }
    books::assert_balanced(escrow.header, accounts.vault)?;
    Ok(())
}

/// The escrow at the address of its seeds, and its vault, which is its associated token account. Either may
/// have been sent something before; an escrow that exists already makes this fail.
fn create_accounts(program: &Address, accounts: &OpenEscrowAccounts, data: &OpenEscrowData) -> ProgramResult {
    if accounts.escrow.owned_by(program) {
        return Err(EscrowError::AlreadyOpen.into());
    }
    let (id, bump) = (data.id.to_le_bytes(), [accounts.escrow_bump]);
    let seeds = signing_seeds(accounts.engineer.address(), &id, &bump);
    let mut escrow = *accounts.escrow;
    create_account_with_minimum_balance_signed(
        &mut escrow,
        Escrow::len(data.lease_count()),
        program,
        accounts.rent_payer,
        None,
        &[Signer::from(&seeds)],
    )?;
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
