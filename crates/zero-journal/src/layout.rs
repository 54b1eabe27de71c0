//! Which files make up a journal: its segments, and the signed list of those that retention removed.

use crate::checkpoint::parse_decimal;
use crate::disk::{Disk, Durability, read_file, replace_file};
use crate::error::{JournalError, ProofError};
use crate::note::{NoteKey, NoteSigner, from_base64, open_note, sign_note, split_note, to_base64};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zero_core::Digest32;

pub(crate) const LOCK: &str = "LOCK";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const CHECKPOINT_LATEST: &str = "checkpoint.latest";
pub(crate) const SNAPSHOT_DIR: &str = "snapshot";
const PRUNED: &str = "pruned";
const PRUNED_HEAD: &str = "zero.journal/pruned/v1";
/// The list is a note, and notes are limited; at this many bytes it is merged or refused.
const MAX_PRUNED_LEN: u64 = 64 * 1024;

/// A run of records that retention removed, and the chain hashes at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrunedRange {
    /// First record removed.
    pub first: u64,
    /// First record after.
    pub end: u64,
    /// Chain hash before it.
    pub chain_in: Digest32,
    /// Chain hash after it.
    pub chain_out: Digest32,
}

/// What is in a journal directory at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) dir: PathBuf,
    /// First seq of each segment, and its length in bytes.
    pub(crate) segments: BTreeMap<u64, u64>,
    pub(crate) pruned: Vec<PrunedRange>,
}

/// The next piece of a journal at some seq.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Segment,
    Pruned(PrunedRange),
    /// Nothing begins here, but something begins later.
    Missing,
    End,
}

impl Layout {
    /// With `keys`, the list of pruned ranges must be signed by one of them.
    pub(crate) fn read<D: Disk>(
        disk: &D,
        dir: &Path,
        keys: Option<&[NoteKey]>,
    ) -> Result<Self, JournalError> {
        let mut out = Self { dir: dir.to_owned(), ..Self::default() };
        for entry in disk.list(dir).map_err(|e| JournalError::io("list", dir, e))? {
            let first =
                entry.name.strip_suffix(".seg").filter(|n| n.len() == 20).and_then(|n| n.parse().ok());
            if let (Some(first), false) = (first, entry.is_dir) {
                out.segments.insert(first, entry.len);
            }
        }
        out.pruned = read_pruned(disk, dir, keys)?;
        Ok(out)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.pruned.is_empty()
    }

    pub(crate) fn path(&self, first: u64) -> PathBuf {
        segment_path(&self.dir, first)
    }

    /// A segment that still exists wins over the list: pruning was interrupted before it was removed.
    pub(crate) fn part_at(&self, seq: u64) -> Part {
        if self.segments.contains_key(&seq) {
            return Part::Segment;
        }
        if let Some(p) = self.pruned.iter().find(|p| p.first == seq) {
            return Part::Pruned(p.clone());
        }
        let later = self.segments.range(seq..).next().is_some() || self.pruned.iter().any(|p| p.first > seq);
        if later { Part::Missing } else { Part::End }
    }

    pub(crate) fn is_last(&self, first: u64) -> bool {
        self.segments.keys().next_back() == Some(&first)
    }

    /// The segment in which `seq` lies or would lie.
    pub(crate) fn segment_of(&self, seq: u64) -> Option<u64> {
        self.segments.range(..=seq).next_back().map(|(f, _)| *f)
    }
}

pub(crate) fn segment_path(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("{first:020}.seg"))
}

pub(crate) fn write_pruned<D: Disk>(
    disk: &D,
    dir: &Path,
    ranges: &[PrunedRange],
    origin: &str,
    signer: &dyn NoteSigner,
) -> Result<(), JournalError> {
    let mut text = format!("{PRUNED_HEAD}\n{origin}\n");
    for r in ranges {
        let (a, b) = (to_base64(&r.chain_in), to_base64(&r.chain_out));
        text.push_str(&format!("{} {} {a} {b}\n", r.first, r.end));
    }
    let note = sign_note(&text, origin, signer).map_err(JournalError::Option)?;
    if note.len() as u64 > MAX_PRUNED_LEN {
        let bytes = note.len() as u64;
        return Err(JournalError::TooLarge {
            what: "the list of pruned ranges",
            bytes,
            limit: MAX_PRUNED_LEN,
        });
    }
    replace_file(disk, &dir.join(PRUNED), &[note.as_bytes()], Durability::Synced)
}

fn read_pruned<D: Disk>(
    disk: &D,
    dir: &Path,
    keys: Option<&[NoteKey]>,
) -> Result<Vec<PrunedRange>, JournalError> {
    let path = dir.join(PRUNED);
    let bytes = match read_file(disk, &path, MAX_PRUNED_LEN) {
        Ok(b) => b,
        Err(e) if e.is_not_found() => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    parse_pruned(&bytes, keys).map_err(|source| JournalError::Note { path, source })
}

fn parse_pruned(bytes: &[u8], keys: Option<&[NoteKey]>) -> Result<Vec<PrunedRange>, ProofError> {
    let malformed = ProofError::Malformed("not a list of pruned ranges");
    let note = core::str::from_utf8(bytes).map_err(|_| malformed.clone())?;
    let text = match keys {
        Some(keys) => open_note(note, keys)?,
        None => split_note(note)?.0,
    };
    let mut lines = text.trim_end_matches('\n').split('\n');
    if lines.next() != Some(PRUNED_HEAD) || lines.next().is_none() {
        return Err(malformed);
    }
    let mut out: Vec<PrunedRange> = Vec::new();
    for line in lines {
        let mut f = line.split(' ');
        let (first, end) = (f.next().and_then(parse_decimal), f.next().and_then(parse_decimal));
        let (chain_in, chain_out) = (f.next().and_then(from_base64), f.next().and_then(from_base64));
        match (first, end, chain_in, chain_out) {
            (Some(first), Some(end), Some(chain_in), Some(chain_out))
                if first < end && out.last().is_none_or(|l| l.end <= first) =>
            {
                out.push(PrunedRange { first, end, chain_in, chain_out });
            }
            _ => return Err(malformed),
        }
    }
    Ok(out)
}
