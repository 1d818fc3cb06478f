//! A set of parameters as somebody gives it: to initialise the network, or to propose a change.
use crate::{
    error::EscrowError,
    state::{
        parameters::{FEE_LIMIT_BPS, MAX_METERS, MAX_MINTS},
        NetworkMint, NetworkParameters,
    },
};
use ionet_shared::{mint, wire::Wire};
use pinocchio::{AccountView, Address};

const NONE: Address = Address::new_from_array([0; 32]);
const NO_MINT: NetworkMint = NetworkMint { mint: NONE, fee_bps: 0, decimals: 0, rate_valid_hours: 0, reserved: [0; 4] };
/// A minimum bill above an hour is a mistake.
const MINIMUM_SECONDS_LIMIT: u32 = 3_600;
/// Suppliers need time to hand in what they hold, engineers must not wait for ever.
const RELEASE_AFTER_SECONDS: core::ops::RangeInclusive<u32> = 3_600..=30 * 86_400;

/// Reads authority, guardian, treasury, seconds, meters and mints; the mints' decimals are not known yet.
#[inline(never)]
pub fn parse(wire: &mut Wire<EscrowError>) -> Result<NetworkParameters, EscrowError> {
    let mut parsed = NetworkParameters {
        authority: wire.address()?,
        guardian: wire.address()?,
        treasury: wire.address()?,
        minimum_seconds: wire.u32()?,
        release_after_seconds: wire.u32()?,
        meter_count: wire.u8()?,
        mint_count: 0,
        reserved: [0; 6],
        meters: [NONE; MAX_METERS],
        mints: [NO_MINT; MAX_MINTS],
    };
    for at in 0..within(parsed.meter_count, MAX_METERS)? {
        let meter = wire.address()?;
        if meter == NONE || parsed.meters[..at].contains(&meter) {
            return Err(EscrowError::WrongParameter);
        }
        parsed.meters[at] = meter;
    }
    parsed.mint_count = wire.u8()?;
    for at in 0..within(parsed.mint_count, MAX_MINTS)? {
        let mint = NetworkMint { mint: wire.address()?, fee_bps: wire.u16()?, rate_valid_hours: wire.u8()?, ..NO_MINT };
        if mint.fee_bps > FEE_LIMIT_BPS {
            return Err(EscrowError::FeeTooHigh);
        }
        if parsed.mints[..at].iter().any(|known| known.mint == mint.mint) {
            return Err(EscrowError::WrongParameter);
        }
        parsed.mints[at] = mint;
    }
    let in_range = parsed.minimum_seconds <= MINIMUM_SECONDS_LIMIT
        && RELEASE_AFTER_SECONDS.contains(&parsed.release_after_seconds);
    if [&parsed.authority, &parsed.guardian, &parsed.treasury].contains(&&NONE) || !in_range {
        return Err(EscrowError::WrongParameter);
    }
    Ok(parsed)
}

/// Each mint is there, in the order of the data, and is one that an escrow can hold; their decimals are noted.
pub fn check_mints(parameters: &mut NetworkParameters, accounts: &[AccountView]) -> Result<(), EscrowError> {
    let count = usize::from(parameters.mint_count);
    if accounts.len() != count {
        return Err(EscrowError::NotEnoughAccounts);
    }
    for (mint, account) in parameters.mints.iter_mut().zip(accounts) {
        if account.address() != &mint.mint {
            return Err(EscrowError::WrongMint);
        }
        mint.decimals = mint::decimals(account).ok_or(EscrowError::WrongMint)?;
    }
    Ok(())
}

fn within(count: u8, limit: usize) -> Result<usize, EscrowError> {
    let count = usize::from(count);
    if count == 0 || count > limit {
        return Err(EscrowError::WrongParameter);
    }
    Ok(count)
}
