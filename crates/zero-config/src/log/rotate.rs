//! A log file that never grows beyond its share of the disk.

use crate::home::HomeError;
use crate::home::guard::GuardedDir;
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Longest line; what is beyond it is cut, and said so.
pub const LINE_MAX: usize = 16 << 10;

const CUT: &[u8] = b" [cut]\n";

/// Whole lines in `<name>.log`, older ones in `<name>.1.log` and so on, each of mode 0600. Takes at most
/// `max_files * max(max_bytes, one line)`.
#[derive(Debug)]
pub struct RotatingLog {
    dir: GuardedDir,
    name: String,
    max_bytes: u64,
    max_files: u32,
    file: File,
    size: u64,
    line: Vec<u8>,
    cutting: bool,
    failed_rotations: u64,
}

impl RotatingLog {
    /// Opens or continues a log in a directory that only we can reach.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn open(dir: &Path, name: &str, max_bytes: u64, max_files: u32) -> Result<Self, HomeError> {
        let dir = GuardedDir::open(dir)?;
        let file = dir.file_or_create(&file_name(name, 0), OFlags::WRONLY | OFlags::APPEND)?;
        let path = dir.path().join(file_name(name, 0));
        let size = file.metadata().map_err(|source| HomeError::Io { doing: "examine", path, source })?.len();
        let mut log = Self {
            dir,
            name: name.to_owned(),
            max_bytes: max_bytes.max(1),
            max_files: max_files.max(1),
            file,
            size,
            line: Vec::new(),
            cutting: false,
            failed_rotations: 0,
        };
        log.drop_surplus()?;
        Ok(log)
    }

    /// Rotations that the system refused; the lines went to the old file meanwhile.
    #[must_use]
    pub const fn failed_rotations(&self) -> u64 {
        self.failed_rotations
    }

    /// Files of an earlier, larger limit go.
    fn drop_surplus(&mut self) -> Result<(), HomeError> {
        for name in self.dir.names()? {
            let number = name
                .strip_prefix(self.name.as_str())
                .and_then(|r| r.strip_prefix('.'))
                .and_then(|r| r.strip_suffix(".log"))
                .and_then(|n| n.parse::<u32>().ok());
            if number.is_some_and(|n| n >= self.max_files) {
                self.dir.remove(&name)?;
            }
        }
        Ok(())
    }

    fn put(&mut self) -> io::Result<()> {
        let len = self.line.len() as u64;
        if self.size > 0 && self.size + len > self.max_bytes && self.rotate().is_err() {
            self.failed_rotations += 1;
            // The line is kept in the old file, up to twice the limit: the bound holds even where rotation cannot.
            if self.size + len > self.max_bytes.saturating_mul(2) {
                self.line.clear();
                return Err(io::Error::other("the log cannot be rotated and is full"));
            }
        }
        let result = self.file.write_all(&self.line);
        self.size += len;
        self.line.clear();
        result
    }

    /// Moves every file one place up; the last one is replaced.
    fn rotate(&mut self) -> Result<(), HomeError> {
        if self.max_files == 1 {
            let path = self.dir.path().join(file_name(&self.name, 0));
            self.file.set_len(0).map_err(|source| HomeError::Io { doing: "empty", path, source })?;
            self.size = 0;
            return Ok(());
        }
        for n in (0..self.max_files - 1).rev() {
            let (from, to) = (file_name(&self.name, n), file_name(&self.name, n + 1));
            match self.dir.rename(&from, &to) {
                Err(HomeError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
        self.file = self.dir.create(&file_name(&self.name, 0), OFlags::WRONLY | OFlags::APPEND)?;
        self.size = 0;
        Ok(())
    }
}

impl Write for RotatingLog {
    /// Takes everything; lines reach the file whole, so that none is split over two files.
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        for &b in buf {
            if b == b'\n' {
                if self.cutting {
                    self.line.extend_from_slice(CUT);
                } else {
                    self.line.push(b);
                }
                self.cutting = false;
                self.put()?;
            } else if self.line.len() + CUT.len() < LINE_MAX {
                self.line.push(b);
            } else {
                self.cutting = true;
            }
        }
        Ok(buf.len())
    }

    /// A line without its end waits for it; everything else is with the system already.
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for RotatingLog {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.line.push(b'\n');
            // Nobody is left to be told.
            let _ = self.put();
        }
    }
}

fn file_name(name: &str, n: u32) -> String {
    if n == 0 { format!("{name}.log") } else { format!("{name}.{n}.log") }
}
