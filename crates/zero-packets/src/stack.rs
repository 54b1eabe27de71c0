//! What `zero stats stack` finds.

use crate::stats::ScoreResult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stack of opinions and how good it was on later rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackResult {
    /// The penalty with the best log score over later folds.
    pub ridge: f64,
    /// Runs of rows; the first only trains.
    pub folds: u64,
    /// Log-odds with every lens silent.
    pub intercept: f64,
    /// Every lens.
    pub lenses: Vec<StackLens>,
    /// How many independent lenses they amount to: (sum)^2 / sum of squares of the eigenvalues of the correlation of opinions, in
    /// which an abstention counts as 0.
    pub effective_lenses: f64,
    /// Rows of every fold but the first, each by a model of rows whose outcome was known before its fold; not calibrated.
    pub whole: ScoreResult,
    /// From the third fold on, by maps fitted on such rows of earlier folds; null where no fold allowed a map.
    pub calibrated: Option<ScoreResult>,
    /// a, b, c of the beta map that is fitted on all of `whole`; empty where none could be.
    pub calibration: Vec<f64>,
    /// The rows of `calibrated`.
    pub later: Vec<StackRow>,
}

/// A lens of the stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackLens {
    /// Column.
    pub lens: String,
    /// Log-odds per unit, fitted on all rows.
    pub weight: f64,
    /// Its unit: the root mean square of what it said; 0 for one that said nothing.
    pub unit: f64,
    /// Rows in which it spoke.
    pub spoke: u64,
    /// Later rows in which it spoke.
    pub scored_rows: u64,
    /// Log score, over those rows, of a stack of this lens alone; null where it never spoke or allowed no fit.
    pub log_score_alone: Option<f64>,
    /// Log score of all lenses over the same rows.
    pub log_score_whole: Option<f64>,
}

/// A later row and what was known before its fold began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackRow {
    /// Row, from 1.
    pub row: u64,
    /// Its calibrated probability.
    pub p: f64,
    /// The base rate of the rows whose outcome was known: (events + 1) / (rows + 2).
    pub base: f64,
}
