//! The engine: one tick is one source event with everything that follows from it.
//!
//! Order inside a tick: what the venue says about the time up to the event, then the event, then the answers to the
//! commands it caused. Recovery reads the same facts in the same order and checks that the venue, folded again, says
//! what was recorded.

use std::collections::VecDeque;
use thiserror::Error;
use zero_core::{AccountId, Overflow};
use zero_kernel::{Cycle, Fact, Fault, Kernel, TraceSink};
use zero_market::event::Reconciled;
use zero_market::order::CancelIntent;
use zero_market::{Event, EventBody, OrderIntent, VenueEvent};
use zero_paper::PaperVenue;

/// Most answers that one tick may cause. A liquidation of every coin in every book stays far below.
const ANSWERS_MAX: usize = 1 << 20;

/// A venue, as the engine drives it. What it says is queued and told to the kernel in order.
pub trait Venue {
    /// Takes a market event before the kernel does.
    ///
    /// # Errors
    /// [`Overflow`] of money arithmetic.
    fn on_market(&mut self, event: &Event, out: &mut Vec<VenueEvent>) -> Result<(), Overflow>;

    /// Takes an order.
    ///
    /// # Errors
    /// [`Overflow`] of money arithmetic.
    fn submit(&mut self, intent: &OrderIntent, out: &mut Vec<VenueEvent>) -> Result<(), Overflow>;

    /// Takes a cancellation.
    fn cancel(&mut self, cancel: &CancelIntent, out: &mut Vec<VenueEvent>);

    /// The venue's account of an account.
    fn report(&self, account: AccountId) -> Option<Reconciled>;
}

impl Venue for PaperVenue {
    fn on_market(&mut self, event: &Event, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        Self::on_market(self, event, out)
    }
    fn submit(&mut self, intent: &OrderIntent, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        Self::submit(self, intent, out)
    }
    fn cancel(&mut self, cancel: &CancelIntent, out: &mut Vec<VenueEvent>) {
        Self::cancel(self, cancel, out);
    }
    fn report(&self, account: AccountId) -> Option<Reconciled> {
        Self::report(self, account)
    }
}

/// Why the engine stopped. Its state may then be half changed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The kernel refused to go on.
    #[error("the kernel stopped: {0}")]
    Kernel(#[from] Fault),
    /// The venue's money arithmetic overflowed.
    #[error("the paper venue's money arithmetic left the 64-bit range")]
    Venue,
    /// Venue and kernel kept answering each other.
    #[error("one event caused more than {ANSWERS_MAX} venue answers")]
    Runaway,
    /// Folded again, the venue says something else than was recorded.
    #[error("at recovery the venue says {now}, but {recorded} is recorded")]
    Diverged {
        /// What it says now.
        now: String,
        /// What was recorded.
        recorded: String,
    },
}

impl From<Overflow> for EngineError {
    fn from(_: Overflow) -> Self {
        Self::Venue
    }
}

impl EngineError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Kernel(f) => f.code(),
            Self::Venue => "ZERO-RUN-001",
            Self::Runaway => "ZERO-RUN-002",
            Self::Diverged { .. } => "ZERO-RUN-003",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            // It is said before anything runs, and by commands that keep no journal.
            Self::Kernel(Fault::Config(_)) => {
                "read the named cause and change that setting; usually a limit is too tight for the venue's minimum"
            }
            Self::Kernel(_) => {
                "the journal holds everything up to the event before; keep it and report the event"
            }
            Self::Venue | Self::Runaway => {
                "a price, size or configuration is far outside any market; check the data"
            }
            Self::Diverged { .. } => {
                "the journal was written by other code or configuration; run `zero journal verify`, then start a new epoch"
            }
        }
    }
}

/// Kernel and venue together.
#[derive(Debug)]
pub struct Engine<V> {
    kernel: Kernel,
    venue: V,
    queue: VecDeque<VenueEvent>,
    said: Vec<VenueEvent>,
    replayed_source: bool,
    /// The source event's own cycle, when it was lively.
    told: Option<Cycle>,
}

impl<V: Venue> Engine<V> {
    /// Before the first event.
    pub const fn new(kernel: Kernel, venue: V) -> Self {
        Self { kernel, venue, queue: VecDeque::new(), said: Vec::new(), replayed_source: false, told: None }
    }

    /// One source event and all that follows. Appends the tick's facts; [`Engine::told`] is the source event's cycle.
    ///
    /// # Errors
    /// [`EngineError`]: the run must stop.
    #[inline]
    pub fn tick(
        &mut self,
        event: &Event,
        sink: &mut impl TraceSink,
        facts: &mut Vec<Fact>,
    ) -> Result<(), EngineError> {
        self.venue.on_market(event, &mut self.said)?;
        if !self.said.is_empty() {
            self.deliver(event, sink, facts)?;
        }
        let from = facts.len();
        let acted = self.kernel.step(event, sink, facts)?;
        self.told = None;
        if self.kernel.is_lively() {
            self.told = self.kernel.lively_cycle()?;
        }
        if acted.orders + acted.cancels > 0 {
            self.command(facts, from)?;
            self.deliver(event, sink, facts)?;
        }
        Ok(())
    }

    /// The cycle of the latest source event with its five phases, if anything was judged, done or tripped in it.
    pub const fn told(&self) -> Option<&Cycle> {
        self.told.as_ref()
    }

    /// Hands what the kernel decided to the venue.
    fn command(&mut self, facts: &[Fact], from: usize) -> Result<(), EngineError> {
        for fact in facts.iter().skip(from) {
            match fact {
                Fact::Order(o) => self.venue.submit(&o.intent, &mut self.said)?,
                Fact::Cancel(c) => self.venue.cancel(c, &mut self.said),
                _ => {}
            }
        }
        Ok(())
    }

    /// Tells the kernel what the venue said, in order, until nothing is left to say.
    fn deliver(
        &mut self,
        cause: &Event,
        sink: &mut impl TraceSink,
        facts: &mut Vec<Fact>,
    ) -> Result<(), EngineError> {
        let mut answers = 0;
        self.queue.extend(self.said.drain(..));
        while let Some(said) = self.queue.pop_front() {
            answers += 1;
            if answers > ANSWERS_MAX {
                return Err(EngineError::Runaway);
            }
            let event = Event { time: cause.time, received: cause.received, body: EventBody::Venue(said) };
            let from = facts.len();
            let acted = self.kernel.step(&event, sink, facts)?;
            if acted.orders + acted.cancels > 0 {
                self.command(facts, from)?;
                self.queue.extend(self.said.drain(..));
            }
        }
        Ok(())
    }

    /// Folds recorded facts of whole ticks: nothing is decided, and the venue is held against what it said then.
    ///
    /// # Errors
    /// [`EngineError::Diverged`] when it says something else, [`EngineError::Kernel`] for facts of another run.
    pub fn replay(&mut self, facts: &[Fact]) -> Result<(), EngineError> {
        for (i, fact) in facts.iter().enumerate() {
            match fact {
                Fact::Event(Event { body: EventBody::Venue(v), .. }) => {
                    if self.queue.is_empty() && !self.replayed_source {
                        // Said about the time up to the next source event.
                        if let Some(source) = next_source(facts, i) {
                            self.venue.on_market(source, &mut self.said)?;
                            self.queue.extend(self.said.drain(..));
                            self.replayed_source = true;
                        }
                    }
                    let now = self.queue.pop_front();
                    if now != Some(*v) {
                        return Err(EngineError::Diverged {
                            now: format!("{now:?}"),
                            recorded: format!("{v:?}"),
                        });
                    }
                }
                Fact::Event(source) => {
                    if !self.replayed_source {
                        self.venue.on_market(source, &mut self.said)?;
                        self.queue.extend(self.said.drain(..));
                    }
                    self.replayed_source = false;
                    if let Some(now) = self.queue.front() {
                        let recorded = "nothing".to_owned();
                        return Err(EngineError::Diverged { now: format!("{now:?}"), recorded });
                    }
                }
                Fact::Order(o) => {
                    self.venue.submit(&o.intent, &mut self.said)?;
                    self.queue.extend(self.said.drain(..));
                }
                Fact::Cancel(c) => {
                    self.venue.cancel(c, &mut self.said);
                    self.queue.extend(self.said.drain(..));
                }
                Fact::Breaker(_) | Fact::Cycle(_) | Fact::Friction(_) | Fact::Execution(_) => {}
            }
            self.kernel.replay(fact)?;
        }
        Ok(())
    }

    /// The kernel.
    pub const fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// The venue.
    pub const fn venue(&self) -> &V {
        &self.venue
    }

    /// Kernel and venue, apart.
    pub fn into_parts(self) -> (Kernel, V) {
        (self.kernel, self.venue)
    }

    /// Kernel and venue, to restore them from a snapshot.
    pub const fn parts_mut(&mut self) -> (&mut Kernel, &mut V) {
        (&mut self.kernel, &mut self.venue)
    }
}

fn next_source(facts: &[Fact], from: usize) -> Option<&Event> {
    facts.iter().skip(from).find_map(|f| match f {
        Fact::Event(e) if !matches!(e.body, EventBody::Venue(_)) => Some(e),
        _ => None,
    })
}
