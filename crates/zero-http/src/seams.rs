//! Rows of what later work fills: each answers with its honest state, from what the loop published.

use crate::acts::{TEXT_MAX, is_plain};
use crate::answer::{context, json};
use crate::guard::Who;
use crate::query::Asked;
use crate::refusal::Refusal;
use crate::shared::Shared;
use serde_json::{Map, Value};
use std::sync::Arc;
use zero_packets::audit::Audit;
use zero_packets::evidence::LiveEvidence;
use zero_packets::intelligence::RateLimit;
use zero_packets::network::{Ingestion, Publication};
use zero_runtime::project::{self, AuditParts, PROFILES_MAX, Reading};
use zero_runtime::publish::Published;

/// Decisions and acts of the audit that is hashed into the evidence: what `/audit/export` shows without a limit.
const AUDITED: usize = 100;
const REALTIME: &str = "realtime snapshots are a commercial service, which is not part of this program";

/// Answers a row of these; `None` where it is none of them.
pub(crate) fn seam(
    shared: &Shared,
    id: &str,
    who: Who,
    p: &Arc<Published>,
    r: &Reading,
    asked: &Asked,
) -> Option<Result<String, Refusal>> {
    let owner = shared.operator.as_str();
    let delay = shared.delayed.delay();
    let seen = || shared.delayed.seen(r.wall);
    Some(match id {
        "genesis" => json(&project::genesis(r)),
        "evolve" => json(&project::evolve(r)),
        "research" => json(&project::research(r)),
        "memory" => json(&project::memory(r, asked.choice("format") == Some("md"))),
        "runtime.parity" => json(&project::last_parity(r, shared.parity().as_deref())),
        "audit.export" => json(&*audit(shared, p, r, asked.count)),
        "hl.account" => Err(Refusal::NoAccount),
        "live.evidence" => json(&*evidence(shared, p, r, who)),
        "live.canary-policy" => {
            json(&project::canary_policy(r, context(shared, who), &evidence(shared, p, r, who)))
        }
        "deployment.claim" => json(&project::claim(r, owner)),
        "deployment.heartbeat" => json(&project::deployment_heartbeat(r, owner)),
        "network.profile" => json(&project::network_profile(r, owner)),
        "network.leaderboard" => json(&project::leaderboard(r)),
        "intelligence.catalog" => json(&project::catalog(delay)),
        "intelligence.commercial" => json(&project::commercial(shared.quota.look(r.wall))),
        "intelligence.snapshot" => json(&project::intelligence_snapshot(seen(), delay)),
        "intelligence.model-gateway" => json(&project::gateway_status()),
        "intelligence.model-gateway.health" => {
            json(&project::gateway_health(asked.choice("network") == Some("true")))
        }
        "intelligence.model-gateway.audit" => json(&project::gateway_audit()),
        _ => return None,
    })
}

/// An export of this publication.
fn audit(shared: &Shared, p: &Arc<Published>, r: &Reading, limit: usize) -> Arc<Audit> {
    let make = || project::audit(r, &shared.operator, AuditParts::published(p, r, limit));
    shared.last_audit.get((p, r.wall), limit, make)
}

/// The evidence of this publication, for this reader. Its export may be as much older again as it may be itself.
fn evidence(shared: &Shared, p: &Arc<Published>, r: &Reading, who: Who) -> Arc<LiveEvidence> {
    let make = || project::live_evidence(r, context(shared, who), &audit(shared, p, r, AUDITED));
    shared.last_evidence.get((p, r.wall), who, make)
}

/// The delayed snapshot with its limit, which goes into the head of the answer too.
pub(crate) fn snapshots(shared: &Shared, r: &Reading, asked: &Asked) -> Result<(String, RateLimit), Refusal> {
    if asked.choice("freshness") == Some("realtime") {
        return Err(Refusal::NotOffered(REALTIME));
    }
    let limit = shared.quota.take(r.wall).map_err(|l| Refusal::Quota(l, r.wall))?;
    let delayed = &shared.delayed;
    let packet = project::hosted_snapshots(r.wall, delayed.seen(r.wall), delayed.delay(), limit.clone());
    Ok((json(&packet)?, limit))
}

/// A row that is asked with a body and keeps nothing; `None` where it is none of these.
pub(crate) fn asked(shared: &Shared, id: &str, body: &Map<String, Value>) -> Option<Result<String, Refusal>> {
    let published = shared.load();
    let r = published.reading(shared.clock.0.now());
    Some(match id {
        "network.publish" => texts(body, &["handle", "display_name"])
            .and_then(|()| consent(body))
            .and_then(|c| json::<Publication>(&project::publication(&r, &shared.operator, c))),
        "network.ingest" => profiles(body).and_then(|all| json::<Ingestion>(&project::ingestion(&r, &all))),
        "intelligence.export" => consent(body).and_then(|c| {
            let delayed = &shared.delayed;
            json(&project::intelligence_export(delayed.seen(r.wall), delayed.delay(), c))
        }),
        _ => return None,
    })
}

fn consent(body: &Map<String, Value>) -> Result<bool, Refusal> {
    match body.get("consent") {
        None => Ok(false),
        Some(v) => v.as_bool().ok_or_else(|| Refusal::Body("`consent` is true or false".into())),
    }
}

/// Those of the members that are there must be texts.
fn texts(body: &Map<String, Value>, members: &[&str]) -> Result<(), Refusal> {
    let is_text = |v: &Value| v.as_str().is_some_and(is_plain);
    match members.iter().find(|m| body.get(**m).is_some_and(|v| !is_text(v))) {
        Some(m) => Err(Refusal::Body(format!("`{m}` is no text of at most {TEXT_MAX} plain characters"))),
        None => Ok(()),
    }
}

fn profiles(body: &Map<String, Value>) -> Result<Vec<Value>, Refusal> {
    let all = match (body.get("profiles"), body.get("profile")) {
        (None, None) => Vec::new(),
        (None, Some(one)) => vec![one.clone()],
        (Some(Value::Array(all)), None) => all.clone(),
        (Some(_), None) => return Err(Refusal::Body("`profiles` is a list".into())),
        (Some(_), Some(_)) => return Err(Refusal::Body("either `profile` or `profiles` is given".into())),
    };
    if all.len() > PROFILES_MAX || !all.iter().all(Value::is_object) {
        return Err(Refusal::Body(format!("profiles are objects, at most {PROFILES_MAX} at a time")));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::{audit, evidence};
    use crate::guard::Who;
    use crate::test_run::TestRun;
    use std::sync::Arc;
    use std::time::Duration;
    use zero_capability::MOMENT;
    use zero_runtime::clock::Clock as _;

    #[test]
    fn an_export_is_given_again_for_the_same_publication_length_and_moment_alone() {
        let mut run = TestRun::begin();
        let export = |run: &TestRun, limit| {
            let p = run.shared.load();
            audit(&run.shared, &p, &p.reading(run.hand.now()), limit)
        };
        let first = export(&run, 100);
        run.hand.turn(MOMENT - Duration::from_nanos(1));
        assert!(Arc::ptr_eq(&first, &export(&run, 100)));
        run.hand.turn(Duration::from_nanos(1));
        let later = export(&run, 100);
        assert!(!Arc::ptr_eq(&first, &later));
        assert_eq!(export(&run, 3).limit, 3);
        assert_eq!(export(&run, 100).limit, 100);
        run.go_on(200);
        assert_ne!(export(&run, 100).journal.to_seq, later.journal.to_seq);
    }

    #[test]
    fn evidence_is_given_again_to_the_same_reader_alone() {
        let mut run = TestRun::begin();
        let given = |run: &TestRun, role| {
            let p = run.shared.load();
            evidence(&run.shared, &p, &p.reading(run.hand.now()), Who { role, source: "token" })
        };
        let first = given(&run, "observer");
        run.hand.turn(MOMENT - Duration::from_nanos(1));
        assert!(Arc::ptr_eq(&first, &given(&run, "observer")));
        let other = given(&run, "operator");
        assert_eq!((&*first.operator_context.role, &*other.operator_context.role), ("observer", "operator"));
        run.go_on(200);
        assert_ne!(given(&run, "operator").evidence_hash, other.evidence_hash);
    }
}
