//! What a Sharpe ratio proves: Bailey and Lopez de Prado, "The Sharpe ratio efficient frontier" (J. Risk 15, 2012) and "The
//! deflated Sharpe ratio" (J. Portfolio Management 40, 2014). All ratios here are *per period*, not annualised.

use core::f64::consts::E;

use crate::error::{StatsError, check_open_unit, check_positive};
use crate::normal::{normal_cdf, normal_quantile};

const EULER_MASCHERONI: f64 = 0.577_215_664_901_532_9;

/// The probability that the true ratio exceeds `benchmark`, given `n` returns with the observed `ratio`, skewness and
/// (non-excess) kurtosis. With `benchmark` = [`expected_max_sharpe`] of all trials it is the deflated Sharpe ratio.
/// Returns are taken as independent; dependent ones make it too sure.
pub fn probabilistic_sharpe(
    ratio: f64,
    benchmark: f64,
    n: usize,
    skewness: f64,
    kurtosis: f64,
) -> Result<f64, StatsError> {
    if n < 2 {
        return Err(StatsError::TooFew { needed: 2, got: n });
    }
    let variance = ratio_variance(ratio, skewness, kurtosis)?;
    Ok(normal_cdf((ratio - benchmark) * libm::sqrt((n - 1) as f64) / libm::sqrt(variance)))
}

/// The number of returns after which [`probabilistic_sharpe`] would reach `confidence`, if the moments stayed as they are.
pub fn min_track_record(
    ratio: f64,
    benchmark: f64,
    skewness: f64,
    kurtosis: f64,
    confidence: f64,
) -> Result<f64, StatsError> {
    check_open_unit("confidence", confidence)?;
    check_positive("ratio - benchmark", ratio - benchmark)?;
    let z = normal_quantile(confidence) / (ratio - benchmark);
    Ok(1.0 + ratio_variance(ratio, skewness, kurtosis)? * z * z)
}

/// The expected largest ratio among `trials` without any skill whose ratios have the variance `trial_variance`.
pub fn expected_max_sharpe(trial_variance: f64, trials: u64) -> Result<f64, StatsError> {
    check_positive("trial_variance", trial_variance)?;
    if trials < 2 {
        return Ok(0.0);
    }
    let n = trials as f64;
    let z = (1.0 - EULER_MASCHERONI) * normal_quantile(1.0 - 1.0 / n)
        + EULER_MASCHERONI * normal_quantile(1.0 - 1.0 / (n * E));
    Ok(libm::sqrt(trial_variance) * z)
}

/// n times the variance of the estimated ratio.
fn ratio_variance(ratio: f64, skewness: f64, kurtosis: f64) -> Result<f64, StatsError> {
    let v = 1.0 - skewness * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio;
    check_positive("variance of the ratio", v)?;
    Ok(v)
}
