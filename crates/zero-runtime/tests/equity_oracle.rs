//! Final equity equals an independent recomputation from fills and funding, to the unit of 1e-8. The recomputation is
//! `tests/oracles/recompute_equity.py`: another language, other arithmetic, no shared code. Needs `python3`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use zero_core::{Json, Rate, Usd};
use zero_data::import::collect_inputs;
use zero_data::synth::{SynthSpec, generate};
use zero_data::{Dataset, ImportOptions, import};
use zero_paper::{FeeModel, MarginMode, PaperConfig};
use zero_runtime::backtest::Ended;
use zero_runtime::{Collected, Collector, Driver, OperatorPolicy, RunSpec, study};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

fn spec(data: &Dataset, margin: MarginMode) -> RunSpec {
    // Odd fees, so that rounding has something to do.
    let fees = FeeModel { taker: Rate::parse("0.000437").unwrap(), maker: Rate::parse("0.000151").unwrap() };
    let mut spec = RunSpec::standard(
        data.universe().clone(),
        Usd::parse("10000.00000001").unwrap(),
        PaperConfig { margin, ..PaperConfig::standard(fees) },
        &[
            ("trend", StrategyChoice::Trend(TrendParams::standard())),
            ("carry", StrategyChoice::Carry(CarryParams::standard())),
            ("hold", StrategyChoice::Hold(Rate::parse("0.05").unwrap())),
        ],
    );
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

fn backtest(data: &Dataset, margin: MarginMode) -> (RunSpec, Driver, Collected) {
    let spec = spec(data, margin);
    let mut driver = spec.driver().unwrap();
    let mut collector = Collector::new(driver.engine().kernel());
    let ended = study::run(data, &mut driver, &mut collector, |_| true).unwrap();
    assert_eq!(ended, Ended::Complete);
    (spec, driver, collector.into_data())
}

fn lines<T: Json>(items: &[T]) -> String {
    items.iter().map(|i| i.to_json() + "\n").collect()
}

/// The files that `zero backtest` writes and the recomputation reads.
fn write(dir: &Path, (spec, driver, run): (&RunSpec, &Driver, &Collected)) {
    let state = driver.engine().kernel().state();
    let mut account = String::from("{\"books\":[");
    for (i, (book, ledger)) in spec.kernel.books.iter().zip(&state.ledger.books).enumerate() {
        let comma = if i > 0 { "," } else { "" };
        let equity = state.ledger.book_equity(ledger, |c| state.mark(c)).unwrap().unwrap();
        write!(account, "{comma}{{\"book\":{i},\"initial\":{},\"equity\":{equity}}}", book.initial).unwrap();
    }
    let marks: Vec<_> = state.coins.iter().map(|c| c.mark).collect();
    let instruments: Vec<_> = spec.universe.iter().map(|(_, i)| i.clone()).collect();
    write!(account, "],\"marks\":{},\"backstops\":{}", marks.to_json(), run.backstops.to_json()).unwrap();
    writeln!(account, ",\"instruments\":{},\"fees\":{}}}", instruments.to_json(), spec.paper.fees.to_json())
        .unwrap();
    std::fs::write(dir.join("account.json"), account).unwrap();
    std::fs::write(dir.join("fills.jsonl"), lines(&run.fills)).unwrap();
    std::fs::write(dir.join("funding.jsonl"), lines(&run.funding)).unwrap();
    std::fs::write(dir.join("equity.jsonl"), lines(&run.samples)).unwrap();
}

/// What the script said, and whether it agrees. Anything else than a verdict is a failure of the test.
fn recompute(dir: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/recompute_equity.py");
    let out = Command::new("python3").arg(script).arg(dir).output().expect("python3 is needed by this test");
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    match out.status.code() {
        Some(0) => (true, said),
        Some(1) if said.contains("DIFFERENT") => (false, said),
        _ => panic!("no verdict: {said}"),
    }
}

fn synthetic(seed: u64) -> Dataset {
    let mut spec = SynthSpec::seeded(seed);
    spec.bars = Some(3_000);
    generate(&spec).unwrap()
}

#[test]
fn equity_equals_the_independent_recomputation_to_the_unit() {
    for (seed, margin) in [(1, MarginMode::Cross), (2, MarginMode::Isolated), (3, MarginMode::Cross)] {
        let run = backtest(&synthetic(seed), margin);
        assert!(
            run.2.fills.len() > 100 && run.2.funding.len() > 1_000,
            "too little happened to prove anything"
        );
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), (&run.0, &run.1, &run.2));
        let (agrees, said) = recompute(dir.path());
        assert!(agrees, "seed {seed}: {said}");
    }
}

type Plant = fn(&mut Collected);

#[test]
fn one_unit_anywhere_is_noticed() {
    let run = backtest(&synthetic(4), MarginMode::Cross);
    let planted: [(&str, Plant); 9] = [
        ("a notional", |r| r.fills[40].notional = unit_more(r.fills[40].notional)),
        ("a fee", |r| r.fills[40].fee = unit_more(r.fills[40].fee)),
        ("a price", |r| r.fills[40].px = zero_core::Px::from_raw(r.fills[40].px.raw() + 1)),
        ("a size", |r| r.fills[40].sz = zero_core::Sz::from_raw(r.fills[40].sz.raw() + 1)),
        ("a funding amount", |r| r.funding[300].amount = unit_more(r.funding[300].amount)),
        ("a lost fill", |r| _ = r.fills.remove(40)),
        ("a lost funding payment", |r| _ = r.funding.remove(300)),
        ("a repeated trade id", |r| r.fills[41].tid = r.fills[40].tid),
        ("a fill of another book", |r| r.fills[40].book.0 = (r.fills[40].book.0 + 1) % 3),
    ];
    for (what, plant) in planted {
        // The account is the true run's; only the export is altered.
        let mut exported = run.2.clone();
        plant(&mut exported);
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), (&run.0, &run.1, &exported));
        let (agrees, said) = recompute(dir.path());
        assert!(!agrees, "{what} went unnoticed: {said}");
    }
}

fn unit_more(u: Usd) -> Usd {
    Usd::from_raw(u.raw() + 1)
}

#[test]
fn on_the_recorded_panel_equity_equals_the_recomputation_and_no_rule_is_broken() {
    let Some(dir) = std::env::var_os("ZERO_SHARED_DATA") else {
        println!("left out: recomputation on the recorded panel (ZERO_SHARED_DATA is not set)");
        return;
    };
    let panel = PathBuf::from(dir).join("hyperliquid");
    assert!(panel.exists(), "{} is missing", panel.display());
    let tmp = tempfile::tempdir().unwrap();
    let files = collect_inputs(&[panel]).unwrap();
    let report = import(&files, &tmp.path().join("store"), &ImportOptions::default(), &mut |_| {}).unwrap();
    let data = Dataset::from_store(&report.store).unwrap();
    for margin in [MarginMode::Cross, MarginMode::Isolated] {
        let run = backtest(&data, margin);
        let out = tmp.path().join(margin.name());
        std::fs::create_dir(&out).unwrap();
        write(&out, (&run.0, &run.1, &run.2));
        let (agrees, said) = recompute(&out);
        assert!(agrees, "{margin:?}: {said}");
        print!("{margin:?} margin: {said}");
    }
}
