//! What a journal is said to hold, against what a reader found: the cheap half of what `verify` does, for whoever reads without
//! keys. Signatures are not looked at: a claim can raise an alarm, never quiet one.

use crate::checkpoint::Checkpoint;
use crate::disk::{Disk, read_file};
use crate::error::{Damage, JournalError};
use crate::layout::CHECKPOINT;
use crate::reader::{End, Reader};
use crate::second::MAX_CHECKPOINT_LEN;
use std::path::PathBuf;

/// The size that the checkpoint beside a journal states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    size: u64,
    place: PathBuf,
}

impl<D: Disk> Reader<D> {
    /// What the checkpoint beside the journal states now; `None` where there is none that can be read. To be asked before records
    /// are read: a writer signs what is durable already, so that a later reading must find as much.
    #[must_use]
    pub fn claimed(&self) -> Option<Claimed> {
        let place = self.dir.join(CHECKPOINT);
        let bytes = read_file(&self.disk, &place, MAX_CHECKPOINT_LEN).ok()?;
        let size = Checkpoint::parse_unverified(std::str::from_utf8(&bytes).ok()?).ok()?.size;
        Some(Claimed { size, place })
    }
}

impl Claimed {
    /// Holds the end of a reading against it.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] where what cannot be read lies within it, as `verify` says it; [`JournalError::Rollback`] where
    /// the records end before it.
    pub fn hold(&self, end: &End) -> Result<(), JournalError> {
        if end.anchor.seq >= self.size {
            return Ok(());
        }
        Err(match &end.torn {
            Some(torn) => JournalError::Damaged(Damage {
                seq: end.anchor.seq,
                segment: torn.segment.clone(),
                offset: torn.offset,
                reason: format!("unreadable, though a checkpoint of {} records covers it", self.size),
            }),
            None => JournalError::Rollback {
                size: self.size,
                place: self.place.clone(),
                reason: format!("the journal ends at record {}", end.anchor.seq),
            },
        })
    }
}
