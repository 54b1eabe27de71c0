//! One full and one empty example of the packets that the contract shapes.

use serde_json::{Map, json};
use zero_packets::health::{Component, Health, HealthRisk};
use zero_packets::immune::{Breaker, Immune, ImmuneSummary};
use zero_packets::live::{LiveCertification, Tally};
use zero_packets::parity::{Feedback, FeedbackItem, Leg, LiveShadow, Parity, ParityPaper, RuntimeBus};
use zero_packets::positions::{BookShare, Position, Positions};
use zero_packets::rejections::{Rejection, Rejections};
use zero_packets::risk::{BookRisk, LimitUse, Risk};
use zero_packets::status::{Confidence, Market, PositionTotals, Recovery, Status, Today};
use zero_packets::{Dec, Source};

pub(crate) fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn some<T>(full: bool, v: T) -> Option<T> {
    full.then_some(v)
}

fn ts(full: bool) -> Option<String> {
    some(full, "2025-10-10T21:00:00Z".to_owned())
}

pub(crate) fn recovery(full: bool) -> Recovery {
    Recovery {
        durable: full,
        status: some(full, "recovered".into()),
        source: some(full, "journal".into()),
        journal_path: some(full, "/state/journal".into()),
        decisions_recovered: some(full, 26),
        fills_recovered: some(full, 17),
        rejections_recovered: some(full, 9),
        positions_recovered: some(full, 2),
        last_decision_at: ts(full),
        current_decisions: some(full, 26),
        current_fills: some(full, 17),
        current_rejections: some(full, 9),
        current_positions: some(full, 2),
        torn_bytes: some(full, 12),
    }
}

pub(crate) fn status(full: bool) -> Status {
    Status {
        schema_version: Default::default(),
        confidence: Confidence { score: some(full, 87.5), level: some(full, "degraded".into()) },
        market: Market {
            regime: None,
            health: some(full, 1.0),
            signal: None,
            prediction: None,
            fear_greed: None,
            coins_tradeable: some(full, 10),
        },
        positions: PositionTotals {
            open: some(full, 2),
            unrealized_pnl: some(full, dec("-12.34567891")),
            equity: some(full, dec("92233720368.54775807")),
        },
        today: Today {
            trades: some(full, 3),
            wins: some(full, 1),
            pnl: some(full, dec("-0.5")),
            streak: some(full, -2),
            sizing_mult: some(full, 0.75),
            win_rate: None,
        },
        approaching: vec![],
        blind_spots: if full { vec![json!("no order book")] } else { vec![] },
        alert: None,
        recovery: recovery(full),
        ts: ts(full),
        mode: "paper".into(),
        source: if full { Source::Running } else { Source::AtRest },
        journal_seq: u64::from(full) * 1_234,
        age_s: some(full, 0.25),
        decision_digest: "00".repeat(32),
        config_hash: "11".repeat(32),
        open_breakers: if full { vec!["daily_loss".into()] } else { vec![] },
        risk_increasing_allowed: !full,
    }
}

pub(crate) fn positions(full: bool) -> Positions {
    let p = |stop: bool| Position {
        symbol: "BTC".into(),
        side: "long".into(),
        size: dec("0.025"),
        entry: some(stop, dec("40499.99999999")),
        entry_unknown: some(!stop, "the legs of the books cancel out".into()),
        mark: some(stop, dec("40500")),
        unrealized_pnl: some(stop, dec("0.00000025")),
        unrealized_r: some(stop, 0.01),
        stop: some(stop, dec("39000")),
        target: None,
        age_s: some(stop, 3600.0),
        books: vec![BookShare { book: "trend".into(), size: dec("0.025"), entry: dec("40499.99999999") }],
    };
    Positions {
        schema_version: Default::default(),
        positions: if full { vec![p(true), p(false)] } else { vec![] },
        count: u32::from(full) * 2,
        account_value: some(full, dec("10000")),
        total_unrealized_pnl: some(full, dec("0.00000025")),
        ts: ts(full),
        source: Source::AtRest,
        journal_seq: 9,
    }
}

pub(crate) fn risk(full: bool) -> Risk {
    let book = BookRisk {
        strategy: "trend".into(),
        initial: dec("5000"),
        realized: dec("1.5"),
        fees: dec("0.25"),
        funding: dec("-0.01"),
        equity: some(full, dec("5001.24")),
        open: 1,
    };
    Risk {
        schema_version: Default::default(),
        account_value: some(full, dec("10000")),
        drawdown_pct: some(full, dec("1.25")),
        daily_pnl_usd: some(full, dec("-3")),
        daily_loss_usd: some(full, dec("3")),
        peak_equity: some(full, dec("10010")),
        peak_equity_30d: None,
        open_count: some(full, 1),
        halted: full,
        global_halt: false,
        stop_failure_halt: false,
        capital_floor_hit: false,
        halt_reason: some(full, "daily_loss".into()),
        halt_until: None,
        updated_at: ts(full),
        daily_loss_since: ts(full),
        last_drawdown_alert_pct: None,
        per_runner: if full { [("trend".to_owned(), book)].into() } else { Default::default() },
        limits: vec![LimitUse {
            key: "limits.daily_loss".into(),
            limit: dec("0.05"),
            used: some(full, dec("0.0003")),
            unit: "fraction of equity".into(),
        }],
        gross_leverage: some(full, dec("0.1")),
        source: Source::Running,
        journal_seq: 9,
    }
}

pub(crate) fn rejections(full: bool) -> Rejections {
    let r = Rejection {
        coin: Some("ETH".into()),
        direction: Some("buy".into()),
        stage: Some("risk".into()),
        reason: Some("gross_leverage 2.1 > 2".into()),
        ts: ts(true),
        trace_id: "ab".repeat(16),
        book: "trend".into(),
        failing: vec![],
    };
    Rejections {
        schema_version: Default::default(),
        rejections: if full { vec![r] } else { vec![] },
        count: u32::from(full),
        total: u64::from(full),
        by_gate: if full { [("gross_leverage".to_owned(), 1)].into() } else { Default::default() },
        source: Source::Running,
        journal_seq: 9,
    }
}

pub(crate) fn immune(full: bool) -> Immune {
    let b = Breaker {
        name: "daily_loss".into(),
        status: "open".into(),
        blocks_risk: true,
        severity: "critical".into(),
        reason: "loss over 24 hours".into(),
        evidence: Map::from_iter([("value".to_owned(), json!(0.06)), ("limit".to_owned(), json!(0.05))]),
    };
    Immune {
        schema_version: Default::default(),
        generated_at: ts(full),
        mode: "paper".into(),
        risk_increasing_allowed: !full,
        summary: ImmuneSummary { total: 1, open: 1, closed: 0, warning: 0, risk_blocking: 1 },
        breakers: if full { vec![b] } else { vec![] },
    }
}

pub(crate) fn health(full: bool) -> Health {
    let c = Component { status: "healthy".into(), last_seen: ts(full), age_s: some(full, 0.1), mode: None };
    Health {
        schema_version: Default::default(),
        status: "ok".into(),
        components: [("paper_engine".to_owned(), c)].into(),
        dependencies: [("journal".to_owned(), "durable".to_owned())].into(),
        circuit_breakers: [("daily_loss".to_owned(), "open".to_owned())].into(),
        risk: HealthRisk {
            equity: some(full, dec("10000")),
            drawdown_pct: some(full, dec("0")),
            kill_all: false,
        },
        recovery: recovery(full),
        immune: immune(full),
        ws_connections: 0,
    }
}

pub(crate) fn parity(full: bool) -> Parity {
    Parity {
        schema_version: Default::default(),
        available: full,
        ok: full,
        mode: "paper".into(),
        cycles_requested: 4,
        cycles_run: 4,
        paper_only: true,
        places_live_orders: false,
        paper: ParityPaper { decisions: 4, fills: 2, rejections: 2, open_positions: 1 },
        live_shadow: LiveShadow {
            mode: "not_built".into(),
            accepted: 0,
            refused: 0,
            adapter_orders_placed: 0,
            records: vec![],
        },
        runtime_bus: RuntimeBus::none(),
        feedback: Feedback {
            schema_version: Default::default(),
            cycles: 4,
            sample_size: 4,
            fills: 2,
            rejections: 2,
            rejection_rate: 0.5,
            by_rejection_reason: [("gross_leverage".to_owned(), 2)].into(),
            by_rejection_symbol: [("ETH".to_owned(), 2)].into(),
            items: vec![FeedbackItem { reason: "gross_leverage".into(), count: 2 }],
            execution_quality: None,
        },
        checks: [("phase_order".to_owned(), Some(true)), ("live_shadow_count".to_owned(), None)].into(),
        not_run: [("live_shadow_count".to_owned(), "the live path is not built".to_owned())].into(),
        claim_boundary: Map::new(),
        legs: vec![Leg {
            name: "backtest".into(),
            decision_digest: "00".repeat(32),
            state_digest: "00".repeat(32),
            events: 10,
            decisions: 4,
            fills: 2,
            diverges_at: None,
        }],
        digest_fields: vec!["coin".into()],
        phase_order: vec!["observe".into()],
        source: Some("synthetic".into()),
        generated_at: ts(full),
        code: some(full, "00".repeat(32)),
        configuration: some(full, "00".repeat(32)),
        reason: some(!full, "no parity was recorded".into()),
        certification: LiveCertification {
            schema_version: Default::default(),
            mode: "paper_venue".into(),
            passed: true,
            live_start_certified: false,
            summary: Tally { total: 0, passed: 0, failed: 0 },
            drills: vec![],
            evidence_requirements: vec![],
        },
        rebuild: "zero hash FILE".into(),
        parity_hash: "00".repeat(32),
    }
}
