//! A number with its uncertainty, in plain fields.

use serde::Serialize;
use zero_stats::{Measured, StatsError, Window};

/// A statistic for display. An estimate without an interval says so on the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The value; NaN when unknown.
    pub value: f64,
    /// Lower end of the interval.
    pub lo: Option<f64>,
    /// Upper end of the interval.
    pub hi: Option<f64>,
    /// Nominal coverage of the interval, e.g. 0.9.
    pub level: Option<f64>,
    /// The number of observations.
    pub n: u64,
    /// What an observation is, in the plural: "hours", "trades".
    pub n_unit: String,
    /// The number of independent observations that would tell as much about the mean.
    pub n_effective: Option<f64>,
    /// Start of the window.
    pub from_ms: i64,
    /// End of the window.
    pub to_ms: i64,
    /// How the value and interval were obtained, or why there is none.
    pub method: String,
}

impl Estimate {
    /// From a measured statistic.
    #[must_use]
    pub fn from_measured(m: &Measured, n_unit: &str) -> Self {
        Self {
            value: m.value,
            lo: m.interval.map(|i| i.lo),
            hi: m.interval.map(|i| i.hi),
            level: m.interval.map(|i| i.level),
            n: m.n as u64,
            n_unit: n_unit.to_owned(),
            n_effective: m.n_effective,
            from_ms: m.window.from.as_ms(),
            to_ms: m.window.to.as_ms(),
            method: m.method.to_string(),
        }
    }

    /// From a statistic that may have failed: a failure is "unknown" with its reason, over the `n` observations tried.
    #[must_use]
    pub fn from_result(r: Result<Measured, StatsError>, n: u64, n_unit: &str, window: Window) -> Self {
        match r {
            Ok(m) => Self::from_measured(&m, n_unit),
            Err(e) => Self::unknown(&e.to_string(), n, n_unit, window),
        }
    }

    /// No value, with the reason.
    #[must_use]
    pub fn unknown(reason: &str, n: u64, n_unit: &str, window: Window) -> Self {
        Self { method: reason.to_owned(), ..Self::counted(f64::NAN, n, n_unit, window) }
    }

    /// A value that was counted or summed, so that it has no sampling interval.
    #[must_use]
    pub fn counted(value: f64, n: u64, n_unit: &str, window: Window) -> Self {
        Self {
            value,
            lo: None,
            hi: None,
            level: None,
            n,
            n_unit: n_unit.to_owned(),
            n_effective: None,
            from_ms: window.from.as_ms(),
            to_ms: window.to.as_ms(),
            method: "counted".to_owned(),
        }
    }

    /// Both ends and the level, when all are finite.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64, f64)> {
        match (self.lo, self.hi, self.level) {
            (Some(lo), Some(hi), Some(level)) if lo.is_finite() && hi.is_finite() => Some((lo, hi, level)),
            _ => None,
        }
    }
}

/// A named estimate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// A stable snake_case name, e.g. "max_drawdown".
    pub key: String,
    /// For the reader, e.g. "Deepest drawdown".
    pub label: String,
    /// How the numbers are to be read.
    pub unit: Unit,
    /// The number.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// How a number is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A pure number.
    Ratio,
    /// A fraction, shown in percent: 0.05 is 5 %.
    Fraction,
    /// US dollars.
    Usd,
    /// Hours.
    Hours,
    /// A whole number of things.
    Count,
    /// Hundredths of a percent: 4.5 is 4.5 bps.
    Bps,
}
