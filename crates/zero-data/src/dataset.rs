//! A market in memory.

use crate::error::DataError;
use crate::merge::{self, Lane, Merge};
use crate::range::EventRange;
use crate::row::{BarRow, FundingRow, Row};
use crate::store::file::{self, digest_rows};
use crate::store::manifest::{CoinEntry, Hole, SeriesEntry, content_digest, file_name};
use crate::store::write::{Existing, Staging};
use crate::store::{Store, interval_of};
use std::path::Path;
use zero_core::{CoinId, Digest32, Ts, TsDiff};
use zero_market::event::FundingPrint;
use zero_market::{Bar, Event, MarketKey, Universe};

/// The series of one coin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoinSeries {
    /// Bars, oldest first.
    pub bars: Vec<BarRow>,
    /// Hourly prints, oldest first.
    pub funding: Vec<FundingRow>,
}

/// A market in memory: 48 bytes a bar, 24 a print.
///
/// Invariants, held by the constructor: one series per instrument, bars consistent and on multiples of the interval,
/// prints on hours, times strictly increasing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    universe: Universe,
    interval: TsDiff,
    series: Vec<CoinSeries>,
}

impl Dataset {
    /// From series in the order of the universe.
    ///
    /// # Errors
    /// [`DataError::Dataset`] names the broken invariant.
    pub fn new(universe: Universe, interval: TsDiff, series: Vec<CoinSeries>) -> Result<Self, DataError> {
        let fail = |reason: String| Err(DataError::Dataset { reason });
        if series.len() != universe.len() || universe.len() > usize::from(u16::MAX) {
            return fail(format!("{} series for {} instruments", series.len(), universe.len()));
        }
        if interval <= TsDiff::ZERO {
            return fail("the interval is not positive".into());
        }
        for (s, (coin, ins)) in series.iter().zip(universe.iter()) {
            let name = &ins.symbol;
            if let Some(b) = s.bars.iter().find(|b| !b.bar(coin, interval).is_consistent()) {
                return fail(format!("the {name} bar at {} is inconsistent", b.open_time));
            }
            if let Some(b) = s.bars.iter().find(|b| b.open_time.floor(interval) != b.open_time) {
                return fail(format!(
                    "the {name} bar at {} is not on a multiple of the interval",
                    b.open_time
                ));
            }
            if let Some(p) = s.funding.iter().find(|p| p.time.floor(TsDiff::HOUR) != p.time) {
                return fail(format!("the {name} print at {} is not on the hour", p.time));
            }
            let bars_rise = s.bars.is_sorted_by(|a, b| a.open_time < b.open_time);
            if !bars_rise || !s.funding.is_sorted_by(|a, b| a.time < b.time) {
                return fail(format!("the times of {name} do not increase strictly"));
            }
        }
        Ok(Self { universe, interval, series })
    }

    /// Reads a whole store.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn from_store(store: &Store) -> Result<Self, DataError> {
        let mut series = Vec::with_capacity(store.manifest().coins.len());
        for c in &store.manifest().coins {
            series.push(CoinSeries {
                bars: store.reader(c.bars.as_ref(), None)?.collect::<Result<_, _>>()?,
                funding: store.reader(c.funding.as_ref(), None)?.collect::<Result<_, _>>()?,
            });
        }
        // A store of funding alone states no interval; an hour is as good as any when there is no bar.
        let interval = if store.interval() == TsDiff::ZERO { TsDiff::HOUR } else { store.interval() };
        Self::new(store.universe(), interval, series)
    }

    /// Writes it as a store. `source` is noted as where it came from, for example a synthetic market's specification.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn write_store(&self, dest: &Path, existing: Existing, source: &str) -> Result<Store, DataError> {
        let staging = Staging::begin(dest, existing)?;
        let mut coins = Vec::with_capacity(self.series.len());
        for (s, (_, ins)) in self.series.iter().zip(self.universe.iter()) {
            coins.push(CoinEntry {
                instrument: ins.clone(),
                inferred: false,
                bars: write_series(&staging, &ins.symbol, &s.bars, self.interval, source)?,
                funding: write_series(&staging, &ins.symbol, &s.funding, TsDiff::HOUR, source)?,
            });
        }
        staging.publish(self.interval, coins)
    }

    /// What was known at `as_of`: bars that had closed, prints that had been made. Later data is not there at all.
    ///
    /// # Errors
    /// [`DataError`]; never for a data set that was valid.
    pub fn truncated(&self, as_of: Ts) -> Result<Self, DataError> {
        let series = self
            .series
            .iter()
            .map(|s| CoinSeries {
                bars: s.bars.iter().filter(|b| b.open_time.plus(self.interval) <= as_of).copied().collect(),
                funding: s.funding.iter().filter(|f| f.time <= as_of).copied().collect(),
            })
            .collect();
        Self::new(self.universe.clone(), self.interval, series)
    }

    /// What had been said up to and including the event `last`, which may lie inside an instant: of a bar that had only opened
    /// there is its open and nothing more, and where a hole had been announced there is an end of it that says nothing. The
    /// events of the result begin with exactly those of the whole up to `last`.
    ///
    /// # Errors
    /// [`DataError`]; never for a data set that was valid.
    pub fn heard(&self, last: MarketKey) -> Result<Self, DataError> {
        let series = self
            .iter()
            .map(|(coin, s)| {
                let heard = |time: Ts, phase: u8| MarketKey { time, phase, coin: Some(coin) } <= last;
                let mut out = CoinSeries::default();
                let mut gap_at: Option<Ts> = None;
                for b in &s.bars {
                    let close_time = b.open_time.plus(self.interval);
                    let announced = gap_at.is_some_and(|at| at < b.open_time && heard(at, merge::GAP));
                    gap_at = Some(close_time);
                    if heard(close_time, merge::CLOSE) {
                        out.bars.push(*b);
                    } else if heard(b.open_time, merge::OPEN) || announced {
                        out.bars.push(b.opened());
                    }
                }
                gap_at = None;
                for p in &s.funding {
                    let announced = gap_at.is_some_and(|at| at < p.time && heard(at, merge::GAP));
                    gap_at = Some(p.time.plus(TsDiff::HOUR));
                    if heard(p.time, merge::FUNDING) {
                        out.funding.push(*p);
                    } else if announced {
                        out.funding.push(p.unsaid());
                    }
                }
                out
            })
            .collect();
        Self::new(self.universe.clone(), self.interval, series)
    }

    /// The instruments.
    #[must_use]
    pub const fn universe(&self) -> &Universe {
        &self.universe
    }

    /// Length of a bar.
    #[must_use]
    pub const fn interval(&self) -> TsDiff {
        self.interval
    }

    /// The series of a coin.
    #[must_use]
    pub fn series(&self, coin: CoinId) -> Option<&CoinSeries> {
        self.series.get(coin.index())
    }

    /// All series with their coins.
    pub fn iter(&self) -> impl Iterator<Item = (CoinId, &CoinSeries)> {
        self.series.iter().enumerate().map(|(i, s)| (CoinId(i as u16), s))
    }

    /// Number of bars of all coins.
    #[must_use]
    pub fn bar_count(&self) -> usize {
        self.series.iter().map(|s| s.bars.len()).sum()
    }

    /// First and last instant of its events.
    #[must_use]
    pub fn span(&self) -> Option<(Ts, Ts)> {
        let first = self.series.iter().flat_map(|s| {
            [s.bars.first().map(|b| b.open_time), s.funding.first().map(|f| f.time)].into_iter().flatten()
        });
        let last = self.series.iter().flat_map(|s| {
            [s.bars.last().map(|b| b.open_time.plus(self.interval)), s.funding.last().map(|f| f.time)]
                .into_iter()
                .flatten()
        });
        first.min().zip(last.max())
    }

    /// Digest of the market data; equal to that of a store with the same data.
    #[must_use]
    pub fn content_digest(&self) -> Digest32 {
        let coins = self.series.iter().zip(self.universe.iter()).map(|(s, (_, ins))| {
            let bars =
                (!s.bars.is_empty()).then(|| digest_rows(&s.bars, interval_of::<BarRow>(self.interval)));
            let prints = (!s.funding.is_empty()).then(|| digest_rows(&s.funding, TsDiff::HOUR));
            (ins.symbol.as_str(), bars, prints)
        });
        content_digest(self.interval, coins)
    }

    /// All events of a range, in the order (time, phase, coin). Reading memory cannot fail; the type is that of
    /// [`Store::events`], so that one driver serves both.
    pub fn events(
        &self,
        range: &EventRange,
    ) -> impl Iterator<Item = Result<Event, DataError>> + Send + use<'_> {
        let start = range.start();
        let mut lanes = Vec::with_capacity(self.series.len());
        for (coin, s) in self.iter().filter(|(c, _)| range.has_coin(*c)) {
            // As in the store: a bar that opened before the range may close inside it.
            let skip_bars =
                start.map_or(0, |t| s.bars.partition_point(|b| b.open_time < t.minus(self.interval)));
            let skip_prints =
                start.map_or(0, |t| s.funding.partition_point(|p| p.time < t.minus(TsDiff::HOUR)));
            let bars = s.bars.get(skip_bars..).unwrap_or_default().iter().map(|b| Ok(*b));
            let prints = s.funding.get(skip_prints..).unwrap_or_default().iter().map(|p| Ok(*p));
            // Slices cannot fail, so neither can a lane over them.
            if let Ok(lane) = Lane::new(coin, self.interval, bars, prints) {
                lanes.push(lane);
            }
        }
        Merge::new(lanes, range)
    }

    /// The bars of a coin that may be seen at `as_of`: those with `close_time <= as_of`, oldest first.
    pub fn bars_as_of(&self, coin: CoinId, as_of: Ts) -> impl Iterator<Item = Bar> + use<'_> {
        let bars = self.series(coin).map_or(&[][..], |s| &s.bars);
        let n = bars.partition_point(|b| b.open_time.plus(self.interval) <= as_of);
        bars.get(..n).unwrap_or_default().iter().map(move |b| b.bar(coin, self.interval))
    }

    /// The prints of a coin that may be seen at `as_of`, with their hours, oldest first.
    pub fn funding_as_of(
        &self,
        coin: CoinId,
        as_of: Ts,
    ) -> impl Iterator<Item = (Ts, FundingPrint)> + use<'_> {
        let prints = self.series(coin).map_or(&[][..], |s| &s.funding);
        let n = prints.partition_point(|p| p.time <= as_of);
        prints.get(..n).unwrap_or_default().iter().map(move |p| (p.time, p.print(coin)))
    }
}

fn write_series<R: Row>(
    staging: &Staging,
    symbol: &str,
    rows: &[R],
    step: TsDiff,
    source: &str,
) -> Result<Option<SeriesEntry>, DataError> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(None) };
    let name = file_name(symbol, R::KIND);
    let sha256 = file::write(&staging.path(&name), rows, step)?;
    let steps = rows.iter().zip(rows.iter().skip(1)).map(|(a, b)| (a.time().plus(step), b.time()));
    Ok(Some(SeriesEntry {
        file: name,
        sha256,
        count: rows.len() as u64,
        first: first.time(),
        last: last.time(),
        source: source.to_owned(),
        source_sha256: Digest32::of(source.as_bytes()),
        format: "memory".into(),
        dropped_forming: None,
        jitter: TsDiff::ZERO,
        gaps: steps.filter(|(due, t)| t > due).map(|(from, to)| Hole { from, to }).collect(),
    }))
}
