//! `/intelligence/model-gateway...`: models that this program calls. It calls none.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(GatewayStatus, GatewayStatusId = "zero.model_gateway.status.v1");
packet_id!(GatewayHealth, GatewayHealthId = "zero.model_gateway.health.v1");
packet_id!(GatewayAudit, GatewayAuditId = "zero.model_gateway.audit.v1");

/// Which models are called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayStatus {
    /// Schema id.
    pub schema_version: GatewayStatusId,
    /// `fail_closed`: nothing waits for a model and none is asked.
    pub mode: String,
    /// Why.
    pub reason: String,
    /// `none`.
    pub default_provider: String,
    /// Providers: none is built in.
    pub providers: Vec<GatewayCheck>,
    /// Which provider a task goes to.
    pub routing: GatewayRouting,
    /// What was used.
    pub usage: GatewayUsage,
    /// What is left out.
    pub privacy: GatewayPrivacy,
}

/// Which provider a task goes to; null for none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayRouting {
    /// Conversation.
    pub chat: Option<String>,
    /// Short questions.
    pub fast_reasoning: Option<String>,
    /// Long questions.
    pub hard_reasoning: Option<String>,
    /// Answers by a schema.
    pub structured_output: Option<String>,
}

/// What was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayUsage {
    /// Calls.
    pub events: u64,
    /// Their cost.
    pub total_estimated_cost_usd: f64,
}

/// What is left out, by type: there is no field for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayPrivacy {
    /// Keys of providers.
    pub contains_api_keys: bool,
    /// What was asked.
    pub prompts_included: bool,
    /// What was answered.
    pub raw_model_outputs_included: bool,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayCheck {
    /// Name.
    pub provider: String,
    /// `unavailable` or `ok`.
    pub status: String,
    /// It may be asked.
    pub configured: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

/// Whether models answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayHealth {
    /// Schema id.
    pub schema_version: GatewayHealthId,
    /// `failed_closed`: no model is called.
    pub status: String,
    /// The one that is asked; null for none.
    pub selected_provider: Option<String>,
    /// Each provider.
    pub checks: Vec<GatewayCheck>,
    /// Whether one was asked for this answer.
    pub network_probe: GatewayProbe,
    /// What holds whatever a model says.
    pub safety: GatewaySafety,
}

/// A question to a provider for the sake of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayProbe {
    /// It was asked for with `network=true`.
    pub requested: bool,
    /// A provider was asked: never, there is none.
    pub performed: bool,
    /// `not_requested` or `no_provider`.
    pub status: String,
    /// In words.
    pub reason: String,
}

/// What holds whatever a model says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewaySafety {
    /// No answer of a model reaches a decision.
    pub advisory_only: bool,
    /// Without a model nothing is missing.
    pub fail_closed: bool,
}

/// Both, for an auditor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatewayAudit {
    /// Schema id.
    pub schema_version: GatewayAuditId,
    /// Which models are called.
    pub status: GatewayStatus,
    /// Whether they answer.
    pub health: GatewayHealth,
    /// What was used.
    pub usage: GatewayUsage,
    /// What holds whatever a model says.
    pub controls: GatewaySafety,
    /// What would have to be shown before one is called.
    pub evidence_requirements: Vec<String>,
}
