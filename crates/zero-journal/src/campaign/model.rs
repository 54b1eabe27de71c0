//! What a journal must hold, kept by code that shares nothing with it: a list of records and who was told what.

use crate::disk::Disk;
use crate::reader::{Item, Reader};
use crate::record::Class;
use crate::scan::Anchor;
use std::ops::Range;
use zero_core::Digest32;
use zero_core::prng::Prng;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ModelRecord {
    pub(super) class: Class,
    pub(super) keep: bool,
    pub(super) bytes: Vec<u8>,
}

/// Acknowledged records, and the one batch whose fate is unknown.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) acked: Vec<ModelRecord>,
    pub(super) in_flight: Vec<ModelRecord>,
    /// Records below this may be pruned if not to be kept.
    pub(super) prunable: u64,
}

impl Model {
    pub(super) fn draw(prng: &mut Prng) -> ModelRecord {
        let class = if prng.below(3) == 0 { Class::Trace } else { Class::Fact };
        let len = if prng.below(8) == 0 { prng.below(1500) } else { prng.below(120) };
        let mut bytes = Vec::with_capacity(len as usize + 8);
        while (bytes.len() as u64) < len {
            bytes.extend_from_slice(&prng.next_u64().to_le_bytes());
        }
        bytes.truncate(len as usize);
        ModelRecord { class, keep: prng.below(200) == 0, bytes }
    }

    /// State that a snapshot after `seq` records would hold.
    pub(super) fn state_at(&self, seq: u64) -> Option<Vec<u8>> {
        let prefix = self.acked.get(..seq as usize)?;
        let mut h = zero_core::Hasher::new();
        prefix.iter().for_each(|r| h.update(&r.bytes));
        Some(h.finish().0.to_vec())
    }

    /// After a successful open: every acknowledged record is there, and the batch in doubt is there whole or not at all.
    pub(super) fn settle(&mut self, next_seq: u64) -> Result<(), String> {
        let (low, high) = (self.acked.len() as u64, (self.acked.len() + self.in_flight.len()) as u64);
        if next_seq == high {
            self.acked.append(&mut self.in_flight);
        } else if next_seq != low {
            return Err(format!(
                "{low} acknowledged, {} in flight, {next_seq} recovered",
                self.in_flight.len()
            ));
        }
        self.in_flight.clear();
        Ok(())
    }

    /// What a reader sees, from the first record or on from an anchor, is exactly the acknowledged records, except what
    /// may have been pruned.
    pub(super) fn compare<D: Disk>(
        &self,
        reader: &Reader<D>,
        after: Option<Anchor>,
    ) -> Result<Digest32, String> {
        let records = after.map_or_else(|| reader.records(0), |anchor| reader.records_after(anchor));
        let mut records = records.map_err(|e| e.to_string())?;
        let mut next = after.map_or(0, |anchor| anchor.seq);
        while let Some(item) = records.next().map_err(|e| e.to_string())? {
            match item {
                Item::Record(r) => {
                    let want =
                        self.acked.get(r.seq as usize).ok_or_else(|| format!("{} was invented", r.seq))?;
                    if r.seq != next || r.class != want.class || r.keep != want.keep || r.bytes != want.bytes
                    {
                        return Err(format!("record {} is not what was acknowledged", r.seq));
                    }
                    next += 1;
                }
                Item::Pruned { first, end } => {
                    self.may_be_pruned(first..end, next)?;
                    next = end;
                }
            }
        }
        if next != self.acked.len() as u64 {
            return Err(format!("{} records read, {} acknowledged", next, self.acked.len()));
        }
        records.end().map(|e| e.anchor.chain).ok_or_else(|| "reading did not end".to_owned())
    }

    fn may_be_pruned(&self, range: Range<u64>, next: u64) -> Result<(), String> {
        let run = self.acked.get(range.start as usize..range.end as usize).unwrap_or(&[]);
        if range.start != next || range.end > self.prunable || run.is_empty() || run.iter().any(|r| r.keep) {
            return Err(format!("records {}..{} must not be pruned", range.start, range.end));
        }
        Ok(())
    }
}
