use crate::{
    error::EscrowError,
    state::network::{FEE_LIMIT_BPS, MAX_METERS, MAX_MINTS},
    wire::Wire,
};
use pinocchio::Address;

pub struct InitializeNetworkData {
    pub authority: Address,
    pub guardian: Address,
    pub treasury: Address,
    pub chain_tag: [u8; 32],
    pub minimum_seconds: u32,
    pub release_after_seconds: u32,
    pub meters: [Address; MAX_METERS],
    pub meter_count: u8,
    /// Mint and fee in basis points.
    pub mints: [(Address, u16); MAX_MINTS],
    pub mint_count: u8,
}

const NONE: Address = Address::new_from_array([0; 32]);
/// A minimum bill above an hour is a mistake.
const MINIMUM_SECONDS_LIMIT: u32 = 3_600;
/// Suppliers need time to hand in what they hold, engineers must not wait for ever.
const RELEASE_AFTER_SECONDS: core::ops::RangeInclusive<u32> = 3_600..=30 * 86_400;

impl InitializeNetworkData {
    pub fn parse(data: &[u8]) -> Result<Self, EscrowError> {
        let mut wire = Wire::new(data, EscrowError::MalformedInstruction);
        let mut parsed = Self {
            authority: wire.address()?,
            guardian: wire.address()?,
            treasury: wire.address()?,
            chain_tag: *wire.bytes()?,
            minimum_seconds: wire.u32()?,
            release_after_seconds: wire.u32()?,
            meters: [NONE; MAX_METERS],
            meter_count: wire.u8()?,
            mints: [(NONE, 0); MAX_MINTS],
            mint_count: 0,
        };
        let meters = within(parsed.meter_count, MAX_METERS)?;
        for at in 0..meters {
            let meter = wire.address()?;
            if meter == NONE || parsed.meters[..at].contains(&meter) {
                return Err(EscrowError::WrongParameter);
            }
            parsed.meters[at] = meter;
        }
        parsed.mint_count = wire.u8()?;
        let mints = within(parsed.mint_count, MAX_MINTS)?;
        for at in 0..mints {
            let (mint, fee_bps) = (wire.address()?, wire.u16()?);
            if fee_bps > FEE_LIMIT_BPS {
                return Err(EscrowError::FeeTooHigh);
            }
            if mint == NONE || parsed.mints[..at].iter().any(|(known, _)| known == &mint) {
                return Err(EscrowError::WrongParameter);
            }
            parsed.mints[at] = (mint, fee_bps);
        }
        wire.end()?;
        let named = [&parsed.authority, &parsed.guardian, &parsed.treasury];
        let in_range = parsed.minimum_seconds <= MINIMUM_SECONDS_LIMIT
            && RELEASE_AFTER_SECONDS.contains(&parsed.release_after_seconds);
        if named.contains(&&NONE) || parsed.chain_tag == [0; 32] || !in_range {
            return Err(EscrowError::WrongParameter);
        }
        Ok(parsed)
    }
}

fn within(count: u8, limit: usize) -> Result<usize, EscrowError> {
    let count = usize::from(count);
    if count == 0 || count > limit {
        return Err(EscrowError::WrongParameter);
    }
    Ok(count)
}
