//! A parameter sweep: every variant is run, counted, and the best of them held against what a search finds by chance.
//!
//! Returns are daily: the last equity of each UTC day over that of the day before. Sharpe ratios are per day; the packet shows
//! them per year.

use crate::spec::RunSpec;
use crate::study::{self, Outcome, StudyError};
use std::sync::atomic::AtomicBool;
use zero_core::{Ts, TsDiff};
use zero_data::Dataset;
use zero_stats::{
    Deflated, Overfitting, Panel, SharpeEvidence, SharpeMoments, StatsError, SuperiorAbility, Superiority,
    TrialMetric, deflated_sharpe, mean, overfitting, politis_white, sd, sharpe_evidence, superior_ability,
    trial_variance,
};

/// Blocks of the combinatorially symmetric cross-validation.
pub const BLOCKS: usize = 10;
/// Folds of the walk-forward: the first stretch is in sample only.
pub const FOLDS: usize = 5;
/// Resamples of the test of superior ability.
pub const REPLICATES: u32 = 1_000;
/// Days of a year: a market without a close.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// A variant that was run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The run, its equity curve left out.
    pub outcome: Outcome,
    /// Daily returns.
    pub daily: Vec<f64>,
}

impl Ran {
    /// Sharpe ratio per day; `None` where the returns do not vary.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        ratio(&self.daily)
    }
}

/// Runs every variant on the threads and keeps its daily returns.
///
/// # Errors
/// [`StudyError`].
pub fn run(
    data: &Dataset,
    variants: &[(String, RunSpec)],
    threads: usize,
    stop: &AtomicBool,
    progress: &(impl Fn(u64, u64) + Sync),
) -> Result<Vec<Ran>, StudyError> {
    study::in_parallel(variants, threads, progress, &|(name, spec): &(String, RunSpec)| {
        let mut outcome = study::outcome(data, spec, name, true, stop)?;
        let initial = spec.kernel.books.iter().map(|b| b.initial.to_f64()).sum();
        let daily = daily_returns(initial, &outcome.equity);
        outcome.equity = Vec::new();
        Ok(Ran { outcome, daily })
    })
}

/// Returns of the last equity of each UTC day over that of the day before. A slice at midnight closes the day that ends.
#[must_use]
pub fn daily_returns(initial: f64, equity: &[(Ts, f64)]) -> Vec<f64> {
    let day = |t: Ts| t.minus(TsDiff::ns(1)).floor(TsDiff::DAY);
    let (mut before, mut out) = (initial, Vec::new());
    for (i, (time, value)) in equity.iter().enumerate() {
        if equity.get(i + 1).is_none_or(|(next, _)| day(*next) != day(*time)) {
            out.push(if before > 0.0 { value / before - 1.0 } else { 0.0 });
            before = *value;
        }
    }
    out
}

/// One step of the walk-forward: the best in sample, and what it then did.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// Days in sample, from the beginning.
    pub in_sample: usize,
    /// Days out of sample, right after them.
    pub out_of_sample: usize,
    /// Index of the variant that was best in sample.
    pub chosen: usize,
    /// Its ratio per day in sample.
    pub ratio_in: f64,
    /// Its ratio per day out of sample; `None` where its returns do not vary there.
    pub ratio_out: Option<f64>,
    /// Its total return out of sample.
    pub return_out: f64,
}

/// What the sweep shows. Each figure is there, or why it is not.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Index of the variant of the highest ratio; `None` where no variant's returns vary.
    pub best: Option<usize>,
    /// Variants whose returns do not vary: they never traded. They are counted, and left out of the comparisons.
    pub idle: usize,
    /// Probability that the best's true ratio is above zero, both published forms.
    pub sharpe: Result<SharpeEvidence, StatsError>,
    /// The same against the best that chance would have shown among every trial of the registry.
    pub deflated: Result<Deflated, StatsError>,
    /// Probability that the selection is overfit.
    pub overfit: Result<Overfitting, StatsError>,
    /// Is the best better than doing nothing, given that it was picked?
    pub superior: Result<Superiority, StatsError>,
    /// Mean block length of that test's bootstrap, days.
    pub block_length: f64,
    /// Best in sample by fold, and what it did after.
    pub folds: Vec<Fold>,
    /// Ratio per day of the out-of-sample days of all folds, one after the other.
    pub walk_forward: Option<f64>,
}

/// Judges a sweep. `trials` is the registry's count of every run ever made, these included.
#[must_use]
pub fn judge(ran: &[Ran], trials: u64, seed: u64) -> Evidence {
    let active: Vec<usize> =
        (0..ran.len()).filter(|i| ran.get(*i).is_some_and(|r| r.ratio().is_some())).collect();
    let series: Vec<&[f64]> = active.iter().filter_map(|i| ran.get(*i)).map(|r| r.daily.as_slice()).collect();
    let ratios: Vec<f64> = series.iter().filter_map(|s| ratio(s)).collect();
    let top = (0..ratios.len()).max_by(|a, b| {
        let of = |i: &usize| ratios.get(*i).copied().unwrap_or(f64::NEG_INFINITY);
        // The first of equals.
        of(a).total_cmp(&of(b)).then(b.cmp(a))
    });
    let best = top.and_then(|t| series.get(t).copied()).unwrap_or(&[]);
    let moments = SharpeMoments::of(best);
    let cells = rows(&series);
    let panel = Panel::new(&cells, series.len().max(1));
    let block_length = politis_white(best).map_or(1.0, |b| b.stationary.max(1.0));
    let how = SuperiorAbility { block_length, replicates: REPLICATES, studentized: true, seed };
    let (folds, walk_forward) = walk_forward(&series);
    Evidence {
        best: top.and_then(|t| active.get(t).copied()),
        idle: ran.len() - active.len(),
        sharpe: moments.and_then(|m| sharpe_evidence(&m, 0.0)),
        deflated: moments.and_then(|m| {
            deflated_sharpe(&m, trial_variance(&ratios)?, trials.max(ratios.len() as u64) as f64)
        }),
        overfit: panel.and_then(|p| overfitting(&p, BLOCKS, TrialMetric::Sharpe)),
        superior: panel.and_then(|p| superior_ability(&p, &how)),
        block_length,
        folds: folds
            .into_iter()
            .map(|f| Fold { chosen: active.get(f.chosen).copied().unwrap_or(f.chosen), ..f })
            .collect(),
        walk_forward,
    }
}

fn ratio(returns: &[f64]) -> Option<f64> {
    let deviation = sd(returns).ok().filter(|d| *d > 0.0)?;
    Some(mean(returns).ok()? / deviation)
}

/// Days as rows, variants as columns.
fn rows(series: &[&[f64]]) -> Vec<f64> {
    let days = series.iter().map(|s| s.len()).min().unwrap_or(0);
    (0..days).flat_map(|d| series.iter().filter_map(move |s| s.get(d).copied())).collect()
}

/// Anchored: each fold chooses on every day before it. Equity is marked every day, so no label reaches from one side to the
/// other and nothing has to be purged.
fn walk_forward(series: &[&[f64]]) -> (Vec<Fold>, Option<f64>) {
    let days = series.iter().map(|s| s.len()).min().unwrap_or(0);
    let step = days / (FOLDS + 1);
    let (mut folds, mut all) = (Vec::new(), Vec::new());
    if step < 2 {
        return (folds, None);
    }
    for k in 1..=FOLDS {
        let from = step * k;
        let to = if k == FOLDS { days } else { from + step };
        let inside = |s: &&[f64]| s.get(..from).and_then(ratio);
        let chosen = series
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((i, inside(s)?)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((chosen, ratio_in)) = chosen else { continue };
        let outside = series.get(chosen).and_then(|s| s.get(from..to)).unwrap_or(&[]);
        all.extend_from_slice(outside);
        folds.push(Fold {
            in_sample: from,
            out_of_sample: outside.len(),
            chosen,
            ratio_in,
            ratio_out: ratio(outside),
            return_out: outside.iter().fold(1.0, |w, r| w * (1.0 + r)) - 1.0,
        });
    }
    let joined = ratio(&all);
    (folds, joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zero_core::prng::Prng;

    fn noise(seed: u64, days: usize, drift: f64) -> Ran {
        let mut p = Prng::new(seed, 5);
        let daily: Vec<f64> = (0..days).map(|_| 0.02 * (p.uniform() - 0.5) + drift).collect();
        let outcome = Outcome {
            name: String::new(),
            last: zero_core::Usd::ZERO,
            sharpe: 0.0,
            returns: 0,
            fills: 0,
            fees: zero_core::Usd::ZERO,
            digest: zero_core::Digest32::ZERO,
            equity: Vec::new(),
        };
        Ran { outcome, daily }
    }

    #[test]
    fn the_best_of_many_rules_without_skill_is_not_believed_and_a_real_one_is() {
        let mut ran: Vec<Ran> = (0..200).map(|i| noise(i, 240, 0.0)).collect();
        let e = judge(&ran, 5_000, 1);
        assert!(e.sharpe.unwrap().smaller > 0.95, "picked from 200, it looks significant by itself");
        assert!(e.deflated.unwrap().evidence.smaller < 0.95);
        assert!(e.superior.unwrap().p_consistent > 0.05);
        ran.push(noise(9_999, 240, 0.004));
        let e = judge(&ran, 5_000, 1);
        assert_eq!(e.best, Some(200));
        assert!(e.superior.unwrap().p_consistent < 0.01 && e.overfit.unwrap().pbo < 0.05);
        assert!(e.folds.iter().all(|f| f.chosen == 200) && e.walk_forward.unwrap() > 0.3);
    }

    #[test]
    fn more_trials_in_the_registry_leave_less_of_the_same_result() {
        let ran: Vec<Ran> = (0..50).map(|i| noise(i, 240, 0.0005)).collect();
        let few = judge(&ran, 50, 1).deflated.unwrap();
        let many = judge(&ran, 50_000, 1).deflated.unwrap();
        assert!(many.benchmark > few.benchmark && many.evidence.smaller < few.evidence.smaller);
        let told_less = judge(&ran, 1, 1).deflated.unwrap();
        assert_eq!(told_less, few, "the sweep itself is the least that was tried");
    }

    #[test]
    fn a_variant_that_never_traded_is_counted_and_not_compared() {
        let mut ran: Vec<Ran> = (0..4).map(|i| noise(i, 100, 0.0)).collect();
        ran.insert(0, Ran { daily: vec![0.0; 100], ..ran[0].clone() });
        let e = judge(&ran, 5, 1);
        assert_eq!((e.idle, e.best.is_some_and(|b| b > 0)), (1, true));
        assert!(e.overfit.is_ok() && e.folds.iter().all(|f| f.chosen > 0));
    }

    #[test]
    fn a_day_ends_at_midnight_and_its_return_is_over_the_day_before() {
        let hour = |h: i64| Ts::ZERO.plus(TsDiff::HOUR.times(h));
        let curve = [(hour(1), 100.0), (hour(24), 110.0), (hour(25), 500.0), (hour(47), 121.0)];
        let got = daily_returns(100.0, &curve);
        assert!((got[0] - 0.1).abs() < 1e-12 && (got[1] - 0.1).abs() < 1e-12 && got.len() == 2, "{got:?}");
    }
}
