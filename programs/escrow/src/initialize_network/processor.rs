use super::{accounts::InitializeNetworkAccounts, data::InitializeNetworkData};
use crate::{
    error::EscrowError,
    mint,
    pda::NETWORK_SEED,
    state::{network, Network, NetworkMint, VERSION},
};
use pinocchio::{
    cpi::{Seed, Signer},
    AccountView, Address, ProgramResult,
};
use pinocchio_system::create_account_with_minimum_balance_signed;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let data = InitializeNetworkData::parse(data)?;
    let accounts = InitializeNetworkAccounts::check(program, accounts)?;
    let mints = check_mints(&data, accounts.mints)?;

    let bump = [accounts.network_bump];
    let seeds = [Seed::from(NETWORK_SEED), Seed::from(&bump)];
    create_account_with_minimum_balance_signed(
        accounts.network,
        Network::LEN,
        program,
        accounts.payer,
        None,
        &[Signer::from(&seeds)],
    )?;
    // SAFETY: just created by this program with LEN bytes, aligned to 8, and nobody else refers to it.
    let network = unsafe { &mut *accounts.network.data_mut_ptr().cast::<Network>() };
    *network = Network {
        version: VERSION,
        kind: network::KIND,
        bump: accounts.network_bump,
        paused: 0,
        meter_count: data.meter_count,
        mint_count: data.mint_count,
        reserved: [0; 2],
        minimum_seconds: data.minimum_seconds,
        release_after_seconds: data.release_after_seconds,
        authority: data.authority,
        guardian: data.guardian,
        treasury: data.treasury,
        chain_tag: data.chain_tag,
        meters: data.meters,
        mints,
        reserved2: [0; 80],
    };
    Ok(())
}

/// Each mint is there, in the order of the data, and is one that an escrow can hold.
fn check_mints(data: &InitializeNetworkData, accounts: &[AccountView]) -> Result<[NetworkMint; 4], EscrowError> {
    let count = usize::from(data.mint_count);
    if accounts.len() != count {
        return Err(EscrowError::NotEnoughAccounts);
    }
    let mut mints = data.mints.map(|(mint, fee_bps)| NetworkMint { mint, fee_bps, decimals: 0, reserved: [0; 5] });
    for (mint, account) in mints.iter_mut().zip(accounts) {
        if account.address() != &mint.mint {
            return Err(EscrowError::WrongMint);
        }
        mint.decimals = mint::decimals(account)?;
    }
    Ok(mints)
}
