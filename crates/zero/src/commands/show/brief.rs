//! The brief and the pulse.

use super::ask::number;
use super::{head, short, when};
use crate::commands::money;
use crate::table::{known, line, money as money_of, table};
use zero_packets::brief::{Brief, Changed, Pulse};
use zero_runtime::project::Reading;

pub(crate) fn brief(p: &Brief, r: &Reading) -> String {
    let mut out = head(r);
    out += &line("State", &p.state);
    for b in &p.breakers {
        let clear = if b.latches { ", an operator has to clear it" } else { "" };
        out += &line("Breaker", &format!("{} ({}) since {}{clear}", b.name, b.severity, short(&b.since)));
    }
    let e = &p.exposure;
    out += &line("Equity", &format!("{} USD", money_of(&e.equity)));
    out += &line(
        "Exposure",
        &format!(
            "gross {} USD, net {} USD at the marks now; {} USD in the worst case of open orders at the latest timer",
            money_of(&e.gross_usd),
            money_of(&e.net_usd),
            money(&e.worst_gross_usd)
        ),
    );
    out += &line(
        "If stopped",
        &format!("{} USD lost when every stop is hit at its trigger", money_of(&e.loss_at_stops_usd)),
    );
    let proof = if p.protection.is_empty() {
        "nothing is held".into()
    } else if p.protected {
        format!("every held leg has an accepted stop of its size ({})", p.protection.len())
    } else {
        "NOT EVERY HELD LEG IS COVERED BY A STOP".into()
    };
    out += &line("Protection", &proof);
    let c = &p.last_cycle;
    out += &line("Run", &format!("{} candidates, {} rejected, {} fills", c.decisions, c.rejections, c.fills));
    if let Some(c) = &p.changed {
        out += &changed(c);
    }
    out += &line("Open", &p.open_questions.join("\n"));
    if !p.protection.is_empty() {
        out.push('\n');
        let rows = p.protection.iter().map(|x| {
            let order = x.order.as_deref().unwrap_or("none").to_owned();
            let holds = if x.holds { "holds" } else { "DOES NOT HOLD" };
            [
                x.book.clone(),
                x.coin.clone(),
                x.position.to_string(),
                x.covered.to_string(),
                known(&x.stop),
                holds.into(),
                order,
            ]
        });
        let head = ["book", "coin", "position", "covered", "stop", "proof", "order"];
        out += &table(head, &[2, 3, 4], rows.collect());
    }
    let near = p.approaching.iter().filter(|a| a.probability.is_some()).take(5);
    let rows: Vec<[String; 4]> = near
        .map(|a| {
            let side = a.direction.clone().unwrap_or_default();
            [a.coin.clone(), side, number(a.distance_sigmas), number(a.probability)]
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        out += &table(["approaching", "side", "sigmas away", "probability in 24 h"], &[2, 3], rows);
    }
    out
}

fn changed(c: &Changed) -> String {
    let mut text = format!(
        "{} candidates, {} admitted, {} orders, {} fills, {} refused by the venue; equity {} USD, fees {}, funding {}",
        c.decisions,
        c.admitted,
        c.orders,
        c.fills,
        c.rejects,
        money_of(&c.equity_change),
        money(&c.fees),
        money(&c.funding)
    );
    for what in c.positions.iter().chain(&c.breakers) {
        text.push('\n');
        text.push_str(what);
    }
    line("Since", &format!("{}: {text}", c.since))
}

pub(crate) fn pulse(p: &Pulse, r: &Reading) -> String {
    let mut out = head(r);
    if let Some(note) = &p.note {
        out += &line("Note", note);
    }
    out.push('\n');
    let rows = p.events.iter().map(|e| {
        [
            when(e.ts.as_deref(), e.wall_ts.as_deref()),
            e.severity.clone(),
            e.kind.clone(),
            e.coin.clone().unwrap_or_default(),
            e.message.clone(),
        ]
    });
    out + &table(["time", "severity", "kind", "coin", "what"], &[], rows.collect())
}
