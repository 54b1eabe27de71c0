//! Reading one JSON object of the venue field by field, decimals from their own text and never through f64.

use crate::error::WireError;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use zero_core::fixed::DecimalError;
use zero_core::{Px, Rate, Sz, Ts, Usd};

/// What a decoder saw and did not know. The venue's enums are open: unknown is counted and ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Fields no decoder reads.
    pub unknown_fields: u64,
    /// Channels no decoder reads.
    pub unknown_channels: u64,
}

/// One object, its known fields to be taken by name.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    what: &'static str,
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Object<'a> {
    pub(crate) fn read(
        text: &'a str,
        what: &'static str,
        known: &[&str],
        notes: &mut Notes,
    ) -> Result<Self, WireError> {
        let fields: BTreeMap<String, &'a RawValue> = parse(text, what)?;
        let unknown = fields.keys().filter(|k| !known.contains(&k.as_str())).count();
        notes.unknown_fields = notes.unknown_fields.saturating_add(unknown as u64);
        Ok(Self { what, fields })
    }

    pub(crate) fn raw(&self, field: &'static str) -> Result<&'a str, WireError> {
        self.optional_raw(field).ok_or_else(|| malformed(self.what, format!("{field} is missing")))
    }

    /// `None` when the field is absent or null.
    pub(crate) fn optional_raw(&self, field: &'static str) -> Option<&'a str> {
        self.fields.get(field).map(|r| r.get()).filter(|t| *t != "null")
    }

    pub(crate) fn text(&self, field: &'static str) -> Result<String, WireError> {
        parse(self.raw(field)?, self.what)
    }

    pub(crate) fn integer(&self, field: &'static str) -> Result<u64, WireError> {
        let raw = self.raw(field)?;
        raw.parse().map_err(|_| malformed(self.what, format!("{field} is not a whole number: {}", cut(raw))))
    }

    pub(crate) fn small(&self, field: &'static str) -> Result<u8, WireError> {
        let v = self.integer(field)?;
        u8::try_from(v).map_err(|_| malformed(self.what, format!("{field} is too large: {v}")))
    }

    pub(crate) fn flag(&self, field: &'static str) -> Result<bool, WireError> {
        self.optional_raw(field).map_or(Ok(false), |raw| parse(raw, self.what))
    }

    pub(crate) fn time(&self, field: &'static str) -> Result<Ts, WireError> {
        let ms = self.integer(field)?;
        i64::try_from(ms)
            .ok()
            .and_then(Ts::from_ms)
            .ok_or_else(|| malformed(self.what, format!("{field} is out of range: {ms}")))
    }

    /// A positive price.
    pub(crate) fn px(&self, field: &'static str) -> Result<Px, WireError> {
        let px = decimal(self.what, field, self.raw(field)?, Px::parse)?;
        if px.raw() <= 0 {
            return Err(implausible(self.what, field, format!("{px} is not positive")));
        }
        Ok(px)
    }

    pub(crate) fn optional_px(&self, field: &'static str) -> Result<Option<Px>, WireError> {
        if self.optional_raw(field).is_none() { Ok(None) } else { self.px(field).map(Some) }
    }

    /// A size that is not negative.
    pub(crate) fn sz(&self, field: &'static str) -> Result<Sz, WireError> {
        let sz = decimal(self.what, field, self.raw(field)?, Sz::parse)?;
        if sz.raw() < 0 {
            return Err(implausible(self.what, field, format!("{sz} is negative")));
        }
        Ok(sz)
    }

    pub(crate) fn usd(&self, field: &'static str) -> Result<Usd, WireError> {
        decimal(self.what, field, self.raw(field)?, Usd::parse)
    }

    /// A rate; digits below 1e-12 are rounded half to even.
    pub(crate) fn rate(&self, field: &'static str) -> Result<Rate, WireError> {
        decimal(self.what, field, self.raw(field)?, Rate::parse_round)
    }

    pub(crate) fn optional_rate(&self, field: &'static str) -> Result<Option<Rate>, WireError> {
        if self.optional_raw(field).is_none() { Ok(None) } else { self.rate(field).map(Some) }
    }
}

/// Parses JSON text of a known shape.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str, what: &'static str) -> Result<T, WireError> {
    serde_json::from_str(text).map_err(|e| malformed(what, format!("{e} in {}", cut(text))))
}

/// The elements of an array, each as its own text; at most `max`.
pub(crate) fn elements<'a>(
    text: &'a str,
    what: &'static str,
    max: usize,
) -> Result<Vec<&'a RawValue>, WireError> {
    let items: Vec<&'a RawValue> = parse(text, what)?;
    if items.len() > max {
        return Err(malformed(what, format!("{} elements, at most {max} are allowed", items.len())));
    }
    Ok(items)
}

/// A decimal written as a JSON string (as the venue does) or as a JSON number, from its digits.
pub(crate) fn decimal<T>(
    what: &'static str,
    field: &'static str,
    raw: &str,
    parse: fn(&str) -> Result<T, DecimalError>,
) -> Result<T, WireError> {
    let digits = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')).unwrap_or(raw);
    parse(digits).map_err(|e| malformed(what, format!("{field} {}: {e}", cut(raw))))
}

pub(crate) const fn malformed(what: &'static str, detail: String) -> WireError {
    WireError::Malformed { what, detail }
}

pub(crate) const fn implausible(what: &'static str, field: &'static str, detail: String) -> WireError {
    WireError::Implausible { what, field, detail }
}

/// The beginning of foreign text, for a message of bounded length.
pub(crate) fn cut(text: &str) -> String {
    const SHOWN_CHARS: usize = 80;
    let mut out: String = text.chars().take(SHOWN_CHARS).collect();
    if out.len() < text.len() {
        out.push_str("...");
    }
    out
}
