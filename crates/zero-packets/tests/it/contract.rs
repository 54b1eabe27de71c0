//! A strict client, written from the contract's "Shapes, struct by struct": fields it knows may be absent, but never
//! of another type, never null where the contract says non-null, never under two names at once.

#![expect(dead_code, reason = "fields are there to be decoded")]

use crate::examples;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use zero_packets::Packet;

type Object = Map<String, Value>;

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct RecoveryStatus {
    durable: bool,
    status: Option<String>,
    source: Option<String>,
    journal_path: Option<String>,
    decisions_recovered: Option<u32>,
    fills_recovered: Option<u32>,
    rejections_recovered: Option<u32>,
    positions_recovered: Option<u32>,
    last_decision_at: Option<String>,
    current_decisions: Option<u32>,
    current_fills: Option<u32>,
    current_rejections: Option<u32>,
    current_positions: Option<u32>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct V2Confidence {
    score: Option<f64>,
    level: Option<String>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct V2Market {
    regime: Option<String>,
    health: Option<f64>,
    signal: Option<String>,
    prediction: Option<String>,
    fear_greed: Option<i64>,
    coins_tradeable: Option<u32>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct V2Positions {
    open: Option<u32>,
    unrealized_pnl: Option<f64>,
    equity: Option<f64>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct V2Today {
    trades: Option<u32>,
    wins: Option<u32>,
    pnl: Option<f64>,
    streak: Option<i32>,
    sizing_mult: Option<f64>,
}

#[derive(Deserialize, Debug)]
struct HlRate {
    used: u32,
    cap: u32,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct V2Status {
    confidence: V2Confidence,
    market: V2Market,
    positions: V2Positions,
    today: V2Today,
    approaching: Vec<Value>,
    blind_spots: Vec<Value>,
    alert: Option<Value>,
    recovery: Option<RecoveryStatus>,
    ts: Option<String>,
    hl_rate: Option<HlRate>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
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
    lens_id: Option<String>,
    age_s: Option<f64>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct Positions {
    #[serde(alias = "positions")]
    items: Vec<Position>,
    account_value: Option<f64>,
    total_unrealized_pnl: Option<f64>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct Risk {
    halted: bool,
    global_halt: bool,
    stop_failure_halt: bool,
    capital_floor_hit: bool,
    per_runner: Object,
    account_value: Option<f64>,
    drawdown_pct: Option<f64>,
    daily_pnl_usd: Option<f64>,
    daily_loss_usd: Option<f64>,
    peak_equity: Option<f64>,
    peak_equity_30d: Option<f64>,
    open_count: Option<u32>,
    halt_reason: Option<String>,
    halt_until: Option<String>,
    updated_at: Option<String>,
    daily_loss_since: Option<String>,
    last_drawdown_alert_pct: Option<f64>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct Rejection {
    coin: Option<String>,
    direction: Option<String>,
    stage: Option<String>,
    reason: Option<String>,
    ts: Option<String>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct RejectionsFeed {
    #[serde(alias = "rejections")]
    items: Vec<Rejection>,
}

#[derive(Deserialize, Debug)]
struct ComponentHealth {
    status: String,
    last_seen: Option<String>,
    age_s: Option<f64>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct RiskSummary {
    kill_all: bool,
    equity: Option<f64>,
    drawdown_pct: Option<f64>,
}

#[derive(Deserialize, Debug)]
struct Health {
    status: String,
    #[serde(default)]
    components: BTreeMap<String, ComponentHealth>,
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    circuit_breakers: BTreeMap<String, String>,
    #[serde(default)]
    risk: RiskSummary,
    #[serde(default)]
    ws_connections: u64,
    recovery: Option<RecoveryStatus>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct ImmuneBreaker {
    name: String,
    status: String,
    blocks_risk: bool,
    severity: String,
    reason: String,
    evidence: Object,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct ImmuneReport {
    schema_version: String,
    mode: String,
    risk_increasing_allowed: bool,
    summary: Object,
    breakers: Vec<ImmuneBreaker>,
    generated_at: Option<String>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct LiveCertification {
    schema_version: String,
    mode: String,
    passed: bool,
    live_start_certified: bool,
    summary: Object,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct RuntimeParityPaper {
    decisions: u64,
    fills: u64,
    rejections: u64,
    open_positions: u64,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct RuntimeParityLiveShadow {
    mode: String,
    accepted: u64,
    refused: u64,
    adapter_orders_placed: u64,
    records: Vec<Value>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct RuntimeParityFeedback {
    schema_version: String,
    cycles: u64,
    sample_size: u64,
    fills: u64,
    rejections: u64,
    rejection_rate: f64,
    by_rejection_reason: BTreeMap<String, u64>,
    by_rejection_symbol: BTreeMap<String, u64>,
    items: Vec<Value>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct RuntimeParity {
    schema_version: String,
    available: bool,
    ok: bool,
    mode: String,
    cycles_requested: u64,
    cycles_run: u64,
    paper_only: bool,
    places_live_orders: bool,
    paper: RuntimeParityPaper,
    live_shadow: RuntimeParityLiveShadow,
    feedback: RuntimeParityFeedback,
    certification: LiveCertification,
    checks: Object,
    claim_boundary: Object,
    source: Option<String>,
    generated_at: Option<String>,
}

/// Decodes strictly, and shows every field so that none is decoded in vain.
fn strict<T: DeserializeOwned + std::fmt::Debug>(packet: &impl Packet) -> T {
    let text = packet.to_json().unwrap();
    let value: T = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert!(!format!("{value:?}").is_empty());
    value
}

#[test]
fn a_strict_client_reads_every_packet_full_and_empty() {
    for full in [true, false] {
        let s: V2Status = strict(&examples::status(full));
        assert_eq!(s.recovery.unwrap().durable, full);
        assert_eq!(s.today.streak, full.then_some(-2));
        let p: Positions = strict(&examples::positions(full));
        assert_eq!(p.items.len(), if full { 2 } else { 0 });
        let r: Risk = strict(&examples::risk(full));
        assert_eq!((r.halted, r.per_runner.len()), (full, usize::from(full)));
        let r: RejectionsFeed = strict(&examples::rejections(full));
        assert_eq!(r.items.len(), usize::from(full));
        let h: Health = strict(&examples::health(full));
        assert_eq!(h.components["paper_engine"].status, "healthy");
        let i: ImmuneReport = strict(&examples::immune(full));
        assert_eq!(i.schema_version, "zero.immune.v1");
        let p: RuntimeParity = strict(&examples::parity(full));
        assert_eq!(
            (p.schema_version.as_str(), p.feedback.rejection_rate),
            ("zero.runtime.production_parity.v1", 0.5)
        );
        assert_eq!(p.live_shadow.mode, "not_built");
    }
}

#[test]
fn the_strict_client_is_strict() {
    let refuses = |text: &str| serde_json::from_str::<Positions>(text).is_err();
    assert!(refuses(r#"{"positions":[{"size":"1.0"}]}"#), "a number as text");
    assert!(refuses(r#"{"positions":[{"symbol":"A","coin":"A"}]}"#), "both of an alias pair");
    assert!(refuses(r#"{"positions":[],"items":[]}"#), "both of an alias pair");
    assert!(refuses(r#"{"positions":null}"#), "null where non-null");
    assert!(serde_json::from_str::<RuntimeParity>(r#"{"cycles_run":1.0}"#).is_err(), "a float as integer");
}
