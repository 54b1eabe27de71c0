//! A strict client of the contract's shapes reads what the program itself prints, full and empty: no field of another type,
//! none null where the contract says non-null, never two names of one thing.
#![expect(dead_code, reason = "fields are there to be decoded")]

use crate::support::Home;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Deserialize, Debug)]
struct EvaluationLayer {
    layer: String,
    passed: bool,
    value: Value,
    detail: String,
}

#[derive(Deserialize, Debug)]
struct Evaluation {
    layers: Vec<EvaluationLayer>,
    coin: Option<String>,
    price: Option<f64>,
    consensus: Option<i64>,
    conviction: Option<f64>,
    direction: Option<String>,
    regime: Option<String>,
    data_fresh: Option<bool>,
    timestamp: Option<String>,
}

#[derive(Deserialize, Debug)]
struct Position {
    #[serde(alias = "coin")]
    symbol: String,
    #[serde(alias = "direction")]
    side: String,
    #[serde(alias = "size_coins")]
    size: f64,
    #[serde(alias = "entry_price")]
    entry: f64,
    mark: Option<f64>,
    unrealized_pnl: Option<f64>,
    unrealized_r: Option<f64>,
    stop: Option<f64>,
    target: Option<f64>,
    age_s: Option<f64>,
}

#[derive(Deserialize, Debug)]
struct Brief {
    positions: Vec<Position>,
    recent_signals: Vec<Value>,
    approaching: Vec<Value>,
    last_cycle: Value,
    timestamp: Option<String>,
    fear_greed: Option<i64>,
    open_positions: Option<u32>,
}

#[derive(Deserialize, Debug)]
struct PulseEvent {
    kind: Option<String>,
    coin: Option<String>,
    message: Option<String>,
    ts: Option<String>,
    severity: Option<String>,
}

#[derive(Deserialize, Debug)]
struct Pulse {
    #[serde(alias = "pulse", alias = "events")]
    items: Vec<PulseEvent>,
}

#[derive(Deserialize, Debug)]
struct Approaching {
    coin: String,
    direction: Option<String>,
    distance_to_gate: Option<f64>,
    gate: Option<String>,
    ts: Option<String>,
}

#[derive(Deserialize, Debug)]
struct ApproachingFeed {
    #[serde(alias = "approaching")]
    items: Vec<Approaching>,
}

#[derive(Deserialize, Debug)]
struct Regime {
    regime: Option<String>,
    confidence: Option<f64>,
    coin: Option<String>,
}

fn strict<T: DeserializeOwned + std::fmt::Debug>(home: &Home, args: &[&str]) -> T {
    let ran = home.run(args).ok();
    let value: T =
        serde_json::from_str(ran.out.trim()).unwrap_or_else(|e| panic!("{args:?}: {e}: {}", ran.out));
    assert!(!format!("{value:?}").is_empty());
    value
}

fn has(v: &Value, keys: &[&str], what: &str) {
    for k in keys {
        assert!(v.get(k).is_some(), "{what} has no {k}: {v}");
    }
}

#[test]
fn a_strict_client_reads_every_answer_full_and_empty() {
    for events in [30_000, 1] {
        let home = Home::with_run(events);
        let full = events > 1;
        let e: Evaluation = strict(&home, &["evaluate", "btc", "--json"]);
        assert_eq!((e.price.is_some(), e.layers.is_empty()), (full, !full));
        let b: Brief = strict(&home, &["brief", "--json"]);
        assert_eq!(b.recent_signals.is_empty(), !full);
        let p: Pulse = strict(&home, &["pulse", "--json"]);
        assert!(p.items.iter().all(|e| e.kind.is_some() && e.severity.is_some() && e.message.is_some()));
        let a: ApproachingFeed = strict(&home, &["approaching", "--json"]);
        assert_eq!(a.items.iter().any(|a| a.distance_to_gate.is_some()), full);
        let r: Regime = strict(&home, &["regime", "--json"]);
        assert_eq!(
            r.confidence.is_some(),
            full && r.regime.is_some(),
            "a confidence goes with a regime that is known"
        );
    }
}

#[test]
fn the_stack_has_every_key_of_the_contract() {
    let home = Home::with_run(30_000);
    let s = home.run(&["decision-stack", "btc", "--json"]).ok().packet();
    has(
        &s,
        &[
            "coin",
            "mode",
            "paper_only",
            "generated_at",
            "price",
            "lenses",
            "layers",
            "modifiers",
            "decision",
            "privacy",
        ],
        "stack",
    );
    has(&s["price"], &["last", "source", "uses_live_exchange_credentials"], "price");
    let decision = ["verdict", "direction", "consensus", "conviction", "allowed_to_execute_live", "reason"];
    has(&s["decision"], &decision, "decision");
    let privacy = [
        "contains_exchange_credentials",
        "contains_private_notes",
        "contains_venue_order_material",
        "contains_wallet_material",
    ];
    has(&s["privacy"], &privacy, "privacy");
    for l in s["lenses"].as_array().unwrap() {
        has(
            l,
            &["lens", "family", "status", "signal", "confidence", "weight", "evidence", "public_safe"],
            "lens",
        );
    }
    for l in s["layers"].as_array().unwrap() {
        has(l, &["layer", "kind", "passed", "blocks_entry", "detail", "value"], "layer");
    }
    for m in s["modifiers"].as_array().unwrap() {
        has(m, &["modifier", "effect", "direction", "bounded", "value", "reason"], "modifier");
    }
    let e = home.run(&["evaluate", "btc", "--json"]).ok().packet();
    has(
        &e,
        &[
            "coin",
            "price",
            "price_source",
            "consensus",
            "conviction",
            "direction",
            "regime",
            "layers",
            "lenses",
        ],
        "evaluation",
    );
    has(&e, &["modifiers", "decision_stack", "data_fresh", "timestamp", "trace_id"], "evaluation");
}
