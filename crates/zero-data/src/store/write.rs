//! Publishing a store: everything is written and synced in a hidden directory beside it, then renamed into place.

use super::manifest::{CoinEntry, Manifest};
use super::{MANIFEST_FILE, Store};
use crate::error::DataError;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zero_core::{Canon as _, TsDiff};

/// What to do when the destination exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    #[default]
    Refuse,
    /// Replace it, if it is a store; anything else is refused.
    Replace,
}

/// A store being written. Dropping it without [`Staging::publish`] removes every trace of it.
#[derive(Debug)]
pub(crate) struct Staging {
    dir: PathBuf,
    dest: PathBuf,
    existing: Existing,
    is_published: bool,
}

impl Staging {
    pub(crate) fn begin(dest: &Path, existing: Existing) -> Result<Self, DataError> {
        let old = old_of(dest);
        if old.exists() {
            // A replacement was interrupted: before its rename the old store is the truth, after it the new one.
            let settle = if dest.exists() { fs::remove_dir_all(&old) } else { fs::rename(&old, dest) };
            settle.map_err(|e| DataError::io(&old, "settle", &e))?;
        }
        if dest.exists() {
            if existing == Existing::Refuse {
                return Err(DataError::Exists { path: dest.to_owned() });
            }
            // Replacing means deleting: only what is a store may be deleted.
            if !dest.join(MANIFEST_FILE).is_file() {
                return Err(DataError::NotAStore {
                    path: dest.to_owned(),
                    reason: "it has no manifest".into(),
                });
            }
        }
        let parent = parent_of(dest);
        fs::create_dir_all(&parent).map_err(|e| DataError::io(&parent, "create", &e))?;
        let dir = parent.join(format!(".{}.importing-{}", name_of(dest), std::process::id()));
        if dir.exists() {
            // Ours by its process id: left behind by an earlier process of the same id that was killed.
            fs::remove_dir_all(&dir).map_err(|e| DataError::io(&dir, "remove", &e))?;
        }
        fs::create_dir(&dir).map_err(|e| DataError::io(&dir, "create", &e))?;
        Ok(Self { dir, dest: dest.to_owned(), existing, is_published: false })
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    /// Writes the manifest, syncs, and renames into place.
    pub(crate) fn publish(mut self, interval: TsDiff, coins: Vec<CoinEntry>) -> Result<Store, DataError> {
        let manifest = Manifest { version: super::STORE_VERSION, interval, coins };
        let path = self.path(MANIFEST_FILE);
        let mut file = File::create_new(&path).map_err(|e| DataError::io(&path, "create", &e))?;
        file.write_all(&manifest.to_bytes()).map_err(|e| DataError::io(&path, "write", &e))?;
        file.sync_all().map_err(|e| DataError::io(&path, "sync", &e))?;
        sync_dir(&self.dir)?;
        let parent = parent_of(&self.dest);
        let old = old_of(&self.dest);
        let had_old = self.existing == Existing::Replace && self.dest.exists();
        if had_old {
            fs::rename(&self.dest, &old).map_err(|e| DataError::io(&self.dest, "move away", &e))?;
        }
        if let Err(e) = fs::rename(&self.dir, &self.dest) {
            if had_old {
                // Best effort: put the old store back, then report the first failure.
                let _ = fs::rename(&old, &self.dest);
            }
            return Err(DataError::io(&self.dest, "rename into place", &e));
        }
        self.is_published = true;
        sync_dir(&parent)?;
        if had_old {
            fs::remove_dir_all(&old).map_err(|e| DataError::io(&old, "remove", &e))?;
        }
        Ok(Store { dir: self.dest.clone(), manifest })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_published {
            // Nothing more can be done in a drop; the next import of this name removes what is left.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| "store".into(), |n| n.to_string_lossy().into_owned())
}

fn old_of(dest: &Path) -> PathBuf {
    parent_of(dest).join(format!(".{}.replaced", name_of(dest)))
}

fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn sync_dir(dir: &Path) -> Result<(), DataError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(|e| DataError::io(dir, "sync", &e))
}
