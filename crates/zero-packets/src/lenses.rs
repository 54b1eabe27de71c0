//! Measured lens opinions: the model as a document, what learning one gave, and how good it is.

use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(OpinionModel, OpinionModelId = "zero.opinion.model.v1");
packet_id!(LearnLenses, LearnLensesId = "zero.learn.lenses.v1");
packet_id!(Lenses, LensesId = "zero.lenses.v1");

/// A measured opinion model: the probability that a candidate, filled through its own exits and costs, ends above zero net.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionModel {
    /// Schema id.
    pub schema_version: OpinionModelId,
    /// Digest of the model's canonical bytes, hexadecimal: what an epoch carries.
    pub digest: String,
    /// Version of what a model means.
    pub version: u16,
    /// Lenses in the order of the registry.
    pub lenses: Vec<LensWeight>,
    /// Log-odds with every lens silent.
    pub intercept: f64,
    /// Covariance of intercept and weights, row-major, intercept first.
    pub covariance: Vec<f64>,
    /// Mean product of two lenses' units where both spoke, row-major.
    pub moments: Vec<f64>,
    /// Calibration map; null where the rows allowed no fit.
    pub map: Option<CalibrationMap>,
    /// Largest opinion that counts, in units of the lens.
    pub clip: f64,
    /// Standard errors between an estimate and its one-sided bound.
    pub z: f64,
    /// Weight of the uncalibrated probability, in rows.
    pub prior_rows: f64,
    /// Net result of candidates that ended above zero, in units of initial risk.
    pub win: Magnitude,
    /// Net loss of the others, positive.
    pub loss: Magnitude,
    /// Mean share of the risk that round trip and funding were expected to take: part of both results.
    pub cost_share: f64,
    /// What it was made from, and how good it was out of time.
    pub evidence: ModelEvidence,
}

/// A lens in a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LensWeight {
    /// Name.
    pub lens: String,
    /// Version of its meaning.
    pub version: u16,
    /// Root mean square of its opinions; 0: it never spoke.
    pub scale: f64,
    /// Log-odds per unit.
    pub weight: f64,
}

/// `logit p = a ln s - b ln(1 - s) + c`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalibrationMap {
    /// Weight of `ln s`.
    pub a: f64,
    /// Weight of `-ln(1 - s)`.
    pub b: f64,
    /// Intercept.
    pub c: f64,
    /// Out-of-time rows that it was fitted on.
    pub rows: u64,
}

/// A mean outcome in units of initial risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Magnitude {
    /// Mean.
    pub mean: f64,
    /// Standard error by clusters.
    pub stderr: f64,
    /// Outcomes.
    pub n: u64,
    /// Clusters of time.
    pub clusters: u64,
}

/// What a model was made from, and how good it was on rows that it had not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelEvidence {
    /// Candidates with an outcome in units of risk.
    pub rows: u64,
    /// Of those, above zero net.
    pub wins: u64,
    /// First candidate, nanoseconds since 1970.
    pub from_ns: i64,
    /// Last candidate, nanoseconds since 1970.
    pub to_ns: i64,
    /// Digest over decision, opinions and outcome of every row, hexadecimal.
    pub rows_digest: String,
    /// Runs of rows in time order; all but the first were forecast by models of earlier ones.
    pub folds: u32,
    /// Penalty that was chosen.
    pub ridge: f64,
    /// How many independent lenses the opinions amount to.
    pub effective_lenses: f64,
    /// The whole, out of time, before calibration.
    pub whole: Score,
    /// The whole, out of time, calibrated on earlier folds.
    pub calibrated: Score,
    /// Mean log score of the base rate known before each fold less the model's, in nats.
    pub gain: f64,
    /// One-sided p-value of no gain, by clusters of time.
    pub gain_p: f64,
    /// Level at which a gain counts as shown.
    pub alpha: f64,
    /// Each lens; null for one that never spoke or allowed no fit.
    pub lenses: Vec<Option<LensEvidence>>,
}

/// A lens against the whole, out of time, on the rows where it spoke.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LensEvidence {
    /// A stack of this lens alone.
    pub alone: Score,
    /// The stack of all.
    pub whole: Score,
}

/// How good forecasts were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Forecasts.
    pub n: u64,
    /// Share of events.
    pub base_rate: f64,
    /// Brier score; less is better.
    pub brier: f64,
    /// Brier score of always forecasting the base rate.
    pub uncertainty: f64,
    /// Mean of -ln of the probability given to what happened; null when that was zero once.
    pub log_score: Option<f64>,
    /// Reliability bins, ascending.
    pub bins: Vec<ScoreBin>,
}

/// Forecasts of about one probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreBin {
    /// Mean forecast.
    pub forecast: f64,
    /// Forecasts.
    pub n: u64,
    /// How often the event happened.
    pub events: u64,
}

/// What learning from the lenses' opinions gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LearnLenses {
    /// Schema id.
    pub schema_version: LearnLensesId,
    /// `shown`, `no_edge` or `too_few`. A model without an edge says the base rate, gives no lens a weight and decides nothing; of
    /// too few rows there is no model.
    pub verdict: String,
    /// In words.
    pub reason: String,
    /// Rows that a model is fitted on.
    pub rows: u64,
    /// Candidates of other lenses, or beyond what is kept.
    pub left_out: u64,
    /// Candidates at or after the earliest one that is still open: they do not count yet.
    pub too_young: u64,
    /// Candidates without an outcome in units of risk.
    pub without_outcome: u64,
    /// Candidates while an earlier row of their book, coin and side was still open.
    pub overlapping: u64,
    /// Length of a cluster of time in days.
    pub cluster_days: u32,
    /// The model, its scores included; null where the rows allow none.
    pub model: Option<OpinionModel>,
    /// File that it was written to.
    pub written: Option<String>,
    /// Always false: an operator names a model, the program never does.
    pub applied: bool,
}

/// The lenses of a run and what their opinions were worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lenses {
    /// Schema id.
    pub schema_version: LensesId,
    /// Is a measured opinion model in force?
    pub in_force: bool,
    /// Its digest, hexadecimal.
    pub model: Option<String>,
    /// Does it show an edge? Only then it sizes and refuses; null where none is in force.
    pub edge_shown: Option<bool>,
    /// What its evidence found, in words; null where none is in force.
    pub finding: Option<String>,
    /// Lenses of the run.
    pub count: u32,
    /// How many independent ones their opinions amount to, as the model measured it.
    pub effective_lenses: Option<f64>,
    /// Every lens.
    pub lenses: Vec<LensRow>,
    /// The whole out of time, calibrated, as the model was made.
    pub out_of_time: Option<Score>,
    /// The whole since the model is in force.
    pub so_far: Option<Score>,
    /// Mean probability of those.
    pub mean_p: Option<f64>,
    /// Candidates that the model judged.
    pub judged: u64,
    /// Of those, with an outcome that counts.
    pub resolved: u64,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// A lens of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LensRow {
    /// Name.
    pub lens: String,
    /// Version of its meaning.
    pub version: u16,
    /// Candidates on which it spoke, over the run.
    pub spoke: u64,
    /// Candidates on which it abstained.
    pub abstained: u64,
    /// Log-odds per unit in the model in force.
    pub weight: Option<f64>,
    /// Alone, out of time, as the model was made.
    pub out_of_time: Option<Score>,
    /// With every other lens silent, since the model is in force.
    pub so_far: Option<Score>,
}
