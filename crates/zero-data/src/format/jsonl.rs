//! One JSON object per line: bars, funding prints, and the look-alikes that are refused with their reasons.

use super::build::{Builder, Parsed};
use super::cells::Slot;
use super::stamp::TimeUnit;
use super::{json, snapshot};
use crate::equity;
use crate::error::{DataError, Finding};
use crate::rule::Rule;
use std::path::Path;

pub(super) fn read(path: &Path, text: &str, unit: Option<TimeUnit>) -> Result<Parsed, DataError> {
    let lines = || {
        let numbered = text.lines().enumerate().map(|(i, l)| (i as u64 + 1, l));
        numbered.filter(|(_, l)| !l.trim().is_empty())
    };
    let refuse = |f| DataError::refused(path, f);
    let Some((row, first)) = lines().next() else {
        return Err(refuse(Finding::whole(Rule::Empty, "", "the file is empty")));
    };
    let head = json::read_row(first, row).map_err(refuse)?;
    if head.get(Slot::Snapshot).is_some() {
        return Err(snapshot::refuse(path, lines()));
    }
    if head.get(Slot::Equity).is_some() {
        return Err(equity::refuse(path, lines()));
    }
    let mut b = Builder::new(unit);
    for (row, line) in lines() {
        b.row(row, &json::read_row(line, row).map_err(refuse)?);
    }
    Ok(b.finish())
}

/// Reads one line, for the modules that judge look-alikes.
pub(crate) fn row(line: &str, row: u64) -> Result<super::cells::Cells<'_>, Finding> {
    json::read_row(line, row)
}
