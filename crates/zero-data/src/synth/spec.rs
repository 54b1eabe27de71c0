//! What a synthetic market is made of. The defaults follow two hundred days of hourly data of the venue.

use crate::error::DataError;
use zero_core::{Px, Ts, TsDiff};
use zero_market::{Instrument, Universe};

/// One coin of a synthetic market.
#[derive(Clone, Debug, PartialEq)]
pub struct CoinSpec {
    /// Symbol, grid and tiers.
    pub instrument: Instrument,
    /// First open, and the level to which the price is weakly drawn back (half-life of a year).
    pub start: Px,
    /// Volatility of log returns per year of 8,760 hours.
    pub annual_vol: f64,
    /// Share of the coin's standard deviation that the common factor carries; two coins correlate by the product.
    pub loading: f64,
    /// Median distance between a close and the next open, as a fraction.
    pub seam: f64,
    /// Median hourly volume in coins.
    pub volume: f64,
    /// Median hourly premium.
    pub premium: f64,
    /// Scale of the premium around its median.
    pub premium_scale: f64,
    /// The crash bar's low against the previous close, as a fraction (`-0.3`).
    pub crash_low: f64,
    /// The crash bar's close against the previous close, as a fraction.
    pub crash_close: f64,
    /// What the crash adds to the premium; it decays by half each hour.
    pub crash_premium: f64,
}

/// Which effect a planted edge has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// Returns follow the sign of the trend over the lookback.
    Momentum,
    /// Returns oppose it.
    Reversal,
    /// Returns oppose the premium: who receives funding is also right about the price.
    Carry,
}

/// An effect that is really in the data, so that a test can tell finding it from imagining it.
///
/// Expected return of a bar = `strength * sigma * tanh(signal)`, where `sigma` is the coin's long-run volatility per bar
/// and `signal` the trend t-statistic over the lookback, or the premium in units of its scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its effect.
    pub kind: EdgeKind,
    /// In which coins, by symbol; empty is all.
    pub coins: Vec<String>,
    /// First bar that has it.
    pub from_bar: u64,
    /// First bar that has it no more; `None` is never.
    pub to_bar: Option<u64>,
    /// Bars of the trend; ignored by [`EdgeKind::Carry`].
    pub lookback: u32,
    /// Expected return of a bar in units of its standard deviation; at 0.05 an hourly market offers a Sharpe ratio of
    /// roughly 4 a year before costs.
    pub strength: f64,
}

/// A synthetic market. The same specification gives the same bits on every machine.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthSpec {
    /// Seed of all draws.
    pub seed: u64,
    /// Open time of the first bar.
    pub start: Ts,
    /// Length of a bar: a divisor or a multiple of an hour.
    pub interval: TsDiff,
    /// Bars per coin; `None` is endless, for a stream.
    pub bars: Option<u64>,
    /// The coins, sorted by symbol.
    pub coins: Vec<CoinSpec>,
    /// Which bar is the crash; `None` is no crash.
    pub crash_bar: Option<u64>,
    /// Planted effects; none by default.
    pub edges: Vec<Edge>,
}

/// symbol, start, annual vol, loading, seam, volume, premium, scale, crash low, crash close, crash premium.
type Calibration = (&'static str, &'static str, [f64; 9]);

/// Calibrated on the venue's hourly candles of 2025-09 to 2026-03 (volatility, seam, volume, the bar of
/// 2025-10-10 21:00 UTC) and its funding prints of 2025-08 to 2026-03 (premium).
#[rustfmt::skip]
const CALIBRATION: [Calibration; 10] = [
    ("ARB",  "0.51507", [0.90, 0.890, 3.5e-4, 455_000.0,   -3.55e-4, 2.5e-4, -0.718, -0.220, -1.0e-3]),
    ("AVAX", "25.359",  [0.79, 0.925, 2.1e-4, 16_300.0,    -3.37e-4, 3.2e-4, -0.693, -0.129, -7.0e-3]),
    ("BTC",  "112186",  [0.47, 0.915, 8.6e-6, 970.0,       -3.42e-4, 2.2e-4, -0.116, -0.006,  2.0e-3]),
    ("DOGE", "0.22128", [0.78, 0.930, 1.7e-4, 3_340_000.0, -4.20e-4, 2.6e-4, -0.610, -0.150, -9.0e-3]),
    ("ETH",  "4473.6",  [0.67, 0.935, 2.6e-5, 15_900.0,    -3.70e-4, 2.2e-4, -0.159,  0.018, -3.0e-3]),
    ("INJ",  "13.392",  [0.95, 0.800, 5.3e-4, 4_350.0,     -3.47e-4, 2.6e-4, -0.740, -0.252, -2.2e-2]),
    ("LINK", "23.847",  [0.77, 0.935, 2.4e-4, 18_800.0,    -2.83e-4, 1.9e-4, -0.609, -0.111,  1.3e-2]),
    ("NEAR", "2.4896",  [0.95, 0.860, 4.2e-4, 59_600.0,    -2.00e-4, 3.4e-4, -0.460, -0.150, -8.0e-3]),
    ("SOL",  "210.31",  [0.75, 0.925, 5.4e-5, 106_000.0,   -4.43e-4, 2.2e-4, -0.300, -0.037, -1.6e-2]),
    ("SUI",  "3.3982",  [0.89, 0.900, 2.2e-4, 301_000.0,   -3.89e-4, 2.0e-4, -0.810, -0.180, -1.0e-3]),
];

impl Default for SynthSpec {
    /// Two hundred days of hourly bars of the ten reference coins, with the crash in bar 889 and no edge.
    fn default() -> Self {
        let universe = Universe::reference();
        let coins = CALIBRATION
            .iter()
            .filter_map(|(symbol, start, v)| {
                let [annual_vol, loading, seam, volume, premium, premium_scale, low, close, crash_premium] =
                    *v;
                let instrument = universe.get(universe.find(symbol)?)?.clone();
                let start = Px::parse(start).ok()?;
                let (crash_low, crash_close) = (low, close);
                Some(CoinSpec {
                    instrument,
                    start,
                    annual_vol,
                    loading,
                    seam,
                    volume,
                    premium,
                    premium_scale,
                    crash_low,
                    crash_close,
                    crash_premium,
                })
            })
            .collect();
        Self {
            seed: 1,
            // 2025-01-01T00:00:00Z
            start: Ts::from_ns(1_735_689_600_000_000_000),
            interval: TsDiff::HOUR,
            bars: Some(4_800),
            coins,
            crash_bar: Some(889),
            edges: Vec::new(),
        }
    }
}

impl SynthSpec {
    /// The default market with another seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Keeps only these coins. Each keeps its path: a coin's draws depend on the seed and its symbol alone.
    #[must_use]
    pub fn only(mut self, symbols: &[&str]) -> Self {
        self.coins.retain(|c| symbols.contains(&c.instrument.symbol.as_str()));
        self
    }

    /// The instruments by id.
    #[must_use]
    pub fn universe(&self) -> Universe {
        Universe::new(self.coins.iter().map(|c| c.instrument.clone()).collect())
    }

    /// # Errors
    /// [`DataError::Spec`] names the parameter that makes no sense.
    pub fn check(&self) -> Result<(), DataError> {
        let fail = |reason: String| Err(DataError::Spec { reason });
        if self.coins.is_empty() || self.coins.len() > 1_000 {
            return fail(format!("{} coins; between 1 and 1,000 are possible", self.coins.len()));
        }
        if !self.coins.is_sorted_by(|a, b| a.instrument.symbol < b.instrument.symbol) {
            return fail("coins are not sorted by symbol".into());
        }
        let (ns, hour) = (self.interval.as_ns(), TsDiff::HOUR.as_ns());
        if ns <= 0 || (hour % ns != 0 && ns % hour != 0) || ns > 24 * hour {
            return fail(
                "the interval is neither a divisor nor a multiple of an hour, or longer than a day".into(),
            );
        }
        if self.start.floor(self.interval) != self.start {
            return fail("the start is not a multiple of the interval".into());
        }
        if self.start.floor(TsDiff::HOUR) != self.start {
            return fail("the start is not on the hour".into());
        }
        for c in &self.coins {
            let name = &c.instrument.symbol;
            let numbers = [c.annual_vol, c.loading, c.seam, c.volume, c.premium, c.premium_scale];
            let crash = [c.crash_low, c.crash_close, c.crash_premium];
            if numbers.iter().chain(&crash).any(|v| !v.is_finite()) {
                return fail(format!("{name} has a parameter that is not a number"));
            }
            if !(0.0..=10.0).contains(&c.annual_vol) || !(0.0..=1.0).contains(&c.loading) {
                return fail(format!("{name}: volatility is within 0 and 10, loading within 0 and 1"));
            }
            if c.start.raw() <= 0 || c.volume <= 0.0 || c.seam < 0.0 || c.premium_scale < 0.0 {
                return fail(format!("{name}: start and volume are positive, seam and scale not negative"));
            }
            if c.crash_low <= -1.0 || c.crash_low > c.crash_close.min(0.0) || c.crash_close > 1.0 {
                return fail(format!("{name}: -1 < crash low <= crash close <= 1"));
            }
        }
        for e in &self.edges {
            if !e.strength.is_finite() || e.strength.abs() > 1.0 || e.lookback == 0 || e.lookback > 100_000 {
                return fail(
                    "an edge has a strength within -1 and 1 and a lookback within 1 and 100,000".into(),
                );
            }
        }
        Ok(())
    }
}
