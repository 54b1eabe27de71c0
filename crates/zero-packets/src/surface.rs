//! `/`, `/livez`, `/readyz`: what answers, whether it lives, whether it is ready.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Root, RootId = "zero.root.v1");
packet_id!(Livez, LivezId = "zero.livez.v1");
packet_id!(Readyz, ReadyzId = "zero.readyz.v1");

/// What answers here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// Schema id.
    pub schema_version: RootId,
    /// Name of the program and its mode.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// `ok` while the loop runs, `stopping` once it was told to stop.
    pub status: String,
    /// Wall time of the answer, RFC 3339.
    pub ts: Option<String>,
}

/// The process answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Livez {
    /// Schema id.
    pub schema_version: LivezId,
    /// `ok`: an answer is the proof.
    pub status: String,
}

/// Whether the runtime can be relied on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Readyz {
    /// Schema id.
    pub schema_version: ReadyzId,
    /// Every check holds.
    pub ready: bool,
    /// Each with its outcome.
    pub checks: Vec<ReadyCheck>,
}

/// A check of readiness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadyCheck {
    /// Name.
    pub name: String,
    /// It holds.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
}
