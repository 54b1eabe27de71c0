//! Breakers: named conditions that block new risk. Their state is a fold over recorded changes, so a restart, an
//! upgrade or midnight does not reset them.

use crate::config::KernelConfig;
use crate::state::State;
use zero_core::{Truth, Ts, canon_struct, canon_tag};

canon_tag! {
    /// How bad an open breaker is.
    pub enum Severity {
        /// For information.
        0 "info" Info,
        /// Look at it.
        1 "warning" Warning,
        /// Risk is blocked for a reason that needs a person.
        2 "critical" Critical,
    }
}

/// One measurement of a breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Does the condition hold? Unknown opens the breaker as True does.
    pub tripped: Truth,
    /// What was measured.
    pub value: f64,
    /// What it was held against.
    pub limit: f64,
}

impl Reading {
    /// Trips when `value >= limit`; NaN is Unknown.
    #[must_use]
    pub fn at_least(value: f64, limit: f64) -> Self {
        let tripped = if value >= limit {
            Truth::True
        } else if value < limit {
            Truth::False
        } else {
            Truth::Unknown
        };
        Self { tripped, value, limit }
    }

    /// Trips when the flag is set.
    #[must_use]
    pub fn flag(set: bool) -> Self {
        Self { tripped: Truth::from(set), value: f64::from(u8::from(set)), limit: 1.0 }
    }
}

/// What can change a breaker's reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watches {
    /// Time alone.
    Time,
    /// Equity, exposure and fees of accounts: while something is held, every mark changes them.
    Money,
    /// What operator, venue and data did: counts and flags.
    Conduct,
}

/// A breaker. Pure: reads the folded state only.
pub trait Breaker: core::fmt::Debug + Send + Sync {
    /// The contract's name.
    fn name(&self) -> &'static str;

    /// Once open, does it stay open until an operator clears it? True where a halt must outlive its cause.
    fn latches(&self) -> bool;

    /// How bad.
    fn severity(&self) -> Severity;

    /// What it watches, in words.
    fn reason(&self) -> &'static str;

    /// Measures.
    fn read(&self, state: &State, cfg: &KernelConfig, now: Ts) -> Reading;

    /// A cheap answer for the common case: certainly not tripped, by a factor of two. False means "not certain", and then
    /// [`Self::read`] decides.
    fn is_far(&self, _state: &State, _cfg: &KernelConfig, _now: Ts) -> bool {
        false
    }

    /// What its reading can depend on: it is read again only when that may have changed.
    fn watches(&self) -> Watches {
        Watches::Conduct
    }

    /// After an operator cleared the latch: rebase what would trip it again at once.
    fn rebase(&self, _state: &mut State, _now: Ts) {}
}

canon_struct! {
    /// A breaker's folded state.
    #[derive(Clone, Copy, Debug)]
    pub struct BreakerState {
        /// Blocking?
        pub open: bool,
        /// Since when it has been as it is.
        pub since: Ts,
        /// Last recorded measurement.
        pub value: f64,
        /// Its limit then.
        pub limit: f64,
    }
}

impl PartialEq for BreakerState {
    /// Bit for bit: a NaN that was recorded is the same NaN after a replay.
    fn eq(&self, other: &Self) -> bool {
        let key = |b: &Self| (b.open, b.since, b.value.to_bits(), b.limit.to_bits());
        key(self) == key(other)
    }
}

impl BreakerState {
    /// Closed, never measured.
    pub const CLOSED: Self = Self { open: false, since: Ts::ZERO, value: 0.0, limit: 0.0 };
}
