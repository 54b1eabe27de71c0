//! The fills and the equity of the EMA crossover equal those of `tests/oracles/ema_cross.py`, on a market whose next
//! open is the close and on one whose next open is not. Needs `python3`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use zero_core::prng::Prng;
use zero_core::{Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_data::{BarRow, CoinSeries, Dataset, EventRange};
use zero_kernel::DigestSink;
use zero_market::{Instrument, Universe};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::{RunSpec, backtest};
use zero_strategy::Limits;
use zero_strategy::registry::StrategyChoice;

const BARS: u64 = 20_000;
const TENTH: i64 = Px::ONE_RAW / 10;

/// A random walk on a grid of 0.1; with gaps, each open is up to 10.0 away from the close before it.
fn walk(seed: u64, gaps: bool) -> Vec<BarRow> {
    let mut prng = Prng::new(seed, 0);
    let mut last = 300_000i64;
    let bar = |i: u64| {
        let gap = prng.below(201) as i64 - 100;
        let open = last + if gaps { gap } else { 0 };
        let close = (open + prng.below(481) as i64 - 240).max(1_000);
        last = close;
        let px = |tenths: i64| Px::from_raw(tenths * TENTH);
        BarRow {
            open_time: Ts::from_ns(1_640_995_200_000_000_000).plus(TsDiff::secs(60 * i as i64)),
            open: px(open),
            high: px(open.max(close) + prng.below(50) as i64),
            low: px(open.min(close) - prng.below(50) as i64),
            close: px(close),
            volume: Sz::whole(5),
        }
    };
    (0..BARS).map(bar).collect()
}

/// Final equity and number of orders here.
fn ours(bars: &[BarRow]) -> (Usd, u64) {
    let universe = Universe::new(vec![Instrument::new("BTCUSDT", 3, 50)]);
    let fees = FeeModel { taker: Rate::parse("0.00018").unwrap(), maker: Rate::parse("0.0002").unwrap() };
    let paper = PaperConfig::frictionless(fees);
    let choice = StrategyChoice::EmaCross(10, 20, Sz::parse("0.01").unwrap());
    let mut spec = RunSpec::standard(universe.clone(), Usd::whole(1_000_000), paper, &[("ema", choice)]);
    spec.full_stack = false;
    spec.kernel.limits = Limits::unbounded();
    let series = vec![CoinSeries { bars: bars.to_vec(), ..CoinSeries::default() }];
    let data = Dataset::new(universe, TsDiff::secs(60), series).unwrap();
    let mut driver = spec.driver().unwrap();
    let events = data.events(&EventRange::all());
    backtest::drive::<zero_runtime::study::StudyError, _>(&mut driver, events, &mut DigestSink).unwrap();
    let state = driver.engine().kernel().state();
    let mut equity = Usd::ZERO;
    for book in &state.ledger.books {
        equity = equity.plus(state.ledger.book_equity(book, |c| state.mark(c)).unwrap().unwrap()).unwrap();
    }
    (equity, state.counters.fills)
}

/// Final equity and number of orders there.
fn theirs(csv: &Path, price: &str) -> (Usd, u64) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/ema_cross.py");
    let out = Command::new("python3").arg(script).arg(csv).args(["--price", price]).output();
    let out = out.expect("python3 is needed by this test");
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
    (Usd::parse(answer["final"].as_str().unwrap()).unwrap(), answer["orders"].as_u64().unwrap())
}

fn csv(bars: &[BarRow], path: &Path) {
    let mut text = String::from("ts_ns,open,high,low,close,volume\n");
    for b in bars {
        let t = b.open_time.as_ns();
        writeln!(text, "{t},{},{},{},{},{}", b.open, b.high, b.low, b.close, b.volume).unwrap();
    }
    std::fs::write(path, text).unwrap();
}

#[test]
fn fills_at_the_next_open_give_the_equity_of_the_oracle_to_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    for (seed, gaps) in [(1, false), (2, true), (3, true)] {
        let bars = walk(seed, gaps);
        let path = dir.path().join(format!("{seed}.csv"));
        csv(&bars, &path);
        let mine = ours(&bars);
        assert!(mine.1 > 1_000, "only {} orders", mine.1);
        assert_eq!(mine, theirs(&path, "next_open"), "seed {seed}, gaps {gaps}");
    }
}

#[test]
fn on_a_gapped_market_a_fill_at_the_same_close_would_be_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bars.csv");
    let bars = walk(2, true);
    csv(&bars, &path);
    let (mine, _) = ours(&bars);
    let (wrong, _) = theirs(&path, "close");
    // A millionth of the equity is the tolerance between engines; the wrong convention is far outside it.
    assert!((mine.raw() - wrong.raw()).abs() > Usd::whole(1).raw(), "{mine} and {wrong}");
}
