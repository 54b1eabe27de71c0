//! The live surfaces of a runtime that cannot send a live order. What can be measured in paper is measured; the rest
//! says that it is not built.

use super::status::checks;
use super::{Reading, immune, reconciliation, seconds};
use crate::drills::Outcome;
use zero_kernel::breakers;
use zero_packets::brief::PulseEvent;
use zero_packets::canonical::{REBUILD, Sealed as _};
use zero_packets::live::{
    AccessPolicy, Check, CockpitCertification, CockpitImmune, CockpitPreflight, CockpitReconciliation, Drill,
    Heartbeat, LiveCertification, LiveCockpit, LivePreflight, LiveReceipts, LiveRecords, OperatorActions,
    OperatorContext, Privacy, RecordCounts, Tally,
};

const NOT_BUILT: &str = "not_built";

/// Every check before a live order.
#[must_use]
pub fn preflight(r: &Reading) -> LivePreflight {
    let checks = preflight_checks(r);
    LivePreflight {
        schema_version: Default::default(),
        exchange: "hyperliquid".into(),
        mode: "paper".into(),
        ready: checks.iter().all(|c| c.status == "ok"),
        live_mode: NOT_BUILT.into(),
        controls_ready: false,
        checks,
        immune: immune(r),
        generated_at: r.ts(),
    }
}

fn preflight_checks(r: &Reading) -> Vec<Check> {
    let row =
        |name: &str, status: &str, note: String| Check { name: name.into(), status: status.into(), note };
    let missing = |name: &str, note: &str| row(name, NOT_BUILT, note.into());
    let measured = |name: &str, ok: bool, note: String| row(name, if ok { "ok" } else { "fail" }, note);
    let recon = reconciliation(r);
    let open = r.open_breakers();
    let [fresh, _, balanced, ..] = checks(r);
    let limits = &r.view.manifest.kernel.limits;
    vec![
        missing("live_executor", "nothing in this program can send a live order"),
        missing("wallet_address", "no wallet is read"),
        missing("api_private_key", "no venue key is read"),
        missing("account_read", "no venue account is read"),
        measured("reconciliation", recon.status == "agrees", format!("paper venue: {}", recon.reason)),
        measured(
            "immune_breakers",
            open.is_empty(),
            if open.is_empty() { "all closed".into() } else { format!("open: {}", open.join(", ")) },
        ),
        dry_run_order(r),
        measured("market_data", fresh.1, fresh.0.into()),
        measured("journal", balanced.1, format!("durable to record {}; {}", r.view.next_seq, balanced.0)),
        measured(
            "risk_limits",
            limits.max_gross_leverage.raw() > 0 && limits.daily_loss.raw() > 0,
            "gross leverage and daily loss are limited".into(),
        ),
        missing("emergency_controls", "there is no live order to cancel; `zero operator kill` acts on paper"),
    ]
}

/// An order of the run's own limits, made and sent once to a scratch paper venue.
fn dry_run_order(r: &Reading) -> Check {
    let drill = r.drills().iter().find(|d| d.name == "idempotent_submit_has_single_exchange_attempt");
    let (ok, note) = drill.map_or((false, "no order was made"), |d| (d.outcome == Outcome::Pass, &d.note));
    Check {
        name: "dry_run_order".into(),
        status: if ok { "ok" } else { "fail" }.into(),
        note: format!("on a scratch paper venue: {note}"),
    }
}

/// What must stop risk was made to stop it, against this run's limits and the paper venue. A live start needs the same against
/// a live adapter, and there is none.
#[must_use]
pub fn certification(r: &Reading) -> LiveCertification {
    certification_of(r.drills())
}

/// The same of drills that were made elsewhere.
#[must_use]
pub fn certification_of(made: &[crate::drills::Drill]) -> LiveCertification {
    let drills = drills(made);
    let passed = drills.iter().filter(|d| d.status == "pass").count() as u32;
    let total = drills.len() as u32;
    LiveCertification {
        schema_version: Default::default(),
        mode: "paper_venue".into(),
        passed: passed == total,
        live_start_certified: false,
        summary: Tally { total, passed, failed: total - passed },
        drills,
        evidence_requirements: REQUIRED.map(str::to_owned).to_vec(),
    }
}

/// What a live start would have to show before it could be certified. Of none of it does this program hold the live part.
const REQUIRED: [&str; 6] = [
    "a live preflight without a failed check",
    "these drills passed against the live adapter, not the paper venue",
    "a reconciliation with the account at the venue that agrees",
    "the decision journal, verified, with its root and a signed checkpoint",
    "a kill that cancelled live orders and was followed by no new risk",
    "trace ids and receipts of the smallest order that the venue takes, sent with the operator's approval",
];

fn drills(made: &[crate::drills::Drill]) -> Vec<Drill> {
    let drill = |d: &crate::drills::Drill| Drill {
        name: d.name.into(),
        status: d.outcome.name().into(),
        note: d.note.clone(),
        evidence: d.evidence.clone(),
    };
    made.iter().map(drill).collect()
}

/// Receipts of live orders: there can be none.
#[must_use]
pub fn receipts(r: &Reading, who: OperatorContext) -> LiveReceipts {
    LiveReceipts {
        schema_version: Default::default(),
        mode: "paper".into(),
        operator_context: who,
        summary: RecordCounts::default(),
        receipts: Vec::new(),
        privacy: Privacy { contains_exchange_credentials: false, contains_wallet_material: false },
        rebuild: REBUILD.into(),
        receipts_hash: String::new(),
        generated_at: r.ts(),
    }
    .sealed()
}

/// Everything at once.
#[must_use]
pub fn cockpit(r: &Reading, who: OperatorContext, acts: &[PulseEvent]) -> LiveCockpit {
    let (pre, imm, recon, cert) = (preflight(r), immune(r), reconciliation(r), certification(r));
    let failed: Vec<Check> = pre.checks.iter().filter(|c| c.status != "ok").cloned().collect();
    let count = RecordCounts::default();
    LiveCockpit {
        schema_version: Default::default(),
        mode: "paper".into(),
        live_mode: pre.live_mode.clone(),
        ready: pre.ready,
        controls_ready: pre.controls_ready,
        risk_increasing_allowed: pre.ready && r.risk_increasing_allowed(),
        next_action: failed
            .first()
            .map_or_else(|| "nothing".to_owned(), |c| format!("stay in paper: {} ({})", c.note, c.name)),
        operator_context: who,
        access_policy: access_policy(r),
        preflight: CockpitPreflight {
            schema_version: Default::default(),
            ready: pre.ready,
            live_mode: pre.live_mode,
            controls_ready: pre.controls_ready,
            summary: Tally {
                total: pre.checks.len() as u32,
                passed: (pre.checks.len() - failed.len()) as u32,
                failed: failed.len() as u32,
            },
            failed_checks: failed,
        },
        immune: CockpitImmune {
            schema_version: Default::default(),
            risk_increasing_allowed: imm.risk_increasing_allowed,
            summary: imm.summary,
            open_breakers: imm.breakers.into_iter().filter(|b| b.status == "open").collect(),
        },
        reconciliation: CockpitReconciliation {
            schema_version: Default::default(),
            status: recon.status,
            risk_increasing_allowed: recon.risk_increasing_allowed,
            reason: recon.reason,
            drifts: recon.drifts.len() as u64,
        },
        certification: CockpitCertification {
            schema_version: Default::default(),
            mode: cert.mode,
            passed: cert.passed,
            live_start_certified: cert.live_start_certified,
            summary: cert.summary,
            failed_drills: cert.drills.into_iter().filter(|d| d.status != "pass").collect(),
        },
        heartbeat: heartbeat(r),
        live_records: LiveRecords {
            total: count.total,
            accepted: count.accepted,
            refused: count.refused,
            exchange_error: count.exchange_error,
            recent: Vec::new(),
        },
        operator_actions: operator_actions(acts),
        generated_at: r.ts(),
    }
}

/// Acts that a cockpit shows.
pub(super) const ACTS: usize = 10;

fn operator_actions(acts: &[PulseEvent]) -> OperatorActions {
    let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
    OperatorActions {
        recent: acts.iter().take(ACTS).cloned().collect(),
        read_only: words(&["/live-cockpit", "/live-certify", "/immune", "/hl-reconcile"]),
        risk_reducing: words(&["/pause-entries", "/kill", "/flatten-all"]),
        risk_increasing: words(&["/resume-entries"]),
    }
}

fn access_policy(r: &Reading) -> AccessPolicy {
    let default_scope =
        if r.view.manifest.live_capable { "none" } else { "read, unless http.read_auth is token" };
    AccessPolicy {
        identity_required_for_live_controls: true,
        default_scope: default_scope.into(),
        header_overrides: Vec::new(),
        claimed_headers: ["Id", "Handle", "Role", "Scope"].map(|h| format!("X-Zero-Operator-{h}")).into(),
    }
}

pub(super) fn heartbeat(r: &Reading) -> Heartbeat {
    let (state, kernel) = (&r.view.state, &r.view.manifest.kernel);
    let seen = Some(state.last_operator).filter(|t| *t != zero_core::Ts::ZERO);
    let expired = breakers::find("dead_man").and_then(|i| state.breakers.get(i)).is_some_and(|b| b.open);
    Heartbeat {
        configured: kernel.dead_man_after.is_some(),
        expired,
        last_heartbeat_at: seen.map(|t| t.as_ns() as f64 / 1e9),
        timeout_s: kernel.dead_man_after.map(seconds),
    }
}
