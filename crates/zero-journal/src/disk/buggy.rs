//! Planted bugs, as seen from the disk: a journal that forgets a sync and a disk that ignores it are the same thing.
//! They live here so that the journal itself carries no switch that could turn a sync off.

use super::{DirEntry, Disk, DiskFile, LockFailure, Space};
use std::io;
use std::path::Path;

/// A bug to plant; each must be caught by the crash campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bug {
    /// A batch is never synced.
    SkipFsync,
    /// New names are never synced.
    SkipDirFsync,
    /// A failed sync is asked again, and the second answer believed.
    RetryAfterEio,
    /// A batch is acknowledged, and synced only when the next one is written.
    AckEarly,
    /// A torn tail is cut down to a whole sector, taking acknowledged bytes with it.
    TruncateAcknowledged,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::SkipFsync,
        Self::SkipDirFsync,
        Self::RetryAfterEio,
        Self::AckEarly,
        Self::TruncateAcknowledged,
    ];
}

/// A disk through which a bug is planted; with `None` it only passes on.
#[derive(Clone, Debug)]
pub struct BuggyDisk<D> {
    inner: D,
    bug: Option<Bug>,
}

/// A file on it.
#[derive(Debug)]
pub struct BuggyFile<F> {
    inner: F,
    bug: Option<Bug>,
    owed: bool,
}

impl<D> BuggyDisk<D> {
    /// Around another disk.
    pub const fn new(inner: D, bug: Option<Bug>) -> Self {
        Self { inner, bug }
    }

    /// Only segments are afflicted, so that what is caught is a lost record and not a lost checkpoint.
    fn file<F>(&self, path: &Path, inner: F) -> BuggyFile<F> {
        let bug = self.bug.filter(|_| path.extension().is_some_and(|e| e == "seg"));
        BuggyFile { inner, bug, owed: false }
    }
}

impl<F: DiskFile> DiskFile for BuggyFile<F> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read_at(offset, buf)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.owed) {
            self.inner.sync_data()?;
        }
        self.inner.write_at(offset, bytes)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        match self.bug {
            Some(Bug::TruncateAcknowledged) => self.inner.set_len(len / 512 * 512),
            _ => self.inner.set_len(len),
        }
    }

    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn sync_data(&mut self) -> io::Result<()> {
        match self.bug {
            Some(Bug::SkipFsync) => Ok(()),
            Some(Bug::AckEarly) => {
                self.owed = true;
                Ok(())
            }
            Some(Bug::RetryAfterEio) => self.inner.sync_data().or_else(|_| self.inner.sync_data()),
            _ => self.inner.sync_data(),
        }
    }
}

impl<D: Disk> Disk for BuggyDisk<D> {
    type File = BuggyFile<D::File>;
    type Lock = D::Lock;

    fn open_read(&self, path: &Path) -> io::Result<Self::File> {
        Ok(self.file(path, self.inner.open_read(path)?))
    }

    fn open_write(&self, path: &Path) -> io::Result<Self::File> {
        Ok(self.file(path, self.inner.open_write(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Self::File> {
        Ok(self.file(path, self.inner.create(path)?))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.inner.create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        self.inner.list(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.inner.remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        if self.bug == Some(Bug::SkipDirFsync) { Ok(()) } else { self.inner.sync_dir(path) }
    }

    fn lock(&self, path: &Path, holder: &str) -> Result<Self::Lock, LockFailure> {
        self.inner.lock(path, holder)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.inner.space(path)
    }
}
