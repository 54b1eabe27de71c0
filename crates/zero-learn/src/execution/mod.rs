//! Execution quality: what each order cost against the price at its decision, split so that the parts sum to the whole.

mod markout;
mod recorder;
mod shortfall;

pub use markout::{HORIZONS, Markout, markouts};
pub use recorder::{EXECUTIONS_MAX, Recorder};
pub use shortfall::{PARTS, Shortfall};

use zero_core::{BookId, CoinId, OrderId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_market::venue::OrderEnd;
use zero_market::{Liquidity, Purpose, Side};

/// A fill with the market's price at its instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FillSeen {
    /// Event time.
    pub time: Ts,
    /// Price.
    pub px: Px,
    /// Size.
    pub sz: Sz,
    /// Value.
    pub notional: Usd,
    /// Fee paid.
    pub fee: Usd,
    /// Maker or taker.
    pub liquidity: Liquidity,
    /// The market's own price then: the open that a market order met, the price that a trigger fired at.
    pub mid: Px,
    /// Open time of its bar.
    pub bar: Ts,
    /// Length of its bar.
    pub interval: TsDiff,
    /// Closes at the [`HORIZONS`]; `None` where the data have none.
    pub closes: [Option<Px>; HORIZONS.len()],
}

/// An order from decision to end.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// The order.
    pub order: OrderId,
    /// Book.
    pub book: BookId,
    /// Coin.
    pub coin: CoinId,
    /// Why it existed.
    pub purpose: Purpose,
    /// Side.
    pub side: Side,
    /// Intended size.
    pub sz: Sz,
    /// Event time of the decision.
    pub decided_at: Ts,
    /// Price at the decision; of a trigger, the price that it was to fire at.
    pub decision_px: Px,
    /// First price of the market after the decision; of a trigger, the price that it was to fire at.
    pub arrival_px: Option<Px>,
    /// Half of the spread that was in force, as a fraction of price.
    pub half_spread: Rate,
    /// Fills, oldest first.
    pub fills: Vec<FillSeen>,
    /// Why the venue ended it before it was full.
    pub end: Option<OrderEnd>,
    /// Price at which what was not filled is valued.
    pub end_px: Option<Px>,
    /// Funding paid on the position that it opened.
    pub funding: Usd,
    /// It rests until a price is touched.
    pub is_trigger: bool,
}

impl Execution {
    /// Size that was filled.
    #[must_use]
    pub fn filled(&self) -> Sz {
        Sz::from_raw(self.fills.iter().fold(0i64, |sum, f| sum.saturating_add(f.sz.raw())))
    }

    /// Nothing more can happen to it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.end.is_some() || self.filled() >= self.sz
    }

    /// A protective order that was never touched: it cost nothing and says nothing.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.is_trigger && self.fills.is_empty()
    }

    /// The venue refused it.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.end.is_some_and(OrderEnd::is_rejection)
    }

    /// Over, and filled in part.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.end.is_some() && self.filled().raw() > 0 && self.filled() < self.sz
    }
}

/// All orders of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Executions {
    /// Oldest first.
    pub list: Vec<Execution>,
    /// Fills of orders that were not intended here: liquidations.
    pub foreign_fills: u64,
    /// Orders beyond [`EXECUTIONS_MAX`].
    pub left_out: u64,
    /// Time of the first and the last order.
    pub span: Option<(Ts, Ts)>,
}

impl Executions {
    /// Orders that were meant to trade and are over.
    pub fn judged(&self) -> impl Iterator<Item = &Execution> {
        self.list.iter().filter(|e| e.is_over() && !e.is_idle())
    }
}
