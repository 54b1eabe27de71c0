//! Rows into series: exact numbers, one time unit, one list of rows per (coin, kind), and the findings on the way.

use super::cells::{Cell, Cells, Slot};
use super::stamp::{Stamps, TimeUnit};
use crate::error::{Finding, Findings};
use crate::row::{BarRow, FundingRow, Kind};
use crate::rule::Rule;
use std::collections::BTreeMap;
use zero_core::{Ts, TsDiff};

/// A series as read, each row with its number in the file. Times of funding are the raw stamps.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawSeries {
    pub(crate) rows: Vec<u64>,
    pub(crate) bars: Vec<BarRow>,
    pub(crate) prints: Vec<FundingRow>,
    /// Interval that the rows themselves state.
    pub(crate) interval: Option<String>,
    /// The file's name of the time field.
    pub(crate) time_field: String,
}

/// What a file held.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) series: BTreeMap<(Option<String>, Kind), RawSeries>,
    pub(crate) findings: Findings,
    pub(crate) fetched: Option<Ts>,
    pub(crate) interval: Option<String>,
    /// Unit of the stamps, where it was found and not declared by the format.
    pub(crate) found_unit: Option<TimeUnit>,
    /// True where the format's last candle may be still forming although no fetch time is known.
    pub(crate) last_may_form: bool,
}

/// Takes rows of any format.
#[derive(Debug)]
pub(crate) struct Builder {
    stamps: Stamps,
    series: BTreeMap<(Option<String>, Kind), RawSeries>,
    pub(crate) findings: Findings,
}

impl Builder {
    pub(crate) fn new(unit: Option<TimeUnit>) -> Self {
        Self { stamps: Stamps::new(unit), series: BTreeMap::new(), findings: Findings::default() }
    }

    pub(crate) fn row(&mut self, row: u64, cells: &Cells<'_>) {
        if let Err(f) = self.try_row(row, cells) {
            self.findings.add(f);
        }
    }

    fn try_row(&mut self, row: u64, cells: &Cells<'_>) -> Result<(), Finding> {
        let is_funding = cells.get(Slot::Rate).is_some() || cells.get(Slot::Premium).is_some();
        let is_bar = [Slot::Open, Slot::High, Slot::Low, Slot::Close].iter().any(|s| cells.get(*s).is_some());
        if !is_funding && !is_bar {
            let detail = "the row has neither prices (open, high, low, close) nor a funding rate";
            return Err(Finding::at(Rule::MissingField, row, "", detail));
        }
        let time_cell = cells.require(row, Slot::Time)?;
        let time = self.stamps.read(row, time_cell)?;
        let kind = if is_bar { Kind::Bars } else { Kind::Funding };
        let bar = if is_bar { Some(read_bar(row, time, cells)?) } else { None };
        let print = if is_bar { None } else { Some(read_print(row, time, cells)?) };
        if let Some(end) = cells.get(Slot::CloseTime).filter(|_| is_bar) {
            self.check_end(row, time, cells, end)?;
        }
        let symbol = cells.get(Slot::Symbol).map(|c| c.text.to_owned());
        let series = self.series.entry((symbol, kind)).or_default();
        if series.rows.is_empty() {
            series.interval = cells.get(Slot::Interval).map(|c| c.text.to_owned());
            series.time_field = time_cell.name.to_owned();
        }
        series.rows.push(row);
        series.bars.extend(bar);
        series.prints.extend(print);
        Ok(())
    }

    /// The venue's `T` is the last millisecond of the bar.
    fn check_end(&mut self, row: u64, time: Ts, cells: &Cells<'_>, end: Cell<'_>) -> Result<(), Finding> {
        let ends = self.stamps.read(row, end)?;
        let stated = cells.get(Slot::Interval).and_then(|c| parse_interval(c.text));
        match stated {
            Some(i) if time.plus(i) != ends && time.plus(i).minus(TsDiff::ms(1)) != ends => {
                let detail =
                    format!("a bar that opens at {time} and ends at {ends} is not {} long", name_of(i));
                Err(Finding::at(Rule::IntervalMismatch, row, end.name, detail))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn finish(self) -> Parsed {
        Parsed {
            series: self.series,
            findings: self.findings,
            fetched: None,
            interval: None,
            found_unit: self.stamps.found(),
            last_may_form: false,
        }
    }
}

fn read_bar(row: u64, open_time: Ts, cells: &Cells<'_>) -> Result<BarRow, Finding> {
    let px = |slot| {
        let cell = cells.require(row, slot)?;
        let px = cell.px(row)?;
        if px.raw() <= 0 {
            return Err(Finding::at(
                Rule::NotPositive,
                row,
                cell.name,
                format!("price {px} is not positive"),
            ));
        }
        Ok((px, cell.name))
    };
    let ((open, _), (high, high_name)) = (px(Slot::Open)?, px(Slot::High)?);
    let ((low, low_name), (close, _)) = (px(Slot::Low)?, px(Slot::Close)?);
    let volume_cell = cells.require(row, Slot::Volume)?;
    let volume = volume_cell.volume(row)?;
    if high < open.max(close).max(low) {
        let detail = format!("high {high} is below the largest of open {open}, low {low}, close {close}");
        return Err(Finding::at(Rule::Inconsistent, row, high_name, detail));
    }
    if low > open.min(close) {
        let detail = format!("low {low} is above the smallest of open {open}, close {close}");
        return Err(Finding::at(Rule::Inconsistent, row, low_name, detail));
    }
    if volume.raw() < 0 {
        return Err(Finding::at(Rule::NegativeVolume, row, volume_cell.name, format!("volume {volume}")));
    }
    Ok(BarRow { open_time, open, high, low, close, volume })
}

fn read_print(row: u64, time: Ts, cells: &Cells<'_>) -> Result<FundingRow, Finding> {
    let rate = cells.require(row, Slot::Rate)?.rate(row)?;
    let premium = cells.require(row, Slot::Premium)?.rate(row)?;
    Ok(FundingRow { time, rate, premium })
}

/// The venue's intervals up to a day.
const INTERVALS: [(&str, i64); 11] = [
    ("1m", 60),
    ("3m", 180),
    ("5m", 300),
    ("15m", 900),
    ("30m", 1_800),
    ("1h", 3_600),
    ("2h", 7_200),
    ("4h", 14_400),
    ("8h", 28_800),
    ("12h", 43_200),
    ("1d", 86_400),
];

/// By the venue's name.
#[must_use]
pub fn parse_interval(name: &str) -> Option<TsDiff> {
    INTERVALS.iter().find(|(n, _)| *n == name).map(|(_, s)| TsDiff::secs(*s))
}

/// The venue's name of an interval, or its seconds.
#[must_use]
pub fn name_of(interval: TsDiff) -> String {
    let known = INTERVALS.iter().find(|(_, s)| TsDiff::secs(*s) == interval);
    known.map_or_else(|| format!("{} s", interval.as_ns() as f64 / 1e9), |(n, _)| (*n).to_owned())
}
