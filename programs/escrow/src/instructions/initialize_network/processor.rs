use super::{accounts::InitializeNetworkAccounts, data::InitializeNetworkData};
use crate::{
    event, parameters,
    pda::NETWORK_SEED,
    state::{network, Network, VERSION},
};
use pinocchio::{
    cpi::{Seed, Signer},
    AccountView, Address, ProgramResult,
};
use pinocchio_system::create_account_with_minimum_balance_signed;

#[inline(never)]
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let mut data = InitializeNetworkData::parse(data)?;
    let accounts = InitializeNetworkAccounts::check(program, accounts)?;
    parameters::check_mints(&mut data.parameters, accounts.mints)?;

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
    // SAFETY: just created by this program with LEN zeros, aligned to 8, and nobody else refers to it.
    let network = unsafe { &mut *accounts.network.data_mut_ptr().cast::<Network>() };
    network.version = VERSION;
    network.kind = network::KIND;
    network.bump = accounts.network_bump;
    network.chain_tag = data.chain_tag;
    network.parameters = data.parameters;
    event::emit(event::PARAMETERS_APPLIED, network.parameters.as_bytes());
    Ok(())
}
