//! Files and folders that are the operator's alone.

use crate::failure::Failure;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Makes a folder of mode 0700, with those above it.
pub(crate) fn private_dir(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| Failure::io("make", dir, &e))
}

/// Whole or not at all, mode 0600.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let part: PathBuf = path.with_extension("part");
    let result = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .and_then(|mut f| f.write_all(bytes))
        .and_then(|()| fs::rename(&part, path));
    result.map_err(|e| Failure::io("write", path, &e))
}
