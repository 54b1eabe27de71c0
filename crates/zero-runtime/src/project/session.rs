//! Sessions as packets.

use super::{percent, seconds, usd};
use crate::session::Session;
use zero_core::{Hasher, Ts};
use zero_packets::session::{RecordRange, SessionResult, SessionShare, Summary};

/// What a session is and what it came to, at wall time `now`.
#[must_use]
pub fn session(s: &Session, now: Ts) -> Summary {
    let text = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
    let t = &s.totals;
    Summary {
        id: s.id.clone(),
        label: text(&s.label),
        origin: text(&s.origin),
        state: if s.is_open() { "open" } else { "ended" }.into(),
        end_policy: if s.hands_over { "protected" } else { "flatten" }.into(),
        operator: s.operator.clone(),
        from: s.from.to_string(),
        to: s.to.map(|t| t.to_string()),
        open_s: seconds(s.open_at(now)),
        parts: s.parts,
        records: RecordRange { from: s.records.from, to: s.records.to },
        result: SessionResult {
            acts: t.acts,
            candidates: t.candidates,
            admitted: t.admitted,
            fills: t.fills,
            wins: t.wins,
            losses: t.losses,
            stops: t.stops,
            breakers_opened: t.breakers_opened,
            held_increases: t.held,
            realised: t.money.map(|m| usd(m.realised)),
            fees: t.money.map(|m| usd(m.fees)),
            funding: t.money.map(|m| usd(m.funding.negated())),
            equity_change: t.equity.map(usd),
            equity_from: s.equity_from.map(usd),
            equity_to: s.equity_to.map(usd),
            positions: s.positions,
            settlement: s.settlement.name().into(),
        },
    }
}

/// A session for others: counts and a return, and nothing that names a person, a coin, a place or an amount.
#[must_use]
pub fn session_share(s: &Session, now: Ts) -> SessionShare {
    let mut h = Hasher::new();
    h.update(s.id.as_bytes());
    h.update(&s.records.from.to_be_bytes());
    h.update(&s.records.to.to_be_bytes());
    let change = s.equity_from.zip(s.totals.equity);
    SessionShare {
        schema_version: Default::default(),
        reference: h.finish().to_string(),
        day: s.from.to_string().chars().take(10).collect(),
        open_min: (seconds(s.open_at(now)) / 60.0) as u64,
        return_pct: change.and_then(|(from, change)| percent(change, from)),
        fills: s.totals.fills,
        wins: s.totals.wins,
        losses: s.totals.losses,
        candidates: s.totals.candidates,
        admitted: s.totals.admitted,
        breakers_opened: s.totals.breakers_opened,
        mode: "paper".into(),
    }
}
