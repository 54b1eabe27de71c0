//! Retention: whole segments are removed when nothing in them must stay. Their hash tiles stay, so that every proof
//! about what remains still works, and a signed list says what was removed.

use crate::disk::{Disk, Durability};
use crate::error::JournalError;
use crate::layout::{Layout, PrunedRange, write_pruned};
use crate::record::keep_of;
use crate::scan::{Scanner, Step};
use crate::tile::{read_tile, write_tile};
use crate::tree::TILE_WIDTH;
use crate::writer::Journal;
use std::ops::Range;
use zero_core::Digest32;

/// What pruning did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Runs of records removed now.
    pub removed: Vec<Range<u64>>,
    /// Bytes freed.
    pub bytes: u64,
    /// Segments old enough that stay because of a record to keep or a citation.
    pub kept: u64,
}

impl<D: Disk> Journal<D> {
    /// Removes the segments that lie wholly before `before_seq`, are covered by the newest checkpoint, hold no record
    /// to keep, and overlap no range that something cites.
    ///
    /// # Errors
    /// When the journal is poisoned or the disk fails; then nothing is lost that should stay, and pruning again
    /// completes it.
    pub fn prune(&mut self, before_seq: u64, cited: &[Range<u64>]) -> Result<PruneReport, JournalError> {
        self.check_poison()?;
        // The list must never name what a durable checkpoint does not cover.
        self.checkpoint()?;
        let keys = self.options.keys();
        let mut layout = Layout::read(&self.disk, &self.dir, Some(&keys))?;
        let mut report = PruneReport::default();
        self.finish_interrupted(&layout, &mut report)?;
        layout = Layout::read(&self.disk, &self.dir, Some(&keys))?;
        let mut list = merged(&layout.pruned);
        let limit = before_seq.min(self.covered / TILE_WIDTH as u64 * TILE_WIDTH as u64);
        let mut removing = Vec::new();
        for (&first, &len) in layout.segments.range(..self.segment) {
            let Some(segment) = self.inspect(&layout, first)?.filter(|s| s.range.end <= limit) else {
                continue;
            };
            let is_cited = cited.iter().any(|c| c.start < segment.range.end && segment.range.start < c.end);
            if segment.keep || is_cited {
                report.kept += 1;
                continue;
            }
            self.secure_tiles(&segment)?;
            list.push(PrunedRange {
                first,
                end: segment.range.end,
                chain_in: segment.chain_in,
                chain_out: segment.chain_out,
            });
            report.bytes += len;
            report.removed.push(segment.range.clone());
            removing.push(layout.path(first));
        }
        if removing.is_empty() {
            return Ok(report);
        }
        list.sort_by_key(|p| p.first);
        write_pruned(&self.disk, &self.dir, &list, &self.options.origin, self.options.signer.as_ref())?;
        for path in removing {
            self.disk.remove_file(&path).map_err(|e| JournalError::io("remove", path, e))?;
        }
        self.disk.sync_dir(&self.dir).map_err(|e| JournalError::io("sync", &self.dir, e))?;
        Ok(report)
    }

    /// Segments that an interrupted pruning had listed and not yet removed.
    fn finish_interrupted(&self, layout: &Layout, report: &mut PruneReport) -> Result<(), JournalError> {
        for p in layout.pruned.iter().filter(|p| layout.segments.contains_key(&p.first)) {
            let path = layout.path(p.first);
            self.disk.remove_file(&path).map_err(|e| JournalError::io("remove", path, e))?;
            report.removed.push(p.first..p.end);
        }
        self.disk.sync_dir(&self.dir).map_err(|e| JournalError::io("sync", &self.dir, e))
    }

    /// Reads and checks one closed segment; `None` when it is empty.
    fn inspect(&self, layout: &Layout, first: u64) -> Result<Option<Inspected>, JournalError> {
        // A layout of this segment alone: the walk ends where it ends.
        let mut only = Layout { dir: layout.dir.clone(), ..Layout::default() };
        only.segments.insert(first, 0);
        let mut scanner = Scanner::from_segment(self.disk.clone(), only, first);
        let mut out: Option<Inspected> = None;
        while scanner.step()? == Step::Batch {
            let chain_in = scanner.batch().map_or(Digest32::ZERO, |h| h.chain);
            let seg = out.get_or_insert_with(|| Inspected {
                range: first..first,
                chain_in,
                chain_out: chain_in,
                keep: false,
                leaves: Vec::new(),
            });
            seg.leaves.extend_from_slice(scanner.leaves());
            let mut rest = scanner.body();
            while let Some((flags, _, after)) = crate::format::split_record(rest) {
                seg.keep |= keep_of(flags);
                rest = after;
            }
            seg.range.end = scanner.at().seq;
            seg.chain_out = scanner.at().chain;
        }
        Ok(out)
    }

    /// Makes the level-0 tiles under a segment durable, completed from its leaves where they are not on disk.
    fn secure_tiles(&self, segment: &Inspected) -> Result<(), JournalError> {
        let width = TILE_WIDTH as u64;
        for index in segment.range.start / width..=(segment.range.end - 1) / width {
            let start = index * width;
            let mut tile = read_tile(&self.disk, &self.dir, 0, index, TILE_WIDTH)?;
            if tile.is_none() && segment.range.start <= start && start + width <= segment.range.end {
                let from = (start - segment.range.start) as usize;
                tile = segment.leaves.get(from..from + TILE_WIDTH).map(<[Digest32]>::to_vec);
            }
            let tile = match tile {
                Some(t) => t,
                None => self.reader().tile_from_records(index)?,
            };
            let agrees =
                |tile: &[Digest32]| {
                    segment.leaves.iter().zip(segment.range.clone()).all(|(leaf, seq)| {
                        seq / width != index || tile.get((seq % width) as usize) == Some(leaf)
                    })
                };
            // A power cut may have torn a tile that was not synced.
            let tile = if agrees(&tile) { tile } else { self.reader().tile_from_records(index)? };
            if !agrees(&tile) {
                return Err(JournalError::Note {
                    path: self.dir.join(crate::tile::tile_path(0, index, TILE_WIDTH)),
                    source: crate::error::ProofError::RootMismatch,
                });
            }
            write_tile(&self.disk, &self.dir, 0, index, &tile, Durability::Synced)?;
        }
        Ok(())
    }
}

/// A closed segment, read and checked.
#[derive(Debug)]
struct Inspected {
    range: Range<u64>,
    chain_in: Digest32,
    chain_out: Digest32,
    keep: bool,
    leaves: Vec<Digest32>,
}

/// Joins neighbours whose segments are gone for good, so that the list stays short.
fn merged(list: &[PrunedRange]) -> Vec<PrunedRange> {
    let mut out: Vec<PrunedRange> = Vec::new();
    for p in list {
        match out.last_mut() {
            Some(last) if last.end == p.first && last.chain_out == p.chain_in => {
                last.end = p.end;
                last.chain_out = p.chain_out;
            }
            _ => out.push(p.clone()),
        }
    }
    out
}
