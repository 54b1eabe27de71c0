//! Every released format must open for ever, and the current one must not change unnoticed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

#[path = "../examples/emit_fixture.rs"]
mod emit_fixture;

use emit_fixture::{ORIGIN, RECORDS, emit, key, options, record};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zero_journal::{Item, Journal, NoteKey, Reader, RealDisk, Trust, VerifyOptions, verify};

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/v{version}"))
}

fn keys() -> Vec<NoteKey> {
    vec![NoteKey { name: ORIGIN.into(), public: key().verifying_key().to_bytes() }]
}

fn files(dir: &Path, below: &Path, out: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(dir.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files(dir, &path, out);
        } else {
            out.insert(path.clone(), std::fs::read(dir.join(&path)).unwrap());
        }
    }
}

fn all_files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    files(dir, Path::new(""), &mut out);
    out
}

/// Records read, and records said to be pruned.
fn read(dir: &Path) -> (u64, u64) {
    let reader = Reader::open(RealDisk, &dir.join("journal")).unwrap();
    let mut records = reader.records(0).unwrap();
    let (mut n, mut pruned) = (0, 0);
    while let Some(item) = records.next().unwrap() {
        match item {
            Item::Record(r) => {
                assert_eq!((r.class, r.keep, r.bytes.to_vec()), record(r.seq));
                n += 1;
            }
            Item::Pruned { first, end } => pruned += end - first,
        }
    }
    (n, pruned)
}

#[test]
fn format_1_is_read_verified_proven_and_continued() {
    let tmp = tempfile::tempdir().unwrap();
    for (path, bytes) in all_files(&fixture(1)) {
        let to = tmp.path().join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    let (dir, keys) = (tmp.path(), keys());
    let (read_first, pruned) = read(dir);
    assert!(read_first + pruned == RECORDS && pruned > 100, "{read_first} {pruned}");
    let second = dir.join("second");
    let check = || {
        let o = VerifyOptions { keys: &keys, second_place: Some(&second) };
        let report = verify(&RealDisk, &dir.join("journal"), o).unwrap();
        assert!(report.ok(), "{report:?}");
        report
    };
    assert_eq!(check().snapshot, Some(801));
    let reader = Reader::open(RealDisk, &dir.join("journal")).unwrap();
    let snapshot = reader.latest_snapshot(Trust::Keys(&keys)).unwrap().unwrap();
    assert_eq!(snapshot.bytes, b"state after 800");
    reader.prove(450, &keys).unwrap();

    let (mut journal, opened) = Journal::open(RealDisk, &dir.join("journal"), options(dir)).unwrap();
    assert_eq!((opened.next_seq, opened.torn), (RECORDS, None));
    let (class, keep, bytes) = record(RECORDS);
    journal.stage(zero_journal::NewRecord { class, keep, bytes: &bytes }).unwrap();
    journal.commit().unwrap();
    journal.close().unwrap();
    assert_eq!(check().next_seq, RECORDS + 1);
    assert_eq!(read(dir), (read_first + 1, pruned));
}

#[test]
fn the_current_format_is_written_byte_for_byte_as_released() {
    assert_eq!(zero_journal::format::FORMAT_VERSION, 1, "a new version needs a fixture of its own");
    let tmp = tempfile::tempdir().unwrap();
    emit(tmp.path()).unwrap();
    let (now, released) = (all_files(tmp.path()), all_files(&fixture(1)));
    assert_eq!(now.keys().collect::<Vec<_>>(), released.keys().collect::<Vec<_>>());
    for (path, bytes) in &now {
        assert_eq!(Some(bytes), released.get(path), "{}", path.display());
    }
}
