//! Counts what a journal asks of its disk, so that the presence of a sync can be asserted without tracing.

use super::{DirEntry, Disk, DiskFile, LockFailure, Space};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Operations so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskOps {
    /// Calls of `write_at` on segment files.
    pub segment_writes: u64,
    /// `fdatasync` of segment files.
    pub segment_syncs: u64,
    /// `fdatasync` of all other files.
    pub other_syncs: u64,
    /// Directories synced, in order.
    pub dir_syncs: Vec<PathBuf>,
    /// Files created, in order.
    pub created: Vec<PathBuf>,
}

/// A disk that counts.
#[derive(Clone, Debug)]
pub struct CountingDisk<D> {
    inner: D,
    ops: Arc<Mutex<DiskOps>>,
}

/// A file that counts.
#[derive(Debug)]
pub struct CountingFile<F> {
    inner: F,
    segment: bool,
    ops: Arc<Mutex<DiskOps>>,
}

impl<D> CountingDisk<D> {
    /// Around another disk.
    pub fn new(inner: D) -> Self {
        Self { inner, ops: Arc::default() }
    }

    /// The counts, which start again from zero.
    #[must_use]
    pub fn take(&self) -> DiskOps {
        std::mem::take(&mut *self.ops.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, f: impl FnOnce(&mut DiskOps)) {
        f(&mut self.ops.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn file<F>(&self, path: &Path, inner: F) -> CountingFile<F> {
        let segment = path.extension().is_some_and(|e| e == "seg");
        CountingFile { inner, segment, ops: Arc::clone(&self.ops) }
    }
}

impl<F: DiskFile> DiskFile for CountingFile<F> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read_at(offset, buf)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        if self.segment {
            self.ops.lock().unwrap_or_else(PoisonError::into_inner).segment_writes += 1;
        }
        self.inner.write_at(offset, bytes)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)
    }

    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let mut ops = self.ops.lock().unwrap_or_else(PoisonError::into_inner);
        if self.segment {
            ops.segment_syncs += 1;
        } else {
            ops.other_syncs += 1;
        }
        drop(ops);
        self.inner.sync_data()
    }
}

impl<D: Disk> Disk for CountingDisk<D> {
    type File = CountingFile<D::File>;
    type Lock = D::Lock;

    fn open_read(&self, path: &Path) -> io::Result<Self::File> {
        Ok(self.file(path, self.inner.open_read(path)?))
    }

    fn open_write(&self, path: &Path) -> io::Result<Self::File> {
        Ok(self.file(path, self.inner.open_write(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Self::File> {
        self.note(|o| o.created.push(path.to_owned()));
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
        self.note(|o| o.dir_syncs.push(path.to_owned()));
        self.inner.sync_dir(path)
    }

    fn lock(&self, path: &Path, holder: &str) -> Result<Self::Lock, LockFailure> {
        self.inner.lock(path, holder)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.inner.space(path)
    }
}
