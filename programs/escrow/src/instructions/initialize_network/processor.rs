use super::{accounts::InitializeNetworkAccounts, data::InitializeNetworkData};
use crate::{
    event, parameters,
    seeds::NETWORK_SEED,
    state::{Network, VERSION},
};
use ionet_shared::fixed_width::{self, FixedWidth};
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
    // SAFETY: just created by this program with LEN zeros, and nobody else refers to it.
    let network = unsafe { fixed_width::created::<Network>(accounts.network) };
    network.version = VERSION;
    network.kind = Network::KIND;
    network.bump = accounts.network_bump;
    network.chain_tag = data.chain_tag;
    network.parameters = data.parameters;
    event::emit(event::PARAMETERS_APPLIED, network.parameters.as_bytes());
    Ok(())
}
