//! Snapshots of running funding rates, `{t, coins: {SYMBOL: {f, oi}}}`: never hourly prints, so never importable, but a
//! file of them deserves to be told everything that is wrong with it.

use super::cells::Slot;
use super::jsonl;
use super::stamp::Stamps;
use crate::error::{DataError, Finding, Findings, Refusal};
use crate::rule::Rule;
use crate::rules::unit::{self, Evidence};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::Path;
use zero_core::{Rate, TsDiff};

/// Snapshots further apart than this leave a hole in any hourly use of them.
const STEP_MAX: TsDiff = TsDiff::secs(15 * 60);

#[derive(Deserialize)]
struct Coin<'a> {
    #[serde(borrow)]
    f: &'a RawValue,
}

pub(crate) fn refuse<'t>(path: &Path, lines: impl Iterator<Item = (u64, &'t str)>) -> DataError {
    let mut findings = Findings::default();
    let mut stamps = Stamps::new(None);
    let mut last = None;
    let mut evidence = Evidence::default();
    for (row, line) in lines {
        if let Err(f) = read(row, line, &mut stamps, &mut last, &mut evidence, &mut findings) {
            findings.add(f);
        }
    }
    if let Some(f) = unit::judge(&evidence) {
        findings.add(f);
    }
    let detail = "snapshots of a running rate are not the venue's hourly prints and carry no premium";
    findings.add(Finding::whole(Rule::NotMarketData, "coins", detail));
    match findings.verdict(path) {
        Err(e) => e,
        // Not reached: there is always the finding above.
        Ok(()) => {
            let primary = Finding::whole(Rule::NotMarketData, "coins", detail);
            DataError::Refused(Box::new(Refusal { file: path.to_owned(), primary, also: Vec::new() }))
        }
    }
}

fn read(
    row: u64,
    line: &str,
    stamps: &mut Stamps,
    last: &mut Option<zero_core::Ts>,
    evidence: &mut Evidence,
    findings: &mut Findings,
) -> Result<(), Finding> {
    let cells = jsonl::row(line, row)?;
    let cell = cells.require(row, Slot::Time)?;
    let time = stamps.read(row, cell)?;
    match *last {
        Some(l) if time == l => {
            findings.add(Finding::at(Rule::DuplicateTime, row, cell.name, format!("{time} again")));
        }
        Some(l) if time < l => {
            findings.add(Finding::at(Rule::TimeOrder, row, cell.name, format!("{time} comes after {l}")));
        }
        Some(l) if time.since(l) > STEP_MAX => {
            let minutes = time.since(l).as_ns() / 60_000_000_000;
            let detail =
                format!("{minutes} minutes without a snapshot, from {l} to {time}; more than 15 is a gap");
            findings.add(Finding::at(Rule::Gap, row, cell.name, detail));
        }
        _ => {}
    }
    *last = Some(time);
    let coins = cells.require(row, Slot::Snapshot)?;
    let parsed: BTreeMap<String, Coin<'_>> = serde_json::from_str(coins.text)
        .map_err(|e| Finding::at(Rule::Syntax, row, coins.name, format!("not an object of coins: {e}")))?;
    for (symbol, coin) in &parsed {
        let field = format!("{}.{symbol}.f", coins.name);
        match Rate::parse(super::json::unquoted(coin.f.get())) {
            Ok(rate) => evidence.add(row, &field, rate, None),
            Err(e) => {
                findings.add(Finding::at(
                    Rule::NotANumber,
                    row,
                    &field,
                    format!("{:?} is {e}", coin.f.get()),
                ));
            }
        }
    }
    Ok(())
}
