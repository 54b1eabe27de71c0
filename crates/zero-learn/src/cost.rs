//! What taking costs, by coin, hour of the day and size: a hierarchical mean in which thin cells lean on their parents.
//!
//! A cell's estimate is `(n * its mean + k * parent's estimate) / (n + k)`, where `k` is the variance within cells over the
//! variance between them, both by the method of moments on each level (the one-way layout of Searle, Casella and
//! McCulloch, "Variance Components", 1992, chapter 3). Where cells do not differ beyond chance, they all
//! become their parent.

use crate::execution::{Execution, Executions};
use std::collections::BTreeMap;
use zero_core::{CoinId, Ts, TsDiff, Usd};
use zero_market::Liquidity;

/// Lower ends of the size classes after the first, in USD of intended value.
pub const SIZE_EDGES: [i32; 3] = [1_000, 10_000, 100_000];

/// A cell: whole, coin, coin and hour, or coin, hour and size class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Coin.
    pub coin: Option<CoinId>,
    /// Hour of the day, UTC.
    pub hour: Option<u8>,
    /// Size class, see [`SIZE_EDGES`].
    pub size: Option<u8>,
}

impl Cell {
    fn parent(self) -> Self {
        match self {
            Self { size: Some(_), .. } => Self { size: None, ..self },
            Self { hour: Some(_), .. } => Self { hour: None, ..self },
            _ => Self::default(),
        }
    }
}

/// One order's cost of taking: what it paid beyond the market's own price, in basis points of that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The finest cell that it belongs to.
    pub cell: Cell,
    /// Time of the first fill: of a protective order, the decision may be days older.
    pub time: Ts,
    /// Basis points.
    pub bps: f64,
}

/// A cell's estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Samples.
    pub n: u64,
    /// Their mean.
    pub mean_bps: f64,
    /// Shrunk towards the parent.
    pub bps: f64,
}

/// The fitted hierarchy.
#[derive(Clone, Debug, PartialEq)]
pub struct CostModel {
    /// Every cell that has a sample, the whole included.
    pub cells: BTreeMap<Cell, Estimate>,
    /// Standard deviation of one order's cost within the finest cells; `None` where no cell has two.
    pub sd_bps: Option<f64>,
    /// Time of the first and last fill.
    pub span: (Ts, Ts),
}

impl CostModel {
    /// What an order is expected to pay beyond the market's price, in basis points: the finest cell that is known.
    #[must_use]
    pub fn predict(&self, mut cell: Cell) -> f64 {
        loop {
            if let Some(e) = self.cells.get(&cell) {
                return e.bps;
            }
            cell = cell.parent();
        }
    }
}

/// Size class of an intended value.
#[must_use]
pub fn size_class(value: Usd) -> u8 {
    SIZE_EDGES.iter().filter(|edge| value >= Usd::whole(**edge)).count() as u8
}

/// Hour of the day of an instant, UTC.
#[must_use]
pub fn hour_of(time: Ts) -> u8 {
    (time.since(time.floor(TsDiff::DAY)).as_ns() / TsDiff::HOUR.as_ns()) as u8
}

/// The cell of an order before it is sent.
#[must_use]
pub fn cell_of(coin: CoinId, time: Ts, value: Usd) -> Cell {
    Cell { coin: Some(coin), hour: Some(hour_of(time)), size: Some(size_class(value)) }
}

/// Every order that took.
pub fn samples(all: &Executions) -> impl Iterator<Item = Sample> {
    all.judged().filter_map(sample)
}

fn sample(e: &Execution) -> Option<Sample> {
    let value = |px: i64, sz: i64| i128::from(px) * i128::from(sz);
    let (mut paid, mut market) = (0i128, 0i128);
    for f in e.fills.iter().filter(|f| f.liquidity == Liquidity::Taker) {
        paid += i128::from(e.side.sign()) * (value(f.px.raw(), f.sz.raw()) - value(f.mid.raw(), f.sz.raw()));
        market += value(f.mid.raw(), f.sz.raw());
    }
    if market <= 0 {
        return None;
    }
    let intended = e.decision_px.notional(e.sz).ok()?;
    let time = e.fills.first()?.time;
    let cell = cell_of(e.coin, time, intended);
    Some(Sample { cell, time, bps: paid as f64 / market as f64 * 1e4 })
}

/// Fits the hierarchy; `None` without a sample.
#[must_use]
pub fn fit(samples: &[Sample]) -> Option<CostModel> {
    let span = (samples.iter().map(|s| s.time).min()?, samples.iter().map(|s| s.time).max()?);
    let mut cells = BTreeMap::new();
    let whole = moments(samples.iter().map(|s| s.bps));
    cells.insert(Cell::default(), Estimate { n: whole.n as u64, mean_bps: whole.mean, bps: whole.mean });
    let mut sd = None;
    for level in 0..3u8 {
        let cut = |c: Cell| match level {
            0 => Cell { hour: None, size: None, ..c },
            1 => Cell { size: None, ..c },
            _ => c,
        };
        let mut by_cell: BTreeMap<Cell, Vec<f64>> = BTreeMap::new();
        for s in samples {
            by_cell.entry(cut(s.cell)).or_default().push(s.bps);
        }
        let found: Vec<(Cell, Moments)> =
            by_cell.iter().map(|(c, v)| (*c, moments(v.iter().copied()))).collect();
        let spread = components(&found);
        sd = spread.within.map(f64::sqrt);
        for (cell, m) in found {
            let parent = cells.get(&cell.parent()).map_or(whole.mean, |e: &Estimate| e.bps);
            let weight = spread.weight(m.n);
            let bps = weight * m.mean + (1.0 - weight) * parent;
            cells.insert(cell, Estimate { n: m.n as u64, mean_bps: m.mean, bps });
        }
    }
    Some(CostModel { cells, sd_bps: sd, span })
}

#[derive(Clone, Copy, Debug)]
struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
}

fn moments(values: impl Iterator<Item = f64> + Clone) -> Moments {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares = values.map(|v| (v - mean) * (v - mean)).sum();
    Moments { n, mean, squares }
}

/// Variances within and between the cells of one level.
#[derive(Clone, Copy, Debug)]
struct Components {
    within: Option<f64>,
    between: f64,
}

impl Components {
    /// Weight of a cell's own mean. Without replication inside cells nothing separates them from chance.
    fn weight(&self, n: f64) -> f64 {
        match self.within {
            Some(within) if self.between > 0.0 => n / (n + within / self.between),
            _ => 0.0,
        }
    }
}

/// Pools over parents: each parent's cells are compared with their own mean.
fn components(found: &[(Cell, Moments)]) -> Components {
    let n: f64 = found.iter().map(|(_, m)| m.n).sum();
    let free = n - found.len() as f64;
    let within = (free > 0.0).then(|| found.iter().map(|(_, m)| m.squares).sum::<f64>() / free);
    let mut families: BTreeMap<Cell, Vec<Moments>> = BTreeMap::new();
    for (cell, m) in found {
        families.entry(cell.parent()).or_default().push(*m);
    }
    let (mut above, mut below) = (0.0, 0.0);
    for family in families.values() {
        let n: f64 = family.iter().map(|m| m.n).sum();
        let mean = family.iter().map(|m| m.n * m.mean).sum::<f64>() / n;
        above += family.iter().map(|m| m.n * (m.mean - mean) * (m.mean - mean)).sum::<f64>();
        above -= (family.len() as f64 - 1.0) * within.unwrap_or(0.0);
        below += n - family.iter().map(|m| m.n * m.n).sum::<f64>() / n;
    }
    Components { within, between: if below > 0.0 { (above / below).max(0.0) } else { 0.0 } }
}
