//! What a lease has earned, cumulative, so that splitting its seconds never gains or loses a unit.
use crate::error::EscrowError;

/// Amounts in the mint's base units, from the lease's first second on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payout {
    pub gross: u64,
    pub fee: u64,
    pub net: u64,
}

const SECONDS_PER_HOUR: u64 = 3_600;
const BPS: u64 = 10_000;

/// gross = ⌊rate × seconds ÷ 3600⌋, fee = ⌊gross × bps ÷ 10,000⌋, net = gross − fee.
#[inline(always)]
pub fn payout(rate_per_hour: u64, seconds: u32, fee_bps: u16) -> Result<Payout, EscrowError> {
    let gross = multiply_divide(rate_per_hour, u64::from(seconds), SECONDS_PER_HOUR)?;
    let fee = multiply_divide(gross, u64::from(fee_bps), BPS)?;
    let net = gross.checked_sub(fee).ok_or(EscrowError::AmountOverflow)?;
    Ok(Payout { gross, fee, net })
}

/// What a lease can cost at most: ⌈rate × max_seconds ÷ 3600⌉.
pub fn budget(rate_per_hour: u64, max_seconds: u32) -> Result<u64, EscrowError> {
    let cost = (u128::from(rate_per_hour) * u128::from(max_seconds)).div_ceil(u128::from(SECONDS_PER_HOUR));
    u64::try_from(cost).map_err(|_| EscrowError::AmountOverflow)
}

/// ⌊a × b ÷ divisor⌋ for a b below 2³²; what does not fit is refused.
#[inline(always)]
fn multiply_divide(a: u64, b: u64, divisor: u64) -> Result<u64, EscrowError> {
    if a < 1 << 32 {
        // The product fits: a division in 64 bits costs one compute unit, in 128 bits more than a hundred.
        return Ok(a * b / divisor);
    }
    multiply_divide_wide(a, b, divisor)
}

#[inline(never)]
fn multiply_divide_wide(a: u64, b: u64, divisor: u64) -> Result<u64, EscrowError> {
    let quotient = u128::from(a) * u128::from(b) / u128::from(divisor);
    u64::try_from(quotient).map_err(|_| EscrowError::AmountOverflow)
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
    fn computes_the_same_in_64_and_in_128_bits() {
        let edge = 1u64 << 32;
        for a in [0, 1, 3_599, edge - 2, edge - 1, edge, edge + 1] {
            for b in [0, 1, 500, 3_600, u64::from(u32::MAX)] {
                assert_eq!(multiply_divide(a, b, 3_600), multiply_divide_wide(a, b, 3_600));
            }
        }
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
