//! Orders as the kernel intends them.

use zero_core::{AccountId, BookId, CoinId, OrderId, Px, Sz, Ts, canon_enum, canon_struct, canon_tag};

canon_tag! {
    /// Buy or sell.
    pub enum Side {
        /// Adds to a long or reduces a short.
        0 "buy" Buy,
        /// Adds to a short or reduces a long.
        1 "sell" Sell,
    }
}

impl Side {
    /// +1 for a buy, -1 for a sell.
    #[must_use]
    #[inline]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// The other side.
    #[must_use]
    #[inline]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// The side that moves a signed size from `szi` towards zero; `None` when flat.
    #[must_use]
    pub const fn reducing(szi: Sz) -> Option<Self> {
        match szi.signum() {
            1 => Some(Self::Sell),
            -1 => Some(Self::Buy),
            _ => None,
        }
    }

    /// `sz` with this side's sign.
    #[must_use]
    #[inline]
    pub const fn signed(self, sz: Sz) -> Sz {
        match self {
            Self::Buy => sz,
            Self::Sell => sz.negated(),
        }
    }
}

canon_tag! {
    /// Time in force.
    pub enum Tif {
        /// Rests until filled or cancelled.
        0 "gtc" Gtc,
        /// Fills what it can at once, the rest is cancelled.
        1 "ioc" Ioc,
        /// Post only: rejected when it would take.
        2 "alo" Alo,
    }
}

canon_struct! {
    /// A limit order's terms.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LimitTerms {
        /// Worst acceptable price.
        pub px: Px,
        /// Time in force.
        pub tif: Tif,
    }
}

canon_struct! {
    /// A resting trigger's terms. Triggers are reduce-only and become market orders when touched.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct TriggerTerms {
        /// Price that fires it.
        pub px: Px,
        /// True for a stop (fires on an adverse move), false for a take-profit.
        pub is_stop: bool,
    }
}

canon_struct! {
    /// A market order's terms. The venue has no native market order: it is an immediate-or-cancel limit.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MarketTerms {
        /// Price it must not be worse than; `None` for none (reductions).
        pub worst_px: Option<Px>,
    }
}

canon_enum! {
    /// How an order executes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum OrderKind {
        /// At the next available price.
        0 "market" Market(MarketTerms),
        /// At a price or better.
        1 "limit" Limit(LimitTerms),
        /// When a price is touched.
        2 "trigger" Trigger(TriggerTerms),
    }
}

canon_tag! {
    /// Why the order exists. Side and reduce-only follow from it, they are never chosen apart from it.
    pub enum Purpose {
        /// Opens or enlarges a book's position.
        0 "entry" Entry,
        /// Reduces or closes a book's position.
        1 "exit" Exit,
        /// The resting protective stop of a position.
        2 "stop" Stop,
        /// The resting take-profit of a position.
        3 "target" Target,
        /// An operator's flatten or a breaker's.
        4 "emergency" Emergency,
    }
}

canon_struct! {
    /// An order that the kernel has admitted.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OrderIntent {
        /// Content-derived identity.
        pub id: OrderId,
        /// Account it trades on.
        pub account: AccountId,
        /// Book it is attributed to.
        pub book: BookId,
        /// Which perpetual.
        pub coin: CoinId,
        /// Buy or sell.
        pub side: Side,
        /// Size in coins, positive, on the venue's lot grid.
        pub sz: Sz,
        /// How it executes.
        pub kind: OrderKind,
        /// May only shrink the book's own position.
        pub reduce_only: bool,
        /// Why it exists.
        pub purpose: Purpose,
        /// Event time of the decision.
        pub decided_at: Ts,
        /// Last price seen when deciding: the arrival price of implementation shortfall.
        pub reference_px: Px,
    }
}

canon_enum! {
    /// What the kernel tells a venue to do.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Command {
        /// Place an order.
        0 "submit" Submit(OrderIntent),
        /// Cancel one that rests.
        1 "cancel" Cancel(CancelIntent),
    }
}

canon_struct! {
    /// A cancellation.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CancelIntent {
        /// Account of the order.
        pub account: AccountId,
        /// The order.
        pub id: OrderId,
        /// Its perpetual.
        pub coin: CoinId,
        /// Event time of the decision.
        pub decided_at: Ts,
    }
}
