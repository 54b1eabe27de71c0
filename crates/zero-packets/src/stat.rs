//! A statistic with what makes it one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A statistic: never without its sample size and window. `value` is null where the sample is too small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stat {
    /// The estimate.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Confidence level of the interval, such as 0.95.
    pub level: Option<f64>,
    /// Sample size.
    pub n: u64,
    /// What the sample is: its unit and span.
    pub window: String,
    /// How it was computed.
    pub method: String,
}
