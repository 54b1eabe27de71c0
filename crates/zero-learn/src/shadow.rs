//! One candidate in a book of its own: the run's kernel and paper venue, started at the decision.

use crate::outcome::{Closed, ExitCause, Fate, Unjudged};
use crate::scout::{ACCOUNT, BOOK, COIN, NOTIONAL_MAX, Scout, kernel};
use zero_core::{Px, Sz, Ts, Usd};
use zero_kernel::record::EntryPlan;
use zero_kernel::{CandidateTrace, DigestSink, Fact, OrderFact};
use zero_market::order::MarketTerms;
use zero_market::venue::OrderEnd;
use zero_market::{Event, EventBody, Fill, FillCause, OrderIntent, OrderKind, Purpose, Side, VenueEvent};
use zero_paper::PaperVenue;
use zero_runtime::{Engine, EngineError};
use zero_strategy::precedence::ExitClass;

/// A shadow that is still open.
#[derive(Debug)]
pub(crate) struct Shadow {
    /// Its place among the cases.
    pub(crate) case: usize,
    engine: Engine<PaperVenue>,
    facts: Vec<Fact>,
    plan: EntryPlan,
    side: Side,
    seen: Seen,
}

/// What its venue said so far.
#[derive(Clone, Copy, Debug)]
struct Seen {
    entered: Option<Ts>,
    notional: Usd,
    sz: Sz,
    last_exit: Option<(Ts, FillCause)>,
    /// Exit of the latest order to leave.
    leaving: Option<ExitClass>,
    refused: Option<OrderEnd>,
}

impl Shadow {
    /// Enters with the candidate's own size before modifiers, as if every gate had passed.
    pub(crate) fn enter(case: usize, scout: &Scout, t: &CandidateTrace) -> Result<Self, Fate> {
        let unjudged = |why| Err(Fate::Unjudged(why));
        if t.base_sz.raw() <= 0 {
            return unjudged(Unjudged::NoSize);
        }
        match t.px.notional(t.base_sz) {
            Ok(n) if n <= NOTIONAL_MAX => {}
            _ => return unjudged(Unjudged::TooLarge),
        }
        if scout.failed() {
            return unjudged(Unjudged::Failed);
        }
        let seen = Seen {
            entered: None,
            notional: Usd::ZERO,
            sz: Sz::ZERO,
            last_exit: None,
            leaving: None,
            refused: None,
        };
        let Ok(engine) = scout.copy() else { return unjudged(Unjudged::Failed) };
        let mut shadow = Self { case, engine, facts: Vec::new(), plan: t.plan(), side: t.side, seen };
        match shadow.submit(t) {
            Ok(()) => match shadow.seen.refused {
                Some(why) => Err(Fate::Unfilled(why)),
                None => Ok(shadow),
            },
            Err(_) => unjudged(Unjudged::Failed),
        }
    }

    /// The order as a fact: nothing is decided again.
    fn submit(&mut self, t: &CandidateTrace) -> Result<(), EngineError> {
        let intent = OrderIntent {
            id: t.decision,
            account: ACCOUNT,
            book: BOOK,
            coin: COIN,
            side: t.side,
            sz: t.base_sz,
            kind: OrderKind::Market(MarketTerms { worst_px: None }),
            reduce_only: false,
            purpose: Purpose::Entry,
            decided_at: t.time,
            reference_px: t.px,
        };
        let mut said = Vec::new();
        let (kernel, venue) = self.engine.parts_mut();
        let strategy = kernel.stack().digests.first().copied().unwrap_or(zero_core::Digest32::ZERO);
        venue.submit(&intent, &mut said)?;
        let order = OrderFact { intent, plan: Some(self.plan), strategy, decision: t.decision, exit: None };
        kernel.replay(&Fact::Order(order))?;
        for v in said {
            if let VenueEvent::Ended(e) = v {
                self.seen.refused = Some(e.why);
            }
            kernel.replay(&Fact::Event(Event::at(t.time, EventBody::Venue(v))))?;
        }
        Ok(())
    }

    /// Takes an event of its world; its fate, once that is known.
    pub(crate) fn event(&mut self, event: &Event) -> Option<Fate> {
        self.facts.clear();
        if self.engine.tick(event, &mut DigestSink, &mut self.facts).is_err() {
            return Some(Fate::Unjudged(Unjudged::Failed));
        }
        if self.facts.is_empty() {
            return None;
        }
        for fact in &self.facts {
            match fact {
                Fact::Order(o) if matches!(o.intent.purpose, Purpose::Exit | Purpose::Emergency) => {
                    self.seen.leaving = o.exit;
                }
                Fact::Event(Event { body: EventBody::Venue(VenueEvent::Fill(f)), .. }) => {
                    self.seen.fill(f, self.side)?;
                }
                Fact::Event(Event { body: EventBody::Venue(VenueEvent::Ended(e)), .. })
                    if self.seen.entered.is_none() =>
                {
                    self.seen.refused = Some(e.why);
                }
                _ => {}
            }
        }
        self.fate()
    }

    fn fate(&self) -> Option<Fate> {
        let state = kernel(&self.engine).state();
        if state.orders.is_entering(BOOK, COIN) {
            return None;
        }
        let book = state.ledger.books.first()?;
        if book.position(COIN).szi.raw() != 0 {
            return None;
        }
        let Some(entered) = self.seen.entered else {
            return self.seen.refused.map(Fate::Unfilled);
        };
        let (left, cause) = self.seen.last_exit?;
        let failed = Fate::Unjudged(Unjudged::Failed);
        // Flat: everything the book won or lost is in its cash.
        let Ok(net) = book.cash.minus(book.capital) else { return Some(failed) };
        Some(Fate::Closed(Closed {
            entered,
            left,
            entry_px: self.seen.notional.per_coin(self.seen.sz).unwrap_or(Px::ZERO),
            sz: self.seen.sz,
            net,
            fees: book.fees,
            funding: book.funding,
            risk: self.plan.stop.and_then(|stop| self.seen.notional.mul_rate(stop).ok()),
            cause: match cause {
                FillCause::Stop => ExitCause::Stop,
                FillCause::Target => ExitCause::Target,
                FillCause::Liquidation => ExitCause::Liquidation,
                FillCause::Order => match self.seen.leaving {
                    Some(ExitClass::Emergency) => ExitCause::Unprotected,
                    Some(ExitClass::Kill) => ExitCause::Kill,
                    Some(ExitClass::Trail) => ExitCause::Trail,
                    Some(ExitClass::Time) => ExitCause::Horizon,
                    _ => ExitCause::Strategy,
                },
            },
        }))
    }
}

impl Seen {
    /// `None` on overflow, which no shadow of the admitted size can reach.
    fn fill(&mut self, f: &Fill, side: Side) -> Option<()> {
        if f.side == side {
            self.entered = self.entered.or(Some(f.time));
            self.notional = self.notional.plus(f.notional).ok()?;
            self.sz = self.sz.plus(f.sz).ok()?;
        } else {
            self.last_exit = Some((f.time, f.cause));
        }
        Some(())
    }
}
