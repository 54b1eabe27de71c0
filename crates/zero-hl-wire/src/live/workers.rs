//! The other two threads: one asks by REST, one assembles. Neither opens a WebSocket connection.

use super::Input;
use super::assemble::{Assembler, Now, Want};
use super::status::Shared;
use crate::clock::{Clock, Stop};
use crate::decode::Interval;
use crate::error::WireError;
use crate::rest::RestClient;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::Duration;
use zero_core::{Ts, TsDiff};
use zero_market::{Event, Universe};

/// How often time alone is looked at.
const TICK: Duration = Duration::from_millis(20);
const QUEUE_RETRY: TsDiff = TsDiff::ms(5);
/// A measured skew below this is within the measurement's own error.
const SKEW_NOISE: TsDiff = TsDiff::ms(1_500);

/// Answers [`Want`]s, one at a time.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) rest: RestClient,
    pub(super) universe: Universe,
    pub(super) interval: Interval,
    pub(super) stop: Stop,
    pub(super) shared: Shared,
    pub(super) wants: Receiver<Want>,
    pub(super) input: SyncSender<Input>,
}

impl Asker {
    pub(super) fn run(self) {
        while let Ok(want) = self.wants.recv() {
            let answer = match want {
                Want::Candles(coin, from, to) => {
                    let symbol = self.universe.symbol(coin);
                    let got = self.rest.candles(symbol, self.interval, from, to, &self.stop);
                    let (value, time) = self.split(got);
                    Input::Candles(want, value, time)
                }
                Want::Funding(coin, from, to) => {
                    let got = self.rest.funding(self.universe.symbol(coin), from, to, &self.stop);
                    let (value, time) = self.split(got);
                    Input::Funding(want, value, time)
                }
            };
            if send(&self.input, answer, &self.stop, || {}).is_err() {
                return;
            }
        }
    }

    fn split<T>(&self, got: Result<crate::rest::Timed<T>, WireError>) -> (Result<T, WireError>, Option<Ts>) {
        match got {
            Ok(timed) => (Ok(timed.value), timed.venue_time),
            Err(problem) => {
                self.shared.problem(problem.clone());
                (Err(problem), None)
            }
        }
    }
}

/// Feeds the assembly and passes its events on.
#[derive(Debug)]
pub(super) struct Feeder {
    pub(super) assembler: Assembler,
    pub(super) rest: RestClient,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) skew_max: TsDiff,
    pub(super) stop: Stop,
    pub(super) shared: Shared,
    pub(super) input: Receiver<Input>,
    pub(super) wants: SyncSender<Want>,
    pub(super) events: SyncSender<Event>,
}

impl Feeder {
    pub(super) fn run(mut self) {
        let mut parked = None;
        let mut is_skewed = false;
        while !self.stop.is_set() {
            match self.input.recv_timeout(TICK) {
                Ok(input) => self.take(input),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            is_skewed = self.judge_skew(is_skewed);
            loop {
                let moved = self.assembler.advance(self.now());
                if self.pass_on().is_err() {
                    return;
                }
                if !moved {
                    break;
                }
            }
            parked = parked.or_else(|| self.assembler.next_want(self.now()));
            if let Some(want) = parked.take() {
                match self.wants.try_send(want) {
                    Ok(()) => {}
                    Err(TrySendError::Full(back)) => parked = Some(back),
                    Err(TrySendError::Disconnected(_)) => return,
                }
            }
            self.report();
        }
    }

    fn take(&mut self, input: Input) {
        let now = self.now();
        match input {
            Input::Connected => self.assembler.connected(now),
            Input::Disconnected => self.assembler.disconnected(),
            Input::Frame(connection, received, text) => {
                let at = Now { local: received, ..now };
                match self.assembler.on_frame(&text, connection, at) {
                    Ok(true) => self.shared.lock().last_frame = Some(self.clock.mono()),
                    Ok(false) => {}
                    Err(problem) => self.shared.problem(problem),
                }
            }
            Input::Candles(want, answer, venue) => {
                self.assembler.on_candles(want, answer, Now { venue: venue.unwrap_or(now.venue), ..now });
            }
            Input::Funding(want, answer, venue) => {
                self.assembler.on_funding(want, answer, Now { venue: venue.unwrap_or(now.venue), ..now });
            }
        }
    }

    fn now(&self) -> Now {
        let local = self.clock.wall();
        let skew = self.rest.clock_skew().filter(|s| s.as_ns().abs() > SKEW_NOISE.as_ns());
        Now { venue: skew.map_or(local, |s| local.minus(s)), local }
    }

    /// Says once that the clocks have come apart.
    fn judge_skew(&self, was: bool) -> bool {
        let problem = self.rest.clock_skew().and_then(|skew| skew_problem(skew, self.skew_max));
        let is = problem.is_some();
        if let Some(problem) = problem.filter(|_| !was) {
            self.shared.problem(problem);
        }
        is
    }

    fn pass_on(&mut self) -> Result<(), WireError> {
        while let Some(event) = self.assembler.pop() {
            let shared = &self.shared;
            send(&self.events, event, &self.stop, || shared.lock().queue_waits += 1)?;
        }
        Ok(())
    }

    fn report(&self) {
        let mut board = self.shared.lock();
        board.counts = self.assembler.counts();
        board.notes = self.assembler.notes();
        board.collecting = Some(self.assembler.collecting());
        board.held = self.assembler.held();
        board.confirmed = self.assembler.confirmed();
    }
}

/// The problem of a skew, if it is one.
pub(super) fn skew_problem(skew: TsDiff, max: TsDiff) -> Option<WireError> {
    (skew.as_ns().abs() > max.as_ns()).then_some(WireError::ClockSkew {
        skew_ms: skew.as_ns() / 1_000_000,
        limit_ms: max.as_ns() / 1_000_000,
    })
}

/// Waits while the receiver's queue is full, until stopped.
fn send<T>(to: &SyncSender<T>, mut item: T, stop: &Stop, mut on_full: impl FnMut()) -> Result<(), WireError> {
    loop {
        match to.try_send(item) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Disconnected(_)) => return Err(WireError::Stopped),
            Err(TrySendError::Full(back)) => item = back,
        }
        on_full();
        if stop.wait(QUEUE_RETRY) {
            return Err(WireError::Stopped);
        }
    }
}
