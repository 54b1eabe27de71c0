//! Whether a journal has grown since somebody looked, without reading it.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Sizes and times of a file, or of the files in a directory, as one number: another one when any of them changed. Zero
/// where there is none.
#[must_use]
pub fn stamp(path: &Path) -> u64 {
    let of = |m: fs::Metadata| -> u64 {
        let changed = m.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        m.len().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ changed.map_or(0, |d| d.as_nanos() as u64)
    };
    if let Some(file) = fs::metadata(path).ok().filter(fs::Metadata::is_file) {
        return of(file);
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|e| e.metadata().ok()).map(of).fold(0, u64::wrapping_add)
}
