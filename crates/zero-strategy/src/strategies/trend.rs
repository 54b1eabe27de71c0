//! Trend follower: enters in the direction of a trend t-statistic, leaves when it is gone, reverses when it turns.
//!
//! Time-series momentum after Moskowitz, Ooi and Pedersen (2012), in volatility units.

use crate::feature::{FeatureBank, FeaturePlan, FeatureSpec, Slot};
use crate::strategy::{Entry, ExitWhy, Holding, Input, Proposal, Reach, Sizing, Strategy, StrategySpec};
use crate::view::CoinView;
use alloc::vec::Vec;
use zero_core::{Rate, Ts, TsDiff};
use zero_market::Side;

/// Parameters. Decimals are fixed point so that equal texts give equal digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendParams {
    /// Bars of the trend statistic.
    pub lookback: u16,
    /// Enters at this |t| or more.
    pub entry_z: Rate,
    /// Leaves when t in the position's direction falls to this or below.
    pub exit_z: Rate,
    /// Stop distance in daily volatilities.
    pub stop_sigmas: Rate,
    /// Hours after which the thesis is over.
    pub horizon_hours: u32,
}

impl TrendParams {
    /// The shipped defaults.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            lookback: 168,
            entry_z: Rate::whole(1),
            exit_z: Rate::ZERO,
            stop_sigmas: Rate::whole(3),
            horizon_hours: 168,
        }
    }
}

/// Half-life of the volatility, in bars: 48 hours on hourly bars.
pub(crate) const VOL_HALF_LIFE: u16 = 48;

/// The strategy.
#[derive(Clone, Debug)]
pub struct Trend {
    params: TrendParams,
    trend: Slot,
    sigma: Slot,
}

impl Trend {
    /// Declares its inputs.
    #[must_use]
    pub fn new(params: TrendParams, plan: &mut FeaturePlan) -> Self {
        let trend = plan.need(FeatureSpec::TrendT { k: params.lookback, half_life: VOL_HALF_LIFE });
        let sigma = plan.need(FeatureSpec::EwmaVol { half_life: VOL_HALF_LIFE });
        Self { params, trend, sigma }
    }
}

impl Strategy for Trend {
    fn spec(&self) -> StrategySpec {
        let p = &self.params;
        StrategySpec {
            name: "trend".into(),
            version: 1,
            params: alloc::format!(
                "lookback={} entry_z={} exit_z={} stop_sigmas={} horizon_hours={}",
                p.lookback,
                p.entry_z,
                p.exit_z,
                p.stop_sigmas,
                p.horizon_hours
            ),
        }
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let (Some(t), Some(sigma)) = (view.feature(self.trend).live(), view.feature(self.sigma).live())
        else {
            return Proposal::Abstain;
        };
        let p = &self.params;
        let side = if t >= 0.0 { Side::Buy } else { Side::Sell };
        let wants_in = t.abs() >= p.entry_z.to_f64();
        if let Some(h) = holding {
            let along = t * h.szi.signum() as f64;
            if along > p.exit_z.to_f64() {
                return Proposal::Nothing;
            }
            if !wants_in {
                return Proposal::Exit(ExitWhy::Signal);
            }
        } else if !wants_in {
            return Proposal::Nothing;
        }
        Proposal::Enter(Entry {
            side,
            stop: Some(p.stop_sigmas.to_f64() * sigma * libm::sqrt(view.bars_per_day())),
            target: None,
            horizon: TsDiff::HOUR.times(i64::from(p.horizon_hours)),
            score: t.abs(),
            sizing: Sizing::Risk,
        })
    }

    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        bank.set(self.trend, self.params.entry_z.to_f64() + 1.0, now);
        bank.set(self.sigma, sigma, now);
        true
    }

    fn inputs(&self, view: &CoinView<'_>) -> Vec<Input> {
        alloc::vec![
            Input { name: "trend_t".into(), seen: view.feature(self.trend) },
            Input { name: "volatility".into(), seen: view.feature(self.sigma) },
        ]
    }

    /// A new return moves t by its own size over `sigma * sqrt(lookback)`: one standard deviation is `1/sqrt(lookback)`.
    fn reach(&self, view: &CoinView<'_>) -> Vec<Reach> {
        let Some(t) = view.feature(self.trend).live() else { return Vec::new() };
        let z = self.params.entry_z.to_f64();
        let step = Some(1.0 / libm::sqrt(f64::from(self.params.lookback.max(1))));
        [(Side::Buy, z), (Side::Sell, -z)]
            .map(|(side, threshold)| Reach::beyond("trend_t", t, threshold, side, step))
            .to_vec()
    }
}
