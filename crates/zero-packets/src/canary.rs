//! `/live/canary-policy`: the way to a first small live order, phase by phase. Live orders are not built, so it ends at its
//! first phase.

use crate::id::packet_id;
use crate::live::OperatorContext;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

packet_id!(CanaryPolicy, CanaryPolicyId = "zero.live_canary_policy.v1");

/// Phases, in their order.
pub const PHASES: [&str; 7] = [
    "readiness",
    "policy_arm",
    "bounded_launch_window",
    "evidence_export",
    "shadow_review",
    "qualification",
    "follow_through_review",
];

/// The policy and where this runtime stands in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryPolicy {
    /// Schema id.
    pub schema_version: CanaryPolicyId,
    /// Version of the policy.
    pub policy_version: String,
    /// `runtime-readiness`: what this runtime shows by itself.
    pub mode: String,
    /// In short.
    pub summary: CanarySummary,
    /// What it asks for.
    pub policy: CanaryRules,
    /// In their order.
    pub phases: Vec<CanaryPhase>,
    /// What to do next.
    pub recommendation: CanaryRecommendation,
    /// Who asks.
    pub operator_context: OperatorContext,
    /// What is left out.
    pub privacy: CanaryPrivacy,
    /// A request to arm; null, since none can be made.
    pub request: Option<Map<String, Value>>,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// In short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanarySummary {
    /// Preflight is ready and a risk-increasing live order could be admitted.
    pub ready_for_canary: bool,
    /// Armed. Constant: arming is not built.
    pub policy_armed: bool,
    /// A live order was tried.
    pub live_order_attempted: bool,
    /// The venue took one.
    pub live_order_accepted: bool,
    /// Receipts of orders that the venue took.
    pub receipts_accepted: u64,
    /// Records of the venue are attached. Constant: none can be attached.
    pub exchange_evidence_attached: bool,
    /// The evidence may be published as that of a live canary.
    pub publishable_canary_evidence: bool,
    /// The evidence shows that live orders were refused: preflight is not ready, the drills pass, and no receipt exists.
    pub refusal_evidence_qualified: bool,
    /// Qualified as a live canary or as a refusal.
    pub qualified: bool,
    /// What to do next.
    pub next_step: String,
}

/// What the policy asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryRules {
    /// `disarmed`.
    pub default_state: String,
    /// Only a small account.
    pub tiny_capital_only: bool,
    /// Longest window.
    pub launch_window_seconds: u64,
    /// An accepted order counts with the records of the venue alone.
    pub requires_exchange_evidence_for_accepted_receipts: bool,
    /// Before it is armed.
    pub arm_requires: Vec<String>,
    /// What disarms it.
    pub disarm_after: Vec<String>,
    /// What has to be shown.
    pub required_evidence: Vec<String>,
    /// What enforces this today.
    pub enforced_by: String,
}

/// A phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryPhase {
    /// Name.
    pub name: String,
    /// `ready`, `blocked`, `disarmed`, `not_open`, `captured`, `not_captured`, `not_built`, `pass` or `not_required`.
    pub status: String,
    /// In words.
    pub detail: String,
    /// What was looked at.
    pub evidence: Map<String, Value>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryRecommendation {
    /// What.
    pub action: String,
    /// `down`: it takes no risk.
    pub risk_direction: String,
    /// Why.
    pub reason: String,
}

/// What is left out, by type: there is no field for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryPrivacy {
    /// Venue credentials.
    pub contains_exchange_credentials: bool,
    /// Wallet material.
    pub contains_wallet_material: bool,
    /// Notes of the operator.
    pub contains_private_notes: bool,
}
