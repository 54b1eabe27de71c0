//! From frames to ordered events: a state machine without I/O, clock or threads.
//!
//! Instants are multiples of the bar length (and of the hour, for funding). Each goes through two stages. *Collect*
//! waits until every coin's bar that ends there is complete or proved missing, and every funding print is in; then
//! gaps, closes, funding, what the side streams held for the instant, and the timer come out. *Opens* waits a short
//! grace for the first update of each new candle; then the opens come out and the next instant is collected.

use super::coin::CoinState;
use super::config::LiveConfig;
use super::emit::{Offered, Outlet};
use super::status::Counts;
use crate::decode::{Candle, Frame, FundingRecord, Interval, Notes, frame};
use crate::error::WireError;
use std::collections::BTreeSet;
use zero_core::{CoinId, Ts, TsDiff};
use zero_market::event::{Book, FundingPrint, Gap, PxPrint, TimerKind, Trade};
use zero_market::{BarOpen, Event, EventBody, Universe};

/// Hours of funding per coin that are asked for after their instant; older ones are given up.
const OWED_MAX: usize = 72;
/// An answer this long may have been cut off by the venue, so its end proves nothing.
const PAGE_SUSPECT: usize = 500;
/// Longest range of one request for funding.
const FUNDING_SPAN: TsDiff = TsDiff::HOUR.times(2_000);
/// A print is stamped shortly after its hour.
const STAMP_TOLERANCE: TsDiff = TsDiff::secs(60);

/// A request the assembly wants made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Candles whose open lies in the range.
    Candles(CoinId, Ts, Ts),
    /// Funding prints stamped in the range.
    Funding(CoinId, Ts, Ts),
}

/// The venue's time, by our clock less the skew, and our own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The venue's time, as well as it is known.
    pub venue: Ts,
    /// Our clock.
    pub local: Ts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Collect,
    Opens,
}

/// The assembly.
#[derive(Debug)]
pub struct Assembler {
    config: LiveConfig,
    universe: Universe,
    interval: TsDiff,
    step: TsDiff,
    stage: Stage,
    /// The instant of the stage.
    at: Ts,
    /// The last instant whose bars went out.
    done: Ts,
    live_since: Option<Ts>,
    /// Since when the stage has been waited in.
    waiting_since: Option<Ts>,
    coins: Vec<CoinState>,
    outlet: Outlet,
    counts: Counts,
    notes: Notes,
    confirmed: BTreeSet<(String, Option<String>)>,
}

impl Assembler {
    /// Starts with the bar that forms at `now`, or at the configured time.
    #[must_use]
    pub fn new(config: LiveConfig, universe: Universe, now: Ts) -> Self {
        let interval = config.interval.length();
        let earliest = config.earliest_open(now);
        let first = config.from.map_or(now, |t| t.max(earliest).min(now)).floor(interval);
        let step = if config.funding { interval.min(TsDiff::HOUR) } else { interval };
        let coins = universe.iter().map(|(id, _)| CoinState::new(id)).collect();
        Self {
            config,
            universe,
            interval,
            step,
            stage: Stage::Opens,
            at: first,
            done: first,
            live_since: None,
            waiting_since: None,
            coins,
            outlet: Outlet::default(),
            counts: Counts::default(),
            notes: Notes::default(),
            confirmed: BTreeSet::new(),
        }
    }

    /// A connection opened.
    pub fn connected(&mut self, now: Now) {
        self.live_since = Some(now.venue);
        self.confirmed.clear();
    }

    /// The connection ended.
    pub fn disconnected(&mut self) {
        self.live_since = None;
        self.confirmed.clear();
    }

    /// Takes one text frame of connection `conn`. True when it carried market data.
    ///
    /// # Errors
    /// Why it was refused; the state is as if it had not come.
    pub fn on_frame(&mut self, text: &str, conn: u64, now: Now) -> Result<bool, WireError> {
        self.counts.frames += 1;
        let decoded = frame(text, &mut self.notes).inspect_err(|_| self.counts.decode_errors += 1)?;
        match decoded {
            Frame::Candle(candle) => self.on_candle(candle, conn, now)?,
            Frame::AssetCtx(symbol, ctx) => {
                let coin = self.coin(&symbol)?;
                self.side(now.venue, now, EventBody::Oracle(PxPrint { coin, px: ctx.oracle }))?;
                self.side(now.venue, now, EventBody::Mark(PxPrint { coin, px: ctx.mark }))?;
            }
            Frame::Trades(trades) => {
                for t in trades {
                    let coin = self.coin(&t.coin)?;
                    if !self.coins.get_mut(coin.index()).is_some_and(|c| c.is_new_trade(t.time, t.tid)) {
                        self.counts.duplicates += 1;
                        continue;
                    }
                    let trade = Trade { coin, px: t.px, sz: t.sz, aggressor: t.aggressor, tid: t.tid };
                    self.side(t.time, now, EventBody::Trade(trade))?;
                }
            }
            Frame::Book(b) => {
                let coin = self.coin(&b.coin)?;
                let last = self.coins.get(coin.index()).and_then(|c| c.last_book);
                let every = self.config.streams.book.unwrap_or(TsDiff::ZERO);
                if last.is_some_and(|t| b.time.since(t) < every) {
                    return Ok(true);
                }
                let book = Book { coin, bids: b.bids, asks: b.asks };
                self.side(b.time, now, EventBody::Book(Box::new(book)))?;
                if let Some(c) = self.coins.get_mut(coin.index()) {
                    c.last_book = Some(b.time);
                }
            }
            Frame::Subscribed { kind, coin } => {
                self.confirmed.insert((kind, coin));
                return Ok(false);
            }
            Frame::Error(text) => {
                self.counts.venue_errors += 1;
                return if text.starts_with("Already") {
                    Ok(false)
                } else {
                    Err(WireError::Subscription(text))
                };
            }
            Frame::Bbo(_) | Frame::Mids(_) | Frame::Alive | Frame::Unknown(_) => return Ok(false),
        }
        Ok(true)
    }

    /// Takes the answer to [`Want::Candles`], given at the venue's time `now`.
    pub fn on_candles(&mut self, want: Want, answer: Result<Vec<Candle>, WireError>, now: Now) {
        let Want::Candles(id, from, to) = want else { return };
        let patience = self.config.patience;
        let Some(coin) = self.coins.get_mut(id.index()) else { return };
        let Ok(candles) = answer else {
            self.counts.rest_errors += 1;
            coin.candles.failed(now.venue, patience.retry_after);
            return;
        };
        let (count, last_close) = (candles.len(), candles.last().map(Candle::close_time));
        for (i, candle) in candles.into_iter().enumerate() {
            let settled = now.venue.minus(patience.settle);
            coin.confirm(candle, i + 1 == count, settled, self.done, &mut self.counts);
        }
        let proved = now.venue.minus(patience.slice_grace).min(to.plus(self.interval));
        let covered_to = match last_close {
            Some(close) if count >= PAGE_SUSPECT => close.min(proved),
            _ => proved,
        };
        coin.candles.cover(from, covered_to);
        coin.candles.done(now.venue, patience.retry_after);
    }

    /// Takes the answer to [`Want::Funding`], given at the venue's time `now`.
    pub fn on_funding(&mut self, want: Want, answer: Result<Vec<FundingRecord>, WireError>, now: Now) {
        let Want::Funding(id, from, to) = want else { return };
        let patience = self.config.patience;
        let Some(coin) = self.coins.get_mut(id.index()) else { return };
        let Ok(records) = answer else {
            self.counts.rest_errors += 1;
            coin.prints.failed(now.venue, patience.retry_after);
            return;
        };
        for r in records {
            let hour = r.time.round(TsDiff::HOUR);
            if !r.follows_formula {
                self.counts.funding_off_formula += 1;
            }
            if hour > self.done || coin.owed.contains(&hour) {
                coin.funding.insert(hour, FundingPrint { coin: id, rate: r.rate, premium: r.premium });
            }
        }
        let covered_to = now.venue.minus(patience.slice_grace).min(to);
        coin.prints.cover(from, covered_to);
        coin.prints.done(now.venue, patience.retry_after);
        let owed = coin.owed.len();
        let (funding, prints) = (&coin.funding, &coin.prints);
        coin.owed.retain(|hour| {
            let is_old = now.venue >= hour.plus(patience.gap_after);
            funding.contains_key(hour) || !(is_old && prints.covers(*hour, *hour))
        });
        self.counts.funding_lost += (owed - coin.owed.len()) as u64;
    }

    /// A request that is due, marked as under way; its answer or failure must be given back.
    pub fn next_want(&mut self, now: Now) -> Option<Want> {
        let patience = self.config.patience;
        let due = if self.stage == Stage::Opens { self.at.plus(self.step) } else { self.at };
        let bar_end = self.at_or_after(due);
        let hour = due.plus(TsDiff::ns(TsDiff::HOUR.as_ns() - 1)).floor(TsDiff::HOUR);
        for coin in &mut self.coins {
            let open = bar_end.minus(self.interval);
            let is_known = coin.closed.contains_key(&open) || coin.candles.covers(open, bar_end);
            let is_due = bar_end.plus(patience.confirm_after) <= now.venue;
            if is_due && !is_known && coin.candles.may_ask(now.venue) {
                coin.candles.under_way = true;
                return Some(Want::Candles(coin.id, open, now.venue));
            }
            if !self.config.funding || !coin.prints.may_ask(now.venue) {
                continue;
            }
            let is_known = coin.funding.contains_key(&hour) || coin.prints.covers(hour, hour);
            let is_due = hour.plus(patience.confirm_after) <= now.venue;
            if let Some(hour) = coin.owed.first().copied().or((is_due && !is_known).then_some(hour)) {
                coin.prints.under_way = true;
                let to = now.venue.min(hour.plus(FUNDING_SPAN));
                return Some(Want::Funding(coin.id, hour.minus(STAMP_TOLERANCE), to));
            }
        }
        None
    }

    /// Moves on by one stage if that is possible; events that came of it are taken with [`Self::pop`].
    pub fn advance(&mut self, now: Now) -> bool {
        if now.venue >= self.at {
            self.waiting_since.get_or_insert(now.venue);
        }
        self.pay_owed(now);
        let moved = match self.stage {
            Stage::Opens => self.open_stage(now),
            Stage::Collect => {
                self.late_opens(now);
                self.collect_stage(now)
            }
        };
        if moved {
            self.waiting_since = None;
        }
        moved
    }

    /// The next event.
    pub fn pop(&mut self) -> Option<Event> {
        let event = self.outlet.pop();
        if event.is_some() {
            self.counts.events += 1;
        }
        event
    }

    /// Counters.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// What the decoders did not know.
    #[must_use]
    pub const fn notes(&self) -> Notes {
        self.notes
    }

    /// The instant that is being collected.
    #[must_use]
    pub const fn collecting(&self) -> Ts {
        self.at
    }

    /// Side-stream events that wait for their instant.
    #[must_use]
    pub fn held(&self) -> usize {
        self.outlet.held()
    }

    /// Subscriptions confirmed on this connection.
    #[must_use]
    pub fn confirmed(&self) -> usize {
        self.confirmed.len()
    }

    /// The coins, by id.
    #[must_use]
    pub const fn universe(&self) -> &Universe {
        &self.universe
    }

    fn on_candle(&mut self, candle: Candle, conn: u64, now: Now) -> Result<(), WireError> {
        let id = self.coin(&candle.coin)?;
        let refusal = if candle.interval != self.config.interval {
            Some(format!("interval {} was not subscribed", Interval::name(candle.interval)))
        } else if candle.open_time > now.venue.plus(self.config.patience.future_tolerance) {
            Some(format!("it opens at {}, after the venue's time {}", candle.open_time, now.venue))
        } else {
            None
        };
        if let Some(detail) = refusal {
            self.counts.decode_errors += 1;
            return Err(WireError::Implausible { what: "candle", field: "t", detail });
        }
        let Some(coin) = self.coins.get_mut(id.index()) else { return Ok(()) };
        coin.observe(candle, conn, self.done, &mut self.counts)
    }

    fn side(&mut self, time: Ts, now: Now, body: EventBody) -> Result<(), WireError> {
        let refused = time > now.venue.plus(self.config.patience.future_tolerance);
        if refused {
            self.counts.decode_errors += 1;
            let detail = format!("{time} is after the venue's time {}", now.venue);
            return Err(WireError::Implausible { what: "side stream", field: "time", detail });
        }
        let gate = (self.stage == Stage::Collect).then_some(self.at);
        // On the millisecond, so that moving some up by nanoseconds never reaches the next instant.
        let time = time.floor(TsDiff::ms(1));
        let event = Event { time, received: now.local, body };
        match self.outlet.offer(event, gate, self.config.held_max) {
            Offered::Emitted | Offered::Held => {}
            Offered::Late => self.counts.late_refused += 1,
            Offered::Full => self.counts.side_dropped += 1,
        }
        Ok(())
    }

    fn coin(&mut self, symbol: &str) -> Result<CoinId, WireError> {
        self.universe.find(symbol).ok_or_else(|| {
            self.counts.decode_errors += 1;
            WireError::UnknownCoin(symbol.to_owned())
        })
    }

    fn at_or_after(&self, t: Ts) -> Ts {
        let floor = t.floor(self.interval);
        if floor == t { t } else { floor.plus(self.interval) }
    }

    /// The bar that ends at `end` will not come: the venue said so, or it has been reachable for long and its answer
    /// was not to be had. Time alone proves nothing: a machine that slept finds hours gone with nobody asked.
    fn is_missing(&self, coin: &CoinState, end: Ts, now: Now) -> bool {
        coin.candles.covers(end.minus(self.interval), end)
            || (coin.candles.is_hopeless() && self.has_waited_long(now))
    }

    fn is_unprinted(&self, coin: &CoinState, hour: Ts, now: Now) -> bool {
        coin.prints.covers(hour, hour) || (coin.prints.is_hopeless() && self.has_waited_long(now))
    }

    fn has_waited_long(&self, now: Now) -> bool {
        self.live_since.is_some_and(|live| {
            let since = self.waiting_since.unwrap_or(now.venue).max(live);
            now.venue >= since.plus(self.config.patience.gap_after)
        })
    }

    fn open_stage(&mut self, now: Now) -> bool {
        let at = self.at;
        let next_bar = at.plus(self.interval);
        let is_ready = |c: &CoinState| {
            c.open_of(at).is_some()
                || if now.venue < next_bar {
                    now.venue >= at.plus(self.config.patience.open_grace)
                } else {
                    self.is_missing(c, next_bar, now)
                }
        };
        if at.floor(self.interval) == at {
            if !self.coins.iter().all(is_ready) {
                return false;
            }
            for coin in &mut self.coins {
                if let Some(open) = coin.open_of(at) {
                    coin.opened = Some(at);
                    let body = BarOpen { coin: coin.id, open_time: at, interval: self.interval, open };
                    self.outlet.emit(at, now.local, EventBody::BarOpened(body));
                }
            }
        }
        self.stage = Stage::Collect;
        self.at = at.plus(self.step);
        self.outlet.release_through(self.at.minus(TsDiff::ns(1)));
        true
    }

    /// Opens that were not there in their stage, when they come; at the latest just before their bar's close.
    fn late_opens(&mut self, now: Now) {
        let end = self.at_or_after(self.at);
        let open_time = end.minus(self.interval);
        for coin in &mut self.coins {
            if coin.opened.is_some_and(|o| o >= open_time) {
                continue;
            }
            if let Some(open) = coin.open_of(open_time) {
                coin.opened = Some(open_time);
                self.counts.late_opens += 1;
                let time = now.venue.min(self.at.minus(TsDiff::ms(1))).max(open_time);
                let body = BarOpen { coin: coin.id, open_time, interval: self.interval, open };
                self.outlet.emit(time, now.local, EventBody::BarOpened(body));
            }
        }
    }

    fn collect_stage(&mut self, now: Now) -> bool {
        let at = self.at;
        let is_bar = at.floor(self.interval) == at;
        let is_hour = self.config.funding && at.floor(TsDiff::HOUR) == at;
        let open_time = at.minus(self.interval);
        let bars_in =
            |c: &CoinState| !is_bar || c.closed.contains_key(&open_time) || self.is_missing(c, at, now);
        let prints_in =
            |c: &CoinState| !is_hour || c.funding.contains_key(&at) || self.is_unprinted(c, at, now);
        if !self.coins.iter().all(|c| bars_in(c) && prints_in(c)) {
            return false;
        }
        if is_bar {
            for coin in self.coins.iter().filter(|c| !c.closed.contains_key(&open_time)) {
                self.counts.gaps += 1;
                let gap = Gap { coin: coin.id, from: open_time, to: at };
                self.outlet.emit(at, now.local, EventBody::Gap(gap));
            }
            for coin in &mut self.coins {
                if let Some(bar) = coin.closed.remove(&open_time) {
                    coin.candles.satisfied();
                    self.outlet.emit(at, now.local, EventBody::BarClosed(bar));
                }
            }
        }
        if is_hour {
            for coin in &mut self.coins {
                match coin.funding.remove(&at) {
                    Some(print) => {
                        coin.prints.satisfied();
                        self.outlet.emit(at, now.local, EventBody::Funding(print));
                    }
                    None if coin.prints.covers(at, at)
                        && now.venue >= at.plus(self.config.patience.gap_after) =>
                    {
                        self.counts.funding_lost += 1;
                    }
                    None => {
                        coin.owed.insert(at);
                        if coin.owed.len() > OWED_MAX && coin.owed.pop_first().is_some() {
                            self.counts.funding_lost += 1;
                        }
                    }
                }
            }
        }
        self.outlet.release_through(at);
        if is_bar {
            self.outlet.emit(at, now.local, EventBody::Timer(TimerKind::BarSlice));
        }
        self.done = at;
        for coin in &mut self.coins {
            coin.forget_before(at, self.interval);
        }
        self.stage = Stage::Opens;
        true
    }

    /// Late prints come out when they become known, in the open interval before the next instant.
    fn pay_owed(&mut self, now: Now) {
        if self.stage != Stage::Collect {
            return;
        }
        let time = now.venue.min(self.at.minus(TsDiff::ms(1)));
        for coin in &mut self.coins {
            let paid: Vec<Ts> = coin.owed.iter().copied().filter(|h| coin.funding.contains_key(h)).collect();
            for hour in paid {
                coin.owed.remove(&hour);
                if let Some(print) = coin.funding.remove(&hour) {
                    self.counts.late_funding += 1;
                    self.outlet.emit(time, now.local, EventBody::Funding(print));
                }
            }
        }
    }
}
