//! What a Sharpe ratio proves, in the two published forms, which disagree on the same data: Bailey and Lopez de Prado, "The
//! Sharpe ratio efficient frontier" (J. Risk 15, 2012), and Lopez de Prado, Lipton and Zoonekynd, "How to use the Sharpe ratio"
//! (2025). All ratios here are *per period*, not annualised.

use crate::autocorr::autocorrelation;
use crate::error::{StatsError, check, check_finite, check_positive, in_range};
use crate::moments::{kurtosis, mean, sd, skewness};
use crate::normal::normal_cdf;

/// What both forms need to know of a series of returns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpeMoments {
    /// Mean over standard deviation (divisor n - 1), per period.
    pub ratio: f64,
    /// Number of returns.
    pub n: usize,
    /// Skewness (population moments).
    pub skewness: f64,
    /// Non-excess kurtosis (population moments); 3 for a normal sample.
    pub kurtosis: f64,
    /// First autocorrelation.
    pub autocorrelation: f64,
}

impl SharpeMoments {
    /// From returns. Needs three that vary.
    pub fn of(returns: &[f64]) -> Result<Self, StatsError> {
        check(returns, 3)?;
        let (skewness, kurtosis) = (skewness(returns)?, kurtosis(returns)?);
        Ok(Self {
            ratio: in_range(mean(returns)? / sd(returns)?)?,
            n: returns.len(),
            skewness,
            kurtosis,
            autocorrelation: autocorrelation(returns, 1)?,
        })
    }
}

/// Both forms of the probabilistic Sharpe ratio and the one that counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpeEvidence {
    /// Variance at the observed ratio, independent returns (2012).
    pub at_estimate: f64,
    /// Variance at the benchmark, first-order autocorrelation (2025).
    pub at_null: f64,
    /// The smaller of the two.
    pub smaller: f64,
}

/// Both forms on the same moments. The autocorrelation enters the second form as it is, so a mean-reverting series gains from
/// it there; the first form, which ignores it, then bounds the answer.
pub fn sharpe_evidence(m: &SharpeMoments, benchmark: f64) -> Result<SharpeEvidence, StatsError> {
    let at_estimate = probabilistic_sharpe(m.ratio, benchmark, m.n, m.skewness, m.kurtosis)?;
    let at_null =
        probabilistic_sharpe_null(m.ratio, benchmark, m.n, m.skewness, m.kurtosis, m.autocorrelation)?;
    Ok(SharpeEvidence { at_estimate, at_null, smaller: at_estimate.min(at_null) })
}

/// The probability that the true ratio exceeds `benchmark`, given `n` returns with the observed `ratio`, skewness and
/// (non-excess) kurtosis; the form of 2012. With `benchmark` = [`crate::expected_max_sharpe`] of all trials it is the deflated
/// Sharpe ratio. Returns are taken as independent; dependent ones make it too sure.
pub fn probabilistic_sharpe(
    ratio: f64,
    benchmark: f64,
    n: usize,
    skewness: f64,
    kurtosis: f64,
) -> Result<f64, StatsError> {
    check_finite("ratio", ratio)?;
    check_finite("benchmark", benchmark)?;
    Ok(normal_cdf((ratio - benchmark) / sharpe_sd(ratio, n, skewness, kurtosis)?))
}

/// The standard deviation of an estimated ratio over `n` independent returns: the variance is taken at the estimate and divided
/// by n - 1 (2012).
pub fn sharpe_sd(ratio: f64, n: usize, skewness: f64, kurtosis: f64) -> Result<f64, StatsError> {
    if n < 2 {
        return Err(StatsError::TooFew { needed: 2, got: n });
    }
    Ok(libm::sqrt(ratio_variance(ratio, skewness, kurtosis)?) / libm::sqrt((n - 1) as f64))
}

/// The form of 2025: the variance is that of the estimate if the benchmark were true, divided by n, and returns may follow a
/// first-order autoregression with coefficient `autocorrelation`.
pub fn probabilistic_sharpe_null(
    ratio: f64,
    benchmark: f64,
    n: usize,
    skewness: f64,
    kurtosis: f64,
    autocorrelation: f64,
) -> Result<f64, StatsError> {
    check_finite("ratio", ratio)?;
    check_finite("benchmark", benchmark)?;
    let sd = sharpe_sd_null(benchmark, n, skewness, kurtosis, autocorrelation)?;
    Ok(normal_cdf((ratio - benchmark) / sd))
}

/// The standard deviation of an estimated ratio over `n` returns whose true ratio is `ratio` (2025).
pub fn sharpe_sd_null(
    ratio: f64,
    n: usize,
    skewness: f64,
    kurtosis: f64,
    autocorrelation: f64,
) -> Result<f64, StatsError> {
    if n < 2 {
        return Err(StatsError::TooFew { needed: 2, got: n });
    }
    Ok(libm::sqrt(ratio_variance_ar1(ratio, skewness, kurtosis, autocorrelation)? / n as f64))
}

/// n - 1 times the variance of the estimated ratio over independent returns.
pub(crate) fn ratio_variance(ratio: f64, skewness: f64, kurtosis: f64) -> Result<f64, StatsError> {
    let v = 1.0 - skewness * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio;
    check_positive("variance of the ratio", v)?;
    Ok(v)
}

/// n times the variance of the estimated ratio over first-order autoregressive returns.
pub(crate) fn ratio_variance_ar1(
    ratio: f64,
    skewness: f64,
    kurtosis: f64,
    rho: f64,
) -> Result<f64, StatsError> {
    if !(rho > -1.0 && rho < 1.0) {
        return Err(StatsError::BadParameter { name: "autocorrelation", rule: "strictly between -1 and 1" });
    }
    let square = rho * rho;
    let a = (1.0 + rho) / (1.0 - rho);
    let b = 1.0 + rho / (1.0 - rho) + square / (1.0 - square);
    let c = (1.0 + square) / (1.0 - square);
    let v = a - b * skewness * ratio + c * (kurtosis - 1.0) / 4.0 * ratio * ratio;
    check_positive("variance of the ratio", v)?;
    Ok(v)
}
