//! Funding carry: takes the side that is paid when the mean funding rate is far from zero, leaves when it is not.

use super::trend::VOL_HALF_LIFE;
use crate::feature::{FeatureBank, FeaturePlan, FeatureSpec, Slot};
use crate::strategy::{Entry, ExitWhy, Holding, Input, Proposal, Reach, Sizing, Strategy, StrategySpec};
use crate::view::CoinView;
use alloc::vec::Vec;
use zero_core::{Rate, Ts, TsDiff};
use zero_market::Side;

/// Hours in a year of 365 days: the annualisation of hourly funding.
const HOURS_PER_YEAR: f64 = 8_760.0;

/// Parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarryParams {
    /// Hourly prints of the mean.
    pub window_hours: u16,
    /// Enters when the annualised mean is at least this far from zero.
    pub entry_annual: Rate,
    /// Leaves when what it is paid, annualised, falls below this.
    pub exit_annual: Rate,
    /// Stop distance in daily volatilities.
    pub stop_sigmas: Rate,
    /// Hours after which the thesis is over.
    pub horizon_hours: u32,
}

impl CarryParams {
    /// The shipped defaults.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            window_hours: 72,
            entry_annual: Rate::bps(1_000),
            exit_annual: Rate::bps(200),
            stop_sigmas: Rate::whole(4),
            horizon_hours: 168,
        }
    }
}

/// The strategy.
#[derive(Clone, Debug)]
pub struct Carry {
    params: CarryParams,
    funding: Slot,
    sigma: Slot,
}

impl Carry {
    /// Declares its inputs.
    #[must_use]
    pub fn new(params: CarryParams, plan: &mut FeaturePlan) -> Self {
        let funding = plan.need(FeatureSpec::FundingMean { hours: params.window_hours });
        let sigma = plan.need(FeatureSpec::EwmaVol { half_life: VOL_HALF_LIFE });
        Self { params, funding, sigma }
    }
}

impl Strategy for Carry {
    fn spec(&self) -> StrategySpec {
        let p = &self.params;
        StrategySpec {
            name: "carry".into(),
            version: 1,
            params: alloc::format!(
                "window_hours={} entry_annual={} exit_annual={} stop_sigmas={} horizon_hours={}",
                p.window_hours,
                p.entry_annual,
                p.exit_annual,
                p.stop_sigmas,
                p.horizon_hours
            ),
        }
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let (Some(mean), Some(sigma)) =
            (view.funding_feature(self.funding).live(), view.feature(self.sigma).live())
        else {
            return Proposal::Abstain;
        };
        let p = &self.params;
        let annual = mean * HOURS_PER_YEAR;
        let wants_in = annual.abs() >= p.entry_annual.to_f64();
        if let Some(h) = holding {
            // A long receives when funding is negative.
            let received = -annual * h.szi.signum() as f64;
            if received >= p.exit_annual.to_f64() {
                return Proposal::Nothing;
            }
            if !wants_in {
                return Proposal::Exit(ExitWhy::Signal);
            }
        } else if !wants_in {
            return Proposal::Nothing;
        }
        Proposal::Enter(Entry {
            side: if annual > 0.0 { Side::Sell } else { Side::Buy },
            stop: Some(p.stop_sigmas.to_f64() * sigma * libm::sqrt(view.bars_per_day())),
            target: None,
            horizon: TsDiff::HOUR.times(i64::from(p.horizon_hours)),
            score: annual.abs() / p.entry_annual.to_f64(),
            sizing: Sizing::Risk,
        })
    }

    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        bank.set(self.funding, 2.0 * self.params.entry_annual.to_f64() / HOURS_PER_YEAR, now);
        bank.set(self.sigma, sigma, now);
        true
    }

    fn inputs(&self, view: &CoinView<'_>) -> Vec<Input> {
        alloc::vec![
            Input { name: "funding_mean".into(), seen: view.funding_feature(self.funding) },
            Input { name: "volatility".into(), seen: view.feature(self.sigma) },
        ]
    }

    /// In annualised funding. A mean of funding prints, each bound to the venue's formula, is no random walk: no step.
    fn reach(&self, view: &CoinView<'_>) -> Vec<Reach> {
        let Some(mean) = view.funding_feature(self.funding).live() else { return Vec::new() };
        let (value, z) = (mean * HOURS_PER_YEAR, self.params.entry_annual.to_f64());
        [(Side::Sell, z), (Side::Buy, -z)]
            .map(|(side, threshold)| Reach::beyond("funding_annual", value, threshold, side, None))
            .to_vec()
    }
}
