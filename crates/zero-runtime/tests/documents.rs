//! Strategy documents in the whole loop: the two that are also written in Rust decide alike, and none looks ahead.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;
use zero_core::{Digest32, OrderId, Ts, TsDiff, Usd};
use zero_data::import::{ImportOptions, import};
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, EventRange};
use zero_kernel::Stack;
use zero_lang::{BUNDLED, bundled, read};
use zero_market::event::Bar;
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::lookahead::{LookAhead, Suspect, examine, stored};
use zero_runtime::{Collected, Collector, Driver, EngineError, OperatorPolicy, RunSpec, study};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, Holding, Proposal, Strategy, StrategySpec};

fn document(name: &str) -> StrategyChoice {
    StrategyChoice::Document(Arc::new(read(bundled(name).unwrap().as_bytes()).unwrap().document))
}

fn market(seed: u64, days: u64) -> Dataset {
    let mut spec = SynthSpec::seeded(seed);
    spec.bars = Some(days * 24);
    generate(&spec).unwrap()
}

fn panel() -> Option<Dataset> {
    let Some(root) = std::env::var_os("ZERO_SHARED_DATA") else {
        println!("left out: documents on the recorded panel (ZERO_SHARED_DATA is not set)");
        return None;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(PathBuf::from(root).join("hyperliquid"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let scratch = tempfile::tempdir().unwrap();
    let report =
        import(&files, &scratch.path().join("store"), &ImportOptions::default(), &mut |_| ()).unwrap();
    Some(Dataset::from_store(&report.store).unwrap())
}

fn spec(data: &Dataset, books: &[(&str, StrategyChoice)]) -> RunSpec {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, books);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

/// Everything that a run did, without what is derived from the strategies' digests: the ids of orders.
fn run(data: &Dataset, books: &[(&str, StrategyChoice)]) -> Collected {
    let mut driver = spec(data, books).driver().unwrap();
    let mut collector = Collector::new(driver.engine().kernel());
    study::run(data, &mut driver, &mut collector, |_| true).unwrap();
    let mut out = collector.into_data();
    out.digest = Digest32::ZERO;
    for fill in &mut out.fills {
        fill.order = OrderId([0; 16]);
    }
    out
}

fn same(data: &Dataset) {
    let rust = run(
        data,
        &[
            ("trend", StrategyChoice::Trend(TrendParams::standard())),
            ("carry", StrategyChoice::Carry(CarryParams::standard())),
        ],
    );
    let documents = run(data, &[("trend", document("trend")), ("carry", document("carry"))]);
    assert!(rust.candidates > 50 && rust.fills.len() > 20, "{} candidates", rust.candidates);
    assert_eq!(rust, documents, "fills, funding, trades, gates and equity at every slice");
    // The comparison can fail: a document that differs by one bar of lookback.
    let text = bundled("trend").unwrap().replace("trend_t(168)", "trend_t(167)");
    let other = StrategyChoice::Document(Arc::new(read(text.as_bytes()).unwrap().document));
    assert_ne!(rust, run(data, &[("trend", other), ("carry", document("carry"))]));
}

#[test]
fn trend_and_carry_as_documents_trade_exactly_as_in_rust_on_the_synthetic_market() {
    for seed in [1, 7] {
        same(&market(seed, 150));
    }
}

#[test]
fn trend_and_carry_as_documents_trade_exactly_as_in_rust_on_the_recorded_panel() {
    let Some(data) = panel() else { return };
    same(&data);
}

#[test]
fn every_bundled_document_trades_within_the_loop() {
    let data = market(3, 150);
    for (name, _) in BUNDLED {
        let out = run(&data, &[(name, document(name))]);
        println!("{name}: {} candidates, {} fills", out.candidates, out.fills.len());
        assert!(out.candidates > 0, "{name} never enters in 150 days of ten coins");
    }
}

fn examined(data: &Dataset, driver: &dyn Fn(&Dataset) -> Result<Driver, EngineError>) -> LookAhead {
    examine(data, &Suspect { driver, events: &stored }, 8, &mut |_, _| {}).unwrap()
}

#[test]
fn no_bundled_document_changes_its_decisions_when_the_future_is_cut_off() {
    let data = market(5, 60);
    for (name, _) in BUNDLED {
        let make = |d: &Dataset| spec(d, &[(name, document(name))]).driver();
        let found = examined(&data, &make);
        assert!(found.is_clean(), "{name}: {found:?}");
    }
}

/// A document whose entries are bent by the close of tomorrow: what the language cannot say.
#[derive(Debug)]
struct Peeking {
    inner: Box<dyn Strategy>,
    bars: Vec<Vec<Bar>>,
}

impl Strategy for Peeking {
    fn spec(&self) -> StrategySpec {
        self.inner.spec()
    }
    fn propose(&self, view: &CoinView<'_>, holding: Option<&Holding>) -> Proposal {
        let out = self.inner.propose(view, holding);
        let tomorrow = view.now.plus(TsDiff::DAY);
        let bars = self.bars.get(view.coin.index());
        let ahead = bars.and_then(|b| b.iter().find(|b| b.close_time() >= tomorrow));
        match (out, ahead) {
            (Proposal::Enter(e), Some(bar))
                if (bar.close > view.close.value().unwrap()) != (e.side.sign() > 0) =>
            {
                Proposal::Nothing
            }
            _ => out,
        }
    }
    fn favourable(&self, sigma: f64, now: Ts, bank: &mut FeatureBank) -> bool {
        self.inner.favourable(sigma, now, bank)
    }
}

#[test]
fn a_planted_look_ahead_is_caught() {
    let data = market(5, 60);
    let make = |d: &Dataset| -> Result<Driver, EngineError> {
        let base = spec(d, &[("trend", document("trend"))]);
        let (_, end) = d.span().unwrap();
        let bars = d.iter().map(|(coin, _)| d.bars_as_of(coin, end.plus(TsDiff::DAY)).collect()).collect();
        let stack = Stack::standard(|plan: &mut FeaturePlan| {
            vec![Box::new(Peeking { inner: document("trend").build(plan), bars }) as Box<dyn Strategy>]
        });
        Ok(Driver::new(base.engine_with(stack)?, base.policy))
    };
    assert!(!examined(&data, &make).is_clean());
    assert!(data.events(&EventRange::all()).count() > 1_000);
}
