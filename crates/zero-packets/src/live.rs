//! The live surfaces of a program in which live orders are not built: each says so, check by check, and what can be
//! measured in paper is measured.

use crate::brief::PulseEvent;
use crate::id::packet_id;
use crate::immune::{Breaker, Immune, ImmuneSummary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

packet_id!(OperatorContext, OperatorContextId = "zero.operator_context.v1");
packet_id!(LivePreflight, LivePreflightId = "zero.live_preflight.v1");
packet_id!(LiveCertification, LiveCertificationId = "zero.live_certification.v1");
packet_id!(LiveReceipts, LiveReceiptsId = "zero.live_execution_receipts.v1");
packet_id!(LiveCockpit, LiveCockpitId = "zero.live_cockpit.v1");

impl crate::canonical::Sealed for LiveReceipts {
    const HASH: &'static str = "receipts_hash";
    fn hash_mut(&mut self) -> &mut String {
        &mut self.receipts_hash
    }
}

/// Whose runtime this is and who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperatorContext {
    /// Schema id.
    pub schema_version: OperatorContextId,
    /// Operator whose partition this runtime has.
    pub operator_id: String,
    /// The same, for people.
    pub handle: String,
    /// Role of the request's token: `observer`, `agent`, `operator`, or `anonymous` without one.
    pub role: String,
    /// What that role may do here: `read`, `reduce`, `operate`.
    pub scope: String,
    /// `token` or `none`: where the role comes from.
    pub source: Option<String>,
    /// What becomes of an identity.
    pub identity_policy: IdentityPolicy,
}

/// What becomes of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityPolicy {
    /// `required`: a live increase needs the operator's token and signature.
    pub live_controls: String,
    /// What of an act is recorded, and where.
    pub audit_scope: String,
    /// `never_recorded`: tokens and keys reach no journal and no packet.
    pub secrets: String,
}

impl Default for IdentityPolicy {
    fn default() -> Self {
        Self {
            live_controls: "required".into(),
            audit_scope: "name, reason and claimed headers of every act, in the journal".into(),
            secrets: "never_recorded".into(),
        }
    }
}

/// How whoever asks is told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessPolicy {
    /// A live increase needs an identity.
    pub identity_required_for_live_controls: bool,
    /// What a client without a token may do here: `read` or `none`.
    pub default_scope: String,
    /// Headers that change who somebody is: none does.
    pub header_overrides: Vec<String>,
    /// Headers that are recorded as claimed.
    pub claimed_headers: Vec<String>,
}

/// What was done, and what can be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperatorActions {
    /// The latest acts of the operator and of agents, newest first, each with the ruling that it met.
    pub recent: Vec<PulseEvent>,
    /// Commands that show.
    pub read_only: Vec<String>,
    /// Commands that can only reduce risk.
    pub risk_reducing: Vec<String>,
    /// Commands that may increase it.
    pub risk_increasing: Vec<String>,
}

/// Whether a live order could be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LivePreflight {
    /// Schema id.
    pub schema_version: LivePreflightId,
    /// Venue that orders go to.
    pub exchange: String,
    /// `paper`.
    pub mode: String,
    /// All checks hold.
    pub ready: bool,
    /// `not_built`.
    pub live_mode: String,
    /// Live controls exist.
    pub controls_ready: bool,
    /// Every check.
    pub checks: Vec<Check>,
    /// Every breaker.
    pub immune: Immune,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Name.
    pub name: String,
    /// `ok`, `fail` or `not_built`.
    pub status: String,
    /// What was seen.
    pub note: String,
}

/// How many of something passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// All.
    pub total: u32,
    /// That hold.
    pub passed: u32,
    /// That do not.
    pub failed: u32,
}

/// Drills of what must stop risk, run against the limits and the venue of this run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveCertification {
    /// Schema id.
    pub schema_version: LiveCertificationId,
    /// `paper_venue`: the venue that the drills ran against.
    pub mode: String,
    /// Every drill ran and passed.
    pub passed: bool,
    /// A live start is certified.
    pub live_start_certified: bool,
    /// How many passed; one without anything to drill counts as failed.
    pub summary: Tally,
    /// Every drill.
    pub drills: Vec<Drill>,
    /// What a certification will have to show.
    pub evidence_requirements: Vec<String>,
}

/// A drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drill {
    /// Name.
    pub name: String,
    /// `pass`, `fail` or `not_built`.
    pub status: String,
    /// What was seen.
    pub note: String,
    /// What was counted.
    pub evidence: Map<String, Value>,
}

/// Receipts of live orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveReceipts {
    /// Schema id.
    pub schema_version: LiveReceiptsId,
    /// `paper`.
    pub mode: String,
    /// Who asks.
    pub operator_context: OperatorContext,
    /// Counts.
    pub summary: RecordCounts,
    /// Every receipt: empty, since nothing here can send a live order.
    pub receipts: Vec<Check>,
    /// What is left out of receipts.
    pub privacy: Privacy,
    /// The command that computes `receipts_hash` again.
    pub rebuild: String,
    /// `sha256:` over the canonical body, see `rebuild`.
    pub receipts_hash: String,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// Counts of live orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordCounts {
    /// All.
    pub total: u64,
    /// Accepted by the venue.
    pub accepted: u64,
    /// Refused here.
    pub refused: u64,
    /// Failed at the venue.
    pub exchange_error: u64,
}

/// What a packet leaves out, by type: it has no field for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Privacy {
    /// Venue credentials.
    pub contains_exchange_credentials: bool,
    /// Wallet material.
    pub contains_wallet_material: bool,
}

/// Everything that stands between this runtime and a live order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveCockpit {
    /// Schema id.
    pub schema_version: LiveCockpitId,
    /// `paper`.
    pub mode: String,
    /// `not_built`.
    pub live_mode: String,
    /// A live order could be sent.
    pub ready: bool,
    /// Live controls exist.
    pub controls_ready: bool,
    /// A risk-increasing live order could be admitted.
    pub risk_increasing_allowed: bool,
    /// What to do next.
    pub next_action: String,
    /// Who asks.
    pub operator_context: OperatorContext,
    /// How whoever asks is told apart.
    pub access_policy: AccessPolicy,
    /// Preflight in short.
    pub preflight: CockpitPreflight,
    /// Breakers in short.
    pub immune: CockpitImmune,
    /// Reconciliation in short.
    pub reconciliation: CockpitReconciliation,
    /// Certification in short.
    pub certification: CockpitCertification,
    /// The operator's heartbeat.
    pub heartbeat: Heartbeat,
    /// Live orders.
    pub live_records: LiveRecords,
    /// What was done, and what can be done.
    pub operator_actions: OperatorActions,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
}

/// Preflight in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CockpitPreflight {
    /// Schema id.
    pub schema_version: LivePreflightId,
    /// All checks hold.
    pub ready: bool,
    /// `not_built`.
    pub live_mode: String,
    /// Live controls exist.
    pub controls_ready: bool,
    /// Counts.
    pub summary: Tally,
    /// Those that do not hold.
    pub failed_checks: Vec<Check>,
}

/// Breakers in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CockpitImmune {
    /// Schema id.
    pub schema_version: crate::immune::ImmuneId,
    /// As in `/immune`.
    pub risk_increasing_allowed: bool,
    /// Counts.
    pub summary: ImmuneSummary,
    /// Open ones.
    pub open_breakers: Vec<Breaker>,
}

/// Reconciliation in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CockpitReconciliation {
    /// Schema id.
    pub schema_version: crate::exchange::ReconciliationId,
    /// `never`, `agrees` or `differs`.
    pub status: String,
    /// As in `/immune`.
    pub risk_increasing_allowed: bool,
    /// In words.
    pub reason: String,
    /// How many accounts differ.
    pub drifts: u64,
}

/// Certification in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CockpitCertification {
    /// Schema id.
    pub schema_version: LiveCertificationId,
    /// `not_built`.
    pub mode: String,
    /// Every drill ran and passed.
    pub passed: bool,
    /// A live start is certified.
    pub live_start_certified: bool,
    /// Counts.
    pub summary: Tally,
    /// Drills that failed.
    pub failed_drills: Vec<Drill>,
}

/// The operator's heartbeat and the dead-man that waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Heartbeat {
    /// A dead-man is armed.
    pub configured: bool,
    /// It ran out.
    pub expired: bool,
    /// Last sign of life, seconds since the epoch of event time; `None` before the first.
    pub last_heartbeat_at: Option<f64>,
    /// Seconds of silence that it allows.
    pub timeout_s: Option<f64>,
}

/// Live orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveRecords {
    /// All.
    pub total: u64,
    /// Accepted by the venue.
    pub accepted: u64,
    /// Refused here.
    pub refused: u64,
    /// Failed at the venue.
    pub exchange_error: u64,
    /// The latest: empty, since nothing here can send a live order.
    pub recent: Vec<Check>,
}
