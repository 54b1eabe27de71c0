//! The venue's funding formula: hourly rate `F/8` with `F = P + clamp(0.0001 - P, -0.0005, 0.0005)`, capped at 4 % an
//! hour, `P` the hour's average premium.

use zero_core::fixed::div_half_even;
use zero_core::{Overflow, Px, Rate, Sz, Usd};

/// Interest leg of the 8-hour rate.
const INTEREST: Rate = Rate::bps(1);
/// Bound of the clamp.
const CLAMP: Rate = Rate::bps(5);
/// Cap of the hourly rate.
const CAP: Rate = Rate::bps(400);

/// The hourly rate that a premium implies, rounded half to even at 1e-12.
#[must_use]
pub fn hourly_rate(premium: Rate) -> Rate {
    let gap = INTEREST.raw().saturating_sub(premium.raw()).clamp(-CLAMP.raw(), CLAMP.raw());
    let eight_hours = i128::from(premium.raw()) + i128::from(gap);
    let hourly = div_half_even(eight_hours, 8).clamp(-i128::from(CAP.raw()), i128::from(CAP.raw()));
    Rate::from_raw(hourly as i64)
}

/// The oracle proxy of a panel that carries none: `close / (1 + premium)`, half to even; `None` at `premium <= -1`.
#[must_use]
pub fn oracle_proxy(last_close: Px, premium: Rate) -> Option<Px> {
    let den = i128::from(Rate::ONE_RAW) + i128::from(premium.raw());
    if den <= 0 {
        return None;
    }
    i64::try_from(div_half_even(i128::from(last_close.raw()) * i128::from(Rate::ONE_RAW), den))
        .ok()
        .map(Px::from_raw)
}

/// What a position receives (negative: pays) at a stamp: `-szi * oracle * rate`.
///
/// # Errors
/// [`Overflow`].
pub fn payment(szi: Sz, oracle: Px, rate: Rate) -> Result<Usd, Overflow> {
    Ok(oracle.notional(szi)?.mul_rate(rate)?.negated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_the_clamp_the_rate_is_the_baseline() {
        for premium in ["-0.0004", "0", "0.0005", "-0.000121722"] {
            assert_eq!(
                hourly_rate(Rate::parse(premium).unwrap()),
                Rate::parse("0.0000125").unwrap(),
                "{premium}"
            );
        }
    }

    #[test]
    fn longs_pay_when_the_rate_is_positive() {
        let paid = payment(Sz::whole(2), Px::whole(100), Rate::parse("0.0000125").unwrap()).unwrap();
        assert_eq!(paid, Usd::parse("-0.0025").unwrap());
        let got = payment(Sz::whole(-2), Px::whole(100), Rate::parse("0.0000125").unwrap()).unwrap();
        assert_eq!(got, Usd::parse("0.0025").unwrap());
    }

    #[test]
    fn an_extreme_premium_is_capped_at_four_percent_an_hour() {
        assert_eq!(hourly_rate(Rate::whole(1)), CAP);
        assert_eq!(hourly_rate(Rate::whole(-1)), CAP.negated());
    }
}
