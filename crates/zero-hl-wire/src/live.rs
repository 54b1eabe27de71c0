//! The live source: the venue's public market as ordered events.
//!
//! Three threads and bounded queues between them: `connection` keeps one WebSocket open, `workers::Asker` fetches by
//! REST, `workers::Feeder` runs the [`assemble::Assembler`]. When the consumer is slow the queues fill, then the
//! venue's frames wait in the socket; nothing is dropped on the way to a bar.

pub mod assemble;
mod coin;
mod config;
mod connection;
mod emit;
mod status;
mod workers;

use crate::budget::RateBudget;
use crate::clock::{Clock, Stop};
use crate::decode::{Candle, FundingRecord};
use crate::error::WireError;
use crate::rest::RestClient;
use assemble::{Assembler, Want};
pub use config::{KeepAlive, LiveConfig, Patience, Streams};
use status::Shared;
pub use status::{Counts, SourceStatus};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use zero_core::{Ts, TsDiff};
use zero_market::{Event, Universe};

/// Frames and answers between the threads.
const INPUT_MAX: usize = 1_024;
const WANTS_MAX: usize = 8;

/// What reaches the assembling thread.
#[derive(Debug)]
enum Input {
    Connected,
    Disconnected,
    Frame(u64, Ts, String),
    Candles(Want, Result<Vec<Candle>, WireError>, Option<Ts>),
    Funding(Want, Result<Vec<FundingRecord>, WireError>, Option<Ts>),
}

/// Starts the live source.
#[derive(Clone, Copy, Debug)]
pub struct LiveSource;

impl LiveSource {
    /// Reads the universe, compares the clocks and starts the threads, with a budget of its own.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn start(config: LiveConfig, clock: Arc<dyn Clock>) -> Result<LiveHandle, WireError> {
        let budget = RateBudget::rest(clock.clone());
        Self::start_with(config, clock, budget, Stop::new())
    }

    /// The same with the budget that all callers on this address share, and a flag that also ends a slow start.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn start_with(
        config: LiveConfig,
        clock: Arc<dyn Clock>,
        budget: RateBudget,
        stop: Stop,
    ) -> Result<LiveHandle, WireError> {
        config.check()?;
        let rest = RestClient::new(config.rest.clone(), budget, clock.clone())?;
        let universe = read_universe(&rest, &config.coins, &stop)?;
        let skew = rest.clock_skew();
        if let Some(problem) = skew.and_then(|s| workers::skew_problem(s, config.skew_max)) {
            return Err(problem);
        }
        let now = clock.wall().minus(skew.unwrap_or(TsDiff::ZERO));
        let assembler = Assembler::new(config.clone(), universe.clone(), now);
        let shared = Shared::default();
        shared.lock().subscriptions = config.coins.len() * config.streams.channels().count();

        let (input, inputs) = sync_channel(INPUT_MAX);
        let (want, wants) = sync_channel(WANTS_MAX);
        let (event, events) = sync_channel(config.queue_max);
        let asker = workers::Asker {
            rest: rest.clone(),
            universe: universe.clone(),
            interval: config.interval,
            stop: stop.clone(),
            shared: shared.clone(),
            wants,
            input: input.clone(),
        };
        let feeder = workers::Feeder {
            assembler,
            rest: rest.clone(),
            clock: clock.clone(),
            skew_max: config.skew_max,
            stop: stop.clone(),
            shared: shared.clone(),
            input: inputs,
            wants: want,
            events: event,
        };
        let stale_after = config.keep_alive.stale_after;
        let connection = connection::Connection {
            config,
            clock: clock.clone(),
            stop: stop.clone(),
            shared: shared.clone(),
            input,
        };
        let mut handle =
            LiveHandle { universe, rest, clock, stop, shared, stale_after, events, threads: Vec::new() };
        handle.spawn("wire-feed", move || feeder.run())?;
        handle.spawn("wire-socket", move || connection.run())?;
        // Not waited for at the end: a blocking request cannot be interrupted. It ends with its own timeout, and by
        // then nobody listens.
        drop(spawn("wire-rest", move || asker.run())?);
        Ok(handle)
    }
}

/// The running source. Dropping it stops it.
#[derive(Debug)]
pub struct LiveHandle {
    universe: Universe,
    rest: RestClient,
    clock: Arc<dyn Clock>,
    stop: Stop,
    shared: Shared,
    stale_after: TsDiff,
    events: Receiver<Event>,
    threads: Vec<JoinHandle<()>>,
}

impl LiveHandle {
    /// The next event; `None` when none came in time.
    ///
    /// # Errors
    /// [`WireError::Stopped`] after [`Self::stop`], [`WireError::Ended`] when the source ended on its own.
    pub fn recv_timeout(&self, wait: Duration) -> Result<Option<Event>, WireError> {
        match self.events.recv_timeout(wait) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) if self.stop.is_set() => Err(WireError::Stopped),
            Err(RecvTimeoutError::Disconnected) => Err(WireError::Ended("assembling")),
        }
    }

    /// The instruments, in the order of the configured coins.
    #[must_use]
    pub const fn universe(&self) -> &Universe {
        &self.universe
    }

    /// The REST client, for further reads out of the same budget.
    #[must_use]
    pub const fn rest(&self) -> &RestClient {
        &self.rest
    }

    /// The state now.
    #[must_use]
    pub fn status(&self) -> SourceStatus {
        let (rate_budget_left, clock_skew) = (self.rest.budget().left(), self.rest.clock_skew());
        let (now, rest_notes) = (self.clock.mono(), self.rest.notes());
        let board = self.shared.lock();
        let last_frame_age = board.last_frame.map(|t| now.since(t));
        let mut counts = board.counts;
        counts.queue_waits = board.queue_waits;
        let mut notes = board.notes;
        notes.unknown_fields += rest_notes.unknown_fields;
        notes.unknown_channels += rest_notes.unknown_channels;
        SourceStatus {
            connected: board.connected,
            connection: board.connection,
            reconnects: board.connection.saturating_sub(1),
            attempts: board.attempts,
            breaker_open: board.breaker_open,
            last_frame_age,
            is_stale: last_frame_age.is_none_or(|age| age > self.stale_after),
            subscriptions: board.subscriptions,
            confirmed: board.confirmed,
            rate_budget_left,
            clock_skew,
            collecting: board.collecting,
            held: board.held,
            counts,
            notes,
            problems: board.problems.iter().cloned().collect(),
        }
    }

    /// Stops the source and waits for its socket and assembling threads; a name resolution or a TCP connect that
    /// is under way is waited for.
    pub fn stop(mut self) {
        self.finish();
    }

    fn spawn(&mut self, name: &'static str, body: impl FnOnce() + Send + 'static) -> Result<(), WireError> {
        self.threads.push(spawn(name, body)?);
        Ok(())
    }

    fn finish(&mut self) {
        self.stop.set();
        for thread in self.threads.drain(..) {
            // A thread that panicked has already ended the stream of events.
            let _ = thread.join();
        }
    }
}

impl Drop for LiveHandle {
    fn drop(&mut self) {
        self.finish();
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, WireError> {
    Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|e| WireError::Config(format!("the thread {name} did not start: {e}")))
}

fn read_universe(rest: &RestClient, coins: &[String], stop: &Stop) -> Result<Universe, WireError> {
    let meta = rest.meta(stop)?;
    coins.iter().map(|c| meta.instrument(c)).collect::<Result<Vec<_>, _>>().map(Universe::new)
}
