//! `/evolve`: how a proposal would become a change. No stage of it is built.

use crate::id::packet_id;
use crate::part::part;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Evolve, EvolveId = "zero.evolve.snapshot.v1");

part! {
    Build, BuildId = "zero.evolve.build.v1", "A candidate build.";
    RedTeam, RedTeamId = "zero.evolve.red_team.v1", "What a hostile reading found.";
    PaperCanary, PaperCanaryId = "zero.evolve.paper_canary.v1", "A paper run of the candidate.";
    Calibration, CalibrationId = "zero.evolve.calibration.v1", "The candidate against the baseline.";
    Promotion, PromotionId = "zero.evolve.promotion.v1", "The verdict.";
    PromotionPlan, PromotionPlanId = "zero.evolve.promotion_plan.v1", "How it would be promoted.";
    RollbackPlan, RollbackPlanId = "zero.evolve.rollback_plan.v1", "How it would be taken back.";
    PromotionVerification, PromotionVerificationId = "zero.evolve.promotion_verification.v1", "Whether the plan is safe.";
    EvolvePolicy, EvolvePolicyId = "zero.evolve.policy.v1", "What a promotion must meet.";
}

/// Every stage between a proposal and a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evolve {
    /// Schema id.
    pub schema_version: EvolveId,
    /// `paper-only`.
    pub mode: String,
    /// `empty`: no candidate exists.
    pub status: String,
    /// Why there is none.
    pub reason: Option<String>,
    /// What candidates come from; `none` where nothing makes them.
    pub source: String,
    /// Decisions of the guardian that were looked at.
    pub input_decisions: u64,
    /// Candidates that came of them.
    pub accepted_candidates: u64,
    /// The proposal under work.
    pub selected_proposal_id: Option<String>,
    /// Something here changes files of a checkout.
    pub applies_to_checkout: bool,
    /// Something here sends changes away.
    pub pushes_to_remote: bool,
    /// A candidate build.
    pub build: Build,
    /// What a hostile reading found.
    pub red_team: RedTeam,
    /// A paper run of the candidate.
    pub paper_canary: PaperCanary,
    /// The candidate against the baseline.
    pub calibration: Calibration,
    /// The verdict.
    pub promotion: Promotion,
    /// How it would be promoted.
    pub promotion_plan: PromotionPlan,
    /// How it would be taken back.
    pub rollback_plan: RollbackPlan,
    /// Whether the plan is safe.
    pub promotion_verification: PromotionVerification,
    /// What a promotion must meet.
    pub policy: EvolvePolicy,
    /// Event time, RFC 3339.
    pub generated_at: Option<String>,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}
