//! The wire contract of earlier clients: every packet id with its producer, every route that is not a row with the
//! reason. Nothing of the contract is left unsaid.

/// Who makes a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Producer {
    /// The row of the table with this id.
    Row(&'static str),
    /// The row of the table with this id, as a part of its packet.
    Part(&'static str),
    /// The tool with this name, for agents.
    Tool(&'static str),
    /// Nobody here, for this reason.
    NotOffered(&'static str),
}

/// A packet id of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Schema id.
    pub packet: &'static str,
    /// Who makes it.
    pub producer: Producer,
}

/// A route of the contract that answers with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOffered {
    /// Method.
    pub method: &'static str,
    /// Path.
    pub path: &'static str,
    /// Why.
    pub reason: &'static str,
}

const fn p(packet: &'static str, producer: Producer) -> Promise {
    Promise { packet, producer }
}

const fn n(method: &'static str, path: &'static str, reason: &'static str) -> NotOffered {
    NotOffered { method, path, reason }
}

const RUNNER: &str = "strategies are documents, checked by `zero strategy test`; there is no separate runner";
const EVIDENCE: &str = "nothing is signed for others yet: a runtime has no identity of its own";
const EVOLUTION: &str =
    "the stages that would make it are not built: the packets beside it say so one by one";
const HOSTED: &str = "hosted and commercial intelligence is not offered here";
const LIVE: &str = "live orders are not built, so there is nothing to show or to prove";
const MODEL: &str = "no model is called from here";
const PLATFORM: &str = "it describes a hosting platform that is not used here";
const RELEASE: &str = "releases are not published yet";
const RECORD: &str = "it is a record of the journal: see `zero journal tail`";

/// Every packet id of the contract, in its order.
pub const PACKETS: &[Promise] = &[
    p("zero.decision.evaluation.v1", Producer::Row("evaluate")),
    p("zero.decision.stack.v1", Producer::Row("decision-stack")),
    p("zero.deployment.claim.v1", Producer::Row("deployment.claim")),
    p("zero.deployment.heartbeat.v1", Producer::Row("deployment.heartbeat")),
    p("zero.deployment_evidence.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_evidence_signature.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_evidence_signature_payload.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_evidence_verify.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_identity_evidence.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_identity_evidence_verify.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_identity_signature.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_identity_signature_payload.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_rollback_rehearsal.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_rollback_rehearsal_signature.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.deployment_rollback_rehearsal_signature_payload.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.evolve.apply_receipt.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.evolve.build.v1", Producer::Part("evolve")),
    p("zero.evolve.calibration.v1", Producer::Part("evolve")),
    p("zero.evolve.paper_canary.v1", Producer::Part("evolve")),
    p("zero.evolve.policy.v1", Producer::Part("evolve")),
    p("zero.evolve.promotion.v1", Producer::Part("evolve")),
    p("zero.evolve.promotion_plan.v1", Producer::Part("evolve")),
    p("zero.evolve.promotion_verification.v1", Producer::Part("evolve")),
    p("zero.evolve.red_team.v1", Producer::Part("evolve")),
    p("zero.evolve.rollback_plan.v1", Producer::Part("evolve")),
    p("zero.evolve.rollback_receipt.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.evolve.run.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.evolve.snapshot.v1", Producer::Row("evolve")),
    p("zero.evolve.status.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.genesis.guardian.v1", Producer::Part("genesis")),
    p("zero.genesis.guardian_policy.v1", Producer::Part("genesis")),
    p("zero.genesis.plan.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.genesis.proposal.v1", Producer::Part("genesis")),
    p("zero.genesis.snapshot.v1", Producer::Row("genesis")),
    p("zero.genesis.stats.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.genesis.status.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.genesis.summary.v1", Producer::Part("genesis")),
    p("zero.intelligence.catalog.v1", Producer::Row("intelligence.catalog")),
    p("zero.intelligence.commercial.v1", Producer::Row("intelligence.commercial")),
    p("zero.intelligence.hosted.benchmarks.v1", Producer::NotOffered(HOSTED)),
    p("zero.intelligence.hosted.cohorts.v1", Producer::NotOffered(HOSTED)),
    p("zero.intelligence.hosted.export.v1", Producer::NotOffered(HOSTED)),
    p("zero.intelligence.hosted.history.v1", Producer::NotOffered(HOSTED)),
    p("zero.intelligence.hosted.snapshots.v1", Producer::Row("intelligence.snapshots")),
    p("zero.intelligence.hosted.webhook_subscription.v1", Producer::NotOffered(HOSTED)),
    p("zero.intelligence.hosted_error.v1", Producer::NotOffered(HOSTED)),
    p("zero.intelligence.snapshot.v1", Producer::Row("intelligence.snapshot")),
    p("zero.intelligence.webhook.v1", Producer::NotOffered(HOSTED)),
    p("zero.live_certification.v1", Producer::Row("live.certification")),
    p("zero.live_evidence.v1", Producer::Row("live.evidence")),
    p("zero.live_execution_receipt.v1", Producer::NotOffered(LIVE)),
    p("zero.live_execution_receipts.v1", Producer::Row("live.receipts")),
    p("zero.live_preflight.v1", Producer::Row("live.preflight")),
    p("zero.live_trading_evidence.v1", Producer::NotOffered(LIVE)),
    p("zero.live_trading_evidence_verify.v1", Producer::NotOffered(LIVE)),
    p("zero.live_canary_exchange_evidence.v1", Producer::NotOffered(LIVE)),
    p("zero.live_canary_operator.v1", Producer::NotOffered(LIVE)),
    p("zero.live_canary_operator_verify.v1", Producer::NotOffered(LIVE)),
    p("zero.live_canary_policy.public.v1", Producer::NotOffered(LIVE)),
    p("zero.live_canary_policy.v1", Producer::Row("live.canary-policy")),
    p("zero.live_canary_rehearsal.v1", Producer::NotOffered(LIVE)),
    p("zero.live_canary_verify.v1", Producer::NotOffered(LIVE)),
    p("zero.live_cockpit.v1", Producer::Row("live.cockpit")),
    p("zero.live_cockpit_drill.v1", Producer::NotOffered(LIVE)),
    p("zero.live_cockpit_drill_tamper_rehearsal.v1", Producer::NotOffered(LIVE)),
    p("zero.live_cockpit_drill_verify.v1", Producer::NotOffered(LIVE)),
    p("zero.mcp.backtest_report.v1", Producer::Tool("zero_get_backtest_report")),
    p("zero.mcp.decision_stack.v1", Producer::Tool("zero_get_decision_stack")),
    p("zero.mcp.evidence_bundle.v1", Producer::Tool("zero_get_evidence_bundle")),
    p("zero.mcp.evolve_status.v1", Producer::Tool("zero_get_evolve_status")),
    p("zero.mcp.genesis_proposals.v1", Producer::Tool("zero_get_genesis_proposals")),
    p("zero.mcp.health_status.v1", Producer::Tool("zero_get_health")),
    p("zero.mcp.immune_status.v1", Producer::Tool("zero_get_immune_status")),
    p("zero.mcp.journal_tail.v1", Producer::Tool("zero_get_journal_tail")),
    p("zero.mcp.memory_snapshot.v1", Producer::Tool("zero_get_memory_snapshot")),
    p("zero.mcp.memory_stats.v1", Producer::Tool("zero_get_memory_stats")),
    p("zero.mcp.paper_results.v1", Producer::Tool("zero_get_paper_results")),
    p("zero.mcp.position_state.v1", Producer::Tool("zero_get_position_state")),
    p("zero.mcp.rejection_audit.v1", Producer::Tool("zero_get_rejection_audit")),
    p("zero.mcp.research_report.v1", Producer::Tool("zero_get_research_report")),
    p("zero.mcp.runtime_parity.v1", Producer::Tool("zero_get_runtime_parity")),
    p("zero.mcp.runtime_status.v1", Producer::Tool("zero_get_runtime_status")),
    p("zero.mcp.safety_catalog.v1", Producer::Tool("zero_get_safety_catalog")),
    p("zero.mcp.strategies.v1", Producer::Tool("zero_list_strategies")),
    p("zero.memory.entry.v1", Producer::Part("memory")),
    p("zero.memory.extract.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.memory.knowledge.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.memory.snapshot.v1", Producer::Row("memory")),
    p("zero.memory.stats.v1", Producer::Part("memory")),
    p("zero.model_gateway.audit.v1", Producer::Row("intelligence.model-gateway.audit")),
    p("zero.model_gateway.evaluation.v1", Producer::NotOffered(MODEL)),
    p("zero.model_gateway.health.v1", Producer::Row("intelligence.model-gateway.health")),
    p("zero.model_gateway.status.v1", Producer::Row("intelligence.model-gateway")),
    p("zero.network.ingestion.v1", Producer::Row("network.ingest")),
    p("zero.network.leaderboard.v1", Producer::Row("network.leaderboard")),
    p("zero.network.profile.v1", Producer::Row("network.profile")),
    p("zero.network.profile_freshness.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.network.profile_verification.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.network.proof.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.network.stale_profile_fixture.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.network_proof_pack.v1", Producer::Tool("zero_get_network_proof_pack")),
    p("zero.proof_pack.v1", Producer::Tool("zero_get_proof_pack")),
    p("zero.proof_privacy_regression_fixture.v1", Producer::NotOffered(EVIDENCE)),
    p("zero.audit.v1", Producer::Row("audit.export")),
    p("zero.hl_account.v1", Producer::Row("hl.account")),
    p("zero.immune.v1", Producer::Row("immune")),
    p("zero.metrics.v1", Producer::Row("metrics")),
    p("zero.operator_context.v1", Producer::Row("operator.context")),
    p("zero.railway_doctor.v1", Producer::NotOffered(PLATFORM)),
    p("zero.reconciliation.v1", Producer::Row("hl.reconcile")),
    p("zero.strategy_runner.conformance.v1", Producer::NotOffered(RUNNER)),
    p("zero.registry_launch_packet.v1", Producer::NotOffered(RELEASE)),
    p("zero.registry_readiness.v1", Producer::NotOffered(RELEASE)),
    p("zero.release_evidence.v1", Producer::NotOffered(RELEASE)),
    p("zero.release_provenance.v1", Producer::NotOffered(RELEASE)),
    p("zero.release_verify.v1", Producer::NotOffered(RELEASE)),
    p("zero.research.convergence.v1", Producer::Part("research")),
    p("zero.research.edge.v1", Producer::Part("research")),
    p("zero.research.hunt.v1", Producer::Part("research")),
    p("zero.research.meta.v1", Producer::Part("research")),
    p("zero.research.report.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.research.score.v1", Producer::Part("research")),
    p("zero.research.sharpen.v1", Producer::Part("research")),
    p("zero.research.snapshot.v1", Producer::Row("research")),
    p("zero.research.status.v1", Producer::NotOffered(EVOLUTION)),
    p("zero.research.thesis.v1", Producer::Part("research")),
    p("zero.runtime.audit.v1", Producer::NotOffered(RECORD)),
    p("zero.runtime.cycle.v1", Producer::NotOffered(RECORD)),
    p("zero.runtime.event.v1", Producer::NotOffered(RECORD)),
    p("zero.runtime.feedback.v1", Producer::Row("execution")),
    p("zero.runtime.production_parity.v1", Producer::Row("parity")),
    p("zero.runtime.snapshot.v1", Producer::Row("run")),
];

/// Every route of the contract that is no row of the table.
pub const NOT_OFFERED: &[NotOffered] = &[
    n("GET", "/v1/intelligence/history", HOSTED),
    n("GET", "/v1/intelligence/cohorts", HOSTED),
    n("GET", "/v1/intelligence/benchmarks", HOSTED),
    n("POST", "/v1/intelligence/webhooks", HOSTED),
    n("POST", "/v1/intelligence/exports", HOSTED),
];
