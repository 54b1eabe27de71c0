//! The rules on a series, applied after its rows were read.

pub(crate) mod bars;
pub(crate) mod funding;
pub(crate) mod unit;

use crate::error::{Finding, Findings};
use crate::rule::Rule;
use crate::store::manifest::Hole;
use zero_core::{Ts, TsDiff};

/// Checks that times increase by exactly one step, row after row; holes are returned or, if not allowed, found.
pub(crate) fn check_steps(
    times: impl Iterator<Item = (u64, Ts)>,
    field: &str,
    step: TsDiff,
    allow_gaps: bool,
    findings: &mut Findings,
) -> Vec<Hole> {
    let mut holes = Vec::new();
    let mut last: Option<Ts> = None;
    for (row, t) in times {
        if let Some(l) = last {
            let due = l.plus(step);
            if t == l {
                findings.add(Finding::at(Rule::DuplicateTime, row, field, format!("{t} comes twice")));
            } else if t < l {
                findings.add(Finding::at(Rule::TimeOrder, row, field, format!("{t} comes after {l}")));
            } else if t > due {
                holes.push(Hole { from: due, to: t });
                if !allow_gaps {
                    let missing = t.since(due).as_ns() / step.as_ns().max(1);
                    let detail = format!("{missing} rows missing from {due} up to {t}");
                    findings.add(Finding::at(Rule::Gap, row, field, detail));
                }
            }
        }
        last = last.max(Some(t));
    }
    holes
}
