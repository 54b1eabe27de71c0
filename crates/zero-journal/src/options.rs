//! How a writer opens a journal.

use crate::error::JournalError;
use crate::format::{MAX_BATCH_BYTES, MAX_ORIGIN_LEN};
use crate::note::{NoteKey, NoteSigner, valid_name};
use std::fmt;
use std::path::PathBuf;

/// How much of the history a writer re-reads when it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenCheck {
    /// All of it.
    Full,
    /// From the segment that holds the newest checkpoint; what lies before is believed because the checkpoint's root
    /// can be computed from the hash tiles. Falls back to `Full` when it cannot.
    Tail,
}

/// How a writer opens a journal.
pub struct Options {
    /// The log's identity: first line of its checkpoints and name of its key, such as `zero.local/alice/paper`.
    pub origin: String,
    /// Directory, outside the journal's, for the second copy of the newest checkpoint.
    pub second_place: PathBuf,
    /// What the lock file says about this process after its pid, such as its command and start time.
    pub holder: String,
    /// Signs checkpoints.
    pub signer: Box<dyn NoteSigner + Send>,
    /// Former keys of this log, for checkpoints signed before a rotation.
    pub former_keys: Vec<NoteKey>,
    /// A new segment begins when the current one would exceed this, in bytes.
    pub segment_bytes: u64,
    /// Most bytes in one batch.
    pub max_batch_bytes: u32,
    /// Most bytes in one record.
    pub max_record_bytes: u32,
    /// Records between checkpoints; 0: only on request and at close.
    pub checkpoint_every: u64,
    /// Every how many of these one is published: synced to disk in the second place and, with its tiles, put into the
    /// journal's directory. The ones between are in the second place only and survive the process, not a power cut.
    pub sync_checkpoint_every: u64,
    /// Zeros written behind a batch when it has to grow the file, in bytes: the batches that then overwrite them spare
    /// the file system a change of the file's length per sync. 0: none.
    pub ahead_bytes: u32,
    /// How much to re-read.
    pub check: OpenCheck,
}

impl Options {
    /// With the usual limits.
    #[must_use]
    pub fn new(
        origin: impl Into<String>,
        second_place: impl Into<PathBuf>,
        holder: impl Into<String>,
        signer: Box<dyn NoteSigner + Send>,
    ) -> Self {
        Self {
            origin: origin.into(),
            second_place: second_place.into(),
            holder: holder.into(),
            signer,
            former_keys: Vec::new(),
            segment_bytes: 16 << 20,
            max_batch_bytes: 8 << 20,
            max_record_bytes: 1 << 20,
            checkpoint_every: 1024,
            sync_checkpoint_every: 16,
            ahead_bytes: 256 << 10,
            check: OpenCheck::Full,
        }
    }

    /// The keys whose signatures count: the signer's and the former ones.
    #[must_use]
    pub fn keys(&self) -> Vec<NoteKey> {
        let mut keys = vec![NoteKey { name: self.origin.clone(), public: self.signer.public_key() }];
        keys.extend(self.former_keys.iter().cloned());
        keys
    }

    pub(crate) fn validate(&self) -> Result<(), JournalError> {
        if !valid_name(&self.origin) || self.origin.len() > MAX_ORIGIN_LEN {
            return Err(JournalError::Option(format!(
                "the origin {:?} must be 1 to {MAX_ORIGIN_LEN} bytes without spaces or plus signs",
                self.origin
            )));
        }
        if self.max_batch_bytes > MAX_BATCH_BYTES || self.max_record_bytes > self.max_batch_bytes / 2 {
            return Err(JournalError::Option(format!(
                "a batch is at most {MAX_BATCH_BYTES} bytes and a record at most half a batch"
            )));
        }
        if self.segment_bytes > 1 << 30 {
            return Err(JournalError::Option("a segment is at most 1 GiB".to_owned()));
        }
        Ok(())
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("origin", &self.origin)
            .field("second_place", &self.second_place)
            .field("holder", &self.holder)
            .field("segment_bytes", &self.segment_bytes)
            .field("checkpoint_every", &self.checkpoint_every)
            .field("check", &self.check)
            .finish_non_exhaustive()
    }
}
