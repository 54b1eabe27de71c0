//! The state of a run.

use super::head;
use crate::table::{known, line, money, span, table};
use zero_packets::health::Health;
use zero_packets::immune::Immune;
use zero_packets::positions::Positions;
use zero_packets::risk::Risk;
use zero_packets::status::Status;
use zero_runtime::project::Reading;

pub(crate) fn status(s: &Status, r: &Reading) -> String {
    let mut out = head(r);
    let p = &s.positions;
    let open = p.open.map_or_else(|| "unknown".into(), |n| n.to_string());
    out += &line(
        "Equity",
        &format!("{} USD, {open} positions, unrealised {}", money(&p.equity), money(&p.unrealized_pnl)),
    );
    out += &line("Today", &format!("{} since 00:00 UTC", money(&s.today.pnl)));
    let fresh =
        s.market.health.map_or_else(|| "unknown".into(), |h| format!("{:.0} % of coins fresh", h * 100.0));
    let tradeable = s.market.coins_tradeable.unwrap_or(0);
    let regime = s.market.regime.as_deref().unwrap_or("unknown");
    out += &line("Market", &format!("{fresh}, {tradeable} tradeable, regime {regime}"));
    let open = if s.open_breakers.is_empty() { "none open".into() } else { s.open_breakers.join(", ") };
    let allowed = new_risk(s.risk_increasing_allowed, r);
    out += &line("Breakers", &format!("{open}; {allowed}"));
    let score = s.confidence.score.map_or_else(|| "unknown".into(), |v| format!("{v:.0} of 100"));
    out += &line("Confidence", &format!("{score} ({})", s.confidence.level.as_deref().unwrap_or("unknown")));
    if let Some(alert) = &s.alert {
        out += &line("Alert", alert);
    }
    let spots: Vec<&str> = s.blind_spots.iter().filter_map(|b| b.as_str()).collect();
    out += &line("Not seen", &spots.join("\n"));
    out + &line("Digest", &s.decision_digest)
}

pub(crate) fn positions(p: &Positions, r: &Reading) -> String {
    let mut out = head(r);
    out += &line(
        "Equity",
        &format!("{} USD, unrealised {}", money(&p.account_value), money(&p.total_unrealized_pnl)),
    );
    out.push('\n');
    if p.positions.is_empty() {
        return out + "No position is open.\n";
    }
    let rows = p.positions.iter().map(|x| {
        [
            x.symbol.clone(),
            x.side.clone(),
            x.size.to_string(),
            x.entry.as_ref().map_or_else(|| "-".into(), ToString::to_string),
            known(&x.mark),
            money(&x.unrealized_pnl),
            x.unrealized_r.map_or_else(|| "-".into(), |v| format!("{v:+.2}")),
            x.stop.as_ref().map_or_else(|| "none".into(), ToString::to_string),
            x.target.as_ref().map_or_else(|| "none".into(), ToString::to_string),
            x.age_s.map_or_else(|| "-".into(), span),
            x.books.iter().map(|b| b.book.as_str()).collect::<Vec<_>>().join(", "),
        ]
    });
    let head =
        ["coin", "side", "size", "entry", "mark", "unrealised", "in R", "stop", "target", "age", "books"];
    out += &table(head, &[2, 3, 4, 5, 6, 7, 8, 9], rows.collect());
    let split = p.positions.iter().filter(|x| x.books.len() > 1);
    let legs = split.flat_map(|x| {
        x.books.iter().map(|b| [x.symbol.clone(), b.book.clone(), b.size.to_string(), b.entry.to_string()])
    });
    let legs: Vec<[String; 4]> = legs.collect();
    if !legs.is_empty() {
        out.push('\n');
        out += &table(["coin", "book", "signed size", "entry"], &[2, 3], legs);
    }
    for x in &p.positions {
        if let Some(why) = &x.entry_unknown {
            out += &format!("{}: no entry price: {why}\n", x.symbol);
        }
    }
    out
}

pub(crate) fn risk(p: &Risk, r: &Reading) -> String {
    let mut out = head(r);
    let halted = match p.halt_reason.as_deref() {
        Some(why) if p.halted && !r.is_auto_off_alone() => format!("HALTED: {why}"),
        None if p.halted => "HALTED: paused, killed or flattening".into(),
        _ => new_risk(!p.halted, r).into(),
    };
    out += &line("Risk", &halted);
    if let Some(until) = &p.halt_until {
        out += &line("", &format!("until {until}, by the run's stated policy"));
    }
    if p.stop_failure_halt {
        out += &line("", "A HELD POSITION HAS NO RESTING STOP");
    }
    out += &line(
        "Equity",
        &format!(
            "{} USD, highest {}, drawdown {} %",
            money(&p.account_value),
            money(&p.peak_equity),
            known(&p.drawdown_pct)
        ),
    );
    let since = p.daily_loss_since.as_deref().unwrap_or("?");
    out += &line("24 hours", &format!("{} USD since {since}", money(&p.daily_pnl_usd)));
    out += &line(
        "Exposure",
        &format!(
            "{} of equity, gross in the worst case of open orders at the latest timer",
            known(&p.gross_leverage)
        ),
    );
    out.push('\n');
    let rows = p.limits.iter().map(|l| {
        let used = l.used.as_ref().map_or_else(|| "-".into(), ToString::to_string);
        [l.key.clone(), used, l.limit.to_string(), l.unit.clone()]
    });
    out += &table(["limit", "used", "limit", "unit"], &[1, 2], rows.collect());
    out.push('\n');
    let rows = p.per_runner.iter().map(|(name, b)| {
        let m = |d| money(&Some(d));
        [
            name.clone(),
            b.strategy.clone(),
            m(b.initial.clone()),
            m(b.realized.clone()),
            m(b.fees.clone()),
            m(b.funding.clone()),
            money(&b.equity),
            b.open.to_string(),
        ]
    });
    let head = ["book", "strategy", "initial", "realised", "fees", "funding", "equity", "open"];
    out + &table(head, &[2, 3, 4, 5, 6, 7], rows.collect())
}

pub(crate) fn health(h: &Health, r: &Reading) -> String {
    let mut out = line("Health", &h.status) + &head(r);
    for (name, c) in &h.components {
        out += &line("", &format!("{name:<14} {}", c.status));
    }
    for (name, d) in &h.dependencies {
        out += &line("", &format!("{name:<14} {d}"));
    }
    let s = &h.immune.summary;
    out += &line("Breakers", &format!("{} of {} open, {} block new risk", s.open, s.total, s.risk_blocking));
    out + &line(
        "Equity",
        &format!("{} USD, drawdown {} %", money(&h.risk.equity), known(&h.risk.drawdown_pct)),
    )
}

fn new_risk(allowed: bool, r: &Reading) -> &'static str {
    if allowed {
        "new risk allowed"
    } else if r.is_auto_off_alone() {
        "NO AUTOMATIC ENTRY, own orders are judged"
    } else {
        "NEW RISK STOPPED"
    }
}

pub(crate) fn immune(p: &Immune, r: &Reading) -> String {
    let allowed = new_risk(p.risk_increasing_allowed, r);
    let number = |b: &zero_packets::immune::Breaker, key: &str| {
        let v = b.evidence.get(key).and_then(serde_json::Value::as_f64);
        v.map_or_else(|| "-".into(), brief)
    };
    let rows = p.breakers.iter().map(|b| {
        let since =
            b.evidence.get("since").and_then(|v| v.as_str()).filter(|_| b.status == "open").unwrap_or("");
        let latches = b.evidence.get("latches").and_then(serde_json::Value::as_bool).unwrap_or(false);
        [
            b.name.clone(),
            b.status.clone(),
            b.severity.clone(),
            number(b, "measured"),
            number(b, "limit"),
            if latches { "yes" } else { "no" }.into(),
            since.to_owned(),
        ]
    });
    let head_row = ["breaker", "now", "severity", "measured", "limit", "latches", "open since"];
    head(r)
        + &line("Breakers", &format!("{} of {} open; {allowed}", p.summary.open, p.summary.total))
        + "\n"
        + &table(head_row, &[3, 4], rows.collect())
}

fn brief(v: f64) -> String {
    if v == v.trunc() && v.abs() < 1e15 { format!("{v:.0}") } else { format!("{v:.4}") }
}
