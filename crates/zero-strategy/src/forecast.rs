//! An opinion model at work: what the lenses say of a candidate becomes a probability, and with it an expected value.

use crate::lens::{Lens, Opinion, Provenance};
use crate::modifiers::Z80;
use crate::opinion_model::{OPINION_MODEL_VERSION, OpinionModel};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{Digest32, canon_struct};
use zero_stats::Stack;

/// Largest outcome, in units of risk, that a model may claim: beyond it the unit is wrong.
const R_MAX: f64 = 1_000.0;

/// Laxest level at which a gain over the base rate may count as shown.
pub const ALPHA_MAX: f64 = 0.05;

canon_struct! {
    /// What a model says of one candidate.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Forecast {
        /// Probability of the declared event.
        pub p: f64,
        /// Its lower bound, over the weights' uncertainty and over all that absent lenses could have said.
        pub p_lower: f64,
        /// Log-odds that each lens contributes; none where it abstained.
        pub contributions: Vec<Option<f64>>,
        /// How many independent lenses those that spoke amount to.
        pub effective_lenses: f64,
        /// Expected net result in units of risk; none where the candidate's cost or risk unit is not known.
        pub expected: Option<f64>,
        /// Its one-sided lower bound.
        pub expected_lower: Option<f64>,
    }
}

/// A model in force.
#[derive(Clone, Debug)]
pub struct Opinions {
    model: OpinionModel,
    stack: Stack,
    digest: Digest32,
}

impl Opinions {
    /// Puts a model to work.
    ///
    /// # Errors
    /// Why it cannot be true.
    pub fn new(model: OpinionModel) -> Result<Self, String> {
        if model.version != OPINION_MODEL_VERSION {
            return Err(format!("version {}, this program knows {OPINION_MODEL_VERSION}", model.version));
        }
        let sound = |x: f64| (0.0..=R_MAX).contains(&x);
        for (name, m) in [("win", &model.win), ("loss", &model.loss)] {
            if !sound(m.mean) || !sound(m.stderr) {
                return Err(format!("the mean {name} or its standard error is no multiple of a risk"));
            }
        }
        if !sound(model.cost_share) {
            return Err("the mean cost is no share of a risk".into());
        }
        if !(Z80..=10.0).contains(&model.z) {
            return Err("its bound is laxer than a one-sided 80 %".into());
        }
        if !(0.0..=ALPHA_MAX).contains(&model.evidence.alpha) {
            return Err(format!("its level is laxer than {ALPHA_MAX}"));
        }
        let is_base_rate = model.map.is_none() && model.lenses.iter().all(|l| l.weight == 0.0);
        if !model.shows_edge() && !is_base_rate {
            return Err(
                "no edge shown: out of time its lenses do not beat the base rate, so none may weigh".into()
            );
        }
        let stack = model.stack().map_err(|e| format!("{e}"))?;
        Ok(Self { digest: model.digest(), stack, model })
    }

    /// Do its lenses equal these in name, version and order?
    ///
    /// # Errors
    /// What differs.
    pub fn fits(&self, lenses: &[Box<dyn Lens>]) -> Result<(), String> {
        if lenses.len() != self.model.lenses.len() {
            return Err(format!(
                "the opinion model has {} lenses, the run {}",
                self.model.lenses.len(),
                lenses.len()
            ));
        }
        for (mine, run) in self.model.lenses.iter().zip(lenses) {
            if mine.name != run.name() || mine.version != run.version() {
                return Err(format!(
                    "the opinion model knows lens {} version {}, the run has {} version {}",
                    mine.name,
                    mine.version,
                    run.name(),
                    run.version()
                ));
            }
        }
        Ok(())
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &OpinionModel {
        &self.model
    }

    /// Does the model size and refuse? Only one with an edge does; another is shown and nothing else.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.model.shows_edge()
    }

    /// The model's digest.
    #[must_use]
    pub const fn digest(&self) -> Digest32 {
        self.digest
    }

    /// Per lens, the most that it may say for a candidate: what the start-up proof assumes.
    #[must_use]
    pub fn most_favourable(&self) -> Vec<Option<f64>> {
        self.stack.most_favourable()
    }

    /// The probability with one lens contributing this log-odds and every other silent.
    #[must_use]
    pub fn alone(&self, contribution: f64) -> Option<f64> {
        self.stack.alone(contribution).ok()
    }

    /// What the model says of a candidate whose lenses say this and whose costs take this share of its risk. `None`: an
    /// opinion is no number, and nothing is known.
    ///
    /// `EV = p E[win] - (1 - p) E[loss] - (what this candidate costs beyond the mean)`: the outcomes are net of the mean cost
    /// already, and a cheaper candidate is not credited. The bound takes the lower probability, the lower win and the
    /// higher loss. A model without an edge tells no candidate's value from another's: it gives none.
    #[must_use]
    pub fn forecast(&self, said: &[Option<f64>], cost_share: Option<f64>) -> Option<Forecast> {
        let combined = self.stack.combine(said).ok()?;
        let (win, loss, z) = (&self.model.win, &self.model.loss, self.model.z);
        let cost = cost_share.filter(|c| c.is_finite() && self.decides());
        let dearer = cost.map(|c| (c - self.model.cost_share).max(0.0));
        let value = |p: f64, win: f64, loss: f64| dearer.map(|d| p * win - (1.0 - p) * loss - d);
        let lowest_win = (win.mean - z * win.stderr).max(0.0);
        Some(Forecast {
            p: combined.p,
            p_lower: combined.p_lower,
            contributions: combined.contributions,
            effective_lenses: self.stack.effective(said),
            expected: value(combined.p, win.mean, loss.mean),
            expected_lower: value(combined.p_lower, lowest_win, loss.mean + z * loss.stderr),
        })
    }
}

impl Forecast {
    /// The forecast as an opinion, in units of the horizon's volatility: `stop` is the risk unit and `over` that volatility, both
    /// fractions of the price. Its standard error is what puts the 80 % bound at the expected value's lower bound. What
    /// cannot be put into that unit is an opinion without any certainty.
    #[must_use]
    pub fn opinion(&self, stop: Option<f64>, over: Option<f64>) -> Opinion {
        let unit = stop.zip(over).map(|(s, o)| s / o).filter(|u| u.is_finite() && *u > 0.0);
        match (self.expected, self.expected_lower, unit) {
            (Some(mean), Some(low), Some(unit)) => Opinion {
                mean: mean * unit,
                stderr: (mean - low).max(0.0) * unit / Z80,
                provenance: Provenance::Measured,
            },
            _ => Opinion { mean: 0.0, stderr: f64::INFINITY, provenance: Provenance::Measured },
        }
    }
}
