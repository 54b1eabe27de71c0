use proptest::prelude::*;
use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use tempfile::TempDir;
use zero_config::RotatingLog;
use zero_config::log::LINE_MAX;

fn dir() -> TempDir {
    let tmp = TempDir::new().unwrap();
    fs::set_permissions(tmp.path(), Permissions::from_mode(0o700)).unwrap();
    tmp
}

/// Oldest file first, joined.
fn all(dir: &Path) -> String {
    let mut names: Vec<(u32, _)> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            (
                name.trim_start_matches("zero.")
                    .trim_end_matches("log")
                    .trim_end_matches('.')
                    .parse()
                    .unwrap_or(0),
                p,
            )
        })
        .collect();
    names.sort();
    names.iter().rev().map(|(_, p)| fs::read_to_string(p).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn rotation_loses_splits_and_reorders_nothing_that_is_kept(
        lens in proptest::collection::vec(0usize..60, 1..80),
        max_bytes in 20u64..200,
        max_files in 1u32..5,
        chunk in 1usize..50,
    ) {
        let tmp = dir();
        let lines: Vec<String> = lens.iter().enumerate().map(|(i, n)| format!("{i}:{}\n", "x".repeat(*n))).collect();
        let text = lines.concat();
        let mut log = RotatingLog::open(tmp.path(), "zero", max_bytes, max_files).unwrap();
        for piece in text.as_bytes().chunks(chunk) {
            log.write_all(piece).unwrap();
        }
        let kept = all(tmp.path());
        prop_assert!(text.ends_with(&kept) && kept.ends_with(lines.last().unwrap()), "{kept:?}");
        let first = kept.lines().next().unwrap();
        prop_assert!(lines.iter().any(|l| l.trim_end() == first), "a split line: {first:?}");
        let files: Vec<_> = fs::read_dir(tmp.path()).unwrap().map(|e| e.unwrap().metadata().unwrap()).collect();
        prop_assert!(files.len() <= max_files as usize);
        let longest = lines.iter().map(String::len).max().unwrap() as u64;
        prop_assert!(files.iter().all(|m| m.len() <= max_bytes.max(longest) && m.mode() & 0o7777 == 0o600));
        // Not merely the last line: as much as the limits allow is kept.
        let total: u64 = files.iter().map(|m| m.len()).sum();
        prop_assert!(total as usize == text.len() || max_files == 1 || total + longest > max_bytes * u64::from(max_files - 1) / 2);
    }
}

#[test]
fn a_reopened_log_continues_and_surplus_files_go() {
    let tmp = dir();
    let write = |max_files, n: u32| {
        let mut log = RotatingLog::open(tmp.path(), "zero", 10, max_files).unwrap();
        for i in 0..n {
            writeln!(log, "line {i}").unwrap();
        }
    };
    write(5, 8);
    assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 5);
    write(2, 1);
    assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 2);
    assert_eq!(all(tmp.path()), "line 7\nline 0\n");
}

#[test]
fn an_endless_line_is_cut_and_a_line_without_its_end_is_kept() {
    let tmp = dir();
    let mut log = RotatingLog::open(tmp.path(), "zero", 1 << 20, 2).unwrap();
    log.write_all(&vec![b'y'; LINE_MAX * 3]).unwrap();
    log.write_all(b"\nlast words").unwrap();
    drop(log);
    let text = all(tmp.path());
    let mut lines = text.lines();
    let cut = lines.next().unwrap();
    assert!(cut.ends_with("y [cut]") && cut.len() < LINE_MAX);
    assert_eq!(lines.next(), Some("last words"));
}

#[test]
fn a_log_is_not_written_through_a_link_or_into_an_open_directory() {
    let tmp = dir();
    let victim = tmp.path().join("victim");
    fs::write(&victim, "").unwrap();
    std::os::unix::fs::symlink(&victim, tmp.path().join("zero.log")).unwrap();
    assert_eq!(RotatingLog::open(tmp.path(), "zero", 100, 2).unwrap_err().code(), "ZERO-CFG-021");
    fs::remove_file(tmp.path().join("zero.log")).unwrap();
    fs::set_permissions(tmp.path(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(RotatingLog::open(tmp.path(), "zero", 100, 2).unwrap_err().code(), "ZERO-CFG-022");
}

#[test]
fn a_rotation_that_fails_keeps_the_line_and_the_bound() {
    let tmp = dir();
    let mut log = RotatingLog::open(tmp.path(), "zero", 64, 2).unwrap();
    // A directory in the way of the rename.
    fs::create_dir_all(tmp.path().join("zero.1.log/full")).unwrap();
    let mut refused = 0;
    for i in 0..40 {
        refused += u32::from(writeln!(log, "line {i}").is_err());
    }
    assert!(log.failed_rotations() > 0 && refused > 0);
    let text = fs::read_to_string(tmp.path().join("zero.log")).unwrap();
    assert!(text.len() > 64 && text.len() <= 128, "{}", text.len());
    assert!(text.starts_with("line 0\nline 1\n"));
}
