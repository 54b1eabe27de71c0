//! What lens opinions were worth: the probability of a declared event, fitted and scored out of time on shadow outcomes.
//!
//! The event: the candidate, filled in its shadow book through the same exits and costs, ended above zero net. Every candidate
//! counts, admitted or not, so that no gate chooses what the lenses are judged by; of those of a book, coin and side that overlap,
//! the first.

mod live;
mod rows;

pub use live::{LensLive, Live, live};
pub use rows::{Rows, rows};

use crate::cluster::{ClusterMean, Draws, mean};
use crate::learner::Learnt;
use zero_core::{CoinId, Ts, TsDiff};
use zero_stats::{ForecastScore, LensReport, Stack, StackReport, StackingRule, StatsError};
use zero_strategy::modifiers::Z80;
use zero_strategy::opinion_model::{
    LensScore, LensWeight, Magnitude, ModelEvidence, ModelMap, OPINION_MODEL_VERSION, OpinionModel, Score,
    ScoreBin,
};

/// Fewest rows that a model is fitted on.
pub const ROWS_MIN: usize = 300;
/// Fewest rows of each outcome.
pub const EACH_MIN: usize = 30;

/// A fitted model and whether its gain is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The model.
    pub model: OpinionModel,
    /// The lenses beat the base rate out of time at the evidence's level: only such a model decides.
    pub shown: bool,
}

/// Why there is no model.
#[derive(Clone, Debug, PartialEq)]
pub enum NoModel {
    /// Too few rows, or too few of one outcome or too few clusters of time.
    TooFew(String),
    /// The statistics refuse.
    Unfit(StatsError),
}

impl From<StatsError> for NoModel {
    fn from(e: StatsError) -> Self {
        Self::Unfit(e)
    }
}

impl core::fmt::Display for NoModel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooFew(why) => f.write_str(why),
            Self::Unfit(e) => write!(f, "{e}"),
        }
    }
}

/// Fits a model on what was learnt. `alpha` is the one-sided level at which a gain over the base rate counts as shown.
///
/// # Errors
/// [`NoModel`] where the rows do not allow one.
pub fn fit(learnt: &Learnt, alpha: f64) -> Result<Fitted, NoModel> {
    let rows = rows(learnt);
    let wins = rows.outcomes.iter().filter(|o| **o == 1.0).count();
    let (n, losses) = (rows.outcomes.len(), rows.outcomes.len() - wins);
    if n < ROWS_MIN || wins.min(losses) < EACH_MIN {
        return Err(NoModel::TooFew(format!(
            "{n} candidates with an outcome, {wins} above and {losses} at or below zero; {ROWS_MIN} are needed, and {EACH_MIN} of each"
        )));
    }
    let (folds, stack, report) = stacked(&rows)?;
    let cost_share = rows.costs.iter().sum::<f64>() / rows.costs.len().max(1) as f64;
    let all = &rows;
    let pick = |won: bool| {
        let of = all.r.iter().enumerate().filter(move |(i, _)| (all.outcomes[*i] == 1.0) == won);
        let sign = if won { 1.0 } else { -1.0 };
        of.map(move |(i, r)| (i, sign * r))
    };
    let (win, loss) = (magnitude(&rows, pick(true))?, magnitude(&rows, pick(false))?);
    let evidence = evidence(&rows, (folds, &report), wins, alpha)?;
    let parts = stack.parts();
    let lens = |((name, version), (scale, weight)): (&(String, u16), (&f64, &f64))| LensWeight {
        name: name.clone(),
        version: *version,
        scale: *scale,
        weight: *weight,
    };
    let model = OpinionModel {
        version: OPINION_MODEL_VERSION,
        lenses: rows.lenses.iter().zip(parts.scales.iter().zip(&parts.weights)).map(lens).collect(),
        intercept: parts.intercept,
        covariance: parts.covariance,
        moments: parts.moments,
        map: parts.map.map(|(m, rows)| ModelMap { a: m.a, b: m.b, c: m.c, rows }),
        clip: parts.clip,
        z: parts.z,
        prior_rows: parts.prior_rows,
        win,
        loss,
        cost_share,
        evidence,
    };
    if model.shows_edge() {
        return Ok(Fitted { model, shown: true });
    }
    Ok(Fitted { model: base_rate(model, &rows)?, shown: false })
}

/// The model that says the base rate of everything, with the doubt that clusters of time leave about it. What was tried, and that
/// it showed nothing, stays in its evidence.
fn base_rate(tried: OpinionModel, rows: &Rows) -> Result<OpinionModel, NoModel> {
    let won = doubtful(rows, rows.outcomes.iter().copied().enumerate(), 3);
    let (Some(p), Some(stderr)) = (won.mean, won.stderr) else {
        return Err(NoModel::TooFew("outcomes of one cluster of time alone have no standard error".into()));
    };
    let d = tried.lenses.len() + 1;
    let slope = 1.0 / (p * (1.0 - p));
    let variance = (stderr * slope) * (stderr * slope);
    Ok(OpinionModel {
        intercept: (p / (1.0 - p)).ln(),
        covariance: (0..d * d).map(|i| if i == 0 { variance } else { 0.0 }).collect(),
        map: None,
        lenses: tried.lenses.into_iter().map(|l| LensWeight { weight: 0.0, ..l }).collect(),
        ..tried
    })
}

/// The most folds, six to three, of which the first knows outcomes of both kinds when it ends: candidates come in bursts, and those
/// of the first burst may all be open still.
fn stacked(rows: &Rows) -> Result<(usize, Stack, StackReport), NoModel> {
    let standard = StackingRule::standard();
    let mut why = NoModel::TooFew(String::new());
    for folds in (3..=standard.folds).rev() {
        let rule = StackingRule { z: Z80, folds, ..standard.clone() };
        match Stack::fit(&rows.opinions(), &rule) {
            Ok((stack, report)) => return Ok((folds, stack, report)),
            Err(e @ (StatsError::TooFew { .. } | StatsError::NoVariation)) => {
                why = NoModel::TooFew(format!(
                    "the first of {folds} stretches of the history knows too few outcomes: {e}"
                ));
            }
            Err(e) => return Err(e.into()),
        }
    }
    Err(why)
}

fn evidence(
    rows: &Rows,
    (folds, report): (usize, &StackReport),
    wins: usize,
    alpha: f64,
) -> Result<ModelEvidence, NoModel> {
    let Some(calibrated) = &report.calibrated else {
        return Err(NoModel::TooFew("no fold allowed a calibration on earlier ones".into()));
    };
    let gains = report.rows.iter().map(|r| {
        let given = |p: f64| if rows.outcomes[r.row] == 1.0 { p } else { 1.0 - p };
        (r.row, (given(r.p) / given(r.base)).ln())
    });
    let gain = doubtful(rows, gains, 1);
    let (Some(mean_gain), Some(p)) = (gain.mean, gain.p) else {
        return Err(NoModel::TooFew(format!(
            "{} clusters of time out of time are too few to tell a gain from chance",
            gain.clusters
        )));
    };
    // A certainty that failed is an infinite loss: no gain.
    let (mean_gain, gain_p) = match mean_gain.is_finite() {
        true if mean_gain > 0.0 => (mean_gain, p / 2.0),
        true => (mean_gain, 1.0 - p / 2.0),
        false => (f64::MIN, 1.0),
    };
    Ok(ModelEvidence {
        rows: rows.outcomes.len() as u64,
        wins: wins as u64,
        from: rows.times.first().copied().unwrap_or(Ts::ZERO),
        to: rows.times.last().copied().unwrap_or(Ts::ZERO),
        origin: rows.digest,
        folds: folds as u32,
        ridge: report.ridge,
        effective_lenses: report.effective_lenses,
        whole: score(&report.whole),
        calibrated: score(calibrated),
        gain: mean_gain,
        gain_p,
        alpha,
        lenses: report.lenses.iter().map(|l| l.as_ref().map(lens_score)).collect(),
    })
}

fn lens_score(l: &LensReport) -> LensScore {
    LensScore { alone: score(&l.alone), whole: score(&l.whole) }
}

/// A score as a record.
#[must_use]
pub fn score(s: &ForecastScore) -> Score {
    Score {
        n: s.n,
        base_rate: s.base_rate,
        brier: s.brier,
        uncertainty: s.uncertainty,
        log_score: s.log_score,
        bins: s.bins.iter().map(|b| ScoreBin { forecast: b.forecast, n: b.n, events: b.events }).collect(),
    }
}

fn magnitude(rows: &Rows, values: impl Iterator<Item = (usize, f64)> + Clone) -> Result<Magnitude, NoModel> {
    let m = doubtful(rows, values, 2);
    match (m.mean, m.stderr) {
        (Some(mean), Some(stderr)) => Ok(Magnitude { mean, stderr, n: m.n, clusters: m.clusters }),
        _ => {
            Err(NoModel::TooFew("wins or losses of one cluster of time alone have no standard error".into()))
        }
    }
}

/// A mean by the more doubtful of two clusterings, as for the value of gates: a coin's stretch of time, and the stretch with
/// all its coins; the greater standard error counts, and the greater p-value.
fn doubtful(rows: &Rows, values: impl Iterator<Item = (usize, f64)> + Clone, stream: u64) -> ClusterMean {
    let draws = Draws::standard(stream);
    let key = |i: usize| -> (CoinId, Ts) { (rows.coins[i], rows.times[i].floor(rows.cluster)) };
    let by_coin = mean(values.clone().map(|(i, v)| (key(i), v)), &draws);
    let by_time = mean(values.map(|(i, v)| (key(i).1, v)), &draws);
    ClusterMean {
        stderr: by_coin.stderr.zip(by_time.stderr).map(|(a, b)| a.max(b)),
        p: by_coin.p.zip(by_time.p).map(|(a, b)| a.max(b)),
        ..by_time
    }
}

/// The stretch of time of a cluster in whole days.
#[must_use]
pub fn cluster_days(rows: &Rows) -> u32 {
    u32::try_from(rows.cluster.as_ns() / TsDiff::DAY.as_ns()).unwrap_or(u32::MAX)
}
