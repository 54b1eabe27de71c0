//! The order state machine, the same for paper and live.
//!
//! ```text
//!            accepted      fill, some left     fill, nothing left
//! Reserved     Acked          Partial               gone
//! Acked        Acked          Partial               gone
//! Partial      Partial        Partial               gone
//! Unknown      Acked          Partial               gone
//! ```
//! From everywhere: an end the venue names removes the order, an answer that nobody understands makes it Unknown.
//! A terminal order leaves the table; what it did stays in the journal. A fill of an order that is not in the table
//! (late, after a cancel) changes no order; the ledger books it all the same.

use alloc::vec::Vec;
use zero_core::{BookId, CoinId, OrderId, Sz, canon_struct, canon_tag};
use zero_market::order::MarketTerms;
use zero_market::{Fill, OrderIntent, OrderKind, Purpose, Side};

canon_tag! {
    /// Where an order stands.
    pub enum OrderPhase {
        /// Admitted, capacity reserved, not yet answered.
        0 "reserved" Reserved,
        /// The venue has it.
        1 "acked" Acked,
        /// Some of it is filled.
        2 "partial" Partial,
        /// No answer came; it must be resolved by query before anything else increases risk on its coin.
        3 "unknown" Unknown,
    }
}

canon_struct! {
    /// An order that may still fill.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OpenOrder {
        /// What was intended.
        pub intent: OrderIntent,
        /// Where it stands.
        pub phase: OrderPhase,
        /// Size confirmed as filled.
        pub filled: Sz,
    }
}

impl OpenOrder {
    /// Size that may still fill.
    #[must_use]
    pub const fn open_sz(&self) -> Sz {
        Sz::from_raw(self.intent.sz.raw() - self.filled.raw())
    }
}

canon_struct! {
    /// All open orders, in order of submission.
    #[derive(Clone, Debug, PartialEq, Eq, Default)]
    pub struct Orders {
        /// Open, oldest first.
        pub open: Vec<OpenOrder>,
    }
}

impl Orders {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { open: Vec::new() }
    }

    /// All of them.
    #[must_use]
    pub fn open(&self) -> &[OpenOrder] {
        &self.open
    }

    /// Reserves an admitted order.
    pub fn reserve(&mut self, intent: OrderIntent) {
        self.open.push(OpenOrder { intent, phase: OrderPhase::Reserved, filled: Sz::ZERO });
    }

    /// One by id.
    #[must_use]
    pub fn get(&self, id: OrderId) -> Option<&OpenOrder> {
        self.open.iter().find(|o| o.intent.id == id)
    }

    /// The venue took it.
    pub fn ack(&mut self, id: OrderId) {
        if let Some(o) = self.open.iter_mut().find(|o| o.intent.id == id)
            && matches!(o.phase, OrderPhase::Reserved | OrderPhase::Unknown)
        {
            o.phase = OrderPhase::Acked;
        }
    }

    /// A confirmed fill; the order is gone when nothing remains. Returns the order's purpose if it is known.
    pub fn fill(&mut self, f: &Fill) -> Option<Purpose> {
        let at = self.open.iter().position(|o| o.intent.id == f.order)?;
        let o = self.open.get_mut(at)?;
        let purpose = o.intent.purpose;
        o.filled = Sz::from_raw(o.filled.raw().saturating_add(f.sz.raw()).min(o.intent.sz.raw()));
        if f.remaining.raw() <= 0 {
            self.open.remove(at);
        } else {
            o.phase = OrderPhase::Partial;
        }
        Some(purpose)
    }

    /// The venue's answer was not understood: the order may live or not.
    pub fn lost(&mut self, id: OrderId) {
        if let Some(o) = self.open.iter_mut().find(|o| o.intent.id == id) {
            o.phase = OrderPhase::Unknown;
        }
    }

    /// The order is over.
    pub fn end(&mut self, id: OrderId) -> Option<OpenOrder> {
        let at = self.open.iter().position(|o| o.intent.id == id)?;
        Some(self.open.remove(at))
    }

    /// Orders of a book on a coin.
    pub fn of(&self, book: BookId, coin: CoinId) -> impl Iterator<Item = &OpenOrder> {
        self.open.iter().filter(move |o| o.intent.book == book && o.intent.coin == coin)
    }

    /// Does an entry of the book on the coin still have a chance to fill?
    #[must_use]
    pub fn is_entering(&self, book: BookId, coin: CoinId) -> bool {
        self.of(book, coin).any(|o| o.intent.purpose == Purpose::Entry)
    }

    /// Is an order under way that closes the book's position? One of unknown fate does not count: a second reduce-only
    /// order does no harm, a position that nobody closes does.
    #[must_use]
    pub fn is_leaving(&self, book: BookId, coin: CoinId) -> bool {
        self.of(book, coin).any(|o| {
            matches!(o.intent.purpose, Purpose::Exit | Purpose::Emergency) && o.phase != OrderPhase::Unknown
        })
    }

    /// Is an order under way that closes the book's whole position at any price? A smaller or a limited one may leave it open.
    #[must_use]
    pub fn is_closing(&self, book: BookId, coin: CoinId, szi: Sz) -> bool {
        self.of(book, coin).any(|o| {
            matches!(o.intent.purpose, Purpose::Exit | Purpose::Emergency)
                && o.phase != OrderPhase::Unknown
                && matches!(o.intent.kind, OrderKind::Market(MarketTerms { worst_px: None }))
                && Side::reducing(szi) == Some(o.intent.side)
                && o.open_sz() >= szi.abs()
        })
    }

    /// Does an order of unknown fate exist on the coin?
    #[must_use]
    pub fn any_unknown(&self, coin: CoinId) -> bool {
        self.open.iter().any(|o| o.phase == OrderPhase::Unknown && o.intent.coin == coin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderPhase::{Acked, Partial, Reserved, Unknown};
    use zero_core::{AccountId, Px, Ts, Usd};
    use zero_market::{FillCause, Liquidity, OrderKind, Side};

    fn intent(n: u8) -> OrderIntent {
        OrderIntent {
            id: OrderId([n; 16]),
            account: AccountId(0),
            book: BookId(0),
            coin: CoinId(0),
            side: Side::Buy,
            sz: Sz::whole(4),
            kind: OrderKind::Market(MarketTerms { worst_px: None }),
            reduce_only: false,
            purpose: Purpose::Entry,
            decided_at: Ts::ZERO,
            reference_px: Px::ONE,
        }
    }

    fn fill(n: u8, sz: i32, remaining: i32) -> Fill {
        Fill {
            tid: 1,
            order: OrderId([n; 16]),
            account: AccountId(0),
            book: BookId(0),
            coin: CoinId(0),
            side: Side::Buy,
            px: Px::ONE,
            sz: Sz::whole(sz),
            notional: Usd::ONE,
            fee: Usd::ZERO,
            liquidity: Liquidity::Taker,
            cause: FillCause::Order,
            time: Ts::ZERO,
            remaining: Sz::whole(remaining),
        }
    }

    fn at(phase: OrderPhase) -> Orders {
        let mut t = Orders::new();
        t.reserve(intent(1));
        match phase {
            Reserved => {}
            Acked => t.ack(OrderId([1; 16])),
            Partial => assert!(t.fill(&fill(1, 1, 3)).is_some()),
            Unknown => t.lost(OrderId([1; 16])),
        }
        t
    }

    fn phase(t: &Orders) -> Option<OrderPhase> {
        t.get(OrderId([1; 16])).map(|o| o.phase)
    }

    /// F7: every state, every answer.
    #[test]
    fn the_table_of_states_holds() {
        type Act = fn(&mut Orders);
        let accepted: Act = |t| t.ack(OrderId([1; 16]));
        let some: Act = |t| assert!(t.fill(&fill(1, 1, 2)).is_some());
        let all: Act = |t| assert!(t.fill(&fill(1, 4, 0)).is_some());
        let ended: Act = |t| assert!(t.end(OrderId([1; 16])).is_some());
        let lost: Act = |t| t.lost(OrderId([1; 16]));
        let table: [(OrderPhase, Act, Option<OrderPhase>); 20] = [
            (Reserved, accepted, Some(Acked)),
            (Reserved, some, Some(Partial)),
            (Reserved, all, None),
            (Reserved, ended, None),
            (Reserved, lost, Some(Unknown)),
            (Acked, accepted, Some(Acked)),
            (Acked, some, Some(Partial)),
            (Acked, all, None),
            (Acked, ended, None),
            (Acked, lost, Some(Unknown)),
            (Partial, accepted, Some(Partial)),
            (Partial, some, Some(Partial)),
            (Partial, all, None),
            (Partial, ended, None),
            (Partial, lost, Some(Unknown)),
            (Unknown, accepted, Some(Acked)),
            (Unknown, some, Some(Partial)),
            (Unknown, all, None),
            (Unknown, ended, None),
            (Unknown, lost, Some(Unknown)),
        ];
        for (i, (from, act, to)) in table.into_iter().enumerate() {
            let mut t = at(from);
            act(&mut t);
            assert_eq!(phase(&t), to, "row {i}");
        }
    }

    #[test]
    fn an_answer_for_an_order_that_is_gone_changes_none() {
        let mut t = at(Acked);
        t.reserve(intent(2));
        t.end(OrderId([1; 16]));
        let before = t.clone();
        t.ack(OrderId([1; 16]));
        t.lost(OrderId([1; 16]));
        assert_eq!(t.fill(&fill(1, 4, 0)), None);
        assert_eq!(t.end(OrderId([1; 16])), None);
        assert_eq!(t, before);
    }

    #[test]
    fn what_may_still_fill_is_never_negative_and_never_grows() {
        let mut t = at(Reserved);
        let mut last = 4;
        for (sz, left) in [(1, 3), (1, 2), (9, 1)] {
            t.fill(&fill(1, sz, left));
            let open = t.get(OrderId([1; 16])).map_or(0, |o| o.open_sz().raw() / Sz::ONE_RAW);
            assert!((0..=last).contains(&open));
            last = open;
        }
    }
}
