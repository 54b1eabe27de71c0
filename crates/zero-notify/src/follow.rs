//! Reads what became durable, behind the loop, and hands it to the desk.

use crate::desk::{Desk, Message, Open, Policy};
use crate::notice::of_body;
use crate::sink::{Post, Tally};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use zero_core::Ts;
use zero_journal::{Anchor, Item, Reader, RealDisk};
use zero_kernel::Fact;
use zero_market::event::OperatorAction;
use zero_market::{Event, EventBody};
use zero_runtime::clock::Clock;
use zero_runtime::record::{self, Body};

/// How often the journal is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What a follower leaves for the next one, and for whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The next record.
    pub cursor: u64,
    /// Alerts that nobody acknowledged.
    pub open: BTreeMap<String, Open>,
    /// Delivered, failed and dropped messages by sink, since the follower began.
    pub sinks: BTreeMap<String, [u64; 3]>,
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
}

impl Follower {
    /// Follows the journal in `dir`, from where the file `memory` says the last one ended, else from `seq`.
    ///
    /// # Errors
    /// The machine's, when it gives no thread.
    pub fn start(
        (dir, memory): (PathBuf, PathBuf),
        seq: u64,
        policy: Policy,
        sinks: Vec<Box<dyn crate::Sink>>,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let (posts, threads): (Vec<_>, Vec<_>) =
            sinks.into_iter().map(Post::open).collect::<std::io::Result<Vec<_>>>()?.into_iter().unzip();
        let thread = std::thread::Builder::new().name("notify".into()).spawn(move || {
            let before = saved(&memory);
            let (cursor, open) = before.map_or((seq, BTreeMap::new()), |s| (s.cursor.min(seq), s.open));
            let mut work = Work {
                dir,
                memory,
                cursor,
                anchor: None,
                desk: Desk::new(policy, open),
                posts,
                coins: Vec::new(),
                last: None,
            };
            loop {
                // Stop is read first: what was durable before it is still told.
                let stops = told.load(Ordering::Relaxed);
                work.look(clock.now());
                if stops {
                    break;
                }
                clock.sleep(LOOK_EVERY);
            }
            drop(work);
            // Sinks are waited for no longer than their own limits: a thread that hangs is left behind.
            let limit = Duration::from_secs(2);
            let begin = clock.monotonic();
            while threads.iter().any(|t| !t.is_finished()) && clock.monotonic().saturating_sub(begin) < limit
            {
                clock.sleep(Duration::from_millis(10));
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Tells what is durable and ends.
    pub fn close(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
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
}

impl Work {
    fn look(&mut self, now: Ts) {
        // A journal that cannot be read now is read at the next look; nothing is lost, because the cursor stays.
        let _ = self.read(now);
        for message in self.desk.tick(now) {
            self.send(&message);
        }
        self.save();
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
        if let Some(notice) = of_body(body, coin)
            && let Some(message) = self.desk.take(&notice, now)
        {
            self.send(&message);
        }
    }

    fn send(&self, message: &Message) {
        for post in &self.posts {
            post.send(message);
        }
    }

    fn save(&mut self) {
        let of = |t: Tally| [t.delivered, t.failed, t.dropped];
        let sinks = self.posts.iter().map(|p| (p.name().to_owned(), of(p.tally()))).collect();
        let saved = Saved { cursor: self.cursor, open: self.desk.open().clone(), sinks };
        if self.last.as_ref() == Some(&saved) {
            return;
        }
        // Without it, the next follower begins at the journal's end: a notification is missed, no record is.
        if write(&self.memory, &saved).is_some() {
            self.last = Some(saved);
        }
    }
}

fn write(path: &Path, saved: &Saved) -> Option<()> {
    let part = path.with_extension("part");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).ok()?;
    file.write_all(&serde_json::to_vec(saved).ok()?).ok()?;
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
