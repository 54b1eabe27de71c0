//! Publishing a store: everything is written and synced in a hidden directory beside it, then renamed into place.

use super::manifest::{CoinEntry, Manifest};
use super::{MANIFEST_FILE, Store};
use crate::error::DataError;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use zero_core::{Canon as _, TsDiff};

/// Names that are tried before a staging directory is given up.
const ATTEMPTS_MAX: u32 = 1_000_000;

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
        remove_abandoned(&parent, &prefix_of(dest));
        let dir = create_own(&parent, &prefix_of(dest))?;
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
            // Nothing more can be done in a drop; a later import of this name removes what is left.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

fn prefix_of(dest: &Path) -> String {
    format!(".{}.importing-", name_of(dest))
}

/// A directory that no other import has: named by process and by a number within it.
fn create_own(parent: &Path, prefix: &str) -> Result<PathBuf, DataError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = parent.join(format!("{prefix}{}-{n}", std::process::id()));
        match fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && n < ATTEMPTS_MAX => {}
            Err(e) => return Err(DataError::io(&dir, "create", &e)),
        }
    }
}

/// Removes what imports left behind whose process is gone. Where processes cannot be seen, nothing is removed.
fn remove_abandoned(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|n| n.strip_prefix(prefix)?.split('-').next()?.parse::<u32>().ok());
        let is_gone =
            |pid: u32| Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{pid}")).exists();
        if pid.is_some_and(is_gone) {
            // Best effort: what cannot be removed only takes space.
            let _ = fs::remove_dir_all(entry.path());
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
