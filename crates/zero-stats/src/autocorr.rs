//! Autocovariance and autocorrelation.

use crate::error::{StatsError, check, in_range};
use crate::moments::{is_rounding_noise, sum};

/// The sample autocovariance at `lag` with divisor n at every lag (so that the sequence is positive semidefinite).
pub fn autocovariance(xs: &[f64], lag: usize) -> Result<f64, StatsError> {
    check(xs, lag + 2)?;
    let m = sum(xs) / xs.len() as f64;
    in_range(at_lag(xs, m, lag))
}

/// The sample autocorrelation at `lag`: autocovariance at the lag over that at 0.
pub fn autocorrelation(xs: &[f64], lag: usize) -> Result<f64, StatsError> {
    let c = autocovariance(xs, lag)?;
    let c0 = autocovariance(xs, 0)?;
    if is_rounding_noise(xs, libm::sqrt(c0)) { Err(StatsError::NoVariation) } else { in_range(c / c0) }
}

/// On a checked slice with its mean at hand.
pub(crate) fn at_lag(xs: &[f64], mean: f64, lag: usize) -> f64 {
    let products: f64 = xs[lag..].iter().zip(xs).map(|(a, b)| (a - mean) * (b - mean)).sum();
    products / xs.len() as f64
}
