//! `/immune`: every breaker.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

packet_id!(Immune, ImmuneId = "zero.immune.v1");

/// Every breaker and what follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Immune {
    /// Schema id.
    pub schema_version: ImmuneId,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
    /// `paper`, `shadow` or `live`.
    pub mode: String,
    /// The run may take new risk: no breaker is open. While `auto_off` alone is, the operator's own orders are judged all the same.
    pub risk_increasing_allowed: bool,
    /// Counts.
    pub summary: ImmuneSummary,
    /// In the order of the breaker table.
    pub breakers: Vec<Breaker>,
}

/// Counts over the breakers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImmuneSummary {
    /// All.
    pub total: u32,
    /// Open.
    pub open: u32,
    /// Closed.
    pub closed: u32,
    /// Open with severity `warning`.
    pub warning: u32,
    /// Open and blocking new risk.
    pub risk_blocking: u32,
}

/// One breaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Breaker {
    /// Its name.
    pub name: String,
    /// `open` or `closed`.
    pub status: String,
    /// It blocks new risk now: everybody's, or, as `auto_off`, that of strategies alone.
    pub blocks_risk: bool,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// What it watches and what it found.
    pub reason: String,
    /// What was measured, what it was held against, whether it latches, since when it is open.
    pub evidence: Map<String, Value>,
}
