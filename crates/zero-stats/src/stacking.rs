//! Several opinions made into one probability: ridge logistic stacking (Wolpert, Neural Networks 5, 1992) of lenses that may abstain.
//!
//! An abstention is marginalised. In the central probability the lens counts as 0, its typical size, and the variance of the log-odds grows by
//! what it could have said. In the lower bound it says the worst that a lens may say: so dropping a feed never raises that bound.
//! Every probability that the calibration map is fitted on, and every score that is reported, was made by a model that had seen only
//! rows whose labels were known before the row's fold began.

mod parts;

pub use parts::StackParts;

use alloc::vec;
use alloc::vec::Vec;

use crate::covariance::{correlation_of, sample_covariance};
use crate::effective_rank::participation_ratio;
use crate::error::{StatsError, check_each, check_positive, check_same_length, check_work};
use crate::forecast_score::{ForecastScore, Grouping, forecast_score, log_score};
use crate::linear::symmetric_eigenvalues;
use crate::logistic::{Logistic, logistic};
use crate::panel::Panel;
use crate::recalibration::{BetaMap, shrunk_probability};

/// The most lenses: the lower bound looks at every corner of what absent ones could say.
const MOST_LENSES: u64 = 16;

/// Opinions of lenses on past occasions, row-major in time order; `None` is an abstention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opinions<'a> {
    /// One row for each occasion.
    pub cells: &'a [Option<f64>],
    /// Lenses in a row, 1 to 16.
    pub lenses: usize,
    /// Whether the declared event happened: 0 or 1, one for each row.
    pub outcomes: &'a [f64],
    /// The row at which the outcome of each row was known, at or after the row itself.
    pub label_ends: &'a [usize],
}

/// How the stack is made.
#[derive(Clone, Debug, PartialEq)]
pub struct StackingRule {
    /// Penalties to choose from, all positive, by the log score over later folds.
    pub ridges: Vec<f64>,
    /// Runs of rows; the first only trains. 3 to 50.
    pub folds: usize,
    /// The largest opinion that counts, in units of a lens's root mean square.
    pub clip: f64,
    /// Standard errors between the central log-odds and the lower bound: 0.84 for a one-sided 80 %.
    pub z: f64,
    /// Weight of the uncalibrated probability, in rows.
    pub prior_rows: f64,
}

impl StackingRule {
    /// Penalties over four decades, six folds, opinions up to three units, a one-sided 80 % bound, shrinkage as by 200 rows.
    #[must_use]
    pub fn standard() -> Self {
        Self { ridges: vec![0.1, 1.0, 10.0, 100.0, 1_000.0], folds: 6, clip: 3.0, z: 0.84, prior_rows: 200.0 }
    }
}

/// A fitted stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    model: Model,
    clip: f64,
    z: f64,
    prior_rows: f64,
    /// Fitted on out-of-time probabilities, and on how many; `None` when they allowed no fit, and then nothing is calibrated.
    map: Option<(BetaMap, usize)>,
}

/// What a stack says of one occasion.
#[derive(Clone, Debug, PartialEq)]
pub struct Combined {
    /// Central probability of the event, calibrated.
    pub p: f64,
    /// Its lower bound, calibrated: over the uncertainty of the weights and over all that absent lenses could have said.
    pub p_lower: f64,
    /// Log-odds that each lens contributes; `None` where it abstained.
    pub contributions: Vec<Option<f64>>,
    /// Variance of the log-odds: of the weights, and of what absent lenses typically say.
    pub variance: f64,
}

/// How good the stack and its lenses were, out of time.
#[derive(Clone, Debug, PartialEq)]
pub struct StackReport {
    /// The penalty that was chosen.
    pub ridge: f64,
    /// Weight of each lens per unit of its root mean square.
    pub weights: Vec<f64>,
    /// (sum)^2 / sum of squares of the eigenvalues of the correlation of opinions: how many independent lenses they amount to.
    pub effective_lenses: f64,
    /// The whole, before calibration.
    pub whole: ForecastScore,
    /// The whole after calibration with maps fitted on earlier folds only; `None` when no fold allowed a map.
    pub calibrated: Option<ForecastScore>,
    /// Each lens; `None` for one that never spoke or allowed no fit.
    pub lenses: Vec<Option<LensReport>>,
    /// The rows behind `calibrated`, in time order.
    pub rows: Vec<LaterRow>,
}

/// A row of a later fold with what was known before its fold began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaterRow {
    /// The row.
    pub row: usize,
    /// Its calibrated probability.
    pub p: f64,
    /// The base rate of the rows whose labels were known: `(events + 1) / (rows + 2)`, the forecast of one who knows no lens.
    pub base: f64,
}

/// A lens against the whole, both out of time and on the rows where the lens spoke.
#[derive(Clone, Debug, PartialEq)]
pub struct LensReport {
    /// A stack of this lens alone.
    pub alone: ForecastScore,
    /// The stack of all lenses.
    pub whole: ForecastScore,
}

impl Stack {
    /// Fits on all rows and reports what models of earlier rows did on later ones. Needs ten rows a fold, and both outcomes known by the end of the
    /// first fold. A lens
    /// that never spoke, or only ever said 0, gets no weight.
    pub fn fit(past: &Opinions<'_>, rule: &StackingRule) -> Result<(Self, StackReport), StatsError> {
        check_input(past, rule)?;
        let all: Vec<usize> = (0..past.lenses).collect();
        let mut best: Option<(f64, f64, Later)> = None;
        for &ridge in &rule.ridges {
            let later = out_of_time(past, &all, rule, ridge)?;
            let (p, o) = with_outcomes(past, &later);
            let loss = log_score(&p, &o)?;
            if best.as_ref().is_none_or(|(least, _, _)| loss < *least) {
                best = Some((loss, ridge, later));
            }
        }
        let (_, ridge, later) = best.ok_or(StatsError::TooFew { needed: 1, got: 0 })?;
        let rows: Vec<usize> = (0..past.outcomes.len()).collect();
        let model = Model::fit(past, &all, &rows, rule, ridge)?;
        let (p, o) = with_outcomes(past, &later);
        let map = BetaMap::fit(&p, &o).ok().map(|map| (map, p.len()));
        let rows = calibrated_out_of_time(past, &later, rule)?;
        let report = StackReport {
            ridge,
            weights: model.logistic.weights.clone(),
            effective_lenses: effective_lenses(past, &model)?,
            whole: forecast_score(&p, &o, Grouping::EqualCount(10))?,
            calibrated: score_of(past, &rows)?,
            lenses: (0..past.lenses).map(|lens| of_lens(past, lens, rule, ridge, &later)).collect(),
            rows,
        };
        Ok((Self { model, clip: rule.clip, z: rule.z, prior_rows: rule.prior_rows, map }, report))
    }

    /// Combines the opinions of one occasion; one entry for each lens. An opinion that is not finite is an error, not an abstention.
    pub fn combine(&self, opinions: &[Option<f64>]) -> Result<Combined, StatsError> {
        check_same_length(opinions.len(), self.model.scales.len())?;
        if let Some(index) = opinions.iter().position(|x| x.is_some_and(|x| !x.is_finite())) {
            return Err(StatsError::NotFinite { index });
        }
        let x = self.model.features(opinions, self.clip);
        let weights = &self.model.logistic.weights;
        let absent: Vec<usize> = (0..x.len()).filter(|i| opinions[*i].is_none()).collect();
        let k = weights.len();
        let pairs = absent.iter().flat_map(|&i| absent.iter().map(move |&j| (i, j)));
        let unsaid: f64 =
            pairs.map(|(i, j)| weights[i] * weights[j] * self.model.moments[i * k + j]).sum::<f64>().max(0.0);
        let variance = self.model.variance(&x) + unsaid;
        // The logistic of a normal log-odds, averaged (MacKay, Neural Computation 4, 1992).
        let moderated =
            self.model.logistic.logit(&x) / libm::sqrt(1.0 + core::f64::consts::PI * variance / 8.0);
        let lower = self.lowest(&x, &absent);
        // Far out the average over log-odds falls below the bound, which is kept: it is the bound that decisions rest on.
        Ok(Combined {
            p: self.calibrated(logistic(moderated.max(lower)))?,
            p_lower: self.calibrated(logistic(lower))?,
            contributions: opinions
                .iter()
                .zip(x.iter().zip(weights))
                .map(|(o, (x, w))| o.map(|_| w * x))
                .collect(),
            variance,
        })
    }

    /// The least of the lower log-odds over all that absent lenses could say. It is concave in what they say, so a corner attains it.
    fn lowest(&self, x: &[f64], absent: &[usize]) -> f64 {
        let mut least = f64::INFINITY;
        let mut corner = x.to_vec();
        for bits in 0..1u32 << absent.len() {
            for (k, &i) in absent.iter().enumerate() {
                let side = if bits >> k & 1 == 0 { -1.0 } else { 1.0 };
                // A lens that was never heard has no weight and no size.
                corner[i] = if self.model.scales[i] > 0.0 { side * self.clip } else { 0.0 };
            }
            let lower =
                self.model.logistic.logit(&corner) - self.z * libm::sqrt(self.model.variance(&corner));
            least = least.min(lower);
        }
        least
    }

    fn calibrated(&self, p: f64) -> Result<f64, StatsError> {
        match &self.map {
            Some((map, n)) => shrunk_probability(map.at(p), p, *n as f64, self.prior_rows),
            None => Ok(p),
        }
    }
}

/// Rows, and the probability that a model of earlier rows gave each.
type Later = Vec<(usize, f64)>;

#[derive(Clone, Debug, PartialEq)]
struct Model {
    logistic: Logistic,
    /// Root mean square of each lens where it spoke; 0 for one that said nothing.
    scales: Vec<f64>,
    /// Of intercept and weights.
    covariance: Vec<f64>,
    /// Mean product of the units of two lenses where both spoke: what they say together when they are not heard. 0 where they never did.
    moments: Vec<f64>,
}

impl Model {
    fn fit(
        past: &Opinions<'_>,
        lenses: &[usize],
        rows: &[usize],
        rule: &StackingRule,
        ridge: f64,
    ) -> Result<Self, StatsError> {
        let scales = lenses.iter().map(|&lens| scale(past, lens, rows)).collect();
        let empty = Logistic { intercept: 0.0, weights: Vec::new() };
        let mut model = Self { logistic: empty, scales, covariance: Vec::new(), moments: Vec::new() };
        let features: Vec<f64> =
            rows.iter().flat_map(|&row| model.features(&opinions_of(past, lenses, row), rule.clip)).collect();
        model.moments = moments(past, lenses, rows, &features);
        let targets: Vec<f64> = rows.iter().map(|&row| past.outcomes[row]).collect();
        let panel = Panel::new(&features, lenses.len())?;
        model.logistic = Logistic::fit(&panel, &targets, None, ridge)?;
        model.covariance = model.logistic.covariance(&panel, &targets, ridge)?;
        Ok(model)
    }

    /// Opinions in units of each lens's size, clipped; an abstention is 0.
    fn features(&self, opinions: &[Option<f64>], clip: f64) -> Vec<f64> {
        let unit = |(o, s): (&Option<f64>, &f64)| match o {
            Some(x) if *s > 0.0 => (x / s).clamp(-clip, clip),
            _ => 0.0,
        };
        opinions.iter().zip(&self.scales).map(unit).collect()
    }

    fn variance(&self, x: &[f64]) -> f64 {
        let d = x.len() + 1;
        let at = |i: usize| if i == 0 { 1.0 } else { x[i - 1] };
        let mut total = 0.0;
        for i in 0..d {
            for j in 0..d {
                total += at(i) * self.covariance[i * d + j] * at(j);
            }
        }
        total.max(0.0)
    }
}

/// On features of the given rows.
fn moments(past: &Opinions<'_>, lenses: &[usize], rows: &[usize], features: &[f64]) -> Vec<f64> {
    let k = lenses.len();
    let spoke = |row: usize, lens: usize| past.cells[row * past.lenses + lenses[lens]].is_some();
    let mut out = Vec::with_capacity(k * k);
    for (i, j) in (0..k).flat_map(|i| (0..k).map(move |j| (i, j))) {
        let both =
            rows.iter().zip(features.chunks_exact(k)).filter(|(row, _)| spoke(**row, i) && spoke(**row, j));
        let (total, n) = both.fold((0.0, 0.0), |(total, n), (_, x)| (total + x[i] * x[j], n + 1.0));
        out.push(if n > 0.0 { total / n } else { 0.0 });
    }
    out
}

fn scale(past: &Opinions<'_>, lens: usize, rows: &[usize]) -> f64 {
    let (mut squares, mut n) = (0.0, 0.0);
    for x in rows.iter().filter_map(|&row| past.cells[row * past.lenses + lens]) {
        squares += x * x;
        n += 1.0;
    }
    if n > 0.0 { libm::sqrt(squares / n) } else { 0.0 }
}

fn opinions_of(past: &Opinions<'_>, lenses: &[usize], row: usize) -> Vec<Option<f64>> {
    lenses.iter().map(|&lens| past.cells[row * past.lenses + lens]).collect()
}

/// Every row after the first fold, by models of rows whose labels were known before the row's fold.
fn out_of_time(
    past: &Opinions<'_>,
    lenses: &[usize],
    rule: &StackingRule,
    ridge: f64,
) -> Result<Later, StatsError> {
    let n = past.outcomes.len();
    let mut out = Vec::new();
    for fold in 1..rule.folds {
        let (from, to) = (fold * n / rule.folds, (fold + 1) * n / rule.folds);
        let known: Vec<usize> = (0..from).filter(|&row| past.label_ends[row] < from).collect();
        let model = Model::fit(past, lenses, &known, rule, ridge)?;
        for row in from..to {
            let x = model.features(&opinions_of(past, lenses, row), rule.clip);
            out.push((row, logistic(model.logistic.logit(&x))));
        }
    }
    Ok(out)
}

/// Probabilities that went through a map fitted on the out-of-time rows of earlier folds.
fn calibrated_out_of_time(
    past: &Opinions<'_>,
    later: &[(usize, f64)],
    rule: &StackingRule,
) -> Result<Vec<LaterRow>, StatsError> {
    let n = past.outcomes.len();
    let mut out = Vec::new();
    for fold in 2..rule.folds {
        let (from, to) = (fold * n / rule.folds, (fold + 1) * n / rule.folds);
        let known: Vec<(usize, f64)> =
            later.iter().copied().filter(|(row, _)| *row < from && past.label_ends[*row] < from).collect();
        let (kp, ko) = with_outcomes(past, &known);
        let Ok(map) = BetaMap::fit(&kp, &ko) else { continue };
        let seen = (0..from).filter(|row| past.label_ends[*row] < from);
        let (events, rows) = seen.fold((0.0, 0.0), |(e, n), row| (e + past.outcomes[row], n + 1.0));
        let base = (events + 1.0) / (rows + 2.0);
        for (row, x) in later.iter().filter(|(row, _)| (from..to).contains(row)) {
            let p = shrunk_probability(map.at(*x), *x, kp.len() as f64, rule.prior_rows)?;
            out.push(LaterRow { row: *row, p, base });
        }
    }
    Ok(out)
}

fn score_of(past: &Opinions<'_>, rows: &[LaterRow]) -> Result<Option<ForecastScore>, StatsError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let (p, o): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (r.p, past.outcomes[r.row])).unzip();
    forecast_score(&p, &o, Grouping::EqualCount(10)).map(Some)
}

fn of_lens(
    past: &Opinions<'_>,
    lens: usize,
    rule: &StackingRule,
    ridge: f64,
    whole: &[(usize, f64)],
) -> Option<LensReport> {
    let score = |later: &[(usize, f64)]| {
        let spoke = |(row, _): &&(usize, f64)| past.cells[row * past.lenses + lens].is_some();
        let heard: Vec<(usize, f64)> = later.iter().filter(spoke).copied().collect();
        let (p, o) = with_outcomes(past, &heard);
        forecast_score(&p, &o, Grouping::EqualCount(10)).ok()
    };
    let alone = out_of_time(past, &[lens], rule, ridge).ok()?;
    Some(LensReport { alone: score(&alone)?, whole: score(whole)? })
}

fn with_outcomes(past: &Opinions<'_>, rows: &[(usize, f64)]) -> (Vec<f64>, Vec<f64>) {
    rows.iter().map(|(row, p)| (*p, past.outcomes[*row])).unzip()
}

/// Of the lenses that vary; the abstentions count as 0, as in the stack.
fn effective_lenses(past: &Opinions<'_>, model: &Model) -> Result<f64, StatsError> {
    let heard: Vec<usize> = (0..past.lenses).filter(|i| varies(past, *i)).collect();
    if heard.is_empty() {
        return Err(StatsError::NoVariation);
    }
    let cells: Vec<f64> = (0..past.outcomes.len())
        .flat_map(|row| heard.iter().map(move |&i| (row, i)))
        .map(|(row, i)| past.cells[row * past.lenses + i].map_or(0.0, |x| x / model.scales[i]))
        .collect();
    let covariance = sample_covariance(&Panel::new(&cells, heard.len())?)?;
    participation_ratio(&symmetric_eigenvalues(&correlation_of(&covariance, heard.len())?, heard.len())?)
}

fn varies(past: &Opinions<'_>, lens: usize) -> bool {
    let mut said = (0..past.outcomes.len()).map(|row| past.cells[row * past.lenses + lens].unwrap_or(0.0));
    let first = said.next();
    said.any(|x| Some(x) != first)
}

fn check_input(past: &Opinions<'_>, rule: &StackingRule) -> Result<(), StatsError> {
    if past.lenses == 0 {
        return Err(StatsError::BadParameter { name: "lenses", rule: "at least 1" });
    }
    check_work(past.lenses as u64, MOST_LENSES)?;
    if !(3..=50).contains(&rule.folds) {
        return Err(StatsError::BadParameter { name: "folds", rule: "from 3 to 50" });
    }
    let n = past.outcomes.len();
    if n < 10 * rule.folds {
        return Err(StatsError::TooFew { needed: 10 * rule.folds, got: n });
    }
    check_same_length(past.cells.len(), n * past.lenses)?;
    check_same_length(past.label_ends.len(), n)?;
    check_work((n * past.lenses * rule.folds) as u64 * rule.ridges.len() as u64, 50_000_000)?;
    if let Some(cell) = past.cells.iter().position(|x| x.is_some_and(|x| !x.is_finite())) {
        return Err(StatsError::NotFinite { index: cell / past.lenses });
    }
    check_each(past.outcomes, "an outcome of 0 or 1", |o| o == 0.0 || o == 1.0)?;
    if let Some(index) = past.label_ends.iter().enumerate().position(|(i, end)| *end < i) {
        return Err(StatsError::Outside { index, rule: "a label that is known at or after its row" });
    }
    if rule.ridges.is_empty() || !rule.ridges.iter().all(|r| r.is_finite() && *r > 0.0) {
        return Err(StatsError::BadParameter { name: "ridges", rule: "one or more positive finite numbers" });
    }
    check_positive("clip", rule.clip)?;
    check_each(&[rule.z, rule.prior_rows], "a finite number of at least 0", |x| x.is_finite() && x >= 0.0)
}
