//! The automatic block length of Politis and White, "Automatic block-length selection for the dependent bootstrap"
//! (Econometric Reviews 23, 2004), with the correction of Patton, Politis and White (Econometric Reviews 28, 2009).

use alloc::vec::Vec;

use crate::autocorr::at_lag;
use crate::error::{StatsError, check, in_range};
use crate::moments::{is_rounding_noise, sum};

/// What the rule finds about the dependence in a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockLength {
    /// The mean block length for the stationary bootstrap, in periods, at least 1.
    pub stationary: f64,
    /// The block length for the circular block bootstrap, in periods, at least 1.
    pub circular: f64,
    /// The number of independent observations that carry as much about the mean: n * variance / long-run variance.
    /// Above n for a mean-reverting series; `None` when the long-run variance estimate is not positive.
    pub n_effective: Option<f64>,
}

/// The optimal block lengths for the variance of the mean. Needs eight observations that vary.
pub fn politis_white(xs: &[f64]) -> Result<BlockLength, StatsError> {
    check(xs, 8)?;
    let n = xs.len() as f64;
    let m = sum(xs) / n;
    let c0 = in_range(at_lag(xs, m, 0))?;
    if is_rounding_noise(xs, libm::sqrt(c0)) {
        return Err(StatsError::NoVariation);
    }
    let acv = significant_autocovariances(xs, m, c0);
    let bandwidth = (acv.len() - 1) as f64;
    let (mut slope, mut long_run) = (0.0, c0);
    for (k, c) in acv.iter().enumerate().skip(1) {
        let weight = 2.0 * flat_top(k as f64 / bandwidth) * c;
        slope += weight * k as f64;
        long_run += weight;
    }
    let longest = libm::ceil((3.0 * libm::sqrt(n)).min(n / 3.0));
    let length = |d: f64| {
        let b = libm::cbrt(2.0 * slope * slope / (d * long_run * long_run) * n);
        if b.is_finite() { b.clamp(1.0, longest) } else { longest }
    };
    Ok(BlockLength {
        stationary: length(2.0),
        circular: length(4.0 / 3.0),
        n_effective: (long_run > 0.0).then(|| n * c0 / long_run),
    })
}

/// Autocovariances up to the bandwidth 2m, where m is the first lag of the first run of insignificant autocorrelations.
/// The paper's text takes the lag before it; its authors' program and the usual ones in R and Python take this one, which
/// errs to the longer block.
fn significant_autocovariances(xs: &[f64], mean: f64, c0: f64) -> Vec<f64> {
    let n = xs.len() as f64;
    let run_needed = (libm::ceil(libm::sqrt(libm::log10(n))) as usize).max(5);
    let most = (libm::ceil(libm::sqrt(n)) as usize + run_needed).min(xs.len() - 1);
    let critical = 2.0 * libm::sqrt(libm::log10(n) / n);
    let mut acv = Vec::with_capacity(most + 1);
    acv.push(c0);
    let mut quiet = 0;
    let mut cut = None;
    for lag in 1..=most {
        let c = at_lag(xs, mean, lag);
        acv.push(c);
        quiet = if (c / c0).abs() < critical { quiet + 1 } else { 0 };
        if cut.is_none() && quiet == run_needed {
            cut = Some(lag + 1 - run_needed);
        }
        if cut.is_some_and(|m| lag >= 2 * m) {
            break;
        }
    }
    let bandwidth = cut.map_or(most, |m| 2 * m).min(most);
    acv.truncate(bandwidth + 1);
    acv
}

/// The trapezoidal lag window of Politis and Romano (1995).
fn flat_top(t: f64) -> f64 {
    if t <= 0.5 { 1.0 } else { (2.0 * (1.0 - t)).max(0.0) }
}
