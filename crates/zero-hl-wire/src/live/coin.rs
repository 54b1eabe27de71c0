//! What is known of one coin: the forming candle, closed bars that wait for their instant, funding prints.

use super::status::Counts;
use crate::decode::{CANDLES_MAX, Candle};
use crate::error::WireError;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use zero_core::{CoinId, Ts, TsDiff};
use zero_market::Bar;
use zero_market::event::FundingPrint;

/// Trade ids kept to recognise repeats.
const TRADE_IDS_MAX: usize = 4_096;

/// A request by REST that is under way or may be made again later.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asking {
    pub(super) under_way: bool,
    not_before: Option<Ts>,
    tries: u32,
    /// Failed requests since the last answer.
    failures: u32,
    /// Everything in this range that the venue has, we have.
    covered: Option<(Ts, Ts)>,
}

impl Asking {
    pub(super) fn may_ask(&self, now: Ts) -> bool {
        !self.under_way && self.not_before.is_none_or(|t| now >= t)
    }

    /// The wait before the next request doubles, up to sixteen times the first.
    pub(super) const fn done(&mut self, now: Ts, wait: TsDiff) {
        self.under_way = false;
        self.not_before = Some(now.plus(wait.times(1 << if self.tries < 4 { self.tries } else { 4 })));
        self.tries = self.tries.saturating_add(1);
    }

    pub(super) const fn failed(&mut self, now: Ts, wait: TsDiff) {
        self.failures = self.failures.saturating_add(1);
        self.done(now, wait);
    }

    /// Asking has been tried often enough to say that no answer is to be had.
    pub(super) const fn is_hopeless(&self) -> bool {
        const FAILURES_MIN: u32 = 3;
        self.failures >= FAILURES_MIN
    }

    /// What was asked for came.
    pub(super) const fn satisfied(&mut self) {
        self.tries = 0;
    }

    pub(super) fn cover(&mut self, from: Ts, to: Ts) {
        self.failures = 0;
        self.covered = match self.covered {
            Some((a, b)) if from <= b && to >= a => Some((a.min(from), b.max(to))),
            _ => Some((from, to)),
        };
    }

    pub(super) fn covers(&self, from: Ts, to: Ts) -> bool {
        self.covered.is_some_and(|(a, b)| a <= from && to <= b)
    }
}

#[derive(Debug)]
pub(super) struct CoinState {
    pub(super) id: CoinId,
    forming: Option<(Candle, u64)>,
    pub(super) closed: BTreeMap<Ts, Bar>,
    /// Open time of the newest bar whose `BarOpened` went out.
    pub(super) opened: Option<Ts>,
    pub(super) funding: BTreeMap<Ts, FundingPrint>,
    /// Hours whose instant passed without their print.
    pub(super) owed: BTreeSet<Ts>,
    pub(super) candles: Asking,
    pub(super) prints: Asking,
    /// Time of the latest order book that went on.
    pub(super) last_book: Option<Ts>,
    trade_ids: BTreeSet<(Ts, u64)>,
    trade_order: VecDeque<(Ts, u64)>,
}

impl CoinState {
    pub(super) const fn new(id: CoinId) -> Self {
        Self {
            id,
            forming: None,
            closed: BTreeMap::new(),
            opened: None,
            funding: BTreeMap::new(),
            owed: BTreeSet::new(),
            candles: Asking { under_way: false, not_before: None, tries: 0, failures: 0, covered: None },
            prints: Asking { under_way: false, not_before: None, tries: 0, failures: 0, covered: None },
            last_book: None,
            trade_ids: BTreeSet::new(),
            trade_order: VecDeque::new(),
        }
    }

    /// Takes a candle of connection `conn`. A successor on the same connection closes what was forming: nothing can
    /// have been lost between the two. Across connections only REST closes.
    pub(super) fn observe(
        &mut self,
        candle: Candle,
        conn: u64,
        done: Ts,
        counts: &mut Counts,
    ) -> Result<(), WireError> {
        if candle.close_time() <= done {
            return Err(refuse(&candle, counts));
        }
        if let Some(known) = self.closed.get(&candle.open_time) {
            if *known == candle.bar(self.id) {
                counts.duplicates += 1;
                return Ok(());
            }
            return Err(refuse(&candle, counts));
        }
        match self.forming.take() {
            Some((held, held_conn)) if candle.open_time < held.open_time => {
                self.forming = Some((held, held_conn));
                Err(refuse(&candle, counts))
            }
            Some((held, held_conn)) if candle.open_time == held.open_time => {
                if candle == held {
                    counts.duplicates += 1;
                    self.forming = Some((held, conn));
                    Ok(())
                } else if is_older(&candle, &held) {
                    let refusal = refuse(&candle, counts);
                    self.forming = Some((held, held_conn));
                    Err(refusal)
                } else {
                    self.forming = Some((candle, conn));
                    Ok(())
                }
            }
            Some((held, held_conn)) => {
                if held_conn == conn && held.close_time() > done {
                    counts.closed_by_successor += 1;
                    self.close(held.bar(self.id));
                }
                self.forming = Some((candle, conn));
                Ok(())
            }
            None => {
                self.forming = Some((candle, conn));
                Ok(())
            }
        }
    }

    /// Takes a candle of a REST answer given at `now`; `is_last` when nothing followed it there.
    pub(super) fn confirm(
        &mut self,
        candle: Candle,
        is_last: bool,
        settled_at: Ts,
        done: Ts,
        counts: &mut Counts,
    ) {
        const REST: u64 = 0;
        if candle.close_time() <= done {
            return;
        }
        if !is_last || candle.close_time() <= settled_at {
            let bar = candle.bar(self.id);
            match self.closed.get(&candle.open_time) {
                Some(known) if *known == bar => {}
                Some(_) => {
                    counts.rest_disagreed += 1;
                    self.close(bar);
                }
                None => {
                    counts.closed_by_rest += 1;
                    self.close(bar);
                }
            }
        } else if self.forming.as_ref().is_none_or(|(f, _)| f.open_time < candle.open_time) {
            self.forming = Some((candle, REST));
        }
    }

    /// The first price of the bar that opens at `open_time`, if any update of it was seen.
    pub(super) fn open_of(&self, open_time: Ts) -> Option<zero_core::Px> {
        let forming = self.forming.as_ref().filter(|(f, _)| f.open_time == open_time).map(|(f, _)| f.open);
        self.closed.get(&open_time).map(|b| b.open).or(forming)
    }

    /// Is this trade new?
    pub(super) fn is_new_trade(&mut self, time: Ts, tid: u64) -> bool {
        if !self.trade_ids.insert((time, tid)) {
            return false;
        }
        self.trade_order.push_back((time, tid));
        if self.trade_order.len() > TRADE_IDS_MAX
            && let Some(oldest) = self.trade_order.pop_front()
        {
            self.trade_ids.remove(&oldest);
        }
        true
    }

    /// Drops what belongs to instants that went out.
    pub(super) fn forget_before(&mut self, done: Ts, interval: TsDiff) {
        self.closed.retain(|open, _| open.plus(interval) > done);
        self.funding.retain(|hour, _| *hour > done || self.owed.contains(hour));
    }

    fn close(&mut self, bar: Bar) {
        // A REST answer holds at most this many, so more cannot be waiting for the consumer.
        if self.closed.len() <= 2 * CANDLES_MAX {
            self.closed.insert(bar.open_time, bar);
        }
    }
}

/// Within one candle trades, volume and range only grow, and the open stands.
fn is_older(new: &Candle, held: &Candle) -> bool {
    new.trades < held.trades
        || new.volume < held.volume
        || new.high < held.high
        || new.low > held.low
        || new.open != held.open
}

fn refuse(candle: &Candle, counts: &mut Counts) -> WireError {
    counts.out_of_order += 1;
    WireError::OutOfOrder { coin: candle.coin.clone(), open_time: candle.open_time }
}
