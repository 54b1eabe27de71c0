//! What became of a shadow position.

use zero_core::{Px, Sz, Ts, Usd};
use zero_market::venue::OrderEnd;

/// What ended the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitCause {
    /// The protective stop.
    Stop,
    /// The take-profit.
    Target,
    /// The thesis was over.
    Horizon,
    /// A kill condition of the strategy.
    Kill,
    /// A trailing condition of the strategy.
    Trail,
    /// The strategy's signal was gone.
    Strategy,
    /// The grid had no price for its stop, and a position without one is not kept.
    Unprotected,
    /// The venue liquidated.
    Liquidation,
}

impl ExitCause {
    /// Its name in packets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Target => "target",
            Self::Horizon => "horizon",
            Self::Kill => "kill",
            Self::Trail => "trail",
            Self::Strategy => "strategy",
            Self::Unprotected => "unprotected",
            Self::Liquidation => "liquidation",
        }
    }
}

/// A shadow position from entry to exit. Amounts are exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closed {
    /// Time of the first entry fill.
    pub entered: Ts,
    /// Time of the last exit fill.
    pub left: Ts,
    /// Average entry price, half to even.
    pub entry_px: Px,
    /// Size that was filled.
    pub sz: Sz,
    /// Profit after fees and funding.
    pub net: Usd,
    /// Fees paid.
    pub fees: Usd,
    /// Funding paid, net of funding received.
    pub funding: Usd,
    /// What the planned stop put at risk at the entry's fill prices; `None` without a stop.
    pub risk: Option<Usd>,
    /// What ended it.
    pub cause: ExitCause,
}

impl Closed {
    /// Net profit as a multiple of the initial risk; `None` where there was no risk unit.
    #[must_use]
    pub fn r(&self) -> Option<f64> {
        let risk = self.risk.filter(|r| r.raw() > 0)?;
        Some(self.net.raw() as f64 / risk.raw() as f64)
    }
}

/// Why a candidate was not given a shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unjudged {
    /// Only counts were asked for.
    NotAsked,
    /// It had no size before modifiers.
    NoSize,
    /// Its size is beyond a shadow book's cash.
    TooLarge,
    /// The strategy cannot be built again, so its exits are not known.
    StrategyUnknown,
    /// More shadows were open than are kept at once.
    Full,
    /// Money arithmetic left its range.
    Failed,
}

impl Unjudged {
    /// Its name in packets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::NoSize => "no_size",
            Self::TooLarge => "too_large",
            Self::StrategyUnknown => "strategy_unknown",
            Self::Full => "full",
            Self::Failed => "failed",
        }
    }
}

/// What became of a candidate in its own shadow book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// The data ended before its exit: not resolved, and no zero.
    Unresolved,
    /// Entered and left.
    Closed(Closed),
    /// The venue gave it nothing.
    Unfilled(OrderEnd),
    /// It was not simulated.
    Unjudged(Unjudged),
}

impl Fate {
    /// Its name in packets.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Closed(_) => "closed",
            Self::Unfilled(_) => "unfilled",
            Self::Unjudged(_) => "unjudged",
        }
    }

    /// The closed position.
    #[must_use]
    pub const fn closed(&self) -> Option<&Closed> {
        match self {
            Self::Closed(c) => Some(c),
            _ => None,
        }
    }

    /// Net result in units of initial risk, where it is resolved and there was a risk unit.
    #[must_use]
    pub fn r(&self) -> Option<f64> {
        self.closed().and_then(Closed::r)
    }
}
