//! What a lease has earned, cumulative, so that splitting its seconds never gains or loses a unit.
use crate::error::EscrowError;

/// Amounts in the mint's base units, from the lease's first second on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payout {
    pub gross: u64,
    pub fee: u64,
    pub net: u64,
}

const SECONDS_PER_HOUR: u128 = 3_600;
const BPS: u128 = 10_000;

/// gross = ⌊rate × seconds ÷ 3600⌋, fee = ⌊gross × bps ÷ 10,000⌋, net = gross − fee.
#[inline(never)]
pub fn payout(rate_per_hour: u64, seconds: u32, fee_bps: u16) -> Result<Payout, EscrowError> {
    let gross = u128::from(rate_per_hour) * u128::from(seconds) / SECONDS_PER_HOUR;
    let gross = u64::try_from(gross).map_err(|_| EscrowError::AmountOverflow)?;
    let fee = u128::from(gross) * u128::from(fee_bps) / BPS;
    let fee = u64::try_from(fee).map_err(|_| EscrowError::AmountOverflow)?;
    let net = gross.checked_sub(fee).ok_or(EscrowError::AmountOverflow)?;
    Ok(Payout { gross, fee, net })
}

/// What a lease can cost at most: ⌈rate × max_seconds ÷ 3600⌉.
#[inline(never)]
pub fn budget(rate_per_hour: u64, max_seconds: u32) -> Result<u64, EscrowError> {
    let cost = (u128::from(rate_per_hour) * u128::from(max_seconds)).div_ceil(SECONDS_PER_HOUR);
    u64::try_from(cost).map_err(|_| EscrowError::AmountOverflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_gross_and_fee_down_and_budget_up() {
        assert_eq!(payout(1_000_001, 1, 200), Ok(Payout { gross: 277, fee: 5, net: 272 }));
        assert_eq!(budget(1_000_001, 1), Ok(278));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        assert_eq!(payout(u64::MAX, 3_601, 0), Err(EscrowError::AmountOverflow));
        assert_eq!(payout(u64::MAX, 3_600, 0).map(|p| p.gross), Ok(u64::MAX));
        assert_eq!(budget(u64::MAX, 3_601), Err(EscrowError::AmountOverflow));
    }

    #[test]
    fn never_costs_more_than_its_budget() {
        for seconds in [1, 59, 60, 3_599, 3_600, 86_399] {
            for rate in [1, 7, 3_599, 2_490_833, u64::MAX / 86_400] {
                let cost = payout(rate, seconds, 200).unwrap();
                assert!(cost.gross <= budget(rate, seconds).unwrap());
                assert_eq!(cost.net + cost.fee, cost.gross);
            }
        }
    }
}
