//! Files and folders that are the operator's alone.

use crate::failure::Failure;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Most symbolic links that are followed.
const LINKS_MAX: u32 = 40;

/// Makes a folder of mode 0700, with those above it.
pub(crate) fn private_dir(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| Failure::io("make", dir, &e))
}

/// The file that a path means: symbolic links are followed, so that they stay, and what is there and is no regular file is
/// refused, for a file put in its place would not be what was there.
pub(crate) fn target(path: &Path) -> Result<PathBuf, Failure> {
    let io = |e: std::io::Error| Failure::io("write", path, &e);
    let mut at = path.to_owned();
    for _ in 0..LINKS_MAX {
        let kind = match fs::symlink_metadata(&at) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(at),
            other => other.map_err(io)?.file_type(),
        };
        if kind.is_file() {
            return Ok(at);
        }
        if !kind.is_symlink() {
            let cause = format!("{} is there and is no regular file", at.display());
            return Err(Failure::new("ZERO-CLI-023", cause, "name a file, or leave --out out and redirect"));
        }
        let to = fs::read_link(&at).map_err(io)?;
        at = at.parent().map_or_else(|| to.clone(), |p| p.join(&to));
    }
    let cause = format!("{} is a chain of more than {LINKS_MAX} symbolic links", path.display());
    Err(Failure::new("ZERO-CLI-023", cause, "name the file itself"))
}

/// Whole or not at all, mode 0600.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = &target(path)?;
    let part: PathBuf = path.with_extension("part");
    // A file that is made anew has the mode that it is given, and is never one that a link leads to.
    let gone = match fs::remove_file(&part) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    };
    let result = gone
        .and_then(|()| fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part))
        .and_then(|mut f| f.write_all(bytes))
        .and_then(|()| fs::rename(&part, path));
    result.map_err(|e| Failure::io("write", path, &e))
}

/// As [`write_private`], and a symbolic link is refused: what is written leaves the machine under the name that was given.
pub(crate) fn write_private_here(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink()) {
        let cause = format!("{} is a symbolic link", path.display());
        return Err(Failure::new("ZERO-CLI-023", cause, "name the file itself"));
    }
    write_private(path, bytes)
}

/// Only a regular file is opened: a pipe would never end, and a folder has nothing to read.
pub(crate) fn regular(path: &Path) -> Result<(), Failure> {
    let found = fs::metadata(path).map_err(|e| Failure::io("read", path, &e))?;
    if found.is_file() {
        return Ok(());
    }
    let cause = format!("{} is not a regular file", path.display());
    Err(Failure::new("ZERO-STR-007", cause, "remove it, or name the file of a strategy"))
}
