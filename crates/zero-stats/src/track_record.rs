//! How long a record must be before its ratio counts: the minimum track record length, in both forms of
//! [`crate::sharpe_evidence()`]. Ratios are per period.

use crate::error::{StatsError, check_finite, check_open_unit, check_positive};
use crate::normal::normal_quantile;
use crate::sharpe_evidence::{SharpeMoments, ratio_variance, ratio_variance_ar1};

/// Both lengths and the one that counts, in periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackRecord {
    /// Variance at the observed ratio, independent returns (2012).
    pub at_estimate: f64,
    /// Variance at the benchmark, first-order autocorrelation (2025).
    pub at_null: f64,
    /// The larger of the two.
    pub longer: f64,
}

/// Both forms on the same moments. A ratio at or below the benchmark never gets there: an error.
pub fn track_record(m: &SharpeMoments, benchmark: f64, confidence: f64) -> Result<TrackRecord, StatsError> {
    let at_estimate = min_track_record(m.ratio, benchmark, m.skewness, m.kurtosis, confidence)?;
    let at_null =
        min_track_record_null(m.ratio, benchmark, m.skewness, m.kurtosis, m.autocorrelation, confidence)?;
    Ok(TrackRecord { at_estimate, at_null, longer: at_estimate.max(at_null) })
}

/// Both forms, or `None` where no length suffices: the ratio is not above the benchmark, and more of the same returns would only
/// confirm that.
pub fn track_record_if_any(
    m: &SharpeMoments,
    benchmark: f64,
    confidence: f64,
) -> Result<Option<TrackRecord>, StatsError> {
    check_finite("benchmark", benchmark)?;
    check_open_unit("confidence", confidence)?;
    if m.ratio > benchmark { track_record(m, benchmark, confidence).map(Some) } else { Ok(None) }
}

/// The number of returns after which [`crate::probabilistic_sharpe`] would reach `confidence`, if the moments stayed as they are.
pub fn min_track_record(
    ratio: f64,
    benchmark: f64,
    skewness: f64,
    kurtosis: f64,
    confidence: f64,
) -> Result<f64, StatsError> {
    let z = deviations(ratio, benchmark, confidence)?;
    Ok(1.0 + ratio_variance(ratio, skewness, kurtosis)? * z * z)
}

/// The number of returns after which [`crate::probabilistic_sharpe_null`] would reach `confidence`.
pub fn min_track_record_null(
    ratio: f64,
    benchmark: f64,
    skewness: f64,
    kurtosis: f64,
    autocorrelation: f64,
    confidence: f64,
) -> Result<f64, StatsError> {
    let z = deviations(ratio, benchmark, confidence)?;
    Ok(ratio_variance_ar1(benchmark, skewness, kurtosis, autocorrelation)? * z * z)
}

fn deviations(ratio: f64, benchmark: f64, confidence: f64) -> Result<f64, StatsError> {
    check_open_unit("confidence", confidence)?;
    check_positive("ratio - benchmark", ratio - benchmark)?;
    Ok(normal_quantile(confidence) / (ratio - benchmark))
}
