//! A run with a measured opinion model in force: every path decides alike, a restart changes nothing, and the epoch names it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

#[path = "support/opinion_model.rs"]
mod opinion_model;

use opinion_model::model;
use zero_core::{Canon as _, Digest32, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_journal::{Options, RealDisk};
use zero_kernel::record::DecisionKind;
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::parity::{Parity, scratch_key};
use zero_runtime::record::Manifest;
use zero_runtime::replica::Replica;
use zero_runtime::runner::Runner;
use zero_runtime::view::{RunView, last_candidates};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::OpinionModel;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

fn market() -> Dataset {
    let mut spec = SynthSpec::seeded(7).only(&["BTC", "ETH", "SUI"]);
    spec.bars = Some(1_500);
    generate(&spec).unwrap()
}

fn spec(data: &Dataset, model: Option<OpinionModel>) -> RunSpec {
    let mut spec = RunSpec::standard(
        data.universe().clone(),
        Usd::whole(10_000),
        PaperConfig::standard(FeeModel::HYPERLIQUID_BASE),
        &[
            ("trend", StrategyChoice::Trend(TrendParams::standard())),
            ("carry", StrategyChoice::Carry(CarryParams::standard())),
        ],
    );
    spec.policy = OperatorPolicy::UNATTENDED;
    spec.opinion_model = model.map(Box::new);
    spec
}

fn manifest(spec: &RunSpec) -> Manifest {
    Manifest::of(spec, Digest32::ZERO, Digest32::ZERO, "test", Ts::ZERO).unwrap()
}

#[test]
fn every_path_decides_alike_with_a_model_in_force() {
    let data = market();
    let with = spec(&data, Some(model()));
    let (dir, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let manifest = manifest(&with);
    let options = |journal: &std::path::Path| {
        let name = journal.file_name().unwrap().to_str().unwrap();
        Options::new(format!("zero.test/opinions/{name}"), second.path().join(name), "test", scratch_key())
    };
    let parity = Parity {
        data: &data,
        driver: &|_, d| spec(d, Some(model())).driver(),
        manifest: &manifest,
        options: &options,
        dir: dir.path(),
        carry: &|s| s,
    };
    let report = parity.compare().unwrap();
    let differ: Vec<_> = report.differing().map(|p| p.path.name()).collect();
    assert!(report.is_equal(), "differ: {differ:?}");
    let first = report.paths[0];
    assert!(first.at_end.candidates > 30 && first.at_end.fills > 5, "{first:?}");
}

#[test]
fn a_restart_in_the_middle_changes_nothing_and_every_slice_decides_again_as_recorded() {
    let data = market();
    let with = spec(&data, Some(model()));
    let (dir, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = dir.path().join("journal");
    let open = || {
        let options = Options::new("zero.test/opinions/run", second.path(), "test", scratch_key());
        Runner::open(RealDisk, &journal, options, with.driver().unwrap(), manifest(&with), 500).unwrap().0
    };
    let events: Vec<_> = data.events(&EventRange::all()).map(Result::unwrap).collect();
    let mut runner = open();
    for (i, event) in events.iter().enumerate() {
        if i == events.len() / 2 {
            runner.commit().unwrap();
            drop(runner);
            runner = open();
        }
        runner.feed(event).unwrap();
        if runner.is_full() {
            runner.commit().unwrap();
        }
    }
    runner.commit().unwrap();
    let digest = runner.driver().engine().kernel().state().digest;
    drop(runner);

    let mut straight = with.driver().unwrap();
    let mut facts = Vec::new();
    for event in &events {
        straight.feed(event, &mut zero_kernel::DigestSink, &mut facts).unwrap();
        facts.clear();
    }
    assert_eq!(digest, straight.engine().kernel().state().digest);

    let view = RunView::load(&RealDisk, &journal).unwrap();
    assert_eq!(view.manifest.opinion_model.as_deref(), Some(&model()));
    let recorded = last_candidates(&RealDisk, &journal, 100_000, |_| true).unwrap();
    // An exit that needs permission is no bet of its own.
    for s in &recorded {
        assert_eq!(s.trace.forecast.is_some(), s.trace.kind == DecisionKind::Entry);
    }
    let mut times: Vec<Ts> = recorded.iter().map(|s| s.trace.time).collect();
    times.dedup();
    for time in times.iter().step_by(times.len() / 8) {
        let mut replica = Replica::before_slice(&RealDisk, &journal, Some(*time), Digest32::ZERO).unwrap();
        let again: Vec<_> =
            replica.kernel.decide_again(*time).unwrap().into_iter().map(|(_, t)| t.to_bytes()).collect();
        let then: Vec<_> =
            recorded.iter().filter(|s| s.trace.time == *time).map(|s| s.trace.to_bytes()).collect();
        assert_eq!(again, then, "at {time}");
    }
}

#[test]
fn an_epoch_names_the_model_and_a_run_without_one_has_no_gate_for_it() {
    let data = market();
    let without = spec(&data, None);
    let with = spec(&data, Some(model()));
    let mut other = model();
    other.win.mean += 0.1;
    let other = spec(&data, Some(other));
    let digests = [without.config_digest(), with.config_digest(), other.config_digest()];
    assert!(digests[0] != digests[1] && digests[1] != digests[2]);
    let has = |s: &RunSpec| manifest(s).gates.iter().any(|g| g == "expected_value");
    assert!(has(&with) && !has(&without));
    let bytes = manifest(&with).to_bytes();
    assert_eq!(Manifest::from_bytes(&bytes).unwrap(), manifest(&with));
}

/// The base rate of everything: in force it is told and changes nothing.
#[test]
fn a_model_without_an_edge_changes_no_decision() {
    let data = market();
    let mut flat = model();
    flat.evidence.gain_p = 0.6;
    flat.lenses.iter_mut().for_each(|l| l.weight = 0.0);
    let run = |model: Option<OpinionModel>| {
        let mut driver = spec(&data, model).driver().unwrap();
        let (mut facts, mut traces) = (Vec::new(), Traces(Vec::new()));
        for event in data.events(&EventRange::all()).map(Result::unwrap) {
            driver.feed(&event, &mut traces, &mut facts).unwrap();
            facts.clear();
        }
        (driver.engine().kernel().state().digest, traces.0)
    };
    let ((without, plain), (with, told)) = (run(None), run(Some(flat.clone())));
    assert_eq!((without, plain.len()), (with, told.len()));
    assert!(plain.len() > 30);
    for (a, b) in plain.iter().zip(told) {
        let f = b.forecast.clone();
        // By bytes: what is unknown is no number, and that equals nothing.
        assert_eq!(a.to_bytes(), zero_kernel::CandidateTrace { forecast: None, ..b }.to_bytes());
        assert_eq!(f.as_ref().map(|f| f.expected), (a.kind == DecisionKind::Entry).then_some(None));
    }
    assert_ne!(run(Some(model())).0, with, "one with an edge does");
    let [plain, flat] = [None, Some(flat)].map(|m| manifest(&spec(&data, m)));
    assert_eq!(plain.gates, flat.gates);
    assert_ne!(plain.epoch, flat.epoch);
}

struct Traces(Vec<zero_kernel::CandidateTrace>);

impl zero_kernel::TraceSink for Traces {
    fn candidate(&mut self, trace: &zero_kernel::CandidateTrace) {
        self.0.push(trace.clone());
    }
}

#[test]
fn a_model_that_does_not_fit_the_run_stops_its_start() {
    let data = market();
    let mut newer = model();
    newer.lenses[2].version += 1;
    let error = spec(&data, Some(newer)).driver().unwrap_err().to_string();
    assert!(error.contains("version"), "{error}");
    let mut bare = spec(&data, Some(model()));
    bare.full_stack = false;
    assert!(bare.driver().is_err(), "a run without lenses has no opinions to weigh");
}
