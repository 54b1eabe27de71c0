//! `/audit/export`: what an auditor needs to hold the journal against what was shown of it.

use crate::brief::PulseEvent;
use crate::canonical::Sealed;
use crate::decisions::Decision;
use crate::deployment::{Claim, DeploymentHeartbeat};
use crate::evolve::Evolve;
use crate::genesis::Genesis;
use crate::id::packet_id;
use crate::immune::Immune;
use crate::memory::Memory;
use crate::metrics::EngineMetrics;
use crate::research::Research;
use crate::status::Recovery;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Audit, AuditId = "zero.audit.v1");

impl Sealed for Audit {
    const HASH: &'static str = "audit_hash";
    fn hash_mut(&mut self) -> &mut String {
        &mut self.audit_hash
    }
}

/// The journal's range, roots and checkpoint, with the latest decisions and every part that later work fills.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// Schema id.
    pub schema_version: AuditId,
    /// `paper`.
    pub mode: String,
    /// Decisions and acts asked for.
    pub limit: u64,
    /// Range, roots and checkpoint.
    pub journal: AuditJournal,
    /// Newest first.
    pub decisions: Vec<Decision>,
    /// Acts of the operator, newest first.
    pub operator_actions: Vec<PulseEvent>,
    /// Counts over the whole journal.
    pub metrics: EngineMetrics,
    /// Every breaker.
    pub immune: Immune,
    /// What start-up recovered.
    pub recovery: Recovery,
    /// What is remembered.
    pub memory: Memory,
    /// Proposals.
    pub genesis: Genesis,
    /// Changes.
    pub evolve: Evolve,
    /// Reports.
    pub research: Research,
    /// What runs.
    pub deployment_claim: Claim,
    /// That it lives.
    pub deployment_heartbeat: DeploymentHeartbeat,
    /// What is kept.
    pub retention: AuditRetention,
    /// Counts.
    pub summary: AuditSummary,
    /// The command that computes `audit_hash` again.
    pub rebuild: String,
    /// `sha256:` over the canonical body, see `rebuild`.
    pub audit_hash: String,
    /// Event time, RFC 3339.
    pub exported_at: Option<String>,
}

/// The journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditJournal {
    /// First record that this covers.
    pub from_seq: u64,
    /// Record after the last.
    pub to_seq: u64,
    /// Head of the hash chain before `to_seq`, hexadecimal; null where it was not read.
    pub head: Option<String>,
    /// The newest signed checkpoint; null before the first.
    pub checkpoint: Option<AuditCheckpoint>,
    /// Records after it.
    pub uncovered: u64,
    /// Digest over every decision so far, hexadecimal.
    pub decision_digest: String,
    /// Commands that check it.
    pub verify_with: Vec<String>,
}

/// A signed checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditCheckpoint {
    /// The log's identity.
    pub origin: String,
    /// Records that it covers.
    pub size: u64,
    /// Merkle root over them (RFC 6962), hexadecimal.
    pub root: String,
    /// Head of the hash chain after them, hexadecimal.
    pub chain: Option<String>,
    /// Always false here: the process that answers holds no key.
    pub signatures_checked: bool,
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRetention {
    /// `journal`.
    pub source: String,
    /// Decisions in this packet.
    pub decisions_shown: u64,
    /// Of these, admitted.
    pub admitted_shown: u64,
    /// Acts in this packet.
    pub operator_actions_shown: u64,
    /// Candidates judged over the whole journal.
    pub decisions_total: u64,
    /// Every decision of the journal is in this packet.
    pub complete: bool,
    /// Record from which on acts were looked for: 0 where it was the whole journal, later where it has more than are kept at hand.
    pub operator_actions_from_seq: u64,
    /// The command that writes all of it.
    pub command: String,
}

/// Counts over the whole journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditSummary {
    /// Candidates judged.
    pub decisions: u64,
    /// Of these, not admitted.
    pub rejections: u64,
    /// Fills booked.
    pub fills: u64,
    /// Coins held now.
    pub open_positions: u64,
    /// Breakers open now.
    pub open_breakers: u64,
}
