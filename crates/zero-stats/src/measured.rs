//! What a statistic carries when it leaves this crate: no value without n, window and method.

use core::fmt;

use zero_core::Ts;

use crate::bootstrap::Scheme;

/// An equal-tailed interval: half of `1 - level` lies beyond each end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
    /// The nominal coverage, e.g. 0.9.
    pub level: f64,
}

impl Interval {
    /// Whether `x` lies in the closed interval.
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }
}

/// The span of event time that the observations come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The start of the first observation.
    pub from: Ts,
    /// The end of the last observation.
    pub to: Ts,
}

/// Observations and the window that they come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<'a> {
    /// The observations in time order.
    pub values: &'a [f64],
    /// Where they come from.
    pub window: Window,
}

/// How a value and its interval were obtained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// Percentile interval of a block bootstrap.
    BlockBootstrap {
        /// Which resampling.
        scheme: Scheme,
        /// The (mean) block length that was used, in periods.
        block_length: f64,
        /// The number of resamples.
        replicates: u32,
        /// Resamples on which the statistic had no finite value; they are left out of the interval.
        undefined: u32,
        /// The seed of the draws.
        seed: u64,
        /// The stream of the draws.
        stream: u64,
    },
    /// The Wilson score interval of a proportion.
    Wilson,
    /// Counted or summed, not estimated: no sampling error is claimed, so no interval is given.
    Counted,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlockBootstrap { scheme, block_length, replicates, undefined, seed, .. } => {
                write!(f, "{scheme}, block {block_length:.1}, {replicates} resamples, seed {seed}")?;
                if *undefined > 0 {
                    write!(f, ", {undefined} undefined")?;
                }
                Ok(())
            }
            Self::Wilson => f.write_str("Wilson score"),
            Self::Counted => f.write_str("counted"),
        }
    }
}

/// A statistic with everything needed to judge it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The statistic on the observations.
    pub value: f64,
    /// Its interval; `None` when nothing was estimated or none could be had.
    pub interval: Option<Interval>,
    /// The number of observations.
    pub n: usize,
    /// The number of independent observations that would tell as much about the mean, when it could be estimated.
    pub n_effective: Option<f64>,
    /// The span the observations come from.
    pub window: Window,
    /// How the interval was obtained.
    pub method: Method,
}

impl Measured {
    /// Whether the interval excludes 0: the least that any claim of an effect needs.
    #[must_use]
    pub fn excludes_zero(&self) -> bool {
        self.interval.is_some_and(|i| !i.contains(0.0))
    }
}
