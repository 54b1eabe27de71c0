//! CSV with a header. Rows are numbered by line; the header is line 1.

use super::build::{Builder, Parsed};
use super::cells::{Cells, Slot};
use super::stamp::TimeUnit;
use crate::error::Finding;
use crate::rule::Rule;

/// A column by its header; case matters only for the venue's `t` and `T`.
pub(super) fn slot(header: &str) -> Option<Slot> {
    let name = header.trim().trim_matches('"');
    Slot::of(name).or_else(|| Slot::of(&name.to_ascii_lowercase()))
}

pub(super) fn read(text: &str, unit: Option<TimeUnit>) -> Result<Parsed, Finding> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let bad = |line: u64, e: csv::Error| Finding::at(Rule::Syntax, line, "", format!("not CSV: {e}"));
    if !reader.read_record(&mut record).map_err(|e| bad(1, e))? {
        return Err(Finding::whole(Rule::Empty, "", "the file is empty"));
    }
    let header: Vec<String> = record.iter().map(|h| h.trim().to_owned()).collect();
    let slots: Vec<Option<Slot>> = header.iter().map(|h| slot(h)).collect();
    if !slots.contains(&Some(Slot::Time)) {
        return Err(Finding::at(Rule::MissingField, 1, "timestamp", "the header names no time column"));
    }
    for (i, s) in slots.iter().enumerate() {
        if s.is_some() && slots.iter().take(i).any(|t| t == s) {
            let name = header.get(i).map_or("", String::as_str);
            return Err(Finding::at(Rule::Syntax, 1, name, "the header names this column twice"));
        }
    }
    let mut b = Builder::new(unit);
    let mut line = 1;
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(e) => return Err(bad(e.position().map_or(line + 1, csv::Position::line), e)),
        }
        line = record.position().map_or(line + 1, csv::Position::line);
        if record.len() != header.len() {
            let is_last = reader.position().byte() as usize >= text.trim_end().len();
            let rule = if is_last && record.len() < header.len() { Rule::Truncated } else { Rule::Syntax };
            let detail = format!("{} columns where the header has {}", record.len(), header.len());
            return Err(Finding::at(rule, line, "", detail));
        }
        let mut cells = Cells::default();
        for ((slot, name), text) in slots.iter().zip(&header).zip(record.iter()) {
            if let Some(slot) = slot {
                // The header names each column once, so each is set once.
                let _ = cells.set(*slot, name, text.trim());
            }
        }
        b.row(line, &cells);
    }
    Ok(b.finish())
}
