//! This program's own file: its digest is the code of an epoch. Whoever writes a journal reads the whole file for it and notes
//! the digest in the partition beside what the file system says of the file; whoever only asks takes it from there while that
//! still holds, because reading twenty megabytes takes longer than most answers.

use crate::failure::Failure;
use crate::private::write_private;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use zero_config::Partition;
use zero_core::Digest32;

/// Digest of the file, read whole, and noted where the partition is there.
pub(crate) fn digest(partition: &Partition) -> Result<Digest32, Failure> {
    let path = own_file()?;
    let before = stamp(&path)?;
    let bytes = std::fs::read(&path).map_err(|e| Failure::io("read", &path, &e))?;
    let digest = Digest32::of(&bytes);
    let line = format!("{before} {digest}\n");
    let note = note(partition);
    // Not noting it costs the next question some milliseconds and nothing else.
    if partition.exists()
        && stamp(&path)? == before
        && std::fs::read_to_string(&note).ok().as_ref() != Some(&line)
    {
        let _ = write_private(&note, line.as_bytes());
    }
    Ok(digest)
}

/// The noted digest where the file is the one that it was noted of, else that of the file. Writes nothing.
pub(crate) fn known_digest(partition: &Partition) -> Result<Digest32, Failure> {
    let path = own_file()?;
    let noted = std::fs::read_to_string(note(partition)).ok().filter(|n| n.len() < 1_024);
    let (of, digest) = match noted.as_deref().and_then(|n| n.trim_end().rsplit_once(' ')) {
        Some(both) => both,
        None => return whole(&path),
    };
    match Digest32::parse_hex(digest) {
        Some(digest) if stamp(&path)? == of => Ok(digest),
        _ => whole(&path),
    }
}

fn whole(path: &Path) -> Result<Digest32, Failure> {
    Ok(Digest32::of(&std::fs::read(path).map_err(|e| Failure::io("read", path, &e))?))
}

fn note(partition: &Partition) -> PathBuf {
    partition.dir().join("program")
}

/// What changes whenever the file's bytes do: no program can set the time of change.
fn stamp(path: &Path) -> Result<String, Failure> {
    let m = std::fs::metadata(path).map_err(|e| Failure::io("look at", path, &e))?;
    let (changed, modified) = ((m.ctime(), m.ctime_nsec()), (m.mtime(), m.mtime_nsec()));
    Ok(format!(
        "{} {} {} {}.{:09} {}.{:09}",
        m.dev(),
        m.ino(),
        m.len(),
        changed.0,
        changed.1,
        modified.0,
        modified.1
    ))
}

fn own_file() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|e| {
        let cause = format!("this program cannot find itself: {e}");
        Failure::new("ZERO-CLI-005", cause, "run it by its path")
    })
}
