//! What happens at an open and inside a bar.

use crate::margin::Group;
use crate::state::Working;
use crate::venue::{Execution, PaperVenue, crosses, ended};
use alloc::vec::Vec;
use zero_core::{CoinId, Overflow, Px, Sz, Ts, TsDiff};
use zero_market::order::{LimitTerms, TriggerTerms};
use zero_market::venue::OrderEnd;
use zero_market::{Bar, FillCause, Liquidity, OrderKind, Side, Tif, VenueEvent};

/// The path from open to extreme is walked in this many steps; a crossing is found to one of them.
const STEPS: i64 = 1 << 20;
/// A trigger that the favourable side of the bar touches: after the whole adverse path.
const AFTER_PATH: i64 = STEPS + 1;

impl PaperVenue {
    /// A new bar's first price: resting triggers that it jumped over, then orders that wait for a price, then margin.
    pub(crate) fn at_open(
        &mut self,
        coin: CoinId,
        open: Px,
        time: Ts,
        out: &mut Vec<VenueEvent>,
    ) -> Result<(), Overflow> {
        let traded = self.state.last_tid;
        let is_jumped = |w: &Working| match w.intent.kind {
            OrderKind::Trigger(t) => touched(&t, w.intent.side, open, open),
            _ => false,
        };
        while let Some(w) = self.pull(|w| w.intent.coin == coin && w.arrives <= time && is_jumped(w)) {
            self.fire(&w, open, time, out)?;
        }
        let waits = |w: &Working| match w.intent.kind {
            OrderKind::Market(_) => true,
            OrderKind::Limit(l) => l.tif == Tif::Ioc || crosses(w.intent.side, l.px, open),
            OrderKind::Trigger(_) => false,
        };
        // What is left of a resting order rests again, but not before everything else had its turn at this open.
        let mut rests = Vec::new();
        let close = time.plus(self.state.coins.get(coin.index()).map_or(TsDiff::ZERO, |c| c.interval));
        // Of a bar only the open is known in time: a market order that arrives inside the bar takes there, made worse by
        // what the price may have done meanwhile. One that arrives later than the whole bar waits.
        let arrived = |w: &Working| match w.intent.kind {
            OrderKind::Market(_) => w.arrives <= time || w.arrives < close,
            _ => w.arrives <= time,
        };
        while let Some(w) = self.pull(|w| w.intent.coin == coin && arrived(w) && waits(w)) {
            rests.extend(self.take(w, open, time, out)?);
        }
        self.state.working.append(&mut rests);
        self.settle(traded, time, out)
    }

    /// Takes the oldest order that fits out of the table.
    fn pull(&mut self, fits: impl Fn(&Working) -> bool) -> Option<Working> {
        let i = self.state.working.iter().position(fits)?;
        Some(self.state.working.remove(i))
    }

    /// Margin of every group, when anything is held or was traded since trade `traded`: a stop that filled beyond the
    /// account's money leaves no position, but a debt.
    fn settle(&mut self, traded: u64, time: Ts, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        if self.state.held > 0 || self.state.last_tid != traded {
            for i in 0..self.groups.len() {
                let Some(group) = self.groups.get(i).copied() else { break };
                self.check_margin(group, time, out)?;
            }
        }
        Ok(())
    }

    /// The inside of the bars that closed at this instant, all coins together.
    pub(crate) fn resolve_bars(&mut self, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        let mut bars = core::mem::take(&mut self.state.pending);
        let traded = self.state.last_tid;
        if self.state.held > 0 || !self.state.working.is_empty() {
            let start = bars.iter().map(|b| b.open_time).max().unwrap_or(self.state.now);
            let length = bars.iter().map(|b| b.interval).min().unwrap_or(TsDiff::HOUR);
            let clock = Clock { start, length };
            for i in 0..self.groups.len() {
                let Some(group) = self.groups.get(i).copied() else { break };
                self.walk(group, &bars, clock, out)?;
            }
            self.rest(&bars, clock, out)?;
        }
        for bar in &bars {
            if let Some(mut coin) = self.state.coins.get(bar.coin.index()).copied() {
                self.learn_bar(&mut coin, bar);
                if let Some(slot) = self.state.coins.get_mut(bar.coin.index()) {
                    *slot = coin;
                }
            }
        }
        // A walk that stayed safe at every extreme and traded nothing is safe at the closes between them: equity grows
        // faster than maintenance on the way back.
        if self.state.last_tid != traded {
            self.settle(traded, self.state.now, out)?;
        }
        // The allocation is kept.
        bars.clear();
        self.state.pending = bars;
        Ok(())
    }

    /// Walks the group's adverse path: stops fire where it meets them, unless margin runs out first.
    fn walk(
        &mut self,
        group: Group,
        bars: &[Bar],
        clock: Clock,
        out: &mut Vec<VenueEvent>,
    ) -> Result<(), Overflow> {
        let mut hits: Vec<(i64, Px, Working)> = Vec::new();
        for w in &self.state.working {
            let OrderKind::Trigger(t) = w.intent.kind else { continue };
            let in_group = self.group_of(w.intent.account, w.intent.book) == group;
            let bar = bars.iter().find(|b| b.coin == w.intent.coin);
            if let Some(bar) = bar.filter(|b| in_group && t.is_stop && w.arrives < b.close_time())
                && touched(&t, w.intent.side, bar.low, bar.high)
            {
                // One that the open is beyond already fires there, at the open: its own price is gone.
                let is_jumped = touched(&t, w.intent.side, bar.open, bar.open);
                let (step, px) = if is_jumped {
                    (0, bar.open)
                } else {
                    (step_of(bar.open, self.extreme(group, bar), t.px), t.px)
                };
                hits.push((step, px, w.clone()));
            }
        }
        hits.sort_by_key(|(step, _, w)| (*step, w.intent.id));
        let mut at = 0;
        for (step, px, hit) in hits {
            if self.liquidated_between(group, bars, at, step.min(STEPS), clock, out)? {
                return Ok(());
            }
            at = at.max(step.min(STEPS));
            // An earlier stop may have flattened the position and so cancelled this one.
            if let Some(w) = self.pull(|w| w.intent.id == hit.intent.id) {
                self.fire(&w, px, clock.at(step), out)?;
            }
        }
        self.liquidated_between(group, bars, at, STEPS, clock, out)?;
        Ok(())
    }

    /// Did margin run out in this part of the path? Then the group is liquidated where it did.
    fn liquidated_between(
        &mut self,
        group: Group,
        bars: &[Bar],
        from: i64,
        to: i64,
        clock: Clock,
        out: &mut Vec<VenueEvent>,
    ) -> Result<bool, Overflow> {
        let marks = Path { group, bars };
        if self.state.held == 0 || self.is_surely_safe(group, |c| marks.px(self, c, to)) {
            return Ok(false);
        }
        let safe = |venue: &Self, step: i64| -> Result<bool, Overflow> {
            Ok(venue.standing(group, |c| marks.px(venue, c, step))?.is_safe())
        };
        if safe(self, to)? {
            return Ok(false);
        }
        let (mut lo, mut hi) = (from, to);
        while hi - lo > 1 {
            let mid = lo + (hi - lo) / 2;
            if safe(self, mid)? { lo = mid } else { hi = mid }
        }
        let standing = self.standing(group, |c| marks.px(self, c, hi))?;
        let prices: Vec<Option<Px>> =
            (0..self.state.coins.len()).map(|c| marks.px(self, CoinId(c as u16), hi)).collect();
        self.liquidate(group, &standing, |c| prices.get(c.index()).copied().flatten(), clock.at(hi), out)?;
        Ok(true)
    }

    /// The extreme of a bar that hurts the group's net position; its low when flat.
    fn extreme(&self, group: Group, bar: &Bar) -> Px {
        if self.group_net(group, bar.coin).raw() < 0 { bar.high } else { bar.low }
    }

    /// Targets and resting limits that the bar touched: after the adverse path, so that a stop comes first.
    fn rest(&mut self, bars: &[Bar], clock: Clock, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        let is_hit = |w: &Working| {
            let bar = bars.iter().find(|b| b.coin == w.intent.coin && w.arrives < b.close_time());
            bar.is_some_and(|b| match w.intent.kind {
                OrderKind::Trigger(t) => !t.is_stop && touched(&t, w.intent.side, b.low, b.high),
                // A resting order fills for certain only when the market trades through it.
                OrderKind::Limit(l) => w.arrives <= b.open_time && traded_through(&l, w.intent.side, b),
                OrderKind::Market(_) => false,
            })
        };
        let mut rests = Vec::new();
        while let Some(w) = self.pull(is_hit) {
            match w.intent.kind {
                OrderKind::Trigger(t) => self.fire(&w, t.px, clock.at(AFTER_PATH), out)?,
                OrderKind::Limit(l) => rests.extend(self.provide(w, l.px, clock.at(AFTER_PATH), out)?),
                OrderKind::Market(_) => {}
            }
        }
        self.state.working.append(&mut rests);
        Ok(())
    }

    /// A trigger fires near `px`: a market order for what is left to reduce.
    fn fire(&mut self, w: &Working, px: Px, time: Ts, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        let sz = self.reducible(w);
        let (Some(ins), Some(coin)) =
            (self.universe.get(w.intent.coin), self.state.coins.get(w.intent.coin.index()))
        else {
            return Ok(());
        };
        if sz.raw() == 0 {
            out.push(ended(&w.intent, OrderEnd::ReduceOnlyCancelled, w.remaining));
            return Ok(());
        }
        let fill_px = self.taker_px(ins, (w.intent.coin, coin), px, (w.intent.side, sz), (0.0, time))?;
        let cause = match w.intent.kind {
            OrderKind::Trigger(TriggerTerms { is_stop: false, .. }) => FillCause::Target,
            _ => FillCause::Stop,
        };
        let x = Execution { px: fill_px, sz, liquidity: Liquidity::Taker, cause, time };
        self.execute(&w.intent, Sz::ZERO, x, out)
    }

    /// A market order (or a limit that crosses) takes at an open. What still rests comes back.
    fn take(
        &mut self,
        mut w: Working,
        open: Px,
        time: Ts,
        out: &mut Vec<VenueEvent>,
    ) -> Result<Option<Working>, Overflow> {
        let (Some(ins), Some(coin)) =
            (self.universe.get(w.intent.coin), self.state.coins.get(w.intent.coin.index()))
        else {
            return Ok(None);
        };
        let wanted = if w.intent.reduce_only { self.reducible(&w) } else { w.remaining };
        if wanted.raw() == 0 {
            out.push(ended(&w.intent, OrderEnd::ReduceOnlyCancelled, w.remaining));
            return Ok(None);
        }
        let mut rests = false;
        let mut bound = None;
        match w.intent.kind {
            OrderKind::Limit(l) if l.tif != Tif::Ioc => {
                // What rested before this bar is taken at its own price; what arrives now takes.
                if w.arrives <= time.minus(coin.interval) {
                    return self.provide(w, l.px, time, out);
                }
                if l.tif == Tif::Alo {
                    out.push(ended(&w.intent, OrderEnd::PostOnlyRejected, w.remaining));
                    return Ok(None);
                }
                (rests, bound) = (true, Some(l.px));
            }
            OrderKind::Limit(l) => bound = Some(l.px),
            OrderKind::Market(m) => bound = m.worst_px,
            OrderKind::Trigger(_) => {}
        }
        let sz = wanted.min(self.capacity(ins, coin));
        let delay = if w.arrives > time { self.delay_cost(coin) } else { 0.0 };
        let px = self.taker_px(ins, (w.intent.coin, coin), open, (w.intent.side, sz), (delay, time))?;
        let too_bad = bound.is_some_and(|b| !crosses(w.intent.side, b, px));
        if sz.raw() == 0 || too_bad {
            return Ok(if rests {
                Some(w)
            } else {
                out.push(ended(&w.intent, OrderEnd::IocCancelled, w.remaining));
                None
            });
        }
        let group = self.group_of(w.intent.account, w.intent.book);
        if !w.intent.reduce_only && !self.covers(group, w.intent.coin, w.intent.side, sz, px)? {
            out.push(ended(&w.intent, OrderEnd::MarginRejected, w.remaining));
            return Ok(None);
        }
        w.remaining = wanted.minus(sz)?;
        let time = time.max(w.arrives);
        let x = Execution { px, sz, liquidity: Liquidity::Taker, cause: FillCause::Order, time };
        self.execute(&w.intent, w.remaining, x, out)?;
        if w.remaining.raw() == 0 {
            return Ok(None);
        }
        if rests {
            return Ok(Some(w));
        }
        out.push(ended(&w.intent, OrderEnd::IocCancelled, w.remaining));
        Ok(None)
    }

    /// A resting limit is taken at its own price. What still rests comes back.
    fn provide(
        &mut self,
        mut w: Working,
        px: Px,
        time: Ts,
        out: &mut Vec<VenueEvent>,
    ) -> Result<Option<Working>, Overflow> {
        let (Some(ins), Some(coin)) =
            (self.universe.get(w.intent.coin), self.state.coins.get(w.intent.coin.index()))
        else {
            return Ok(None);
        };
        let wanted = if w.intent.reduce_only { self.reducible(&w) } else { w.remaining };
        if wanted.raw() == 0 {
            out.push(ended(&w.intent, OrderEnd::ReduceOnlyCancelled, w.remaining));
            return Ok(None);
        }
        let sz = wanted.min(self.capacity(ins, coin));
        if sz.raw() == 0 {
            return Ok(Some(w));
        }
        let group = self.group_of(w.intent.account, w.intent.book);
        if !w.intent.reduce_only && !self.covers(group, w.intent.coin, w.intent.side, sz, px)? {
            out.push(ended(&w.intent, OrderEnd::MarginRejected, w.remaining));
            return Ok(None);
        }
        w.remaining = wanted.minus(sz)?;
        let x = Execution { px, sz, liquidity: Liquidity::Maker, cause: FillCause::Order, time };
        self.execute(&w.intent, w.remaining, x, out)?;
        Ok((w.remaining.raw() > 0).then_some(w))
    }

    /// What a reduce-only order may still take from its book's position.
    fn reducible(&self, w: &Working) -> Sz {
        let held = self.state.position(w.intent.book, w.intent.coin);
        if Side::reducing(held) == Some(w.intent.side) { w.remaining.min(held.abs()) } else { Sz::ZERO }
    }

    fn check_margin(&mut self, group: Group, time: Ts, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        if self.is_surely_safe(group, |c| self.state.px(c)) {
            return Ok(());
        }
        let standing = self.standing(group, |c| self.state.px(c))?;
        if standing.is_safe() {
            return Ok(());
        }
        let prices: Vec<Option<Px>> = self.state.coins.iter().map(|c| c.px).collect();
        self.liquidate(group, &standing, |c| prices.get(c.index()).copied().flatten(), time, out)
    }
}

/// Times inside a bar: a step of the path maps to an instant strictly between open and close.
#[derive(Clone, Copy, Debug)]
struct Clock {
    start: Ts,
    length: TsDiff,
}

impl Clock {
    fn at(self, step: i64) -> Ts {
        let n = i128::from(self.length.as_ns()) * i128::from(step + 1) / i128::from(STEPS + 4);
        self.start.plus(TsDiff::ns(n as i64))
    }
}

/// The way that all coins of a group go together: from the open to the extreme that hurts it.
#[derive(Clone, Copy)]
struct Path<'a> {
    group: Group,
    bars: &'a [Bar],
}

impl Path<'_> {
    /// Price of a coin at a step; coins without a bar stay at their last price.
    fn px(&self, venue: &PaperVenue, coin: CoinId, step: i64) -> Option<Px> {
        let Some(bar) = self.bars.iter().find(|b| b.coin == coin) else { return venue.state.px(coin) };
        let extreme = venue.extreme(self.group, bar);
        if step == STEPS {
            return Some(extreme);
        }
        let part = i128::from(extreme.raw() - bar.open.raw()) * i128::from(step) / i128::from(STEPS);
        Some(Px::from_raw(bar.open.raw() + part as i64))
    }
}

/// The first step at which the path has reached a price; after the path when the extreme is on the other side.
fn step_of(open: Px, extreme: Px, px: Px) -> i64 {
    let whole = i128::from(extreme.raw() - open.raw());
    let part = i128::from(px.raw() - open.raw());
    if whole == 0 || whole.signum() != part.signum() {
        // At or beyond the open already: fires at once. On the other side: only the favourable leg reaches it.
        return if part == 0 { 0 } else { AFTER_PATH };
    }
    let (whole, part) = (whole.abs(), part.abs());
    if part > whole {
        return AFTER_PATH;
    }
    ((part * i128::from(STEPS) + whole - 1) / whole) as i64
}

/// Does a range of prices touch a trigger? A stop fires on an adverse move of the position it closes: a sell stop
/// below, a buy stop above; a target the other way round.
fn touched(t: &TriggerTerms, side: Side, low: Px, high: Px) -> bool {
    match (side, t.is_stop) {
        (Side::Sell, true) | (Side::Buy, false) => low <= t.px,
        (Side::Buy, true) | (Side::Sell, false) => high >= t.px,
    }
}

fn traded_through(l: &LimitTerms, side: Side, bar: &Bar) -> bool {
    match side {
        Side::Buy => bar.low < l.px,
        Side::Sell => bar.high > l.px,
    }
}
