//! A live source as the loop may trust it: nothing twice, and no decision on an hour that is long over.
//!
//! At a start and after an outage a feed first delivers the bars that were missed. They feed features and mark positions,
//! but their slices come as heartbeats: breakers are judged, strategies are not asked.

use crate::rim::FeedHealth;
use crate::source::{Next, Source, SourceError};
use std::time::Duration;
use zero_core::TsDiff;
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody, MarketKey};

/// The wrapper.
#[derive(Debug)]
pub struct LateSlices<S> {
    inner: S,
    after: Option<MarketKey>,
    late: TsDiff,
}

impl<S: Source> LateSlices<S> {
    /// `after` is the last market event of the journal. A slice that was received more than a quarter of a bar after its
    /// time is late; at least ten seconds are allowed, at most ten minutes.
    #[must_use]
    pub fn new(inner: S, after: Option<MarketKey>, interval: TsDiff) -> Self {
        let quarter = TsDiff::ns(interval.as_ns() / 4);
        Self { inner, after, late: quarter.max(TsDiff::secs(10)).min(TsDiff::secs(600)) }
    }
}

impl<S: Source> Source for LateSlices<S> {
    fn next(&mut self, wait: Duration) -> Result<Next, SourceError> {
        let next = self.inner.next(wait)?;
        let Next::Event(event) = next else { return Ok(next) };
        if self.after.is_some_and(|key| event.key() <= key) {
            return Ok(Next::Idle);
        }
        let is_late = event.received.since(event.time) > self.late;
        Ok(Next::Event(match event.body {
            EventBody::Timer(TimerKind::BarSlice) if is_late => {
                Event { body: EventBody::Timer(TimerKind::Heartbeat), ..event }
            }
            _ => event,
        }))
    }

    fn health(&self) -> Option<FeedHealth> {
        self.inner.health()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zero_core::Ts;

    struct List(Vec<Event>);

    impl Source for List {
        fn next(&mut self, _: Duration) -> Result<Next, SourceError> {
            Ok(if self.0.is_empty() { Next::End } else { Next::Event(self.0.remove(0)) })
        }
    }

    fn slice(hour: i64, late: TsDiff) -> Event {
        let time = Ts::from_ns(hour * TsDiff::HOUR.as_ns());
        Event { time, received: time.plus(late), body: EventBody::Timer(TimerKind::BarSlice) }
    }

    fn kinds(events: Vec<Event>, after: Option<MarketKey>) -> Vec<Option<TimerKind>> {
        let mut source = LateSlices::new(List(events), after, TsDiff::HOUR);
        let mut out = Vec::new();
        loop {
            match source.next(Duration::ZERO).unwrap() {
                Next::Event(Event { body: EventBody::Timer(kind), .. }) => out.push(Some(kind)),
                Next::Event(e) => panic!("{e:?}"),
                Next::Idle => out.push(None),
                Next::End => return out,
            }
        }
    }

    #[test]
    fn a_slice_of_hours_ago_is_not_decided_and_a_timely_one_is() {
        let got = kinds(vec![slice(1, TsDiff::HOUR.times(3)), slice(2, TsDiff::secs(12))], None);
        assert_eq!(got, [Some(TimerKind::Heartbeat), Some(TimerKind::BarSlice)]);
    }

    #[test]
    fn what_the_journal_has_is_not_processed_again() {
        let (first, second) = (slice(1, TsDiff::ZERO), slice(2, TsDiff::ZERO));
        let got = kinds(vec![first.clone(), second], Some(first.key()));
        assert_eq!(got, [None, Some(TimerKind::BarSlice)]);
    }
}
