//! Bars: one interval, aligned, without holes, complete.

use super::check_steps;
use crate::error::{Finding, Findings};
use crate::format::build::{RawSeries, name_of};
use crate::rule::Rule;
use crate::store::manifest::Hole;
use std::collections::BTreeMap;
use zero_core::{Ts, TsDiff};

/// Distinct steps that are counted when the interval is looked for.
const STEPS_MAX: usize = 64;

/// What is known about the end of the download.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    /// When the file was fetched.
    pub(crate) fetched: Option<Ts>,
    /// Drop the last bar whatever is known.
    pub(crate) drop_last: bool,
}

/// The most frequent step between consecutive bars; `None` for fewer than two bars.
pub(crate) fn usual_step(series: &RawSeries) -> Option<TsDiff> {
    let mut steps: BTreeMap<TsDiff, u64> = BTreeMap::new();
    for (a, b) in series.bars.iter().zip(series.bars.iter().skip(1)) {
        let step = b.open_time.since(a.open_time);
        if step > TsDiff::ZERO && (steps.len() < STEPS_MAX || steps.contains_key(&step)) {
            *steps.entry(step).or_default() += 1;
        }
    }
    steps.into_iter().max_by_key(|(step, n)| (*n, std::cmp::Reverse(*step))).map(|(step, _)| step)
}

/// Drops the candle that was still forming: the last one, when it ends after the fetch. Returns its open time.
pub(crate) fn drop_forming(
    series: &mut RawSeries,
    interval: TsDiff,
    ending: Ending,
    findings: &mut Findings,
) -> Option<Ts> {
    let last = series.bars.last()?.open_time;
    let is_forming = ending.fetched.is_some_and(|f| last.plus(interval) > f);
    let dropped = if is_forming || ending.drop_last {
        series.bars.pop();
        series.rows.pop();
        Some(last)
    } else {
        None
    };
    if let (Some(fetched), Some(b), Some(row)) = (ending.fetched, series.bars.last(), series.rows.last())
        && b.open_time.plus(interval) > fetched
    {
        let detail = format!("the bar at {} ends after the file was fetched at {fetched}", b.open_time);
        findings.add(Finding::at(Rule::FromTheFuture, *row, &series.time_field, detail));
    }
    dropped
}

/// Interval, alignment, order and holes.
pub(crate) fn check(
    series: &RawSeries,
    interval: TsDiff,
    allow_gaps: bool,
    findings: &mut Findings,
) -> Vec<Hole> {
    let field = &series.time_field;
    let times = || series.rows.iter().copied().zip(series.bars.iter().map(|b| b.open_time));
    if let Some(usual) = usual_step(series).filter(|u| *u != interval) {
        let pair = times().zip(times().skip(1)).find(|((_, a), (_, b))| b.since(*a) == usual);
        let row = pair.map(|(_, (row, _))| row);
        let detail = format!("bars are {} apart where {} was declared", name_of(usual), name_of(interval));
        findings.add(Finding { row, ..Finding::whole(Rule::IntervalMismatch, field, detail) });
        // Every other rule on time would only repeat this.
        return Vec::new();
    }
    for (row, t) in times().filter(|(_, t)| t.floor(interval) != *t) {
        let detail = format!("{t} is not a multiple of {} in UTC", name_of(interval));
        findings.add(Finding::at(Rule::Misaligned, row, field, detail));
    }
    check_steps(times(), field, interval, allow_gaps, findings)
}
