//! `zero.brief.v1`: state, exposure and its worst case, protection, what changed, what is not known, breakers.

use super::positions::positions;
use super::status::blind_spots;
use super::{Reading, approaching, px, seen_decision, sz, usd};
use crate::replica::{Past, Replica};
use crate::view::SeenCandidate;
use zero_core::{BookId, CoinId, Px, Sz, TsDiff, Usd};
use zero_kernel::breakers;
use zero_kernel::{OrderPhase, State};
use zero_market::{OrderKind, Purpose};
use zero_packets::brief::{Brief, Changed, Exposure, LastCycle, OpenBreaker, Protection};

/// The packet, of the state as it is: only what is near is asked of the kernel, which stands at the last whole slice. `past` is the
/// run at the moment that `since` names.
#[must_use]
pub fn brief(r: &Reading, replica: &Replica, recent: &[SeenCandidate], past: Option<(&str, &Past)>) -> Brief {
    let state = &r.view.state;
    let protection = protection(r);
    let protected = protection.iter().all(|p| p.holds);
    let held = positions(r, None);
    let c = &state.counters;
    Brief {
        schema_version: Default::default(),
        timestamp: r.ts(),
        fear_greed: None,
        open_positions: Some(held.count),
        positions: held.positions,
        recent_signals: recent.iter().rev().map(|s| seen_decision(&r.view, s)).collect(),
        approaching: approaching(r, replica, TsDiff::DAY).approaching,
        last_cycle: LastCycle {
            mode: "paper".into(),
            decisions: c.candidates,
            fills: c.fills,
            rejections: c.candidates - c.admitted,
            slice: (state.last_slice != zero_core::Ts::ZERO).then(|| state.last_slice.to_string()),
        },
        state: in_a_sentence(r),
        risk_increasing_allowed: r.risk_increasing_allowed(),
        exposure: exposure(r),
        open_questions: questions(r, replica, &protection),
        protection,
        protected,
        changed: past.map(|(since, p)| changed(r, since, p)),
        breakers: breakers(state),
        source: r.source(),
        journal_seq: r.view.next_seq,
    }
}

fn in_a_sentence(r: &Reading) -> String {
    let s = &r.view.state;
    let mut stops: Vec<String> = r.open_breakers().iter().map(|b| format!("{b} is open")).collect();
    for (set, what) in [(s.killed, "killed"), (s.paused, "entries are paused")] {
        if set {
            stops.push(what.to_owned());
        }
    }
    if stops.is_empty() {
        "new risk is allowed".into()
    } else if r.is_auto_off_alone() {
        "new risk is stopped, but for the operator's own orders: auto_off is open".into()
    } else {
        format!("new risk is stopped: {}", stops.join(", "))
    }
}

fn legs(state: &State) -> impl Iterator<Item = (BookId, CoinId, Sz)> {
    state.ledger.books.iter().enumerate().flat_map(|(b, ledger)| {
        let held = ledger.positions.iter().enumerate().filter(|(_, p)| p.szi.raw() != 0);
        held.map(move |(c, p)| (BookId(b as u16), CoinId(c as u16), p.szi))
    })
}

/// A resting stop: its open size, trigger, id, and whether the venue has it.
type Stop = (Sz, Px, zero_core::OrderId, bool);

/// The stop of a leg.
fn stop_of(state: &State, book: BookId, coin: CoinId) -> Option<Stop> {
    state.orders.of(book, coin).find_map(|o| match o.intent.kind {
        OrderKind::Trigger(t) if t.is_stop && o.intent.purpose == Purpose::Stop => {
            let accepted = matches!(o.phase, OrderPhase::Acked | OrderPhase::Partial);
            Some((o.open_sz(), t.px, o.intent.id, accepted))
        }
        _ => None,
    })
}

/// Held legs that no resting stop covers whole: those whose [`Protection`] does not hold.
#[must_use]
pub fn unprotected(r: &Reading) -> usize {
    let state = &r.view.state;
    legs(state).filter(|(book, coin, szi)| !covers(stop_of(state, *book, *coin), *szi)).count()
}

/// Does the venue have the stop, and is it of the whole position?
fn covers(stop: Option<Stop>, szi: Sz) -> bool {
    stop.is_some_and(|(sz, _, _, accepted)| accepted && sz >= szi.abs())
}

fn protection(r: &Reading) -> Vec<Protection> {
    let state = &r.view.state;
    legs(state)
        .map(|(book, coin, szi)| {
            let stop = stop_of(state, book, coin);
            let accepted = stop.is_some_and(|s| s.3);
            Protection {
                book: book_name(r, book),
                coin: r.view.symbol(coin).to_owned(),
                position: sz(szi),
                covered: sz(stop.map_or(Sz::ZERO, |s| s.0)),
                stop: stop.map(|s| px(s.1)),
                order: stop.map(|s| s.2.to_string()),
                accepted,
                holds: covers(stop, szi),
            }
        })
        .collect()
}

fn book_name(r: &Reading, book: BookId) -> String {
    r.view.manifest.kernel.books.get(book.index()).map_or("?", |b| b.name.as_str()).to_owned()
}

fn exposure(r: &Reading) -> Exposure {
    let state = &r.view.state;
    let (mut net, mut loss) = (Some(Usd::ZERO), Some(Usd::ZERO));
    let add = |sum: Option<Usd>, v: Option<Usd>| sum.zip(v).and_then(|(a, b)| a.plus(b).ok());
    for (book, coin, szi) in legs(state) {
        let value = |p: Px| p.notional(szi).ok();
        let at_mark = state.mark(coin).and_then(value);
        net = add(net, at_mark);
        let at_stop = stop_of(state, book, coin).filter(|s| s.0 >= szi.abs()).and_then(|s| value(s.1));
        loss = add(loss, at_mark.zip(at_stop).and_then(|(m, s)| m.minus(s).ok()));
    }
    Exposure {
        equity: r.equity().map(usd),
        gross_usd: gross(state).map(usd),
        net_usd: net.map(usd),
        worst_gross_usd: usd(state.worst_gross()),
        loss_at_stops_usd: loss.map(usd),
    }
}

/// Of every account and coin the absolute net value at the mark; `None` where a held coin has none.
fn gross(state: &State) -> Option<Usd> {
    let coins = || (0..state.coins.len()).map(|c| CoinId(c as u16));
    let nets =
        state.accounts.iter().flat_map(|a| coins().map(|c| (c, state.ledger.account_net(a.account, c))));
    nets.filter(|(_, net)| net.raw() != 0)
        .try_fold(Usd::ZERO, |sum, (coin, net)| sum.plus(state.mark(coin)?.notional(net).ok()?.abs()).ok())
}

fn questions(r: &Reading, replica: &Replica, protection: &[Protection]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for p in protection.iter().filter(|p| !p.holds) {
        let what = if p.stop.is_none() { "has no resting stop" } else { "is not covered by its stop" };
        out.push(format!("{} of {} {what}", p.coin, p.book));
    }
    let state = &r.view.state;
    let lost = (0..state.coins.len()).map(|c| CoinId(c as u16)).filter(|c| state.orders.any_unknown(*c));
    out.extend(lost.map(|c| format!("an order of {} is of unknown fate", r.view.symbol(c))));
    if r.holder.is_none() && r.view.ended.is_none() {
        out.push("the last run did not end in order".into());
    }
    for b in (0..replica.absent.len()).map(|b| BookId(b as u16)).filter(|b| !replica.is_known(*b)) {
        out.push(format!("this program cannot build the strategy of {}", book_name(r, b)));
    }
    out.extend(blind_spots(r));
    out
}

fn breakers(state: &State) -> Vec<OpenBreaker> {
    breakers::standing(state)
        .map(|(b, s)| OpenBreaker {
            name: b.name().into(),
            severity: b.severity().name().into(),
            since: s.since.to_string(),
            latches: b.latches(),
            reason: b.reason().into(),
        })
        .collect()
}

fn changed(r: &Reading, since: &str, then: &Past) -> Changed {
    let (now, was) = (&r.view.state, &then.state);
    let (c, d) = (&now.counters, &was.counters);
    let sum = |s: &State, pick: fn(&zero_kernel::BookLedger) -> Usd| {
        s.ledger.books.iter().fold(0i64, |n, b| n.saturating_add(pick(b).raw()))
    };
    let less = |pick: fn(&zero_kernel::BookLedger) -> Usd| Usd::from_raw(sum(now, pick) - sum(was, pick));
    let equity_then = was.accounts.iter().try_fold(Usd::ZERO, |n, a| {
        n.plus(was.ledger.account_equity(a.account, |c| was.mark(c)).ok().flatten()?).ok()
    });
    let equity_change = r.equity().zip(equity_then).and_then(|(a, b)| a.minus(b).ok());
    Changed {
        since: since.to_owned(),
        since_seq: then.next_seq,
        since_time: (was.now != zero_core::Ts::ZERO).then(|| was.now.to_string()),
        decisions: c.candidates - d.candidates,
        admitted: c.admitted - d.admitted,
        fills: c.fills - d.fills,
        orders: c.orders - d.orders,
        rejects: c.rejects - d.rejects,
        fees: usd(less(|b| b.fees)),
        funding: usd(less(|b| b.funding).negated()),
        equity_then: equity_then.map(usd),
        equity_change: equity_change.map(usd),
        positions: moved(r, now, was),
        breakers: breakers::states(now)
            .zip(breakers::states(was))
            .filter(|((_, n), (_, w))| n.open != w.open)
            .map(|((b, n), _)| format!("{} {}", b.name(), if n.open { "opened" } else { "closed" }))
            .collect(),
    }
}

fn moved(r: &Reading, now: &State, was: &State) -> Vec<String> {
    let net = |s: &State, c: CoinId| {
        Sz::from_raw(s.ledger.books.iter().fold(0i64, |n, b| n.saturating_add(b.position(c).szi.raw())))
    };
    (0..now.coins.len())
        .map(|c| CoinId(c as u16))
        .filter(|c| net(now, *c) != net(was, *c))
        .map(|c| format!("{} {} -> {}", r.view.symbol(c), net(was, c), net(now, c)))
        .collect()
}
