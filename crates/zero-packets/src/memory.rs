//! `/memory`: what is remembered beside the journal. Nothing is yet.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(Memory, MemoryId = "zero.memory.snapshot.v1");
packet_id!(MemoryStats, MemoryStatsId = "zero.memory.stats.v1");
packet_id!(MemoryEntry, MemoryEntryId = "zero.memory.entry.v1");

/// Entries with their counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Schema id.
    pub schema_version: MemoryId,
    /// `empty`: nothing is remembered; `entries` where something is.
    pub status: String,
    /// Why there is nothing.
    pub reason: Option<String>,
    /// What entries come from; `none` where nothing makes them.
    pub source: String,
    /// Counts.
    pub stats: MemoryStats,
    /// Newest first.
    pub entries: Vec<MemoryEntry>,
    /// The same as Markdown where that was asked for.
    pub knowledge: Option<String>,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// Counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryStats {
    /// Schema id.
    pub schema_version: MemoryStatsId,
    /// All.
    pub total_entries: u64,
    /// In force.
    pub active_entries: u64,
    /// Past their time.
    pub expired_entries: u64,
    /// By kind.
    pub by_kind: BTreeMap<String, u64>,
    /// Events of the journal that could be remembered.
    pub journal_events: u64,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// Something remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryEntry {
    /// Schema id.
    pub schema_version: MemoryEntryId,
    /// Its content hash.
    pub id: String,
    /// What kind.
    pub kind: String,
    /// About what.
    pub subject: String,
    /// In a sentence.
    pub summary: String,
    /// Probability that it still holds.
    pub confidence: f64,
    /// Hash of what it rests on.
    pub evidence_hash: String,
    /// Since when, RFC 3339.
    pub created_at: String,
    /// Until when, RFC 3339.
    pub expires_at: Option<String>,
    /// Where it came from.
    pub source: String,
    /// Words to find it by.
    pub tags: Vec<String>,
}
