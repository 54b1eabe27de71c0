//! Buy and hold, and never trade: the two baselines without an opinion.

use crate::feature::FeatureBank;
use crate::strategy::{Entry, Holding, Proposal, Sizing, Strategy, StrategySpec};
use crate::view::CoinView;
use zero_core::{Rate, Ts, TsDiff};
use zero_market::Side;

/// Buys a fixed share of equity of every coin at the first chance and keeps it. No stop: a baseline, not a strategy for
/// money.
#[derive(Clone, Debug)]
pub struct Hold {
    share: Rate,
}

impl Hold {
    /// With this share of equity in each coin.
    #[must_use]
    pub const fn new(share: Rate) -> Self {
        Self { share }
    }
}

impl Strategy for Hold {
    fn spec(&self) -> StrategySpec {
        StrategySpec { name: "hold".into(), version: 1, params: alloc::format!("share={}", self.share) }
    }

    fn propose(&self, _view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        if holding.is_some() {
            return Proposal::Nothing;
        }
        Proposal::Enter(Entry {
            side: Side::Buy,
            stop: None,
            target: None,
            horizon: TsDiff::ns(i64::MAX),
            score: 0.0,
            sizing: Sizing::Share(self.share),
        })
    }

    fn favourable(&self, _sigma: f64, _now: Ts, _bank: &mut FeatureBank) -> bool {
        true
    }
}

/// Never trades: the baseline of doing nothing, and the measure of what the loop itself costs.
#[derive(Clone, Copy, Debug)]
pub struct Flat;

impl Strategy for Flat {
    fn spec(&self) -> StrategySpec {
        StrategySpec { name: "flat".into(), version: 1, params: alloc::string::String::new() }
    }

    fn propose(&self, _view: &CoinView<'_>, _holding: Option<&Holding>) -> Proposal {
        Proposal::Nothing
    }

    fn favourable(&self, _sigma: f64, _now: Ts, _bank: &mut FeatureBank) -> bool {
        false
    }
}
