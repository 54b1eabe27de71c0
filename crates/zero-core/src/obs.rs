//! Observations: a value with its time, or the reason why there is none. There is no neutral default.

use crate::time::{Ts, TsDiff};

/// Why a value is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MissingReason {
    /// Nothing was ever received.
    NeverSeen,
    /// The feature has not yet seen its warm-up length.
    WarmUp,
    /// A hole in the data at this time.
    Gap,
    /// The computation has no answer for these inputs (a zero variance, an overflow).
    Undefined,
}

impl MissingReason {
    /// Name in packets and traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NeverSeen => "never_seen",
            Self::WarmUp => "warm_up",
            Self::Gap => "gap",
            Self::Undefined => "undefined",
        }
    }
}

/// A value as of some event time, or its absence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation<T> {
    /// Seen at this event time.
    At {
        /// The value.
        value: T,
        /// When it was true at its source.
        time: Ts,
    },
    /// Not there.
    Missing(MissingReason),
}

/// An observation judged at a moment against a maximum age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fresh<T> {
    /// Young enough to use.
    Live(T),
    /// Too old; the age says how much.
    Stale(T, TsDiff),
    /// Not there.
    Missing(MissingReason),
}

impl<T: Copy> Observation<T> {
    /// Judges the age at `now`. A stamp in the future is stale with a negative age: it can only be a fault.
    #[must_use]
    pub fn fresh(self, now: Ts, max_age: TsDiff) -> Fresh<T> {
        match self {
            Self::Missing(why) => Fresh::Missing(why),
            Self::At { value, time } => {
                let age = now.since(time);
                if age <= max_age && age >= TsDiff::ZERO {
                    Fresh::Live(value)
                } else {
                    Fresh::Stale(value, age)
                }
            }
        }
    }

    /// The value whatever its age, `None` when missing.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::At { value, .. } => Some(value),
            Self::Missing(_) => None,
        }
    }
}

impl<T> Fresh<T> {
    /// The value if it may be used.
    #[must_use]
    pub fn live(self) -> Option<T> {
        match self {
            Self::Live(v) => Some(v),
            _ => None,
        }
    }
}
