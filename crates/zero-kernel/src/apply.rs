//! `apply(state, fact)`: the only way state changes. Recovery calls nothing else.

use crate::breaker::BreakerState;
use crate::breakers::{self, BREAKERS};
use crate::config::KernelConfig;
use crate::record::{BreakerChange, Fact, OrderFact};
use crate::state::{EquitySample, Fault, LastExit, ReconState, State};
use zero_core::{CoinId, Ts, TsDiff, Usd};
use zero_market::event::{OperatorAction, OperatorEvent, Reconciled, TimerKind};
use zero_market::venue::{Fill, OrderEnded};
use zero_market::{Event, EventBody, FillCause, Purpose, Side, VenueEvent};

/// Shortest distance of two equity samples; with the 24-hour window it bounds their number.
const SAMPLE_EVERY: TsDiff = TsDiff::secs(900);

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
    }
}

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
            coin.mark = Some(b.open);
            coin.interval = b.interval;
        }
        EventBody::BarClosed(b) => {
            let coin = state.coins.get_mut(b.coin.index()).ok_or(Fault::Unknown("coin"))?;
            coin.mark = Some(b.close);
            coin.close = Some(b.close);
            coin.close_time = b.close_time();
            coin.interval = b.interval;
        }
        EventBody::Funding(f) => {
            let coin = state.coins.get_mut(f.coin.index()).ok_or(Fault::Unknown("coin"))?;
            coin.funding = Some(f.rate);
            coin.funding_time = event.time;
        }
        EventBody::Mark(p) => {
            state.coins.get_mut(p.coin.index()).ok_or(Fault::Unknown("coin"))?.mark = Some(p.px);
        }
        EventBody::Timer(kind) => apply_timer(state, *kind)?,
        EventBody::Operator(o) => apply_operator(state, o),
        EventBody::Venue(v) => apply_venue(state, v)?,
        EventBody::Reconciled(r) => apply_reconciled(state, cfg, r)?,
        EventBody::Transfer(t) => {
            state.ledger.post_transfer(t.book, t.amount)?;
            if let Some(a) = state.accounts.iter_mut().find(|a| a.account == t.account) {
                // Peak and samples move with the money, so that a deposit is no profit and a withdrawal no loss.
                a.peak = a.peak.plus(t.amount)?;
                for s in &mut a.samples {
                    s.equity = s.equity.plus(t.amount)?;
                }
            }
        }
        EventBody::Trade(_) | EventBody::Book(_) | EventBody::Oracle(_) | EventBody::Gap(_) => {}
    }
    Ok(())
}

fn apply_timer(state: &mut State, kind: TimerKind) -> Result<(), Fault> {
    let now = state.now;
    if kind == TimerKind::BarSlice {
        state.last_slice = now;
    }
    prune(&mut state.entry_times, now);
    prune(&mut state.reject_times, now);
    measure(state)
}

fn prune(times: &mut alloc::vec::Vec<Ts>, now: Ts) {
    let cut = now.minus(TsDiff::HOUR);
    let old = times.iter().take_while(|t| **t <= cut).count();
    times.drain(..old);
}

/// Equity, peak and samples of every account at the present marks.
fn measure(state: &mut State) -> Result<(), Fault> {
    let State { accounts, ledger, coins, now, .. } = state;
    for a in accounts.iter_mut() {
        let mut equity = Some(Usd::ZERO);
        let (mut gross, mut fees) = (Usd::ZERO, Usd::ZERO);
        for book in ledger.of(a.account) {
            fees = fees.plus(book.fees)?;
            let mut total = book.cash;
            for (pos, coin) in book.positions.iter().zip(coins.iter()) {
                if pos.szi.raw() == 0 {
                    continue;
                }
                match coin.mark {
                    Some(px) => {
                        let value = px.notional(pos.szi)?;
                        total = total.plus(value)?;
                        gross = gross.plus(value.abs())?;
                    }
                    None => equity = None,
                }
            }
            equity = match equity {
                Some(e) => Some(e.plus(total)?),
                None => None,
            };
        }
        a.equity = equity;
        a.gross = gross;
        if let Some(equity) = equity {
            a.peak = a.peak.max(equity);
            let day_ago = now.minus(TsDiff::DAY);
            // One sample from before the window stays: the loss is measured against the equity 24 hours ago.
            let old = a.samples.iter().take_while(|s| s.time <= day_ago).count();
            a.samples.drain(..old.saturating_sub(1));
            if a.samples.last().is_none_or(|s| now.since(s.time) >= SAMPLE_EVERY) {
                a.samples.push(EquitySample { time: *now, equity, fees });
            }
        }
    }
    Ok(())
}

fn apply_operator(state: &mut State, o: &OperatorEvent) {
    let now = state.now;
    state.last_operator = now;
    match o.action {
        OperatorAction::ClearLatch => {
            // A name that is no breaker's clears nothing; the rim refuses it before it becomes an event.
            let i = breakers::find(&o.subject).unwrap_or(usize::MAX);
            if let (Some(b), Some(slot)) = (BREAKERS.get(i), state.breakers.get_mut(i)) {
                *slot = BreakerState { open: false, since: now, ..*slot };
                b.rebase(state, now);
            }
        }
        OperatorAction::PauseEntries => state.paused = true,
        OperatorAction::ResumeEntries => state.paused = false,
        OperatorAction::Kill => state.killed = true,
        OperatorAction::DiskReport => state.disk_free = o.subject.parse().ok(),
        OperatorAction::Flatten | OperatorAction::ConfigChanged | OperatorAction::Heartbeat => {}
    }
}

fn apply_venue(state: &mut State, v: &VenueEvent) -> Result<(), Fault> {
    match v {
        VenueEvent::Accepted(a) => state.orders.ack(a.order),
        VenueEvent::Ended(e) => apply_ended(state, e),
        VenueEvent::Fill(f) => apply_fill(state, f)?,
        VenueEvent::Funding(p) => state.ledger.post_funding(p)?,
        VenueEvent::Backstop(b) => state.ledger.post_backstop(b.book, b.amount)?,
    }
    Ok(())
}

fn apply_ended(state: &mut State, e: &OrderEnded) {
    let was_rejected = e.why.is_rejection();
    if state.orders.end(e.order).is_some() && was_rejected {
        state.counters.rejects += 1;
        state.reject_times.push(state.now);
    }
}

fn apply_fill(state: &mut State, f: &Fill) -> Result<(), Fault> {
    if f.tid <= state.last_tid {
        return Err(Fault::Contradiction("a trade id that was already booked"));
    }
    let before = state.ledger.books.get(f.book.index()).ok_or(Fault::Unknown("book"))?.position(f.coin).szi;
    state.last_tid = f.tid;
    state.ledger.post_fill(f)?;
    state.counters.fills += 1;
    state.counters.liquidations += u64::from(f.cause == FillCause::Liquidation);
    state.orders.fill(f);
    let after = state.ledger.books.get(f.book.index()).ok_or(Fault::Unknown("book"))?.position(f.coin).szi;
    if before.signum() != 0 && before.signum() != after.signum() {
        let side = if before.signum() > 0 { Side::Buy } else { Side::Sell };
        let pending_entry = state.orders.of(f.book, f.coin).any(|o| o.intent.purpose == Purpose::Entry);
        let thesis = state.thesis_mut(f.book, f.coin)?;
        thesis.last_exit = Some(LastExit { time: f.time, side });
        if after.signum() == 0 && !pending_entry {
            thesis.plan = None;
        }
    }
    Ok(())
}

fn apply_reconciled(state: &mut State, cfg: &KernelConfig, r: &Reconciled) -> Result<(), Fault> {
    let ours = state.ledger.account_equity(r.account, |c| state.mark(c))?;
    let equal_money =
        ours.is_some_and(|e| e.minus(r.equity).is_ok_and(|d| d.abs() <= cfg.reconcile_tolerance));
    let equal_positions = (0..state.coins.len()).all(|i| {
        let coin = CoinId(i as u16);
        let theirs = r.positions.iter().find(|p| p.coin == coin).map_or(0, |p| p.szi.raw());
        state.ledger.account_net(r.account, coin).raw() == theirs
    });
    if equal_money && equal_positions {
        state.recon = ReconState::Agrees;
    } else {
        state.recon = ReconState::Differs;
        state.data_fault = true;
    }
    Ok(())
}

fn apply_order(state: &mut State, o: &OrderFact) -> Result<(), Fault> {
    state.counters.orders += 1;
    if o.intent.purpose == Purpose::Entry {
        state.entry_times.push(state.now);
        state.thesis_mut(o.intent.book, o.intent.coin)?.plan = o.plan;
    }
    state.orders.reserve(o.intent.clone());
    Ok(())
}

fn apply_breaker(state: &mut State, b: &BreakerChange) -> Result<(), Fault> {
    let i = breakers::find(&b.name).ok_or(Fault::Unknown("breaker"))?;
    let slot = state.breakers.get_mut(i).ok_or(Fault::Unknown("breaker"))?;
    *slot = BreakerState { open: b.open, since: b.time, value: b.value, limit: b.limit };
    Ok(())
}
