//! Maps from a model's probability to one that keeps its word, fitted on outcomes of a time *before* the one it is used in: Platt's
//! (Advances in Large Margin Classifiers, 1999, with his smoothed targets; Newton's method as in Lin, Lin and Weng, Machine Learning 68,
//! 2007) and the beta map of Kull, Silva Filho and Flach (AISTATS 2017). A map is shrunk towards the model by what it was fitted on.

use alloc::vec::Vec;

use crate::error::{StatsError, check, check_each, check_positive, check_same_length};
use crate::logistic::{Logistic, logistic};
use crate::panel::Panel;

/// `p = 1 / (1 + exp(a score + b))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Platt {
    /// Slope; negative when a higher score means a likelier event.
    pub a: f64,
    /// Offset.
    pub b: f64,
}

impl Platt {
    /// Maximum likelihood on smoothed targets: `(events + 1) / (events + 2)` for an event, `1 / (others + 2)` for none. Scores may be any finite
    /// number; outcomes are 0 or 1, and both must occur.
    pub fn fit(scores: &[f64], outcomes: &[f64]) -> Result<Self, StatsError> {
        let events = check_outcomes(scores, outcomes)?;
        let others = outcomes.len() as f64 - events;
        let (high, low) = ((events + 1.0) / (events + 2.0), 1.0 / (others + 2.0));
        let targets: Vec<f64> = outcomes.iter().map(|o| if *o == 1.0 { high } else { low }).collect();
        let fit = Logistic::fit(&Panel::new(scores, 1)?, &targets, None, 0.0)?;
        match fit.weights.as_slice() {
            [w] => Ok(Self { a: -w, b: -fit.intercept }),
            _ => Err(StatsError::NoVariation),
        }
    }

    /// The probability at a score.
    #[must_use]
    pub fn at(&self, score: f64) -> f64 {
        logistic(-(self.a * score + self.b))
    }
}

/// `logit p = a ln s - b ln(1 - s) + c`, nondecreasing: neither `a` nor `b` is negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaMap {
    /// Weight of ln s.
    pub a: f64,
    /// Weight of -ln(1 - s).
    pub b: f64,
    /// Intercept.
    pub c: f64,
}

impl BetaMap {
    /// Maximum likelihood. A weight that comes out negative is set to 0 and the other fitted again. Scores lie strictly between 0 and 1;
    /// outcomes are 0 or 1, and both must occur.
    pub fn fit(scores: &[f64], outcomes: &[f64]) -> Result<Self, StatsError> {
        check_outcomes(scores, outcomes)?;
        check_each(scores, "strictly between 0 and 1", |s| s > 0.0 && s < 1.0)?;
        let both: Vec<f64> = scores.iter().flat_map(|s| [libm::log(*s), -libm::log1p(-s)]).collect();
        let full = Logistic::fit(&Panel::new(&both, 2)?, outcomes, None, 0.0)?;
        let [a, b] = full.weights.as_slice() else { return Err(StatsError::NoVariation) };
        if *a >= 0.0 && *b >= 0.0 {
            return Ok(Self { a: *a, b: *b, c: full.intercept });
        }
        let keeps_a = *b < 0.0;
        let one: Vec<f64> =
            both.chunks_exact(2).map(|pair| if keeps_a { pair[0] } else { pair[1] }).collect();
        let single = Logistic::fit(&Panel::new(&one, 1)?, outcomes, None, 0.0)?;
        let weight = single.weights.first().copied().unwrap_or(0.0).max(0.0);
        let (a, b) = if keeps_a { (weight, 0.0) } else { (0.0, weight) };
        Ok(Self { a, b, c: single.intercept })
    }

    /// The score that is mapped to one half, where there is a single one (`m` in the paper's parameters).
    #[must_use]
    pub fn midpoint(&self) -> Option<f64> {
        if self.a + self.b <= 0.0 {
            return None;
        }
        let (mut low, mut high) = (0.0f64, 1.0f64);
        for _ in 0..200 {
            let m = 0.5 * (low + high);
            if self.log_odds(m) < 0.0 { low = m } else { high = m }
        }
        Some(0.5 * (low + high))
    }

    /// The probability at a score in 0..=1; the limits at its ends.
    #[must_use]
    pub fn at(&self, score: f64) -> f64 {
        logistic(self.log_odds(score))
    }

    fn log_odds(&self, s: f64) -> f64 {
        // 0 times an infinite logarithm is 0 here: a map without a weight does not look at that end.
        let term = |weight: f64, log: f64| if weight == 0.0 { 0.0 } else { weight * log };
        term(self.a, libm::log(s)) - term(self.b, libm::log1p(-s)) + self.c
    }
}

/// `(n calibrated + m model) / (n + m)`: a map fitted on `n` observations counts like them, the model itself like `m`.
pub fn shrunk_probability(calibrated: f64, model: f64, n: f64, m: f64) -> Result<f64, StatsError> {
    check_each(&[calibrated, model], "a probability from 0 to 1", |p| (0.0..=1.0).contains(&p))?;
    check_each(&[n, m], "a finite number of at least 0", |x| x.is_finite() && x >= 0.0)?;
    check_positive("n + m", n + m)?;
    Ok((n * calibrated + m * model) / (n + m))
}

/// The number of events.
fn check_outcomes(scores: &[f64], outcomes: &[f64]) -> Result<f64, StatsError> {
    check(scores, 2)?;
    check_same_length(scores.len(), outcomes.len())?;
    check_each(outcomes, "an outcome of 0 or 1", |o| o == 0.0 || o == 1.0)?;
    let events: f64 = outcomes.iter().sum();
    if events == 0.0 || events == outcomes.len() as f64 { Err(StatsError::NoVariation) } else { Ok(events) }
}
