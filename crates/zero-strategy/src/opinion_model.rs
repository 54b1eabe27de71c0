//! A measured opinion model as a record: how lens opinions become the probability of a declared event, and how good that was
//! out of time. Learning proposes it, an operator names it, and the epoch carries its digest. Where no edge is shown, the model
//! says the base rate of every candidate, no lens has a weight, and it decides nothing: it is there to be read.
//!
//! The event is: the candidate, filled in its shadow book through the same exits and costs, ends above zero net.

use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{Canon as _, Digest32, Ts, canon_struct};
use zero_stats::{BetaMap, Stack, StackParts, StatsError};

/// Version of what a model means; another version is another meaning.
pub const OPINION_MODEL_VERSION: u16 = 1;

canon_struct! {
    /// A lens in the model.
    #[derive(Clone, Debug, PartialEq)]
    pub struct LensWeight {
        /// Registry name.
        pub name: String,
        /// Version of its meaning.
        pub version: u16,
        /// Root mean square of its opinions: their unit. Zero: it never spoke.
        pub scale: f64,
        /// Log-odds per unit.
        pub weight: f64,
    }
}

canon_struct! {
    /// The calibration map `logit p = a ln s - b ln(1 - s) + c`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ModelMap {
        /// Weight of `ln s`.
        pub a: f64,
        /// Weight of `-ln(1 - s)`.
        pub b: f64,
        /// Intercept.
        pub c: f64,
        /// Out-of-time rows that it was fitted on.
        pub rows: u64,
    }
}

canon_struct! {
    /// A mean outcome, net of costs, in units of initial risk.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Magnitude {
        /// Mean.
        pub mean: f64,
        /// Standard error by clusters.
        pub stderr: f64,
        /// Outcomes.
        pub n: u64,
        /// Clusters.
        pub clusters: u64,
    }
}

canon_struct! {
    /// Forecasts of about one probability.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ScoreBin {
        /// Mean forecast.
        pub forecast: f64,
        /// Forecasts.
        pub n: u64,
        /// How often the event happened.
        pub events: u64,
    }
}

canon_struct! {
    /// How good forecasts were.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Score {
        /// Forecasts.
        pub n: u64,
        /// Share of events.
        pub base_rate: f64,
        /// Brier score.
        pub brier: f64,
        /// Brier score of always forecasting the base rate.
        pub uncertainty: f64,
        /// Mean of -ln of the probability given to what happened; none when that was zero once.
        pub log_score: Option<f64>,
        /// Reliability bins, ascending.
        pub bins: Vec<ScoreBin>,
    }
}

canon_struct! {
    /// A lens against the whole, out of time, on the rows where it spoke.
    #[derive(Clone, Debug, PartialEq)]
    pub struct LensScore {
        /// A stack of this lens alone.
        pub alone: Score,
        /// The stack of all lenses.
        pub whole: Score,
    }
}

canon_struct! {
    /// What the model was made from, and how good it was on rows that it had not seen.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ModelEvidence {
        /// Rows: candidates with an outcome in units of risk.
        pub rows: u64,
        /// Of those, ended above zero net.
        pub wins: u64,
        /// First candidate.
        pub from: Ts,
        /// Last candidate.
        pub to: Ts,
        /// Digest of the journal's head, or of the data.
        pub origin: Digest32,
        /// Runs of rows in time order; all but the first were forecast by models of earlier ones.
        pub folds: u32,
        /// Penalty that was chosen.
        pub ridge: f64,
        /// How many independent lenses the opinions amount to.
        pub effective_lenses: f64,
        /// The whole before calibration.
        pub whole: Score,
        /// The whole after calibration on earlier folds.
        pub calibrated: Score,
        /// Mean log score of the base rate known before each fold, less the model's: what the lenses add, in nats.
        pub gain: f64,
        /// One-sided p-value of no gain, by clusters of time.
        pub gain_p: f64,
        /// The level at which a gain counts as shown.
        pub alpha: f64,
        /// Each lens; none for one that never spoke or allowed no fit.
        pub lenses: Vec<Option<LensScore>>,
    }
}

canon_struct! {
    /// The model.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OpinionModel {
        /// [`OPINION_MODEL_VERSION`].
        pub version: u16,
        /// Lenses in the order of the registry.
        pub lenses: Vec<LensWeight>,
        /// Log-odds with every lens silent.
        pub intercept: f64,
        /// Covariance of intercept and weights, row-major.
        pub covariance: Vec<f64>,
        /// Mean product of two lenses' units where both spoke, row-major.
        pub moments: Vec<f64>,
        /// Calibration map; none where the rows allowed no fit.
        pub map: Option<ModelMap>,
        /// Largest opinion that counts, in units.
        pub clip: f64,
        /// Standard errors between an estimate and its one-sided bound.
        pub z: f64,
        /// Weight of the uncalibrated probability, in rows.
        pub prior_rows: f64,
        /// Net result of the candidates that ended above zero.
        pub win: Magnitude,
        /// Net loss of the others, positive.
        pub loss: Magnitude,
        /// Mean of what the candidates' round trip and funding were expected to take of their risk: part of both results.
        pub cost_share: f64,
        /// Where it comes from.
        pub evidence: ModelEvidence,
    }
}

impl OpinionModel {
    /// Out of time its lenses beat the base rate at the stated level. Without that a model decides nothing.
    #[must_use]
    pub fn shows_edge(&self) -> bool {
        let e = &self.evidence;
        e.gain > 0.0 && e.gain_p <= e.alpha
    }

    /// Digest of its canonical bytes.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        Digest32::of(&self.to_bytes())
    }

    /// The stack of its numbers.
    ///
    /// # Errors
    /// [`StatsError`] for numbers that are no stack.
    pub fn stack(&self) -> Result<Stack, StatsError> {
        Stack::from_parts(StackParts {
            intercept: self.intercept,
            weights: self.lenses.iter().map(|l| l.weight).collect(),
            scales: self.lenses.iter().map(|l| l.scale).collect(),
            covariance: self.covariance.clone(),
            moments: self.moments.clone(),
            map: self.map.map(|m| (BetaMap { a: m.a, b: m.b, c: m.c }, m.rows)),
            clip: self.clip,
            z: self.z,
            prior_rows: self.prior_rows,
        })
    }
}
