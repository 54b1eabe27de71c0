//! The fraction of capital that maximises expected logarithmic growth: Kelly (Bell System Technical Journal 35, 1956). An estimate of an edge
//! is never bet in full: a fraction of one quarter to one half of the bet on the *lower bound* of the edge is.

use crate::error::{StatsError, check, check_open_unit, check_positive, in_range};

/// The Kelly fraction of a bet that wins `odds` times the stake with probability `p` and loses it otherwise: (odds p - (1 - p)) / odds, and 0
/// without an edge.
pub fn kelly_binary(p: f64, odds: f64) -> Result<f64, StatsError> {
    if !(0.0..=1.0).contains(&p) {
        return Err(StatsError::BadParameter { name: "p", rule: "from 0 to 1" });
    }
    check_positive("odds", odds)?;
    Ok(((odds * p - (1.0 - p)) / odds).max(0.0))
}

/// Expected logarithmic growth per bet of the fraction `f` in 0..1 of capital.
pub fn growth_binary(p: f64, odds: f64, f: f64) -> Result<f64, StatsError> {
    check_open_unit("p", p)?;
    check_positive("odds", odds)?;
    if !(0.0..1.0).contains(&f) {
        return Err(StatsError::BadParameter { name: "fraction", rule: "from 0 to below 1" });
    }
    in_range(p * libm::log1p(odds * f) + (1.0 - p) * libm::log1p(-f))
}

/// The Kelly fraction of returns with the given mean and variance per period in the normal limit, mean / variance, and 0 without an edge. It
/// exceeds 1 when leverage would pay.
pub fn kelly_continuous(mean: f64, variance: f64) -> Result<f64, StatsError> {
    check(&[mean], 1)?;
    check_positive("variance", variance)?;
    in_range((mean / variance).max(0.0))
}

/// What may be staked: `caution` (above 0 to 0.5) of the Kelly fraction on the lower bound of the mean, and nothing when that bound is not
/// positive.
pub fn kelly_lower_bound(mean_lower: f64, variance: f64, caution: f64) -> Result<f64, StatsError> {
    if !(caution > 0.0 && caution <= 0.5) {
        return Err(StatsError::BadParameter { name: "caution", rule: "above 0 and at most 0.5" });
    }
    Ok(caution * kelly_continuous(mean_lower, variance)?)
}
