//! Components in the whole loop: one decides as its twin, none looks ahead, and a fault in the middle of a run is the same
//! in the run that crashed there.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::Path;
use std::sync::Arc;
use support::{TREND, assemble, load, with_propose};
use zero_core::{Canon, Digest32, OrderId, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_journal::{Options, RealDisk};
use zero_lang::{bundled, read};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::lookahead::{Suspect, examine, stored};
use zero_runtime::parity::scratch_key;
use zero_runtime::record::Manifest;
use zero_runtime::runner::Runner;
use zero_runtime::snapshot::RunSnapshot;
use zero_runtime::{Collected, Collector, OperatorPolicy, RunSpec, study};
use zero_strategy::Hosted;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;
use zero_wasm::{Component, Fault};

fn market(seed: u64, days: u64) -> Dataset {
    let mut spec = SynthSpec::seeded(seed);
    spec.bars = Some(days * 24);
    generate(&spec).unwrap()
}

fn choice(component: &Component) -> StrategyChoice {
    StrategyChoice::Hosted(Hosted::new(Arc::new(component.clone())))
}

fn spec(data: &Dataset, choice: StrategyChoice) -> RunSpec {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec =
        RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, &[("trend", choice)]);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

fn run(data: &Dataset, choice: StrategyChoice) -> Collected {
    let mut driver = spec(data, choice).driver().unwrap();
    let mut collector = Collector::new(driver.engine().kernel());
    study::run(data, &mut driver, &mut collector, |_| true).unwrap();
    collector.into_data()
}

/// Without what is derived from the strategy's identity: the ids of orders.
fn without_ids(mut c: Collected) -> Collected {
    c.digest = Digest32::ZERO;
    for fill in &mut c.fills {
        fill.order = OrderId([0; 16]);
    }
    c
}

/// The trend follower that runs out of fuel where the statistic is beyond 1.5: entries are lost, and exits of those it holds.
fn faulty() -> Component {
    let (_, rest) = TREND.split_once(";; -- propose").unwrap();
    let (propose, _) = rest.split_once(";; -- end of propose").unwrap();
    let inner = propose.trim_start().strip_prefix("(func (export \"propose\")").unwrap();
    let beside = format!("(func $sound {inner}");
    let body = "(if (f64.gt (f64.abs (f64.load (local.get $inputs))) (f64.const 1.5))
            (then (loop $again (br $again))))
        (call $sound (local.get $now) (local.get $interval) (local.get $inputs) (local.get $count)
            (local.get $holds) (local.get $side) (local.get $hours) (local.get $unrealised))";
    load(&with_propose(&beside, body))
}

#[test]
fn the_component_trades_exactly_as_the_document_and_the_rust_of_the_same_meaning() {
    let data = market(7, 120);
    let component = load(&assemble(TREND));
    let as_component = run(&data, choice(&component));
    assert!(as_component.candidates > 50 && as_component.fills.len() > 20, "{as_component:?}");
    assert_eq!(as_component.digest, run(&data, choice(&component)).digest, "twice, ids included");
    assert!(component.faults().iter().all(|(_, n)| *n == 0), "{:?}", component.faults());
    let document =
        StrategyChoice::Document(Arc::new(read(bundled("trend").unwrap().as_bytes()).unwrap().document));
    let as_component = without_ids(as_component);
    assert_eq!(as_component, without_ids(run(&data, document)));
    assert_eq!(as_component, without_ids(run(&data, StrategyChoice::Trend(TrendParams::standard()))));
    // The comparison can fail: a stop of another width.
    let other = load(&assemble(&TREND.replacen("(f64.const 3)", "(f64.const 3.5)", 1)));
    assert_ne!(as_component, without_ids(run(&data, choice(&other))));
}

#[test]
fn no_component_changes_its_decisions_when_the_future_is_cut_off() {
    let data = market(5, 40);
    for component in [load(&assemble(TREND)), faulty()] {
        let make = |d: &Dataset| spec(d, choice(&component)).driver();
        let suspect = Suspect { driver: &make, events: &stored };
        let found = examine(&data, &suspect, 6, &mut |_, _| {}).unwrap();
        assert!(found.is_clean() && found.candidates > 0, "{found:?}");
    }
}

#[test]
fn another_component_is_another_epoch() {
    let data = market(5, 2);
    let epoch = |c: &Component| spec(&data, choice(c)).epoch(Digest32::ZERO).unwrap();
    let sound = load(&assemble(TREND));
    assert_eq!(epoch(&sound), epoch(&load(&assemble(TREND))));
    assert_ne!(epoch(&sound).strategies, epoch(&faulty()).strategies);
}

fn open(dir: &Path, spec: &RunSpec) -> (Runner<RealDisk>, bool) {
    let options = Options::new("zero.test/component", dir.join("second"), "test", scratch_key());
    let manifest = Manifest::of(spec, Digest32::ZERO, spec.config_digest(), "test", Ts::ZERO).unwrap();
    let (runner, recovered) =
        Runner::open(RealDisk, &dir.join("journal"), options, spec.driver().unwrap(), manifest, 0).unwrap();
    (runner, recovered.new_epoch)
}

/// Feeds up to `limit` events from where the runner stands; how many there were.
fn feed(runner: &mut Runner<RealDisk>, data: &Dataset, limit: usize) -> usize {
    let mut range = EventRange::all();
    if let Some(key) = runner.driver().last_market() {
        range = range.skip_after(key);
    }
    let mut n = 0;
    for event in data.events(&range).take(limit) {
        runner.feed(&event.unwrap()).unwrap();
        n += 1;
        if runner.is_full() {
            runner.commit().unwrap();
        }
    }
    runner.commit().unwrap();
    n
}

#[test]
fn a_faulty_component_decides_alike_in_a_run_that_is_dropped_again_and_again() {
    let data = market(5, 40);
    let whole = {
        let dir = tempfile::tempdir().unwrap();
        let component = faulty();
        let (mut runner, _) = open(dir.path(), &spec(&data, choice(&component)));
        feed(&mut runner, &data, usize::MAX);
        let out_of_fuel = component.faults().into_iter().find(|(f, _)| *f == Fault::OutOfFuel).unwrap().1;
        assert!(out_of_fuel > 100, "{out_of_fuel} calls ran out of fuel");
        let state = runner.driver().engine().kernel().state().clone();
        assert!(state.counters.fills > 4, "it trades all the same: {:?}", state.counters);
        RunSnapshot::of(runner.driver(), runner.manifest().clone()).to_bytes()
    };
    let dir = tempfile::tempdir().unwrap();
    // A new load each time, as after a crash.
    while feed(&mut open(dir.path(), &spec(&data, choice(&faulty()))).0, &data, 6_000) > 0 {}
    let (runner, new_epoch) = open(dir.path(), &spec(&data, choice(&faulty())));
    assert!(!new_epoch);
    let again = RunSnapshot::of(runner.driver(), runner.manifest().clone()).to_bytes();
    assert!(again == whole, "state, features and decision digest are the same bytes");
}
