//! `zero.live_evidence.v1`, `zero.live_canary_policy.v1`: the hashes that a live claim would rest on, and the phases before a
//! first live order. Both are computed from the same packets that the other routes serve.

use super::{
    Reading, certification, claim, cockpit, deployment_heartbeat, immune, preflight, receipts, reconciliation,
};
use serde_json::{Map, Value, json};
use zero_packets::Packet;
use zero_packets::audit::Audit;
use zero_packets::canary::{
    CanaryPhase, CanaryPolicy, CanaryPrivacy, CanaryRecommendation, CanaryRules, CanarySummary, PHASES,
};
use zero_packets::canonical::{self, REBUILD, Sealed as _};
use zero_packets::evidence::{
    CanaryRule, EvidenceArtifact, EvidencePrivacy, EvidenceSignature, EvidenceSummary, LiveEvidence,
};
use zero_packets::live::OperatorContext;

const WINDOW_S: u64 = 600;

/// Every artifact by its hash. `audit` is the export that is hashed into it.
#[must_use]
pub fn live_evidence(r: &Reading, who: OperatorContext, audit: &Audit) -> LiveEvidence {
    let (pre, cert, recon, imm) = (preflight(r), certification(r), reconciliation(r), immune(r));
    let board = cockpit(r, who.clone(), &audit.operator_actions);
    let got = receipts(r, who.clone());
    let (claim, beat) = (claim(r, &who.operator_id), deployment_heartbeat(r, &who.operator_id));
    let yes_no = |holds: bool, yes: &str, no: &str| if holds { yes } else { no }.to_owned();
    let artifacts = vec![
        artifact("live_preflight", &pre, yes_no(pre.ready, "ready", "refused")),
        artifact("live_cockpit", &board, yes_no(board.risk_increasing_allowed, "ready", "refused")),
        sealed(
            "live_execution_receipts",
            &got,
            &got.receipts_hash,
            yes_no(got.summary.total > 0, "receipts", "empty"),
        ),
        artifact("hl_reconcile", &recon, recon.status.clone()),
        artifact("immune", &imm, yes_no(imm.risk_increasing_allowed, "clear", "blocked")),
        artifact("live_certification", &cert, yes_no(cert.passed, "pass", "fail")),
        sealed("audit_export", audit, &audit.audit_hash, "captured".into()),
        sealed("deployment_claim", &claim, &claim.claim_hash, "captured".into()),
        sealed("deployment_heartbeat", &beat, &beat.heartbeat_hash, beat.liveness.status.clone()),
    ];
    let mut out = LiveEvidence {
        schema_version: Default::default(),
        mode: "paper".into(),
        live_mode: pre.live_mode.clone(),
        ready: pre.ready,
        risk_increasing_allowed: board.risk_increasing_allowed,
        operator_context: who,
        summary: EvidenceSummary {
            artifacts: artifacts.len() as u64,
            preflight_ready: pre.ready,
            controls_ready: pre.controls_ready,
            certification_passed: cert.passed,
            live_start_certified: cert.live_start_certified,
            immune_risk_increasing_allowed: imm.risk_increasing_allowed,
            reconciliation_status: recon.status,
            deployment_heartbeat_status: beat.liveness.status,
            live_receipts_total: got.summary.total,
            live_receipts_accepted: got.summary.accepted,
            live_records_total: board.live_records.total,
            live_records_accepted: board.live_records.accepted,
        },
        artifacts,
        canary_rule: CanaryRule {
            default_public_runtime_places_live_orders: false,
            operator_owned_custody: true,
            requires_external_exchange_records: true,
            risk_reducing_actions_required: ["/pause-entries", "/flatten-all", "/kill"]
                .map(str::to_owned)
                .to_vec(),
            tiny_capital_only: true,
        },
        privacy: EvidencePrivacy {
            contains_exchange_credentials: false,
            contains_wallet_material: false,
            contains_raw_decisions: false,
            contains_private_notes: false,
        },
        rebuild: REBUILD.into(),
        evidence_hash: String::new(),
        signature: EvidenceSignature {
            status: "unsigned_local".into(),
            algorithm: None,
            signature: None,
            signer: "local-runtime".into(),
            signed_evidence_hash: String::new(),
            key_material_included: false,
        },
        generated_at: r.ts(),
    }
    .sealed();
    out.signature.signed_evidence_hash.clone_from(&out.evidence_hash);
    out
}

/// A packet by the hash of its body.
fn artifact<P: Packet>(name: &str, packet: &P, status: String) -> EvidenceArtifact {
    let body = packet.to_json().ok().and_then(|t| canonical::body(&t, canonical::hash_field(P::ID)).ok());
    sealed(name, packet, &body.map(|b| canonical::hash_of(&b)).unwrap_or_default(), status)
}

/// A packet that carries the hash of its body.
fn sealed<P: Packet>(name: &str, _: &P, hash: &str, status: String) -> EvidenceArtifact {
    EvidenceArtifact {
        name: name.into(),
        schema_version: P::ID.into(),
        status,
        hash: hash.into(),
        included: "hash_only".into(),
    }
}

/// Where this runtime stands on the way to a first live order.
#[must_use]
pub fn canary_policy(r: &Reading, who: OperatorContext, evidence: &LiveEvidence) -> CanaryPolicy {
    let s = &evidence.summary;
    let ready = s.preflight_ready && evidence.risk_increasing_allowed && s.certification_passed;
    let attempted = s.live_records_total > 0;
    let refusal = !s.preflight_ready && s.certification_passed && !attempted && s.live_receipts_total == 0;
    let missing = preflight(r).checks.into_iter().find(|c| c.status != "ok");
    let next = if ready { "arm" } else { "fix_live_preflight_before_canary" };
    let reason = missing.map_or_else(
        || "every check before a live order holds".to_owned(),
        |c| format!("{}: {}", c.name, c.note),
    );
    CanaryPolicy {
        schema_version: Default::default(),
        policy_version: "zero.live_canary_policy.public.v1".into(),
        mode: "runtime-readiness".into(),
        summary: CanarySummary {
            ready_for_canary: ready,
            policy_armed: false,
            live_order_attempted: attempted,
            live_order_accepted: s.live_records_accepted > 0,
            receipts_accepted: s.live_receipts_accepted,
            exchange_evidence_attached: false,
            publishable_canary_evidence: false,
            refusal_evidence_qualified: refusal,
            qualified: refusal,
            next_step: next.into(),
        },
        policy: rules(),
        phases: phases(evidence, ready, attempted, refusal),
        recommendation: CanaryRecommendation { action: next.into(), risk_direction: "down".into(), reason },
        operator_context: who,
        privacy: CanaryPrivacy {
            contains_exchange_credentials: false,
            contains_wallet_material: false,
            contains_private_notes: false,
        },
        request: None,
        generated_at: r.ts(),
    }
}

fn phases(e: &LiveEvidence, ready: bool, attempted: bool, refusal: bool) -> Vec<CanaryPhase> {
    let s = &e.summary;
    let said = [
        (
            if ready { "ready" } else { "blocked" },
            "a live order needs every check of preflight, the drills and closed breakers",
            json!({
                "preflight_ready": s.preflight_ready,
                "controls_ready": s.controls_ready,
                "certification_passed": s.certification_passed,
                "cockpit_risk_increasing_allowed": e.risk_increasing_allowed,
            }),
        ),
        (
            "disarmed",
            "arming is not built: nothing can arm it",
            json!({ "requires_explicit_confirmation": true }),
        ),
        (
            "not_open",
            "no window was opened: it needs an armed policy",
            json!({ "live_order_attempted": attempted, "window_seconds": WINDOW_S }),
        ),
        (
            if e.evidence_hash.is_empty() { "not_captured" } else { "captured" },
            "every artifact by its hash",
            json!({
                "evidence_hash": e.evidence_hash,
                "receipts_total": s.live_receipts_total,
                "receipts_accepted": s.live_receipts_accepted,
            }),
        ),
        ("not_built", "nobody reviews evidence here yet", json!({})),
        (
            if refusal { "pass" } else { "blocked" },
            if refusal {
                "qualified as a refusal: no live order was possible and none was tried"
            } else {
                "neither a live canary nor a clean refusal"
            },
            json!({ "exchange_evidence_attached": false, "refusal_evidence_qualified": refusal }),
        ),
        (
            if attempted { "blocked" } else { "not_required" },
            "what follows a live order is needed only where there was one",
            json!({ "required_steps": ["pause", "flatten", "kill"] }),
        ),
    ];
    PHASES
        .iter()
        .zip(said)
        .map(|(name, (status, detail, evidence))| phase(name, status, detail, evidence))
        .collect()
}

fn phase(name: &str, status: &str, detail: &str, evidence: Value) -> CanaryPhase {
    let evidence = match evidence {
        Value::Object(o) => o,
        _ => Map::new(),
    };
    CanaryPhase { name: name.into(), status: status.into(), detail: detail.into(), evidence }
}

fn rules() -> CanaryRules {
    let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect();
    CanaryRules {
        default_state: "disarmed".into(),
        tiny_capital_only: true,
        launch_window_seconds: WINDOW_S,
        requires_exchange_evidence_for_accepted_receipts: true,
        arm_requires: words(&[
            "a live preflight without a failed check",
            "drills against the live adapter",
            "no open breaker",
            "keys that the operator holds",
            "an approval signed by the operator",
        ]),
        disarm_after: words(&[
            "the attempt is over",
            "pause, flatten and kill were tried",
            "evidence was exported",
        ]),
        required_evidence: words(&[
            "live_preflight",
            "live_cockpit",
            "live_certification",
            "hl_reconcile",
            "live_execution_receipts",
            "live_evidence",
            "records of the venue",
        ]),
        enforced_by: "the absence of a live executor: no program here can send a live order".into(),
    }
}
