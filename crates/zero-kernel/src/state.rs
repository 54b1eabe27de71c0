//! The durable state: everything that recovery must bring back, and nothing else. Features are not here: they are a
//! cache over market records.

use crate::breaker::BreakerState;
use crate::config::KernelConfig;
use crate::executions::Executions;
use crate::exposure::worst_gross;
use crate::fills::Booked;
use crate::ledger::Ledger;
use crate::orders::Orders;
use crate::record::EntryPlan;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use zero_core::{
    AccountId, BookId, CoinId, Digest32, MissingReason, Observation, Overflow, Px, Rate, Ts, TsDiff, Usd,
};
use zero_core::{canon_struct, canon_tag};
use zero_market::{Purpose, Side};
use zero_operator::Conduct;

/// Why the kernel stops instead of going on with a wrong state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Money arithmetic left its range.
    Overflow,
    /// An event names a coin, book or account outside the run.
    Unknown(&'static str),
    /// Market time ran backwards.
    TimeReversed {
        /// Time of the state.
        now: Ts,
        /// Time of the event.
        event: Ts,
    },
    /// A fact contradicts the folded state.
    Contradiction(&'static str),
    /// The configuration cannot work.
    Config(String),
}

impl Fault {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Overflow => "ZERO-KRN-001",
            Self::Unknown(_) => "ZERO-KRN-002",
            Self::TimeReversed { .. } => "ZERO-KRN-003",
            Self::Contradiction(_) => "ZERO-KRN-004",
            Self::Config(_) => "ZERO-KRN-005",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Overflow => {
                "a price, size or balance is far outside any market; check the event that came last"
            }
            Self::Unknown(_) => {
                "the source feeds another universe or another account than the run was set up for"
            }
            Self::TimeReversed { .. } => {
                "sort the source by (time, phase, coin); a kernel cannot take time back"
            }
            Self::Contradiction(_) => "keep the journal as it is and report the last event with it",
            Self::Config(_) => "change the limits that the message names, or the strategy's size",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overflow => f.write_str("money arithmetic left the 64-bit range"),
            Self::Unknown(what) => write!(f, "an event names an unknown {what}"),
            Self::TimeReversed { now, event } => {
                write!(f, "market time ran backwards, from {now} to {event}")
            }
            Self::Contradiction(what) => write!(f, "a fact contradicts the state: {what}"),
            Self::Config(what) => write!(f, "the configuration cannot work: {what}"),
        }
    }
}

impl core::error::Error for Fault {}

impl From<Overflow> for Fault {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

canon_struct! {
    /// What is last known of a coin.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CoinState {
        /// Price positions are marked at.
        pub mark: Option<Px>,
        /// Last complete close.
        pub close: Option<Px>,
        /// When that bar closed.
        pub close_time: Ts,
        /// Last funding rate.
        pub funding: Option<Rate>,
        /// When it was printed.
        pub funding_time: Ts,
        /// Length of the coin's bars.
        pub interval: TsDiff,
    }
}

impl CoinState {
    const NEW: Self = Self {
        mark: None,
        close: None,
        close_time: Ts::ZERO,
        funding: None,
        funding_time: Ts::ZERO,
        interval: TsDiff::HOUR,
    };

    /// The last close as an observation.
    #[must_use]
    pub fn close_obs(&self) -> Observation<Px> {
        observe(self.close, self.close_time)
    }

    /// The last funding rate as an observation.
    #[must_use]
    pub fn funding_obs(&self) -> Observation<Rate> {
        observe(self.funding, self.funding_time)
    }
}

fn observe<T>(value: Option<T>, time: Ts) -> Observation<T> {
    match value {
        Some(value) => Observation::At { value, time },
        None => Observation::Missing(MissingReason::NeverSeen),
    }
}

canon_struct! {
    /// An exit that a cooldown counts from.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LastExit {
        /// When.
        pub time: Ts,
        /// Side of the position that was left: buy for a long.
        pub side: Side,
    }
}

canon_struct! {
    /// A book's thesis on a coin.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BookCoin {
        /// Barriers of the open position.
        pub plan: Option<EntryPlan>,
        /// Barriers of the last admitted entry: they become the plan with its first fill, however late, and not before,
        /// so that an entry that never fills changes nothing about the position that is there.
        pub pending: Option<EntryPlan>,
        /// The last time a position was closed.
        pub last_exit: Option<LastExit>,
        /// Best price of the open position: its first fill's, then the highest close since for a long, the lowest for a short.
        /// Closes only: a bar's extreme may be older than a fill inside the bar.
        pub best: Option<Px>,
        /// When an emergency close of it was last ordered. Another at the same instant would be the same order by its id.
        pub emergency: Ts,
    }
}

impl BookCoin {
    const NEW: Self = Self { plan: None, pending: None, last_exit: None, best: None, emergency: Ts::ZERO };
}

canon_struct! {
    /// A sample of an account's equity and fees, for rolling windows.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct EquitySample {
        /// When.
        pub time: Ts,
        /// Equity, adjusted for transfers since.
        pub equity: Usd,
        /// Fees paid so far.
        pub fees: Usd,
    }
}

canon_struct! {
    /// An account's measures.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct AccountState {
        /// Which.
        pub account: AccountId,
        /// Equity at the last timer, transfers since included; `None` when a held coin has no mark.
        pub equity: Option<Usd>,
        /// Highest equity, adjusted for transfers.
        pub peak: Usd,
        /// Gross notional at the last timer: per coin the larger of what the books could be long and short together
        /// when every open entry fills and any exits do, summed over coins. Admission's own measure.
        pub gross: Usd,
        /// Samples of the last 24 hours, at most one per quarter of an hour.
        pub samples: Vec<EquitySample>,
        /// The venue's word on this account against the ledger.
        pub recon: ReconState,
    }
}

canon_tag! {
    /// How reconciliation stands.
    pub enum ReconState {
        /// Never compared.
        0 "never" Never,
        /// Ledger and venue agreed at the last comparison.
        1 "agrees" Agrees,
        /// They did not.
        2 "differs" Differs,
    }
}

canon_struct! {
    /// Counters of the run, for packets.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Counters {
        /// Events folded.
        pub events: u64,
        /// Candidates judged.
        pub candidates: u64,
        /// Candidates admitted.
        pub admitted: u64,
        /// Orders submitted.
        pub orders: u64,
        /// Fills booked.
        pub fills: u64,
        /// Venue rejections.
        pub rejects: u64,
        /// Liquidation fills.
        pub liquidations: u64,
        /// Reported fills that were not booked: duplicates, and those too old to be told from one.
        pub refused_fills: u64,
    }
}

canon_struct! {
    /// The durable state.
    #[derive(Clone, Debug, PartialEq)]
    pub struct State {
        /// Latest event time.
        pub now: Ts,
        /// Time of the latest slice: decisions are made once per slice.
        pub last_slice: Ts,
        /// Money.
        pub ledger: Ledger,
        /// Orders.
        pub orders: Orders,
        /// By coin.
        pub coins: Vec<CoinState>,
        /// By book and coin: `book * coins + coin`.
        pub theses: Vec<BookCoin>,
        /// By account.
        pub accounts: Vec<AccountState>,
        /// In the order of the breaker table.
        pub breakers: Vec<BreakerState>,
        /// Event times of risk-increasing orders in the last hour.
        pub entry_times: Vec<Ts>,
        /// Event times of venue rejections in the last hour.
        pub reject_times: Vec<Ts>,
        /// Operator pause.
        pub paused: bool,
        /// Automatic entries are off until an operator turns them on.
        pub auto_off: bool,
        /// Kill switch.
        pub killed: bool,
        /// An operator's flatten is not complete yet: it is tried again at every timer until everything is flat.
        pub flattening: bool,
        /// Coins that an operator closes, each until it is out of every book: a close is tried again at every timer.
        pub closing: Vec<CoinId>,
        /// An unexplained change of equity or position was seen.
        pub data_fault: bool,
        /// Last sign of life of an operator.
        pub last_operator: Ts,
        /// Free disk budget as last reported.
        pub disk_free: Option<i64>,
        /// Venue trades booked: each is booked once.
        pub booked: Booked,
        /// The decision digest.
        pub digest: Digest32,
        /// Counters.
        pub counters: Counters,
        /// The operator, as their acts and the realised losses show them.
        pub conduct: Conduct,
        /// The operator's own orders by key, as far back as they are kept.
        pub executions: Executions,
    }
}

impl State {
    /// The state before the first event.
    #[must_use]
    pub fn new(cfg: &KernelConfig, coins: usize, breakers: usize) -> Self {
        let books: Vec<(AccountId, Usd)> = cfg.books.iter().map(|b| (b.account, b.initial)).collect();
        let mut accounts: Vec<AccountState> = Vec::new();
        for &(account, initial) in &books {
            match accounts.iter_mut().find(|a| a.account == account) {
                Some(a) => a.peak = Usd::from_raw(a.peak.raw().saturating_add(initial.raw())),
                None => accounts.push(AccountState {
                    account,
                    equity: None,
                    peak: initial,
                    gross: Usd::ZERO,
                    samples: Vec::new(),
                    recon: ReconState::Never,
                }),
            }
        }
        for a in &mut accounts {
            a.equity = Some(a.peak);
        }
        Self {
            now: Ts::ZERO,
            last_slice: Ts::ZERO,
            ledger: Ledger::new(&books, coins),
            orders: Orders::new(),
            coins: alloc::vec![CoinState::NEW; coins],
            theses: alloc::vec![BookCoin::NEW; coins * cfg.books.len()],
            accounts,
            breakers: alloc::vec![BreakerState::CLOSED; breakers],
            entry_times: Vec::new(),
            reject_times: Vec::new(),
            paused: false,
            auto_off: false,
            killed: false,
            flattening: false,
            closing: Vec::new(),
            data_fault: false,
            last_operator: Ts::ZERO,
            disk_free: None,
            booked: Booked::NONE,
            digest: Digest32::ZERO,
            counters: Counters {
                events: 0,
                candidates: 0,
                admitted: 0,
                orders: 0,
                fills: 0,
                rejects: 0,
                liquidations: 0,
                refused_fills: 0,
            },
            conduct: Conduct::new(),
            executions: Executions::new(),
        }
    }

    /// Takes over from a later state of the same run what stops new risk, and what the operator did: breakers, pause, kill, flatten,
    /// closes, automatic entries, faults of data. The market, the money and the orders stay as they are here.
    pub fn stop_as(&mut self, later: &Self) {
        self.breakers.clone_from(&later.breakers);
        self.paused = later.paused;
        self.auto_off = later.auto_off;
        self.killed = later.killed;
        self.flattening = later.flattening;
        self.closing.clone_from(&later.closing);
        self.data_fault = later.data_fault;
        self.last_operator = later.last_operator;
        self.disk_free = later.disk_free;
        self.conduct.clone_from(&later.conduct);
    }

    /// A state that was kept before the table of breakers grew to this length: those that it does not know were closed.
    pub(crate) fn know_breakers(&mut self, table: usize) {
        if self.breakers.len() < table {
            self.breakers.resize(table, BreakerState::CLOSED);
        }
    }

    /// Price a coin is marked at.
    #[must_use]
    #[inline]
    pub fn mark(&self, coin: CoinId) -> Option<Px> {
        self.coins.get(coin.index()).and_then(|c| c.mark)
    }

    /// A book's thesis on a coin.
    #[must_use]
    pub fn thesis(&self, book: BookId, coin: CoinId) -> BookCoin {
        self.theses.get(book.index() * self.coins.len() + coin.index()).copied().unwrap_or(BookCoin::NEW)
    }

    pub(crate) fn thesis_mut(&mut self, book: BookId, coin: CoinId) -> Result<&mut BookCoin, Fault> {
        let at = book.index() * self.coins.len() + coin.index();
        self.theses.get_mut(at).ok_or(Fault::Unknown("book or coin"))
    }

    /// Measures of an account.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Option<&AccountState> {
        self.accounts.iter().find(|a| a.account == account)
    }

    /// Worst-case gross notional of all accounts at the present marks: what is held, and every entry that may still fill. An
    /// account's own [`AccountState::gross`] is of the latest timer.
    #[must_use]
    pub fn worst_gross(&self) -> Usd {
        let of = |a: &AccountState| worst_gross(&self.ledger, &self.orders, &self.coins, a.account).raw();
        Usd::from_raw(self.accounts.iter().map(of).fold(0i64, i64::saturating_add))
    }

    /// Nothing is held and no entry may still fill.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        let entering = self.orders.open().iter().any(|o| o.intent.purpose == Purpose::Entry);
        !entering && self.ledger.books.iter().all(|b| b.positions.iter().all(|p| p.szi.raw() == 0))
    }

    /// The same of one coin.
    #[must_use]
    pub fn is_out_of(&self, coin: CoinId) -> bool {
        let mut open = self.orders.open().iter().map(|o| &o.intent);
        let entering = open.any(|i| i.purpose == Purpose::Entry && i.coin == coin);
        !entering && self.ledger.books.iter().all(|b| b.position(coin).szi.raw() == 0)
    }

    /// Is every position covered by stops of its whole size? What an entry under way may add gets its own when it fills.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        let open = self.orders.open();
        self.ledger.books.iter().enumerate().all(|(book, b)| {
            b.positions.iter().enumerate().all(|(coin, p)| {
                let covers = |o: &&crate::orders::OpenOrder| {
                    o.intent.purpose == Purpose::Stop
                        && o.intent.book.index() == book
                        && o.intent.coin.index() == coin
                        && Side::reducing(p.szi) == Some(o.intent.side)
                };
                let covered: i64 =
                    open.iter().filter(covers).fold(0, |sum, o| sum.saturating_add(o.open_sz().raw()));
                covered >= p.szi.abs().raw()
            })
        })
    }

    /// Bit per open breaker.
    #[must_use]
    pub fn open_breakers(&self) -> u32 {
        self.breakers.iter().enumerate().fold(0, |bits, (i, b)| bits | u32::from(b.open) << i)
    }
}
