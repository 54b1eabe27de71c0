//! Bars of one coin, a minute apart: from a CSV, or a seeded random walk.

use std::error::Error;
use std::path::Path;
use zero_core::prng::Prng;
use zero_core::{Px, Sz, Ts, TsDiff};
use zero_data::{BarRow, CoinSeries, DataError, Dataset};
use zero_market::{Instrument, Universe};

/// Prices are multiples of this: a tenth.
const TICK: i64 = Px::ONE_RAW / 10;
const START_NS: i64 = 1_640_995_200_000_000_000;

/// The market of the engine comparison.
pub(crate) fn dataset(bars: &[BarRow]) -> Result<Dataset, DataError> {
    let universe = Universe::new(vec![Instrument::new("BTCUSDT", 3, 50)]);
    Dataset::new(universe, TsDiff::secs(60), vec![CoinSeries { bars: bars.to_vec(), funding: Vec::new() }])
}

/// From the file, else `n` bars of a walk.
pub(crate) fn load(csv: Option<&Path>, n: usize) -> Result<Vec<BarRow>, Box<dyn Error>> {
    match csv {
        Some(path) => read(path),
        None => Ok(walk(n)),
    }
}

fn read(path: &Path) -> Result<Vec<BarRow>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let bad = |row: usize| format!("{}: row {row} is not ts_ns,open,high,low,close,volume", path.display());
    let mut out = Vec::new();
    for (row, line) in text.lines().enumerate().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let [time, open, high, low, close, volume] = f[..] else { return Err(bad(row).into()) };
        let px = |t: &str| Px::parse(t).map_err(|_| bad(row));
        out.push(BarRow {
            open_time: Ts::from_ns(time.parse().map_err(|_| bad(row))?),
            open: px(open)?,
            high: px(high)?,
            low: px(low)?,
            close: px(close)?,
            volume: Sz::parse(volume).map_err(|_| bad(row))?,
        });
    }
    Ok(out)
}

/// About 0.08 % a bar around 30,000, opening where the last bar closed.
fn walk(n: usize) -> Vec<BarRow> {
    let mut prng = Prng::new(42, 0);
    let mut last = 300_000i64;
    let bar = |i: usize| {
        let open = last;
        let step = (prng.normal() * 0.000_8 * open as f64).round() as i64;
        let close = (open + step).max(10_000);
        last = close;
        let mut wick = || prng.below(90) as i64;
        let (high, low) = (open.max(close) + wick(), open.min(close) - wick());
        let px = |tenths: i64| Px::from_raw(tenths * TICK);
        BarRow {
            open_time: Ts::from_ns(START_NS).plus(TsDiff::secs(60).times(i as i64)),
            open: px(open),
            high: px(high),
            low: px(low),
            close: px(close),
            volume: Sz::whole(1 + (i % 7) as i32),
        }
    };
    (0..n).map(bar).collect()
}
