//! Whether two Sharpe ratios differ: Jobson and Korkie (J. Finance 36, 1981) with the correction of Memmel (Finance Letters 1, 2003).

use crate::error::{StatsError, check, check_same_length, in_range};
use crate::moments::{is_rounding_noise, mean};
use crate::normal::normal_cdf;

/// A difference of ratios per period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpeDifference {
    /// First less second, with population standard deviations.
    pub difference: f64,
    /// Its standard error under independent normal returns.
    pub standard_error: f64,
    /// Their ratio.
    pub z: f64,
    /// Two-sided p-value. Fat tails and dependence make it too small.
    pub p: f64,
    /// Correlation of the two series.
    pub correlation: f64,
}

/// Compares two series of returns over the same periods. Needs three; series that do not vary, or that are multiples of each other
/// and so have no sampling error, are errors.
pub fn sharpe_difference(a: &[f64], b: &[f64]) -> Result<SharpeDifference, StatsError> {
    check(a, 3)?;
    check(b, 3)?;
    check_same_length(a.len(), b.len())?;
    let n = a.len() as f64;
    let (ma, mb) = (mean(a)?, mean(b)?);
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / n
    };
    let (sa, sb) = (libm::sqrt(product(a, ma, a, ma)), libm::sqrt(product(b, mb, b, mb)));
    if is_rounding_noise(a, sa) || is_rounding_noise(b, sb) {
        return Err(StatsError::NoVariation);
    }
    let rho = (product(a, ma, b, mb) / (sa * sb)).clamp(-1.0, 1.0);
    let (ra, rb) = (ma / sa, mb / sb);
    let variance = (2.0 - 2.0 * rho + 0.5 * (ra * ra + rb * rb - 2.0 * ra * rb * rho * rho)) / n;
    if variance <= 1e-24 {
        return Err(StatsError::NoVariation);
    }
    let standard_error = libm::sqrt(variance);
    let z = in_range((ra - rb) / standard_error)?;
    Ok(SharpeDifference {
        difference: ra - rb,
        standard_error,
        z,
        p: 2.0 * normal_cdf(-z.abs()),
        correlation: rho,
    })
}
