//! Genesis, evolution, research and memory: what they would rest on is counted, the rest says that it is not built.

use super::Reading;
use std::collections::BTreeMap;
use zero_packets::canonical::{REBUILD, Sealed as _};
use zero_packets::evolve::{
    Build, Calibration, Evolve, EvolvePolicy, PaperCanary, Promotion, PromotionPlan, PromotionVerification,
    RedTeam, RollbackPlan,
};
use zero_packets::genesis::{ByDecision, Genesis, GenesisStats, GuardianPolicy, Material};
use zero_packets::memory::{Memory, MemoryStats};
use zero_packets::research::{
    Convergence, Edge, Hunt, Meta, Reports, Research, ResearchSummary, Score, Sharpen, Thesis,
};

const NO_PROPOSALS: &str = "nothing makes proposals for this program";
const NO_CANDIDATE: &str = "no candidate for a change exists";
const NO_REPORT: &str = "no research report is written";
const NO_MEMORY: &str = "nothing is remembered beside the journal";

/// Proposals: none, with what they could rest on.
#[must_use]
pub fn genesis(r: &Reading) -> Genesis {
    let c = &r.view.state.counters;
    Genesis {
        schema_version: Default::default(),
        mode: "plan-only".into(),
        status: "empty".into(),
        reason: Some(NO_PROPOSALS.into()),
        source: "none".into(),
        applies_code_changes: false,
        guardian_policy: GuardianPolicy::not_built("there is no proposal that a guardian could judge"),
        stats: genesis_stats(),
        decisions: Vec::new(),
        material: Material {
            journal_events: c.events,
            candidates: c.candidates,
            rejections: c.candidates - c.admitted,
            fills: c.fills,
            command: "zero learn gates".into(),
        },
        generated_at: r.ts(),
        journal_seq: r.view.next_seq,
    }
}

/// Proposals in counts.
#[must_use]
pub fn genesis_stats() -> GenesisStats {
    GenesisStats {
        schema_version: Default::default(),
        total_decisions: 0,
        by_decision: ByDecision { accepted: 0, escalated: 0, rejected: 0 },
        human_review_required: 0,
        protected_classes: Vec::new(),
    }
}

/// Changes: none, stage by stage.
#[must_use]
pub fn evolve(r: &Reading) -> Evolve {
    let proposals = genesis(r);
    Evolve {
        schema_version: Default::default(),
        mode: "paper-only".into(),
        status: "empty".into(),
        reason: Some(NO_PROPOSALS.into()),
        source: "none".into(),
        input_decisions: proposals.stats.total_decisions,
        accepted_candidates: proposals.stats.by_decision.accepted,
        selected_proposal_id: proposals.decisions.first().map(|d| d.proposal_id.clone()),
        applies_to_checkout: false,
        pushes_to_remote: false,
        build: Build::not_built(NO_CANDIDATE),
        red_team: RedTeam::not_built(NO_CANDIDATE),
        paper_canary: PaperCanary::not_built(NO_CANDIDATE),
        calibration: Calibration::not_built(NO_CANDIDATE),
        promotion: promotion(),
        promotion_plan: PromotionPlan::not_built(NO_CANDIDATE),
        rollback_plan: RollbackPlan::not_built(NO_CANDIDATE),
        promotion_verification: PromotionVerification::not_built(NO_CANDIDATE),
        policy: EvolvePolicy::not_built("nothing is promoted, so nothing has to be met"),
        generated_at: r.ts(),
        journal_seq: r.view.next_seq,
    }
}

/// Reports: none, with the candidates that they could look at.
#[must_use]
pub fn research(r: &Reading) -> Research {
    Research {
        schema_version: Default::default(),
        mode: "paper-only".into(),
        available: false,
        reason: Some(NO_REPORT.into()),
        paper_only: true,
        claims_live_pnl: false,
        applies_code_changes: false,
        reports: Reports {
            hunt: Hunt::not_built(NO_REPORT),
            edge: Edge::not_built(NO_REPORT),
            convergence: Convergence::not_built(NO_REPORT),
            thesis: Thesis::not_built(NO_REPORT),
            score: Score::not_built(NO_REPORT),
            meta: Meta::not_built(NO_REPORT),
            sharpen: Sharpen::not_built(NO_REPORT),
        },
        summary: research_summary(r),
        rebuild: REBUILD.into(),
        report_hash: String::new(),
        generated_at: r.ts(),
        journal_seq: r.view.next_seq,
    }
    .sealed()
}

/// Research in counts.
#[must_use]
pub fn research_summary(r: &Reading) -> ResearchSummary {
    ResearchSummary {
        reports: 0,
        sample_size: r.view.state.counters.candidates,
        candidate_count: 0,
        proposal_count: 0,
        minimum_sample_met: None,
    }
}

/// Memory in counts.
#[must_use]
pub fn memory_stats(r: &Reading) -> MemoryStats {
    MemoryStats {
        schema_version: Default::default(),
        total_entries: 0,
        active_entries: 0,
        expired_entries: 0,
        by_kind: BTreeMap::new(),
        journal_events: r.view.state.counters.events,
        generated_at: r.ts(),
    }
}

/// The last promotion: none was made.
#[must_use]
pub fn promotion() -> Promotion {
    Promotion::not_built(NO_CANDIDATE)
}

/// Memory: nothing, with the events that it could be made of; as Markdown too where that is asked for.
#[must_use]
pub fn memory(r: &Reading, markdown: bool) -> Memory {
    let events = r.view.state.counters.events;
    let knowledge = || {
        format!(
            "# Memory\n\nEntries: 0. {NO_MEMORY}; the journal has {events} events up to record {}.\n",
            r.view.next_seq
        )
    };
    Memory {
        schema_version: Default::default(),
        status: "empty".into(),
        reason: Some(NO_MEMORY.into()),
        source: "none".into(),
        stats: memory_stats(r),
        entries: Vec::new(),
        knowledge: markdown.then(knowledge),
        generated_at: r.ts(),
        journal_seq: r.view.next_seq,
    }
}
