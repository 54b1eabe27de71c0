//! Hash tiles on disk in the C2SP tlog-tiles layout: `tile/<L>/<N>[.p/<W>]`, 256 hashes of 32 bytes when full.
//!
//! Tiles repeat what the records say, except for pruned records, where they are all that is left.

use crate::disk::{Disk, Durability, read_file, replace_file, write_file};
use crate::error::JournalError;
use crate::tree::TILE_WIDTH;
use std::path::{Path, PathBuf};
use zero_core::Digest32;

/// Path below the journal directory.
#[must_use]
pub fn tile_path(level: u8, index: u64, width: usize) -> PathBuf {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    let mut path = format!("tile/{level}");
    for (i, g) in groups.iter().enumerate().rev() {
        path.push_str(&if i > 0 { format!("/x{g:03}") } else { format!("/{g:03}") });
    }
    if width < TILE_WIDTH {
        path.push_str(&format!(".p/{width}"));
    }
    PathBuf::from(path)
}

/// Width of tile `index` at `level` in a tree of `size` leaves; 0 when it does not exist.
#[must_use]
pub fn tile_width(level: u8, index: u64, size: u64) -> usize {
    let nodes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    nodes.saturating_sub(index.saturating_mul(TILE_WIDTH as u64)).min(TILE_WIDTH as u64) as usize
}

pub(crate) fn write_tile<D: Disk>(
    disk: &D,
    dir: &Path,
    level: u8,
    index: u64,
    hashes: &[Digest32],
    durability: Durability,
) -> Result<(), JournalError> {
    let path = dir.join(tile_path(level, index, hashes.len()));
    let mut bytes = Vec::with_capacity(hashes.len() * 32);
    for h in hashes {
        bytes.extend_from_slice(&h.0);
    }
    // A tile that need not survive a power cut may as well be seen half written: its length tells.
    let put = || match durability {
        Durability::Synced => replace_file(disk, &path, &[&bytes], durability),
        Durability::Cached => write_file(disk, &path, &bytes),
    };
    let mut result = put();
    if let (Err(e), Some(parent)) = (&result, path.parent())
        && e.is_not_found()
    {
        disk.create_dir_all(parent).map_err(|e| JournalError::io("create", parent, e))?;
        result = put();
    }
    result?;
    if durability == Durability::Synced {
        // Its directories may have been created with a tile that was not synced.
        for up in path.ancestors().skip(2).take_while(|p| p.starts_with(dir)) {
            disk.sync_dir(up).map_err(|e| JournalError::io("sync", up, e))?;
        }
    }
    Ok(())
}

/// The first `width` hashes of a tile from the full or the partial file; `None` when neither is whole.
pub(crate) fn read_tile<D: Disk>(
    disk: &D,
    dir: &Path,
    level: u8,
    index: u64,
    width: usize,
) -> Result<Option<Vec<Digest32>>, JournalError> {
    for w in [TILE_WIDTH, width] {
        match read_file(disk, &dir.join(tile_path(level, index, w)), (TILE_WIDTH * 32) as u64) {
            Ok(bytes) if bytes.len() == w * 32 => {
                return Ok(Some(bytes.chunks_exact(32).take(width).filter_map(digest).collect()));
            }
            Ok(_) => {}
            Err(e) if e.is_not_found() => {}
            Err(JournalError::TooLarge { .. }) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(None)
}

fn digest(bytes: &[u8]) -> Option<Digest32> {
    bytes.first_chunk().map(|c| Digest32(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile_path(0, 1_234_067, 256), PathBuf::from("tile/0/x001/x234/067"));
        assert_eq!(tile_path(3, 5, 17), PathBuf::from("tile/3/005.p/17"));
        assert_eq!(tile_path(1, 0, 256), PathBuf::from("tile/1/000"));
    }

    #[test]
    fn widths_are_those_of_the_specification() {
        assert_eq!(tile_width(0, 273, 70_000), 112);
        assert_eq!(tile_width(1, 1, 70_000), 17);
        assert_eq!(tile_width(2, 0, 70_000), 1);
        assert_eq!(tile_width(0, 272, 70_000), 256);
        assert_eq!(tile_width(0, 274, 70_000), 0);
    }
}
