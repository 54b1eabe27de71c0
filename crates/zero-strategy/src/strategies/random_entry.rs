//! Random entries with another strategy's exits: the baseline that any entry rule has to beat.
//!
//! The draw is a function of (seed, coin, event time), so that one seed is one reproducible history.

use super::trend::{TrendParams, VOL_HALF_LIFE};
use crate::feature::{FeatureBank, FeaturePlan, FeatureSpec, Slot};
use crate::strategy::{Entry, ExitWhy, Holding, Proposal, Sizing, Strategy, StrategySpec};
use crate::view::CoinView;
use zero_core::prng::Prng;
use zero_core::{Rate, Ts, TsDiff};
use zero_market::Side;

/// The strategy.
#[derive(Clone, Debug)]
pub struct RandomEntry {
    seed: u64,
    /// Probability of an entry per flat coin and bar.
    rate: Rate,
    exits: TrendParams,
    sigma: Slot,
}

impl RandomEntry {
    /// Enters either side with equal chance, `rate` times per flat coin-bar on average; stop, horizon and signal-free
    /// exit as `exits` says.
    #[must_use]
    pub fn new(seed: u64, rate: Rate, exits: TrendParams, plan: &mut FeaturePlan) -> Self {
        Self { seed, rate, exits, sigma: plan.need(FeatureSpec::EwmaVol { half_life: VOL_HALF_LIFE }) }
    }
}

impl Strategy for RandomEntry {
    fn spec(&self) -> StrategySpec {
        StrategySpec {
            name: "random_entry".into(),
            version: 1,
            params: alloc::format!(
                "seed={} rate={} stop_sigmas={} horizon_hours={}",
                self.seed,
                self.rate,
                self.exits.stop_sigmas,
                self.exits.horizon_hours
            ),
        }
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let Some(sigma) = view.feature(self.sigma).live() else {
            return Proposal::Abstain;
        };
        let horizon = TsDiff::HOUR.times(i64::from(self.exits.horizon_hours));
        if let Some(h) = holding {
            return if view.now.since(h.since) >= horizon {
                Proposal::Exit(ExitWhy::Time)
            } else {
                Proposal::Nothing
            };
        }
        let mut draw = Prng::at(self.seed, u64::from(view.coin.0), view.now.as_ns() as u64);
        if draw.uniform() >= self.rate.to_f64() {
            return Proposal::Nothing;
        }
        Proposal::Enter(Entry {
            side: if draw.uniform() < 0.5 { Side::Buy } else { Side::Sell },
            stop: Some(self.exits.stop_sigmas.to_f64() * sigma * libm::sqrt(view.bars_per_day())),
            target: None,
            horizon,
            score: 0.0,
            sizing: Sizing::Risk,
        })
    }

    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        bank.set(self.sigma, sigma, now);
        // The entry itself is drawn; the witness only needs the stack's inputs.
        false
    }
}
