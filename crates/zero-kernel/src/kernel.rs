//! The kernel: configuration, stack and state together.

use crate::apply::{apply, is_credible};
use crate::breaker::Watches;
use crate::breakers::{BREAKERS, that_watch};
use crate::config::{BOOKS_MAX, COINS_MAX, KernelConfig};
use crate::ooda::{self, Acted, Cycle, Scratch};
use crate::record::{Fact, TraceSink};
use crate::stack::Stack;
use crate::state::{Fault, State};
use alloc::vec::Vec;
use zero_core::{Rate, canon_struct};
use zero_market::cross::{CrossMarket, CrossMemory};
use zero_market::event::TimerKind;
use zero_market::{CostTable, Event, EventBody, Universe};
use zero_strategy::FeatureBank;
use zero_strategy::feature::BankMemory;

canon_struct! {
    /// What a snapshot keeps: durable facts folded so far, and the feature cache, which is valid only for the code and
    /// configuration that wrote it.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KernelSnapshot {
        /// Durable state.
        pub state: State,
        /// By coin.
        pub banks: Vec<BankMemory>,
        /// The cross-section, in a run that needs it.
        pub cross: Option<CrossMemory>,
    }
}

/// Decides and applies. Owns all trading state; nothing else does.
#[derive(Debug)]
pub struct Kernel {
    pub(crate) cfg: KernelConfig,
    pub(crate) universe: Universe,
    pub(crate) stack: Stack,
    pub(crate) state: State,
    pub(crate) banks: Vec<FeatureBank>,
    /// All coins together; only where some part of the stack declared that it needs it.
    pub(crate) cross: Option<CrossMarket>,
    /// Falls in the declared crash, by coin.
    pub(crate) crash: Vec<Rate>,
    pub(crate) scratch: Scratch,
    /// Bit per open breaker, as the state says it; kept so that it is not counted at every event.
    pub(crate) open_breakers: u32,
    /// Bit per breaker, by what it watches: time, money, conduct. Asking each of them at every event costs more than
    /// reading the few that are due.
    pub(crate) watch: [u32; 3],
    /// Measured costs; in force in place of the configured half spread.
    pub(crate) costs: CostTable,
    /// Are facts of market data and timers handed out? A run that keeps no journal has no use for them.
    pub(crate) market_facts: bool,
}

impl Kernel {
    /// Before the first event.
    ///
    /// # Errors
    /// [`Fault::Config`] when books and strategies do not match or a bound is exceeded.
    pub fn new(cfg: KernelConfig, universe: Universe, mut stack: Stack) -> Result<Self, Fault> {
        let problem = if cfg.books.is_empty() || cfg.books.len() > BOOKS_MAX {
            Some(alloc::format!("{} books; 1 to {BOOKS_MAX} are possible", cfg.books.len()))
        } else if universe.is_empty() || universe.len() > COINS_MAX {
            Some(alloc::format!("{} coins; 1 to {COINS_MAX} are possible", universe.len()))
        } else if cfg.books.iter().enumerate().any(|(i, b)| b.book.index() != i) {
            Some("books must be numbered from zero without holes".into())
        } else if cfg.books.len() != stack.strategies.len() {
            Some(alloc::format!("{} books but {} strategies", cfg.books.len(), stack.strategies.len()))
        } else if BREAKERS.len() > 32 {
            Some("more than 32 breakers do not fit a trace".into())
        } else {
            None
        };
        if let Some(text) = problem {
            return Err(Fault::Config(text));
        }
        let symbols: Vec<&str> = universe.iter().map(|(coin, _)| universe.symbol(coin)).collect();
        for strategy in &mut stack.strategies {
            strategy.bind(&symbols);
        }
        let state = State::new(&cfg, universe.len(), BREAKERS.len());
        let banks = (0..universe.len()).map(|_| FeatureBank::new(&stack.plan)).collect();
        let cross = stack.plan.needs_cross().then(|| CrossMarket::new(&universe));
        let crash = universe.iter().map(|(_, ins)| cfg.limits.crash_of(&ins.symbol)).collect();
        Ok(Self {
            cfg,
            cross,
            crash,
            universe,
            stack,
            state,
            banks,
            scratch: Scratch::default(),
            open_breakers: 0,
            watch: [Watches::Time, Watches::Money, Watches::Conduct].map(that_watch),
            costs: CostTable::NONE,
            market_facts: true,
        })
    }

    /// Decides with measured costs instead of the configured half spread.
    #[must_use]
    pub fn with_costs(mut self, costs: CostTable) -> Self {
        self.costs = costs;
        self
    }

    /// Runs one cycle: an event in, its facts out (the event's own fact first), traces to the sink. Says what is to be
    /// done; [`Kernel::lively_cycle`] tells the rest.
    ///
    /// # Errors
    /// [`Fault`]: the kernel must stop; its state may be half changed.
    #[inline]
    pub fn step(
        &mut self,
        event: &Event,
        sink: &mut impl TraceSink,
        out: &mut Vec<Fact>,
    ) -> Result<Acted, Fault> {
        ooda::cycle(self, event, sink, out)
    }

    /// The latest cycle with its five phases, if anything was judged, done or tripped in it.
    ///
    /// # Errors
    /// [`Fault::Overflow`] of the sums over accounts.
    pub fn lively_cycle(&self) -> Result<Option<Cycle>, Fault> {
        self.scratch.last.as_ref().map(|last| ooda::told(self, last)).transpose()
    }

    /// Was anything judged, done or tripped in the latest cycle?
    #[must_use]
    #[inline]
    pub fn is_lively(&self) -> bool {
        self.scratch.last.is_some()
    }

    /// Bit per open breaker, as of the latest timer or operator event.
    #[must_use]
    #[inline]
    pub const fn open_breakers(&self) -> u32 {
        self.open_breakers
    }

    /// Leaves facts of market data and timers out from now on: for runs that keep no journal. Decisions and states are
    /// the same.
    pub const fn drop_market_facts(&mut self) {
        self.market_facts = false;
    }

    /// Folds a recorded fact at recovery: applies, never decides.
    ///
    /// # Errors
    /// [`Fault`]: the record does not belong to this run.
    pub fn replay(&mut self, fact: &Fact) -> Result<(), Fault> {
        apply(&mut self.state, &self.cfg, fact)?;
        self.open_breakers = self.state.open_breakers();
        self.scratch.alarms_before.clear();
        if let Fact::Event(e) = fact {
            self.feed(e);
        }
        Ok(())
    }

    /// Market data into the feature cache and nowhere else: to rebuild it after a change of code or strategies.
    pub fn feed_features(&mut self, event: &Event) {
        self.feed(event);
    }

    /// Market data into the feature cache.
    #[inline]
    pub(crate) fn feed(&mut self, event: &Event) {
        match &event.body {
            EventBody::BarClosed(b) => {
                if let Some(bank) = self.banks.get_mut(b.coin.index()) {
                    // An impossible bar is a hole: no feature may reach across it.
                    if is_credible(event) { bank.on_bar(b) } else { bank.on_gap() }
                }
            }
            EventBody::Funding(f) => {
                if let Some(bank) = self.banks.get_mut(f.coin.index())
                    && is_credible(event)
                {
                    bank.on_funding(f, event.time);
                }
            }
            EventBody::Gap(g) => {
                if let Some(bank) = self.banks.get_mut(g.coin.index()) {
                    bank.on_gap();
                }
            }
            _ => {}
        }
        if let Some(cross) = &mut self.cross {
            feed_cross(cross, event);
        }
    }

    /// For a snapshot.
    #[must_use]
    pub fn snapshot(&self) -> KernelSnapshot {
        KernelSnapshot {
            state: self.state.clone(),
            banks: self.banks.iter().map(FeatureBank::memory).collect(),
            cross: self.cross.as_ref().map(CrossMarket::memory),
        }
    }

    /// Back from a snapshot of the same code, configuration and strategies.
    ///
    /// # Errors
    /// [`Fault::Contradiction`] when its shape is another's.
    pub fn restore(&mut self, snap: KernelSnapshot) -> Result<(), Fault> {
        let same_shape = snap.banks.len() == self.banks.len()
            && snap.state.coins.len() == self.state.coins.len()
            && snap.state.ledger.books.len() == self.state.ledger.books.len()
            && snap.state.breakers.len() <= BREAKERS.len()
            && snap.state.theses.len() == self.state.theses.len()
            && snap.state.accounts.len() == self.state.accounts.len()
            && snap.state.ledger.books.iter().all(|b| b.positions.len() == self.state.coins.len());
        if !same_shape {
            return Err(Fault::Contradiction("the snapshot belongs to another configuration"));
        }
        for (bank, memory) in self.banks.iter_mut().zip(&snap.banks) {
            if !bank.restore(memory) {
                return Err(Fault::Contradiction("the snapshot's features are those of another stack"));
            }
        }
        let same_cross = match (&mut self.cross, &snap.cross) {
            (Some(cross), Some(memory)) => cross.restore(memory),
            (None, None) => true,
            _ => false,
        };
        if !same_cross {
            return Err(Fault::Contradiction("the snapshot's cross-section is that of other coins"));
        }
        self.state = snap.state;
        self.state.know_breakers(BREAKERS.len());
        self.open_breakers = self.state.open_breakers();
        self.scratch.alarms_before.clear();
        Ok(())
    }

    /// Judges from now on under the stops of a later state of the same run, and on the market as it is here: see [`State::stop_as`].
    pub fn stop_as(&mut self, later: &State) {
        self.state.stop_as(later);
        self.open_breakers = self.state.open_breakers();
    }

    /// The folded state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Configuration in force.
    #[must_use]
    pub const fn config(&self) -> &KernelConfig {
        &self.cfg
    }

    /// Instruments.
    #[must_use]
    pub const fn universe(&self) -> &Universe {
        &self.universe
    }

    /// The decision stack.
    #[must_use]
    pub const fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The cross-section of all coins; `None` in a run in which no part needs it.
    #[must_use]
    pub const fn cross(&self) -> Option<&CrossMarket> {
        self.cross.as_ref()
    }

    /// A coin's features.
    #[must_use]
    pub fn bank(&self, coin: zero_core::CoinId) -> Option<&FeatureBank> {
        self.banks.get(coin.index())
    }
}

/// Market data into a cross-section: what the kernel does with its own, for readers that fold a journal.
#[inline]
pub fn feed_cross(cross: &mut CrossMarket, event: &Event) {
    match &event.body {
        // An impossible bar is a hole: nothing may reach across it.
        EventBody::BarClosed(b) if is_credible(event) => cross.on_bar(b),
        EventBody::BarClosed(b) => cross.on_gap(b.coin),
        EventBody::Gap(g) => cross.on_gap(g.coin),
        EventBody::Book(b) => cross.on_book(b),
        EventBody::Timer(TimerKind::BarSlice) => cross.on_slice(event.time),
        _ => {}
    }
}
