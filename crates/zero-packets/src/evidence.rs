//! `/live/evidence`: the hashes of everything that a live claim would rest on. Nothing live is claimed.

use crate::canonical::Sealed;
use crate::id::packet_id;
use crate::live::OperatorContext;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(LiveEvidence, LiveEvidenceId = "zero.live_evidence.v1");

impl Sealed for LiveEvidence {
    const HASH: &'static str = "evidence_hash";
    fn hash_mut(&mut self) -> &mut String {
        &mut self.evidence_hash
    }
}

/// Artifacts by hash alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveEvidence {
    /// Schema id.
    pub schema_version: LiveEvidenceId,
    /// `paper`.
    pub mode: String,
    /// `not_built`.
    pub live_mode: String,
    /// A live order could be sent.
    pub ready: bool,
    /// A risk-increasing live order could be admitted.
    pub risk_increasing_allowed: bool,
    /// Who asks.
    pub operator_context: OperatorContext,
    /// In short.
    pub summary: EvidenceSummary,
    /// Each by its hash.
    pub artifacts: Vec<EvidenceArtifact>,
    /// What a live claim needs.
    pub canary_rule: CanaryRule,
    /// What is left out.
    pub privacy: EvidencePrivacy,
    /// The command that computes `evidence_hash` again.
    pub rebuild: String,
    /// `sha256:` over the canonical body, see `rebuild`.
    pub evidence_hash: String,
    /// Over that hash.
    pub signature: EvidenceSignature,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// In short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceSummary {
    /// How many.
    pub artifacts: u64,
    /// Every check before a live order holds.
    pub preflight_ready: bool,
    /// Live controls exist.
    pub controls_ready: bool,
    /// Every drill passed.
    pub certification_passed: bool,
    /// A live start is certified.
    pub live_start_certified: bool,
    /// No breaker keeps new paper risk out.
    pub immune_risk_increasing_allowed: bool,
    /// `never`, `agrees` or `differs`.
    pub reconciliation_status: String,
    /// `paper_running` or `paper_at_rest`.
    pub deployment_heartbeat_status: String,
    /// Receipts of live orders.
    pub live_receipts_total: u64,
    /// Of these, taken by the venue.
    pub live_receipts_accepted: u64,
    /// Live orders.
    pub live_records_total: u64,
    /// Of these, taken by the venue.
    pub live_records_accepted: u64,
}

/// A packet by its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceArtifact {
    /// Name.
    pub name: String,
    /// Schema id of the packet.
    pub schema_version: String,
    /// What it says, in a word.
    pub status: String,
    /// `sha256:` over the canonical body of that packet as it was made for this bundle.
    pub hash: String,
    /// `hash_only`.
    pub included: String,
}

/// What a live claim needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryRule {
    /// Live orders are placed from here.
    pub default_public_runtime_places_live_orders: bool,
    /// Keys stay with the operator.
    pub operator_owned_custody: bool,
    /// Records of the venue are needed.
    pub requires_external_exchange_records: bool,
    /// Controls that have to be at hand.
    pub risk_reducing_actions_required: Vec<String>,
    /// Only a small account.
    pub tiny_capital_only: bool,
}

/// What is left out, by type: there is no field for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidencePrivacy {
    /// Venue credentials.
    pub contains_exchange_credentials: bool,
    /// Wallet material.
    pub contains_wallet_material: bool,
    /// Decisions.
    pub contains_raw_decisions: bool,
    /// Notes of the operator.
    pub contains_private_notes: bool,
}

/// A signature over the hash, or that there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceSignature {
    /// `unsigned_local`: the process that answers holds no key.
    pub status: String,
    /// Null while unsigned.
    pub algorithm: Option<String>,
    /// Null while unsigned.
    pub signature: Option<String>,
    /// `local-runtime`.
    pub signer: String,
    /// The hash that would be signed.
    pub signed_evidence_hash: String,
    /// Always false.
    pub key_material_included: bool,
}
