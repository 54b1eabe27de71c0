//! Streams rows out of JSON without building a tree and without touching a number: every field keeps its raw text.

use super::cells::{Cells, Slot};
use crate::error::Finding;
use crate::rule::Rule;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// What stands beside the rows in a compact file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) coin: Option<String>,
    pub(crate) interval: Option<String>,
    pub(crate) fetched: Option<String>,
    pub(crate) count: Option<u64>,
    pub(crate) has_rows: bool,
}

/// Called with the number of each row and its cells.
pub(crate) type Sink<'s> = dyn FnMut(u64, &Cells<'_>) + 's;

/// An object with `candles` or `entries`.
pub(crate) fn read_compact(text: &str, sink: &mut Sink<'_>) -> Result<Head, Finding> {
    let mut rows = 0;
    let mut de = serde_json::Deserializer::from_str(text);
    let head = de.deserialize_map(HeadVisitor { rows: &mut rows, sink });
    match head.and_then(|h| de.end().map(|()| h)) {
        Ok(h) => Ok(h),
        Err(e) => Err(explain(text, &e, (rows > 0).then_some(rows))),
    }
}

/// An array of rows.
pub(crate) fn read_array(text: &str, sink: &mut Sink<'_>) -> Result<(), Finding> {
    let mut rows = 0;
    let mut de = serde_json::Deserializer::from_str(text);
    let read = de.deserialize_seq(RowsVisitor { rows: &mut rows, sink });
    read.and_then(|()| de.end()).map_err(|e| explain(text, &e, (rows > 0).then_some(rows)))
}

/// One object.
pub(crate) fn read_row(text: &str, row: u64) -> Result<Cells<'_>, Finding> {
    let mut de = serde_json::Deserializer::from_str(text);
    let read = CellsSeed.deserialize(&mut de);
    read.and_then(|c| de.end().map(|()| c)).map_err(|e| explain(text, &e, Some(row)))
}

/// Text of a raw value, without the quotes of a string.
pub(crate) fn unquoted(raw: &str) -> &str {
    raw.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(raw)
}

/// A syntax error as the rule that was broken: JSON has no NaN, so the parser stops there.
fn explain(text: &str, e: &serde_json::Error, row: Option<u64>) -> Finding {
    let offset = text.split_inclusive('\n').take(e.line().saturating_sub(1)).map(str::len).sum::<usize>()
        + e.column().saturating_sub(1);
    let whole = |rule, detail: String| Finding { row, ..Finding::whole(rule, "", detail) };
    let message = e.to_string();
    // A file cut within `0.` or `1e` ends in what the parser calls an invalid number.
    let is_cut_number = message.starts_with("invalid number") && offset + 1 >= text.len();
    if e.is_eof() || is_cut_number {
        return whole(Rule::Truncated, "the file ends in the middle of this row".into());
    }
    // The reported column is at or just behind the offending token.
    let mut start = offset.saturating_sub(10);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let near = text.get(start..).unwrap_or_default();
    let near: &str = near.char_indices().nth(24).map_or(near, |(i, _)| near.get(..i).unwrap_or(near));
    for word in ["NaN", "-Infinity", "Infinity", "nan", "inf"] {
        if let Some(at) = near.find(word) {
            let before = text.get(..start + at).unwrap_or_default();
            let field = before.rsplit('"').nth(1).unwrap_or_default();
            return Finding {
                row,
                ..Finding::whole(Rule::NotANumber, field, format!("{word} is not a number"))
            };
        }
    }
    whole(Rule::Syntax, format!("not valid JSON of this format: {message}"))
}

struct HeadVisitor<'r, 's, 'f> {
    rows: &'r mut u64,
    sink: &'s mut Sink<'f>,
}

impl<'de> Visitor<'de> for HeadVisitor<'_, '_, '_> {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with candles or entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head, A::Error> {
        let mut head = Head::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "coin" => head.coin = map.next_value()?,
                "interval" => head.interval = map.next_value()?,
                "fetched" => head.fetched = map.next_value()?,
                "count" => head.count = map.next_value()?,
                "candles" | "entries" if !head.has_rows => {
                    head.has_rows = true;
                    map.next_value_seed(RowsVisitor { rows: &mut *self.rows, sink: &mut *self.sink })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(head)
    }
}

struct RowsVisitor<'r, 's, 'f> {
    rows: &'r mut u64,
    sink: &'s mut Sink<'f>,
}

impl<'de> DeserializeSeed<'de> for RowsVisitor<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowsVisitor<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            // Counted before the row is read, so that an error names the row it is in.
            *self.rows += 1;
            match seq.next_element_seed(CellsSeed)? {
                Some(cells) => (self.sink)(*self.rows, &cells),
                None => break,
            }
        }
        *self.rows -= 1;
        Ok(())
    }
}

struct CellsSeed;

impl<'de> DeserializeSeed<'de> for CellsSeed {
    type Value = Cells<'de>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Cells<'de>, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for CellsSeed {
    type Value = Cells<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cells<'de>, A::Error> {
        let mut cells = Cells::default();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let value: &'de RawValue = map.next_value()?;
            if let Some(name) = key
                && let Some(slot) = Slot::of(name)
                && !cells.set(slot, name, unquoted(value.get()))
            {
                return Err(A::Error::custom(format!("the row names its {} twice", slot.usual_name())));
            }
        }
        Ok(cells)
    }
}

/// A key, where it is plain text; a key with escapes is none of ours.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Option<&'de str>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Option<&'de str>, D::Error> {
        d.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Option<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Option<&'de str>, E> {
        Ok(Some(v))
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<&'de str>, E> {
        Ok(None)
    }
}
