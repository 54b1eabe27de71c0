//! `zero.runtime.cycle.v1`: one event in, five phases, one packet out.

use crate::Dec;
use crate::decisions::Decision;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Cycle, CycleId = "zero.runtime.cycle.v1");

/// One deciding cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cycle {
    /// Schema id.
    pub schema_version: CycleId,
    /// Number of the cycle in its run, from one.
    pub cycle_id: u64,
    /// `paper`, `shadow` or `live`.
    pub mode: String,
    /// Event time in seconds since the epoch.
    pub as_of: Dec,
    /// What came in.
    pub observe: Observe,
    /// What it means.
    pub orient: Orient,
    /// What is wanted and allowed.
    pub decide: Decide,
    /// What was sent.
    pub act: Act,
    /// What came of it.
    pub learn: Learn,
    /// Digest over all decisions after this cycle, hexadecimal.
    pub decision_digest: String,
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observe {
    /// `observe`.
    pub phase: String,
    /// Where events come from.
    pub market_source: String,
    /// The event that began the cycle.
    pub event: String,
    /// Journal sequence of it.
    pub journal_seq: u64,
    /// Coins with new data.
    pub coins: u32,
}

/// What it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Orient {
    /// `orient`.
    pub phase: String,
    /// Equity, USD; null where a mark is missing.
    pub equity: Option<Dec>,
    /// Worst-case gross notional, USD.
    pub total_position_notional_usd: Dec,
    /// Whether any traded coin's data is too old.
    pub stale_data: bool,
    /// Open breakers.
    pub open_breakers: Vec<String>,
    /// `flat`, `exposed` or `halted`.
    pub risk_posture: String,
}

/// What is wanted and allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decide {
    /// `decide`.
    pub phase: String,
    /// Candidates judged.
    pub candidates: u32,
    /// Candidates admitted.
    pub admitted: u32,
    /// Each with every gate; left out where only the digest is kept.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub decisions: Vec<Decision>,
}

/// What was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    /// `act`.
    pub phase: String,
    /// Orders submitted, protective ones included.
    pub orders: u32,
    /// Cancellations.
    pub cancels: u32,
    /// Whether anything was submitted.
    pub accepted: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Learn {
    /// `learn`.
    pub phase: String,
    /// Decisions in all.
    pub decisions: u64,
    /// Fills in all.
    pub fills: u64,
    /// Rejections in all.
    pub rejections: u64,
    /// Open positions.
    pub open_positions: u32,
}
