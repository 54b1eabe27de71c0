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
use zero_market::{Fill, OrderIntent, Purpose};

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

    /// Does an order of unknown fate exist on the coin?
    #[must_use]
    pub fn any_unknown(&self, coin: CoinId) -> bool {
        self.open.iter().any(|o| o.phase == OrderPhase::Unknown && o.intent.coin == coin)
    }
}
