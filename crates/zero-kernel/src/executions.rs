//! The operator's own orders by their keys: what a second request with the same key is answered with, in this process and
//! in every later one.

use alloc::vec::Vec;
use zero_core::{Digest32, OrderId, Ts, TsDiff, canon_struct, canon_tag};
use zero_market::venue::OrderEnd;

/// Most keys that are kept.
pub const KEPT: usize = 4_096;
/// How long a key is kept, on the operator's clock.
pub const RETAINED: TsDiff = TsDiff::DAY;

canon_tag! {
    /// How an order of the operator's own was judged.
    pub enum Judged {
        /// It went to the venue.
        0 "taken" Taken,
        /// Gates of admission did not pass.
        1 "gates" Gates,
        /// It may only reduce, and would not have.
        2 "not_a_reduction" NotAReduction,
        /// Its size or price is not on the venue's grid.
        3 "off_grid" OffGrid,
        /// It may only reduce, and would close of its own book what holds the account's position down.
        4 "enlarges_account" EnlargesAccount,
        /// Its value at the present price is more than money here can say, so that no gate can measure it.
        5 "too_large" TooLarge,
        /// It would open or enlarge what an operator is closing.
        6 "closing" Closing,
    }
}

canon_struct! {
    /// What became of an order of the operator's own.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Executed {
        /// Its key.
        pub key: Digest32,
        /// What was asked for under it.
        pub body: Digest32,
        /// When, on the operator's clock.
        pub at: Ts,
        /// The order.
        pub order: OrderId,
        /// How it was judged.
        pub judged: Judged,
        /// Bit per gate that did not pass, in the order of the run's gates.
        pub gates: u64,
        /// Bit per breaker that was open to it.
        pub breakers: u32,
        /// The venue refused it at once, for this reason.
        pub refused: Option<OrderEnd>,
    }
}

impl Executed {
    /// Did the venue take it?
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        matches!(self.judged, Judged::Taken) && self.refused.is_none()
    }
}

canon_struct! {
    /// The latest of them, oldest first.
    #[derive(Clone, Debug, PartialEq, Eq, Default)]
    pub struct Executions {
        /// At most [`KEPT`], none older than [`RETAINED`] when the latest came.
        pub latest: Vec<Executed>,
    }
}

impl Executions {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { latest: Vec::new() }
    }

    /// What became of the order under a key.
    #[must_use]
    pub fn find(&self, key: Digest32) -> Option<&Executed> {
        self.latest.iter().rev().find(|x| x.key == key)
    }

    /// May another key be used at `now` without forgetting one that is to be kept?
    #[must_use]
    pub fn has_room(&self, now: Ts) -> bool {
        self.latest.len() < KEPT || self.latest.first().is_some_and(|x| is_over(x, now))
    }

    pub(crate) fn push(&mut self, executed: Executed, now: Ts) {
        let over = self.latest.iter().take_while(|x| is_over(x, now)).count();
        // Only a reduction comes here without room: it is never refused, so the oldest key gives way.
        let surplus = (self.latest.len() + 1).saturating_sub(KEPT);
        self.latest.drain(..over.max(surplus));
        self.latest.push(executed);
    }

    pub(crate) fn rejected(&mut self, order: OrderId, why: OrderEnd) {
        if let Some(x) = self.latest.iter_mut().rev().find(|x| x.order == order) {
            x.refused = Some(why);
        }
    }
}

fn is_over(x: &Executed, now: Ts) -> bool {
    now.since(x.at) >= RETAINED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(n: u64, at: Ts) -> Executed {
        let key = Digest32::of(&n.to_le_bytes());
        let order = OrderId::from_digest(key);
        Executed { key, body: key, at, order, judged: Judged::Taken, gates: 0, breakers: 0, refused: None }
    }

    #[test]
    fn a_key_is_kept_a_day_and_the_table_never_grows_beyond_its_bound() {
        let mut t = Executions::new();
        let start = Ts::from_ns(1);
        for n in 0..KEPT as u64 {
            assert!(t.has_room(start));
            t.push(one(n, start), start);
        }
        let late = start.plus(RETAINED).minus(TsDiff::ns(1));
        assert!(!t.has_room(late), "a key of less than a day would be forgotten");
        t.push(one(9_999, late), late);
        assert_eq!(t.latest.len(), KEPT);
        assert!(t.find(one(0, start).key).is_none() && t.find(one(1, start).key).is_some());
        let over = start.plus(RETAINED);
        assert!(t.has_room(over));
        t.push(one(10_000, over), over);
        assert_eq!(t.latest.len(), 2, "what is a day old is gone");
    }
}
