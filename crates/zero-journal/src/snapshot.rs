//! Snapshots: a projection's state after record `seq - 1`, tied to the journal by the chain hash there and to its
//! own bytes by a signed note.
//!
//! File: length of the note (4 bytes, little-endian), the note, the bytes. A snapshot is a cache: one that does not
//! match the journal is ignored, and the state is rebuilt from the records.

use crate::checkpoint::parse_decimal;
use crate::disk::{Disk, DiskFile, Durability, create_dir_synced, read_file, read_full, replace_file};
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
const MAX_NOTE_LEN: usize = 64 << 10;

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

impl<D: Disk> Journal<D> {
    /// Keeps `bytes` as the state after all committed records; the last two are kept.
    ///
    /// # Errors
    /// When `seq` is not the next seq, records are staged, the journal is poisoned, or the disk fails. A failed
    /// snapshot does not poison: it is a cache.
    pub fn write_snapshot(&mut self, seq: u64, bytes: &[u8]) -> Result<Anchor, JournalError> {
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
        let note = sign_note(&text, origin, self.options.signer.as_ref()).map_err(JournalError::Option)?;
        let dir = self.dir.join(SNAPSHOT_DIR);
        create_dir_synced(&self.disk, &dir)?;
        let path = dir.join(format!("{seq:020}.snap"));
        let len = (note.len() as u32).to_le_bytes();
        replace_file(&self.disk, &path, &[&len, note.as_bytes(), bytes], Durability::Synced)?;
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
        let keys = self.options.keys();
        Reader { disk: self.disk.clone(), dir: self.dir.clone() }.latest_snapshot(Trust::Keys(&keys))
    }
}

impl<D: Disk> Reader<D> {
    /// The newest snapshot that is whole, trusted and matches the records.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn latest_snapshot(&self, trust: Trust<'_>) -> Result<Option<Snapshot>, JournalError> {
        self.find_snapshot(trust, Some)
    }

    /// What `pick` makes of the newest such snapshot that it takes.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn find_snapshot<T>(
        &self,
        trust: Trust<'_>,
        mut pick: impl FnMut(Snapshot) -> Option<T>,
    ) -> Result<Option<T>, JournalError> {
        let layout = self.layout()?;
        for (seq, path) in list(&self.disk, &self.dir)?.into_iter().rev() {
            let file = match read_file(&self.disk, &path, MAX_SNAPSHOT_LEN) {
                Ok(f) => f,
                // A live writer may remove it meanwhile.
                Err(e) if e.is_not_found() => continue,
                Err(JournalError::TooLarge { .. }) => continue,
                Err(e) => return Err(e),
            };
            let Some((origin, snapshot)) = parse(file, trust) else { continue };
            if snapshot.anchor.seq == seq
                && matches(&self.disk, &layout, &origin, &snapshot.anchor)
                && let Some(found) = pick(snapshot)
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
            let claim = read_note(&self.disk, &path).and_then(|n| claim(split_note(&n).ok()?.0));
            let Some(Claim { anchor, .. }) = claim.filter(|c| c.anchor.seq == at) else { continue };
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
    Some(Claim { origin, anchor: Anchor { seq, chain, last_batch }, digest })
}

fn parse(mut file: Vec<u8>, trust: Trust<'_>) -> Option<(String, Snapshot)> {
    let (len, rest) = file.split_first_chunk::<4>()?;
    let (note, body) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    let note = core::str::from_utf8(note).ok()?;
    let text = match trust {
        Trust::Keys(keys) => open_note(note, keys).ok()?,
        Trust::Unsigned => split_note(note).ok()?.0,
    };
    let Claim { origin, anchor, digest } = claim(text)?;
    if digest != Digest32::of(body) {
        return None;
    }
    let at = file.len() - body.len();
    file.drain(..at);
    Some((origin, Snapshot { anchor, bytes: file }))
}

/// The note alone; none where the file is gone or is no snapshot.
fn read_note<D: Disk>(disk: &D, path: &Path) -> Option<String> {
    let file = disk.open_read(path).ok()?;
    let mut len = [0u8; 4];
    file.read_at(0, &mut len).ok()?;
    let len = Some(u32::from_le_bytes(len) as usize).filter(|n| *n <= MAX_NOTE_LEN)?;
    let mut note = vec![0u8; len];
    let got = read_full(&file, 4, &mut note).ok()?;
    String::from_utf8(note).ok().filter(|n| n.len() == got)
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
