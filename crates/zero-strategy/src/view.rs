//! What a part of the stack may see of one coin at one instant: nothing later than `now`.

use crate::feature::{FeatureBank, Slot};
use zero_core::obs::Fresh;
use zero_core::{CoinId, Observation, Px, Rate, Ts, TsDiff};

/// A point-in-time view of one coin.
#[derive(Clone, Copy, Debug)]
pub struct CoinView<'a> {
    /// Which coin.
    pub coin: CoinId,
    /// The decision's event time.
    pub now: Ts,
    /// Last complete close.
    pub close: Observation<Px>,
    /// Last funding rate per hour.
    pub funding: Observation<Rate>,
    /// Length of a bar.
    pub interval: TsDiff,
    /// Features.
    pub bank: &'a FeatureBank,
}

impl CoinView<'_> {
    /// A feature that is not older than one bar, else why not.
    #[must_use]
    #[inline]
    pub fn feature(&self, slot: Slot) -> Fresh<f64> {
        self.bank.get(slot).fresh(self.now, self.interval)
    }

    /// A funding feature: prints come once an hour whatever the bar, so one missed print is tolerated, two are not.
    #[must_use]
    pub fn funding_feature(&self, slot: Slot) -> Fresh<f64> {
        self.bank.get(slot).fresh(self.now, TsDiff::HOUR.times(2))
    }

    /// Bars per day: scales per-bar statistics to days.
    #[must_use]
    pub fn bars_per_day(&self) -> f64 {
        TsDiff::DAY.as_ns() as f64 / self.interval.as_ns() as f64
    }
}
