//! `zero keys create|list|rotate|revoke`. Public parts only.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Keys, KeysId = "zero.keys.v1");
packet_id!(KeyChange, KeyChangeId = "zero.keys.change.v1");

/// Every key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Keys {
    /// Schema id.
    pub schema_version: KeysId,
    /// By purpose and number.
    pub keys: Vec<Key>,
}

/// The public part of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// `journal`, `proof` or `operator`.
    pub purpose: String,
    /// Number in its chain, from one.
    pub number: u32,
    /// ed25519 public key, hexadecimal.
    pub public_key: String,
    /// `sha256:` and the digest of the public key.
    pub fingerprint: String,
    /// When it began, RFC 3339.
    pub created: String,
    /// `active`, `rotated` or `revoked`.
    pub status: String,
    /// Since when it is not active, RFC 3339.
    pub ended: Option<String>,
    /// Why it was revoked.
    pub reason: Option<String>,
    /// Whether the key before vouched for it.
    pub vouched: bool,
}

/// A key was created, rotated or revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyChange {
    /// Schema id.
    pub schema_version: KeyChangeId,
    /// `created`, `rotated` or `revoked`.
    pub change: String,
    /// The key that is active now; null after a revocation.
    pub active: Option<Key>,
    /// The signed statement, canonical CBOR in hexadecimal.
    pub statement: String,
    /// File that the statement was appended to.
    pub chain: String,
}
