//! Reads what became durable, behind the loop, and hands it to the desk.

use crate::desk::{Desk, Message, Open, Policy};
use crate::emergencies::Emergencies;
use crate::notice::{Notice, of_body};
use crate::outbox::{Dead, Outbox};
use crate::sink::Post;
use crate::sinks::append;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use zero_core::{Ts, TsDiff};
use zero_journal::{Anchor, Item, Reader, RealDisk};
use zero_kernel::Fact;
use zero_market::event::OperatorAction;
use zero_market::{Event, EventBody};
use zero_runtime::clock::Clock;
use zero_runtime::record::{self, Body};

/// How often the journal is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often sinks are looked at.
const PUMP_EVERY: Duration = Duration::from_millis(25);
/// Longest time for which the place in the journal is not written down while nothing was to be told.
const SAVE_EVERY: TsDiff = TsDiff::secs(5);
/// Time that sinks are given at the end; what waits longer is the next follower's.
const END_WITHIN: Duration = Duration::from_secs(2);

/// What a follower leaves for the next one, and for whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The next record.
    pub cursor: u64,
    /// Alerts that nobody acknowledged.
    pub open: BTreeMap<String, Open>,
    /// Emergency orders under way at that record.
    #[serde(default)]
    pub emergencies: Emergencies,
    /// What waits for each sink, and how it fares since the follower began.
    pub sinks: BTreeMap<String, Outbox>,
}

/// How sinks fare at this moment, by name.
pub type Board = Arc<Mutex<BTreeMap<String, Outbox>>>;

/// Where messages are written that were given up: beside what a follower leaves.
#[must_use]
pub fn dead_letters(memory: &Path) -> PathBuf {
    memory.with_extension("dead.jsonl")
}

/// Reads the file that a follower left; nothing where there is none, or where it cannot be read.
#[must_use]
pub fn saved(path: &Path) -> Option<Saved> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// A running follower.
#[derive(Debug)]
pub struct Follower {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    board: Board,
}

impl Follower {
    /// Follows the journal in `dir`, from where the file `memory` says the last one ended, else from `seq`, where `standing`
    /// was so already. What waited for a sink then, waits for it now.
    ///
    /// # Errors
    /// The machine's, when it gives no thread.
    pub fn start(
        (dir, memory): (PathBuf, PathBuf),
        (seq, standing): (u64, &[Notice]),
        policy: Policy,
        sinks: Vec<Box<dyn crate::Sink>>,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<Self> {
        let (stop, board) = (Arc::new(AtomicBool::new(false)), Board::default());
        let found = saved(&memory);
        let unheard = if found.is_none() { standing } else { &[] };
        let mut before = found.unwrap_or(Saved { cursor: seq, ..Saved::default() });
        let open = |s: Box<dyn crate::Sink>| {
            let outbox = before.sinks.remove(s.name()).unwrap_or_default();
            Post::open(s, outbox)
        };
        let posts = sinks.into_iter().map(open).collect::<std::io::Result<Vec<_>>>()?;
        let mut work = Work {
            dir,
            memory,
            cursor: before.cursor.min(seq),
            anchor: None,
            desk: Desk::new(policy, before.open),
            posts: posts.into_iter().map(|(post, _)| post).collect(),
            coins: Vec::new(),
            last: None,
            saved_at: clock.now(),
            board: Arc::clone(&board),
            emergencies: before.emergencies,
        };
        for (sink, mut outbox) in before.sinks {
            let cause = "the sink is no longer configured".to_owned();
            let gone = outbox.abandon().into_iter();
            gone.for_each(|waiting| work.bury(&Dead { sink: sink.clone(), cause: cause.clone(), waiting }));
        }
        unheard.iter().for_each(|notice| work.tell(notice, clock.now()));
        // Before anything happens: whatever does is found again from here.
        work.save(clock.now(), true);
        let told = Arc::clone(&stop);
        let body = move || run(work, &told, clock.as_ref());
        let thread = std::thread::Builder::new().name("notify".into()).spawn(body)?;
        Ok(Self { stop, thread: Some(thread), board })
    }

    /// How its sinks fare.
    #[must_use]
    pub fn board(&self) -> Board {
        Arc::clone(&self.board)
    }

    /// Tells what is durable and ends.
    pub fn close(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(mut work: Work, stop: &AtomicBool, clock: &dyn Clock) {
    loop {
        // Stop is read first: what was durable before it is still told.
        let stops = stop.load(Ordering::Relaxed);
        work.look(clock.now());
        let begin = clock.monotonic();
        let within = if stops { END_WITHIN } else { LOOK_EVERY };
        loop {
            work.pump(clock.now());
            let passed = clock.monotonic().saturating_sub(begin) >= within;
            if passed || (stops && !work.has_due(clock.now())) || (!stops && stop.load(Ordering::Relaxed)) {
                break;
            }
            clock.sleep(PUMP_EVERY);
        }
        work.save(clock.now(), stops);
        if stops {
            // A sink that hangs is left behind with its thread; its message waits for the next follower.
            return;
        }
    }
}

struct Work {
    dir: PathBuf,
    memory: PathBuf,
    cursor: u64,
    anchor: Option<Anchor>,
    desk: Desk,
    posts: Vec<Post>,
    coins: Vec<String>,
    last: Option<Saved>,
    saved_at: Ts,
    board: Board,
    emergencies: Emergencies,
}

impl Work {
    fn look(&mut self, now: Ts) {
        // A journal that cannot be read now is read at the next look; nothing is lost, because the cursor stays.
        let _ = self.read(now);
        for message in self.desk.tick(now) {
            self.send(&message);
        }
        self.save(now, false);
    }

    fn read(&mut self, now: Ts) -> Option<()> {
        let reader = Reader::open(RealDisk, &self.dir).ok()?;
        if self.coins.is_empty() {
            self.coins = coins(&reader);
        }
        // From where the last look ended, without reading the segment up to there again.
        let continued = self.anchor.and_then(|a| reader.records_after(a).ok());
        let mut records = match continued {
            Some(records) => records.facts_only(),
            None => reader.records(self.cursor).ok()?.facts_only(),
        };
        while let Ok(Some(item)) = records.next() {
            let Item::Record(r) = item else { continue };
            let seq = r.seq;
            if let Ok(body) = record::decode(r.bytes) {
                self.take(&body, now);
            }
            self.cursor = seq + 1;
        }
        self.anchor = records.end().map(|e| e.anchor);
        self.cursor = self.anchor.map_or(self.cursor, |a| a.seq.max(self.cursor));
        Some(())
    }

    fn take(&mut self, body: &Body, now: Ts) {
        if let Body::Fact(Fact::Event(Event { body: EventBody::Operator(o), .. })) = body
            && o.action == OperatorAction::Acknowledge
        {
            self.desk.acknowledge(o.subject.trim());
        }
        let coins = &self.coins;
        let coin = |i: usize| coins.get(i).cloned().unwrap_or_else(|| i.to_string());
        let mut notices = Vec::new();
        if let Body::Fact(fact) = body {
            notices = self.emergencies.take(fact, coin);
        }
        notices.extend(of_body(body, coin));
        notices.iter().for_each(|n| self.tell(n, now));
    }

    fn tell(&mut self, notice: &Notice, now: Ts) {
        if let Some(message) = self.desk.take(notice, now) {
            self.send(&message);
        }
    }

    fn send(&mut self, message: &Message) {
        let gone: Vec<Dead> = self.posts.iter_mut().filter_map(|p| p.put(message)).collect();
        gone.iter().for_each(|d| self.bury(d));
    }

    /// Brings sinks on: takes what they did, gives them what is due.
    fn pump(&mut self, now: Ts) {
        let gone: Vec<Dead> = self.posts.iter_mut().filter_map(|p| p.pump(now)).collect();
        gone.iter().for_each(|d| self.bury(d));
    }

    fn has_due(&self, now: Ts) -> bool {
        self.posts.iter().any(|p| p.is_busy() || p.outbox().due(now).is_some())
    }

    /// Writes down a message that was given up. It is counted whether or not that succeeds.
    fn bury(&self, dead: &Dead) {
        let _ = serde_json::to_vec(dead).map(|line| append(&dead_letters(&self.memory), line));
    }

    /// Writes down the place in the journal and what waits, as one file: after a crash a message is made again, or waits.
    /// Records of which nothing is told are read again without harm, so the place alone may lag.
    fn save(&mut self, now: Ts, whatever: bool) {
        let sinks: BTreeMap<String, Outbox> =
            self.posts.iter().map(|p| (p.name().to_owned(), p.outbox().clone())).collect();
        let (open, emergencies) = (self.desk.open().clone(), self.emergencies.clone());
        let saved = Saved { cursor: self.cursor, open, emergencies, sinks };
        let told = self.last.as_ref().is_none_or(|l| (&l.open, &l.sinks) != (&saved.open, &saved.sinks));
        let old = now.since(self.saved_at) >= SAVE_EVERY && self.last.as_ref() != Some(&saved);
        if !told && !old && !whatever {
            return;
        }
        if let Ok(mut board) = self.board.lock() {
            board.clone_from(&saved.sinks);
        }
        if write(&self.memory, &saved).is_some() {
            self.last = Some(saved);
            self.saved_at = now;
        }
    }
}

fn write(path: &Path, saved: &Saved) -> Option<()> {
    let part = path.with_extension("part");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).ok()?;
    file.write_all(&serde_json::to_vec(saved).ok()?).and_then(|()| file.sync_all()).ok()?;
    std::fs::rename(&part, path).ok()
}

/// Symbols of the run, from the manifest that its snapshot or its first record holds.
fn coins(reader: &Reader<RealDisk>) -> Vec<String> {
    let first = || {
        let mut records = reader.records(0).ok()?.facts_only();
        loop {
            if let Item::Record(r) = records.next().ok()?? {
                return match record::decode(r.bytes).ok()? {
                    Body::Manifest(m) => Some(m.universe.iter().map(|i| i.symbol.clone()).collect()),
                    _ => None,
                };
            }
        }
    };
    first().unwrap_or_default()
}
