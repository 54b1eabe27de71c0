//! What the kernel writes: facts, which recovery folds, and traces, which are only read.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use zero_core::{
    BookId, CoinId, Digest32, OrderId, Px, Rate, Sz, Truth, Ts, TsDiff, canon_enum, canon_struct, canon_tag,
};
use zero_market::order::CancelIntent;
use zero_market::{Event, OrderIntent, Side};
use zero_operator::Ruling;
use zero_strategy::precedence::ExitClass;

use crate::executions::Executed;

canon_struct! {
    /// The barriers fixed at entry.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct EntryPlan {
        /// Distance of the stop as a fraction of the fill price.
        pub stop: Option<Rate>,
        /// Distance of the take-profit.
        pub target: Option<Rate>,
        /// When the thesis is over.
        pub deadline: Ts,
    }
}

impl EntryPlan {
    /// The barriers of a wish: distances as fractions of the fill price. A distance that is no positive number sets none.
    #[must_use]
    pub fn of(stop: Option<f64>, target: Option<f64>, deadline: Ts) -> Self {
        let distance = |f: f64| (f.is_finite() && f > 0.0).then(|| Rate::from_f64_nearest(f)).flatten();
        Self {
            stop: stop.and_then(|f| distance(f.min(crate::sizing::STOP_MAX))),
            target: target.and_then(distance),
            deadline,
        }
    }
}

canon_struct! {
    /// An admitted order.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OrderFact {
        /// The order.
        pub intent: OrderIntent,
        /// Barriers, for entries.
        pub plan: Option<EntryPlan>,
        /// Digest of the strategy that wanted it.
        pub strategy: Digest32,
        /// The decision it came from; several orders may share one.
        pub decision: OrderId,
        /// The exit that won, for whatever leaves or protects a position; `None` for entries.
        pub exit: Option<ExitClass>,
    }
}

canon_struct! {
    /// A breaker changed.
    #[derive(Clone, Debug)]
    pub struct BreakerChange {
        /// Its name.
        pub name: String,
        /// Open (blocking) or closed.
        pub open: bool,
        /// What was measured.
        pub value: f64,
        /// What it was held against.
        pub limit: f64,
        /// Event time.
        pub time: Ts,
        /// Why, in words.
        pub reason: String,
    }
}

impl PartialEq for BreakerChange {
    /// Bit for bit, as its bytes are.
    fn eq(&self, other: &Self) -> bool {
        let key = |b: &Self| (b.open, b.time, b.value.to_bits(), b.limit.to_bits());
        key(self) == key(other) && self.name == other.name && self.reason == other.reason
    }
}

canon_struct! {
    /// The end of a deciding cycle. `digest` chains over the declared fields of every decision of the run.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CycleClose {
        /// Event time.
        pub time: Ts,
        /// Candidates judged.
        pub candidates: u32,
        /// Candidates admitted.
        pub admitted: u32,
        /// Orders submitted, protective ones included.
        pub orders: u32,
        /// The decision digest after this cycle.
        pub digest: Digest32,
    }
}

canon_enum! {
    /// A fact: recovery folds it, in order, and arrives at the same state.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Fact {
        /// Something reached the kernel.
        1 "event" Event(Event),
        /// An order was admitted.
        2 "order" Order(OrderFact),
        /// A cancellation was decided.
        3 "cancel" Cancel(CancelIntent),
        /// A breaker changed.
        4 "breaker" Breaker(BreakerChange),
        /// A deciding cycle ended.
        5 "cycle" Cycle(CycleClose),
        /// An operator's request for more risk met friction.
        6 "friction" Friction(Box<Ruling>),
        /// An order of the operator's own was judged.
        7 "execution" Execution(Box<Executed>),
    }
}

canon_tag! {
    /// What kind of decision a trace is about.
    pub enum DecisionKind {
        /// A wish to enter.
        0 "entry" Entry,
        /// A wish to leave that would enlarge the account's exposure and so needs permission.
        1 "gated_exit" GatedExit,
    }
}

canon_struct! {
    /// One lens in a trace.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct LensTrace {
        /// Index in the run's lens table.
        pub lens: u8,
        /// Its opinion.
        pub opinion: Option<zero_strategy::lens::Opinion>,
        /// Why it abstained: the index of the reason for a missing input, or [`zero_strategy::Abstention::lens_byte`] for a
        /// hosted lens; 255 when it did not.
        pub abstained: u8,
    }
}

canon_struct! {
    /// A hosted strategy that gave no answer about a coin in a slice, and why. Read only, as candidates are.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Abstained {
        /// Event time.
        pub time: Ts,
        /// Book.
        pub book: BookId,
        /// Coin.
        pub coin: CoinId,
        /// Why.
        pub why: zero_strategy::Unanswered,
        /// The strategy's own number for it.
        pub code: u16,
    }
}

canon_struct! {
    /// One gate in a trace.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct GateTrace {
        /// Index in the run's gate table.
        pub gate: u8,
        /// Its outcome.
        pub truth: Truth,
        /// What was measured.
        pub value: f64,
        /// What it was held against.
        pub limit: f64,
    }
}

canon_struct! {
    /// A candidate with the outcome of every gate, admitted or not.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CandidateTrace {
        /// The decision's identity.
        pub decision: OrderId,
        /// Event time.
        pub time: Ts,
        /// Book.
        pub book: BookId,
        /// Coin.
        pub coin: CoinId,
        /// Entry, or an exit that needed permission.
        pub kind: DecisionKind,
        /// The exit that won, for an exit.
        pub exit: Option<ExitClass>,
        /// Side.
        pub side: Side,
        /// Price at the decision.
        pub px: Px,
        /// The strategy's own statistic.
        pub score: f64,
        /// Volatility per bar.
        pub sigma: Option<f64>,
        /// Stop distance.
        pub stop: Option<f64>,
        /// Take-profit distance.
        pub target: Option<f64>,
        /// How long the thesis lasts.
        pub horizon: TsDiff,
        /// Every lens.
        pub lenses: Vec<LensTrace>,
        /// What the measured opinion model says; none where none is in force.
        pub forecast: Option<zero_strategy::Forecast>,
        /// Size before modifiers.
        pub base_sz: Sz,
        /// Every modifier's factor.
        pub factors: Vec<f64>,
        /// Size that the gates judged.
        pub final_sz: Sz,
        /// Every gate.
        pub gates: Vec<GateTrace>,
        /// Bit per open breaker, in the order of the breaker table.
        pub open_breakers: u32,
        /// All gates True.
        pub admitted: bool,
    }
}

impl CandidateTrace {
    pub(crate) fn blank() -> Self {
        Self {
            decision: OrderId([0; 16]),
            time: Ts::ZERO,
            book: BookId(0),
            coin: CoinId(0),
            kind: DecisionKind::Entry,
            exit: None,
            side: Side::Buy,
            px: Px::ZERO,
            score: 0.0,
            sigma: None,
            stop: None,
            target: None,
            horizon: TsDiff::ZERO,
            lenses: Vec::new(),
            forecast: None,
            base_sz: Sz::ZERO,
            factors: Vec::new(),
            final_sz: Sz::ZERO,
            gates: Vec::new(),
            open_breakers: 0,
            admitted: false,
        }
    }

    /// The barriers that the position has, or would have had.
    #[must_use]
    pub fn plan(&self) -> EntryPlan {
        EntryPlan::of(self.stop, self.target, self.time.plus(self.horizon))
    }

    /// Gates that did not pass.
    pub fn failing(&self) -> impl Iterator<Item = &GateTrace> {
        self.gates.iter().filter(|g| !g.truth.is_true())
    }
}

/// Takes traces as they are made. A digest sink ignores them, a full sink encodes them.
pub trait TraceSink {
    /// One candidate.
    fn candidate(&mut self, trace: &CandidateTrace);

    /// A hosted strategy that gave no answer. Only who keeps a journal has a use for it.
    #[inline]
    fn abstained(&mut self, _what: &Abstained) {}
}

/// Keeps nothing: only the decision digest remains of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct DigestSink;

impl TraceSink for DigestSink {
    #[inline]
    fn candidate(&mut self, _trace: &CandidateTrace) {}
}
