//! The variance ratio test of Lo and MacKinlay (Review of Financial Studies 1, 1988) with the statistic that allows for changing variance:
//! does the variance of q-period returns equal q times that of one-period returns, as it does without serial correlation?

use crate::error::{StatsError, check, in_range};
use crate::moments::{is_rounding_noise, sum};
use crate::normal::normal_cdf;

/// The outcome for one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceRatio {
    /// Horizon, in periods.
    pub q: usize,
    /// 1 without serial correlation, above for trending returns, below for reverting ones.
    pub ratio: f64,
    /// Its z-statistic, robust to heteroskedasticity.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Number of returns.
    pub n: usize,
}

/// From one-period log returns, with overlapping q-period sums and the unbiased variances of the paper. `q` is at least 2 and at most half of
/// the number of returns.
pub fn variance_ratio(returns: &[f64], q: usize) -> Result<VarianceRatio, StatsError> {
    if q < 2 {
        return Err(StatsError::BadParameter { name: "q", rule: "at least 2" });
    }
    check(returns, q.saturating_mul(2))?;
    let n = returns.len();
    let (length, horizon) = (n as f64, q as f64);
    let mu = sum(returns) / length;
    let squares: f64 = returns.iter().map(|r| (r - mu) * (r - mu)).sum();
    if is_rounding_noise(returns, libm::sqrt(squares / length)) {
        return Err(StatsError::NoVariation);
    }
    let mut window: f64 = returns[..q].iter().map(|r| r - mu).sum();
    let mut long_squares = window * window;
    for (old, new) in returns.iter().zip(&returns[q..]) {
        window += new - old;
        long_squares += window * window;
    }
    let m = horizon * (length - horizon + 1.0) * (1.0 - horizon / length);
    let ratio = in_range((long_squares / m) / (squares / (length - 1.0)))?;
    let mut theta = 0.0;
    for lag in 1..q {
        let products: f64 =
            returns[lag..].iter().zip(returns).map(|(a, b)| (a - mu) * (a - mu) * (b - mu) * (b - mu)).sum();
        // delta is n times the paper's, so that the statistic is (ratio - 1) root n / root theta.
        let delta = length * products / (squares * squares);
        let weight = 2.0 * (horizon - lag as f64) / horizon;
        theta += weight * weight * delta;
    }
    if theta <= 0.0 {
        return Err(StatsError::NoVariation);
    }
    let z = in_range((ratio - 1.0) * libm::sqrt(length) / libm::sqrt(theta))?;
    Ok(VarianceRatio { q, ratio, z, p: 2.0 * normal_cdf(-z.abs()), n })
}
