//! `zero.runtime.snapshot.v1`.

use super::Reading;
use zero_core::{Canon as _, Digest32, Usd};
use zero_kernel::State;
use zero_packets::Dec;
use zero_packets::snapshot::{Counters, Epoch, Snapshot};

/// The kernel's counters as a packet's.
#[must_use]
pub const fn counters(c: &zero_kernel::state::Counters) -> Counters {
    Counters {
        events: c.events,
        candidates: c.candidates,
        admitted: c.admitted,
        orders: c.orders,
        fills: c.fills,
        rejects: c.rejects,
        liquidations: c.liquidations,
    }
}

/// The state in short. `held_against` is the state that a run had in memory: folding the journal must give the same.
#[must_use]
pub fn snapshot(r: &Reading, held_against: &State) -> Snapshot {
    let (state, manifest) = (&r.view.state, &r.view.manifest);
    let positions = (0..state.coins.len())
        .filter(|i| state.ledger.books.iter().any(|b| b.positions.get(*i).is_some_and(|p| p.szi.raw() != 0)));
    Snapshot {
        schema_version: Default::default(),
        mode: "paper".into(),
        ts: r.ts(),
        journal_seq: r.view.next_seq,
        journal_path: r.path.clone(),
        epoch: Epoch {
            number: manifest.epoch_number,
            code: manifest.epoch.code.to_string(),
            config: manifest.epoch.config.to_string(),
            strategies: manifest.strategies.iter().map(|s| s.digest().to_string()).collect(),
            data: None,
        },
        decision_digest: state.digest.to_string(),
        state_digest: Digest32::of(&state.to_bytes()).to_string(),
        counters: counters(&state.counters),
        equity: r.equity().map(|e| Dec::scaled(e.raw(), Usd::DECIMALS)),
        open_positions: positions.count() as u32,
        open_breakers: r.open_breakers(),
        consistent: state.to_bytes() == held_against.to_bytes(),
    }
}
