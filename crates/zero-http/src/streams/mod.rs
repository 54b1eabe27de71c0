//! What streams tell: the parts of the run as they were published last, and the steps that led there. Computed once for
//! all clients and only while somebody listens; steps are bounded, so whoever is too far behind begins anew.

mod sse;
#[cfg(test)]
mod tests;
mod ws;

pub(crate) use sse::events;
pub(crate) use ws::socket;

use crate::answer::status;
use crate::refusal::Refusal;
use crate::shared::Shared;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use zero_packets::stream::{StreamDelta, StreamSnapshot};
use zero_packets::{Packet, RawJson};
use zero_runtime::project;
use zero_runtime::publish::Published;

/// Streams at a time, of both sorts together.
const STREAMS_MAX: usize = 32;
/// Shortest time between two steps that a client is told.
const EVERY: Duration = Duration::from_millis(100);
/// Bytes of steps that are kept for clients that come back.
const STEPS_BYTES: usize = 1 << 20;
/// Fields that change though nothing did: times, ages, numbers of records.
const RESTLESS: [&str; 5] = ["journal_seq", "age_s", "ts", "updated_at", "generated_at"];

/// A sort of stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Server-sent events.
    Events,
    /// A WebSocket.
    Socket,
}

impl Sort {
    pub(crate) const ALL: [(Self, &'static str); 2] = [(Self::Events, "sse"), (Self::Socket, "ws")];
}

/// Ends a connection from outside it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut(pub(crate) Arc<Notify>);

/// All streams of a server.
#[derive(Debug)]
pub(crate) struct Streams {
    /// Tells one run of the program from another, so that an id of another is never continued.
    tag: String,
    told: Mutex<Told>,
    bell: watch::Sender<u64>,
    open: Arc<Open>,
    dropped: AtomicU64,
}

/// Streams that are open: all, and of each sort.
#[derive(Debug, Default)]
struct Open {
    all: AtomicUsize,
    of: [AtomicUsize; 2],
}

/// The latest state that was told, and how it came about.
#[derive(Debug, Default)]
struct Told {
    seq: u64,
    parts: Vec<Part>,
    steps: VecDeque<Step>,
    bytes: usize,
}

#[derive(Debug)]
struct Part {
    name: &'static str,
    text: String,
    /// The packet without its restless fields.
    core: Value,
    /// The journal's number at which it became this.
    since: u64,
}

#[derive(Debug)]
struct Step {
    from: u64,
    to: u64,
    event: String,
}

/// A place among the open streams; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    open: Arc<Open>,
    sort: Sort,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(n) = self.open.of.get(self.sort as usize) {
            n.fetch_sub(1, Ordering::Relaxed);
        }
        self.open.all.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Streams {
    pub(crate) fn new(tag: String) -> Self {
        Self {
            tag,
            told: Mutex::default(),
            bell: watch::Sender::new(0),
            open: Default::default(),
            dropped: AtomicU64::new(0),
        }
    }

    /// Something was published, or the server is about to end.
    pub(crate) fn ring(&self) {
        self.bell.send_modify(|n| *n += 1);
    }

    pub(crate) fn open(&self, sort: Sort) -> usize {
        self.open.of.get(sort as usize).map_or(0, |n| n.load(Ordering::Relaxed))
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn drop_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Looked at and taken in one step: of requests that come together none is let in beyond the last place.
    pub(crate) fn enter(&self, sort: Sort) -> Result<Place, Refusal> {
        let one_more = |n: usize| (n < STREAMS_MAX).then_some(n + 1);
        let all = &self.open.all;
        all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).map_err(|_| Refusal::Streams)?;
        if let Some(n) = self.open.of.get(sort as usize) {
            n.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Place { open: Arc::clone(&self.open), sort })
    }

    fn id(&self, seq: u64) -> String {
        format!("{seq}.{}", self.tag)
    }

    /// The journal's number in an id of this server.
    fn number(&self, id: &str) -> Option<u64> {
        let (seq, tag) = id.trim().split_once('.')?;
        (tag == self.tag).then(|| seq.parse().ok()).flatten()
    }

    /// Brings what is told to what is published, then answers from it.
    fn with<T>(
        &self,
        shared: &Shared,
        answer: impl FnOnce(&Told) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut told = self.told.lock().map_err(|_| Refusal::Render("a stream failed before".into()))?;
        told.advance(shared, &shared.load(), |seq| self.id(seq))?;
        answer(&told)
    }

    /// The events that lead from `at` to now, and where now is. From nowhere, or from where no kept step leads on: a
    /// snapshot.
    fn since(&self, shared: &Shared, at: Option<u64>) -> Result<(Vec<String>, u64), Refusal> {
        self.with(shared, |told| {
            let events = match at {
                Some(at) if at == told.seq => Vec::new(),
                Some(at) if told.steps.iter().any(|s| s.from == at) => {
                    told.steps.iter().skip_while(|s| s.from != at).map(|s| s.event.clone()).collect()
                }
                _ => vec![told.snapshot(self.id(told.seq))?],
            };
            Ok((events, told.seq))
        })
    }

    /// The parts that changed after `at`, every part where that is `None`, and where now is.
    fn changed(&self, shared: &Shared, at: Option<u64>) -> Result<(Vec<News>, u64), Refusal> {
        self.with(shared, |told| {
            let news = told.parts.iter().filter(|p| at.is_none_or(|at| p.since > at));
            Ok((news.map(|p| (p.name, p.text.clone())).collect(), told.seq))
        })
    }
}

/// A part of the snapshot by its name, as text.
type News = (&'static str, String);

impl Told {
    fn advance(
        &mut self,
        shared: &Shared,
        p: &Published,
        id: impl FnOnce(u64) -> String,
    ) -> Result<(), Refusal> {
        let seq = p.view.next_seq;
        if !self.parts.is_empty() && seq == self.seq {
            return Ok(());
        }
        // Ages count to the publication, so that two clients are told the same.
        let now = parts(shared, p, seq)?;
        let mut changed: Vec<(&str, &str)> = Vec::new();
        let mut next = Vec::with_capacity(now.len());
        for part in now {
            // What did not change is still told with the moment that it is told of.
            let same = self.parts.iter().find(|old| old.name == part.name && old.core == part.core);
            next.push(Part { since: same.map_or(part.since, |old| old.since), ..part });
        }
        changed.extend(next.iter().filter(|p| p.since == seq).map(|p| (p.name, p.text.as_str())));
        if !self.steps.is_empty() || self.seq > 0 {
            let packet = StreamDelta {
                schema_version: Default::default(),
                id: id(seq),
                from_seq: self.seq,
                journal_seq: seq,
                parts: raw(changed),
            };
            let event = event("delta", &packet.id, &packet)?;
            self.bytes += event.len();
            self.steps.push_back(Step { from: self.seq, to: seq, event });
        }
        self.parts = next;
        self.seq = seq;
        while self.bytes > STEPS_BYTES
            && let Some(oldest) = self.steps.pop_front()
        {
            self.bytes -= oldest.event.len();
        }
        debug_assert!(self.steps.back().is_none_or(|s| s.to == self.seq), "steps lead to the present");
        Ok(())
    }

    fn snapshot(&self, id: String) -> Result<String, Refusal> {
        let packet = StreamSnapshot {
            schema_version: Default::default(),
            id,
            journal_seq: self.seq,
            parts: raw(self.parts.iter().map(|p| (p.name, p.text.as_str()))),
        };
        event("snapshot", &packet.id, &packet)
    }
}

fn raw<'a>(
    parts: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> std::collections::BTreeMap<String, RawJson> {
    parts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), RawJson::of(text)?))).collect()
}

fn event(name: &str, id: &str, packet: &impl Packet) -> Result<String, Refusal> {
    // A packet is one line, as the format of events wants it.
    Ok(format!("id: {id}\nevent: {name}\ndata: {}\n\n", json(packet)?))
}

fn json(packet: &impl Packet) -> Result<String, Refusal> {
    packet.to_json().map_err(|e| Refusal::Render(format!("a packet cannot be rendered: {e}")))
}

fn parts(shared: &Shared, p: &Published, seq: u64) -> Result<Vec<Part>, Refusal> {
    let r = &p.reading(p.at);
    let regime = project::regime(&p.reading_of_mind(p.at), shared.replica(p)?.get()?, None);
    let part = |name, text: Result<String, Refusal>| {
        let text = text?;
        let mut core = serde_json::from_str(&text)
            .map_err(|e| Refusal::Render(format!("a packet cannot be read back: {e}")))?;
        calm(&mut core);
        Ok(Part { name, text, core, since: seq })
    };
    [
        part("status", json(&status(shared, r))),
        part("positions", json(&project::positions(r, None))),
        part("risk", json(&project::risk(r))),
        part("immune", json(&project::immune(r))),
        part("regime", json(&regime)),
    ]
    .into_iter()
    .collect()
}

/// Takes the restless fields out.
fn calm(v: &mut Value) {
    match v {
        Value::Object(o) => {
            o.retain(|name, _| !RESTLESS.contains(&name.as_str()));
            o.values_mut().for_each(calm);
        }
        Value::Array(a) => a.iter_mut().for_each(calm),
        _ => {}
    }
}
