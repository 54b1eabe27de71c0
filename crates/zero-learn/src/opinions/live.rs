//! Forecasts of a model in force, held against what became of the candidates since.

use super::rows::horizon;
use super::score;
use crate::learner::{Case, Learnt};
use zero_stats::{Grouping, forecast_score};
use zero_strategy::opinion_model::Score;
use zero_strategy::{Forecast, Opinions};

/// Scores so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// Candidates that the model judged.
    pub judged: u64,
    /// Of those, with an outcome that counts; the earliest open position and all after it do not yet.
    pub resolved: u64,
    /// The whole.
    pub whole: Option<Score>,
    /// Mean probability of the resolved.
    pub mean_p: Option<f64>,
    /// By lens.
    pub lenses: Vec<LensLive>,
}

/// One lens so far.
#[derive(Clone, Debug, PartialEq)]
pub struct LensLive {
    /// Judged candidates on which it spoke.
    pub spoke: u64,
    /// Of the resolved ones: the forecast with every other lens silent.
    pub alone: Option<Score>,
}

/// Of the candidates that this model judged.
#[must_use]
pub fn live(learnt: &Learnt, opinions: &Opinions) -> Live {
    let digest = opinions.digest();
    let of = |c: &Case| -> Option<Forecast> {
        c.said.forecast.as_ref().filter(|(d, _)| *d == digest).map(|(_, f)| f.clone())
    };
    let judged: Vec<(&Case, Forecast)> = learnt.cases.iter().filter_map(|c| Some((c, of(c)?))).collect();
    let young = horizon(judged.iter().map(|(c, _)| *c));
    let resolved: Vec<(f64, &Forecast)> = judged
        .iter()
        .filter(|(c, _)| young.is_none_or(|t| c.time < t))
        .filter_map(|(c, f)| Some((f64::from(u8::from(c.fate.r()? > 0.0)), f)))
        .collect();
    let scored = |pairs: Vec<(f64, f64)>| {
        let (p, o): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        forecast_score(&p, &o, Grouping::EqualCount(10)).ok().as_ref().map(score)
    };
    let lens = |i: usize| LensLive {
        spoke: judged.iter().filter(|(_, f)| f.contributions.get(i).is_some_and(Option::is_some)).count()
            as u64,
        alone: scored(
            resolved
                .iter()
                .filter_map(|(o, f)| Some((opinions.alone((*f.contributions.get(i)?)?)?, *o)))
                .collect(),
        ),
    };
    let n = resolved.len() as f64;
    Live {
        judged: judged.len() as u64,
        resolved: resolved.len() as u64,
        whole: scored(resolved.iter().map(|(o, f)| (f.p, *o)).collect()),
        mean_p: (n > 0.0).then(|| resolved.iter().map(|(_, f)| f.p).sum::<f64>() / n),
        lenses: (0..opinions.model().lenses.len()).map(lens).collect(),
    }
}
