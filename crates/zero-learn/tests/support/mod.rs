//! A run with a learner at its side, all in memory.

use zero_core::{Digest32, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_kernel::Fact;
use zero_learn::{Learner, Learnt};
use zero_market::Event;
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::RunSpec;
use zero_runtime::record::Manifest;
use zero_strategy::Limits;
use zero_strategy::registry::StrategyChoice;

pub fn market(seed: u64, coins: &[&str], bars: u64) -> Dataset {
    let mut spec = SynthSpec::seeded(seed).only(coins);
    spec.bars = Some(bars);
    generate(&spec).unwrap()
}

/// One strategy, no modifier, limits that never bind: every size is the size before modifiers.
pub fn free(data: &Dataset, paper: PaperConfig, choice: StrategyChoice) -> RunSpec {
    let mut spec =
        RunSpec::standard(data.universe().clone(), Usd::whole(1_000_000), paper, &[("only", choice)]);
    spec.full_stack = false;
    let risk = spec.kernel.limits.risk_per_trade;
    spec.kernel.limits = Limits { risk_per_trade: risk, ..Limits::unbounded() };
    spec
}

pub fn paper() -> PaperConfig {
    PaperConfig::standard(FeeModel::HYPERLIQUID_BASE)
}

pub fn manifest(spec: &RunSpec) -> Manifest {
    Manifest::of(spec, Digest32::ZERO, Digest32::ZERO, "test", Ts::ZERO).unwrap()
}

/// Runs it; what was learnt, and all facts.
pub fn run(spec: &RunSpec, events: &[Event]) -> (Learnt, Vec<Fact>) {
    let mut learner = Learner::new(&[manifest(spec)]);
    let mut driver = spec.driver().unwrap();
    let mut facts = Vec::new();
    for event in events {
        driver.feed(event, &mut learner, &mut facts).unwrap();
        learner.event(event);
    }
    (learner.finish(), facts)
}

pub fn events(data: &Dataset) -> Vec<Event> {
    data.events(&EventRange::all()).map(Result::unwrap).collect()
}
