//! What retention may drop of a run's journal, and what it would drop.

use crate::project::event_time;
use crate::record;
use crate::runner::RunError;
use std::ops::Range;
use std::path::Path;
use zero_core::{Ts, TsDiff};
use zero_journal::{Disk, Item, PruneReport, Reader, Trust};

/// Records of a hash tile: only whole tiles may lose their records.
const TILE: u64 = 256;

/// From where on records stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// From this record on.
    Seq(u64),
    /// From the first record at or after this event time on.
    Time(Ts),
    /// From the first record that is at most this much older than the newest.
    Age(TsDiff),
}

/// A bound, found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Records from here on stay.
    pub before: u64,
    /// The newest snapshot lies before what was asked for, and recovery begins there.
    pub at_snapshot: bool,
}

/// The first record that stays. Never after the newest snapshot, because recovery begins there.
///
/// # Errors
/// [`RunError`].
pub fn bound<D: Disk>(disk: &D, dir: &Path, wanted: Bound) -> Result<Found, RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let snapshot = reader.latest_snapshot(Trust::Unsigned)?.map_or(0, |s| s.anchor.seq);
    let asked = match wanted {
        Bound::Seq(seq) => seq,
        Bound::Time(time) => first_at(&reader, time)?,
        Bound::Age(age) => match newest(&reader)? {
            Some(time) => first_at(&reader, time.minus(age))?,
            None => 0,
        },
    };
    Ok(Found { before: asked.min(snapshot), at_snapshot: asked > snapshot })
}

/// What pruning before `before` would remove. Reads only.
///
/// # Errors
/// [`RunError`].
pub fn preview<D: Disk>(
    disk: &D,
    dir: &Path,
    before: u64,
    cited: &[Range<u64>],
) -> Result<PruneReport, RunError> {
    let mut segments: Vec<(u64, u64)> = disk
        .list(dir)
        .map_err(|source| zero_journal::JournalError::Io { action: "list", path: dir.to_owned(), source })?
        .into_iter()
        .filter_map(|e| Some((e.name.strip_suffix(".seg")?.parse().ok()?, e.len)))
        .collect();
    segments.sort_unstable();
    let limit = before / TILE * TILE;
    let mut report = PruneReport::default();
    // The last segment is being written.
    for pair in segments.windows(2) {
        let [(first, len), (end, _)] = pair else { continue };
        if *end > limit {
            continue;
        }
        let is_cited = cited.iter().any(|c| c.start < *end && *first < c.end);
        if is_cited || has_kept(disk, dir, *first..*end)? {
            report.kept += 1;
            continue;
        }
        report.bytes += len;
        match report.removed.last_mut() {
            Some(run) if run.end == *first => run.end = *end,
            _ => report.removed.push(*first..*end),
        }
    }
    Ok(report)
}

fn has_kept<D: Disk>(disk: &D, dir: &Path, range: Range<u64>) -> Result<bool, RunError> {
    let mut records = Reader::open(disk.clone(), dir)?.records(range.start)?;
    while let Some(Item::Record(r)) = records.next()? {
        if r.seq >= range.end {
            break;
        }
        if r.keep {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Event time of the newest record that has one: a ruling by the clock of a person is no bound of a market.
fn newest<D: Disk>(reader: &Reader<D>) -> Result<Option<Ts>, RunError> {
    let mut last = None;
    scan(reader, |_, time| {
        last = last.max(Some(time));
        true
    })?;
    Ok(last)
}

fn first_at<D: Disk>(reader: &Reader<D>, time: Ts) -> Result<u64, RunError> {
    let mut found = u64::MAX;
    scan(reader, |seq, at| {
        if at >= time {
            found = seq;
        }
        at < time
    })?;
    Ok(found)
}

fn scan<D: Disk>(reader: &Reader<D>, mut take: impl FnMut(u64, Ts) -> bool) -> Result<(), RunError> {
    let mut records = reader.records(0)?.facts_only();
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        let body = record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        let record::Body::Fact(_) = &body else { continue };
        if let Some(time) = event_time(&body)
            && !take(r.seq, time)
        {
            break;
        }
    }
    Ok(())
}
