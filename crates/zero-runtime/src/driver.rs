//! The driver: source events in, whole ticks out, with the two things that a run adds by itself: reconciliation at
//! stated times, and, where a run has no operator to ask, a stated policy for latched breakers.

use crate::engine::{Engine, EngineError};
use zero_core::{Ts, TsDiff, canon_struct};
use zero_kernel::breakers::BREAKERS;
use zero_kernel::{Cycle, Fact, TraceSink};
use zero_market::event::{OperatorAction, OperatorEvent, TimerKind};
use zero_market::{Event, EventBody, MarketKey};
use zero_paper::PaperVenue;

canon_struct! {
    /// What stands in for an operator in a run without one. Every act is a recorded operator event with this name.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OperatorPolicy {
        /// Clears a latched breaker after it has been open this long; `None`: never, a person must.
        pub clear_latches_after: Option<TsDiff>,
        /// Holds the ledger against the venue this often.
        pub reconcile_every: TsDiff,
    }
}

impl OperatorPolicy {
    /// A person clears.
    pub const PERSON: Self = Self { clear_latches_after: None, reconcile_every: TsDiff::DAY };
    /// Backtests and demonstrations: a latched halt lasts three days.
    pub const UNATTENDED: Self =
        Self { clear_latches_after: Some(TsDiff::DAY.times(3)), reconcile_every: TsDiff::DAY };
}

/// The name under which the policy acts.
pub use zero_kernel::operator::POLICY_NAME;

/// An engine with its policy and its place in the source.
#[derive(Debug)]
pub struct Driver {
    engine: Engine<PaperVenue>,
    policy: OperatorPolicy,
    last_market: Option<MarketKey>,
    last_reconciled: Ts,
    told: Option<Cycle>,
}

impl Driver {
    /// Before the first event.
    #[must_use]
    pub const fn new(engine: Engine<PaperVenue>, policy: OperatorPolicy) -> Self {
        Self { engine, policy, last_market: None, last_reconciled: Ts::ZERO, told: None }
    }

    /// One source event, then what the policy adds. Appends all facts, in whole ticks.
    ///
    /// # Errors
    /// [`EngineError`]: the run must stop.
    #[inline]
    pub fn feed(
        &mut self,
        event: &Event,
        sink: &mut impl TraceSink,
        facts: &mut Vec<Fact>,
    ) -> Result<(), EngineError> {
        self.engine.tick(event, sink, facts)?;
        self.told = None;
        if let Some(cycle) = self.engine.told() {
            self.told = Some(*cycle);
        }
        if is_market(&event.body) {
            self.last_market = Some(event.key());
        }
        if matches!(event.body, EventBody::Timer(TimerKind::BarSlice)) {
            self.after_slice(event, sink, facts)?;
        }
        Ok(())
    }

    fn after_slice(
        &mut self,
        event: &Event,
        sink: &mut impl TraceSink,
        facts: &mut Vec<Fact>,
    ) -> Result<(), EngineError> {
        let add = |body| Event { time: event.time, received: event.received, body };
        if event.time.since(self.last_reconciled) >= self.policy.reconcile_every {
            self.last_reconciled = event.time;
            for i in 0..self.engine.kernel().state().accounts.len() {
                let Some(account) = self.engine.kernel().state().accounts.get(i).map(|a| a.account) else {
                    break;
                };
                if let Some(report) = self.engine.venue().report(account) {
                    self.engine.tick(&add(EventBody::Reconciled(Box::new(report))), sink, facts)?;
                }
            }
        }
        let Some(after) =
            self.policy.clear_latches_after.filter(|_| self.engine.kernel().open_breakers() != 0)
        else {
            return Ok(());
        };
        for (i, breaker) in BREAKERS.iter().enumerate() {
            let due = self
                .engine
                .kernel()
                .state()
                .breakers
                .get(i)
                .is_some_and(|b| b.open && breaker.latches() && event.time.since(b.since) >= after);
            // What points at a wrong state of ours is never cleared without a person.
            if due && breaker.name() != "data_fault" {
                let body = EventBody::Operator(Box::new(OperatorEvent {
                    action: OperatorAction::ClearLatch,
                    subject: breaker.name().into(),
                    operator: POLICY_NAME.into(),
                    reason: "cleared by the run's stated policy after its waiting time".into(),
                    at: Ts::ZERO,
                }));
                self.engine.tick(&add(body), sink, facts)?;
            }
        }
        Ok(())
    }

    /// Folds recorded facts of whole ticks.
    ///
    /// # Errors
    /// [`EngineError`] when they belong to another run.
    pub fn replay(&mut self, facts: &[Fact]) -> Result<(), EngineError> {
        self.engine.replay(facts)?;
        for fact in facts {
            if let Fact::Event(e) = fact {
                if is_market(&e.body) {
                    self.last_market = Some(e.key());
                }
                if matches!(e.body, EventBody::Reconciled(_)) {
                    self.last_reconciled = e.time;
                }
            }
        }
        Ok(())
    }

    /// The cycle of the latest source event with its five phases, if anything was judged, done or tripped in it.
    #[must_use]
    pub const fn told(&self) -> Option<&Cycle> {
        self.told.as_ref()
    }

    /// Leaves facts of market data out from now on: for runs that keep no journal.
    pub const fn drop_market_facts(&mut self) {
        self.engine.parts_mut().0.drop_market_facts();
    }

    /// The last market event that was processed: a source continues strictly after it.
    #[must_use]
    pub const fn last_market(&self) -> Option<MarketKey> {
        self.last_market
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine<PaperVenue> {
        &self.engine
    }

    pub(crate) fn feed_features(&mut self, event: &Event) {
        self.engine.parts_mut().0.feed_features(event);
    }

    pub(crate) const fn engine_mut(&mut self) -> &mut Engine<PaperVenue> {
        &mut self.engine
    }

    pub(crate) const fn place(&self) -> (Option<MarketKey>, Ts) {
        (self.last_market, self.last_reconciled)
    }

    pub(crate) const fn set_place(&mut self, last_market: Option<MarketKey>, last_reconciled: Ts) {
        self.last_market = last_market;
        self.last_reconciled = last_reconciled;
    }
}

/// Does the event come from a market source, so that a resumed source must not repeat it?
#[must_use]
pub const fn is_market(body: &EventBody) -> bool {
    !matches!(
        body,
        EventBody::Venue(_) | EventBody::Operator(_) | EventBody::Reconciled(_) | EventBody::Transfer(_)
    )
}
