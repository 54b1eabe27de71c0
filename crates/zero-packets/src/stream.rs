//! `/v1/stream` and `/ws`: the run as it goes on. A snapshot, then what changed.

use crate::id::packet_id;
use crate::raw::RawJson;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(StreamSnapshot, StreamSnapshotId = "zero.stream.snapshot.v1");
packet_id!(StreamDelta, StreamDeltaId = "zero.stream.delta.v1");
packet_id!(WsFrame, WsFrameId = "zero.ws.frame.v1");

/// Where a stream begins: every part whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamSnapshot {
    /// Schema id.
    pub schema_version: StreamSnapshotId,
    /// The event's id, to be sent back as `Last-Event-ID`.
    pub id: String,
    /// Number of the journal's next record: everything before it is in the parts.
    pub journal_seq: u64,
    /// Packets by name.
    pub parts: BTreeMap<String, RawJson>,
}

/// What changed since the event before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamDelta {
    /// Schema id.
    pub schema_version: StreamDeltaId,
    /// The event's id, to be sent back as `Last-Event-ID`.
    pub id: String,
    /// `journal_seq` of the event that it continues.
    pub from_seq: u64,
    /// Number of the journal's next record: everything before it is in the parts.
    pub journal_seq: u64,
    /// The packets that changed, each whole; one that differs in nothing but times, ages and numbers of records is left out.
    pub parts: BTreeMap<String, RawJson>,
}

/// A frame of `/ws`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WsFrame {
    /// Schema id.
    pub schema_version: WsFrameId,
    /// What it is about: `heartbeat`, `status`, `positions`, `risk`, `immune` or `regime`.
    pub event: String,
    /// Wall time of the frame, RFC 3339.
    pub ts: String,
    /// Number of the journal's next record when the data were read.
    pub journal_seq: u64,
    /// The packet of that name; of a heartbeat, [`Heartbeat`].
    pub data: RawJson,
}

/// What a heartbeat carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Heartbeat {
    /// `paper`.
    pub mode: String,
    /// Where the market comes from, in words.
    pub source: String,
    /// The decision digest of the state that the frame was made from.
    pub trace_id: String,
}
