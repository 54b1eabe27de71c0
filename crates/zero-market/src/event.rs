//! Events: the only way anything reaches the kernel.
//!
//! A bar is two events, so that a fill at the next open is known at the open, live and in replay alike. Events at one
//! instant are ordered by [`EventBody::phase`]: closes, then funding prints (charged on the position held at the
//! stamp), then the decision timer, then opens.

use crate::order::Side;
use crate::venue::VenueEvent;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{AccountId, CoinId, Px, Rate, Sz, Ts, TsDiff, Usd, canon_enum, canon_struct, canon_tag};

canon_struct! {
    /// The first price of a bar.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BarOpen {
        /// Which perpetual.
        pub coin: CoinId,
        /// Open time.
        pub open_time: Ts,
        /// Length of the bar.
        pub interval: TsDiff,
        /// First trade price.
        pub open: Px,
    }
}

canon_struct! {
    /// A complete bar, visible from `open_time + interval` on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Bar {
        /// Which perpetual.
        pub coin: CoinId,
        /// Open time.
        pub open_time: Ts,
        /// Length of the bar.
        pub interval: TsDiff,
        /// First trade price.
        pub open: Px,
        /// Highest trade price.
        pub high: Px,
        /// Lowest trade price.
        pub low: Px,
        /// Last trade price.
        pub close: Px,
        /// Traded volume in coins.
        pub volume: Sz,
    }
}

impl Bar {
    /// The instant from which the bar may be seen.
    #[must_use]
    pub const fn close_time(&self) -> Ts {
        self.open_time.plus(self.interval)
    }

    /// Prices positive, `low <= open, close <= high`, volume not negative.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.low.raw() > 0
            && self.low <= self.open.min(self.close)
            && self.high >= self.open.max(self.close)
            && self.volume.raw() >= 0
    }
}

canon_struct! {
    /// An hourly funding print.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FundingPrint {
        /// Which perpetual.
        pub coin: CoinId,
        /// Rate per hour as a fraction; longs pay when positive.
        pub rate: Rate,
        /// The hour's average premium of the impact price over the oracle, as a fraction.
        pub premium: Rate,
    }
}

canon_struct! {
    /// A public trade.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Trade {
        /// Which perpetual.
        pub coin: CoinId,
        /// Price.
        pub px: Px,
        /// Size in coins, positive.
        pub sz: Sz,
        /// Side of the aggressor.
        pub aggressor: Side,
        /// The venue's trade id, unique with (time, coin).
        pub tid: u64,
    }
}

canon_struct! {
    /// One level of a book.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Level {
        /// Price.
        pub px: Px,
        /// Displayed size in coins.
        pub sz: Sz,
    }
}

canon_struct! {
    /// A snapshot of the visible book, best level first.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Book {
        /// Which perpetual.
        pub coin: CoinId,
        /// Bids, descending. At most twenty on this venue.
        pub bids: Vec<Level>,
        /// Asks, ascending.
        pub asks: Vec<Level>,
    }
}

canon_struct! {
    /// A single price with a meaning (mark, oracle, mid).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PxPrint {
        /// Which perpetual.
        pub coin: CoinId,
        /// Price.
        pub px: Px,
    }
}

canon_tag! {
    /// What a timer event asks for.
    pub enum TimerKind {
        /// All bars that close at this instant are in: strategies may decide.
        0 "bar_slice" BarSlice,
        /// Liveness only: freshness and breakers are re-judged, nothing may be entered.
        1 "heartbeat" Heartbeat,
    }
}

canon_tag! {
    /// What an operator (or an agent on their behalf) did.
    pub enum OperatorAction {
        /// Clears a latched breaker; `subject` is its name. Increases risk.
        0 "clear_latch" ClearLatch,
        /// Blocks new risk until resumed. Reduces risk.
        1 "pause_entries" PauseEntries,
        /// Allows entries again. Increases risk.
        2 "resume_entries" ResumeEntries,
        /// Closes every position of the account. Reduces risk.
        3 "flatten" Flatten,
        /// Latches the kill switch: no new risk, flatten. Reduces risk.
        4 "kill" Kill,
        /// Asks for a change of configuration; `subject` is its risk direction and the new hash.
        5 "config_changed" ConfigChanged,
        /// Reports the free disk budget in bytes; `subject` is the number.
        6 "disk_report" DiskReport,
        /// The operator is there; feeds the dead-man and inactivity breakers.
        7 "heartbeat" Heartbeat,
        /// Turns automatic entries off until they are turned on again; exits and stops go on. Reduces risk.
        8 "auto_off" AutoOff,
        /// Allows automatic entries again. Increases risk.
        9 "auto_on" AutoOn,
        /// Types the phrase of an increase that waits; `subject` is the phrase. Neutral.
        10 "confirm" Confirm,
        /// Takes a break; `subject` is its length in minutes. No increase is admitted before it is over. Reduces risk.
        11 "break" Break,
        /// Goes to rest: the next act ends it. Reduces risk.
        12 "rest" Rest,
        /// Is there and attends. Neutral.
        13 "focus" Focus,
        /// Opens a session; `subject` is its id, its end policy (`flatten` or `protected`), the id of its origin or `-`, and
        /// its label. Neutral.
        14 "session_start" SessionStart,
        /// Ends the session by its policy: entries are off from then on, and positions are closed, or left where a stop
        /// covers each of them. `subject` is its id. Reduces risk.
        15 "session_end" SessionEnd,
        /// Acted against a verdict; `subject` names it. Neutral by itself.
        16 "override" Override,
        /// Acted on a verdict; `subject` names it. Neutral.
        17 "follow" Follow,
        /// Has seen an alert; `subject` is its key. Neutral.
        18 "acknowledge" Acknowledge,
        /// A client reports a command that reaches the runtime in no other way; `subject` is its direction and its name.
        19 "command" Command,
        /// The program shows realised losses that were not shown before. Neutral.
        20 "loss_seen" LossSeen,
        /// Gives a session a label; `subject` is its id and the label. Neutral.
        21 "session_save" SessionSave,
        /// An order of the operator's own; `subject` is an [`OwnOrder`](crate::OwnOrder). Increases risk, unless it closes.
        22 "execute" Execute,
        /// The same, which is taken only if it reduces. Reduces risk.
        23 "reduce" Reduce,
        /// Closes what every book holds of one coin; `subject` is its symbol and its id, as [`close_of`] reads them. Reduces risk.
        24 "close" Close,
    }
}

/// The coin of an [`OperatorAction::Close`]: the second word of its subject, behind the symbol that is for people.
#[must_use]
pub fn close_of(subject: &str) -> Option<CoinId> {
    subject.split_whitespace().nth(1)?.parse().ok().map(CoinId)
}

/// The subject of an [`OperatorAction::Close`].
#[must_use]
pub fn close_subject(symbol: &str, coin: CoinId) -> String {
    alloc::format!("{symbol} {}", coin.0)
}

canon_struct! {
    /// An operator's recorded act.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OperatorEvent {
        /// What.
        pub action: OperatorAction,
        /// On what (a breaker's name, a configuration hash); empty when the action says it all.
        pub subject: String,
        /// Who, as authenticated at the rim.
        pub operator: String,
        /// The stated reason.
        pub reason: String,
        /// When they did, on the rim's wall clock. How fast a person acts is measured on it, because the market of a replay
        /// runs at any speed. [`Ts::ZERO`] where nobody read a clock: then the event's own time counts.
        pub at: Ts,
    }
}

canon_struct! {
    /// The venue's own account of an account, to be held against the ledger.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Reconciled {
        /// Which account.
        pub account: AccountId,
        /// Equity as the venue reports it.
        pub equity: Usd,
        /// Signed position per coin as the venue reports it; coins not listed are flat.
        pub positions: Vec<ReportedPosition>,
    }
}

canon_struct! {
    /// One reported position.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ReportedPosition {
        /// Which perpetual.
        pub coin: CoinId,
        /// Signed size, long positive.
        pub szi: Sz,
    }
}

canon_struct! {
    /// A hole in a feed that was explicitly allowed at import; it stays visible as this event. One of no length is a step to
    /// another market: what lies before it and behind it has nothing to do with each other.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Gap {
        /// Which perpetual.
        pub coin: CoinId,
        /// First missing instant.
        pub from: Ts,
        /// First instant that is there again.
        pub to: Ts,
    }
}

impl Gap {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        if self.from == self.to {
            "another market begins: nothing is measured across the step".into()
        } else {
            alloc::format!("no data from {} to {}", self.from, self.to)
        }
    }
}

canon_struct! {
    /// Money moved into (positive) or out of an account's book.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Transfer {
        /// Which account.
        pub account: AccountId,
        /// Which book of it.
        pub book: zero_core::BookId,
        /// Signed amount.
        pub amount: Usd,
    }
}

canon_enum! {
    /// What happened.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum EventBody {
        /// The first price of a bar.
        1 "bar_opened" BarOpened(BarOpen),
        /// A complete bar.
        2 "bar_closed" BarClosed(Bar),
        /// A funding print.
        3 "funding" Funding(FundingPrint),
        /// A public trade.
        4 "trade" Trade(Trade),
        /// A book snapshot.
        5 "book" Book(Box<Book>),
        /// The venue's mark price.
        6 "mark" Mark(PxPrint),
        /// The venue's oracle price.
        7 "oracle" Oracle(PxPrint),
        /// A timer fired.
        8 "timer" Timer(TimerKind),
        /// An operator acted.
        9 "operator" Operator(Box<OperatorEvent>),
        /// The venue answered or acted.
        10 "venue" Venue(VenueEvent),
        /// The venue's account state, to reconcile.
        11 "reconciled" Reconciled(Box<Reconciled>),
        /// An allowed hole in a feed.
        12 "gap" Gap(Gap),
        /// Money moved in or out.
        13 "transfer" Transfer(Box<Transfer>),
    }
}

impl EventBody {
    /// The coin it is about, if it is about one.
    #[must_use]
    #[inline]
    pub fn coin(&self) -> Option<CoinId> {
        match self {
            Self::BarOpened(b) => Some(b.coin),
            Self::BarClosed(b) => Some(b.coin),
            Self::Funding(f) => Some(f.coin),
            Self::Trade(t) => Some(t.coin),
            Self::Book(b) => Some(b.coin),
            Self::Mark(p) | Self::Oracle(p) => Some(p.coin),
            Self::Gap(g) => Some(g.coin),
            Self::Venue(v) => v.coin(),
            _ => None,
        }
    }

    /// Order among events of one instant. Sources emit in (time, phase, coin).
    #[must_use]
    #[inline]
    pub const fn phase(&self) -> u8 {
        match self {
            Self::Gap(_) => 0,
            Self::BarClosed(_) => 1,
            Self::Funding(_) => 2,
            Self::Oracle(_) | Self::Mark(_) | Self::Book(_) | Self::Trade(_) => 3,
            Self::Reconciled(_) | Self::Transfer(_) | Self::Operator(_) | Self::Venue(_) => 4,
            Self::Timer(_) => 5,
            Self::BarOpened(_) => 6,
        }
    }
}

canon_struct! {
    /// An event with its times.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Event {
        /// When it happened, by its source.
        pub time: Ts,
        /// When the rim received it. Never part of a digest or an id.
        pub received: Ts,
        /// What happened.
        pub body: EventBody,
    }
}

impl Event {
    /// An event received when it happened, as in a replay.
    #[must_use]
    pub const fn at(time: Ts, body: EventBody) -> Self {
        Self { time, received: time, body }
    }

    /// The identity of a market event, from which decision and order ids derive.
    #[must_use]
    #[inline]
    pub fn key(&self) -> MarketKey {
        MarketKey { time: self.time, phase: self.body.phase(), coin: self.body.coin() }
    }
}

/// What identifies a market event on any run over the same market: event time, kind and coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarketKey {
    /// Event time.
    pub time: Ts,
    /// Its order among events of that instant.
    pub phase: u8,
    /// The coin, if any.
    pub coin: Option<CoinId>,
}
