//! `apply(state, fact)`: the only way state changes. Recovery calls nothing else.

use crate::breaker::BreakerState;
use crate::breakers::{self, BREAKERS};
use crate::config::KernelConfig;
use crate::executions::Judged;
use crate::fills::Report;
use crate::measure;
use crate::orders::OrderPhase;
use crate::own;
use crate::record::{BreakerChange, Fact, OrderFact};
use crate::state::{Fault, LastExit, ReconState, State};
use zero_core::{CoinId, Px, Rate, Ts, TsDiff};
use zero_market::event::{OperatorAction, OperatorEvent, Reconciled, TimerKind, close_of};
use zero_market::venue::{Fill, OrderEnd, OrderEnded};
use zero_market::{Event, EventBody, FillCause, OwnOrder, Purpose, Side, VenueEvent};
use zero_operator::Request;

/// The venue's cap of an hourly funding rate: more is another unit, not a rate.
const FUNDING_CAP: Rate = Rate::bps(400);

/// Folds a fact into the state.
///
/// # Errors
/// [`Fault`]: the fact cannot belong to this run. The state may then be half changed and must be thrown away.
pub fn apply(state: &mut State, cfg: &KernelConfig, fact: &Fact) -> Result<(), Fault> {
    match fact {
        Fact::Event(e) => apply_event(state, cfg, e),
        Fact::Order(o) => apply_order(state, o),
        Fact::Cancel(_) => Ok(()),
        Fact::Breaker(b) => apply_breaker(state, b),
        Fact::Cycle(c) => {
            state.digest = c.digest;
            state.counters.candidates += u64::from(c.candidates);
            state.counters.admitted += u64::from(c.admitted);
            Ok(())
        }
        // It was judged when its event was folded; the record is held against that.
        Fact::Friction(r) if state.conduct.ruling.as_ref() == Some(&**r) => Ok(()),
        Fact::Execution(x) => {
            if state.executions.find(x.key).is_some() {
                return Err(Fault::Contradiction("an order under a key that is in use"));
            }
            state.executions.push((**x).clone(), state.conduct.now);
            if x.judged == Judged::Gates {
                state.conduct.judged(x.order);
            }
            Ok(())
        }
        Fact::Friction(_) => Err(Fault::Contradiction("a ruling that the recorded acts do not lead to")),
    }
}

#[inline]
pub(crate) fn apply_event(state: &mut State, cfg: &KernelConfig, event: &Event) -> Result<(), Fault> {
    if event.time < state.now {
        return Err(Fault::TimeReversed { now: state.now, event: event.time });
    }
    state.now = event.time;
    state.counters.events += 1;
    if state.last_operator == Ts::ZERO {
        // Silence is counted from the first event of the run, not from the epoch.
        state.last_operator = event.time;
    }
    match &event.body {
        EventBody::BarOpened(b) => {
            let coin = state.coins.get_mut(b.coin.index()).ok_or(Fault::Unknown("coin"))?;
            if b.open.raw() > 0 && b.interval.as_ns() > 0 {
                coin.mark = Some(b.open);
                coin.interval = b.interval;
            }
        }
        EventBody::BarClosed(b) => {
            let coin = state.coins.get_mut(b.coin.index()).ok_or(Fault::Unknown("coin"))?;
            if b.close_time() > event.time {
                return Err(Fault::Contradiction("a bar before its close"));
            }
            if is_credible(event) {
                coin.mark = Some(b.close);
                coin.close = Some(b.close);
                coin.close_time = b.close_time();
                coin.interval = b.interval;
                note_best(state, b.coin, b.close);
            }
        }
        EventBody::Funding(f) => {
            let coin = state.coins.get_mut(f.coin.index()).ok_or(Fault::Unknown("coin"))?;
            if is_credible(event) {
                coin.funding = Some(f.rate);
                coin.funding_time = event.time;
            }
        }
        EventBody::Mark(p) => {
            let coin = state.coins.get_mut(p.coin.index()).ok_or(Fault::Unknown("coin"))?;
            if p.px.raw() > 0 {
                coin.mark = Some(p.px);
            }
        }
        EventBody::Timer(kind) => apply_timer(state, *kind)?,
        EventBody::Operator(o) => apply_operator(state, cfg, o)?,
        EventBody::Venue(v) => apply_venue(state, v)?,
        EventBody::Reconciled(r) => apply_reconciled(state, cfg, r)?,
        EventBody::Transfer(t) => measure::transfer(state, t)?,
        EventBody::Trade(_) | EventBody::Book(_) | EventBody::Oracle(_) | EventBody::Gap(_) => {}
    }
    Ok(())
}

/// The best price of every book's position in the coin, after a close.
fn note_best(state: &mut State, coin: CoinId, close: Px) {
    let coins = state.coins.len();
    for (book, ledger) in state.ledger.books.iter().enumerate() {
        let Some(thesis) = state.theses.get_mut(book * coins + coin.index()) else { continue };
        if let Some(best) = thesis.best {
            let is_long = ledger.position(coin).szi.signum() > 0;
            thesis.best = Some(if is_long { best.max(close) } else { best.min(close) });
        }
    }
}

/// Can the market data be true? What cannot is not taken: the coin goes stale, and its gates say so.
#[inline]
pub(crate) fn is_credible(event: &Event) -> bool {
    match &event.body {
        EventBody::BarClosed(b) => b.is_consistent() && b.interval.as_ns() > 0,
        EventBody::Funding(f) => f.rate.abs() <= FUNDING_CAP,
        _ => true,
    }
}

fn apply_timer(state: &mut State, kind: TimerKind) -> Result<(), Fault> {
    let now = state.now;
    if kind == TimerKind::BarSlice {
        state.last_slice = now;
    }
    prune(&mut state.entry_times, now);
    prune(&mut state.reject_times, now);
    end_closes(state);
    measure::measure(state)
}

/// What an operator closes is closed once it is out of every book.
fn end_closes(state: &mut State) {
    if state.flattening && state.is_flat() {
        state.flattening = false;
    }
    if !state.closing.is_empty() {
        let closing = core::mem::take(&mut state.closing);
        state.closing = closing.into_iter().filter(|c| !state.is_out_of(*c)).collect();
    }
}

fn prune(times: &mut alloc::vec::Vec<Ts>, now: Ts) {
    let cut = now.minus(TsDiff::HOUR);
    let old = times.iter().take_while(|t| **t <= cut).count();
    if old > 0 {
        times.drain(..old);
    }
}

fn apply_operator(state: &mut State, cfg: &KernelConfig, o: &OperatorEvent) -> Result<(), Fault> {
    let now = state.now;
    let is_person = zero_operator::is_person(&o.operator);
    let at = state.conduct.clock(o, now);
    // An agent may act for months while nobody is there.
    if is_sign_of_life(o.action) && o.operator != zero_operator::AGENT_NAME {
        state.last_operator = now;
        if is_person {
            state.conduct.act(o, at);
        }
    }
    if o.action == OperatorAction::LossSeen {
        state.conduct.loss_seen(at);
    }
    if let Request::Increase(increase) = Request::of(o, would_change(state, cfg, o)?)
        && !state.conduct.request(&increase, at, is_person).admits()
    {
        return Ok(());
    }
    match o.action {
        OperatorAction::ClearLatch => {
            // A name that is no breaker's clears nothing; the rim refuses it before it becomes an event. Nor does one
            // that is not open: clearing it would move its base, and so widen a limit, without a halt to clear.
            let i = breakers::find(&o.subject).unwrap_or(usize::MAX);
            if let (Some(b), Some(slot)) = (BREAKERS.get(i), state.breakers.get_mut(i).filter(|s| s.open)) {
                *slot = BreakerState { open: false, since: now, ..*slot };
                b.rebase(state, now);
            }
        }
        OperatorAction::PauseEntries => state.paused = true,
        OperatorAction::ResumeEntries => state.paused = false,
        OperatorAction::AutoOff => state.auto_off = true,
        OperatorAction::AutoOn => state.auto_off = false,
        // What a kill closes is closed to the end, though its latch be cleared before.
        OperatorAction::Kill | OperatorAction::Flatten => {
            state.killed |= o.action == OperatorAction::Kill;
            state.flattening |= !state.is_flat();
        }
        OperatorAction::Close => {
            let coin = close_of(&o.subject).filter(|c| c.index() < state.coins.len());
            if let Some(coin) = coin.filter(|c| !state.closing.contains(c)) {
                state.closing.push(coin);
            }
        }
        // A report that cannot be read says nothing is left, never that nothing is watched.
        OperatorAction::DiskReport => state.disk_free = Some(o.subject.parse().unwrap_or(0)),
        OperatorAction::SessionEnd => end_session(state),
        // What these say is in the conduct.
        OperatorAction::ConfigChanged
        | OperatorAction::Heartbeat
        | OperatorAction::Confirm
        | OperatorAction::Break
        | OperatorAction::Rest
        | OperatorAction::Focus
        | OperatorAction::SessionStart
        | OperatorAction::SessionSave
        | OperatorAction::Override
        | OperatorAction::Follow
        | OperatorAction::Acknowledge
        | OperatorAction::Command
        | OperatorAction::LossSeen
        // What becomes of an order is a fact of its own.
        | OperatorAction::Execute
        | OperatorAction::Reduce => {}
    }
    Ok(())
}

/// Nothing is entered after a session. What is held is closed, or left where the session's policy says so and a stop
/// covers all of it: a hand-over that nothing protects is none.
fn end_session(state: &mut State) {
    if state.conduct.session.is_empty() {
        return;
    }
    state.conduct.session.clear();
    state.auto_off = true;
    if !state.conduct.session_hands_over || !state.is_protected() {
        state.flattening |= !state.is_flat();
    }
}

/// Would the act change what it is about? Only then can it increase anything.
fn would_change(state: &State, cfg: &KernelConfig, o: &OperatorEvent) -> Result<bool, Fault> {
    Ok(match o.action {
        OperatorAction::ClearLatch => {
            breakers::find(&o.subject).and_then(|i| state.breakers.get(i)).is_some_and(|b| b.open)
        }
        OperatorAction::ResumeEntries => state.paused,
        OperatorAction::AutoOn => state.auto_off,
        // The settings of a run are not in its state: that they permit more is what the act says.
        OperatorAction::ConfigChanged => true,
        OperatorAction::Execute => {
            OwnOrder::parse(&o.subject).map_or(Ok(false), |order| own::must_ask(state, cfg, &order))?
        }
        _ => false,
    })
}

/// The program itself reports its disk, the losses that it shows and, at every start, its configuration: none of these
/// shows that a person is there.
const fn is_sign_of_life(action: OperatorAction) -> bool {
    !matches!(action, OperatorAction::DiskReport | OperatorAction::ConfigChanged | OperatorAction::LossSeen)
}

fn apply_venue(state: &mut State, v: &VenueEvent) -> Result<(), Fault> {
    match v {
        VenueEvent::Accepted(a) => state.orders.ack(a.order),
        VenueEvent::Ended(e) => {
            apply_ended(state, e);
            end_closes(state);
        }
        VenueEvent::Fill(f) => {
            apply_fill(state, f)?;
            end_closes(state);
        }
        VenueEvent::Funding(p) => state.ledger.post_funding(p)?,
        VenueEvent::Backstop(b) => state.ledger.post_backstop(b.book, b.amount)?,
    }
    Ok(())
}

fn apply_ended(state: &mut State, e: &OrderEnded) {
    let is_known = match e.why {
        // An answer that nobody understands is not an end: the order may live.
        OrderEnd::Unknown => {
            state.orders.lost(e.order);
            state.orders.get(e.order).is_some()
        }
        _ => {
            let order = state.orders.end(e.order);
            // The venue's first word on it: later ends say nothing of whether it was taken.
            if e.why.is_rejection() && order.as_ref().is_some_and(|o| o.phase == OrderPhase::Reserved) {
                state.executions.rejected(e.order, e.why);
            }
            order.is_some()
        }
    };
    if is_known && e.why.is_rejection() {
        state.counters.rejects += 1;
        state.reject_times.push(state.now);
    }
}

fn apply_fill(state: &mut State, f: &Fill) -> Result<(), Fault> {
    let book = state.ledger.books.get(f.book.index()).ok_or(Fault::Unknown("book"))?;
    if f.coin.index() >= state.coins.len() {
        return Err(Fault::Unknown("coin"));
    }
    if book.account != f.account {
        return Err(Fault::Contradiction("a fill for a book of another account"));
    }
    if f.sz.raw() <= 0 || f.px.raw() <= 0 || f.notional.raw() < 0 {
        return Err(Fault::Contradiction("a fill without price or size"));
    }
    if state.booked.judge(f) != Report::New {
        state.counters.refused_fills += 1;
        return Ok(());
    }
    let (before, realised) = (book.position(f.coin).szi, book.realised);
    state.booked.note(f);
    state.ledger.post_fill(f)?;
    if state.ledger.books.get(f.book.index()).is_some_and(|b| b.realised < realised) {
        state.conduct.losses += 1;
    }
    state.counters.fills += 1;
    state.counters.liquidations += u64::from(f.cause == FillCause::Liquidation);
    state.orders.fill(f);
    let after = before.plus(f.side.signed(f.sz))?;
    let thesis = state.thesis_mut(f.book, f.coin)?;
    if before.signum() != 0 && before.signum() != after.signum() {
        let side = if before.signum() > 0 { Side::Buy } else { Side::Sell };
        thesis.last_exit = Some(LastExit { time: f.time, side });
        thesis.plan = None;
    }
    if before.signum() != after.signum() {
        thesis.best = (after.raw() != 0).then_some(f.px);
    }
    if f.cause == FillCause::Order && after.signum() == f.side.sign() && thesis.pending.is_some() {
        thesis.plan = thesis.pending;
    }
    Ok(())
}

fn apply_reconciled(state: &mut State, cfg: &KernelConfig, r: &Reconciled) -> Result<(), Fault> {
    let ours = state.ledger.account_equity(r.account, |c| state.mark(c))?;
    let equal_money =
        ours.is_some_and(|e| e.minus(r.equity).is_ok_and(|d| d.abs() <= cfg.reconcile_tolerance));
    let net = |coin| state.ledger.account_net(r.account, coin);
    // Both ways: what the venue names must be ours (a coin outside the run never is), what is ours it must name.
    let theirs_are_ours = r.positions.iter().all(|p| net(p.coin) == p.szi);
    let ours_are_theirs = (0..state.coins.len())
        .map(|i| CoinId(i as u16))
        .all(|coin| net(coin).raw() == 0 || r.positions.iter().any(|p| p.coin == coin));
    let agrees = equal_money && theirs_are_ours && ours_are_theirs;
    let account =
        state.accounts.iter_mut().find(|a| a.account == r.account).ok_or(Fault::Unknown("account"))?;
    account.recon = if agrees { ReconState::Agrees } else { ReconState::Differs };
    state.data_fault |= !agrees;
    Ok(())
}

fn apply_order(state: &mut State, o: &OrderFact) -> Result<(), Fault> {
    state.counters.orders += 1;
    if state.orders.get(o.intent.id).is_some() {
        return Err(Fault::Contradiction("an order that is already under way"));
    }
    if o.intent.purpose == Purpose::Entry {
        state.entry_times.push(state.now);
        state.thesis_mut(o.intent.book, o.intent.coin)?.pending = o.plan;
        state.conduct.judged(o.decision);
    }
    if o.intent.purpose == Purpose::Emergency {
        state.thesis_mut(o.intent.book, o.intent.coin)?.emergency = o.intent.decided_at;
    }
    state.orders.reserve(o.intent.clone());
    Ok(())
}

fn apply_breaker(state: &mut State, b: &BreakerChange) -> Result<(), Fault> {
    let i = breakers::find(&b.name).ok_or(Fault::Unknown("breaker"))?;
    state.know_breakers(BREAKERS.len());
    let slot = state.breakers.get_mut(i).ok_or(Fault::Unknown("breaker"))?;
    *slot = BreakerState { open: b.open, since: b.time, value: b.value, limit: b.limit };
    Ok(())
}
