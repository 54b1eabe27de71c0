//! EMA crossover with a fixed size, always in the market, reversing at each cross: the common case by which engines
//! are compared. It has no stop, so it exists for validation and measurement only.

use crate::feature::{FeatureBank, FeaturePlan, FeatureSpec, Slot};
use crate::strategy::{Entry, Holding, Proposal, Sizing, Strategy, StrategySpec};
use crate::view::CoinView;
use zero_core::{Sz, Ts, TsDiff};
use zero_market::Side;

/// The strategy.
#[derive(Clone, Debug)]
pub struct EmaCross {
    lengths: (u16, u16),
    size: Sz,
    fast: Slot,
    slow: Slot,
}

impl EmaCross {
    /// Declares its inputs. Lengths in bars, size in coins.
    #[must_use]
    pub fn new(fast: u16, slow: u16, size: Sz, plan: &mut FeaturePlan) -> Self {
        Self {
            lengths: (fast, slow),
            size,
            fast: plan.need(FeatureSpec::Ema { n: fast }),
            slow: plan.need(FeatureSpec::Ema { n: slow }),
        }
    }
}

impl Strategy for EmaCross {
    fn spec(&self) -> StrategySpec {
        StrategySpec {
            name: "ema_cross".into(),
            version: 1,
            params: alloc::format!("fast={} slow={} size={}", self.lengths.0, self.lengths.1, self.size),
        }
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let (Some(fast), Some(slow)) = (view.feature(self.fast).live(), view.feature(self.slow).live())
        else {
            return Proposal::Abstain;
        };
        let side = if fast >= slow { Side::Buy } else { Side::Sell };
        if holding.is_some_and(|h| h.szi.signum() == side.sign()) {
            return Proposal::Nothing;
        }
        Proposal::Enter(Entry {
            side,
            stop: None,
            target: None,
            horizon: TsDiff::ns(i64::MAX),
            score: 0.0,
            sizing: Sizing::Fixed(self.size),
        })
    }

    fn favourable(&self, _sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        bank.set(self.fast, 2.0, now);
        bank.set(self.slow, 1.0, now);
        true
    }
}
