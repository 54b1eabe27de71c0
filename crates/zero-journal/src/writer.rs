//! The single writer: stage records, commit them as one batch with one write and one sync, sign checkpoints.

use crate::checkpoint::Checkpoint;
use crate::disk::{Disk, DiskFile, Durability, LockFailure, RealDisk, create_dir_synced, write_full};
use crate::error::JournalError;
use crate::format::{RECORD_HEADER_LEN, SEGMENT_HEADER_LEN, seal_batch};
use crate::hashing::{Batch, Hasher, beside};
use crate::layout::{LOCK, segment_path};
use crate::options::Options;
use crate::record::{NewRecord, check_size, flags_of};
use crate::recover::{Opened, Ready, create_segment, recover};
use crate::scan::{Anchor, Position};
use crate::second::{write_checkpoint, write_latest};
use crate::tile::{read_tile, tile_path, write_tile};
use crate::tree::{TILE_WIDTH, Tree};
use std::ops::Range;
use std::path::{Path, PathBuf};
use zero_core::Digest32;

/// Full tiles kept in memory before they are written even without a checkpoint.
const MAX_PENDING_TILES: usize = 128;

/// What is written ahead, at a time.
static ZEROS: [u8; 16 << 10] = [0; 16 << 10];

/// What a commit made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The records; empty when nothing was staged.
    pub range: Range<u64>,
    /// Chain hash after them.
    pub chain: Digest32,
}

/// A journal open for appending. There is at most one per directory; dropping it without [`Journal::close`] is the
/// same as a crash, and loses only what was staged and not committed.
#[derive(Debug)]
pub struct Journal<D: Disk = RealDisk> {
    pub(crate) disk: D,
    pub(crate) dir: PathBuf,
    pub(crate) options: Options,
    pub(crate) at: Anchor,
    pub(crate) tree: Tree,
    /// Records covered by the newest checkpoint.
    pub(crate) covered: u64,
    /// First seq of the segment being written.
    pub(crate) segment: u64,
    file: D::File,
    len: u64,
    /// Where the zeros written ahead of the batches end; never before `len`.
    ahead: u64,
    batch: Batch,
    hasher: Option<Hasher>,
    partial_tiles: Vec<PathBuf>,
    latest: Option<D::File>,
    checkpoints: u64,
    newest: Option<Checkpoint>,
    poisoned: Option<String>,
    _lock: D::Lock,
}

impl<D: Disk> Journal<D> {
    /// Opens or begins the journal in `dir`: takes the lock, checks the history, cuts off a torn tail.
    ///
    /// # Errors
    /// When someone else holds the lock, acknowledged history is damaged, the journal is older than or different
    /// from a signed checkpoint, or the disk fails.
    pub fn open(disk: D, dir: &Path, options: Options) -> Result<(Self, Opened), JournalError> {
        options.validate()?;
        create_dir_synced(&disk, dir)?;
        let lock_path = dir.join(LOCK);
        let holder = format!("pid {}, {}\n", std::process::id(), options.holder);
        let lock = disk.lock(&lock_path, &holder).map_err(|e| match e {
            LockFailure::Held(holder) => JournalError::Locked { path: lock_path.clone(), holder },
            LockFailure::Io(e) => JournalError::io("lock", &lock_path, e),
        })?;
        let Ready { file, segment, len, at, tree, opened, covered } = recover(&disk, dir, &options)?;
        let mut journal = Self {
            disk,
            dir: dir.to_owned(),
            at,
            tree,
            covered,
            segment,
            file,
            len,
            ahead: len,
            batch: Batch::default(),
            hasher: None,
            partial_tiles: Vec::new(),
            latest: None,
            checkpoints: 0,
            newest: opened.checkpoint.clone(),
            poisoned: None,
            options,
            _lock: lock,
        };
        journal.clear_staged();
        Ok((journal, opened))
    }

    /// Adds a record to the next batch; its seq. Nothing is written before [`Self::commit`].
    ///
    /// # Errors
    /// When the record or the batch would be over its limit (commit, then stage again), or the journal is poisoned.
    pub fn stage(&mut self, record: NewRecord<'_>) -> Result<u64, JournalError> {
        self.check_poison()?;
        check_size(record.bytes.len(), self.options.max_record_bytes)?;
        let size = self.batch.frame.len() + RECORD_HEADER_LEN + record.bytes.len();
        if size > self.options.max_batch_bytes as usize {
            let limit = u64::from(self.options.max_batch_bytes);
            return Err(JournalError::TooLarge { what: "a batch", bytes: size as u64, limit });
        }
        self.batch.push(flags_of(record.class, record.keep), record.bytes);
        Ok(self.at.seq + u64::from(self.batch.count) - 1)
    }

    /// Records staged and not yet committed.
    #[must_use]
    pub fn staged(&self) -> usize {
        self.batch.count as usize
    }

    /// Bytes that the next batch would write.
    #[must_use]
    pub fn staged_bytes(&self) -> usize {
        self.batch.frame.len()
    }

    /// Drops what was staged.
    pub fn clear_staged(&mut self) {
        self.batch.clear();
    }

    /// Writes all staged records as one batch and syncs it: when this returns `Ok`, they are durable.
    ///
    /// # Errors
    /// When the write or the sync fails. What reached the disk is then unknown, the journal is poisoned, and only a
    /// new open can tell. A checkpoint that fails after the sync poisons too, but the batch is still acknowledged.
    pub fn commit(&mut self) -> Result<Committed, JournalError> {
        self.check_poison()?;
        let (first, count) = (self.at.seq, self.batch.count);
        if count == 0 {
            return Ok(Committed { range: first..first, chain: self.at.chain });
        }
        if let Err(e) = self.write_batch(first, count) {
            return Err(self.poison(e));
        }
        self.at = Anchor {
            seq: first + u64::from(count),
            chain: self.batch.input.finish(&self.at.chain, first, first, count),
            last_batch: Some(Position { segment: self.segment, offset: self.len }),
        };
        self.len += self.batch.frame.len() as u64;
        for leaf in self.batch.leaves.drain(..) {
            self.tree.push(leaf);
        }
        self.clear_staged();
        if let Err(e) = self.maintain() {
            self.poison(e);
        }
        Ok(Committed { range: first..self.at.seq, chain: self.at.chain })
    }

    /// Signs a checkpoint over everything committed and makes it durable in both places.
    ///
    /// # Errors
    /// When the key or the disk refuses, or the journal is poisoned.
    pub fn checkpoint(&mut self) -> Result<Checkpoint, JournalError> {
        self.check_poison()?;
        let result = self.publish();
        result.map_err(|e| self.poison(e))
    }

    /// Signs a last checkpoint and frees the lock. What is staged and not committed is dropped.
    ///
    /// # Errors
    /// As [`Self::checkpoint`].
    pub fn close(mut self) -> Result<Checkpoint, JournalError> {
        let checkpoint = self.checkpoint()?;
        self.trim()?;
        Ok(checkpoint)
    }

    /// Seq of the next record to be committed.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.at.seq
    }

    /// Chain hash after the last committed record.
    #[must_use]
    pub const fn chain(&self) -> Digest32 {
        self.at.chain
    }

    /// The end of what is committed, to read on from.
    #[must_use]
    pub const fn anchor(&self) -> Anchor {
        self.at
    }

    /// The checkpoint this writer published last, or the newest one found at open.
    #[must_use]
    pub const fn newest_checkpoint(&self) -> Option<&Checkpoint> {
        self.newest.as_ref()
    }

    /// Why nothing more may be appended, if so.
    #[must_use]
    pub fn poisoned(&self) -> Option<&str> {
        self.poisoned.as_deref()
    }

    /// The journal's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The options it was opened with.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn check_poison(&self) -> Result<(), JournalError> {
        match &self.poisoned {
            Some(cause) => Err(JournalError::Poisoned { cause: cause.clone() }),
            None => Ok(()),
        }
    }

    /// After a failed write or sync nobody knows what is on disk: never retried, never acknowledged again.
    pub(crate) fn poison(&mut self, e: JournalError) -> JournalError {
        self.poisoned.get_or_insert_with(|| e.to_string());
        e
    }

    fn write_batch(&mut self, first: u64, count: u32) -> Result<(), JournalError> {
        let full = self.len + self.batch.frame.len() as u64 > self.options.segment_bytes;
        if full && self.len > SEGMENT_HEADER_LEN as u64 {
            self.trim()?;
            self.file = create_segment(&self.disk, &self.dir, first, &self.at.chain, &self.options.origin)?;
            self.segment = first;
            (self.len, self.ahead) = (SEGMENT_HEADER_LEN as u64, SEGMENT_HEADER_LEN as u64);
        }
        // Every earlier batch was synced before this one is written, hence `prev_durable` is `first`.
        seal_batch(&mut self.batch.frame, count, first, first, &self.at.chain);
        let wrote = write_full(&mut self.file, self.len, &self.batch.frame);
        if wrote.is_ok() {
            self.write_ahead();
        }
        let fail = |e| JournalError::io("append to", segment_path(&self.dir, self.segment), e);
        wrote.map_err(fail)?;
        let file = &mut self.file;
        beside(&mut self.hasher, &mut self.batch, || file.sync_data()).map_err(fail)?;
        // Durable, but without its hashes nothing could be chained to it: the next open computes them.
        let whole = self.batch.leaves.len() == count as usize;
        if whole { Ok(()) } else { Err(fail(std::io::Error::other("the hashing thread ended"))) }
    }

    /// Zeros behind a batch that grew the file, made durable by the same sync. They carry nothing: without them, or with
    /// a part of them, the next batches grow the file themselves.
    fn write_ahead(&mut self) {
        let end = self.len + self.batch.frame.len() as u64;
        if end <= self.ahead {
            return;
        }
        self.ahead = end;
        let upto = (end + u64::from(self.options.ahead_bytes)).min(self.options.segment_bytes);
        while self.ahead < upto {
            let n = ZEROS.len().min((upto - self.ahead) as usize);
            if write_full(&mut self.file, self.ahead, &ZEROS[..n]).is_err() {
                return;
            }
            self.ahead += n as u64;
        }
    }

    /// Cuts the zeros off a segment that is done.
    fn trim(&mut self) -> Result<(), JournalError> {
        if self.ahead > self.len {
            let fail = |e| JournalError::io("trim", segment_path(&self.dir, self.segment), e);
            self.file.set_len(self.len).map_err(fail)?;
            self.ahead = self.len;
        }
        Ok(())
    }

    fn maintain(&mut self) -> Result<(), JournalError> {
        let every = self.options.checkpoint_every;
        if every > 0 && self.at.seq - self.covered >= every {
            self.checkpoints += 1;
            if self.checkpoints.is_multiple_of(self.options.sync_checkpoint_every.max(1)) {
                self.publish()?;
            } else {
                let (checkpoint, note) = self.sign_head()?;
                write_latest(&self.disk, &self.options.second_place, &mut self.latest, &note)?;
                self.covered = checkpoint.size;
            }
        } else if self.tree.full().len() > MAX_PENDING_TILES {
            self.write_full_tiles()?;
        }
        Ok(())
    }

    /// Tiles, and the checkpoint in both places.
    fn publish(&mut self) -> Result<Checkpoint, JournalError> {
        self.write_full_tiles()?;
        self.write_partial_tiles()?;
        let (checkpoint, note) = self.sign_head()?;
        write_checkpoint(&self.disk, &self.dir, &self.options.second_place, &note)?;
        self.covered = checkpoint.size;
        self.newest = Some(checkpoint.clone());
        Ok(checkpoint)
    }

    fn sign_head(&mut self) -> Result<(Checkpoint, String), JournalError> {
        let checkpoint = Checkpoint {
            origin: self.options.origin.clone(),
            size: self.at.seq,
            root: self.tree.root(),
            chain: Some(self.at.chain),
        };
        let note = checkpoint.sign(self.options.signer.as_ref()).map_err(JournalError::Option)?;
        Ok((checkpoint, note))
    }

    fn write_full_tiles(&mut self) -> Result<(), JournalError> {
        for t in self.tree.full() {
            // Never replaced: under pruned records it may be durable, and this write is not.
            if read_tile(&self.disk, &self.dir, t.level, t.index, TILE_WIDTH)?.as_ref() == Some(&t.hashes) {
                continue;
            }
            write_tile(&self.disk, &self.dir, t.level, t.index, &t.hashes, Durability::Cached)?;
        }
        self.tree.forget_full();
        Ok(())
    }

    /// The partial tiles of this size, in place of those of the last checkpoint.
    fn write_partial_tiles(&mut self) -> Result<(), JournalError> {
        let mut written = Vec::new();
        for (level, tile) in self.tree.edge().iter().enumerate().filter(|(_, t)| !t.is_empty()) {
            let index = (self.tree.size() >> (8 * level)) / TILE_WIDTH as u64;
            let path = tile_path(level as u8, index, tile.len());
            if !self.partial_tiles.contains(&path) {
                write_tile(&self.disk, &self.dir, level as u8, index, tile, Durability::Cached)?;
            }
            written.push(path);
        }
        for old in std::mem::replace(&mut self.partial_tiles, written) {
            if !self.partial_tiles.contains(&old) {
                let path = self.dir.join(old);
                self.disk.remove_file(&path).map_err(|e| JournalError::io("remove", path, e))?;
            }
        }
        Ok(())
    }
}
