//! Components for tests: the trend follower, and what a hostile author would make of it.
#![allow(dead_code, reason = "each test file uses a part")]

use zero_core::{CoinId, MissingReason, Observation, Px, Sz, Ts, TsDiff, Usd};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, FeatureSpec, Holding};
use zero_wasm::{Component, ComponentStrategy};

pub(crate) const NOW: Ts = Ts::from_ns(1_756_900_800_000_000_000);
pub(crate) const TREND: &str = include_str!("../../guests/trend.wat");

pub(crate) fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|e| panic!("{e}"))
}

/// The trend follower with another `propose`: the body of a function with the same parameters, and what stands beside it.
pub(crate) fn with_propose(beside: &str, body: &str) -> Vec<u8> {
    let (before, rest) = TREND.split_once(";; -- propose").unwrap();
    let (_, after) = rest.split_once(";; -- end of propose").unwrap();
    let text = format!(
        "{before} {beside} (func (export \"propose\")
           (param $now i64) (param $interval i64) (param $inputs i32) (param $count i32)
           (param $holds i32) (param $side i32) (param $hours f64) (param $unrealised f64) (result i32)
           {body}) {after}"
    );
    assemble(&text)
}

pub(crate) fn load(bytes: &[u8]) -> Component {
    Component::load(bytes).unwrap_or_else(|e| panic!("{e}"))
}

/// A component with a bank in which the trend statistic and the volatility have these values now.
pub(crate) struct Rig {
    pub(crate) strategy: ComponentStrategy,
    pub(crate) component: Component,
    pub(crate) bank: FeatureBank,
}

impl Rig {
    pub(crate) fn new(bytes: &[u8], t: f64, sigma: f64) -> Self {
        let component = load(bytes);
        let mut plan = FeaturePlan::new();
        let strategy = ComponentStrategy::new(component.clone(), &mut plan);
        let mut bank = FeatureBank::new(&plan);
        bank.set(plan.need(FeatureSpec::TrendT { k: 168, half_life: 48 }), t, NOW);
        bank.set(plan.need(FeatureSpec::EwmaVol { half_life: 48 }), sigma, NOW);
        Self { strategy, component, bank }
    }

    pub(crate) fn view(&self) -> CoinView<'_> {
        view(&self.bank)
    }
}

pub(crate) fn view(bank: &FeatureBank) -> CoinView<'_> {
    CoinView {
        coin: CoinId(0),
        now: NOW,
        close: Observation::At { value: Px::whole(100), time: NOW },
        funding: Observation::Missing(MissingReason::NeverSeen),
        interval: TsDiff::HOUR,
        bank,
        cross: None,
    }
}

pub(crate) fn held(sign: i32) -> Holding {
    Holding { szi: Sz::whole(sign), cost: Usd::whole(100 * sign), since: NOW.minus(TsDiff::HOUR), best: None }
}
