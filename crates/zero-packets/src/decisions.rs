//! Decisions: every candidate with the outcome of every gate.

use crate::Dec;
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Decisions, DecisionsId = "zero.decisions.v1");

/// The latest candidates, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decisions {
    /// Schema id.
    pub schema_version: DecisionsId,
    /// Newest first.
    pub decisions: Vec<Decision>,
    /// How many are here.
    pub count: u32,
    /// Candidates judged in all.
    pub judged: u64,
    /// Admitted in all.
    pub admitted: u64,
    /// Digest over all decisions so far, hexadecimal.
    pub decision_digest: String,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// A candidate that was judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Decision id, hexadecimal.
    pub trace_id: String,
    /// Key of the operator's own order that it judges, made here where none was sent with it; null for what a strategy wished.
    pub idempotency_key: Option<String>,
    /// Event time, RFC 3339.
    pub ts: String,
    /// Book.
    pub book: String,
    /// Coin.
    pub symbol: String,
    /// `entry` or `gated_exit`.
    pub kind: String,
    /// The exit that won, for an exit: `emergency`, `stop`, `kill`, `target`, `trail`, `time` or `signal`.
    pub exit: Option<String>,
    /// `buy` or `sell`.
    pub side: String,
    /// Price at the decision.
    pub price: Dec,
    /// The strategy's own statistic.
    pub score: Option<f64>,
    /// Volatility per bar.
    pub sigma: Option<f64>,
    /// Stop distance as a fraction of the price.
    pub stop_distance: Option<f64>,
    /// Size before modifiers, coins.
    pub base_size: Dec,
    /// Size that was judged, coins.
    pub quantity: Dec,
    /// Notional of it, USD.
    pub notional_usd: Dec,
    /// All gates passed.
    pub allowed: bool,
    /// The first failing gate in words, or `allowed`.
    pub reason: String,
    /// Every lens.
    pub lenses: Vec<LensOutcome>,
    /// What the measured opinion model says; null where none was in force.
    pub forecast: Option<ForecastOutcome>,
    /// Every modifier.
    pub modifiers: Vec<ModifierOutcome>,
    /// Every gate.
    pub gates: Vec<GateOutcome>,
    /// Breakers open at the time.
    pub open_breakers: Vec<String>,
}

/// A lens's opinion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LensOutcome {
    /// Lens.
    pub lens: String,
    /// Expected return over volatility; null where it abstained.
    pub score: Option<f64>,
    /// Standard error of the score.
    pub stderr: Option<f64>,
    /// Why it abstained.
    pub abstained: Option<String>,
}

/// What a measured opinion model says of a candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastOutcome {
    /// Probability that the candidate, filled, ends above zero net of costs.
    pub p: f64,
    /// Its lower bound, over the weights' uncertainty and over all that absent lenses could have said.
    pub p_lower: f64,
    /// Expected net result in units of initial risk; null where cost or risk are not known.
    pub expected_r: Option<f64>,
    /// Its one-sided lower bound.
    pub expected_r_low: Option<f64>,
    /// Log-odds that each lens contributes; null where it abstained.
    pub contributions: Vec<LensContribution>,
    /// How many lenses spoke.
    pub lenses: u32,
    /// How many independent ones these amount to.
    pub effective_lenses: f64,
}

/// A lens's part in a forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LensContribution {
    /// Lens.
    pub lens: String,
    /// Log-odds; null where it abstained.
    pub log_odds: Option<f64>,
}

/// A modifier's factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModifierOutcome {
    /// Modifier.
    pub modifier: String,
    /// Factor from 0 to 1.
    pub factor: f64,
}

/// A gate's outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateOutcome {
    /// Gate.
    pub gate: String,
    /// `true`, `false` or `unknown`: only `true` passes.
    pub outcome: String,
    /// What was measured; null where it is not a number.
    pub value: Option<f64>,
    /// What it was held against; null where it is not a number.
    pub limit: Option<f64>,
}
