//! Components for tests: the trend follower, and what a hostile author would make of it.
#![allow(dead_code, reason = "each test file uses a part")]

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;
use zero_core::{CoinId, MissingReason, Observation, Px, Sz, Ts, TsDiff, Usd};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, FeatureSpec, Holding};
use zero_wasm::{Component, ComponentStrategy};

pub(crate) const NOW: Ts = Ts::from_ns(1_756_900_800_000_000_000);
pub(crate) const TREND: &str = include_str!("../../guests/trend.wat");
pub(crate) const LENS: &str = include_str!("../../guests/trend_lens.wat");

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

/// The lens with another `evaluate`, and what stands beside it.
pub(crate) fn with_evaluate(beside: &str, body: &str) -> Vec<u8> {
    let (before, rest) = LENS.split_once(";; -- evaluate").unwrap();
    let (_, after) = rest.split_once(";; -- end of evaluate").unwrap();
    let text = format!(
        "{before} {beside} (func (export \"evaluate\")
           (param $interval i64) (param $inputs i32) (param $count i32) (result i32) {body}) {after}"
    );
    assemble(&text)
}

/// The trend follower with another `explain`.
pub(crate) fn with_explain(body: &str) -> Vec<u8> {
    let (before, rest) = TREND.split_once("(func (export \"explain\")").unwrap();
    let (_, after) = rest.split_once(";; -- end of explain").unwrap();
    let text = format!(
        "{before} (func (export \"explain\")
           (param $now i64) (param $interval i64) (param $inputs i32) (param $count i32)
           (param $holds i32) (param $side i32) (param $hours f64) (param $unrealised f64) (result i32)
           {body}) {after}"
    );
    assemble(&text)
}

/// The trend follower without an explanation.
pub(crate) fn mute() -> Vec<u8> {
    let lift = TREND.find("  (func (export \"explain\") (param \"view\"").unwrap();
    assemble(&format!("{})", &TREND[..lift]))
}

/// The core module of a guest written by hand, as a compiler would name its exports.
pub(crate) fn core_of(text: &str) -> Vec<u8> {
    let (_, rest) = text.split_once("(core module $m").unwrap();
    let (body, _) = rest.split_once("\n  )\n\n  (core instance").unwrap();
    assemble(&format!("(module {}\n)", body.replacen("(export \"realloc\")", "(export \"cabi_realloc\")", 1)))
}

/// What `wasm-tools component embed` and `component new` do.
pub(crate) fn wrapped(core: &[u8], world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("strategy.wit", zero_wasm::WIT).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = core.to_vec();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
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
