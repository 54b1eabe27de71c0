//! What waits for one sink: tried again after growing pauses, given up after a bound. Pure: time comes in.
//!
//! It is saved together with the place in the journal up to which notices were made, so that a message is in one of the
//! two whatever happens: delivered at least once, or given up and counted.

use crate::Urgency;
use crate::desk::Message;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use zero_core::{Ts, TsDiff};

/// Messages that may wait for one sink.
pub const WAITING_MAX: usize = 256;
/// Attempts after which a message is given up: with the pauses, about three quarters of an hour.
pub const ATTEMPTS_MAX: u32 = 16;
/// Pause after the first failure; it doubles with each further one.
const PAUSE_FIRST: TsDiff = TsDiff::secs(1);
/// Longest pause.
const PAUSE_MAX: TsDiff = TsDiff::secs(300);

/// A message and how often it was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The message.
    pub message: Message,
    /// Attempts that failed.
    pub attempts: u32,
}

/// A message that will not be delivered, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// The sink's name.
    pub sink: String,
    /// Why it was given up.
    pub cause: String,
    /// The message and its attempts.
    #[serde(flatten)]
    pub waiting: Waiting,
}

/// How a sink fares, since its loop began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Messages delivered.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages given up.
    pub dead: u64,
    /// Messages that wait.
    pub waiting: u64,
}

/// What waits for one sink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    waiting: VecDeque<Waiting>,
    /// Failures since the last success.
    failures: u32,
    /// No attempt before this wall time, nanoseconds since the epoch.
    next: Option<i64>,
    tally: Tally,
}

impl Outbox {
    /// What a former loop left, with counts of its own.
    #[must_use]
    pub fn resumed(self) -> Self {
        Self { tally: Tally::default(), ..self }
    }

    /// How it fares.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally { waiting: self.waiting.len() as u64, ..self.tally }
    }

    /// The next attempt's time, where a pause holds it back.
    #[must_use]
    pub fn next(&self) -> Option<Ts> {
        self.next.filter(|_| !self.waiting.is_empty()).map(Ts::from_ns)
    }

    /// Adds a message. With no room left, the oldest of the least urgent gives way.
    pub fn put(&mut self, message: Message) -> Option<Waiting> {
        self.waiting.push_back(Waiting { message, attempts: 0 });
        if self.waiting.len() <= WAITING_MAX {
            return None;
        }
        // The first may be under way; what is lost of it is its second attempt.
        let least = self.waiting.iter().map(|w| w.message.urgency).min().unwrap_or(Urgency::Info);
        let at = self.waiting.iter().position(|w| w.message.urgency == least)?;
        self.tally.dead += 1;
        self.waiting.remove(at)
    }

    /// The message to try now.
    #[must_use]
    pub fn due(&self, now: Ts) -> Option<&Message> {
        let next = self.next.map_or(now, Ts::from_ns);
        // A clock that was set back must not silence a sink.
        let held = next > now && next <= now.plus(PAUSE_MAX);
        self.waiting.front().filter(|_| !held).map(|w| &w.message)
    }

    /// What became of a message that was tried. One that failed goes behind the others, so that one which is refused for
    /// what it says holds up nothing; after its last attempt it is given up.
    pub fn settle(&mut self, message: &Message, delivered: bool, now: Ts) -> Option<Waiting> {
        let at = self.waiting.iter().position(|w| w.message == *message);
        let tried = at.and_then(|i| self.waiting.remove(i));
        if delivered {
            (self.failures, self.next) = (0, None);
            self.tally.delivered += 1;
            return None;
        }
        self.tally.failed += 1;
        let pause = PAUSE_FIRST.times(1 << self.failures.min(9)).min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.next = Some(now.plus(pause).as_ns());
        let mut tried = tried?;
        tried.attempts += 1;
        if tried.attempts >= ATTEMPTS_MAX {
            self.tally.dead += 1;
            return Some(tried);
        }
        self.waiting.push_back(tried);
        None
    }

    /// Gives everything up: its sink is no longer there.
    pub fn abandon(&mut self) -> Vec<Waiting> {
        self.tally.dead += self.waiting.len() as u64;
        self.waiting.drain(..).collect()
    }
}
