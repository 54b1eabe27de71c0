//! What a part of the stack may see of one coin at one instant: nothing later than `now`.

use crate::feature::{FeatureBank, Slot};
use zero_core::obs::Fresh;
use zero_core::{CoinId, MissingReason, Observation, Px, Rate, Ts, TsDiff};
use zero_market::cross::CrossMarket;

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
    /// The cross-section of all coins; `None` in a run in which no part declared that it needs it.
    pub cross: Option<&'a CrossMarket>,
}

impl<'a> CoinView<'a> {
    /// The cross-section if it is not older than one of its steps, else why not.
    ///
    /// # Errors
    /// Never seen, where no part declared it; a gap, where the latest step is not the present one.
    pub fn cross_section(&self) -> Result<&'a CrossMarket, MissingReason> {
        let cross = self.cross.ok_or(MissingReason::NeverSeen)?;
        if cross.is_fresh(self.now) { Ok(cross) } else { Err(cross.missing(self.coin)) }
    }

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
