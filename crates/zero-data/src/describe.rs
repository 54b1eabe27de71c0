//! What a data set is like: counts, spans, holes and the statistics that tell whether it is what it claims to be.

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::row::{BarRow, FundingRow};
use crate::store::Store;
use crate::store::manifest::SeriesEntry;
use serde::Serialize;
use zero_core::{Rate, Ts, TsDiff};
use zero_market::Instrument;
use zero_market::funding::hourly_rate;

/// Largest distance between formula and print that the print's ten decimals explain: 5.1e-11.
pub const FORMULA_TOLERANCE: Rate = Rate::from_raw(51);
/// Hours of a year of 365 days.
const HOURS_PER_YEAR: f64 = 8_760.0;

/// A data set, described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// Digest of the market data, hexadecimal.
    pub content_digest: String,
    /// Length of a bar in seconds.
    pub interval_secs: i64,
    /// One entry per coin, in the order of ids.
    pub coins: Vec<CoinDescription>,
}

/// One coin, described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoinDescription {
    /// Symbol.
    pub symbol: String,
    /// Decimals of a size.
    pub sz_decimals: u8,
    /// Its bars, if any.
    pub bars: Option<BarsDescription>,
    /// Its funding prints, if any.
    pub funding: Option<FundingDescription>,
}

/// Where a series came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// SHA-256 of the stored file.
    pub sha256: String,
    /// Name of the source file.
    pub source: String,
    /// SHA-256 of the source file.
    pub source_sha256: String,
    /// Open time of the still-forming candle that was dropped.
    pub dropped_forming: Option<String>,
}

/// A series of bars, described. Statistics are `None` where there are too few bars to say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BarsDescription {
    /// Bars.
    pub count: u64,
    /// Open time of the first bar.
    pub first: String,
    /// Open time of the last bar.
    pub last: String,
    /// Holes.
    pub gaps: u64,
    /// Missing bars in them.
    pub missing: u64,
    /// Standard deviation of log returns (close to close, holes left out) per year of 8,760 hours.
    pub annual_vol: Option<f64>,
    /// Largest magnitude of a log return.
    pub max_abs_return: Option<f64>,
    /// Fourth standardised moment of log returns; 3 for a normal distribution.
    pub kurtosis: Option<f64>,
    /// Lag-one autocorrelation of the magnitudes of returns: clustering of volatility.
    pub abs_return_autocorr: Option<f64>,
    /// Share of bars whose four prices lie on the instrument's grid.
    pub on_grid: f64,
    /// Bars without volume.
    pub zero_volume: u64,
    /// Largest fall of a low below the previous close, as a negative fraction.
    pub worst_low: Option<f64>,
    /// When that was.
    pub worst_low_at: Option<String>,
    /// Files behind it; `None` for a market in memory.
    pub provenance: Option<Provenance>,
}

/// A series of funding prints, described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FundingDescription {
    /// Prints.
    pub count: u64,
    /// First hour.
    pub first: String,
    /// Last hour.
    pub last: String,
    /// Holes.
    pub gaps: u64,
    /// Largest distance of a stamp from its hour in the source, in milliseconds.
    pub jitter_ms: i64,
    /// Mean rate times 8,760.
    pub mean_annualised: f64,
    /// Smallest hourly rate.
    pub min: Rate12,
    /// Largest hourly rate.
    pub max: Rate12,
    /// Quantiles 50, 95, 99, 99.9 % and the maximum of the rate's magnitude.
    pub abs_quantiles: [f64; 5],
    /// Share of prints at the baseline of 0.0000125.
    pub baseline_share: f64,
    /// Prints within 5.1e-11 of the venue's formula on their premium.
    pub formula_agrees: u64,
    /// Files behind it; `None` for a market in memory.
    pub provenance: Option<Provenance>,
}

/// A rate as decimal text, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate12(pub Rate);

impl Serialize for Rate12 {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

/// Describes a store, one coin in memory at a time.
///
/// # Errors
/// [`DataError`].
pub fn describe(store: &Store) -> Result<Description, DataError> {
    let mut coins = Vec::new();
    for c in &store.manifest().coins {
        let bars: Vec<BarRow> = store.reader(c.bars.as_ref(), None)?.collect::<Result<_, _>>()?;
        let prints: Vec<FundingRow> = store.reader(c.funding.as_ref(), None)?.collect::<Result<_, _>>()?;
        let mut d = coin(&c.instrument, &bars, &prints, store.interval());
        if let (Some(b), Some(e)) = (&mut d.bars, &c.bars) {
            b.provenance = Some(provenance(e));
        }
        if let (Some(f), Some(e)) = (&mut d.funding, &c.funding) {
            f.provenance = Some(provenance(e));
            f.jitter_ms = e.jitter.as_ns() / 1_000_000;
        }
        coins.push(d);
    }
    Ok(Description {
        content_digest: store.content_digest().to_string(),
        interval_secs: store.interval().as_ns() / 1_000_000_000,
        coins,
    })
}

/// Describes a market in memory.
#[must_use]
pub fn describe_dataset(data: &Dataset) -> Description {
    let coins = data.iter().filter_map(|(id, s)| {
        data.universe().get(id).map(|ins| coin(ins, &s.bars, &s.funding, data.interval()))
    });
    Description {
        content_digest: data.content_digest().to_string(),
        interval_secs: data.interval().as_ns() / 1_000_000_000,
        coins: coins.collect(),
    }
}

fn provenance(e: &SeriesEntry) -> Provenance {
    Provenance {
        sha256: e.sha256.to_string(),
        source: e.source.clone(),
        source_sha256: e.source_sha256.to_string(),
        dropped_forming: e.dropped_forming.map(|t| t.to_string()),
    }
}

fn coin(ins: &Instrument, bars: &[BarRow], prints: &[FundingRow], interval: TsDiff) -> CoinDescription {
    CoinDescription {
        symbol: ins.symbol.clone(),
        sz_decimals: ins.sz_decimals,
        bars: describe_bars(ins, bars, interval),
        funding: describe_funding(prints),
    }
}

fn holes(times: impl Iterator<Item = Ts>, step: TsDiff) -> (u64, u64) {
    let (mut gaps, mut missing, mut due) = (0, 0, None::<Ts>);
    for t in times {
        if let Some(due) = due.filter(|d| t > *d) {
            gaps += 1;
            missing += (t.since(due).as_ns() / step.as_ns().max(1)).unsigned_abs();
        }
        due = Some(t.plus(step));
    }
    (gaps, missing)
}

fn describe_bars(ins: &Instrument, bars: &[BarRow], interval: TsDiff) -> Option<BarsDescription> {
    let (first, last) = (bars.first()?, bars.last()?);
    let adjacent =
        || bars.iter().zip(bars.iter().skip(1)).filter(|(a, b)| a.open_time.plus(interval) == b.open_time);
    let returns: Vec<f64> = adjacent().map(|(a, b)| libm::log(b.close.to_f64() / a.close.to_f64())).collect();
    let magnitudes: Vec<f64> = returns.iter().map(|r| r.abs()).collect();
    let falls = adjacent().map(|(a, b)| (b.low.to_f64() / a.close.to_f64() - 1.0, b.open_time));
    let worst = falls.min_by(|a, b| a.0.total_cmp(&b.0));
    let per_year = HOURS_PER_YEAR * TsDiff::HOUR.as_ns() as f64 / interval.as_ns().max(1) as f64;
    let on_grid = |b: &&BarRow| [b.open, b.high, b.low, b.close].iter().all(|p| ins.is_valid_px(*p));
    let (gaps, missing) = holes(bars.iter().map(|b| b.open_time), interval);
    let moments = Moments::of(&returns);
    Some(BarsDescription {
        count: bars.len() as u64,
        first: first.open_time.to_string(),
        last: last.open_time.to_string(),
        gaps,
        missing,
        annual_vol: moments.as_ref().map(|m| libm::sqrt(m.variance * per_year)),
        max_abs_return: magnitudes.iter().copied().reduce(f64::max),
        kurtosis: moments.as_ref().and_then(Moments::kurtosis),
        abs_return_autocorr: autocorrelation(&magnitudes),
        on_grid: bars.iter().filter(on_grid).count() as f64 / bars.len() as f64,
        zero_volume: bars.iter().filter(|b| b.volume.raw() == 0).count() as u64,
        worst_low: worst.map(|w| w.0),
        worst_low_at: worst.map(|w| w.1.to_string()),
        provenance: None,
    })
}

fn describe_funding(prints: &[FundingRow]) -> Option<FundingDescription> {
    let (first, last) = (prints.first()?, prints.last()?);
    let n = prints.len();
    let mut abs: Vec<i64> = prints.iter().map(|p| p.rate.abs().raw()).collect();
    abs.sort_unstable();
    let quantile = |q: f64| {
        let i = libm::floor(q * (n - 1) as f64) as usize;
        abs.get(i.min(n - 1)).map_or(f64::NAN, |r| Rate::from_raw(*r).to_f64())
    };
    let total: i128 = prints.iter().map(|p| i128::from(p.rate.raw())).sum();
    let baseline = hourly_rate(Rate::ZERO);
    let agrees = |p: &&FundingRow| formula_distance(p) <= FORMULA_TOLERANCE;
    Some(FundingDescription {
        count: n as u64,
        first: first.time.to_string(),
        last: last.time.to_string(),
        gaps: holes(prints.iter().map(|p| p.time), TsDiff::HOUR).0,
        jitter_ms: 0,
        mean_annualised: total as f64 / Rate::ONE_RAW as f64 / n as f64 * HOURS_PER_YEAR,
        min: Rate12(prints.iter().map(|p| p.rate).min()?),
        max: Rate12(prints.iter().map(|p| p.rate).max()?),
        abs_quantiles: [quantile(0.5), quantile(0.95), quantile(0.99), quantile(0.999), quantile(1.0)],
        baseline_share: prints.iter().filter(|p| p.rate == baseline).count() as f64 / n as f64,
        formula_agrees: prints.iter().filter(agrees).count() as u64,
        provenance: None,
    })
}

/// `|formula(premium) - print|`.
#[must_use]
pub fn formula_distance(p: &FundingRow) -> Rate {
    Rate::from_raw(hourly_rate(p.premium).raw().saturating_sub(p.rate.raw()).saturating_abs())
}

struct Moments {
    variance: f64,
    fourth: f64,
}

impl Moments {
    fn of(xs: &[f64]) -> Option<Self> {
        let n = xs.len() as f64;
        if xs.len() < 2 {
            return None;
        }
        let mean = xs.iter().sum::<f64>() / n;
        let power = |k: i32| {
            xs.iter()
                .map(|x| {
                    let d2 = (x - mean) * (x - mean);
                    if k == 2 { d2 } else { d2 * d2 }
                })
                .sum::<f64>()
                / n
        };
        Some(Self { variance: power(2), fourth: power(4) })
    }

    fn kurtosis(&self) -> Option<f64> {
        (self.variance > 0.0).then(|| self.fourth / (self.variance * self.variance))
    }
}

fn autocorrelation(xs: &[f64]) -> Option<f64> {
    let mean = xs.iter().sum::<f64>() / xs.len().max(1) as f64;
    let var: f64 = xs.iter().map(|x| (x - mean) * (x - mean)).sum();
    let cov: f64 = xs.iter().zip(xs.iter().skip(1)).map(|(a, b)| (a - mean) * (b - mean)).sum();
    (var > 0.0).then(|| cov / var)
}
