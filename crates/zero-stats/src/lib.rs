//! Pure statistics: returns, ratios and their intervals; what a record proves after selection; evidence that may be looked at
//! at any time; calibration, drift, covariance and sizing.
//!
//! `f64` lives here for statistics and display only; money stays in fixed point elsewhere. Transcendental functions come
//! from `libm` and randomness from the counter-based [`zero_core::prng::Prng`], so the same input gives the same bits on
//! every machine. A statistic that is not defined on its input is a [`StatsError`] that says why, never a
//! neutral number, and what leaves for a report leaves as a [`Measured`]: value, interval, n, window and method.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod adwin;
mod autocorr;
mod betting;
mod block_length;
mod bocpd;
mod bootstrap;
mod combinations;
mod covariance;
mod cross_validation;
mod cusum;
mod drawdown;
mod effective_rank;
mod error;
mod evalues;
mod forecast_score;
mod isotonic;
mod kelly;
mod linear;
mod logistic;
mod measured;
mod moments;
mod multiplicity;
mod normal;
mod off_policy;
mod panel;
mod path_selection;
mod pbo;
mod proportion;
mod psi;
mod quantile;
mod ratios;
mod recalibration;
mod returns;
mod scaling;
mod selection;
mod sharpe_difference;
mod sharpe_evidence;
mod stacking;
mod superior_ability;
mod track_record;
mod variance_ratio;

pub use adwin::Adwin;
pub use autocorr::{autocorrelation, autocovariance};
pub use betting::{BET_FRACTIONS, BettingMixture, confidence_sequence};
pub use block_length::{BlockLength, politis_white};
pub use bocpd::{ChangePointModel, ChangePoints};
pub use bootstrap::{BlockRule, Bootstrap, Scheme, Statistic};
pub use combinations::{Combinations, choose};
pub use covariance::{
    Shrunk, Target, correlation_of, decay_of_half_life, ewma_covariance, ewma_variance, sample_covariance,
    shrunk_covariance,
};
pub use cross_validation::{MOST_ROWS, PurgedSplits, Split};
pub use cusum::{Cusum, PageHinkley, PageHinkleyRule, Shift};
pub use drawdown::{
    Drawdown, UnderWater, drawdown_series, max_drawdown, max_drawdown_of_returns, under_water,
};
pub use effective_rank::{effective_rank, participation_ratio};
pub use error::StatsError;
pub use evalues::{BatchDiscoveries, EStream, Spending, StreamDecision, e_bh, e_lond};
pub use forecast_score::{ForecastScore, Grouping, ReliabilityBin, forecast_score, log_score};
pub use isotonic::Isotonic;
pub use kelly::{growth_binary, kelly_binary, kelly_continuous, kelly_lower_bound};
pub use linear::symmetric_eigenvalues;
pub use logistic::{Logistic, logistic, logit};
pub use measured::{Interval, Measured, Method, Sample, Window};
pub use moments::{kurtosis, mean, sd, skewness, sum, variance};
pub use multiplicity::{Corrected, Correction, correct};
pub use normal::{normal_cdf, normal_quantile};
pub use off_policy::{Occasion, OffPolicy, off_policy};
pub use panel::Panel;
pub use path_selection::{SelectedPaths, selected_paths};
pub use pbo::{Overfitting, TrialMetric, overfitting};
pub use proportion::wilson;
pub use psi::{Stability, stability_index, stability_of_samples};
pub use quantile::{empirical_p, median, quantile, quantile_sorted, share_below};
pub use ratios::{calmar, growth_per_year, sharpe, sortino, volatility};
pub use recalibration::{BetaMap, Platt, shrunk_probability};
pub use returns::{equity_of_returns, log_returns, simple_returns};
pub use scaling::{
    AgainstShuffles, RangeScale, RescaledRange, against_shuffles, fluctuation_exponent, rescaled_range,
};
pub use selection::{
    BacktestLength, Deflated, deflated_sharpe, effective_trials, expected_max, expected_max_exact,
    expected_max_sharpe, min_backtest_length, trial_variance,
};
pub use sharpe_difference::{SharpeDifference, sharpe_difference};
pub use sharpe_evidence::{
    SharpeEvidence, SharpeMoments, probabilistic_sharpe, probabilistic_sharpe_null, sharpe_evidence,
    sharpe_sd, sharpe_sd_null,
};
pub use stacking::{Combined, LaterRow, LensReport, Opinions, Stack, StackParts, StackReport, StackingRule};
pub use superior_ability::{SuperiorAbility, Superiority, superior_ability};
pub use track_record::{
    TrackRecord, min_track_record, min_track_record_null, track_record, track_record_if_any,
};
pub use variance_ratio::{VarianceRatio, variance_ratio};
