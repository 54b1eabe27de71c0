//! Which decision an answer stands on, and when the next one falls.

use super::seconds;
use crate::replica::Replica;
use zero_core::{Ts, TsDiff};
use zero_packets::decision_stack::LastDecision;

/// Slices fall where bars close, and bars lie on multiples of their interval: the next one is known to the instant.
pub(crate) fn last_decision(replica: &Replica) -> LastDecision {
    let state = replica.kernel.state();
    let slice = Some(state.last_slice).filter(|t| *t != Ts::ZERO);
    let interval = state.coins.iter().map(|c| c.interval).filter(|i| *i > TsDiff::ZERO).min();
    let after = |i: TsDiff| replica.latest.floor(i).plus(i);
    let next = replica.pending.or_else(|| interval.filter(|_| replica.latest != Ts::ZERO).map(after));
    LastDecision {
        slice: slice.map(|t| t.to_string()),
        age_s: slice.map(|t| seconds(replica.latest.since(t))),
        next: next.map(|t| t.to_string()),
        closing: replica.pending.is_some(),
    }
}
