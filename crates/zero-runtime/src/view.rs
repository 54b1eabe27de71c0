//! A run seen from its journal: the newest snapshot and what came after it, folded. Takes no lock and writes nothing,
//! so it works beside a running loop and on a journal at rest.

use crate::at_rest;
use crate::features::Features;
use crate::fold::{FoldItem, fold};
use crate::project::{self, Names};
use crate::record::{Body, Manifest, RunEnd, Trial};
use crate::runner::RunError;
use crate::snapshot::{Place, RunSnapshot};
use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use zero_core::{Canon, CoinId, Ts, TsDiff};
use zero_journal::{Class, Disk, Item, Reader, Trust};
use zero_kernel::record::CandidateTrace;
use zero_kernel::state::Counters;
use zero_kernel::{Fact, State};
use zero_packets::journal::JournalRecord;

/// The folded run.
#[derive(Clone, Debug)]
pub struct RunView {
    /// Manifest of the latest start.
    pub manifest: Arc<Manifest>,
    /// The kernel's durable state.
    pub state: State,
    /// Seq of the record after the last one read.
    pub next_seq: u64,
    /// Seq of the snapshot that the fold began with.
    pub snapshot_seq: Option<u64>,
    /// The state as the latest start found it; `None` where the snapshot that the fold began with is newer.
    pub start: Option<Start>,
    /// How the run ended, if it did and nothing started since.
    pub ended: Option<RunEnd>,
    /// A tail that a live writer is writing or a dead one has torn.
    pub torn: bool,
    /// The place in the source when the snapshot was taken.
    pub place: Option<Place>,
    /// State of the market's volatility as of the last whole instant; `None` while it is unknown.
    pub regime: Option<&'static str>,
}

/// What a start found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Counters then.
    pub counters: Counters,
    /// Coins with a position then.
    pub positions: u32,
    /// Event time of the last slice then.
    pub last_slice: Ts,
}

impl Start {
    /// A start that finds this state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        Self { counters: state.counters, positions: held_coins(state) as u32, last_slice: state.last_slice }
    }
}

impl RunView {
    /// Folds the journal in `dir`.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn load<D: Disk>(disk: &D, dir: &Path) -> Result<Self, RunError> {
        at_rest::view(disk, dir).map(|(view, _)| view)
    }

    /// As [`Self::load`], with what a kernel for questions at its end begins with.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn load_with_features<D: Disk>(disk: &D, dir: &Path) -> Result<(Self, Option<Features>), RunError> {
        at_rest::view(disk, dir)
    }

    /// Symbol of a coin.
    #[must_use]
    pub fn symbol(&self, coin: CoinId) -> &str {
        self.manifest.universe.get(coin.index()).map_or("?", |i| i.symbol.as_str())
    }
}

/// The instant whose bars have begun to close and whose slice has not come: what is known of it is a part, and nothing is
/// decided on a part.
#[must_use]
pub fn pending(state: &State) -> Option<Ts> {
    state.coins.iter().map(|c| c.close_time).filter(|t| *t > state.last_slice).min()
}

/// The event time as of which derived things are whole: right before the instant that is pending, else now.
pub(crate) fn whole_until(state: &State) -> Ts {
    pending(state).map_or(state.now, |t| t.minus(TsDiff::ns(1)))
}

/// Coins in which a book holds something.
#[must_use]
pub fn held_coins(state: &State) -> usize {
    (0..state.coins.len())
        .filter(|c| state.ledger.books.iter().any(|b| b.position(CoinId(*c as u16)).szi.raw() != 0))
        .count()
}

/// A judged candidate with its place in the journal.
#[derive(Clone, Debug)]
pub struct SeenCandidate {
    /// Seq.
    pub seq: u64,
    /// The trace.
    pub trace: CandidateTrace,
    /// Key of the operator's own order that it judges; `None` for what a strategy wished.
    pub key: Option<String>,
}

/// The last `limit` judged candidates that `wanted` keeps, newest last. Reads back from the end in growing steps.
///
/// # Errors
/// [`RunError`].
pub fn last_candidates<D: Disk>(
    disk: &D,
    dir: &Path,
    limit: usize,
    wanted: impl Fn(&CandidateTrace) -> bool,
) -> Result<Vec<SeenCandidate>, RunError> {
    let tail = Tail { limit, only: Some(Class::Trace), reach: u64::MAX };
    let mut seen = last_bodies(disk, dir, tail, |seq, body| match body {
        Body::Candidate(trace) if wanted(trace) => {
            Some(SeenCandidate { seq, trace: (**trace).clone(), key: None })
        }
        _ => None,
    })?;
    crate::own_keys::find(disk, dir, &mut seen)?;
    Ok(seen)
}

/// Records that a start looks back over for orders that friction held, where the acts that its snapshot carries are not all:
/// about a day of ten coins at the market's own pace.
pub const ACTS_REACH: u64 = 65_536;

/// Which end of a journal to look through.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    /// Findings to hand out at most.
    pub limit: usize,
    /// Only records of this class.
    pub only: Option<Class>,
    /// Records to look back over at most.
    pub reach: u64,
}

/// The last `limit` of what `pick` makes of the records of a journal's end, newest last.
///
/// # Errors
/// [`RunError`].
pub fn last_bodies<D: Disk, T>(
    disk: &D,
    dir: &Path,
    Tail { limit, only, reach }: Tail,
    pick: impl Fn(u64, &Body) -> Option<T>,
) -> Result<Vec<T>, RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let end = end_of(&reader)?;
    let first = end.saturating_sub(reach);
    let mut span = 4_096u64.max((limit as u64).saturating_mul(8));
    let (mut seen_from, mut found) = (u64::MAX, Vec::new());
    loop {
        let from = end.saturating_sub(span).max(first);
        let mut earlier = Vec::new();
        let mut records = reader.records_near(from)?;
        if only == Some(Class::Fact) {
            records = records.facts_only();
        }
        while let Some(item) = records.next()? {
            let Item::Record(r) = item else { continue };
            if r.seq >= seen_from {
                break;
            }
            if r.seq < from || only.is_some_and(|class| r.class != class) {
                continue;
            }
            let body =
                crate::record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
            earlier.extend(pick(r.seq, &body));
        }
        earlier.append(&mut found);
        (seen_from, found) = (from, earlier);
        if found.len() >= limit || from <= first {
            found.drain(..found.len().saturating_sub(limit));
            return Ok(found);
        }
        span = span.saturating_mul(4);
    }
}

/// What `pick` makes of the records from `from` on that were written before anything later than `time`.
///
/// # Errors
/// [`RunError`].
pub fn bodies_of_slice<D: Disk, T>(
    disk: &D,
    dir: &Path,
    (from, time): (u64, Ts),
    pick: impl Fn(&Body) -> Option<T>,
) -> Result<Vec<T>, RunError> {
    let mut found = Vec::new();
    let mut records = Reader::open(disk.clone(), dir)?.records_near(from)?;
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        let body =
            crate::record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        if matches!(&body, Body::Fact(Fact::Event(e)) if e.time > time) {
            break;
        }
        found.extend(pick(&body));
    }
    Ok(found)
}

/// Seq after the last readable record.
///
/// # Errors
/// [`RunError`].
pub fn next_seq<D: Disk>(disk: &D, dir: &Path) -> Result<u64, RunError> {
    end_of(&Reader::open(disk.clone(), dir)?)
}

fn end_of<D: Disk>(reader: &Reader<D>) -> Result<u64, RunError> {
    // The newest snapshot is near the end; without one, everything is read.
    let mut records = match reader.latest_snapshot(Trust::Unsigned)? {
        Some(s) => reader.records_after(s.anchor)?,
        None => reader.records(0)?,
    };
    while records.next()?.is_some() {}
    Ok(records.end().map_or(0, |e| e.anchor.seq))
}

/// Which records to show.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// No traces.
    pub facts_only: bool,
    /// Only this kind.
    pub kind: Option<String>,
}

/// Hands out the wanted records of a range as JSON, until `take` says no.
///
/// # Errors
/// [`RunError`].
pub fn each_record<D: Disk>(
    disk: &D,
    dir: &Path,
    range: Range<u64>,
    wanted: &Wanted,
    mut take: impl FnMut(JournalRecord) -> bool,
) -> Result<(), RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let mut names = names(&reader)?;
    let mut records = reader.records_near(range.start)?;
    if wanted.facts_only {
        records = records.facts_only();
    }
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        if r.seq >= range.end {
            break;
        }
        let body =
            crate::record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        if let Body::Manifest(m) = &body {
            names = Names::of(m);
        }
        let shown = project::record(&r, &body, &names);
        if wanted.kind.as_ref().is_none_or(|k| *k == shown.kind) && !take(shown) {
            break;
        }
    }
    Ok(())
}

/// The last `limit` wanted records as JSON, oldest first, and the seq after the last record of all.
///
/// # Errors
/// [`RunError`].
pub fn last_records<D: Disk>(
    disk: &D,
    dir: &Path,
    limit: usize,
    wanted: &Wanted,
) -> Result<(Vec<JournalRecord>, u64), RunError> {
    let end = next_seq(disk, dir)?;
    let mut span = 1_024u64.max(limit as u64 * 2);
    loop {
        let from = end.saturating_sub(span);
        let mut found: VecDeque<JournalRecord> = VecDeque::with_capacity(limit + 1);
        each_record(disk, dir, from..end, wanted, |r| {
            found.push_back(r);
            if found.len() > limit {
                found.pop_front();
            }
            true
        })?;
        if found.len() >= limit || from == 0 {
            return Ok((found.into(), end));
        }
        span = span.saturating_mul(8);
    }
}

/// Names of the journal's first manifest: coins and books of a journal never change their places.
fn names<D: Disk>(reader: &Reader<D>) -> Result<Names, RunError> {
    let snapshot = reader.find_snapshot(Trust::Unsigned, |s, _| RunSnapshot::from_bytes(&s.bytes).ok())?;
    if let Some(snap) = snapshot {
        return Ok(Names::of(&snap.manifest));
    }
    let mut records = reader.records(0)?.facts_only();
    match records.next()? {
        Some(Item::Record(r)) => match crate::record::decode(r.bytes) {
            Ok(Body::Manifest(m)) => Ok(Names::of(&m)),
            _ => Ok(Names::default()),
        },
        _ => Ok(Names::default()),
    }
}

/// Every trial of a registry, oldest first.
///
/// # Errors
/// [`RunError`].
pub fn trials<D: Disk>(disk: &D, dir: &Path) -> Result<Vec<Trial>, RunError> {
    let reader = match Reader::open(disk.clone(), dir) {
        Ok(r) => r,
        Err(zero_journal::JournalError::NoJournal { .. }) => return Ok(Vec::new()),
        Err(e) => return Err(e.into()),
    };
    let mut out = Vec::new();
    fold(reader.records(0)?, |item| {
        if let FoldItem::Other(Body::Trial(t)) = item {
            out.push(*t);
        }
        Ok(())
    })?;
    Ok(out)
}
