//! How much disk a journal takes and how much is left.

use crate::disk::Disk;
use crate::error::JournalError;
use crate::reader::Reader;
use std::path::Path;

/// Directories below a journal's are few levels deep; deeper ones are not its own.
const MAX_DEPTH: u32 = 8;

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskUsage {
    /// Everything below the journal's directory.
    pub total: u64,
    /// Segments.
    pub segments: u64,
    /// Hash tiles.
    pub tiles: u64,
    /// Snapshots.
    pub snapshots: u64,
    /// Number of files.
    pub files: u64,
    /// Available to this user on the file system.
    pub free: u64,
    /// Size of the file system.
    pub capacity: u64,
}

impl<D: Disk> Reader<D> {
    /// What the journal takes and what is left.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn disk_usage(&self) -> Result<DiskUsage, JournalError> {
        let mut out = DiskUsage::default();
        add(&self.disk, &self.dir, 0, &mut out)?;
        let space = self.disk.space(&self.dir).map_err(|e| JournalError::io("stat", &self.dir, e))?;
        (out.free, out.capacity) = (space.free, space.total);
        Ok(out)
    }
}

fn add<D: Disk>(disk: &D, dir: &Path, depth: u32, out: &mut DiskUsage) -> Result<(), JournalError> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    let entries = match disk.list(dir) {
        Ok(e) => e,
        // Removed by the writer meanwhile.
        Err(e) if depth > 0 && e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(JournalError::io("list", dir, e)),
    };
    for e in entries {
        let path = dir.join(&e.name);
        if e.is_dir {
            add(disk, &path, depth + 1, out)?;
            continue;
        }
        out.total += e.len;
        out.files += 1;
        if e.name.ends_with(".seg") {
            out.segments += e.len;
        } else if e.name.ends_with(".snap") {
            out.snapshots += e.len;
        } else if path.components().any(|c| c.as_os_str() == "tile") {
            out.tiles += e.len;
        }
    }
    Ok(())
}
