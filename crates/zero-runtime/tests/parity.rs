//! The same market through every path gives the same decisions, and each planted fault makes it say so.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use std::sync::Arc;
use zero_core::{Digest32, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_journal::{NoteSigner, Options};
use zero_kernel::Stack;
use zero_market::{EventBody, Side};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::parity::{Parity, ParityReport, Path};
use zero_runtime::record::Manifest;
use zero_runtime::snapshot::RunSnapshot;
use zero_runtime::{Driver, EngineError, OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, Trend, TrendParams};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, Holding, Proposal, Strategy, StrategySpec};

/// Secret key of RFC 8032, section 7.1, test 1.
const TEST_KEY: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

fn signer() -> Box<dyn NoteSigner + Send> {
    Box::new(ed25519_dalek::SigningKey::from_bytes(&Digest32::parse_hex(TEST_KEY).unwrap().0))
}

fn market() -> Dataset {
    let mut spec = SynthSpec::seeded(7).only(&["BTC", "ETH", "SUI"]);
    spec.bars = Some(1_500);
    generate(&spec).unwrap()
}

fn spec(data: &Dataset) -> RunSpec {
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
    spec
}

type Factory<'a> = &'a dyn Fn(Path, &Dataset) -> Result<Driver, EngineError>;

fn compare(data: &Dataset, driver: Factory<'_>, carry: &dyn Fn(RunSnapshot) -> RunSnapshot) -> ParityReport {
    let dir = tempfile::tempdir().unwrap();
    let second = tempfile::tempdir().unwrap();
    let manifest = Manifest::of(&spec(data), Digest32::ZERO, Digest32::ZERO, "test", Ts::ZERO).unwrap();
    let options = |journal: &std::path::Path| {
        let name = journal.file_name().unwrap().to_str().unwrap();
        Options::new(format!("zero.test/parity/{name}"), second.path().join(name), "test", signer())
    };
    let parity = Parity { data, driver, manifest: &manifest, options: &options, dir: dir.path(), carry };
    parity.compare().unwrap()
}

fn names(report: &ParityReport) -> Vec<&'static str> {
    report.differing().map(|p| p.path.name()).collect()
}

#[test]
fn every_path_gives_the_same_decisions_and_the_same_state() {
    let data = market();
    let report = compare(&data, &|_, d| spec(d).driver(), &|s| s);
    assert!(report.is_equal(), "differ: {:?}", names(&report));
    let first = report.paths[0];
    // A market on which nothing was decided would be equal too, and prove nothing.
    assert!(first.at_end.candidates > 30 && first.at_end.fills > 30, "{first:?}");
    assert!(report.truncations >= 20, "{}", report.truncations);
    assert!(first.at_cut.fills > 0 && first.at_cut.digest != first.at_end.digest);
}

/// A trend follower with something added that must not be there.
#[derive(Debug)]
struct Planted {
    inner: Trend,
    fault: Fault,
}

#[derive(Clone, Debug)]
enum Fault {
    /// Suppresses proposals by the nanoseconds of the wall clock.
    WallClock,
    /// Sees the next close of the market that it was given.
    LookAhead(Arc<Dataset>),
    /// Its identity holds the name of the path.
    RunId(&'static str),
}

impl Strategy for Planted {
    fn spec(&self) -> StrategySpec {
        let mut spec = self.inner.spec();
        if let Fault::RunId(run) = &self.fault {
            spec.params.push_str(run);
        }
        spec
    }

    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        match &self.fault {
            Fault::RunId(_) => self.inner.propose(view, holding),
            Fault::WallClock => {
                #[allow(clippy::disallowed_methods, reason = "the planted fault")]
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
                if now.subsec_nanos() % 7 < 3 { Proposal::Nothing } else { self.inner.propose(view, holding) }
            }
            Fault::LookAhead(data) => {
                let bars = &data.series(view.coin).unwrap().bars;
                let next = bars.iter().find(|b| b.open_time == view.now);
                match (next, self.inner.propose(view, holding)) {
                    // Enters only when the coming bar moves its way: not known when there is none.
                    (Some(next), Proposal::Enter(e)) if (next.close > next.open) == (e.side == Side::Buy) => {
                        Proposal::Enter(e)
                    }
                    (_, Proposal::Enter(_)) => Proposal::Nothing,
                    (_, proposal) => proposal,
                }
            }
        }
    }

    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        self.inner.favourable(sigma, now, bank)
    }
}

fn planted(data: &Dataset, fault: &Fault) -> Result<Driver, EngineError> {
    let base = spec(data);
    let make = |plan: &mut FeaturePlan| -> Vec<Box<dyn Strategy>> {
        let inner = Trend::new(TrendParams::standard(), plan);
        let carry = StrategyChoice::Carry(CarryParams::standard()).build(plan);
        vec![Box::new(Planted { inner, fault: fault.clone() }), carry]
    };
    Ok(Driver::new(base.engine_with(Stack::standard(make))?, base.policy))
}

#[test]
fn a_wall_clock_read_is_caught() {
    let data = market();
    let report = compare(&data, &|_, d| planted(d, &Fault::WallClock), &|s| s);
    assert!(!report.is_equal());
    assert!(names(&report).contains(&"backtest_again"), "{:?}", names(&report));
}

#[test]
fn a_look_ahead_is_caught_where_the_future_is_missing() {
    let data = market();
    let look = |_: Path, d: &Dataset| planted(d, &Fault::LookAhead(Arc::new(d.clone())));
    let report = compare(&data, &look, &|s| s);
    // Every path that sees the same future agrees; only the one without it can tell.
    assert_eq!(names(&report), ["truncated"]);
}

#[test]
fn an_id_that_holds_the_run_is_caught() {
    let data = market();
    let report = compare(&data, &|p, d| planted(d, &Fault::RunId(p.name())), &|s| s);
    assert_eq!(names(&report).len(), Path::ALL.len() - 1, "{:?}", names(&report));
}

#[test]
fn an_f64_that_went_through_decimal_text_is_caught() {
    let data = market();
    let lossy = |mut snap: RunSnapshot| {
        for slot in snap.kernel.banks.iter_mut().flat_map(|b| &mut b.slots) {
            // What a JSON library without exact round trips does to one number in ten, here to most.
            slot.memory.value = format!("{:.9}", slot.memory.value).parse().unwrap();
        }
        snap
    };
    let report = compare(&data, &|_, d| spec(d).driver(), &lossy);
    assert_eq!(names(&report), ["restarted_from_snapshot"]);
}

#[test]
fn the_market_reaches_the_kernel_in_order_and_once() {
    let data = market();
    let mut last = None;
    for event in data.events(&EventRange::all()) {
        let event = event.unwrap();
        assert!(last.is_none_or(|l| l < event.key()), "{:?} then {:?}", last, event.key());
        assert!(!matches!(event.body, EventBody::Venue(_)));
        last = Some(event.key());
    }
}

/// Names that the wire contract has, and whether a report can change them.
#[test]
fn every_check_of_parity_is_driven_to_both_of_its_values_or_says_why_it_was_not_made() {
    let data = market();
    let spec = spec(&data);
    let whole = compare(&data, &|_, _| spec.driver(), &|s| s);
    let checks = |r: &ParityReport| zero_runtime::project::parity_checks(r);
    let at = |r: &mut ParityReport, p: Path| r.paths.iter().position(|x| x.path == p).unwrap();
    type Breaks<'a> = &'a dyn Fn(&mut ParityReport);
    let drivers: [(&str, Breaks<'_>); 6] = [
        ("decision_digests_equal", &|r| {
            let i = at(r, Path::Run);
            r.paths[i].at_end.digest = Digest32::ZERO;
        }),
        ("decision_digests_equal_at_the_cut", &|r| {
            let i = at(r, Path::RestartedFromFacts);
            r.paths[i].at_cut.digest = Digest32::ZERO;
        }),
        ("runtime_snapshot_consistent", &|r| {
            let i = at(r, Path::RestartedFromSnapshot);
            r.paths[i].at_end.state = Digest32::ZERO;
        }),
        ("no_look_ahead", &|r| r.look_ahead.push(Ts::ZERO)),
        ("something_was_decided", &|r| r.paths[0].at_end.candidates = 0),
        ("paper_cycle_count", &|r| {
            let i = at(r, Path::Run);
            r.paths[i].at_end.fills += 1;
        }),
    ];
    let sound = checks(&whole);
    for (name, breaks) in drivers {
        let mut broken = whole.clone();
        breaks(&mut broken);
        assert_eq!((sound[name], checks(&broken)[name]), (Some(true), Some(false)), "{name}");
    }
    let reasons = zero_runtime::project::parity_not_run();
    for (name, held) in &sound {
        let driven = drivers.iter().any(|d| d.0 == name);
        // No path can be given another venue than the paper venue: there is no other.
        let constant = name == "paper_boundary";
        assert_eq!(held.is_none(), reasons.contains_key(name), "{name}");
        assert!(driven || constant || held.is_none(), "{name} has no driver");
    }
    for name in [
        "dry_run_live_certification",
        "live_adapter_no_orders",
        "live_shadow_count",
        "live_shadow_fail_closed",
        "operator_owned_canary_required",
        "paper_boundary",
        "paper_cycle_count",
        "phase_order",
        "protected_live_code_mutation_blocked",
        "runtime_bus_integrity",
        "runtime_snapshot_consistent",
        "shared_idempotency_keys",
    ] {
        assert!(sound.contains_key(name), "the contract names {name}");
    }
}
