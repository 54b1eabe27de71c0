//! Pure statistics: returns, drawdowns, ratios, and intervals by block bootstrap.
//!
//! `f64` lives here for statistics and display only; money stays in fixed point elsewhere. Transcendental functions come
//! from `libm` and randomness from the counter-based [`zero_core::prng::Prng`], so the same input gives the same bits on
//! every machine. A statistic that is not defined on its input is a [`StatsError`] that says why, never a
//! neutral number, and what leaves for a report leaves as a [`Measured`]: value, interval, n, window and method.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod autocorr;
mod block_length;
mod bootstrap;
mod drawdown;
mod error;
mod measured;
mod moments;
mod normal;
mod proportion;
mod quantile;
mod ratios;
mod returns;
mod sharpe_evidence;

pub use autocorr::{autocorrelation, autocovariance};
pub use block_length::{BlockLength, politis_white};
pub use bootstrap::{BlockRule, Bootstrap, Scheme, Statistic};
pub use drawdown::{
    Drawdown, UnderWater, drawdown_series, max_drawdown, max_drawdown_of_returns, under_water,
};
pub use error::StatsError;
pub use measured::{Interval, Measured, Method, Sample, Window};
pub use moments::{kurtosis, mean, sd, skewness, sum, variance};
pub use normal::{normal_cdf, normal_quantile};
pub use proportion::wilson;
pub use quantile::{empirical_p, median, quantile, quantile_sorted, share_below};
pub use ratios::{calmar, growth_per_year, sharpe, sortino, volatility};
pub use returns::{equity_of_returns, log_returns, simple_returns};
pub use sharpe_evidence::{expected_max_sharpe, min_track_record, probabilistic_sharpe};
