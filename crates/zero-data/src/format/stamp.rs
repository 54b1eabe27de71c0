//! Time stamps of any unit, found by magnitude and held to one unit per file.

use super::cells::{Cell, shown};
use crate::error::Finding;
use crate::rule::Rule;
use zero_core::Ts;
use zero_core::fixed::{Excess, parse_scaled};

/// Unit of a file's integer time stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
    /// ISO 8601 text in UTC.
    Iso,
}

impl TimeUnit {
    /// Name in notes and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Millis => "milliseconds",
            Self::Micros => "microseconds",
            Self::Nanos => "nanoseconds",
            Self::Iso => "iso",
        }
    }

    /// By name (`s`, `ms`, `us`, `ns`, `iso` and the long forms).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "s" | "seconds" => Self::Seconds,
            "ms" | "milliseconds" => Self::Millis,
            "us" | "microseconds" => Self::Micros,
            "ns" | "nanoseconds" => Self::Nanos,
            "iso" => Self::Iso,
            _ => return None,
        })
    }

    const fn ns(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos | Self::Iso => 1,
        }
    }

    /// By magnitude: the four units do not overlap between 1973 and 5138. `None` below that.
    const fn of_magnitude(v: i64) -> Option<Self> {
        match v {
            100_000_000..100_000_000_000 => Some(Self::Seconds),
            100_000_000_000..100_000_000_000_000 => Some(Self::Millis),
            100_000_000_000_000..100_000_000_000_000_000 => Some(Self::Micros),
            100_000_000_000_000_000.. => Some(Self::Nanos),
            _ => None,
        }
    }
}

/// Reads stamps; the first decides the unit where none is declared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamps {
    unit: Option<TimeUnit>,
    is_declared: bool,
}

impl Stamps {
    pub(crate) const fn new(declared: Option<TimeUnit>) -> Self {
        Self { unit: declared, is_declared: declared.is_some() }
    }

    /// The unit, once a row was read, if it was found and not declared.
    pub(crate) fn found(&self) -> Option<TimeUnit> {
        self.unit.filter(|_| !self.is_declared)
    }

    pub(crate) fn read(&mut self, row: u64, cell: Cell<'_>) -> Result<Ts, Finding> {
        let number = parse_scaled(cell.text, 0, Excess::Refuse).ok();
        let Some(v) = number else {
            let Some(ts) = Ts::parse_iso(cell.text) else {
                let text = shown(cell.text);
                let detail = format!("{text:?} is neither an integer nor an ISO 8601 time in UTC");
                return Err(Finding::at(Rule::NotANumber, row, cell.name, detail));
            };
            return self.agree(row, cell, TimeUnit::Iso).map(|()| ts);
        };
        let Some(seen) = TimeUnit::of_magnitude(v) else {
            let detail = format!("{v} is no time in any unit");
            return Err(Finding::at(Rule::OutOfRange, row, cell.name, detail));
        };
        let named = match cell.name {
            "ts_ns" => Some(TimeUnit::Nanos),
            "ts_us" => Some(TimeUnit::Micros),
            "ts_ms" => Some(TimeUnit::Millis),
            "ts_s" => Some(TimeUnit::Seconds),
            _ => None,
        };
        if let Some(named) = named {
            self.unit.get_or_insert(named);
        }
        self.agree(row, cell, seen)?;
        let range = || Finding::at(Rule::OutOfRange, row, cell.name, format!("{v} lies after the year 2262"));
        v.checked_mul(seen.ns()).map(Ts::from_ns).ok_or_else(range)
    }

    fn agree(&mut self, row: u64, cell: Cell<'_>, seen: TimeUnit) -> Result<(), Finding> {
        let unit = *self.unit.get_or_insert(seen);
        if unit == seen {
            return Ok(());
        }
        let detail = format!("{} reads as {}, expected {}", shown(cell.text), seen.name(), unit.name());
        Err(Finding::at(Rule::WrongUnit, row, cell.name, detail))
    }
}
