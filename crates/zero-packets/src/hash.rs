//! `zero hash FILE`: the hash of a packet's canonical body.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Hash, HashId = "zero.hash.v1");

/// A hash, and whether it is the one that the packet carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hash {
    /// Schema id.
    pub schema_version: HashId,
    /// The file.
    pub path: String,
    /// `json`: a packet, of which the body was taken; `cbor`: canonical bytes as `?canonical=1` serves them.
    pub format: String,
    /// Schema id of the packet; null where the file says none, or is CBOR.
    pub packet: Option<String>,
    /// Field that carries the packet's own hash; null where it has none.
    pub field: Option<String>,
    /// Length of the canonical bytes.
    pub bytes: u64,
    /// `sha256:` over them.
    pub hash: String,
    /// What the field says; null without one.
    pub claimed: Option<String>,
    /// Both are the same; null where nothing is claimed.
    pub matches: Option<bool>,
}
