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
        let mut i = 0;
        while let Some(w) = self.state.working.get(i) {
            let is_jumped = match w.intent.kind {
                OrderKind::Trigger(t) => touched(&t, w.intent.side, open, open),
                _ => false,
            };
            if w.intent.coin == coin && w.arrives <= time && is_jumped {
                let w = self.state.working.remove(i);
                self.fire(&w, open, time, out)?;
                // Firing may have removed others: start over, the list is short.
                i = 0;
            } else {
                i += 1;
            }
        }
        let mut i = 0;
        while let Some(w) = self.state.working.get(i) {
            let waits = w.intent.coin == coin
                && w.arrives <= time
                && match w.intent.kind {
                    OrderKind::Market(_) => true,
                    OrderKind::Limit(l) => l.tif == Tif::Ioc || crosses(w.intent.side, l.px, open),
                    OrderKind::Trigger(_) => false,
                };
            if waits {
                let w = self.state.working.remove(i);
                self.take(w, open, time, out)?;
                i = 0;
            } else {
                i += 1;
            }
        }
        if self.state.held > 0 {
            for group in self.groups() {
                self.check_margin(group, time, out)?;
            }
        }
        Ok(())
    }

    /// The inside of the bars that closed at this instant, all coins together.
    pub(crate) fn resolve_bars(&mut self, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        let bars = core::mem::take(&mut self.state.pending);
        if self.state.held > 0 || !self.state.working.is_empty() {
            let start = bars.iter().map(|b| b.open_time).max().unwrap_or(self.state.now);
            let length = bars.iter().map(|b| b.interval).min().unwrap_or(TsDiff::HOUR);
            let clock = Clock { start, length };
            for group in self.groups() {
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
        if self.state.held > 0 {
            let time = self.state.now;
            for group in self.groups() {
                self.check_margin(group, time, out)?;
            }
        }
        // The allocation is kept.
        let mut bars = bars;
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
        let mut hits: Vec<(i64, Working)> = Vec::new();
        for w in &self.state.working {
            let OrderKind::Trigger(t) = w.intent.kind else { continue };
            let in_group = self.group_of(w.intent.account, w.intent.book) == group;
            let bar = bars.iter().find(|b| b.coin == w.intent.coin);
            if let Some(bar) = bar.filter(|b| in_group && t.is_stop && w.arrives < b.close_time())
                && touched(&t, w.intent.side, bar.low, bar.high)
            {
                let extreme = self.extreme(group, bar);
                hits.push((step_of(bar.open, extreme, t.px), w.clone()));
            }
        }
        hits.sort_by_key(|(step, w)| (*step, w.intent.id));
        let mut at = 0;
        for (step, w) in hits {
            if self.liquidated_between(group, bars, at, step.min(STEPS), clock, out)? {
                return Ok(());
            }
            at = at.max(step.min(STEPS));
            // An earlier stop may have flattened the position and so cancelled this one.
            if let Some(i) = self.state.working.iter().position(|x| x.intent.id == w.intent.id) {
                let w = self.state.working.remove(i);
                if let OrderKind::Trigger(t) = w.intent.kind {
                    self.fire(&w, t.px, clock.at(step), out)?;
                }
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
        if self.state.held == 0 {
            return Ok(false);
        }
        let marks = self.path(group, bars);
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

    fn path(&self, group: Group, bars: &[Bar]) -> Path {
        Path(bars.iter().map(|b| (b.coin, b.open, self.extreme(group, b))).collect())
    }

    /// The extreme of a bar that hurts the group's net position; its low when flat.
    fn extreme(&self, group: Group, bar: &Bar) -> Px {
        if self.group_net(group, bar.coin).raw() < 0 { bar.high } else { bar.low }
    }

    /// Targets and resting limits that the bar touched: after the adverse path, so that a stop comes first.
    fn rest(&mut self, bars: &[Bar], clock: Clock, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
        let mut i = 0;
        while let Some(w) = self.state.working.get(i) {
            let bar = bars.iter().find(|b| b.coin == w.intent.coin && w.arrives < b.close_time());
            let hit = bar.is_some_and(|b| match w.intent.kind {
                OrderKind::Trigger(t) => !t.is_stop && touched(&t, w.intent.side, b.low, b.high),
                // A resting order fills for certain only when the market trades through it.
                OrderKind::Limit(l) => w.arrives <= b.open_time && traded_through(&l, w.intent.side, b),
                OrderKind::Market(_) => false,
            });
            if !hit {
                i += 1;
                continue;
            }
            let w = self.state.working.remove(i);
            match w.intent.kind {
                OrderKind::Trigger(t) => self.fire(&w, t.px, clock.at(AFTER_PATH), out)?,
                OrderKind::Limit(l) => self.provide(w, l.px, clock.at(AFTER_PATH), out)?,
                OrderKind::Market(_) => {}
            }
            i = 0;
        }
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
        let fill_px = self.taker_px(ins, coin, px, w.intent.side, sz)?;
        let cause = match w.intent.kind {
            OrderKind::Trigger(TriggerTerms { is_stop: false, .. }) => FillCause::Target,
            _ => FillCause::Stop,
        };
        let x = Execution { px: fill_px, sz, liquidity: Liquidity::Taker, cause, time };
        self.execute(&w.intent, Sz::ZERO, x, out)
    }

    /// A market order (or a limit that crosses) takes at an open.
    fn take(
        &mut self,
        mut w: Working,
        open: Px,
        time: Ts,
        out: &mut Vec<VenueEvent>,
    ) -> Result<(), Overflow> {
        let (Some(ins), Some(coin)) =
            (self.universe.get(w.intent.coin), self.state.coins.get(w.intent.coin.index()))
        else {
            return Ok(());
        };
        let wanted = if w.intent.reduce_only { self.reducible(&w) } else { w.remaining };
        if wanted.raw() == 0 {
            out.push(ended(&w.intent, OrderEnd::ReduceOnlyCancelled, w.remaining));
            return Ok(());
        }
        // What rested before this bar is taken at its own price; what arrives now takes.
        let rested = matches!(w.intent.kind, OrderKind::Limit(l) if l.tif != Tif::Ioc)
            && w.arrives <= time.minus(coin.interval);
        if let (true, OrderKind::Limit(l)) = (rested, w.intent.kind) {
            return self.provide(w, l.px, time, out);
        }
        let sz = wanted.min(self.capacity(ins, coin));
        let px = self.taker_px(ins, coin, open, w.intent.side, sz)?;
        let bound = match w.intent.kind {
            OrderKind::Market(m) => m.worst_px,
            OrderKind::Limit(l) => Some(l.px),
            OrderKind::Trigger(_) => None,
        };
        let too_bad = bound.is_some_and(|b| !crosses(w.intent.side, b, px));
        if sz.raw() == 0 || too_bad {
            out.push(ended(&w.intent, OrderEnd::IocCancelled, w.remaining));
            return Ok(());
        }
        let group = self.group_of(w.intent.account, w.intent.book);
        if !w.intent.reduce_only && !self.covers(group, w.intent.coin, w.intent.side, sz, px)? {
            out.push(ended(&w.intent, OrderEnd::MarginRejected, w.remaining));
            return Ok(());
        }
        let unfilled = wanted.minus(sz)?;
        w.remaining = unfilled;
        let x = Execution { px, sz, liquidity: Liquidity::Taker, cause: FillCause::Order, time };
        self.execute(&w.intent, unfilled, x, out)?;
        let resting = matches!(w.intent.kind, OrderKind::Limit(LimitTerms { tif: Tif::Gtc, .. }));
        if unfilled.raw() > 0 {
            if resting {
                self.state.working.push(w);
            } else {
                out.push(ended(&w.intent, OrderEnd::IocCancelled, unfilled));
            }
        }
        Ok(())
    }

    /// A resting limit is taken at its own price.
    fn provide(
        &mut self,
        mut w: Working,
        px: Px,
        time: Ts,
        out: &mut Vec<VenueEvent>,
    ) -> Result<(), Overflow> {
        let (Some(ins), Some(coin)) =
            (self.universe.get(w.intent.coin), self.state.coins.get(w.intent.coin.index()))
        else {
            return Ok(());
        };
        let wanted = if w.intent.reduce_only { self.reducible(&w) } else { w.remaining };
        let sz = wanted.min(self.capacity(ins, coin));
        let group = self.group_of(w.intent.account, w.intent.book);
        if sz.raw() == 0 {
            out.push(ended(&w.intent, OrderEnd::ReduceOnlyCancelled, w.remaining));
            return Ok(());
        }
        if !w.intent.reduce_only && !self.covers(group, w.intent.coin, w.intent.side, sz, px)? {
            out.push(ended(&w.intent, OrderEnd::MarginRejected, w.remaining));
            return Ok(());
        }
        w.remaining = wanted.minus(sz)?;
        let x = Execution { px, sz, liquidity: Liquidity::Maker, cause: FillCause::Order, time };
        let left = w.remaining;
        self.execute(&w.intent, left, x, out)?;
        if left.raw() > 0 {
            self.state.working.push(w);
        }
        Ok(())
    }

    /// What a reduce-only order may still take from its book's position.
    fn reducible(&self, w: &Working) -> Sz {
        let held = self.state.position(w.intent.book, w.intent.coin);
        if Side::reducing(held) == Some(w.intent.side) { w.remaining.min(held.abs()) } else { Sz::ZERO }
    }

    fn check_margin(&mut self, group: Group, time: Ts, out: &mut Vec<VenueEvent>) -> Result<(), Overflow> {
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

/// Per coin: open and adverse extreme.
struct Path(Vec<(CoinId, Px, Px)>);

impl Path {
    /// Price of a coin at a step; coins without a bar stay at their last price.
    fn px(&self, venue: &PaperVenue, coin: CoinId, step: i64) -> Option<Px> {
        match self.0.iter().find(|(c, _, _)| *c == coin) {
            Some((_, open, extreme)) => {
                let move_ = i128::from(extreme.raw() - open.raw()) * i128::from(step) / i128::from(STEPS);
                Some(Px::from_raw(open.raw() + move_ as i64))
            }
            None => venue.state.px(coin),
        }
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
