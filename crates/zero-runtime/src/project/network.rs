//! `zero.network....v1`: what a network would see of this runtime. There is none, so nothing is verified, ranked or taken.

use super::{Reading, claim, deployment_heartbeat};
use serde_json::Value;
use std::collections::BTreeSet;
use zero_packets::canonical;
use zero_packets::network::{
    Badge, Ingestion, IngestionRecord, IngestionRules, IngestionSummary, Leaderboard, LeaderboardRules,
    NetworkMetrics, NetworkPrivacy, NetworkProfile, Profile, Publication, Verification,
};

/// Profiles of one request.
pub const PROFILES_MAX: usize = 64;

const NO_NETWORK: &str = "there is no network of runtimes, and no identity that a proof could be signed with";
const UNVERIFIABLE: &str = "its signature cannot be verified: no identity is known here";

/// This runtime as others would see it.
#[must_use]
pub fn network_profile(r: &Reading, owner: &str) -> NetworkProfile {
    let (claim, beat) = (claim(r, owner), deployment_heartbeat(r, owner));
    let c = &r.view.state.counters;
    let share = |n: u64| (c.candidates > 0).then(|| n as f64 / c.candidates as f64);
    let badge = |name: &str, holds: bool, evidence: &str| Badge {
        name: name.into(),
        status: if holds { "claimed" } else { "absent" }.into(),
        evidence: holds.then(|| evidence.to_owned()),
    };
    NetworkProfile {
        schema_version: Default::default(),
        mode: "paper".into(),
        profile: Profile { handle: owner.into(), display_name: owner.into(), publish_enabled: false },
        verification: Verification {
            status: "unverified".into(),
            reason: NO_NETWORK.into(),
            proof_hash: None,
            deployment_claim_hash: claim.claim_hash.clone(),
            deployment_heartbeat_hash: beat.heartbeat_hash.clone(),
            badges: vec![
                badge("paper_traded", c.fills > 0, &claim.claim_hash),
                badge("durable_journal", claim.runtime.journal_durable, &claim.claim_hash),
                badge("running", r.holder.is_some(), &beat.heartbeat_hash),
            ],
        },
        metrics: NetworkMetrics {
            decisions: c.candidates,
            fills: c.fills,
            rejections: c.candidates - c.admitted,
            open_positions: crate::view::held_coins(&r.view.state) as u64,
            acceptance_rate: share(c.admitted),
            rejection_rate: share(c.candidates - c.admitted),
            live_execution_count: claim.evidence.live_execution_count,
            journal_durable: claim.runtime.journal_durable,
        },
        deployment_claim: claim,
        deployment_heartbeat: beat,
        leaderboard_row: None,
        privacy: privacy(),
        generated_at: r.ts(),
    }
}

/// Verified profiles by rank: there are none, this runtime's own among them.
#[must_use]
pub fn leaderboard(r: &Reading) -> Leaderboard {
    Leaderboard {
        schema_version: Default::default(),
        mode: "paper".into(),
        status: "empty".into(),
        reason: Some(NO_NETWORK.into()),
        rows: Vec::new(),
        row_count: 0,
        rules: LeaderboardRules {
            purpose: "proof of process, not advice".into(),
            ranking: ["verification_score desc", "decisions desc", "rejection_rate desc", "handle asc"]
                .map(str::to_owned)
                .to_vec(),
        },
        privacy: privacy(),
        generated_at: r.ts(),
    }
}

/// A request to publish: refused, with or without consent.
#[must_use]
pub fn publication(r: &Reading, owner: &str, consent: bool) -> Publication {
    Publication {
        schema_version: Default::default(),
        ok: false,
        published: false,
        reason: if consent { NO_NETWORK } else { "explicit consent required" }.into(),
        path: None,
        proof_hash: None,
        profile: network_profile(r, owner),
    }
}

/// Profiles that were handed in, each with every rule that it breaks. Nothing is kept.
#[must_use]
pub fn ingestion(r: &Reading, profiles: &[Value]) -> Ingestion {
    let mut seen = BTreeSet::new();
    let (mut records, mut duplicates) = (Vec::new(), 0);
    for (index, p) in profiles.iter().take(PROFILES_MAX).enumerate() {
        let handle = p.pointer("/profile/handle").and_then(Value::as_str).map(short);
        let mut reasons = breaches(p);
        if handle.as_ref().is_some_and(|h| !seen.insert(h.clone())) {
            duplicates += 1;
            reasons.push("another profile of this request has the same handle".into());
        }
        reasons.push(UNVERIFIABLE.into());
        records.push(IngestionRecord { index: index as u64, handle, status: "refused".into(), reasons });
    }
    let submitted = records.len() as u64;
    Ingestion {
        schema_version: Default::default(),
        summary: IngestionSummary {
            submitted,
            accepted: 0,
            refused: submitted,
            duplicates,
            leaderboard_rows: 0,
        },
        records,
        leaderboard: leaderboard(r),
        rules: IngestionRules {
            purpose: "says what is wrong with a profile; keeps none".into(),
            accepted_inputs: vec!["zero.network.profile.v1".into()],
            financial_advice: false,
            ranking_source: "accepted packets only".into(),
            refusal_policy: [
                "no profile of the known schema",
                "no consent to publish in the profile",
                "a claim or a heartbeat whose hash is not that of its body",
                "hashes of the verification that are not those of its claim and its heartbeat",
                "counts that do not fit one another",
                "the same handle twice",
                "a signature that cannot be verified",
            ]
            .map(str::to_owned)
            .to_vec(),
        },
        privacy: privacy(),
        generated_at: r.ts(),
    }
}

/// Rules that a profile breaks by what it says itself.
fn breaches(p: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let mut holds = |ok: bool, why: &str| {
        if !ok {
            out.push(why.to_owned());
        }
    };
    let text = |at: &str| p.pointer(at).and_then(Value::as_str);
    holds(text("/schema_version") == Some("zero.network.profile.v1"), "it is no zero.network.profile.v1");
    let consent = p.pointer("/profile/publish_enabled").and_then(Value::as_bool);
    holds(consent == Some(true), "it has no consent to publish");
    for (part, field) in [("deployment_claim", "claim_hash"), ("deployment_heartbeat", "heartbeat_hash")] {
        let body = p.get(part).map(|v| canonical::body(&v.to_string(), Some(field)));
        let hash = body.and_then(Result::ok).map(|b| canonical::hash_of(&b));
        let said = text(&format!("/{part}/{field}"));
        holds(
            hash.is_some() && hash.as_deref() == said,
            &format!("the {field} of its {part} is not that of its body"),
        );
        let named = text(&format!("/verification/{part}_hash"));
        holds(said.is_some() && named == said, &format!("its verification names another {field}"));
    }
    let count = |name: &str| p.pointer(&format!("/metrics/{name}")).and_then(Value::as_u64);
    let fits = match (count("decisions"), count("rejections")) {
        (Some(all), Some(refused)) => refused <= all,
        _ => false,
    };
    holds(fits, "its counts do not fit one another");
    out
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn privacy() -> NetworkPrivacy {
    let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect();
    NetworkPrivacy {
        default: "private".into(),
        publication: "opt-in".into(),
        included: words(&[
            "counts of decisions, fills, rejections and positions",
            "hashes of claim and heartbeat",
        ]),
        excluded: words(&[
            "decisions",
            "ids of decisions and requests",
            "wallet addresses",
            "orders of the venue",
            "notes",
            "strategies",
            "coins, sizes, prices and amounts",
        ]),
    }
}
