//! The machine's own disk. Directories are 0700 and files 0600.

use super::{DirEntry, Disk, DiskFile, LockFailure, Space};
use rustix::fs::FlockOperation;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Longest text read from a lock file that someone else holds, in bytes.
const MAX_HOLDER_LEN: u64 = 4096;

/// The machine's own disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

/// The lock, until it is dropped. Its file is left empty: that nobody holds it can be seen without asking the kernel.
#[derive(Debug)]
pub struct RealLock(File);

impl Drop for RealLock {
    fn drop(&mut self) {
        // Where this fails, or the process is killed, a text is left, and the kernel is asked.
        let _ = self.0.set_len(0);
    }
}

impl DiskFile for File {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buf, offset)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        File::sync_data(self)
    }
}

impl Disk for RealDisk {
    type File = File;
    type Lock = RealLock;

    fn open_read(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn open_write(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(path)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut out = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // A file may vanish between the listing and the look at it: a reader beside a live writer.
            let Ok(meta) = entry.metadata() else { continue };
            let Ok(name) = entry.file_name().into_string() else { continue };
            out.push(DirEntry { name, is_dir: meta.is_dir(), len: meta.len() });
        }
        Ok(out)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn lock(&self, path: &Path, holder: &str) -> Result<RealLock, LockFailure> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(LockFailure::Io)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(e) if e == rustix::io::Errno::WOULDBLOCK => {
                let mut text = String::new();
                // Best effort: the refusal stands even if the holder's text cannot be read.
                let _ = file.take(MAX_HOLDER_LEN).read_to_string(&mut text);
                return Err(LockFailure::Held(text.trim().to_owned()));
            }
            Err(e) => return Err(LockFailure::Io(e.into())),
        }
        file.set_len(0).and_then(|()| file.write_all(holder.as_bytes())).map_err(LockFailure::Io)?;
        Ok(RealLock(file))
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let s = rustix::fs::statvfs(path)?;
        Ok(Space {
            free: s.f_bavail.saturating_mul(s.f_frsize),
            total: s.f_blocks.saturating_mul(s.f_frsize),
        })
    }
}
