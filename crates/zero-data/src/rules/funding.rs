//! Funding prints: hourly, in fractions, without holes. Stamps jitter by a few hundred milliseconds, so they are bucketed
//! to their hour and never joined on the exact stamp.

use super::check_steps;
use super::unit::{self, Evidence};
use crate::error::{Finding, Findings};
use crate::format::build::RawSeries;
use crate::rule::Rule;
use crate::store::manifest::Hole;
use zero_core::{Ts, TsDiff};

/// A stamp further from the hour than this is not an hourly print.
const JITTER_MAX: TsDiff = TsDiff::secs(60);

/// Buckets the stamps; returns the largest distance and the holes.
pub(crate) fn check(
    series: &mut RawSeries,
    fetched: Option<Ts>,
    allow_gaps: bool,
    findings: &mut Findings,
) -> (TsDiff, Vec<Hole>) {
    let field = series.time_field.clone();
    let mut jitter = TsDiff::ZERO;
    let mut evidence = Evidence::default();
    for (row, print) in series.rows.iter().zip(&mut series.prints) {
        if let Some(f) = fetched.filter(|f| print.time > *f) {
            let detail = format!("the print at {} lies after the fetch at {f}", print.time);
            findings.add(Finding::at(Rule::FromTheFuture, *row, &field, detail));
        }
        let hour = print.time.round(TsDiff::HOUR);
        let distance = TsDiff::ns(print.time.since(hour).as_ns().abs());
        if distance > JITTER_MAX {
            let secs = distance.as_ns() / 1_000_000_000;
            let detail = format!("{} is {secs} s from the hour; prints are hourly", print.time);
            findings.add(Finding::at(Rule::Misaligned, *row, &field, detail));
        }
        jitter = jitter.max(distance);
        print.time = hour;
        evidence.add(*row, "rate", print.rate, Some(print.premium));
    }
    if let Some(f) = unit::judge(&evidence) {
        findings.add(f);
    }
    let times = series.rows.iter().copied().zip(series.prints.iter().map(|p| p.time));
    (jitter, check_steps(times, &field, TsDiff::HOUR, allow_gaps, findings))
}
