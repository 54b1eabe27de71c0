//! Order statistics and the place of a value among baselines.

use alloc::vec::Vec;

use crate::error::{StatsError, check};

/// The quantile at `p` in 0..=1 by linear interpolation of order statistics: type 7 of Hyndman and Fan (1996), the
/// default of R and NumPy. Sorts a copy; use [`quantile_sorted`] for several quantiles of one sample.
pub fn quantile(xs: &[f64], p: f64) -> Result<f64, StatsError> {
    check(xs, 1)?;
    let mut sorted: Vec<f64> = xs.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile_sorted(&sorted, p)
}

/// [`quantile`] of an ascending sample.
pub fn quantile_sorted(sorted: &[f64], p: f64) -> Result<f64, StatsError> {
    if !(0.0..=1.0).contains(&p) {
        return Err(StatsError::BadParameter { name: "p", rule: "from 0 to 1" });
    }
    let Some(last) = sorted.len().checked_sub(1) else {
        return Err(StatsError::TooFew { needed: 1, got: 0 });
    };
    let h = p * last as f64;
    let below = libm::floor(h) as usize;
    let above = (below + 1).min(last);
    Ok(sorted[below] + (h - below as f64) * (sorted[above] - sorted[below]))
}

/// The median (type 7).
pub fn median(xs: &[f64]) -> Result<f64, StatsError> {
    quantile(xs, 0.5)
}

/// The one-sided Monte Carlo p-value of `value` against baselines: (1 + number at or above it) / (baselines + 1)
/// (Davison and Hinkley 1997, section 4.2). Never 0: a thousand baselines cannot show more than one in 1,001.
pub fn empirical_p(value: f64, baselines: &[f64]) -> Result<f64, StatsError> {
    check(core::slice::from_ref(&value), 1)?;
    check(baselines, 1)?;
    let reached = baselines.iter().filter(|&&b| b >= value).count();
    Ok((reached + 1) as f64 / (baselines.len() + 1) as f64)
}

/// The share of baselines that `value` beats, ties counted half.
pub fn share_below(value: f64, baselines: &[f64]) -> Result<f64, StatsError> {
    check(core::slice::from_ref(&value), 1)?;
    check(baselines, 1)?;
    let beaten = baselines.iter().filter(|&&b| b < value).count() as f64;
    let tied = baselines.iter().filter(|&&b| b == value).count() as f64;
    Ok((beaten + 0.5 * tied) / baselines.len() as f64)
}
