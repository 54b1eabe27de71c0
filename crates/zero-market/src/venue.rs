//! What a venue says back: acknowledgements, fills, funding, liquidations. The same for paper and live.

use crate::order::Side;
use zero_core::{
    AccountId, BookId, CoinId, OrderId, Px, Rate, Sz, Ts, Usd, canon_enum, canon_struct, canon_tag,
};

canon_tag! {
    /// Who provided the liquidity of a fill.
    pub enum Liquidity {
        /// We took it.
        0 "taker" Taker,
        /// We rested.
        1 "maker" Maker,
    }
}

canon_tag! {
    /// What made a fill happen.
    pub enum FillCause {
        /// The order itself.
        0 "order" Order,
        /// A stop was touched.
        1 "stop" Stop,
        /// A take-profit was touched.
        2 "target" Target,
        /// The venue liquidated.
        3 "liquidation" Liquidation,
    }
}

canon_tag! {
    /// Why a venue refused or ended an order without (further) fills. Open on the wire, closed here; an unknown
    /// word from a live venue maps to `Unknown`, which is never success.
    pub enum OrderEnd {
        /// Price not on the venue's tick grid.
        0 "tick_rejected" TickRejected,
        /// Size not on the lot grid, zero or negative.
        1 "size_rejected" SizeRejected,
        /// Below the venue's minimum notional.
        2 "min_notional_rejected" MinNotionalRejected,
        /// Not enough margin.
        3 "margin_rejected" MarginRejected,
        /// Reduce-only, but it would not reduce.
        4 "reduce_only_rejected" ReduceOnlyRejected,
        /// Post-only, but it would have taken.
        5 "post_only_rejected" PostOnlyRejected,
        /// Immediate-or-cancel with nothing (left) to match.
        6 "ioc_cancelled" IocCancelled,
        /// Cancelled on request.
        7 "cancelled" Cancelled,
        /// The position it protected is gone.
        8 "reduce_only_cancelled" ReduceOnlyCancelled,
        /// The account was liquidated.
        9 "liquidated_cancelled" LiquidatedCancelled,
        /// A trigger on the wrong side of the market.
        10 "bad_trigger_rejected" BadTriggerRejected,
        /// The instrument is not known to the venue.
        11 "unknown_instrument" UnknownInstrument,
        /// Too many open orders.
        12 "too_many_open_orders" TooManyOpenOrders,
        /// The same client order id was seen before.
        13 "duplicate_rejected" DuplicateRejected,
        /// The venue said something we do not know.
        14 "unknown" Unknown,
    }
}

impl OrderEnd {
    /// Did the venue refuse an order that should have been valid? Ends that follow from a fill, a cancel or a
    /// liquidation are not rejections.
    #[must_use]
    pub const fn is_rejection(self) -> bool {
        !matches!(
            self,
            Self::IocCancelled | Self::Cancelled | Self::ReduceOnlyCancelled | Self::LiquidatedCancelled
        )
    }
}

canon_struct! {
    /// The venue took the order; it rests or waits for its next price.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OrderAccepted {
        /// Which order.
        pub order: OrderId,
        /// On which account.
        pub account: AccountId,
        /// Which perpetual.
        pub coin: CoinId,
    }
}

canon_struct! {
    /// The order is over without being (fully) filled.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OrderEnded {
        /// Which order.
        pub order: OrderId,
        /// On which account.
        pub account: AccountId,
        /// Which perpetual.
        pub coin: CoinId,
        /// Why.
        pub why: OrderEnd,
        /// Size that was never filled.
        pub unfilled: Sz,
    }
}

canon_struct! {
    /// A trade of ours.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Fill {
        /// Unique with (time, coin): the ledger books each once.
        pub tid: u64,
        /// Which order; a liquidation carries a derived id.
        pub order: OrderId,
        /// On which account.
        pub account: AccountId,
        /// Attributed to which book.
        pub book: BookId,
        /// Which perpetual.
        pub coin: CoinId,
        /// Buy or sell.
        pub side: Side,
        /// Price.
        pub px: Px,
        /// Size in coins, positive.
        pub sz: Sz,
        /// `px * sz`, rounded once, here.
        pub notional: Usd,
        /// Fee paid; negative is a rebate.
        pub fee: Usd,
        /// Maker or taker.
        pub liquidity: Liquidity,
        /// What made it happen.
        pub cause: FillCause,
        /// Event time at the venue; an intrabar stop is stamped inside its bar.
        pub time: Ts,
        /// Size of the order that is still open.
        pub remaining: Sz,
    }
}

canon_struct! {
    /// Funding paid or received on a book's position at a stamp.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FundingPayment {
        /// On which account.
        pub account: AccountId,
        /// Attributed to which book.
        pub book: BookId,
        /// Which perpetual.
        pub coin: CoinId,
        /// Signed position at the stamp.
        pub szi: Sz,
        /// Oracle price used; on panels without one, the declared proxy `last close / (1 + premium)`.
        pub oracle_px: Px,
        /// Rate per hour.
        pub rate: Rate,
        /// Signed amount that the account received (negative: paid).
        pub amount: Usd,
        /// The stamp, rounded to its hour.
        pub time: Ts,
    }
}

canon_struct! {
    /// The venue's backstop took an account (or an isolated book) over: what was left, positive or negative, is gone.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Backstop {
        /// On which account.
        pub account: AccountId,
        /// Attributed to which book.
        pub book: BookId,
        /// Signed amount that brings the cash to zero: negative when margin was forfeited, positive when the venue
        /// absorbed a loss.
        pub amount: Usd,
    }
}

canon_enum! {
    /// Anything a venue reports.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum VenueEvent {
        /// Order taken.
        1 "accepted" Accepted(OrderAccepted),
        /// Order over.
        2 "ended" Ended(OrderEnded),
        /// A trade.
        3 "fill" Fill(Fill),
        /// Funding.
        4 "funding_payment" Funding(FundingPayment),
        /// Backstop liquidation.
        5 "backstop" Backstop(Backstop),
    }
}

impl VenueEvent {
    /// The coin it is about, if one.
    #[must_use]
    pub const fn coin(&self) -> Option<CoinId> {
        match self {
            Self::Accepted(a) => Some(a.coin),
            Self::Ended(e) => Some(e.coin),
            Self::Fill(f) => Some(f.coin),
            Self::Funding(p) => Some(p.coin),
            Self::Backstop(_) => None,
        }
    }
}
