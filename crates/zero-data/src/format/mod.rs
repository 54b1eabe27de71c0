//! The documented formats, found by content.

pub(crate) mod build;
pub(crate) mod cells;
mod csv;
mod json;
pub(crate) mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
pub(crate) mod snapshot;
pub(crate) mod stamp;

pub use build::{name_of as interval_name, parse_interval};
pub use stamp::TimeUnit;

use crate::error::{DataError, Finding};
use crate::rule::Rule;
use build::{Builder, Parsed};
use cells::Slot;
use std::path::Path;
use zero_core::Ts;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `{coin, interval, count, fetched, candles: [{t,o,h,l,c,v}]}` or `{coin, count, fetched, entries: [{t,rate,premium}]}`,
    /// times in milliseconds.
    Compact,
    /// The venue's own arrays: candles `{t,T,s,i,o,c,h,l,v,n}` with decimal strings, funding
    /// `{coin,fundingRate,premium,time}`.
    Wire,
    /// A header and one bar (or print) per line.
    Csv,
    /// One object per line.
    Jsonl,
    /// Columns named as in CSV. Needs the feature `parquet`.
    Parquet,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Compact, Self::Wire, Self::Csv, Self::Jsonl, Self::Parquet];

    /// Name on the command line and in manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Wire => "wire",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// By name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// By content, never by the file's name.
    ///
    /// # Errors
    /// [`DataError::UnknownFormat`] says what was seen.
    pub fn detect(path: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        let unknown =
            |reason: &str| DataError::UnknownFormat { path: path.to_owned(), reason: reason.to_owned() };
        if bytes.starts_with(b"PAR1") {
            return Ok(Self::Parquet);
        }
        let head = bytes.get(..bytes.len().min(8_192)).unwrap_or_default();
        let head = String::from_utf8_lossy(head);
        let text = head.trim_start_matches('\u{feff}').trim_start();
        let line = text.lines().next().unwrap_or_default();
        match text.chars().next() {
            None => Err(DataError::refused(path, Finding::whole(Rule::Empty, "", "the file is empty"))),
            Some('[') => Ok(Self::Wire),
            Some('{') if line.contains("\"candles\"") || line.contains("\"entries\"") => Ok(Self::Compact),
            Some('{') if line.trim_end().ends_with('}') => Ok(Self::Jsonl),
            Some('{') if text.contains("\"candles\"") || text.contains("\"entries\"") => Ok(Self::Compact),
            Some('{') => Ok(Self::Jsonl),
            Some(_) if line.split(',').any(|h| csv::slot(h) == Some(Slot::Time)) => Ok(Self::Csv),
            Some(_) => Err(unknown("neither JSON, nor a CSV header with a time column, nor Parquet")),
        }
    }

    /// Reads a file. Only what makes further reading senseless is an error here; the rest are findings.
    pub(crate) fn read(
        self,
        path: &Path,
        bytes: Vec<u8>,
        unit: Option<TimeUnit>,
    ) -> Result<Parsed, DataError> {
        if self == Self::Parquet {
            return read_parquet(path, bytes, unit);
        }
        let text = String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            DataError::refused(path, Finding::whole(Rule::Syntax, "", format!("byte {at} is not UTF-8 text")))
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let parsed = match self {
            Self::Compact => read_compact(text, unit),
            Self::Wire => read_wire(text, unit),
            Self::Csv => csv::read(text, unit),
            Self::Jsonl | Self::Parquet => return jsonl::read(path, text, unit),
        };
        parsed.map_err(|f| DataError::refused(path, f))
    }
}

fn read_compact(text: &str, unit: Option<TimeUnit>) -> Result<Parsed, Finding> {
    let mut b = Builder::new(unit.or(Some(TimeUnit::Millis)));
    let mut rows = 0;
    let head = json::read_compact(text, &mut |row, cells| {
        rows = row;
        b.row(row, cells);
    })?;
    if !head.has_rows {
        return Err(Finding::whole(Rule::MissingField, "candles", "there are neither candles nor entries"));
    }
    if let Some(count) = head.count.filter(|c| *c != rows) {
        let detail = format!("the file says {count} rows and has {rows}");
        b.findings.add(Finding::whole(Rule::CountMismatch, "count", detail));
    }
    let mut parsed = b.finish();
    parsed.found_unit = None;
    parsed.interval = head.interval;
    if let Some(fetched) = &head.fetched {
        parsed.fetched = Ts::parse_iso(fetched);
        if parsed.fetched.is_none() {
            let detail = format!("{:?} is not an ISO 8601 time in UTC", cells::shown(fetched));
            parsed.findings.add(Finding::whole(Rule::NotANumber, "fetched", detail));
        }
    }
    // The head's coin is that of rows which name none.
    if let Some(coin) = head.coin {
        let named = std::mem::take(&mut parsed.series).into_iter();
        parsed.series = named.map(|((s, k), v)| ((Some(s.unwrap_or_else(|| coin.clone())), k), v)).collect();
    }
    Ok(parsed)
}

fn read_wire(text: &str, unit: Option<TimeUnit>) -> Result<Parsed, Finding> {
    let mut b = Builder::new(unit.or(Some(TimeUnit::Millis)));
    json::read_array(text, &mut |row, cells| b.row(row, cells))?;
    let mut parsed = b.finish();
    parsed.found_unit = None;
    // The venue's snapshot ends with the forming candle unless its end was asked for.
    parsed.last_may_form = true;
    Ok(parsed)
}

#[cfg(feature = "parquet")]
fn read_parquet(path: &Path, bytes: Vec<u8>, unit: Option<TimeUnit>) -> Result<Parsed, DataError> {
    parquet::read(bytes, unit).map_err(|f| DataError::refused(path, f))
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(path: &Path, _: Vec<u8>, _: Option<TimeUnit>) -> Result<Parsed, DataError> {
    let reason = "this build was made without the feature `parquet`".to_owned();
    Err(DataError::UnknownFormat { path: path.to_owned(), reason })
}
