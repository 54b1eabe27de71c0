//! `zero.deployment.claim.v1`, `zero.deployment.heartbeat.v1`: what the runtime says of itself, in counts.

use super::Reading;
use super::live::heartbeat;
use zero_core::Ts;
use zero_packets::canonical::{REBUILD, Sealed as _};
use zero_packets::deployment::{
    Claim, ClaimEvidence, ClaimRuntime, ClaimSignature, Deployment, DeploymentHeartbeat, DeploymentOperator,
    DeploymentPrivacy, HeartbeatRuntime, HeartbeatSignature, Liveness,
};

const UNSIGNED: &str = "unsigned_local";
const SIGNER: &str = "local-runtime";

/// What runs here. `owner` is the operator whose partition it is.
#[must_use]
pub fn claim(r: &Reading, owner: &str) -> Claim {
    let (c, m) = (&r.view.state.counters, &r.view.manifest);
    let mut out = Claim {
        schema_version: Default::default(),
        deployment: deployment(r, owner),
        operator: operator(owner),
        runtime: ClaimRuntime {
            mode: "paper".into(),
            market_source: m.source.clone(),
            journal_durable: true,
            live_executor_configured: false,
        },
        evidence: ClaimEvidence {
            decisions: c.candidates,
            fills: c.fills,
            rejections: c.candidates - c.admitted,
            live_execution_count: 0,
            journal_seq: r.view.next_seq,
            decision_digest: r.view.state.digest.to_string(),
            code: m.epoch.code.to_string(),
            configuration: m.epoch.config.to_string(),
        },
        privacy: privacy("public-safe-aggregate"),
        rebuild: REBUILD.into(),
        claim_hash: String::new(),
        signature: ClaimSignature {
            status: UNSIGNED.into(),
            algorithm: None,
            public_key: None,
            signature: None,
            signer: SIGNER.into(),
            signed_claim_hash: String::new(),
        },
        generated_at: r.ts(),
    }
    .sealed();
    out.signature.signed_claim_hash.clone_from(&out.claim_hash);
    out
}

/// That it lives, and how.
#[must_use]
pub fn deployment_heartbeat(r: &Reading, owner: &str) -> DeploymentHeartbeat {
    let m = &r.view.manifest;
    let mut out = DeploymentHeartbeat {
        schema_version: Default::default(),
        deployment: deployment(r, owner),
        deployment_claim_hash: claim(r, owner).claim_hash,
        operator: operator(owner),
        runtime: HeartbeatRuntime {
            mode: "paper".into(),
            market_source: m.source.clone(),
            journal_durable: true,
            journal_seq: r.view.next_seq,
        },
        liveness: liveness(r),
        privacy: privacy("public-safe-liveness"),
        rebuild: REBUILD.into(),
        heartbeat_hash: String::new(),
        signature: HeartbeatSignature {
            status: UNSIGNED.into(),
            algorithm: None,
            public_key: None,
            signature: None,
            signer: SIGNER.into(),
            signed_heartbeat_hash: String::new(),
        },
        generated_at: r.ts(),
    }
    .sealed();
    out.signature.signed_heartbeat_hash.clone_from(&out.heartbeat_hash);
    out
}

fn liveness(r: &Reading) -> Liveness {
    let h = heartbeat(r);
    let heard = r.view.state.last_operator;
    let left = |after: zero_core::TsDiff| {
        let until = heard.plus(after);
        (heard != Ts::ZERO).then(|| super::seconds(until.since(r.view.state.now)).max(0.0))
    };
    Liveness {
        status: if r.holder.is_some() { "paper_running" } else { "paper_at_rest" }.into(),
        started: r.view.manifest.started.to_string(),
        dead_man_expired: h.expired,
        dead_man_timeout_s: h.timeout_s,
        last_live_heartbeat_at: h.last_heartbeat_at,
        next_required_within_s: r.view.manifest.kernel.dead_man_after.and_then(left),
        live_executor_configured: false,
    }
}

fn deployment(r: &Reading, owner: &str) -> Deployment {
    let program = &r.view.manifest.program;
    Deployment {
        deployment_id: "local-paper".into(),
        environment: "paper".into(),
        kind: "local".into(),
        owner: owner.into(),
        version: program.rsplit(' ').next().unwrap_or(program).into(),
    }
}

fn operator(owner: &str) -> DeploymentOperator {
    DeploymentOperator {
        handle: owner.into(),
        role: "owner".into(),
        scope: "local-private".into(),
        source: "partition".into(),
    }
}

fn privacy(default: &str) -> DeploymentPrivacy {
    DeploymentPrivacy {
        default: default.into(),
        contains_exchange_credentials: false,
        contains_wallet_material: false,
        contains_raw_decisions: false,
        contains_idempotency_tokens: false,
        contains_trace_tokens: false,
    }
}
