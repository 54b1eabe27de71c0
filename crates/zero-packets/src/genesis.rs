//! `/genesis`: proposals for a change of this program, and what became of them. Nothing makes one yet.

use crate::id::packet_id;
use crate::part::part;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Genesis, GenesisId = "zero.genesis.snapshot.v1");
packet_id!(GenesisStats, GenesisStatsId = "zero.genesis.summary.v1");
packet_id!(GenesisDecision, GenesisDecisionId = "zero.genesis.guardian.v1");
packet_id!(GenesisProposal, GenesisProposalId = "zero.genesis.proposal.v1");

part! {
    GuardianPolicy, GuardianPolicyId = "zero.genesis.guardian_policy.v1", "What a proposal must meet.";
}

/// Proposals and what a guardian decided about each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Genesis {
    /// Schema id.
    pub schema_version: GenesisId,
    /// `plan-only`: a proposal is never carried out from here.
    pub mode: String,
    /// `empty`: no proposal exists; `proposals` where there are some.
    pub status: String,
    /// Why there is none.
    pub reason: Option<String>,
    /// What proposals come from; `none` where nothing makes them.
    pub source: String,
    /// Something here changes code.
    pub applies_code_changes: bool,
    /// What a proposal must meet.
    pub guardian_policy: GuardianPolicy,
    /// Counts.
    pub stats: GenesisStats,
    /// Every decision, newest first.
    pub decisions: Vec<GenesisDecision>,
    /// What of the journal a proposal could rest on.
    pub material: Material,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// Counts over proposals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenesisStats {
    /// Schema id.
    pub schema_version: GenesisStatsId,
    /// All.
    pub total_decisions: u64,
    /// By what was decided.
    pub by_decision: ByDecision,
    /// That a person has to look at.
    pub human_review_required: u64,
    /// Classes of protected paths that they touch.
    pub protected_classes: Vec<String>,
}

/// Counts by decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ByDecision {
    /// Accepted.
    pub accepted: u64,
    /// Left to a person.
    pub escalated: u64,
    /// Rejected.
    pub rejected: u64,
}

/// What a guardian decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenesisDecision {
    /// Schema id.
    pub schema_version: GenesisDecisionId,
    /// Its content hash.
    pub id: String,
    /// Of the proposal.
    pub proposal_id: String,
    /// `accepted`, `escalated` or `rejected`.
    pub decision: String,
    /// In words.
    pub reason: String,
    /// A person has to look at it.
    pub required_human_review: bool,
    /// Samples that its risk tier asks for.
    pub min_sample_size: u64,
    /// When, RFC 3339.
    pub decided_at: String,
    /// The proposal.
    pub proposal: GenesisProposal,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenesisProposal {
    /// Schema id.
    pub schema_version: GenesisProposalId,
    /// Its content hash.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// In a sentence.
    pub summary: String,
    /// `low`, `medium`, `high` or `protected`.
    pub risk_tier: String,
    /// Samples behind it.
    pub sample_size: u64,
    /// Where its evidence is.
    pub evidence_refs: Vec<String>,
    /// What it would change.
    pub target_paths: Vec<String>,
    /// How it would be taken back.
    pub revert_plan: String,
}

/// What of the journal a proposal could rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Material {
    /// Events folded.
    pub journal_events: u64,
    /// Candidates judged.
    pub candidates: u64,
    /// Candidates not admitted.
    pub rejections: u64,
    /// Fills booked.
    pub fills: u64,
    /// The command that computes what each gate is worth from these; it proposes and changes nothing.
    pub command: String,
}
