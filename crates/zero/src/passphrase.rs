//! A passphrase: typed at the terminal without an echo, or read from a file that nobody else may read. Never from the
//! command line or the environment, which other processes can see.

use crate::failure::Failure;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use zero_config::Secret;

/// Longest text that is read, bytes.
const TEXT_MAX: usize = 2_048;

/// From the file where one is named, else from the terminal; typed twice where it is `new`.
pub(crate) fn read(file: Option<&Path>, new: bool) -> Result<Secret, Failure> {
    if let Some(path) = file {
        return from_file(path);
    }
    let first = from_terminal("Passphrase of the operator key: ")?;
    if new && from_terminal("Once more: ")?.expose() != first.expose() {
        let cause = "the two passphrases differ";
        return Err(Failure::new("ZERO-CFG-048", cause, "type the same one twice"));
    }
    Ok(first)
}

fn from_file(path: &Path) -> Result<Secret, Failure> {
    let mut file = File::open(path).map_err(|e| Failure::io("read", path, &e))?;
    let meta = file.metadata().map_err(|e| Failure::io("read", path, &e))?;
    // A pipe has no other readers.
    let is_own = meta.is_file() && meta.mode() & 0o077 == 0;
    if !is_own && !meta.file_type().is_fifo() {
        let cause = format!("{} can be read by others, or is no file", path.display());
        return Err(Failure::new(
            "ZERO-APR-015",
            cause,
            "give it mode 0600, or pass a pipe such as /dev/fd/3",
        ));
    }
    // Reserved in full: a buffer that grew would leave a copy behind.
    let mut text = Vec::with_capacity(TEXT_MAX + 1);
    (&mut file).take(TEXT_MAX as u64).read_to_end(&mut text).map_err(|e| Failure::io("read", path, &e))?;
    Ok(line_of(text))
}

fn from_terminal(question: &str) -> Result<Secret, Failure> {
    let path = Path::new("/dev/tty");
    let none = || {
        let hint = "type it at a terminal, or name a file of mode 0600 with --passphrase-file";
        Failure::new("ZERO-CFG-047", "there is no terminal to type the passphrase at", hint)
    };
    let mut tty = OpenOptions::new().read(true).write(true).open(path).map_err(|_| none())?;
    let before = tcgetattr(&tty).map_err(|_| none())?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tty.write_all(question.as_bytes()).map_err(|e| Failure::io("write to", path, &e))?;
    tcsetattr(&tty, OptionalActions::Flush, &silent).map_err(|_| none())?;
    let mut text = Vec::with_capacity(TEXT_MAX + 1);
    let typed = BufReader::new((&tty).take(TEXT_MAX as u64)).read_until(b'\n', &mut text);
    tcsetattr(&tty, OptionalActions::Flush, &before).map_err(|_| none())?;
    tty.write_all(b"\n").map_err(|e| Failure::io("write to", path, &e))?;
    typed.map_err(|e| Failure::io("read", path, &e))?;
    Ok(line_of(text))
}

/// Without the line's end, which is no part of it.
fn line_of(mut text: Vec<u8>) -> Secret {
    for end in [b'\n', b'\r'] {
        if text.last() == Some(&end) {
            text.pop();
        }
    }
    Secret::new(text)
}
