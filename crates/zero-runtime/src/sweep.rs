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
    Correction, Deflated, Overfitting, Panel, PurgedSplits, SelectedPaths, SharpeEvidence, SharpeMoments,
    StatsError, SuperiorAbility, Superiority, TrackRecord, TrialMetric, correct, deflated_sharpe, mean,
    overfitting, politis_white, sd, selected_paths, sharpe_evidence, superior_ability, track_record,
    trial_variance,
};

/// Blocks of the combinatorially symmetric cross-validation.
pub const BLOCKS: usize = 10;
/// Folds of the walk-forward: the first stretch is in sample only.
pub const FOLDS: usize = 5;
/// Groups of consecutive days of the purged cross-validation, and how many of them each split tests.
pub const GROUPS: (usize, usize) = (6, 2);
/// Days left out of training after a test's last label.
pub const EMBARGO: usize = 1;
/// Confidence of the minimum track record length.
pub const CONFIDENCE: f64 = 0.95;
/// Resamples of the test of superior ability.
pub const REPLICATES: u32 = 1_000;
/// Largest probability of overfitting at which a result may be claimed.
pub const OVERFIT_MAX: f64 = 0.2;
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
    /// Days after which the best's ratio would be shown to be above zero, both published forms.
    pub track_record: Result<TrackRecord, StatsError>,
    /// What choosing the best earns on days that were held out: combinatorial cross-validation, purged by the longest horizon.
    /// `None` where a strategy has no horizon and no length is known to purge by.
    pub purged: Option<Result<SelectedPaths, StatsError>>,
    /// Days from a decision to its label at the latest.
    pub label_days: Option<usize>,
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

/// The longest time from a decision to its label among the variants, in days, begun ones counted whole. `None` where a
/// strategy says none.
#[must_use]
pub fn label_days<'a>(specs: impl IntoIterator<Item = &'a RunSpec>) -> Option<usize> {
    let mut longest = TsDiff::ZERO;
    for choice in specs.into_iter().flat_map(|s| &s.strategies) {
        longest = longest.max(choice.label_horizon()?);
    }
    usize::try_from(longest.as_ns().unsigned_abs().div_ceil(TsDiff::DAY.as_ns().unsigned_abs())).ok()
}

/// Every run that was ever made, those of the sweep included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried {
    /// How many.
    pub count: u64,
    /// Sharpe ratios per day of those before the sweep, where they have one.
    pub former: Vec<f64>,
}

impl Tried {
    /// The sweep's own runs and none before.
    #[must_use]
    pub const fn first(count: u64) -> Self {
        Self { count, former: Vec::new() }
    }

    /// Variance of the ratios, of all and of the sweep's own, whichever is larger: variants that hardly differ would make the
    /// best of everything that was tried before them look like no luck at all.
    fn variance(&self, own: &[f64]) -> Result<f64, StatsError> {
        let own_variance = trial_variance(own);
        let finite = self.former.iter().chain(own).copied().filter(|r| r.is_finite());
        match trial_variance(&finite.collect::<Vec<f64>>()) {
            Ok(all) if !self.former.is_empty() => Ok(own_variance.map_or(all, |own| own.max(all))),
            _ => own_variance,
        }
    }
}

/// Judges a sweep; `label_days` as [`label_days`] gives it.
#[must_use]
pub fn judge(ran: &[Ran], tried: &Tried, seed: u64, label_days: Option<usize>) -> Evidence {
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
            deflated_sharpe(&m, tried.variance(&ratios)?, tried.count.max(ratios.len() as u64) as f64)
        }),
        track_record: moments.and_then(|m| track_record(&m, 0.0, CONFIDENCE)),
        purged: label_days.map(|days| {
            let p = panel?;
            let splits = PurgedSplits::with_horizon(p.rows(), days, GROUPS.0, GROUPS.1, EMBARGO)?;
            selected_paths(&p, &splits)
        }),
        label_days,
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

impl Evidence {
    /// Does the best stand out of every trial at the level: deflated ratio, superior ability, and a probability of overfitting
    /// of at most [`OVERFIT_MAX`]? `None` where one of the three cannot be computed.
    #[must_use]
    pub fn stands_out(&self, level: f64) -> Option<bool> {
        let deflated = self.deflated.ok()?.evidence.smaller;
        let superior = self.superior.ok()?.p_consistent;
        let overfit = self.overfit.as_ref().ok()?.pbo;
        Some(deflated >= 1.0 - level && superior <= level && overfit <= OVERFIT_MAX)
    }
}

/// How many of a registry's rules are admitted, by three ways of judging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admissions {
    /// Rules whose returns vary: the others never traded and are not admitted.
    pub judged: usize,
    /// Of these, with a figure that cannot be computed, such as a single jump among equal returns: not admitted.
    pub unknown: usize,
    /// By the probabilistic ratio alone, as if no other rule had been tried.
    pub alone: usize,
    /// By Benjamini and Hochberg over those probabilities.
    pub discovered: usize,
    /// By the deflated ratio against the count of all trials: what the sweep asks of its best.
    pub deflated: usize,
}

/// Judges every variant, not the best alone, at the level; `trials` is the registry's count.
///
/// # Errors
/// [`StatsError`] when the ratios do not vary among the variants.
pub fn admissions(ran: &[Ran], trials: u64, level: f64) -> Result<Admissions, StatsError> {
    let series: Vec<&[f64]> =
        ran.iter().filter(|r| r.ratio().is_some()).map(|r| r.daily.as_slice()).collect();
    let ratios: Vec<f64> = series.iter().filter_map(|s| ratio(s)).collect();
    let count = trials.max(ran.len() as u64) as f64;
    let mut out = Admissions { judged: series.len(), ..Admissions::default() };
    if series.len() < 2 {
        return Ok(out);
    }
    let spread = trial_variance(&ratios)?;
    let mut doubts = Vec::with_capacity(series.len());
    for s in series {
        let figures = SharpeMoments::of(s).and_then(|m| {
            Ok((sharpe_evidence(&m, 0.0)?.smaller, deflated_sharpe(&m, spread, count)?.evidence.smaller))
        });
        let Ok((alone, deflated)) = figures else {
            out.unknown += 1;
            continue;
        };
        doubts.push((1.0 - alone).clamp(0.0, 1.0));
        out.alone += usize::from(alone >= 1.0 - level);
        out.deflated += usize::from(deflated >= 1.0 - level);
    }
    if doubts.is_empty() {
        return Ok(out);
    }
    let corrected = correct(&doubts, Correction::BenjaminiHochberg, level)?;
    out.discovered = corrected.rejected.iter().filter(|r| **r).count();
    Ok(out)
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
        let e = judge(&ran, &Tried::first(5_000), 1, Some(7));
        assert!(e.sharpe.unwrap().smaller > 0.95, "picked from 200, it looks significant by itself");
        assert!(e.deflated.as_ref().unwrap().evidence.smaller < 0.95);
        let paths = e.purged.clone().unwrap().unwrap();
        assert!(paths.ratios.iter().all(|r| r.abs() < 0.2), "held out, the chosen are noise: {paths:?}");
        assert!(e.superior.unwrap().p_consistent > 0.05 && e.stands_out(0.05) == Some(false));
        let a = admissions(&ran, 5_000, 0.05).unwrap();
        assert!(a.judged == 200 && a.deflated == 0 && (2..=20).contains(&a.alone), "{a:?}");
        ran.push(noise(9_999, 240, 0.004));
        let e = judge(&ran, &Tried::first(5_000), 1, Some(7));
        assert_eq!(e.best, Some(200));
        assert!(e.superior.unwrap().p_consistent < 0.01 && e.overfit.as_ref().unwrap().pbo < 0.05);
        assert_eq!(e.stands_out(0.05), Some(true));
        let paths = e.purged.clone().unwrap().unwrap();
        assert!(paths.chosen.iter().all(|c| *c == 200) && paths.ratios.len() == 5, "{paths:?}");
        assert!(paths.positive_share == 1.0 && e.track_record.unwrap().longer < 240.0);
        let a = admissions(&ran, 5_000, 0.05).unwrap();
        assert!(a.deflated == 1 && a.discovered >= 1, "{a:?}");
        assert!(e.folds.iter().all(|f| f.chosen == 200) && e.walk_forward.unwrap() > 0.3);
    }

    #[test]
    fn variants_that_hardly_differ_do_not_launder_the_best_of_what_was_tried_before() {
        // The luckiest of many without skill, then a sweep of a key that does not matter.
        let former: Vec<Ran> = (0..1_000).map(|i| noise(i, 240, 0.0)).collect();
        let lucky = (0..1_000u64).max_by(|a, b| {
            let of = |i: &u64| former[*i as usize].ratio().unwrap();
            of(a).total_cmp(&of(b))
        });
        let nudged = |step: u32| {
            let mut r = noise(lucky.unwrap(), 240, 0.0);
            r.daily.iter_mut().for_each(|d| *d += 1e-6 * f64::from(step));
            r
        };
        let ran: Vec<Ran> = (0..3).map(nudged).collect();
        let with = Tried { count: 1_003, former: former.iter().filter_map(Ran::ratio).collect() };
        let (blind, seeing) = (judge(&ran, &Tried::first(1_003), 1, Some(7)), judge(&ran, &with, 1, Some(7)));
        assert!(blind.deflated.unwrap().evidence.smaller > 0.95, "by the count alone it looks like skill");
        assert!(seeing.deflated.unwrap().evidence.smaller < 0.9, "{:?}", seeing.deflated);
        assert_ne!(seeing.stands_out(0.05), Some(true));
    }

    #[test]
    fn more_trials_in_the_registry_leave_less_of_the_same_result() {
        let ran: Vec<Ran> = (0..50).map(|i| noise(i, 240, 0.0005)).collect();
        let few = judge(&ran, &Tried::first(50), 1, Some(7)).deflated.unwrap();
        let many = judge(&ran, &Tried::first(50_000), 1, Some(7)).deflated.unwrap();
        assert!(many.benchmark > few.benchmark && many.evidence.smaller < few.evidence.smaller);
        let told_less = judge(&ran, &Tried::first(1), 1, Some(7)).deflated.unwrap();
        assert_eq!(told_less, few, "the sweep itself is the least that was tried");
    }

    #[test]
    fn a_variant_that_never_traded_is_counted_and_not_compared() {
        let mut ran: Vec<Ran> = (0..4).map(|i| noise(i, 100, 0.0)).collect();
        ran.insert(0, Ran { daily: vec![0.0; 100], ..ran[0].clone() });
        let e = judge(&ran, &Tried::first(5), 1, None);
        assert_eq!((e.idle, e.best.is_some_and(|b| b > 0)), (1, true));
        assert!(e.purged.is_none(), "without a horizon there is no length to purge by");
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
