//! A journal meets another configuration: what can go on goes on as a new epoch, what cannot is refused.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::path::Path;
use zero_core::{Digest32, Rate, Ts, Usd};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_journal::{Options, RealDisk};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::parity::scratch_key;
use zero_runtime::record::Manifest;
use zero_runtime::runner::{Recovered, RunError, Runner};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

fn market(coins: &[&str]) -> Dataset {
    let mut spec = SynthSpec::seeded(3).only(coins);
    spec.bars = Some(800);
    generate(&spec).unwrap()
}

fn spec(data: &Dataset, trend: TrendParams) -> RunSpec {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let books =
        [("trend", StrategyChoice::Trend(trend)), ("carry", StrategyChoice::Carry(CarryParams::standard()))];
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, &books);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

fn open(dir: &Path, spec: &RunSpec, snapshot_every: u64) -> Result<(Runner<RealDisk>, Recovered), RunError> {
    let options = Options::new("zero.test/epochs", dir.join("second"), "test", scratch_key());
    let manifest = Manifest::of(spec, Digest32::ZERO, spec.config_digest(), "test", Ts::ZERO).unwrap();
    Runner::open(RealDisk, &dir.join("journal"), options, spec.driver().unwrap(), manifest, snapshot_every)
}

/// Feeds up to `limit` events from where the runner stands.
fn feed(runner: &mut Runner<RealDisk>, data: &Dataset, limit: usize) {
    let mut range = EventRange::all();
    if let Some(key) = runner.driver().last_market() {
        range = range.skip_after(key);
    }
    for event in data.events(&range).take(limit) {
        runner.feed(&event.unwrap()).unwrap();
        if runner.is_full() {
            runner.commit().unwrap();
        }
    }
    runner.commit().unwrap();
}

/// F8: ids in a journal are places in its own lists of books and coins.
#[test]
fn a_journal_of_other_books_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let data = market(&["BTC", "ETH"]);
    let (mut runner, _) = open(dir.path(), &spec(&data, TrendParams::standard()), 0).unwrap();
    feed(&mut runner, &data, 500);
    drop(runner);
    let other = market(&["BTC", "SOL"]);
    match open(dir.path(), &spec(&other, TrendParams::standard()), 0) {
        Err(RunError::OtherRun { found, wanted }) => {
            assert!(found.contains("ETH") && wanted.contains("SOL"), "{found} {wanted}");
        }
        other => panic!("{other:?}"),
    }
    // Refusing changed nothing: the run that belongs here goes on.
    open(dir.path(), &spec(&data, TrendParams::standard()), 0).unwrap();
}

#[test]
fn another_limit_or_parameter_is_a_new_epoch_that_keeps_money_and_positions() {
    for snapshot_every in [0u64, 1_000] {
        let dir = tempfile::tempdir().unwrap();
        let data = market(&["BTC", "SUI"]);
        let first = spec(&data, TrendParams::standard());
        let (mut runner, recovered) = open(dir.path(), &first, snapshot_every).unwrap();
        assert!(!recovered.new_epoch);
        feed(&mut runner, &data, 3_000);
        let before = runner.driver().engine().kernel().state().clone();
        assert!(before.counters.fills > 0);
        drop(runner);

        let mut second =
            spec(&data, TrendParams { entry_z: Rate::parse("1.5").unwrap(), ..TrendParams::standard() });
        second.kernel.limits.risk_per_trade = Rate::parse("0.004").unwrap();
        let (mut runner, recovered) = open(dir.path(), &second, snapshot_every).unwrap();
        assert!(recovered.new_epoch, "a change of limits or strategies must not pass as the same epoch");
        let after = runner.driver().engine().kernel().state();
        assert_eq!(after.ledger, before.ledger);
        assert_eq!(after.digest, before.digest);
        assert_eq!(after.orders, before.orders);
        let feature_is_there = runner
            .driver()
            .engine()
            .kernel()
            .snapshot()
            .banks
            .iter()
            .all(|b| b.slots.iter().any(|s| s.value.is_some()));
        assert!(feature_is_there, "features are rebuilt from the market that the journal holds");
        feed(&mut runner, &data, usize::MAX);
        assert!(runner.driver().engine().kernel().state().counters.events > before.counters.events);
    }
}
