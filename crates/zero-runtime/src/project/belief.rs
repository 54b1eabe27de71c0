//! What the lenses make of a candidate, in one probability: measured where an opinion model is in force, else what they assume.

use zero_kernel::record::{CandidateTrace, LensTrace};
use zero_stats::normal_cdf;
use zero_strategy::{Forecast, Opinions};

/// Of one candidate.
pub(crate) struct Belief {
    /// Share of the lenses with a say that are for the side, percent.
    pub consensus: Option<i64>,
    /// Probability that it pays.
    pub conviction: Option<f64>,
    /// `measured`, `assumed`, or `none` where nothing could be judged.
    pub basis: &'static str,
    /// By lens: its share in the conviction.
    pub weights: Vec<Option<f64>>,
    /// By lens: the probability of its own opinion alone.
    pub confidences: Vec<Option<f64>>,
}

impl Belief {
    /// Of no candidate.
    pub(crate) const fn none() -> Self {
        Self {
            consensus: None,
            conviction: None,
            basis: "none",
            weights: Vec::new(),
            confidences: Vec::new(),
        }
    }

    pub(crate) fn of(t: &CandidateTrace, opinions: Option<&Opinions>) -> Self {
        match opinions {
            Some(o) => t.forecast.as_ref().map_or_else(|| Self::unsaid(t), |f| Self::measured(o, f)),
            None => Self::assumed(t),
        }
    }

    /// A model is in force and can say nothing of the candidate.
    fn unsaid(t: &CandidateTrace) -> Self {
        let nothing = vec![None; t.lenses.len()];
        Self { basis: "measured", weights: nothing.clone(), confidences: nothing, ..Self::none() }
    }

    /// A lens has a say where its log-odds are not zero; its share is that of their size.
    fn measured(opinions: &Opinions, f: &Forecast) -> Self {
        let said = |c: &Option<f64>| c.filter(|c| *c != 0.0);
        let voices: Vec<f64> = f.contributions.iter().filter_map(said).collect();
        let total: f64 = voices.iter().map(|c| c.abs()).sum();
        let share = |c: &Option<f64>| said(c).map(|c| c.abs() / total);
        Self {
            consensus: percent(voices.iter().filter(|c| **c > 0.0).count(), voices.len()),
            conviction: Some(f.p),
            basis: "measured",
            weights: f.contributions.iter().map(share).collect(),
            confidences: f.contributions.iter().map(|c| opinions.alone((*c)?)).collect(),
        }
    }

    /// By the lenses' own figures, weighted by precision and taken as independent. An opinion without a positive standard error
    /// has no precision and so no weight.
    fn assumed(t: &CandidateTrace) -> Self {
        let precision = |l: &LensTrace| {
            let o = l.opinion?;
            (o.stderr > 0.0 && o.stderr.is_finite() && o.mean.is_finite())
                .then(|| 1.0 / (o.stderr * o.stderr))
        };
        let opinions: Vec<_> = t.lenses.iter().filter_map(|l| l.opinion).collect();
        let total: f64 = t.lenses.iter().filter_map(precision).sum();
        let weights: Vec<Option<f64>> = t.lenses.iter().map(|l| precision(l).map(|p| p / total)).collect();
        let mean: f64 =
            t.lenses.iter().zip(&weights).filter_map(|(l, w)| Some(l.opinion?.mean * (*w)?)).sum();
        let own = |l: &LensTrace| l.opinion.filter(|o| o.stderr > 0.0).map(|o| gains(o.mean, o.stderr));
        Self {
            consensus: percent(opinions.iter().filter(|o| o.mean > 0.0).count(), opinions.len()),
            conviction: (total > 0.0).then(|| gains(mean, (1.0 / total).sqrt())),
            basis: "assumed",
            weights,
            confidences: t.lenses.iter().map(own).collect(),
        }
    }
}

fn percent(part: usize, whole: usize) -> Option<i64> {
    (whole > 0).then(|| (100.0 * part as f64 / whole as f64).round() as i64)
}

/// Probability of a gain: the outcome spreads by one around its mean, in units of the horizon's volatility, and the mean
/// itself is known up to its standard error.
fn gains(mean: f64, stderr: f64) -> f64 {
    normal_cdf(mean / (1.0 + stderr * stderr).sqrt())
}
