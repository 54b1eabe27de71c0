//! Reading without a lock and without writing, also beside a live writer.

use crate::disk::Disk;
use crate::error::JournalError;
use crate::format::split_record;
use crate::layout::{Layout, PrunedRange};
use crate::record::{Class, Record, class_of, keep_of};
use crate::scan::{Anchor, Scanner, Step, Torn};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A journal open for reading.
#[derive(Clone, Debug)]
pub struct Reader<D: Disk> {
    pub(crate) disk: D,
    pub(crate) dir: PathBuf,
}

/// What reading hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A record; its batch and chain were checked.
    Record(Record<'a>),
    /// Retention removed these.
    Pruned {
        /// First record removed.
        first: u64,
        /// First record after.
        end: u64,
    },
}

/// How reading ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Where the readable history ends, to read on from later.
    pub anchor: Anchor,
    /// An unreadable tail: the batch a live writer is writing, or the torn end of a dead one.
    pub torn: Option<Torn>,
}

/// Records from some place on. Not an [`Iterator`], because each record borrows the one read buffer.
#[derive(Debug)]
pub struct Records<D: Disk> {
    scanner: Scanner<D>,
    from: u64,
    seq: u64,
    left: u32,
    cursor: usize,
    skip_traces: bool,
    ended: bool,
}

impl<D: Disk> Reader<D> {
    /// The journal in `dir`.
    ///
    /// # Errors
    /// When there is none, or it cannot be listed.
    pub fn open(disk: D, dir: &Path) -> Result<Self, JournalError> {
        let out = Self { disk, dir: dir.to_owned() };
        match out.layout() {
            Ok(l) if !l.is_empty() => Ok(out),
            Ok(_) => Err(JournalError::NoJournal { path: out.dir }),
            Err(e) if e.is_not_found() => Err(JournalError::NoJournal { path: out.dir }),
            Err(e) => Err(e),
        }
    }

    /// Its directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Records from `seq` on. Checking begins at the start of the segment that holds it, whose header is believed;
    /// from 0, everything is checked.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn records(&self, seq: u64) -> Result<Records<D>, JournalError> {
        let layout = self.layout()?;
        let inside_pruned = layout.pruned.iter().find(|p| p.first <= seq && seq < p.end).map(|p| p.first);
        let scanner = match layout.segment_of(seq).max(inside_pruned) {
            Some(0) | None => Scanner::from_start(self.disk.clone(), layout),
            Some(first) => Scanner::from_segment(self.disk.clone(), layout, first),
        };
        Ok(Records::new(scanner, seq))
    }

    /// Records from `seq` on, as [`Self::records`], but not checked further back than the newest kept snapshot before it: for the
    /// end of a long segment. Without such a snapshot it is the same.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn records_near(&self, seq: u64) -> Result<Records<D>, JournalError> {
        match self.place_before(seq)? {
            // A live writer may prune what was just seen; then the segment is read from wherever it begins.
            Some(anchor) => match Scanner::from_anchor(self.disk.clone(), self.layout()?, anchor) {
                Ok(scanner) => Ok(Records::new(scanner, seq)),
                Err(_) => self.records(seq),
            },
            None => self.records(seq),
        }
    }

    /// Records after an anchor from an earlier read, a writer or a snapshot, which is believed.
    ///
    /// # Errors
    /// When the batch before the anchor is not there any more, or the disk fails.
    pub fn records_after(&self, anchor: Anchor) -> Result<Records<D>, JournalError> {
        let scanner = Scanner::from_anchor(self.disk.clone(), self.layout()?, anchor)?;
        Ok(Records::new(scanner, anchor.seq))
    }

    /// Runs of records that retention removed.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub fn pruned(&self) -> Result<Vec<PrunedRange>, JournalError> {
        Ok(self.layout()?.pruned)
    }

    pub(crate) fn layout(&self) -> Result<Layout, JournalError> {
        Layout::read(&self.disk, &self.dir, None)
    }
}

impl<D: Disk> Records<D> {
    fn new(scanner: Scanner<D>, from: u64) -> Self {
        Self { scanner, from, seq: 0, left: 0, cursor: 0, skip_traces: false, ended: false }
    }

    /// Hands out facts only. Traces are still checked.
    #[must_use]
    pub fn facts_only(mut self) -> Self {
        self.skip_traces = true;
        self
    }

    /// The next record or pruned run; `None` at the end.
    ///
    /// # Errors
    /// When acknowledged history is damaged, or the disk fails.
    #[expect(clippy::should_implement_trait, reason = "an Iterator cannot lend from its own buffer")]
    pub fn next(&mut self) -> Result<Option<Item<'_>>, JournalError> {
        let (flags, bytes) = loop {
            if self.ended {
                return Ok(None);
            }
            if self.left == 0 {
                match self.scanner.step()? {
                    Step::Batch => {
                        let (first, count) = self.scanner.batch().map_or((0, 0), |h| (h.first_seq, h.count));
                        (self.seq, self.left, self.cursor) = (first, count, 0);
                    }
                    Step::Pruned(p) if p.end > self.from => {
                        return Ok(Some(Item::Pruned { first: p.first.max(self.from), end: p.end }));
                    }
                    Step::Pruned(_) => {}
                    Step::End => self.ended = true,
                }
                continue;
            }
            let body = self.scanner.body();
            let Some((flags, bytes, rest)) = body.get(self.cursor..).and_then(split_record) else {
                self.left = 0;
                continue;
            };
            let end = body.len() - rest.len();
            let range: Range<usize> = end - bytes.len()..end;
            self.cursor = end;
            self.left -= 1;
            self.seq += 1;
            let wanted = self.seq > self.from && !(self.skip_traces && class_of(flags) == Class::Trace);
            if wanted {
                break (flags, range);
            }
        };
        Ok(Some(Item::Record(Record {
            seq: self.seq - 1,
            class: class_of(flags),
            keep: keep_of(flags),
            bytes: self.scanner.body().get(bytes).unwrap_or(&[]),
        })))
    }

    /// How it ended; `None` before [`Self::next`] gave `None`.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.ended.then(|| End { anchor: self.scanner.at(), torn: self.scanner.torn().cloned() })
    }

    /// The log's origin, once a segment was read.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.scanner.origin()
    }
}
