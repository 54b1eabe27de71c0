//! The decision digest: its declared fields, and the ids that derive from the same identity.
//!
//! Per judged candidate: decision id, side, final size, price, admitted, outcome of every gate. Per order: order id,
//! side, size, kind, price. Never in it: receive times, sequence numbers, run ids.

use alloc::vec::Vec;
use zero_core::{BookId, CoinId, Digest32, Hasher, OrderId, Sz, Truth, Ts};
use zero_market::{OrderIntent, OrderKind};

use crate::record::CandidateTrace;

/// Fields that the decision digest covers, as published.
pub const DIGEST_FIELDS: &[&str] = &[
    "candidate.decision",
    "candidate.side",
    "candidate.final_sz",
    "candidate.px",
    "candidate.admitted",
    "candidate.gates",
    "order.id",
    "order.side",
    "order.sz",
    "order.kind",
    "order.px",
    "cancel.id",
];

/// What an order is for, within one decision: the last part of its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    Exit = 0,
    Entry = 1,
    Emergency = 2,
    Stop = 3,
    Target = 4,
}

/// Identity of an order: (book, strategy digest, coin, event time, leg).
pub(crate) fn order_id(book: BookId, strategy: Digest32, coin: CoinId, time: Ts, leg: Leg) -> OrderId {
    let mut buf = [0u8; 45];
    let (a, rest) = buf.split_at_mut(32);
    a.copy_from_slice(&strategy.0);
    let mut tail = [0u8; 13];
    tail[..2].copy_from_slice(&book.0.to_le_bytes());
    tail[2..4].copy_from_slice(&coin.0.to_le_bytes());
    tail[4..12].copy_from_slice(&time.as_ns().to_le_bytes());
    tail[12] = leg as u8;
    rest.copy_from_slice(&tail);
    OrderId::from_digest(Digest32::of(&buf))
}

/// Identity of a protective order: from the entry it protects and how much of that was left after the fill, which is
/// another number for every partial fill.
pub(crate) fn protective_id(entry: OrderId, remaining: Sz, leg: Leg) -> OrderId {
    let mut h = Hasher::new();
    h.update(&entry.0);
    h.update(&remaining.raw().to_le_bytes());
    h.update(&[leg as u8]);
    OrderId::from_digest(h.finish())
}

/// Appends a candidate's declared fields.
pub(crate) fn absorb_candidate(out: &mut Vec<u8>, t: &CandidateTrace) {
    out.extend_from_slice(&t.decision.0);
    out.push(t.side as u8 | u8::from(t.admitted) << 1);
    out.extend_from_slice(&t.final_sz.raw().to_le_bytes());
    out.extend_from_slice(&t.px.raw().to_le_bytes());
    let mut gates = 0u64;
    for (i, g) in t.gates.iter().enumerate() {
        let code = match g.truth {
            Truth::False => 0u64,
            Truth::Unknown => 1,
            Truth::True => 2,
        };
        gates |= code << (2 * (i % 32));
    }
    out.extend_from_slice(&gates.to_le_bytes());
}

/// Appends an order's declared fields.
pub(crate) fn absorb_order(out: &mut Vec<u8>, o: &OrderIntent) {
    out.extend_from_slice(&o.id.0);
    let px = match o.kind {
        OrderKind::Market(m) => m.worst_px.map_or(0, |p| p.raw()),
        OrderKind::Limit(l) => l.px.raw(),
        OrderKind::Trigger(t) => t.px.raw(),
    };
    out.push(o.side as u8 | (o.kind.tag() as u8) << 1);
    out.extend_from_slice(&o.sz.raw().to_le_bytes());
    out.extend_from_slice(&px.to_le_bytes());
}
