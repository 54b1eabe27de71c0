//! `/rejections`: candidates that were not admitted, and why.

use crate::decisions::GateOutcome;
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(Rejections, RejectionsId = "zero.rejections.v1");

/// The latest rejections, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rejections {
    /// Schema id.
    pub schema_version: RejectionsId,
    /// Newest first.
    pub rejections: Vec<Rejection>,
    /// How many are here.
    pub count: u32,
    /// Rejected in all.
    pub total: u64,
    /// Failing gates over all rejections here; one candidate can fail several.
    pub by_gate: BTreeMap<String, u64>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// A candidate that was not admitted, or an order that the venue refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rejection {
    /// Coin.
    pub coin: Option<String>,
    /// `buy` or `sell`.
    pub direction: Option<String>,
    /// `layer`, `risk` or `venue`.
    pub stage: Option<String>,
    /// The failing gates in words.
    pub reason: Option<String>,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// Decision id, hexadecimal.
    pub trace_id: String,
    /// Book.
    pub book: String,
    /// Every failing gate with its distance.
    pub failing: Vec<GateOutcome>,
}
