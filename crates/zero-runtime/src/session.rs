//! Sessions: stretches of the journal between the acts that begin and end them, with what they came to. Everything is
//! folded from records; nothing about a session is kept anywhere else.

use crate::record::Body;
use crate::runner::RunError;
use std::path::Path;
use zero_core::{Ts, TsDiff, Usd};
use zero_journal::{Disk, Item, Reader};
use zero_kernel::breakers::BREAKERS;
use zero_kernel::operator::is_person;
use zero_kernel::{Fact, KernelConfig, State, apply};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{Event, EventBody, FillCause, VenueEvent};

/// Records after a session's end within which its flattening still belongs to it.
const SETTLES_WITHIN: u64 = 100_000;

/// What a session's end left of what was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It has not ended.
    Open,
    /// Nothing is held: the result counts every fill that led there.
    Flat,
    /// What is held is being closed, or was when the next session began or as many records had passed as may. The result counts
    /// what was filled until then.
    NotYetFlat,
    /// What it held was left: covered by stops, as its policy says, or because the next session began without its end.
    HandedOver,
    /// The journal's beginning was pruned.
    Unknown,
}

impl Settlement {
    /// As packets say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Flat => "flat",
            Self::NotYetFlat => "not yet flat",
            Self::HandedOver => "handed over",
            Self::Unknown => "unknown",
        }
    }
}

/// What was counted up to a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Acts of persons.
    pub acts: u32,
    /// Candidates judged.
    pub candidates: u64,
    /// Candidates admitted.
    pub admitted: u64,
    /// Fills booked.
    pub fills: u64,
    /// Fills that realised a profit.
    pub wins: u32,
    /// Fills that realised a loss.
    pub losses: u32,
    /// Fills of stops.
    pub stops: u32,
    /// Breakers that opened.
    pub breakers_opened: u32,
    /// Increases that met friction and were not admitted.
    pub held: u32,
    /// Profit realised, fees and funding of all books.
    pub money: Option<(Usd, Usd, Usd)>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Its label; empty where it has none.
    pub label: String,
    /// The session that it was forked from; empty where from none.
    pub origin: String,
    /// At its end, positions that stops cover are left.
    pub hands_over: bool,
    /// Who began it.
    pub operator: String,
    /// When it was begun.
    pub from: Ts,
    /// When it ended last.
    pub to: Option<Ts>,
    /// Time in which it was open, up to its latest end.
    pub open: TsDiff,
    /// How often it was begun.
    pub parts: u32,
    /// Its first act and the record after its last.
    pub records: (u64, u64),
    /// What was counted while it was open, and until what it held was closed.
    pub totals: Totals,
    /// Equity when it was begun.
    pub equity_from: Option<Usd>,
    /// Equity when all was counted, or at the journal's end.
    pub equity_to: Option<Usd>,
    /// Coins held then.
    pub positions: Option<u32>,
    /// What its end left.
    pub settlement: Settlement,
    begun: Ts,
    before: Totals,
    so_far: Totals,
}

impl Session {
    /// Is it open?
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.to.is_none()
    }

    /// Time in which it was open, up to `now` where it still is.
    #[must_use]
    pub fn open_at(&self, now: Ts) -> TsDiff {
        let more = if self.is_open() { now.since(self.begun).as_ns().max(0) } else { 0 };
        TsDiff::ns(self.open.as_ns().saturating_add(more))
    }
}

/// Every session of a journal, oldest first.
///
/// # Errors
/// [`RunError`].
pub fn sessions<D: Disk>(disk: &D, dir: &Path) -> Result<Vec<Session>, RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    // Without its beginning, the state cannot be folded: what needs it stays unknown.
    let whole = reader.pruned()?.is_empty();
    let mut fold =
        Fold { state: None, cfg: None, whole, totals: Totals::default(), found: Vec::new(), settling: None };
    let mut records = reader.records(0)?.facts_only();
    let mut next = 0;
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        let body =
            crate::record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        fold.take(r.seq, &body)?;
        next = r.seq + 1;
    }
    fold.finish(next);
    Ok(fold.found)
}

struct Fold {
    state: Option<State>,
    cfg: Option<KernelConfig>,
    whole: bool,
    totals: Totals,
    found: Vec<Session>,
    /// The session that ended and is not settled, and the record of its end.
    settling: Option<(usize, u64)>,
}

impl Fold {
    fn take(&mut self, seq: u64, body: &Body) -> Result<(), RunError> {
        match body {
            Body::Manifest(m) => {
                if self.whole && self.state.is_none() {
                    self.state = Some(State::new(&m.kernel, m.universe.len(), BREAKERS.len()));
                }
                self.cfg = Some(m.kernel.clone());
            }
            Body::Fact(fact) => {
                // A session begins before its act, and ends with what the act led to.
                if let Fact::Event(Event { time, body: EventBody::Operator(o), .. }) = fact {
                    self.act(seq, o, *time);
                }
                self.apply(fact)?;
                self.count(fact);
                self.settle(seq);
            }
            _ => {}
        }
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
        let (before, equity) = (self.measured(), self.equity());
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
            records: (seq, seq + 1),
            totals: Totals::default(),
            equity_from: equity,
            equity_to: None,
            positions: None,
            settlement: Settlement::Open,
            begun: at,
            before,
            so_far: Totals { money: Some((Usd::ZERO, Usd::ZERO, Usd::ZERO)), ..Totals::default() },
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
        self.settling = Some((i, seq));
    }

    /// After a record: is the session that ended settled by it?
    fn settle(&mut self, seq: u64) {
        let Some((_, end)) = self.settling else { return };
        // Nothing is closed at its end, or all of it is by now.
        let is_over = self.state.as_ref().is_none_or(|s| !s.flattening || s.is_flat());
        if is_over || seq - end >= SETTLES_WITHIN {
            self.settled(seq + 1);
        }
    }

    /// What settles is counted up to record `next`, and no further.
    fn settled(&mut self, next: u64) {
        let Some((i, _)) = self.settling.take() else { return };
        self.count_up(i, next);
        if let Some(s) = self.found.get_mut(i) {
            s.so_far = s.totals;
        }
    }

    /// At the journal's end: what is open, or not settled, comes to what was counted so far.
    fn finish(&mut self, next: u64) {
        let counting = self.settling.map(|(i, _)| i).or_else(|| self.found.iter().position(Session::is_open));
        if let Some(i) = counting {
            self.count_up(i, next);
        }
    }

    fn count_up(&mut self, i: usize, next: u64) {
        let (now, equity, held) = (self.measured(), self.equity(), self.held());
        let settlement = self.settlement();
        let Some(s) = self.found.get_mut(i) else { return };
        s.totals = plus(s.so_far, minus(now, s.before));
        s.records.1 = next;
        (s.equity_to, s.positions) = (equity, held);
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
        Totals { money: self.state.as_ref().and_then(money), ..self.totals }
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

fn money(state: &State) -> Option<(Usd, Usd, Usd)> {
    let sum = |of: &dyn Fn(&zero_kernel::BookLedger) -> Usd| {
        state.ledger.books.iter().try_fold(Usd::ZERO, |s, b| s.plus(of(b)).ok())
    };
    Some((sum(&|b| b.realised)?, sum(&|b| b.fees)?, sum(&|b| b.funding)?))
}

fn minus(a: Totals, b: Totals) -> Totals {
    let money = a
        .money
        .zip(b.money)
        .and_then(|(a, b)| Some((a.0.minus(b.0).ok()?, a.1.minus(b.1).ok()?, a.2.minus(b.2).ok()?)));
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
    }
}

fn plus(a: Totals, b: Totals) -> Totals {
    let money = a
        .money
        .zip(b.money)
        .and_then(|(a, b)| Some((a.0.plus(b.0).ok()?, a.1.plus(b.1).ok()?, a.2.plus(b.2).ok()?)));
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
    }
}
