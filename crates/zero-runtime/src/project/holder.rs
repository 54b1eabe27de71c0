//! Who writes a journal now: found without touching its lock.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Longest text that a holder leaves about itself.
const HOLDER_MAX: usize = 4_096;

/// The process that holds a journal's lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What it wrote about itself.
    pub text: String,
}

/// The holder of the lock in `dir`, if a live process has it. The kernel's own list of locks is asked; where there is
/// none, a process with the number in the lock file counts. The lock itself is never tried, so a writer that starts at
/// the same moment is not disturbed.
#[must_use]
pub fn holder(dir: &Path) -> Option<Holder> {
    let path = dir.join("LOCK");
    let inode = fs::metadata(&path).ok()?.ino();
    let text: String = fs::read_to_string(&path).ok()?.trim().chars().take(HOLDER_MAX).collect();
    let held = match fs::read_to_string("/proc/locks") {
        Ok(locks) => is_listed(&locks, inode),
        Err(_) => pid_of(&text).is_some_and(is_alive),
    };
    held.then_some(Holder { text })
}

/// Is an exclusive `flock` on this inode in the kernel's list?
fn is_listed(locks: &str, inode: u64) -> bool {
    let suffix = format!(":{inode}");
    locks.lines().any(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        words.next() == Some("FLOCK")
            && words.nth(1) == Some("WRITE")
            && words.nth(1).is_some_and(|file| file.ends_with(&suffix))
    })
}

fn pid_of(text: &str) -> Option<i32> {
    text.split(|c: char| !c.is_ascii_digit()).find(|w| !w.is_empty())?.parse().ok()
}

fn is_alive(pid: i32) -> bool {
    rustix::process::Pid::from_raw(pid).is_some_and(|p| rustix::process::test_kill_process(p).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zero_journal::{Disk as _, RealDisk};

    #[test]
    fn a_lock_that_is_held_is_seen_and_one_that_was_left_behind_is_not() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(holder(dir.path()), None, "no lock file");
        let lock = RealDisk.lock(&dir.path().join("LOCK"), "pid 1 zero run").unwrap();
        assert_eq!(holder(dir.path()).unwrap().text, "pid 1 zero run");
        assert!(RealDisk.lock(&dir.path().join("LOCK"), "another").is_err(), "looking did not free it");
        drop(lock);
        assert_eq!(holder(dir.path()), None, "the file is still there, its owner is not");
    }

    #[test]
    fn only_an_exclusive_flock_on_that_very_inode_counts() {
        let list = "1: FLOCK  ADVISORY  WRITE 7 fe:00:42 0 EOF\n2: FLOCK  ADVISORY  READ 7 fe:00:43 0 EOF\n\
                    3: POSIX  ADVISORY  WRITE 7 fe:00:44 0 EOF\n4: -> FLOCK  ADVISORY  WRITE 7 fe:00:45 0 EOF\n";
        assert!(is_listed(list, 42));
        assert!(!is_listed(list, 2) && !is_listed(list, 43) && !is_listed(list, 44));
        assert!(!is_listed(list, 45), "one that waits holds nothing");
    }
}
