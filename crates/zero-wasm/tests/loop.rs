//! Components in the whole loop: one decides as its twin, none looks ahead, and a fault in the middle of a run is the same
//! in the run that crashed there.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use support::{LENS, TREND, assemble, load, with_propose};
use zero_core::{BookId, Canon, CoinId, Digest32, OrderId, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_journal::{Options, RealDisk};
use zero_kernel::TraceSink;
use zero_kernel::record::CandidateTrace;
use zero_lang::{bundled, read};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::hosts::Hosts;
use zero_runtime::lookahead::{Suspect, examine, stored};
use zero_runtime::parity::scratch_key;
use zero_runtime::project::{self, Reading};
use zero_runtime::record::{Body, Manifest};
use zero_runtime::replica::Replica;
use zero_runtime::runner::Runner;
use zero_runtime::snapshot::RunSnapshot;
use zero_runtime::view::{RunView, Tail, last_bodies};
use zero_runtime::{Collected, Collector, OperatorPolicy, RunSpec, study};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;
use zero_strategy::{Hosted, HostedLens, Unanswered};
use zero_wasm::{Component, Fault, LensComponent};

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
    assert!(component.counted().iter().all(|(_, n)| *n == 0), "{:?}", component.counted());
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
        let out_of_fuel = component.counted().into_iter().find(|(f, _)| *f == Fault::OutOfFuel).unwrap().1;
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

/// The trend follower's market with one more lens: the guest, which says what the native one of the week's trend says.
fn scored(data: &Dataset) -> RunSpec {
    let mut spec = spec(data, StrategyChoice::Trend(TrendParams::standard()));
    spec.lenses = vec![HostedLens::new(Arc::new(LensComponent::load(&assemble(LENS)).unwrap()))];
    spec
}

/// Keeps traces.
#[derive(Default)]
struct Kept(Vec<CandidateTrace>);

impl TraceSink for Kept {
    fn candidate(&mut self, trace: &CandidateTrace) {
        self.0.push(trace.clone());
    }
}

fn traces(data: &Dataset, spec: &RunSpec) -> Vec<CandidateTrace> {
    let (mut kept, mut facts) = (Kept::default(), Vec::new());
    let mut driver = spec.driver().unwrap();
    for event in data.events(&EventRange::all()) {
        driver.feed(&event.unwrap(), &mut kept, &mut facts).unwrap();
        facts.clear();
    }
    kept.0
}

#[test]
fn a_guest_lens_is_scored_beside_its_native_twin_in_every_trace_and_changes_no_decision() {
    let data = market(7, 60);
    let with = traces(&data, &scored(&data));
    let without = traces(&data, &spec(&data, StrategyChoice::Trend(TrendParams::standard())));
    assert!(with.len() > 30 && with.len() == without.len());
    let mut spoke = 0;
    for (a, b) in with.iter().zip(&without) {
        assert_eq!((a.admitted, a.final_sz, a.px), (b.admitted, b.final_sz, b.px));
        assert_eq!(a.gates.to_bytes(), b.gates.to_bytes(), "bit by bit");
        let (native, guest) = (a.lenses.first().unwrap(), a.lenses.last().unwrap());
        assert_eq!(usize::from(guest.lens), b.lenses.len(), "after the lenses of the program");
        assert_eq!((native.opinion, native.abstained), (guest.opinion, guest.abstained));
        spoke += u32::from(guest.opinion.is_some());
    }
    assert!(spoke > 20, "{spoke}");
    let epoch = |s: &RunSpec| s.epoch(Digest32::ZERO).unwrap();
    let plain = epoch(&spec(&data, StrategyChoice::Trend(TrendParams::standard())));
    assert_ne!(epoch(&scored(&data)).config, plain.config, "another lens is another epoch");
}

#[test]
fn a_run_with_a_guest_lens_decides_alike_when_the_future_is_cut_off() {
    let data = market(5, 30);
    let make = |d: &Dataset| scored(d).driver();
    let suspect = Suspect { driver: &make, events: &stored };
    let found = examine(&data, &suspect, 6, &mut |_, _| {}).unwrap();
    assert!(found.is_clean() && found.candidates > 0, "{found:?}");
}

/// A run's journal, asked at its end and right before its last slice, with these parts at hand.
fn asked(dir: &Path, hosts: &Hosts) -> (Replica, Replica) {
    let journal = dir.join("journal");
    let view = RunView::load(&RealDisk, &journal).unwrap();
    let end = Replica::at_end_hosting(&RealDisk, &journal, (&view, None), Digest32::ZERO, hosts).unwrap();
    let slice = Replica::before_slice_hosting(&RealDisk, &journal, (None, Digest32::ZERO), |_| hosts.clone())
        .unwrap();
    (end, slice)
}

#[test]
fn a_run_is_asked_through_its_components_where_they_are_at_hand_and_says_why_where_they_are_not() {
    let data = market(7, 30);
    let dir = tempfile::tempdir().unwrap();
    let component = load(&assemble(TREND));
    let mut spec = spec(&data, choice(&component));
    spec.lenses = scored(&data).lenses;
    let (mut runner, _) = open(dir.path(), &spec);
    feed(&mut runner, &data, usize::MAX);
    runner.close("test", Ts::ZERO).unwrap();
    let StrategyChoice::Hosted(hosted) = choice(&component) else { panic!() };
    let whole = Hosts { strategies: vec![hosted], lenses: spec.lenses, absent: None };
    let (end, slice) = asked(dir.path(), &whole);
    for replica in [&end, &slice] {
        assert!(replica.is_known(BookId(0)), "{:?}", replica.absence(BookId(0)));
        let k = &replica.kernel;
        for coin in (0..data.universe().len()).map(|c| CoinId(c as u16)) {
            assert_eq!(k.explains(BookId(0), coin, replica.now), Ok(()));
            assert_eq!(k.conditions(BookId(0), coin, replica.now).len(), 2);
            let (inputs, reach) = k.distances(BookId(0), coin, replica.now);
            assert_eq!((inputs.len(), reach.len()), (2, 2));
        }
    }
    for (hosts, says) in [
        (Hosts::default(), "digest"),
        (Hosts { lenses: Vec::new(), ..whole.clone() }, "lens trend_guest"),
        (Hosts { strategies: Vec::new(), ..whole }, "digest"),
    ] {
        let (end, slice) = asked(dir.path(), &hosts);
        for replica in [end, slice] {
            let why = replica.absence(BookId(0)).unwrap();
            assert_eq!(why.code, "ZERO-STR-028");
            assert!(why.why.contains(says), "{why:?}");
        }
    }
}

#[test]
fn why_a_component_abstained_is_in_the_journal_book_by_book_and_coin_by_coin() {
    let data = market(7, 24);
    let dir = tempfile::tempdir().unwrap();
    // Says that it is out of its domain, code 40, where the trend is positive and it is flat.
    let body = "(if (f64.gt (f64.load (local.get $inputs)) (f64.const 0)) (then
          (i32.store8 (i32.const 512) (i32.const 1)) (i32.store8 (i32.const 520) (i32.const 1))
          (i32.store16 (i32.const 522) (i32.const 40)) (return (i32.const 512))))
        (call $nothing)";
    let component = load(&with_propose("", body));
    let (mut runner, _) = open(dir.path(), &spec(&data, choice(&component)));
    feed(&mut runner, &data, usize::MAX);
    let decided = runner.driver().engine().kernel().state().digest;
    runner.close("test", Ts::ZERO).unwrap();
    let journal = dir.path().join("journal");
    let noted = last_bodies(
        &RealDisk,
        &journal,
        Tail { limit: usize::MAX >> 8, only: Some(zero_journal::Class::Trace), reach: u64::MAX },
        |_, body| match body {
            Body::Abstained(a) => Some(*a),
            _ => None,
        },
    )
    .unwrap();
    let of = |why| noted.iter().filter(|a| a.why == why).count();
    assert_eq!(of(Unanswered::Input) + of(Unanswered::OutOfDomain), noted.len());
    assert!(of(Unanswered::Input) > 100, "the warm-up");
    assert!(of(Unanswered::OutOfDomain) > 100);
    assert!(noted.iter().all(|a| (a.code == 40) == (a.why == Unanswered::OutOfDomain)));
    let places: BTreeSet<_> = noted.iter().map(|a| (a.time, a.book, a.coin)).collect();
    assert_eq!(places.len(), noted.len(), "one of each slice, book and coin");
    // What is only read changes nothing that is decided, and a run that folds the journal is where this one was.
    let (again, _) = open(dir.path(), &spec(&data, choice(&component)));
    assert_eq!(again.driver().engine().kernel().state().digest, decided);
    // The same slice answers in the same way when it is asked again, and from the record alone.
    let last = *noted.iter().rfind(|a| a.why == Unanswered::OutOfDomain).unwrap();
    let StrategyChoice::Hosted(hosted) = choice(&component) else { panic!() };
    for hosts in [Hosts { strategies: vec![hosted], ..Hosts::default() }, Hosts::default()] {
        let mut replica =
            Replica::before_slice_hosting(&RealDisk, &journal, (Some(last.time), Digest32::ZERO), |_| {
                hosts.clone()
            })
            .unwrap();
        let view = Arc::new(RunView::load(&RealDisk, &journal).unwrap());
        let reading = Reading::of_files(&journal, view, None, Ts::ZERO);
        let answer = project::why(&reading, &mut replica, last.coin, &[], &[last]).unwrap();
        let book = &answer.books[0];
        assert_eq!((book.outcome.as_str(), book.why.contains("out_of_domain, code 40")), ("abstained", true));
        let told = book.abstention.as_ref().unwrap();
        assert_eq!(
            (told.reason.as_str(), told.code, told.source.as_str()),
            ("out_of_domain", Some(40), "journal")
        );
    }
}
