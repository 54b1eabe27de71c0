//! Merges the series of all coins into one stream of events in the order (time, phase, coin).
//!
//! Invariant: at each instant every lane is visited once per phase, in the order of coins, so the order of events is
//! that of their keys and no two events share a key.

use crate::error::DataError;
use crate::range::EventRange;
use crate::row::{BarRow, FundingRow};
use zero_core::{CoinId, Ts, TsDiff};
use zero_market::event::{Gap, TimerKind};
use zero_market::{BarOpen, Event, EventBody, MarketKey};

pub(crate) const GAP: u8 = 0;
pub(crate) const CLOSE: u8 = 1;
pub(crate) const FUNDING: u8 = 2;
const TIMER: u8 = 5;
pub(crate) const OPEN: u8 = 6;
/// No further event in a lane.
const NEVER: i64 = i64::MAX;

/// One coin's series, read forward.
#[derive(Debug)]
pub(crate) struct Lane<B, F> {
    coin: CoinId,
    interval: TsDiff,
    bars: B,
    bar: Option<BarRow>,
    is_open: bool,
    next_bar: Option<BarRow>,
    prints: F,
    print: Option<FundingRow>,
    print_gap: Option<(Ts, Ts)>,
}

impl<B, F> Lane<B, F>
where
    B: Iterator<Item = Result<BarRow, DataError>>,
    F: Iterator<Item = Result<FundingRow, DataError>>,
{
    pub(crate) fn new(coin: CoinId, interval: TsDiff, mut bars: B, mut prints: F) -> Result<Self, DataError> {
        let bar = bars.next().transpose()?;
        let next_bar = bars.next().transpose()?;
        let print = prints.next().transpose()?;
        Ok(Self { coin, interval, bars, bar, is_open: false, next_bar, prints, print, print_gap: None })
    }

    #[inline]
    fn next_ns(&self) -> i64 {
        let bar = match &self.bar {
            Some(b) if self.is_open => b.open_time.plus(self.interval).as_ns(),
            Some(b) => b.open_time.as_ns(),
            None => NEVER,
        };
        let print = self.print.as_ref().map_or(NEVER, |p| p.time.as_ns());
        let gap = self.print_gap.map_or(NEVER, |(from, _)| from.as_ns());
        bar.min(print).min(gap)
    }

    /// A hole in the bars or in the prints that starts now; two that start together are one event.
    #[inline]
    fn gap(&mut self, now: Ts) -> Option<EventBody> {
        let bars = match (&self.bar, &self.next_bar) {
            (Some(b), Some(n))
                if self.is_open && b.open_time.plus(self.interval) == now && n.open_time > now =>
            {
                Some(n.open_time)
            }
            _ => None,
        };
        let prints = self.print_gap.take_if(|(from, _)| *from == now).map(|(_, to)| to);
        let to = bars.max(prints)?;
        Some(EventBody::Gap(Gap { coin: self.coin, from: now, to }))
    }

    #[inline]
    fn close(&mut self, now: Ts) -> Result<Option<EventBody>, DataError> {
        match self.bar {
            Some(b) if self.is_open && b.open_time.plus(self.interval) == now => {
                self.bar = self.next_bar.take();
                self.is_open = false;
                self.next_bar = self.bars.next().transpose()?;
                Ok(Some(EventBody::BarClosed(b.bar(self.coin, self.interval))))
            }
            _ => Ok(None),
        }
    }

    #[inline]
    fn funding(&mut self, now: Ts) -> Result<Option<EventBody>, DataError> {
        match self.print {
            Some(p) if p.time == now => {
                self.print = self.prints.next().transpose()?;
                let due = now.plus(TsDiff::HOUR);
                self.print_gap = self.print.filter(|n| n.time > due).map(|n| (due, n.time));
                Ok(Some(EventBody::Funding(p.print(self.coin))))
            }
            _ => Ok(None),
        }
    }

    #[inline]
    fn open(&mut self, now: Ts) -> Option<EventBody> {
        match &self.bar {
            Some(b) if !self.is_open && b.open_time == now => {
                self.is_open = true;
                let (coin, interval) = (self.coin, self.interval);
                Some(EventBody::BarOpened(BarOpen { coin, open_time: now, interval, open: b.open }))
            }
            _ => None,
        }
    }
}

/// The merged stream. After an error it ends.
#[derive(Debug)]
pub(crate) struct Merge<B, F> {
    lanes: Vec<Lane<B, F>>,
    now: Ts,
    phase: u8,
    lane: usize,
    is_running: bool,
    any_closed: bool,
    from: Ts,
    to_ns: i64,
    after: Option<MarketKey>,
}

impl<B, F> Merge<B, F>
where
    B: Iterator<Item = Result<BarRow, DataError>>,
    F: Iterator<Item = Result<FundingRow, DataError>>,
{
    /// Lanes by ascending coin, each beginning at or before the range's start.
    pub(crate) fn new(lanes: Vec<Lane<B, F>>, range: &EventRange) -> Self {
        let mut m = Self {
            lanes,
            now: Ts::ZERO,
            phase: GAP,
            lane: 0,
            is_running: true,
            any_closed: false,
            from: range.from.unwrap_or(Ts::from_ns(i64::MIN)),
            to_ns: range.to.map_or(NEVER, Ts::as_ns),
            after: range.after,
        };
        m.next_instant();
        m
    }

    fn next_instant(&mut self) {
        let ns = self.lanes.iter().map(Lane::next_ns).min().unwrap_or(NEVER);
        self.is_running = ns < self.to_ns;
        self.now = Ts::from_ns(ns);
        (self.phase, self.lane, self.any_closed) = (GAP, 0, false);
    }

    #[inline]
    fn step(&mut self) -> Result<Option<EventBody>, DataError> {
        loop {
            if self.phase == TIMER {
                self.phase = OPEN;
                if self.any_closed {
                    return Ok(Some(EventBody::Timer(TimerKind::BarSlice)));
                }
            }
            while let Some(lane) = self.lanes.get_mut(self.lane) {
                self.lane += 1;
                let body = match self.phase {
                    GAP => lane.gap(self.now),
                    CLOSE => lane.close(self.now)?,
                    FUNDING => lane.funding(self.now)?,
                    _ => lane.open(self.now),
                };
                if body.is_some() {
                    self.any_closed |= self.phase == CLOSE;
                    return Ok(body);
                }
            }
            self.lane = 0;
            match self.phase {
                GAP => self.phase = CLOSE,
                CLOSE => self.phase = FUNDING,
                FUNDING => self.phase = TIMER,
                _ => {
                    self.next_instant();
                    if !self.is_running {
                        return Ok(None);
                    }
                }
            }
        }
    }

    #[inline]
    fn is_selected(&mut self, event: &Event) -> bool {
        if event.time < self.from {
            return false;
        }
        match self.after {
            Some(key) if event.key() <= key => false,
            _ => {
                self.after = None;
                true
            }
        }
    }
}

impl<B, F> Iterator for Merge<B, F>
where
    B: Iterator<Item = Result<BarRow, DataError>>,
    F: Iterator<Item = Result<FundingRow, DataError>>,
{
    type Item = Result<Event, DataError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.is_running {
            match self.step() {
                Ok(Some(body)) => {
                    let event = Event::at(self.now, body);
                    if self.is_selected(&event) {
                        return Some(Ok(event));
                    }
                }
                Ok(None) => {}
                Err(e) => {
                    self.is_running = false;
                    return Some(Err(e));
                }
            }
        }
        None
    }
}
