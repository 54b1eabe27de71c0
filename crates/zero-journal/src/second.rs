//! The checkpoints a journal is held against: its own, and the copy in a second place, which is what makes a
//! rollback or a truncation of the whole directory visible.

use crate::checkpoint::Checkpoint;
use crate::disk::{Disk, DiskFile, Durability, read_file, replace_file, write_full};
use crate::error::{JournalError, ProofError};
use crate::layout::{CHECKPOINT, CHECKPOINT_LATEST};
use crate::note::NoteKey;
use std::path::{Path, PathBuf};

pub(crate) const MAX_CHECKPOINT_LEN: u64 = 16 * 1024;

/// A checkpoint and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) note: String,
    pub(crate) place: PathBuf,
}

/// Which of the files may be unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Always written whole and synced: if it cannot be believed, someone touched it.
    Valid,
    /// Written without a sync: a power cut may have torn it.
    IfWhole,
}

/// All checkpoints that count, smallest first; an error when the durable copy cannot be believed.
pub(crate) fn read_held<D: Disk>(
    disk: &D,
    dir: &Path,
    second: Option<&Path>,
    origin: &str,
    keys: &[NoteKey],
) -> Result<Vec<Held>, JournalError> {
    let mut places = vec![(dir.join(CHECKPOINT), Need::IfWhole)];
    if let Some(second) = second {
        places.push((second.join(CHECKPOINT), Need::Valid));
        places.push((second.join(CHECKPOINT_LATEST), Need::IfWhole));
    }
    let mut out = Vec::new();
    for (path, need) in places {
        match (read_checkpoint(disk, &path, origin, keys), need) {
            (Ok(Some(held)), _) => out.push(held),
            (Ok(None), _) | (Err(JournalError::Note { .. }), Need::IfWhole) => {}
            (Err(JournalError::Note { path, source }), Need::Valid) => {
                return Err(JournalError::SecondPlace { path, reason: source.to_string() });
            }
            (Err(e), _) => return Err(e),
        }
    }
    out.sort_by_key(|h| h.checkpoint.size);
    Ok(out)
}

/// One checkpoint file; `None` when there is none.
pub(crate) fn read_checkpoint<D: Disk>(
    disk: &D,
    path: &Path,
    origin: &str,
    keys: &[NoteKey],
) -> Result<Option<Held>, JournalError> {
    let bytes = match read_file(disk, path, MAX_CHECKPOINT_LEN) {
        Ok(b) => b,
        Err(e) if e.is_not_found() => return Ok(None),
        Err(JournalError::TooLarge { .. }) => Vec::new(),
        Err(e) => return Err(e),
    };
    let opened = String::from_utf8(bytes)
        .map_err(|_| ProofError::Malformed("not text"))
        .and_then(|note| Ok((Checkpoint::open(&note, keys)?, note)));
    match opened {
        Ok((checkpoint, note)) if checkpoint.origin == origin => {
            Ok(Some(Held { checkpoint, note, place: path.to_owned() }))
        }
        Ok((checkpoint, _)) => Err(JournalError::Note {
            path: path.to_owned(),
            source: ProofError::OtherOrigin(checkpoint.origin),
        }),
        Err(source) => Err(JournalError::Note { path: path.to_owned(), source }),
    }
}

/// Whether the durable copy exists at all.
pub(crate) fn has_durable_copy(held: &[Held], second: &Path) -> bool {
    let path = second.join(CHECKPOINT);
    held.iter().any(|h| h.place == path)
}

/// Writes a checkpoint to both places, durably in the second.
pub(crate) fn write_checkpoint<D: Disk>(
    disk: &D,
    dir: &Path,
    second: &Path,
    note: &str,
) -> Result<(), JournalError> {
    replace_file(disk, &second.join(CHECKPOINT), &[note.as_bytes()], Durability::Synced)?;
    replace_file(disk, &dir.join(CHECKPOINT), &[note.as_bytes()], Durability::Cached)
}

/// Overwrites the newest checkpoint in the second place, in place and without a sync: replacing a file would make
/// the next sync of the segment carry it along, at ten times the price of a batch.
pub(crate) fn write_latest<D: Disk>(
    disk: &D,
    second: &Path,
    open: &mut Option<D::File>,
    note: &str,
) -> Result<(), JournalError> {
    let path = second.join(CHECKPOINT_LATEST);
    let fail = |e| JournalError::io("write", &path, e);
    let file = match open {
        Some(f) => f,
        None => {
            let found = disk.open_write(&path);
            open.insert(found.or_else(|_| disk.create(&path)).map_err(fail)?)
        }
    };
    write_full(file, 0, note.as_bytes()).map_err(fail)?;
    let len = note.len() as u64;
    if file.len().map_err(fail)? > len {
        file.set_len(len).map_err(fail)?;
    }
    Ok(())
}
