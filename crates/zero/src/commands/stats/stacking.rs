//! Opinions of several forecasters made into one probability, and what each of them was worth.

use super::calibration::score;
use super::packet;
use super::table::Table;
use crate::args::StackArgs;
use crate::failure::Failure;
use zero_packets::stack::{StackLens, StackResult, StackRow};
use zero_packets::stats::{Stats, StatsResult};
use zero_stats::{Opinions, Stack, StackingRule, StatsError};

pub(super) fn stack(a: &StackArgs) -> Result<Stats, Failure> {
    let table = Table::read(&a.file)?;
    let outcome = a.outcome.clone().unwrap_or_else(|| table.last_name());
    let known = a.known.clone().into_iter();
    let set: Vec<String> = std::iter::once(outcome).chain(known).collect();
    let numbers = table.columns(&set)?;
    let lenses = if a.columns.is_empty() { table.names_without(&set)? } else { a.columns.clone() };
    let (names, cells) = table.opinions(&lenses)?;
    let label_ends: Vec<usize> = match a.known {
        // Rows are counted from one in the file and from zero here.
        Some(_) => numbers.second().iter().map(|row| (*row as usize).saturating_sub(1)).collect(),
        None => (0..numbers.first().len()).map(|i| i + a.horizon).collect(),
    };
    let rule = rule(a);
    let past =
        Opinions { cells: &cells, lenses: names.len(), outcomes: numbers.first(), label_ends: &label_ends };
    let result = fitted(&past, &rule, &names).map_err(|e| table.explain(e))?;
    let input = zero_packets::stats::StatsInput { columns: [names, set].concat(), ..numbers.input };
    let method = "ridge logistic stacking (Wolpert 1992) of opinions in units of their root mean square; penalty by the log score \
                  over later folds, each scored by a model of rows whose outcome was known before it; beta calibration \
                  fitted on such rows, shrunk";
    Ok(packet(Some(input), method, StatsResult::Stack(Box::new(result))))
}

fn rule(a: &StackArgs) -> StackingRule {
    let standard = StackingRule::standard();
    StackingRule {
        ridges: if a.ridge.is_empty() { standard.ridges } else { a.ridge.clone() },
        folds: a.folds,
        clip: a.clip,
        prior_rows: a.prior_rows,
        ..standard
    }
}

fn fitted(past: &Opinions<'_>, rule: &StackingRule, names: &[String]) -> Result<StackResult, StatsError> {
    let (stack, report) = Stack::fit(past, rule)?;
    let parts = stack.parts();
    let spoke = |lens: usize| past.cells.iter().skip(lens).step_by(past.lenses).flatten().count() as u64;
    let of_lens = |(i, name): (usize, &String)| {
        let of_time = report.lenses.get(i).and_then(Option::as_ref);
        StackLens {
            lens: name.clone(),
            weight: report.weights.get(i).copied().unwrap_or(f64::NAN),
            unit: parts.scales.get(i).copied().unwrap_or(f64::NAN),
            spoke: spoke(i),
            scored_rows: of_time.map_or(0, |l| l.alone.n),
            log_score_alone: of_time.and_then(|l| l.alone.log_score),
            log_score_whole: of_time.and_then(|l| l.whole.log_score),
        }
    };
    Ok(StackResult {
        ridge: report.ridge,
        folds: rule.folds as u64,
        intercept: parts.intercept,
        lenses: names.iter().enumerate().map(of_lens).collect(),
        effective_lenses: report.effective_lenses,
        whole: score(&report.whole),
        calibrated: report.calibrated.as_ref().map(score),
        calibration: parts.map.map_or_else(Vec::new, |(map, _)| vec![map.a, map.b, map.c]),
        later: report.rows.iter().map(|r| StackRow { row: r.row as u64 + 1, p: r.p, base: r.base }).collect(),
    })
}
