//! Follows orders through a run's facts.
//!
//! What the venue says about a market event is recorded before that event, so a fill waits for it: only then is the price known
//! that the market itself had.

use super::{Execution, Executions, FillSeen, HORIZONS};
use std::collections::BTreeMap;
use zero_core::{BookId, CoinId, OrderId, Px, Rate, Ts, TsDiff, Usd};
use zero_kernel::Fact;
use zero_market::event::{Bar, BarOpen};
use zero_market::venue::OrderEnded;
use zero_market::{
    Event, EventBody, Fill, FillCause, FundingPayment, OrderIntent, OrderKind, Purpose, Side, VenueEvent,
};
use zero_runtime::record::Manifest;

/// Most orders that are kept; later ones are counted and left out.
pub const EXECUTIONS_MAX: usize = 400_000;

/// What is known of a coin.
#[derive(Clone, Copy, Debug)]
struct CoinSeen {
    open: Px,
    open_time: Ts,
    interval: TsDiff,
    last: Px,
    close: Option<(Ts, Px)>,
}

/// A close that a fill waits for: (when, order, fill, horizon).
type Due = (Ts, usize, usize, usize);

/// Follows a run.
#[derive(Debug, Default)]
pub struct Recorder {
    out: Executions,
    places: BTreeMap<OrderId, usize>,
    terms: BTreeMap<usize, OrderKind>,
    half_spread: Option<Rate>,
    coins: BTreeMap<CoinId, CoinSeen>,
    /// Said since the last event of the source.
    said: Vec<VenueEvent>,
    /// Orders that have not met a price, by coin.
    fresh: BTreeMap<CoinId, Vec<usize>>,
    due: BTreeMap<CoinId, Vec<Due>>,
    /// The entry whose position a book holds.
    holds: BTreeMap<(BookId, CoinId), usize>,
}

impl Recorder {
    /// A start of the run.
    pub const fn start(&mut self, m: &Manifest) {
        self.half_spread = Some(m.paper.half_spread);
    }

    /// Takes a fact, in order.
    pub fn fact(&mut self, fact: &Fact) {
        match fact {
            Fact::Order(o) => self.order(&o.intent),
            Fact::Event(Event { body: EventBody::Venue(v), .. }) => match v {
                VenueEvent::Funding(p) => self.funding(p),
                VenueEvent::Accepted(_) | VenueEvent::Backstop(_) => {}
                VenueEvent::Fill(_) | VenueEvent::Ended(_) => self.said.push(*v),
            },
            Fact::Event(e) => self.source(e),
            Fact::Cancel(_) | Fact::Breaker(_) | Fact::Cycle(_) | Fact::Friction(_) | Fact::Execution(_) => {}
        }
    }

    /// Everything up to the last fact.
    #[must_use]
    pub fn finish(mut self) -> Executions {
        self.resolve(None);
        self.out
    }

    fn order(&mut self, i: &OrderIntent) {
        if self.places.contains_key(&i.id) {
            return;
        }
        if self.out.list.len() >= EXECUTIONS_MAX {
            self.out.left_out += 1;
            return;
        }
        let at = self.out.list.len();
        let trigger = match i.kind {
            OrderKind::Trigger(t) => Some(t.px),
            OrderKind::Market(_) | OrderKind::Limit(_) => None,
        };
        self.places.insert(i.id, at);
        self.terms.insert(at, i.kind);
        if trigger.is_none() {
            self.fresh.entry(i.coin).or_default().push(at);
        }
        let span = self.out.span.get_or_insert((i.decided_at, i.decided_at));
        span.1 = i.decided_at;
        self.out.list.push(Execution {
            order: i.id,
            book: i.book,
            coin: i.coin,
            purpose: i.purpose,
            side: i.side,
            sz: i.sz,
            decided_at: i.decided_at,
            decision_px: trigger.unwrap_or(i.reference_px),
            arrival_px: trigger,
            half_spread: self.half_spread.unwrap_or(Rate::ZERO),
            fills: Vec::new(),
            end: None,
            end_px: None,
            funding: Usd::ZERO,
            is_trigger: trigger.is_some(),
        });
    }

    /// Funding belongs to the entry that opened the position.
    fn funding(&mut self, p: &FundingPayment) {
        let Some(at) = self.holds.get(&(p.book, p.coin)) else { return };
        if let Some(e) = self.out.list.get_mut(*at) {
            e.funding = e.funding.minus(p.amount).unwrap_or(e.funding);
        }
    }

    fn source(&mut self, event: &Event) {
        let opened = match &event.body {
            EventBody::BarOpened(b) if b.open.raw() > 0 => Some(*b),
            _ => None,
        };
        if let Some(b) = opened {
            for at in self.fresh.remove(&b.coin).unwrap_or_default() {
                if let Some(e) = self.out.list.get_mut(at) {
                    e.arrival_px = Some(b.open);
                    if e.end.is_some() && e.end_px.is_none() {
                        e.end_px = Some(b.open);
                    }
                }
            }
        }
        self.resolve(opened.as_ref());
        match &event.body {
            EventBody::BarOpened(b) if b.open.raw() > 0 => self.opened(b),
            EventBody::BarClosed(b) if b.is_consistent() => self.closed(b),
            _ => {}
        }
    }

    fn opened(&mut self, b: &BarOpen) {
        let close = self.coins.get(&b.coin).and_then(|c| c.close);
        let seen =
            CoinSeen { open: b.open, open_time: b.open_time, interval: b.interval, last: b.open, close };
        self.coins.insert(b.coin, seen);
    }

    fn closed(&mut self, b: &Bar) {
        let now = b.close_time();
        let seen = CoinSeen {
            open: b.open,
            open_time: b.open_time,
            interval: b.interval,
            last: b.close,
            close: Some((now, b.close)),
        };
        self.coins.insert(b.coin, seen);
        let Some(due) = self.due.get_mut(&b.coin) else { return };
        let list = &mut self.out.list;
        due.retain(|(when, e, f, h)| {
            if *when == now {
                mark(list, (*e, *f, *h), b.close);
            }
            *when > now
        });
    }

    /// What was said about the time up to an event of the source; `opened` when that is a bar's first price.
    fn resolve(&mut self, opened: Option<&BarOpen>) {
        for v in core::mem::take(&mut self.said) {
            match v {
                VenueEvent::Fill(f) => self.fill(&f, opened.filter(|b| b.coin == f.coin)),
                VenueEvent::Ended(e) => self.ended(&e, opened.filter(|b| b.coin == e.coin)),
                _ => {}
            }
        }
    }

    fn ended(&mut self, ended: &OrderEnded, opened: Option<&BarOpen>) {
        let last = self.coins.get(&ended.coin).map(|c| c.last);
        let Some(e) = self.places.get(&ended.order).and_then(|at| self.out.list.get_mut(*at)) else { return };
        e.end = Some(ended.why);
        // One that ended before it met a price is valued at the first that it would have met.
        if e.arrival_px.is_some() {
            e.end_px = opened.map(|b| b.open).or(last);
        }
    }

    fn fill(&mut self, f: &Fill, opened: Option<&BarOpen>) {
        let Some(at) = self.places.get(&f.order).copied() else {
            self.out.foreign_fills += 1;
            return;
        };
        let seen = self.coins.get(&f.coin).copied();
        let (mid, bar, interval) = match (opened.filter(|b| f.time >= b.open_time), seen) {
            (Some(b), _) => (b.open, b.open_time, b.interval),
            (None, Some(c)) => (self.inside(at, f, &c), c.open_time, c.interval),
            (None, None) => return,
        };
        let Some(e) = self.out.list.get_mut(at) else { return };
        e.fills.push(FillSeen {
            time: f.time,
            px: f.px,
            sz: f.sz,
            notional: f.notional,
            fee: f.fee,
            liquidity: f.liquidity,
            mid,
            bar,
            interval,
            closes: [None; HORIZONS.len()],
        });
        if e.purpose == Purpose::Entry {
            self.holds.insert((f.book, f.coin), at);
        }
        let n = e.fills.len() - 1;
        for (h, bars) in HORIZONS.iter().enumerate() {
            let when = bar.plus(interval.times(i64::from(*bars)));
            match seen.and_then(|c| c.close) {
                Some((time, close)) if time == when => mark(&mut self.out.list, (at, n, h), close),
                Some((time, _)) if time > when => {}
                _ => self.due.entry(f.coin).or_default().push((when, at, n, h)),
            }
        }
    }

    /// The market's own price at a fill inside a bar: where a trigger fired, which is the open when the bar began beyond it.
    fn inside(&self, at: usize, f: &Fill, c: &CoinSeen) -> Px {
        match self.terms.get(&at) {
            Some(OrderKind::Trigger(t)) => {
                let is_jumped = f.cause == FillCause::Stop
                    && match f.side {
                        Side::Sell => c.open <= t.px,
                        Side::Buy => c.open >= t.px,
                    };
                if is_jumped { c.open } else { t.px }
            }
            Some(OrderKind::Limit(l)) => l.px,
            Some(OrderKind::Market(_)) | None => c.last,
        }
    }
}

fn mark(list: &mut [Execution], (e, f, h): (usize, usize, usize), close: Px) {
    let fill = list.get_mut(e).and_then(|e| e.fills.get_mut(f));
    if let Some(slot) = fill.and_then(|f| f.closes.get_mut(h)) {
        *slot = Some(close);
    }
}
