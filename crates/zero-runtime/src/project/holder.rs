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

/// The holder of the lock in `dir`, if a live process has it. The process that is named in the lock file is looked at first,
/// then the kernel's list of all locks, for which the kernel waits 5 to 20 ms where it was not read a moment ago; where there
/// is none, that such a process is alive counts. The lock itself is never tried, so a writer that starts at the same moment is
/// not disturbed.
#[must_use]
pub fn holder(dir: &Path) -> Option<Holder> {
    let path = dir.join("LOCK");
    let inode = fs::metadata(&path).ok()?.ino();
    let text: String = fs::read_to_string(&path).ok()?.trim().chars().take(HOLDER_MAX).collect();
    if text.is_empty() {
        return None;
    }
    let held = pid_of(&text).is_some_and(|pid| has_locked(pid, inode))
        || match fs::read_to_string("/proc/locks") {
            Ok(locks) => is_listed(&locks, inode),
            Err(_) => pid_of(&text).is_some_and(is_alive),
        };
    held.then_some(Holder { text })
}

/// Does an open file of this process hold the lock? No, too, where the process is not ours to look at.
fn has_locked(pid: i32, inode: u64) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fdinfo")) else { return false };
    files.flatten().any(|file| {
        let info = fs::read_to_string(file.path()).unwrap_or_default();
        info.lines().filter_map(|l| l.strip_prefix("lock:")).any(|lock| is_listed(lock, inode))
    })
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
        let (path, own) = (dir.path().join("LOCK"), std::process::id() as i32);
        let inode = || fs::metadata(&path).unwrap().ino();
        // Whatever it says of itself: its own number, another process's, one that does not live, none.
        for text in
            [format!("pid {own}, zero run"), "pid 1 zero run".into(), format!("pid {}", i32::MAX), "x".into()]
        {
            let lock = RealDisk.lock(&path, &text).unwrap();
            assert_eq!(holder(dir.path()).unwrap().text, text);
            assert!(RealDisk.lock(&path, "another").is_err(), "looking did not free it");
            assert!(has_locked(own, inode()) && !has_locked(own, inode() + 1));
            drop(lock);
            assert!(!has_locked(own, inode()));
            assert_eq!(holder(dir.path()), None, "the file is still there, its owner is not");
            // What a process leaves that was killed.
            fs::write(&path, &text).unwrap();
            assert_eq!(holder(dir.path()), None, "{text}");
        }
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
