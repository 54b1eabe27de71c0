//! Which part of a market to read.

use zero_core::{CoinId, Ts, TsDiff};
use zero_market::MarketKey;

/// A selection of events. The default is everything.
///
/// A range never changes the events inside it: reading a range equals reading everything and keeping what lies in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRange {
    /// First instant, inclusive.
    pub from: Option<Ts>,
    /// Last instant, exclusive.
    pub to: Option<Ts>,
    /// Only what comes strictly after this key in the order (time, phase, coin).
    pub after: Option<MarketKey>,
    /// Only these coins; `None` is all. Timers then fire for the bars of these coins.
    pub coins: Option<Vec<CoinId>>,
}

impl EventRange {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// From `from` (inclusive) to `to` (exclusive).
    #[must_use]
    pub fn between(from: Ts, to: Ts) -> Self {
        Self { from: Some(from), to: Some(to), ..Self::default() }
    }

    /// What is known at `as_of`: events up to and including that instant.
    #[must_use]
    pub fn as_of(as_of: Ts) -> Self {
        Self { to: Some(as_of.plus(TsDiff::ns(1))), ..Self::default() }
    }

    /// Resumes strictly after an event that was already processed.
    #[must_use]
    pub fn skip_after(mut self, key: MarketKey) -> Self {
        self.after = Some(key);
        self
    }

    /// Only these coins.
    #[must_use]
    pub fn only(mut self, coins: Vec<CoinId>) -> Self {
        self.coins = Some(coins);
        self
    }

    /// The first instant that can hold a selected event.
    pub(crate) fn start(&self) -> Option<Ts> {
        self.from.max(self.after.map(|k| k.time))
    }

    pub(crate) fn has_coin(&self, coin: CoinId) -> bool {
        self.coins.as_ref().is_none_or(|c| c.contains(&coin))
    }
}
