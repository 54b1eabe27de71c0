//! What the source says about itself.

use crate::decode::Notes;
use crate::error::WireError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zero_core::{Ts, TsDiff};

const PROBLEMS_MAX: usize = 32;

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Text frames received.
    pub frames: u64,
    /// Known messages that were malformed or implausible.
    pub decode_errors: u64,
    /// Messages that repeated what was known.
    pub duplicates: u64,
    /// Candles refused because their time had been closed or a newer state was known.
    pub out_of_order: u64,
    /// Side-stream events refused because they were too late.
    pub late_refused: u64,
    /// Side-stream events dropped because their waiting room was full.
    pub side_dropped: u64,
    /// Bars closed by a successor on the same connection.
    pub closed_by_successor: u64,
    /// Bars closed by REST.
    pub closed_by_rest: u64,
    /// Bars on which REST and WebSocket disagreed; REST won.
    pub rest_disagreed: u64,
    /// Bars given up, each a `Gap` event.
    pub gaps: u64,
    /// Opens that came after their instant's grace.
    pub late_opens: u64,
    /// Funding prints that came after their instant had been closed.
    pub late_funding: u64,
    /// Funding prints given up for good.
    pub funding_lost: u64,
    /// Funding prints that do not follow the venue's formula.
    pub funding_off_formula: u64,
    /// Requests by REST that failed after their retries.
    pub rest_errors: u64,
    /// Error texts of the venue on its error channel.
    pub venue_errors: u64,
    /// Events that went to the consumer.
    pub events: u64,
    /// Times a full queue made the source wait for the consumer.
    pub queue_waits: u64,
}

/// The state of the source at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceStatus {
    /// Is a WebSocket connection open?
    pub connected: bool,
    /// The current or last connection; they count from 1.
    pub connection: u64,
    /// Connections after the first.
    pub reconnects: u64,
    /// Attempts to connect, failed ones included.
    pub attempts: u64,
    /// Does the breaker hold back the next attempt?
    pub breaker_open: bool,
    /// Time since the last frame of market data.
    pub last_frame_age: Option<TsDiff>,
    /// No market data for longer than the limit: what is known is old.
    pub is_stale: bool,
    /// Subscriptions wanted.
    pub subscriptions: usize,
    /// Subscriptions the venue confirmed on this connection.
    pub confirmed: usize,
    /// Weight left in the REST budget.
    pub rate_budget_left: u32,
    /// Local clock minus the venue's.
    pub clock_skew: Option<TsDiff>,
    /// The instant that is being collected.
    pub collecting: Option<Ts>,
    /// Side-stream events waiting for their instant.
    pub held: usize,
    /// Counters.
    pub counts: Counts,
    /// What was seen and not known.
    pub notes: Notes,
    /// The newest problems, oldest first; at most 32.
    pub problems: Vec<WireError>,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) connected: bool,
    pub(super) connection: u64,
    pub(super) attempts: u64,
    pub(super) breaker_open: bool,
    pub(super) last_frame: Option<Ts>,
    pub(super) subscriptions: usize,
    pub(super) confirmed: usize,
    pub(super) collecting: Option<Ts>,
    pub(super) held: usize,
    pub(super) counts: Counts,
    pub(super) notes: Notes,
    pub(super) queue_waits: u64,
    pub(super) problems: VecDeque<WireError>,
}

/// The one place where the threads write what they know of themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared(Arc<Mutex<Board>>);

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn problem(&self, problem: WireError) {
        let mut board = self.lock();
        if board.problems.len() >= PROBLEMS_MAX {
            board.problems.pop_front();
        }
        board.problems.push_back(problem);
    }
}
