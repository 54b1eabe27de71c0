//! Equity series. They are not market data; what they can be is evidence of broken bookkeeping.

use crate::error::{DataError, Finding, Findings};
use crate::format::cells::Slot;
use crate::format::jsonl;
use crate::format::stamp::Stamps;
use crate::rule::Rule;
use std::path::Path;
use zero_core::{Ts, Usd};

/// A change by more than a fifth between two points.
const JUMP_DENOMINATOR: i128 = 5;

/// A point of an equity series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EquityPoint {
    /// Row in its file, counted from one.
    pub row: u64,
    /// When.
    pub time: Ts,
    /// Equity of the account.
    pub equity: Usd,
}

/// Holds an equity series against what an account can do: a change of more than 20 % from one point to the next (from
/// a point that is not zero) and a balance below zero are data faults until a ledger explains them. Both are named,
/// with their first rows and their counts.
///
/// # Errors
/// [`DataError::Refused`] with [`Rule::EquityJump`] and [`Rule::NegativeBalance`].
pub fn check_series(path: &Path, field: &str, points: &[EquityPoint]) -> Result<(), DataError> {
    let mut findings = Findings::default();
    find(field, points, &mut findings);
    findings.verdict(path)
}

fn find(field: &str, points: &[EquityPoint], findings: &mut Findings) {
    for (a, b) in points.iter().zip(points.iter().skip(1)) {
        let (was, is) = (i128::from(a.equity.raw()), i128::from(b.equity.raw()));
        if was != 0 && (is - was).abs() * JUMP_DENOMINATOR > was.abs() {
            let detail = format!("equity goes from {} to {} in one step, at {}", a.equity, b.equity, b.time);
            findings.add(Finding::at(Rule::EquityJump, b.row, field, detail));
        }
    }
    for p in points.iter().filter(|p| p.equity < Usd::ZERO) {
        let detail = format!("the balance is {} at {}", p.equity, p.time);
        findings.add(Finding::at(Rule::NegativeBalance, p.row, field, detail));
    }
}

/// What an import of such a file reports.
pub(crate) fn refuse<'t>(path: &Path, lines: impl Iterator<Item = (u64, &'t str)>) -> DataError {
    let mut findings = Findings::default();
    let mut stamps = Stamps::new(None);
    let mut points = Vec::new();
    let mut field = "account_value".to_owned();
    for (row, line) in lines {
        match read(row, line, &mut stamps, &mut field) {
            Ok(p) => points.push(p),
            Err(f) => findings.add(f),
        }
    }
    find(&field, &points, &mut findings);
    let only = Finding::whole(Rule::NotMarketData, &field, "an equity series is not market data");
    findings.add(only.clone());
    findings.verdict(path).err().unwrap_or_else(|| DataError::refused(path, only))
}

fn read(row: u64, line: &str, stamps: &mut Stamps, field: &mut String) -> Result<EquityPoint, Finding> {
    let cells = jsonl::row(line, row)?;
    let time = stamps.read(row, cells.require(row, Slot::Time)?)?;
    let cell = cells.require(row, Slot::Equity)?;
    cell.name.clone_into(field);
    let equity = Usd::parse_round(cell.text).map_err(|e| cell.refuse(row, e))?;
    Ok(EquityPoint { row, time, equity })
}
