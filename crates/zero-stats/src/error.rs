//! Why a statistic is not defined on the input it was given.

use core::fmt;

/// The reason that a statistic has no value. Screens show it as "unknown" with this text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsError {
    /// Fewer observations than the statistic needs.
    TooFew {
        /// The least number of observations.
        needed: usize,
        /// The number given.
        got: usize,
    },
    /// A split of a cross-validation leaves too few rows to train on: the others are tested, purged or embargoed.
    NoTraining {
        /// Rows that are left.
        left: usize,
    },
    /// An observation is NaN or infinite.
    NotFinite {
        /// Its position, from 0.
        index: usize,
    },
    /// A value that has to be positive (an equity that a return is taken on) is not.
    NonPositive {
        /// Its position, from 0.
        index: usize,
    },
    /// The observations do not vary (or have no downside, or no drawdown), so a ratio to their spread is undefined.
    NoVariation,
    /// The result overflows or underflows a 64-bit float.
    OutOfRange,
    /// A parameter is outside its range.
    BadParameter {
        /// The parameter.
        name: &'static str,
        /// What it must satisfy.
        rule: &'static str,
    },
    /// An observation lies outside the set on which the statistic is defined.
    Outside {
        /// Its position, from 0.
        index: usize,
        /// What it must be.
        rule: &'static str,
    },
    /// An iterative fit did not settle: there is no finite optimum (separable classes), or the input is degenerate.
    NoConvergence {
        /// Steps taken.
        steps: u32,
    },
    /// The input asks for more work or memory than this statistic allows itself.
    TooMuch {
        /// The most it takes.
        limit: u64,
        /// What the input asks for.
        got: u64,
    },
    /// The statistic was undefined on too many bootstrap replicates for an interval to mean anything.
    UndefinedReplicates {
        /// Replicates without a finite value.
        undefined: u32,
        /// Replicates drawn.
        of: u32,
    },
}

impl StatsError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } | Self::NoTraining { .. } => "ZERO-STA-001",
            Self::NotFinite { .. } => "ZERO-STA-002",
            Self::NonPositive { .. } => "ZERO-STA-003",
            Self::NoVariation => "ZERO-STA-004",
            Self::BadParameter { .. } => "ZERO-STA-005",
            Self::OutOfRange => "ZERO-STA-007",
            Self::UndefinedReplicates { .. } => "ZERO-STA-006",
            Self::Outside { .. } => "ZERO-STA-008",
            Self::NoConvergence { .. } => "ZERO-STA-009",
            Self::TooMuch { .. } => "ZERO-STA-010",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "use a longer window",
            Self::NoTraining { .. } => {
                "use more rows, a shorter horizon or embargo, or test fewer groups at a time"
            }
            Self::NotFinite { .. } => "drop or repair the missing observation before taking statistics",
            Self::NonPositive { .. } => {
                "end the series where equity stops being positive, or measure profit in money"
            }
            Self::NoVariation => "report the ratio as unknown; nothing moved in this window",
            Self::OutOfRange => "rescale the observations",
            Self::BadParameter { .. } => "correct the parameter",
            Self::Outside { .. } => "correct the observation at its source; it is never clipped silently",
            Self::NoConvergence { .. } => "use more observations, or a penalty, or a statistic without a fit",
            Self::TooMuch { .. } => "use fewer observations, columns, splits or resamples",
            Self::UndefinedReplicates { .. } => {
                "use a longer window or a statistic that is defined on most resamples"
            }
        }
    }
}

impl fmt::Display for StatsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { needed, got } => write!(f, "needs at least {needed} observations, has {got}"),
            Self::NoTraining { left } => write!(
                f,
                "a split leaves {left} rows to train on, and needs at least 2: the others are tested, purged or embargoed"
            ),
            Self::NotFinite { index } => write!(f, "observation {index} is not a finite number"),
            Self::NonPositive { index } => {
                write!(f, "value {index} is not positive, so no return exists on it")
            }
            Self::NoVariation => f.write_str("the observations do not vary, so the ratio is undefined"),
            Self::OutOfRange => f.write_str("the result is too large or too small for a 64-bit float"),
            Self::BadParameter { name, rule } => write!(f, "{name} must be {rule}"),
            Self::Outside { index, rule } => write!(f, "observation {index} must be {rule}"),
            Self::NoConvergence { steps } => write!(f, "the fit did not settle in {steps} steps"),
            Self::TooMuch { limit, got } => {
                write!(f, "asks for {got} units of work, at most {limit} are allowed")
            }
            Self::UndefinedReplicates { undefined, of } => {
                write!(f, "the statistic was undefined on {undefined} of {of} resamples")
            }
        }
    }
}

impl core::error::Error for StatsError {}

/// Every statistic starts here: enough observations, all finite.
pub(crate) fn check(xs: &[f64], needed: usize) -> Result<(), StatsError> {
    if xs.len() < needed {
        return Err(StatsError::TooFew { needed, got: xs.len() });
    }
    match xs.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(StatsError::NotFinite { index }),
        None => Ok(()),
    }
}

/// Every result of an arithmetic that can overflow or divide by an underflown square leaves through here.
pub(crate) fn in_range(x: f64) -> Result<f64, StatsError> {
    if x.is_finite() { Ok(x) } else { Err(StatsError::OutOfRange) }
}

/// A parameter that must be a positive finite number.
pub(crate) fn check_positive(name: &'static str, x: f64) -> Result<(), StatsError> {
    if x.is_finite() && x > 0.0 {
        Ok(())
    } else {
        Err(StatsError::BadParameter { name, rule: "a positive finite number" })
    }
}

/// A parameter that must be a finite number.
pub(crate) fn check_finite(name: &'static str, x: f64) -> Result<(), StatsError> {
    if x.is_finite() { Ok(()) } else { Err(StatsError::BadParameter { name, rule: "a finite number" }) }
}

/// A level or probability strictly between 0 and 1.
pub(crate) fn check_open_unit(name: &'static str, x: f64) -> Result<(), StatsError> {
    if x > 0.0 && x < 1.0 {
        Ok(())
    } else {
        Err(StatsError::BadParameter { name, rule: "strictly between 0 and 1" })
    }
}

/// Two samples that belong together, position by position.
pub(crate) fn check_same_length(a: usize, b: usize) -> Result<(), StatsError> {
    if a == b {
        Ok(())
    } else {
        Err(StatsError::BadParameter {
            name: "lengths",
            rule: "equal: one entry of each for every observation",
        })
    }
}

/// Every entry satisfies `fits`, or the first that does not is named. NaN satisfies nothing.
pub(crate) fn check_each(
    xs: &[f64],
    rule: &'static str,
    fits: impl Fn(f64) -> bool,
) -> Result<(), StatsError> {
    match xs.iter().position(|&x| !fits(x)) {
        Some(index) => Err(StatsError::Outside { index, rule }),
        None => Ok(()),
    }
}

/// Work within its bound.
pub(crate) fn check_work(got: u64, limit: u64) -> Result<(), StatsError> {
    if got <= limit { Ok(()) } else { Err(StatsError::TooMuch { limit, got }) }
}
