//! A row of any text format: the raw text of each known field, under the name that the file gives it.

use crate::error::Finding;
use crate::rule::Rule;
use zero_core::fixed::DecimalError;
use zero_core::{Px, Rate, Sz};

/// What a field means, whatever a format calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Time,
    CloseTime,
    Open,
    High,
    Low,
    Close,
    Volume,
    Symbol,
    Interval,
    Rate,
    Premium,
    Snapshot,
    Equity,
}

const SLOTS: usize = Slot::Equity as usize + 1;

impl Slot {
    /// By the field's name in any of the documented formats.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "t" | "timestamp" | "time" | "open_time" | "ts" | "ts_ns" | "ts_us" | "ts_ms" | "ts_s" => {
                Self::Time
            }
            "T" | "close_time" => Self::CloseTime,
            "o" | "open" => Self::Open,
            "h" | "high" => Self::High,
            "l" | "low" => Self::Low,
            "c" | "close" => Self::Close,
            "v" | "volume" => Self::Volume,
            "s" | "coin" | "symbol" => Self::Symbol,
            "i" | "interval" => Self::Interval,
            "rate" | "fundingRate" | "funding_rate" => Self::Rate,
            "premium" => Self::Premium,
            "coins" => Self::Snapshot,
            "account_value" | "equity" | "balance" => Self::Equity,
            _ => return None,
        })
    }

    pub(crate) const fn usual_name(self) -> &'static str {
        match self {
            Self::Time => "timestamp",
            Self::CloseTime => "close_time",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::Symbol => "coin",
            Self::Interval => "interval",
            Self::Rate => "rate",
            Self::Premium => "premium",
            Self::Snapshot => "coins",
            Self::Equity => "account_value",
        }
    }
}

/// A field: its name in the file and its text, without quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

/// A row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cells<'a>([Option<Cell<'a>>; SLOTS]);

impl<'a> Cells<'a> {
    pub(crate) fn get(&self, slot: Slot) -> Option<Cell<'a>> {
        self.0.get(slot as usize).copied().flatten()
    }

    /// False when the row has this field twice.
    pub(crate) fn set(&mut self, slot: Slot, name: &'a str, text: &'a str) -> bool {
        match self.0.get_mut(slot as usize) {
            Some(place @ None) => {
                *place = Some(Cell { name, text });
                true
            }
            _ => false,
        }
    }

    pub(crate) fn require(&self, row: u64, slot: Slot) -> Result<Cell<'a>, Finding> {
        self.get(slot).filter(|c| !c.text.is_empty() && c.text != "null").ok_or_else(|| {
            let name = self.get(slot).map_or(slot.usual_name(), |c| c.name);
            Finding::at(Rule::MissingField, row, name, "the field is missing or empty")
        })
    }
}

impl Cell<'_> {
    pub(crate) fn px(&self, row: u64) -> Result<Px, Finding> {
        Px::parse(self.text).map_err(|e| self.refuse(row, e))
    }

    /// Volumes are statistics: digits below 1e-8 (sums written by floating-point tools) are rounded half to even.
    pub(crate) fn volume(&self, row: u64) -> Result<Sz, Finding> {
        Sz::parse_round(self.text).map_err(|e| self.refuse(row, e))
    }

    pub(crate) fn rate(&self, row: u64) -> Result<Rate, Finding> {
        Rate::parse(self.text).map_err(|e| self.refuse(row, e))
    }

    pub(crate) fn refuse(&self, row: u64, e: DecimalError) -> Finding {
        let rule = match e {
            DecimalError::Syntax => Rule::NotANumber,
            DecimalError::TooPrecise => Rule::TooPrecise,
            DecimalError::OutOfRange => Rule::OutOfRange,
        };
        Finding::at(rule, row, self.name, format!("{:?} is {e}", shown(self.text)))
    }
}

/// Text of bounded length for a message.
pub(crate) fn shown(text: &str) -> String {
    let mut s: String = text.chars().take(40).collect();
    if s.len() < text.len() {
        s.push('…');
    }
    s
}
