//! `/deployment/claim`, `/deployment/heartbeat`: what this runtime says of itself, in counts and without anything private.
//! Unsigned until a runtime has an identity.

use crate::canonical::Sealed;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Claim, ClaimId = "zero.deployment.claim.v1");
packet_id!(DeploymentHeartbeat, DeploymentHeartbeatId = "zero.deployment.heartbeat.v1");

impl Sealed for Claim {
    const HASH: &'static str = "claim_hash";
    fn hash_mut(&mut self) -> &mut String {
        &mut self.claim_hash
    }
}

impl Sealed for DeploymentHeartbeat {
    const HASH: &'static str = "heartbeat_hash";
    fn hash_mut(&mut self) -> &mut String {
        &mut self.heartbeat_hash
    }
}

/// What runs here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Schema id.
    pub schema_version: ClaimId,
    /// The deployment.
    pub deployment: Deployment,
    /// Whose it is.
    pub operator: DeploymentOperator,
    /// What it runs.
    pub runtime: ClaimRuntime,
    /// What it did.
    pub evidence: ClaimEvidence,
    /// What is left out.
    pub privacy: DeploymentPrivacy,
    /// The command that computes `claim_hash` again.
    pub rebuild: String,
    /// `sha256:` over the canonical body, see `rebuild`.
    pub claim_hash: String,
    /// Over that hash.
    pub signature: ClaimSignature,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// `local-paper`: a runtime has no identity of its own yet.
    pub deployment_id: String,
    /// `paper`.
    pub environment: String,
    /// `local`.
    pub kind: String,
    /// Operator whose partition it is.
    pub owner: String,
    /// Version of the program.
    pub version: String,
}

/// Whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeploymentOperator {
    /// Operator.
    pub handle: String,
    /// `owner`.
    pub role: String,
    /// `local-private`.
    pub scope: String,
    /// `partition`: the name of the state directory, not a verified identity.
    pub source: String,
}

/// What it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimRuntime {
    /// `paper`.
    pub mode: String,
    /// The market, in words.
    pub market_source: String,
    /// What it counts is durable.
    pub journal_durable: bool,
    /// It can send live orders.
    pub live_executor_configured: bool,
}

/// What it did, in counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimEvidence {
    /// Candidates judged.
    pub decisions: u64,
    /// Fills booked.
    pub fills: u64,
    /// Candidates not admitted.
    pub rejections: u64,
    /// Live orders.
    pub live_execution_count: u64,
    /// Journal sequence of these counts.
    pub journal_seq: u64,
    /// Digest over every decision so far, hexadecimal: what a replay has to reach.
    pub decision_digest: String,
    /// Digest of the program, hexadecimal.
    pub code: String,
    /// Digest of the configuration in force, hexadecimal.
    pub configuration: String,
}

/// What is left out, by type: there is no field for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeploymentPrivacy {
    /// `public-safe-aggregate` or `public-safe-liveness`.
    pub default: String,
    /// Venue credentials.
    pub contains_exchange_credentials: bool,
    /// Wallet material.
    pub contains_wallet_material: bool,
    /// Decisions.
    pub contains_raw_decisions: bool,
    /// Keys of requests.
    pub contains_idempotency_tokens: bool,
    /// Ids of decisions.
    pub contains_trace_tokens: bool,
}

/// A signature over the claim, or that there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimSignature {
    /// `unsigned_local`.
    pub status: String,
    /// Null while unsigned.
    pub algorithm: Option<String>,
    /// Null while unsigned.
    pub public_key: Option<String>,
    /// Null while unsigned.
    pub signature: Option<String>,
    /// `local-runtime`.
    pub signer: String,
    /// The hash that would be signed.
    pub signed_claim_hash: String,
}

/// That it lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeploymentHeartbeat {
    /// Schema id.
    pub schema_version: DeploymentHeartbeatId,
    /// The deployment.
    pub deployment: Deployment,
    /// Hash of its claim in the same state.
    pub deployment_claim_hash: String,
    /// Whose it is.
    pub operator: DeploymentOperator,
    /// What it runs.
    pub runtime: HeartbeatRuntime,
    /// How it lives.
    pub liveness: Liveness,
    /// What is left out.
    pub privacy: DeploymentPrivacy,
    /// The command that computes `heartbeat_hash` again.
    pub rebuild: String,
    /// `sha256:` over the canonical body, see `rebuild`.
    pub heartbeat_hash: String,
    /// Over that hash.
    pub signature: HeartbeatSignature,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// What it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeartbeatRuntime {
    /// `paper`.
    pub mode: String,
    /// The market, in words.
    pub market_source: String,
    /// What it counts is durable.
    pub journal_durable: bool,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// How it lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Liveness {
    /// `paper_running` while a loop writes the journal, `paper_at_rest` otherwise.
    pub status: String,
    /// Wall time of the newest start, RFC 3339.
    pub started: String,
    /// A dead-man is armed and ran out.
    pub dead_man_expired: bool,
    /// Seconds of silence that it allows; null where none is armed.
    pub dead_man_timeout_s: Option<f64>,
    /// Last sign of the operator, seconds since the epoch; null before the first.
    pub last_live_heartbeat_at: Option<f64>,
    /// Seconds of event time that are left of it; null where none is armed or nothing was heard.
    pub next_required_within_s: Option<f64>,
    /// It can send live orders.
    pub live_executor_configured: bool,
}

/// A signature over the heartbeat, or that there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeartbeatSignature {
    /// `unsigned_local`.
    pub status: String,
    /// Null while unsigned.
    pub algorithm: Option<String>,
    /// Null while unsigned.
    pub public_key: Option<String>,
    /// Null while unsigned.
    pub signature: Option<String>,
    /// `local-runtime`.
    pub signer: String,
    /// The hash that would be signed.
    pub signed_heartbeat_hash: String,
}
