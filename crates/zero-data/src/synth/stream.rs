//! The synthetic market as an endless or long stream of events, in bounded memory.

use super::market::{Market, Slice};
use super::spec::SynthSpec;
use crate::error::DataError;
use crate::range::EventRange;
use std::collections::VecDeque;
use zero_core::{CoinId, Ts, TsDiff};
use zero_market::event::TimerKind;
use zero_market::{BarOpen, Event, EventBody};

/// All events of the market, endless when the specification is.
///
/// # Errors
/// [`DataError::Spec`].
pub fn stream(spec: &SynthSpec) -> Result<SynthStream, DataError> {
    stream_range(spec, &EventRange::all())
}

/// The events of a range. What lies before it is generated and dropped, so a resumed stream continues with the same
/// bits; that takes about a microsecond a bar.
///
/// # Errors
/// [`DataError::Spec`].
pub fn stream_range(spec: &SynthSpec, range: &EventRange) -> Result<SynthStream, DataError> {
    spec.check()?;
    Ok(SynthStream {
        market: Market::new(spec),
        bars: spec.bars.unwrap_or(u64::MAX),
        interval: spec.interval,
        range: range.clone(),
        slice: Slice::empty(),
        queue: VecDeque::new(),
    })
}

/// Events of a synthetic market in the order (time, phase, coin). Holds one slice of bars.
#[derive(Clone, Debug)]
pub struct SynthStream {
    market: Market,
    bars: u64,
    interval: TsDiff,
    range: EventRange,
    slice: Slice,
    queue: VecDeque<Event>,
}

impl SynthStream {
    /// Opens, then the prints inside the bar, then closes, the prints at the close, and the timer.
    fn fill(&mut self) {
        self.market.next_slice(&mut self.slice);
        let interval = self.interval;
        let (opened, closed) = (self.slice.open_time, self.slice.open_time.plus(interval));
        if self.range.start().is_some_and(|start| closed < start) {
            return;
        }
        let bars = || {
            let coins = self.slice.bars.iter().enumerate().map(|(i, b)| (CoinId(i as u16), b));
            coins.filter(|(c, _)| self.range.has_coin(*c))
        };
        let coins = self.slice.bars.len();
        let prints = |at_close: bool| {
            let all = self.slice.prints.iter().enumerate().map(move |(i, p)| (CoinId((i % coins) as u16), p));
            all.filter(move |(_, p)| (p.time == closed) == at_close)
                .filter(|(c, _)| self.range.has_coin(*c))
                .map(|(c, p)| (p.time, EventBody::Funding(p.print(c))))
        };
        let opens = bars().map(|(coin, b)| {
            (opened, EventBody::BarOpened(BarOpen { coin, open_time: opened, interval, open: b.open }))
        });
        let closes = bars().map(|(coin, b)| (closed, EventBody::BarClosed(b.bar(coin, interval))));
        let timer = bars().next().map(|_| (closed, EventBody::Timer(TimerKind::BarSlice)));
        let all = opens.chain(prints(false)).chain(closes).chain(prints(true)).chain(timer);
        let selected = all.map(|(time, body): (Ts, EventBody)| Event::at(time, body)).filter(|e| {
            self.range.from.is_none_or(|from| e.time >= from) && self.range.after.is_none_or(|k| e.key() > k)
        });
        self.queue.extend(selected);
    }
}

impl Iterator for SynthStream {
    type Item = Result<Event, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.queue.is_empty() {
            let next_open = self.slice.open_time.plus(self.interval);
            let is_past = self.market.bars_done() > 0 && self.range.to.is_some_and(|to| next_open >= to);
            if is_past || self.market.bars_done() >= self.bars {
                return None;
            }
            self.fill();
        }
        let event = self.queue.pop_front()?;
        if self.range.to.is_some_and(|to| event.time >= to) {
            self.queue.clear();
            self.bars = 0;
            return None;
        }
        Some(Ok(event))
    }
}
