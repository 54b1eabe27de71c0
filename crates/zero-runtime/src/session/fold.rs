//! Sessions folded from records, one after the other.

use super::{CarriedSessions, Money, Session, Settlement, Settling, Span, Totals};
use crate::record::Body;
use crate::runner::RunError;
use crate::snapshot::RunSnapshot;
use zero_core::{Ts, TsDiff, Usd};
use zero_kernel::breakers::BREAKERS;
use zero_kernel::operator::is_person;
use zero_kernel::{Fact, KernelConfig, State, apply};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{Event, EventBody, FillCause, VenueEvent};

/// Records after a session's end within which its flattening still belongs to it.
const SETTLES_WITHIN: u64 = 100_000;

/// Before anything was earned or paid.
const NOTHING: Money = Money { realised: Usd::ZERO, fees: Usd::ZERO, funding: Usd::ZERO };

/// Sessions that a snapshot carries at most; of more, each reading begins with the first record.
const CARRIED_MAX: usize = 1_024;

/// Sessions as far as the records go that were taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fold {
    state: Option<State>,
    cfg: Option<KernelConfig>,
    whole: bool,
    totals: Totals,
    found: Vec<Session>,
    settling: Option<Settling>,
}

impl Fold {
    /// From the first record; without the beginning of the journal where that is gone.
    pub(crate) fn beginning(whole: bool) -> Self {
        Self { whole, ..Self::default() }
    }

    /// Going on after a snapshot of the run.
    pub(crate) fn resumed(carried: CarriedSessions, run: &RunSnapshot) -> Self {
        let CarriedSessions { found, totals, settling } = carried;
        let (state, cfg) = (run.kernel.state.clone(), run.manifest.kernel.clone());
        Self { state: Some(state), cfg: Some(cfg), whole: true, totals, found, settling }
    }

    /// For a snapshot; `None` where there are more than one may carry.
    pub(crate) fn carry(&self) -> Option<CarriedSessions> {
        let Self { found, totals, settling, .. } = self;
        (found.len() <= CARRIED_MAX).then(|| CarriedSessions {
            found: found.clone(),
            totals: *totals,
            settling: *settling,
        })
    }

    /// Before an event of a run that goes on: a session that begins with it needs the state that it finds.
    pub(crate) fn before(&mut self, event: &Event, state: &State, cfg: &KernelConfig) {
        let begins =
            matches!(&event.body, EventBody::Operator(o) if o.action == OperatorAction::SessionStart);
        if begins && self.state.is_none() {
            (self.state, self.cfg) = (Some(state.clone()), Some(cfg.clone()));
        }
    }

    /// After it: no state is kept where no session can change before one begins.
    pub(crate) fn after(&mut self) {
        if self.state.is_some() && self.settling.is_none() && !self.found.iter().any(Session::is_open) {
            (self.state, self.cfg) = (None, None);
        }
    }

    /// Every session, oldest first.
    pub(crate) fn into_found(self) -> Vec<Session> {
        self.found
    }

    /// The next record that is no trace.
    pub(crate) fn take(&mut self, seq: u64, body: &Body) -> Result<(), RunError> {
        match body {
            Body::Manifest(m) => {
                if self.whole && self.state.is_none() {
                    self.state = Some(State::new(&m.kernel, m.universe.len(), BREAKERS.len()));
                }
                self.cfg = Some(m.kernel.clone());
            }
            Body::Fact(fact) => self.take_fact(seq, fact)?,
            _ => {}
        }
        Ok(())
    }

    /// The next record, which is a fact.
    pub(crate) fn take_fact(&mut self, seq: u64, fact: &Fact) -> Result<(), RunError> {
        // A session begins before its act, and ends with what the act led to.
        if let Fact::Event(Event { time, body: EventBody::Operator(o), .. }) = fact {
            self.act(seq, o, *time);
        }
        self.apply(fact)?;
        self.count(fact);
        self.settle(seq);
        Ok(())
    }

    fn apply(&mut self, fact: &Fact) -> Result<(), RunError> {
        let (Some(state), Some(cfg)) = (&mut self.state, &self.cfg) else { return Ok(()) };
        let before: i128 = realised(state);
        apply(state, cfg, fact).map_err(crate::engine::EngineError::from)?;
        let after = realised(state);
        if matches!(fact, Fact::Event(Event { body: EventBody::Venue(VenueEvent::Fill(_)), .. })) {
            self.totals.wins += u32::from(after > before);
            self.totals.losses += u32::from(after < before);
        }
        Ok(())
    }

    fn count(&mut self, fact: &Fact) {
        let t = &mut self.totals;
        match fact {
            Fact::Event(Event { body: EventBody::Venue(VenueEvent::Fill(f)), .. }) => {
                t.fills += 1;
                t.stops += u32::from(f.cause == FillCause::Stop);
            }
            Fact::Event(Event { body: EventBody::Operator(o), .. }) => {
                t.acts += u32::from(is_person(&o.operator));
            }
            Fact::Breaker(b) => t.breakers_opened += u32::from(b.open),
            Fact::Cycle(c) => {
                t.candidates += u64::from(c.candidates);
                t.admitted += u64::from(c.admitted);
            }
            Fact::Friction(r) => t.held += u32::from(!r.admits()),
            _ => {}
        }
    }

    fn act(&mut self, seq: u64, o: &OperatorEvent, time: Ts) {
        let at = if o.at == Ts::ZERO { time } else { o.at };
        match o.action {
            OperatorAction::SessionStart => self.begin(seq, o, at),
            OperatorAction::SessionEnd => self.end(seq, at),
            OperatorAction::SessionSave => {
                let (id, label) = o.subject.split_once(' ').unwrap_or((&o.subject, ""));
                if let Some(s) = self.found.iter_mut().find(|s| s.id == id) {
                    label.trim().clone_into(&mut s.label);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, seq: u64, o: &OperatorEvent, at: Ts) {
        // One at a time: beginning another ends the open one without its policy, and what still settles as it stands.
        self.stop(seq, at);
        self.settled(seq);
        let mut words = o.subject.split_whitespace();
        let (Some(id), policy, origin) = (words.next(), words.next(), words.next()) else { return };
        let label = words.collect::<Vec<_>>().join(" ");
        let before = self.measured();
        if let Some(s) = self.found.iter_mut().find(|s| s.id == id) {
            s.parts += 1;
            (s.to, s.begun, s.before) = (None, at, before);
            s.hands_over = policy == Some("protected");
            s.settlement = Settlement::Open;
            return;
        }
        self.found.push(Session {
            id: id.into(),
            label,
            origin: origin.filter(|o| *o != "-").unwrap_or("").into(),
            hands_over: policy == Some("protected"),
            operator: o.operator.clone(),
            from: at,
            to: None,
            open: TsDiff::ZERO,
            parts: 1,
            records: Span { from: seq, to: seq + 1 },
            totals: Totals::default(),
            equity_from: before.equity,
            equity_to: None,
            positions: None,
            settlement: Settlement::Open,
            begun: at,
            before,
            so_far: Totals { money: Some(NOTHING), equity: Some(Usd::ZERO), ..Totals::default() },
        });
    }

    fn end(&mut self, seq: u64, at: Ts) {
        self.settled(seq);
        self.stop(seq, at);
    }

    /// The open session ends; what it comes to is not settled.
    fn stop(&mut self, seq: u64, at: Ts) {
        let Some(i) = self.found.iter().position(Session::is_open) else { return };
        if let Some(s) = self.found.get_mut(i) {
            s.open = TsDiff::ns(s.open.as_ns().saturating_add(at.since(s.begun).as_ns().max(0)));
            s.to = Some(at);
        }
        self.settling = Some(Settling { session: i as u32, end: seq });
    }

    /// After a record: is the session that ended settled by it?
    fn settle(&mut self, seq: u64) {
        let Some(Settling { end, .. }) = self.settling else { return };
        // Nothing is closed at its end, or all of it is by now.
        let is_over = self.state.as_ref().is_none_or(|s| !s.flattening || s.is_flat());
        if is_over || seq - end >= SETTLES_WITHIN {
            self.settled(seq + 1);
        }
    }

    /// What settles is counted up to record `next`, and no further.
    fn settled(&mut self, next: u64) {
        let Some(Settling { session, .. }) = self.settling.take() else { return };
        let i = session as usize;
        self.count_up(i, next);
        if let Some(s) = self.found.get_mut(i) {
            s.so_far = s.totals;
        }
    }

    /// At the journal's end: what is open, or not settled, comes to what was counted so far.
    pub(crate) fn finish(&mut self, next: u64) {
        let settling = self.settling.map(|s| s.session as usize);
        let counting = settling.or_else(|| self.found.iter().position(Session::is_open));
        if let Some(i) = counting {
            self.count_up(i, next);
        }
    }

    fn count_up(&mut self, i: usize, next: u64) {
        let (now, held) = (self.measured(), self.held());
        let settlement = self.settlement();
        let Some(s) = self.found.get_mut(i) else { return };
        s.totals = plus(s.so_far, minus(now, s.before));
        s.records.to = next;
        (s.equity_to, s.positions) = (now.equity, held);
        s.settlement = if s.is_open() { Settlement::Open } else { settlement };
    }

    fn settlement(&self) -> Settlement {
        match &self.state {
            None => Settlement::Unknown,
            Some(s) if s.is_flat() => Settlement::Flat,
            Some(s) if s.flattening => Settlement::NotYetFlat,
            Some(_) => Settlement::HandedOver,
        }
    }

    fn measured(&self) -> Totals {
        Totals { money: self.state.as_ref().and_then(money), equity: self.equity(), ..self.totals }
    }

    fn equity(&self) -> Option<Usd> {
        let s = self.state.as_ref()?;
        s.accounts.iter().try_fold(Usd::ZERO, |sum, a| {
            sum.plus(s.ledger.account_equity(a.account, |c| s.mark(c)).ok().flatten()?).ok()
        })
    }

    fn held(&self) -> Option<u32> {
        self.state.as_ref().map(|s| crate::view::held_coins(s) as u32)
    }
}

fn realised(state: &State) -> i128 {
    state.ledger.books.iter().map(|b| i128::from(b.realised.raw())).sum()
}

fn money(state: &State) -> Option<Money> {
    let sum = |of: &dyn Fn(&zero_kernel::BookLedger) -> Usd| {
        state.ledger.books.iter().try_fold(Usd::ZERO, |s, b| s.plus(of(b)).ok())
    };
    Some(Money { realised: sum(&|b| b.realised)?, fees: sum(&|b| b.fees)?, funding: sum(&|b| b.funding)? })
}

fn each(a: Option<Money>, b: Option<Money>, of: impl Fn(Usd, Usd) -> Option<Usd>) -> Option<Money> {
    let (a, b) = a.zip(b)?;
    Some(Money {
        realised: of(a.realised, b.realised)?,
        fees: of(a.fees, b.fees)?,
        funding: of(a.funding, b.funding)?,
    })
}

fn minus(a: Totals, b: Totals) -> Totals {
    let money = each(a.money, b.money, |a, b| a.minus(b).ok());
    Totals {
        acts: a.acts - b.acts,
        candidates: a.candidates - b.candidates,
        admitted: a.admitted - b.admitted,
        fills: a.fills - b.fills,
        wins: a.wins - b.wins,
        losses: a.losses - b.losses,
        stops: a.stops - b.stops,
        breakers_opened: a.breakers_opened - b.breakers_opened,
        held: a.held - b.held,
        money,
        equity: a.equity.zip(b.equity).and_then(|(a, b)| a.minus(b).ok()),
    }
}

fn plus(a: Totals, b: Totals) -> Totals {
    let money = each(a.money, b.money, |a, b| a.plus(b).ok());
    Totals {
        acts: a.acts + b.acts,
        candidates: a.candidates + b.candidates,
        admitted: a.admitted + b.admitted,
        fills: a.fills + b.fills,
        wins: a.wins + b.wins,
        losses: a.losses + b.losses,
        stops: a.stops + b.stops,
        breakers_opened: a.breakers_opened + b.breakers_opened,
        held: a.held + b.held,
        money,
        equity: a.equity.zip(b.equity).and_then(|(a, b)| a.plus(b).ok()),
    }
}
