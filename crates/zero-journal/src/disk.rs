//! The disk as the log sees it: few operations, each of which may fail, tear or be lost until it is synced.

mod buggy;
mod count;
mod real;
mod sim;
mod sim_file;

use crate::error::JournalError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use buggy::{Bug, BuggyDisk};
pub use count::{CountingDisk, DiskOps};
pub use real::{RealDisk, RealLock};
pub use sim::{SimDisk, SimFaults};

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// File name without its directory.
    pub name: String,
    /// A directory rather than a file.
    pub is_dir: bool,
    /// Length of a file in bytes.
    pub len: u64,
}

/// Space on the file system that holds a path, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Available to this user.
    pub free: u64,
    /// In all.
    pub total: u64,
}

/// Why the writer's lock was not given.
#[derive(Debug)]
pub enum LockFailure {
    /// Someone has it; what they wrote about themselves.
    Held(String),
    /// The lock file cannot be used.
    Io(io::Error),
}

/// An open file.
pub trait DiskFile {
    /// Reads at an offset; fewer bytes than asked, 0 at the end.
    ///
    /// # Errors
    /// The system's.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
    /// Writes at an offset; perhaps fewer bytes than given.
    ///
    /// # Errors
    /// The system's.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize>;
    /// Cuts or extends with zeros.
    ///
    /// # Errors
    /// The system's.
    fn set_len(&mut self, len: u64) -> io::Result<()>;
    /// Length in bytes.
    ///
    /// # Errors
    /// The system's.
    fn len(&self) -> io::Result<u64>;
    /// Whether it has no bytes.
    ///
    /// # Errors
    /// The system's.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Makes content and length durable (`fdatasync`). The file's name needs [`Disk::sync_dir`] as well.
    ///
    /// # Errors
    /// The system's; afterwards it is unknown what reached the disk, and asking again proves nothing.
    fn sync_data(&mut self) -> io::Result<()>;
}

/// A file system. Clones are handles to the same one.
pub trait Disk: Clone + fmt::Debug {
    /// An open file.
    type File: DiskFile + fmt::Debug;
    /// Holds the writer's lock until dropped.
    type Lock: fmt::Debug;

    /// Opens to read.
    ///
    /// # Errors
    /// The system's.
    fn open_read(&self, path: &Path) -> io::Result<Self::File>;
    /// Opens an existing file to read and write.
    ///
    /// # Errors
    /// The system's.
    fn open_write(&self, path: &Path) -> io::Result<Self::File>;
    /// Creates a file, emptying one of that name.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, path: &Path) -> io::Result<Self::File>;
    /// Creates a directory and its parents, for this user only.
    ///
    /// # Errors
    /// The system's.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// What a directory holds, in any order.
    ///
    /// # Errors
    /// The system's.
    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>>;
    /// Renames over whatever has the new name.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// The system's.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Makes creations, renames and removals in a directory durable.
    ///
    /// # Errors
    /// The system's.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Takes the lock file and writes `holder` into it.
    ///
    /// # Errors
    /// When someone else holds it, or the system's.
    fn lock(&self, path: &Path, holder: &str) -> Result<Self::Lock, LockFailure>;
    /// Space on the file system of `path`.
    ///
    /// # Errors
    /// The system's.
    fn space(&self, path: &Path) -> io::Result<Space>;
}

/// Whether a replaced file must survive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    Synced,
    /// Survives the process, not a power cut, after which it may be torn: for what can be rebuilt.
    Cached,
}

/// A whole file; at most `limit` bytes.
pub(crate) fn read_file<D: Disk>(disk: &D, path: &Path, limit: u64) -> Result<Vec<u8>, JournalError> {
    let fail = |e| JournalError::io("read", path, e);
    let file = disk.open_read(path).map_err(fail)?;
    let len = file.len().map_err(fail)?;
    if len > limit {
        return Err(JournalError::TooLarge { what: "a file", bytes: len, limit });
    }
    let mut out = vec![0u8; len as usize];
    let got = read_full(&file, 0, &mut out).map_err(fail)?;
    out.truncate(got);
    Ok(out)
}

/// Fills `buf` unless the file ends first; how much was read.
pub(crate) fn read_full<F: DiskFile>(file: &F, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        match file.read_at(offset + done as u64, &mut buf[done..]) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

/// Writes all of `bytes`, continuing after short writes.
pub(crate) fn write_full<F: DiskFile>(file: &mut F, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match file.write_at(offset + done as u64, &bytes[done..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Puts a file in place whole: a reader sees the old or the new one.
pub(crate) fn replace_file<D: Disk>(
    disk: &D,
    path: &Path,
    parts: &[&[u8]],
    durability: Durability,
) -> Result<(), JournalError> {
    let tmp = with_suffix(path, ".tmp");
    let fail = |e| JournalError::io("write", path, e);
    let mut file = disk.create(&tmp).map_err(fail)?;
    let mut at = 0;
    for part in parts {
        write_full(&mut file, at, part).map_err(fail)?;
        at += part.len() as u64;
    }
    if durability == Durability::Synced {
        file.sync_data().map_err(fail)?;
    }
    drop(file);
    disk.rename(&tmp, path).map_err(fail)?;
    if durability == Durability::Synced {
        sync_parent(disk, path)?;
    }
    Ok(())
}

/// Writes a file in place, not synced: for what can be made again.
pub(crate) fn write_file<D: Disk>(disk: &D, path: &Path, bytes: &[u8]) -> Result<(), JournalError> {
    let fail = |e| JournalError::io("write", path, e);
    let mut file = disk.create(path).map_err(fail)?;
    write_full(&mut file, 0, bytes).map_err(fail)
}

/// Creates a directory, its parents, and makes the names of both durable.
pub(crate) fn create_dir_synced<D: Disk>(disk: &D, path: &Path) -> Result<(), JournalError> {
    // Two levels at least: an earlier attempt may have created them and stopped before the sync.
    let missing = path.ancestors().skip(1).take_while(|p| disk.list(p).is_err()).count();
    disk.create_dir_all(path).map_err(|e| JournalError::io("create", path, e))?;
    for dir in path.ancestors().skip(1).filter(|p| !p.as_os_str().is_empty()).take(missing.max(1) + 1) {
        disk.sync_dir(dir).map_err(|e| JournalError::io("sync", dir, e))?;
    }
    Ok(())
}

pub(crate) fn sync_parent<D: Disk>(disk: &D, path: &Path) -> Result<(), JournalError> {
    match path.parent() {
        Some(dir) => disk.sync_dir(dir).map_err(|e| JournalError::io("sync", dir, e)),
        None => Ok(()),
    }
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
