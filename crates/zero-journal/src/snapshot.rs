//! Snapshots: a projection's state after record `seq - 1`, tied to the journal by the chain hash there and to its
//! own bytes by a signed note.
//!
//! File: length of the note (4 bytes, little-endian), the note, the state, what lies beside it. The note has a digest of each
//! of the two, so that a question at the state alone neither reads nor hashes the other. A snapshot is a cache: one that does
//! not match the journal is ignored, and the state is rebuilt from the records.

use crate::checkpoint::parse_decimal;
use crate::disk::{Disk, DiskFile, Durability, create_dir_synced, read_full, replace_file};
use crate::error::JournalError;
use crate::format::genesis_chain;
use crate::layout::{Layout, Part, SNAPSHOT_DIR};
use crate::note::{NoteKey, from_base64, open_note, sign_note, split_note, to_base64};
use crate::reader::Reader;
use crate::scan::{Anchor, Position, hash_batch};
use crate::stream::{Frame, FrameStream};
use crate::writer::Journal;
use std::path::{Path, PathBuf};
use zero_core::Digest32;

const HEAD: &str = "zero.journal/snapshot/v1";
/// Snapshots kept: the newest, and one more in case it does not match.
const KEEP: usize = 2;
const MAX_SNAPSHOT_LEN: u64 = 1 << 30;
/// A note is an origin, four lines and a signature or a few.
const MAX_NOTE_LEN: u64 = 64 << 10;

/// Whose signatures a reader insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust<'a> {
    /// The snapshot must be signed by one of these.
    Keys(&'a [NoteKey]),
    /// Integrity against accident only: for a reader that has no key.
    Unsigned,
}

/// A snapshot that matches the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The first record not in it, and the chain hash there; reading goes on from here.
    pub anchor: Anchor,
    /// The state.
    pub bytes: Vec<u8>,
}

/// What lies beside the state of a snapshot, not read yet.
#[derive(Debug)]
pub struct Beside<F> {
    file: F,
    at: u64,
    len: u64,
    digest: Digest32,
}

impl<F: DiskFile> Beside<F> {
    /// The bytes; `None` where they are not those that the note names.
    #[must_use]
    pub fn read(&self) -> Option<Vec<u8>> {
        read_exact(&self.file, self.at, self.len).filter(|b| Digest32::of(b) == self.digest)
    }
}

impl<D: Disk> Journal<D> {
    /// Keeps `bytes` as the state after all committed records, with nothing beside it; the last two are kept.
    ///
    /// # Errors
    /// As [`Self::write_snapshot_with`].
    pub fn write_snapshot(&mut self, seq: u64, bytes: &[u8]) -> Result<Anchor, JournalError> {
        self.write_snapshot_with(seq, bytes, &[])
    }

    /// Keeps `bytes` as the state after all committed records, and `beside` it what can be asked for alone; the last two are
    /// kept.
    ///
    /// # Errors
    /// When `seq` is not the next seq, records are staged, the journal is poisoned, or the disk fails. A failed
    /// snapshot does not poison: it is a cache.
    pub fn write_snapshot_with(
        &mut self,
        seq: u64,
        bytes: &[u8],
        beside: &[u8],
    ) -> Result<Anchor, JournalError> {
        self.check_poison()?;
        if seq != self.at.seq || self.staged() > 0 {
            return Err(JournalError::OutOfRange { seq, size: self.at.seq });
        }
        let origin = &self.options.origin;
        let mut text = format!("{HEAD}\n{origin}\n{seq}\n{}\n", to_base64(&self.at.chain));
        match self.at.last_batch {
            Some(p) => text.push_str(&format!("{} {}\n", p.segment, p.offset)),
            None => text.push_str("-\n"),
        }
        text.push_str(&format!("{}\n", to_base64(&Digest32::of(bytes))));
        if !beside.is_empty() {
            text.push_str(&format!("{} {}\n", bytes.len(), to_base64(&Digest32::of(beside))));
        }
        let note = sign_note(&text, origin, self.options.signer.as_ref()).map_err(JournalError::Option)?;
        let dir = self.dir.join(SNAPSHOT_DIR);
        create_dir_synced(&self.disk, &dir)?;
        let path = dir.join(format!("{seq:020}.snap"));
        let len = (note.len() as u32).to_le_bytes();
        replace_file(&self.disk, &path, &[&len, note.as_bytes(), bytes, beside], Durability::Synced)?;
        for (_, old) in list(&self.disk, &self.dir)?.iter().rev().skip(KEEP) {
            self.disk.remove_file(old).map_err(|e| JournalError::io("remove", old, e))?;
        }
        Ok(self.at)
    }

    /// The newest snapshot that this journal's keys signed and that matches its records.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn latest_snapshot(&self) -> Result<Option<Snapshot>, JournalError> {
        self.find_snapshot(|s, _| Some(s))
    }

    /// What `pick` makes of the newest such snapshot that it takes.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn find_snapshot<T>(
        &self,
        pick: impl FnMut(Snapshot, &Beside<D::File>) -> Option<T>,
    ) -> Result<Option<T>, JournalError> {
        let keys = self.options.keys();
        Reader { disk: self.disk.clone(), dir: self.dir.clone() }.find_snapshot(Trust::Keys(&keys), pick)
    }
}

impl<D: Disk> Reader<D> {
    /// The newest snapshot that is whole, trusted and matches the records.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn latest_snapshot(&self, trust: Trust<'_>) -> Result<Option<Snapshot>, JournalError> {
        self.find_snapshot(trust, |s, _| Some(s))
    }

    /// What `pick` makes of the newest such snapshot that it takes.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn find_snapshot<T>(
        &self,
        trust: Trust<'_>,
        mut pick: impl FnMut(Snapshot, &Beside<D::File>) -> Option<T>,
    ) -> Result<Option<T>, JournalError> {
        let layout = self.layout()?;
        for (seq, path) in list(&self.disk, &self.dir)?.into_iter().rev() {
            let file = match self.disk.open_read(&path) {
                Ok(f) => f,
                // A live writer may remove it meanwhile.
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => return Err(JournalError::io("read", path, e)),
            };
            let Some((claim, at)) = claim_of(&file, trust).filter(|(c, _)| c.anchor.seq == seq) else {
                continue;
            };
            let Some((bytes, beside)) = state(file, at, &claim) else { continue };
            if matches(&self.disk, &layout, &claim.origin, &claim.anchor)
                && let Some(found) = pick(Snapshot { anchor: claim.anchor, bytes }, &beside)
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The latest place in the segment that holds `seq`, at or before it, that a snapshot names and the batch there confirms:
    /// reading from it checks the same links as from the segment's header. Of the snapshot itself only its note is read.
    pub(crate) fn place_before(&self, seq: u64) -> Result<Option<Anchor>, JournalError> {
        let layout = self.layout()?;
        let segment = layout.segment_of(seq);
        for (at, path) in list(&self.disk, &self.dir)?.into_iter().rev() {
            if at > seq {
                continue;
            }
            let claim = self.disk.open_read(&path).ok().and_then(|f| claim_of(&f, Trust::Unsigned));
            let Some((Claim { anchor, .. }, _)) = claim.filter(|(c, _)| c.anchor.seq == at) else { continue };
            let here = anchor.last_batch.filter(|p| Some(p.segment) == segment);
            if here.is_some_and(|p| chain_after(&self.disk, &layout, p) == Some((at, anchor.chain))) {
                return Ok(Some(anchor));
            }
        }
        Ok(None)
    }
}

/// Snapshot files by seq, oldest first.
fn list<D: Disk>(disk: &D, dir: &Path) -> Result<Vec<(u64, PathBuf)>, JournalError> {
    let dir = dir.join(SNAPSHOT_DIR);
    let entries = match disk.list(&dir) {
        Ok(e) => e,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(JournalError::io("list", dir, e)),
    };
    let seq_of = |name: &str| name.strip_suffix(".snap").and_then(|n| n.parse::<u64>().ok());
    let mut out: Vec<_> =
        entries.iter().filter_map(|e| Some((seq_of(&e.name)?, dir.join(&e.name)))).collect();
    out.sort();
    Ok(out)
}

/// What the note of a snapshot says.
struct Claim {
    origin: String,
    anchor: Anchor,
    digest: Digest32,
    /// Length of the state, and the digest of what lies beside it; none where nothing does.
    beside: Option<(u64, Digest32)>,
}

fn claim(text: &str) -> Option<Claim> {
    let mut lines = text.split('\n');
    if lines.next()? != HEAD {
        return None;
    }
    let origin = lines.next()?.to_owned();
    let seq = parse_decimal(lines.next()?)?;
    let chain = from_base64(lines.next()?)?;
    let last_batch = match lines.next()? {
        "-" => None,
        line => {
            let (segment, offset) = line.split_once(' ')?;
            Some(Position { segment: parse_decimal(segment)?, offset: parse_decimal(offset)? })
        }
    };
    let digest = from_base64(lines.next()?)?;
    let beside = match lines.next() {
        None | Some("") => None,
        Some(line) => {
            let (len, digest) = line.split_once(' ')?;
            Some((parse_decimal(len)?, from_base64(digest)?))
        }
    };
    Some(Claim { origin, anchor: Anchor { seq, chain, last_batch }, digest, beside })
}

/// What the note of a snapshot's file says, and where the note ends; none where it is no snapshot or not trusted.
fn claim_of<F: DiskFile>(file: &F, trust: Trust<'_>) -> Option<(Claim, u64)> {
    let mut len = [0u8; 4];
    read_full(file, 0, &mut len).ok().filter(|n| *n == len.len())?;
    let len = Some(u64::from(u32::from_le_bytes(len))).filter(|n| *n <= MAX_NOTE_LEN)?;
    let note = String::from_utf8(read_exact(file, 4, len)?).ok()?;
    let text = match trust {
        Trust::Keys(keys) => open_note(&note, keys).ok()?,
        Trust::Unsigned => split_note(&note).ok()?.0,
    };
    Some((claim(text)?, 4 + len))
}

/// The state behind the note, which ends at `at`, and what lies beside it; none where the state is not the one that is claimed.
fn state<F: DiskFile>(file: F, at: u64, claim: &Claim) -> Option<(Vec<u8>, Beside<F>)> {
    let body = file.len().ok()?.checked_sub(at).filter(|n| *n <= MAX_SNAPSHOT_LEN)?;
    let (len, digest) = claim.beside.unwrap_or((body, Digest32::of(&[])));
    let beside = body.checked_sub(len)?;
    let bytes = read_exact(&file, at, len).filter(|b| Digest32::of(b) == claim.digest)?;
    Some((bytes, Beside { file, at: at + len, len: beside, digest }))
}

/// So many bytes from a place on; none where the file has not so many. The caller bounds them.
fn read_exact<F: DiskFile>(file: &F, at: u64, len: u64) -> Option<Vec<u8>> {
    let mut out = vec![0u8; len as usize];
    read_full(file, at, &mut out).ok().filter(|n| *n == out.len()).map(|_| out)
}

/// Whether the journal has this chain hash at this seq.
fn matches<D: Disk>(disk: &D, layout: &Layout, origin: &str, at: &Anchor) -> bool {
    match at.last_batch {
        Some(p) if layout.segments.contains_key(&p.segment) => {
            chain_after(disk, layout, p) == Some((at.seq, at.chain))
        }
        // The batch before it was pruned; what follows must say the same.
        _ => match layout.part_at(at.seq) {
            Part::Segment => {
                let path = layout.path(at.seq);
                let head = disk.open_read(&path).ok().and_then(|f| {
                    let mut head = [0u8; crate::format::SEGMENT_HEADER_LEN];
                    f.read_at(0, &mut head).ok()?;
                    crate::format::SegmentHeader::decode(&head).ok()
                });
                head.is_some_and(|h| h.chain == at.chain && h.origin == origin)
            }
            Part::Pruned(p) => p.chain_in == at.chain,
            Part::Missing => false,
            Part::End => {
                layout.pruned.iter().any(|p| p.end == at.seq && p.chain_out == at.chain)
                    || (at.seq == 0 && at.chain == genesis_chain(origin))
            }
        },
    }
}

/// End and chain hash of the batch at a position, if a whole one is there.
fn chain_after<D: Disk>(disk: &D, layout: &Layout, p: Position) -> Option<(u64, Digest32)> {
    let file = disk.open_read(&layout.path(p.segment)).ok()?;
    let mut stream = FrameStream::new(file, p.offset, Vec::new());
    let Ok(Frame::Whole(header, range)) = stream.peek() else { return None };
    let body = stream.bytes(range).get(crate::format::BATCH_HEADER_LEN..)?;
    let chain = hash_batch(&header, body, &mut Vec::new(), &mut Default::default())?;
    Some((header.end_seq(), chain))
}
