//! `zero.health.v1`: components, dependencies, breakers, recovery.

use super::status::{checks, recovery};
use super::{Reading, immune, percent, usd};
use std::collections::BTreeMap;
use zero_packets::health::{Component, Health, HealthRisk};

/// The packet.
#[must_use]
pub fn health(r: &Reading) -> Health {
    let immune = immune(r);
    let sound = checks(r).iter().all(|(_, ok)| *ok);
    let status = match (r.holder.is_some(), sound && immune.summary.open == 0) {
        (false, _) => "down",
        (true, true) => "ok",
        (true, false) => "degraded",
    };
    let equity = r.equity();
    let peak = r.peak();
    let fall = equity.zip(peak).and_then(|(e, p)| percent(p.minus(e).ok()?, p));
    Health {
        schema_version: Default::default(),
        status: status.into(),
        components: components(r),
        dependencies: dependencies(r),
        circuit_breakers: immune.breakers.iter().map(|b| (b.name.clone(), b.status.clone())).collect(),
        risk: HealthRisk { equity: equity.map(usd), drawdown_pct: fall, kill_all: r.view.state.killed },
        recovery: recovery(r),
        immune,
        ws_connections: 0,
    }
}

fn components(r: &Reading) -> BTreeMap<String, Component> {
    let alive = r.holder.is_some();
    // Event time of a market that is no feed stands in no relation to the wall clock: there is no age then.
    let age_s = if super::exchange::is_live(r) { r.age_s() } else { None };
    let component = |status: &str, mode: Option<&str>| Component {
        status: status.into(),
        last_seen: r.ts(),
        age_s,
        mode: mode.map(str::to_owned),
    };
    let balanced = r.view.state.ledger.books.iter().all(|b| b.trial_balance() == 0);
    let engine = if alive { "healthy" } else { "dead" };
    let risk = if !balanced || r.view.state.data_fault { "dead" } else { engine };
    let recovery =
        if r.view.start.is_some() || r.view.snapshot_seq.is_some() { "healthy" } else { "unknown" };
    [
        ("paper_engine", component(engine, Some("paper"))),
        ("risk", component(risk, None)),
        ("recovery", component(recovery, None)),
        // Not built: nobody can say how it is.
        ("memory", Component { status: "unknown".into(), last_seen: None, age_s: None, mode: None }),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect()
}

fn dependencies(r: &Reading) -> BTreeMap<String, String> {
    let coins = &r.view.state.coins;
    let fresh = coins.iter().filter(|c| r.is_fresh(c)).count();
    let market = match fresh {
        0 => "stale",
        n if n == coins.len() => "fresh",
        _ => "partial",
    };
    let journal = if r.view.torn && r.holder.is_none() { "torn_tail" } else { "readable" };
    [
        ("exchange", "paper"),
        ("market_data", market),
        ("journal", journal),
        ("memory", "not_built"),
        ("secrets", "not_required"),
        ("live_preflight", "not_built"),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .collect()
}
