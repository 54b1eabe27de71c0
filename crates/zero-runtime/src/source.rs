//! Sources of market events for a long-lived run.

use crate::clock::Clock;
use crate::rim::FeedHealth;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use zero_core::Ts;
use zero_data::DataError;
use zero_market::Event;

/// What a source has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// An event.
    Event(Event),
    /// Nothing within the time that was given.
    Idle,
    /// Nothing ever again.
    End,
}

/// Why a source failed.
#[derive(Debug, Error)]
pub enum SourceError {
    /// Stored or synthetic data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A live feed; its own code, cause and hint.
    #[error("{cause}")]
    Live {
        /// Stable code.
        code: &'static str,
        /// What happened.
        cause: String,
        /// What to do.
        hint: String,
    },
}

impl SourceError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Data(e) => e.code(),
            Self::Live { code, .. } => code,
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Data(e) => e.hint().to_owned(),
            Self::Live { hint, .. } => hint.clone(),
        }
    }
}

/// A source of market events in (time, phase, coin) order. A live one sends the slice timer also when bars are missing,
/// so that the kernel can judge silence.
pub trait Source: Send {
    /// The next event, waiting at most this long.
    ///
    /// # Errors
    /// [`SourceError`]: the run must stop.
    fn next(&mut self, wait: Duration) -> Result<Next, SourceError>;

    /// How the feed behind it is; `None` where there is no feed.
    fn health(&self) -> Option<FeedHealth> {
        None
    }
}

/// Replays events at a multiple of their own speed, or as fast as they come.
pub struct Replay {
    events: Box<dyn Iterator<Item = Result<Event, DataError>> + Send>,
    speed: Option<f64>,
    clock: Arc<dyn Clock>,
    start: Option<(Ts, Duration)>,
    held: Option<Event>,
}

impl core::fmt::Debug for Replay {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Replay").field("speed", &self.speed).finish_non_exhaustive()
    }
}

impl Replay {
    /// `speed` event seconds per second; `None` for as fast as possible.
    #[must_use]
    pub fn new(
        events: Box<dyn Iterator<Item = Result<Event, DataError>> + Send>,
        speed: Option<f64>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { events, speed: speed.filter(|s| s.is_finite() && *s > 0.0), clock, start: None, held: None }
    }

    /// How long until an event is due.
    fn due_in(&mut self, time: Ts, speed: f64) -> Duration {
        let now = self.clock.monotonic();
        let (first, began) = *self.start.get_or_insert((time, now));
        let due = began + Duration::from_nanos((time.since(first).as_ns().max(0) as f64 / speed) as u64);
        due.saturating_sub(now)
    }
}

impl Source for Replay {
    fn next(&mut self, wait: Duration) -> Result<Next, SourceError> {
        let event = match self.held.take() {
            Some(e) => e,
            None => match self.events.next() {
                Some(e) => e?,
                None => return Ok(Next::End),
            },
        };
        let Some(speed) = self.speed else { return Ok(Next::Event(event)) };
        let due = self.due_in(event.time, speed);
        if due > wait {
            self.clock.sleep(wait);
            self.held = Some(event);
            return Ok(Next::Idle);
        }
        self.clock.sleep(due);
        // Received now: the wall clock never reaches a digest.
        Ok(Next::Event(Event { received: self.clock.now(), ..event }))
    }
}
