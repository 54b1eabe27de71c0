//! Makes proofs from the hash tiles, and from the records where a tile is not on disk.

use crate::checkpoint::Checkpoint;
use crate::disk::{Disk, read_full};
use crate::error::{JournalError, ProofError};
use crate::format::{BATCH_HEADER_LEN, BatchHeader, SEGMENT_HEADER_LEN, split_record};
use crate::layout::CHECKPOINT;
use crate::merkle::{empty_root, fold_left_of, full_root, leaf_hash, verify_consistency, verify_inclusion};
use crate::note::NoteKey;
use crate::proof::{InclusionProof, consistency_text, inclusion_text};
use crate::reader::{Item, Reader};
use crate::second::{Held, read_checkpoint};
use crate::tile::{read_tile, tile_width};
use crate::tree::TILE_WIDTH;
use crate::writer::Journal;
use std::collections::BTreeMap;
use std::ops::Range;
use zero_core::Digest32;

/// Tiles kept in memory by one prover.
const MAX_CACHED_TILES: usize = 256;

impl<D: Disk> Journal<D> {
    /// A reader on the same directory.
    #[must_use]
    pub fn reader(&self) -> Reader<D> {
        Reader { disk: self.disk.clone(), dir: self.dir.clone() }
    }

    /// Proof that the newest checkpoint covers record `seq`.
    ///
    /// # Errors
    /// When it does not yet, the record was pruned, or the disk fails.
    pub fn prove(&self, seq: u64) -> Result<InclusionProof, JournalError> {
        self.reader().prove(seq, &self.options.keys())
    }

    /// Proof that the log of `old_size` records is the beginning of that of the newest checkpoint.
    ///
    /// # Errors
    /// When `old_size` is larger, or the disk fails.
    pub fn prove_consistency(&self, old_size: u64) -> Result<String, JournalError> {
        self.reader().prove_consistency(old_size, &self.options.keys())
    }
}

impl<D: Disk> Reader<D> {
    /// The checkpoint in the journal's directory, signed by one of `keys`, and its note.
    ///
    /// # Errors
    /// When there is none or it cannot be believed.
    pub fn checkpoint(&self, keys: &[NoteKey]) -> Result<(Checkpoint, String), JournalError> {
        let path = self.dir.join(CHECKPOINT);
        let origin = keys.first().map_or("", |k| k.name.as_str());
        match read_checkpoint(&self.disk, &path, origin, keys)? {
            Some(Held { checkpoint, note, .. }) => Ok((checkpoint, note)),
            None => Err(JournalError::Note { path, source: ProofError::Malformed("there is no checkpoint") }),
        }
    }

    /// Proof that the checkpoint on disk covers record `seq`; verified before it is handed out.
    ///
    /// # Errors
    /// When the checkpoint does not cover it, the record was pruned, or tiles and records disagree.
    pub fn prove(&self, seq: u64, keys: &[NoteKey]) -> Result<InclusionProof, JournalError> {
        let (checkpoint, note) = self.checkpoint(keys)?;
        if seq >= checkpoint.size {
            return Err(JournalError::OutOfRange { seq, size: checkpoint.size });
        }
        let leaf = self.leaf(seq)?;
        for source in [Source::Tiles, Source::Records] {
            let path = Prover::new(self, checkpoint.size, source).inclusion(seq)?;
            if verify_inclusion(&leaf_hash(&leaf), seq, checkpoint.size, &path, &checkpoint.root).is_ok() {
                return Ok(InclusionProof { seq, leaf, text: inclusion_text(seq, &path, &note) });
            }
        }
        Err(self.disagree())
    }

    /// Proof that the log of `old_size` records is the beginning of that of the checkpoint on disk.
    ///
    /// # Errors
    /// When `old_size` is larger, or tiles and records disagree.
    pub fn prove_consistency(&self, old_size: u64, keys: &[NoteKey]) -> Result<String, JournalError> {
        let (checkpoint, note) = self.checkpoint(keys)?;
        if old_size > checkpoint.size {
            return Err(JournalError::OutOfRange { seq: old_size, size: checkpoint.size });
        }
        for source in [Source::Tiles, Source::Records] {
            let mut prover = Prover::new(self, checkpoint.size, source);
            let path = prover.consistency(old_size)?;
            let old_root = prover.range_root(0..old_size)?;
            if verify_consistency(old_size, &old_root, checkpoint.size, &checkpoint.root, &path).is_ok() {
                return Ok(consistency_text(old_size, &path, &note));
            }
        }
        Err(self.disagree())
    }

    fn disagree(&self) -> JournalError {
        JournalError::Note { path: self.dir.join(CHECKPOINT), source: ProofError::RootMismatch }
    }

    /// Root over the first `size` records, from tiles and records.
    ///
    /// # Errors
    /// When they are not all there.
    pub fn root_at(&self, size: u64) -> Result<Digest32, JournalError> {
        Prover::new(self, size, Source::Records).range_root(0..size)
    }

    /// A full level-0 tile from the records themselves.
    pub(crate) fn tile_from_records(&self, index: u64) -> Result<Vec<Digest32>, JournalError> {
        Prover::new(self, 0, Source::Records).leaves(index, TILE_WIDTH)
    }

    /// The bytes of one record, found by batch headers alone: the proof vouches for the record itself.
    fn leaf(&self, seq: u64) -> Result<Vec<u8>, JournalError> {
        let layout = self.layout()?;
        if let Some(p) = layout.pruned.iter().find(|p| p.first <= seq && seq < p.end) {
            return Err(JournalError::Pruned(p.first..p.end));
        }
        let missing = JournalError::OutOfRange { seq, size: seq };
        let Some(first) = layout.segment_of(seq) else { return Err(missing) };
        let path = layout.path(first);
        let fail = |e| JournalError::io("read", &path, e);
        let file = self.disk.open_read(&path).map_err(fail)?;
        let mut offset = SEGMENT_HEADER_LEN as u64;
        loop {
            let mut head = [0u8; BATCH_HEADER_LEN];
            read_full(&file, offset, &mut head).map_err(fail)?;
            let Some(h) = BatchHeader::decode(&head) else { return Err(missing) };
            if h.end_seq() > seq {
                let mut body = vec![0u8; h.body_len as usize];
                read_full(&file, offset + BATCH_HEADER_LEN as u64, &mut body).map_err(fail)?;
                let mut rest = body.as_slice();
                for at in h.first_seq.. {
                    let Some((_, bytes, after)) = split_record(rest) else { return Err(missing) };
                    if at == seq {
                        return Ok(bytes.to_vec());
                    }
                    rest = after;
                }
            }
            offset += h.frame_len() as u64;
        }
    }
}

/// Where hashes come from first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The tiles on disk: fast, but a power cut may have torn those that were not synced.
    Tiles,
    /// The records, and tiles only for pruned ones, where they were synced.
    Records,
}

/// Hashes of subtrees of the tree of one size.
struct Prover<'a, D: Disk> {
    reader: &'a Reader<D>,
    size: u64,
    source: Source,
    tiles: BTreeMap<(u8, u64), Vec<Digest32>>,
    scratch: Vec<Digest32>,
}

impl<'a, D: Disk> Prover<'a, D> {
    fn new(reader: &'a Reader<D>, size: u64, source: Source) -> Self {
        Self { reader, size, source, tiles: BTreeMap::new(), scratch: Vec::new() }
    }

    /// `PATH(m, D[n])` of RFC 6962 section 2.1.1, from the leaf upwards.
    fn inclusion(&mut self, seq: u64) -> Result<Vec<Digest32>, JournalError> {
        let mut out = Vec::new();
        let mut range = 0..self.size;
        while range.end - range.start > 1 {
            let middle = range.start + split(range.end - range.start);
            let sibling = if seq < middle { middle..range.end } else { range.start..middle };
            out.push(self.range_root(sibling)?);
            range = if seq < middle { range.start..middle } else { middle..range.end };
        }
        out.reverse();
        Ok(out)
    }

    /// `PROOF(m, D[n])` of RFC 6962 section 2.1.2.
    fn consistency(&mut self, old: u64) -> Result<Vec<Digest32>, JournalError> {
        let mut out = Vec::new();
        if old == 0 || old == self.size {
            return Ok(out);
        }
        let mut range = 0..self.size;
        while range.end != old {
            let middle = range.start + split(range.end - range.start);
            if old <= middle {
                out.push(self.range_root(middle..range.end)?);
                range = range.start..middle;
            } else {
                out.push(self.range_root(range.start..middle)?);
                range = middle..range.end;
            }
        }
        // The subtree that ends at the old size is known to the verifier only when it is the whole old tree.
        if range.start != 0 {
            out.push(self.range_root(range)?);
        }
        out.reverse();
        Ok(out)
    }

    /// Root over the leaves of a range that is a subtree of some tree, full or ragged at its right.
    fn range_root(&mut self, range: Range<u64>) -> Result<Digest32, JournalError> {
        let mut acc: Option<Digest32> = None;
        let mut end = range.end;
        while end > range.start {
            let block = 1u64 << (end - range.start).trailing_zeros();
            let h = self.full_subtree(end - block, block)?;
            acc = Some(acc.map_or(h, |a| crate::merkle::node_hash(&h, &a)));
            end -= block;
        }
        Ok(acc.unwrap_or_else(empty_root))
    }

    /// Root of the full subtree of `len` (a power of two) leaves that begins at `start`.
    fn full_subtree(&mut self, start: u64, len: u64) -> Result<Digest32, JournalError> {
        let height = len.trailing_zeros();
        let level = (height / 8).min(7) as u8;
        let nodes = 1usize << (height - 8 * u32::from(level));
        let first = start >> (8 * u32::from(level));
        let (index, from) = (first / TILE_WIDTH as u64, (first % TILE_WIDTH as u64) as usize);
        let tile = self.tile(level, index, from + nodes)?;
        let root = tile.get(from..from + nodes).and_then(|h| full_root(h, &mut Vec::new()));
        root.ok_or(JournalError::OutOfRange { seq: start, size: self.size })
    }

    fn tile(&mut self, level: u8, index: u64, need: usize) -> Result<&[Digest32], JournalError> {
        let key = (level, index);
        if self.tiles.get(&key).is_none_or(|t| t.len() < need) {
            let width = tile_width(level, index, self.size).max(need);
            let on_disk = match self.source {
                Source::Tiles => read_tile(&self.reader.disk, &self.reader.dir, level, index, width)?,
                Source::Records => None,
            };
            let tile = match on_disk {
                Some(t) => t,
                None if level == 0 => self.leaves(index, width)?,
                None => self.roots_below(level, index, width)?,
            };
            if self.tiles.len() >= MAX_CACHED_TILES {
                self.tiles.clear();
            }
            self.tiles.insert(key, tile);
        }
        Ok(self.tiles.get(&key).map_or(&[], Vec::as_slice))
    }

    /// A level-0 tile from the records themselves, or from disk where they were pruned.
    fn leaves(&self, index: u64, width: usize) -> Result<Vec<Digest32>, JournalError> {
        let first = index * TILE_WIDTH as u64;
        let mut records = self.reader.records(first)?;
        let mut out = Vec::with_capacity(width);
        while out.len() < width {
            match records.next()? {
                Some(Item::Record(r)) => out.push(leaf_hash(r.bytes)),
                Some(Item::Pruned { first, end }) => {
                    let tile = read_tile(&self.reader.disk, &self.reader.dir, 0, index, TILE_WIDTH)?;
                    return tile.ok_or(JournalError::Pruned(first..end));
                }
                None => break,
            }
        }
        Ok(out)
    }

    /// A higher tile from the full tiles below it.
    fn roots_below(&mut self, level: u8, index: u64, width: usize) -> Result<Vec<Digest32>, JournalError> {
        let mut out = Vec::with_capacity(width);
        for i in 0..width as u64 {
            let below = index * TILE_WIDTH as u64 + i;
            let tile = self.tile(level - 1, below, TILE_WIDTH)?.to_vec();
            match fold_left_of(&tile, None, &mut self.scratch) {
                Some(root) if tile.len() == TILE_WIDTH => out.push(root),
                _ => break,
            }
        }
        Ok(out)
    }
}

/// The largest power of two below `n`.
const fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}
