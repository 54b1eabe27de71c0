//! The one way out: events in (time, phase, coin) order that never go back.

use std::collections::{BTreeMap, VecDeque};
use zero_core::{CoinId, Ts, TsDiff};
use zero_market::{Event, EventBody};

/// A side-stream event that is behind what came out by at most this much is moved up to it; older ones are refused.
const SLACK: TsDiff = TsDiff::secs(2);
const NS: TsDiff = TsDiff::ns(1);

type Key = (Ts, u8, Option<CoinId>);

/// What became of an offered side-stream event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    Emitted,
    Held,
    Late,
    Full,
}

#[derive(Debug, Default)]
pub(super) struct Outlet {
    last: Option<Key>,
    held: BTreeMap<(Ts, Option<CoinId>, u64), Event>,
    sequence: u64,
    out: VecDeque<Event>,
}

impl Outlet {
    /// Emits at `time`, or just after what came out last when that is later.
    pub(super) fn emit(&mut self, time: Ts, received: Ts, body: EventBody) {
        let key = (time, body.phase(), body.coin());
        let time = match self.last {
            Some(last) if key < last => last.0.plus(NS),
            _ => time,
        };
        self.last = Some((time, body.phase(), body.coin()));
        self.out.push_back(Event { time, received, body });
    }

    /// Emits a side-stream event of an instant before `gate`, holds one from `gate` on.
    pub(super) fn offer(&mut self, event: Event, gate: Option<Ts>, held_max: usize) -> Offered {
        let frontier = self.last.map_or(Ts::ZERO, |l| l.0);
        if event.time.plus(SLACK) < frontier {
            return Offered::Late;
        }
        let at = event.time.max(frontier.plus(NS));
        if gate.is_some_and(|gate| at < gate) {
            self.emit(event.time, event.received, event.body);
            return Offered::Emitted;
        }
        if self.held.len() >= held_max {
            return Offered::Full;
        }
        self.sequence += 1;
        self.held.insert((event.time, event.body.coin(), self.sequence), event);
        Offered::Held
    }

    /// Emits the held events of instants up to `time`.
    pub(super) fn release_through(&mut self, time: Ts) {
        while let Some(entry) = self.held.first_entry().filter(|e| e.key().0 <= time) {
            let event = entry.remove();
            self.emit(event.time, event.received, event.body);
        }
    }

    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        self.out.pop_front()
    }
}
