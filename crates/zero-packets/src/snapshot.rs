//! `zero.runtime.snapshot.v1`: the runtime's durable state in short.

use crate::Dec;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Snapshot, SnapshotId = "zero.runtime.snapshot.v1");

/// The runtime's durable state in short; also what `zero run` prints at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// Schema id.
    pub schema_version: SnapshotId,
    /// `paper`, `shadow` or `live`.
    pub mode: String,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
    /// Directory of the journal.
    pub journal_path: String,
    /// What the epoch consists of.
    pub epoch: Epoch,
    /// Digest over all decisions, hexadecimal.
    pub decision_digest: String,
    /// Digest of the whole state, hexadecimal.
    pub state_digest: String,
    /// Counters of the run.
    pub counters: Counters,
    /// Equity, USD; null where a mark is missing.
    pub equity: Option<Dec>,
    /// Coins with a position.
    pub open_positions: u32,
    /// Open breakers.
    pub open_breakers: Vec<String>,
    /// Whether folding the records before it gives the same state.
    pub consistent: bool,
}

/// Digests that name code, configuration and strategies, hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Epoch {
    /// Number of the epoch in its journal, from one.
    pub number: u64,
    /// Of the code.
    pub code: String,
    /// Of the configuration in force.
    pub config: String,
    /// Of the strategies, in the order of the books.
    pub strategies: Vec<String>,
    /// Of the market data, where it is finite.
    pub data: Option<String>,
}

/// Counters of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counters {
    /// Events folded.
    pub events: u64,
    /// Candidates judged.
    pub candidates: u64,
    /// Candidates admitted.
    pub admitted: u64,
    /// Orders submitted.
    pub orders: u64,
    /// Fills booked.
    pub fills: u64,
    /// Venue rejections.
    pub rejects: u64,
    /// Liquidation fills.
    pub liquidations: u64,
}
