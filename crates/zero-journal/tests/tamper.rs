//! What a forger may try. Where a mended checksum or a rebuilt chain would hide the change, only the signed
//! checkpoint is left to show it, and it must.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;

use common::*;
use std::path::Path;
use zero_core::prng::Prng;
use zero_journal::campaign::flip_campaign;
use zero_journal::disk::SimDisk;
use zero_journal::format::{BATCH_HEADER_LEN, BatchHeader, SEGMENT_HEADER_LEN};
use zero_journal::{Disk as _, Journal, JournalError, NewRecord, OpenCheck, VerifyOptions, verify};

fn dir() -> &'static Path {
    Path::new(DIR)
}

/// Both the writer and the verifier refuse it; the writer's reason.
fn refused(disk: &SimDisk, what: &str) -> JournalError {
    let keys = keys();
    let options_v = VerifyOptions { keys: &keys, second_place: Some(Path::new(SECOND)) };
    let report = verify(disk, dir(), options_v).unwrap();
    assert!(!report.ok(), "verification passed: {what}: {report:?}");
    for check in [OpenCheck::Tail, OpenCheck::Full] {
        let mut o = options(SECOND);
        o.check = check;
        match Journal::open(disk.clone(), dir(), o) {
            Err(e) if check == OpenCheck::Full => return e,
            Ok(_) if check == OpenCheck::Full => panic!("the writer started: {what}"),
            _ => {}
        }
    }
    unreachable!()
}

fn frames(segment: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = &segment[SEGMENT_HEADER_LEN..];
    while let Some(h) = BatchHeader::decode(rest) {
        out.push(rest[..h.frame_len()].to_vec());
        rest = &rest[h.frame_len()..];
    }
    assert!(rest.is_empty());
    out
}

fn with_frames(disk: &SimDisk, path: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    disk.tamper(path, |b| {
        let mut f = frames(b);
        change(&mut f);
        b.truncate(SEGMENT_HEADER_LEN);
        b.extend(f.into_iter().flatten());
    })
    .unwrap();
}

#[test]
fn an_untouched_journal_verifies() {
    let disk = closed(300, 5, |o| o.segment_bytes = 40_000);
    let keys = keys();
    let report =
        verify(&disk, dir(), VerifyOptions { keys: &keys, second_place: Some(Path::new(SECOND)) }).unwrap();
    assert!(
        report.ok() && report.records == 300 && report.facts == 200 && report.signatures_checked,
        "{report:?}"
    );
    assert_eq!(report.checkpoints.len(), 2);
}

#[test]
fn every_bit_flip_is_seen_by_its_batch_and_the_next_link() {
    let disk = closed(1000, 8, |o| o.segment_bytes = 100_000);
    let stride = if std::env::var_os("ZERO_FULL_CAMPAIGNS").is_some() { 1 } else { 97 };
    let report = flip_campaign(&disk, dir(), stride, 3).unwrap();
    assert!(report.flips * stride > 3_000_000, "{report:?}");
    assert_eq!((report.undetected, report.undetected_forged), (0, 0), "{report:?}");
    println!("{report:?}");
}

#[test]
fn flips_anywhere_stop_the_writer() {
    let disk = closed(40, 5, |o| o.segment_bytes = 9_000);
    let mut prng = Prng::new(11, 0);
    for path in segments(&disk, dir()) {
        for _ in 0..60 {
            let fork = disk.fork(Prng::new(1, 1));
            fork.tamper(&path, |b| {
                let at = prng.below(b.len() as u64) as usize;
                b[at] ^= 1 << prng.below(8);
            })
            .unwrap();
            refused(&fork, "a flip");
        }
    }
}

#[test]
fn deleted_swapped_repeated_and_cut_batches_are_seen() {
    let disk = closed(200, 5, |o| o.segment_bytes = 40_000);
    let paths = segments(&disk, dir());
    let last = paths.last().unwrap();
    type Change = fn(&mut Vec<Vec<u8>>);
    let changes: [(&str, Change); 5] = [
        ("delete the first", |f| drop(f.remove(0))),
        ("delete one inside", |f| drop(f.remove(2))),
        ("swap", |f| f.swap(1, 2)),
        ("repeat", |f| f.insert(2, f[1].clone())),
        ("cut the last", |f| drop(f.pop())),
    ];
    for (what, change) in changes {
        for path in [&paths[0], last] {
            let fork = disk.fork(Prng::new(1, 1));
            with_frames(&fork, path, change);
            refused(&fork, what);
        }
    }
}

#[test]
fn deleted_swapped_and_foreign_segments_are_seen() {
    let disk = closed(300, 5, |o| o.segment_bytes = 30_000);
    let paths = segments(&disk, dir());
    for path in &paths {
        let fork = disk.fork(Prng::new(1, 1));
        fork.remove_file(path).unwrap();
        refused(&fork, "a deleted segment");
    }
    let fork = disk.fork(Prng::new(1, 1));
    let spare = dir().join("spare");
    fork.rename(&paths[1], &spare).unwrap();
    fork.rename(&paths[2], &paths[1]).unwrap();
    fork.rename(&spare, &paths[2]).unwrap();
    refused(&fork, "swapped segments");
    // A segment of another log with the same numbers.
    let other = closed(300, 5, |o| {
        o.segment_bytes = 30_000;
        o.origin = "zero.local/other".into();
    });
    let mut foreign = Vec::new();
    other.tamper(&segments(&other, dir())[0], |b| foreign.clone_from(b)).unwrap();
    let fork = disk.fork(Prng::new(1, 1));
    fork.tamper(&paths[0], |b| *b = foreign).unwrap();
    refused(&fork, "a segment of another log");
}

/// The whole journal written again with one change, by someone with the program but without the key.
fn rewritten(change: impl Fn(u64, &mut NewRecord<'_>), records: u64) -> SimDisk {
    let disk = sim();
    let mut o = options(SECOND);
    o.checkpoint_every = 0;
    let (mut journal, _) = Journal::open(disk.clone(), dir(), o).unwrap();
    for batch in 0..records / 5 {
        for seq in batch * 5..batch * 5 + 5 {
            let (class, keep, bytes) = record(seq);
            let mut r = NewRecord { class, keep, bytes: &bytes };
            change(seq, &mut r);
            journal.stage(r).unwrap();
        }
        journal.commit().unwrap();
    }
    disk
}

/// Puts the checkpoints of the true journal beside the forged records.
fn with_true_checkpoints(forged: &SimDisk, truth: &SimDisk) {
    for path in [dir().join("checkpoint"), Path::new(SECOND).join("checkpoint")] {
        let mut note = Vec::new();
        truth.tamper(&path, |b| note.clone_from(b)).unwrap();
        forged.tamper(&path, |b| *b = note).unwrap();
    }
}

#[test]
fn a_rebuilt_history_does_not_fit_the_signed_checkpoint() {
    let truth = closed(100, 5, |_| {});
    let forgeries = [
        (
            "other bytes",
            rewritten(
                |seq, r| {
                    if seq == 50 {
                        r.bytes = b"forged";
                    }
                },
                100,
            ),
        ),
        (
            "a fact made a trace",
            rewritten(
                |seq, r| {
                    if seq == 51 {
                        r.class = zero_journal::Class::Trace;
                    }
                },
                100,
            ),
        ),
        ("a kept record released", rewritten(|seq, r| r.keep |= seq == 52, 100)),
        ("an older copy", rewritten(|_, _| {}, 80)),
        ("an emptied journal", rewritten(|_, _| {}, 0)),
    ];
    for (what, forged) in forgeries {
        with_true_checkpoints(&forged, &truth);
        let e = refused(&forged, what);
        assert!(matches!(e, JournalError::Rollback { .. }), "{what}: {e}");
    }
    let same = rewritten(|_, _| {}, 100);
    with_true_checkpoints(&same, &truth);
    Journal::open(same, dir(), options(SECOND)).unwrap();
}

#[test]
fn a_whole_directory_rolled_back_is_seen_by_the_second_place() {
    let old = closed(100, 5, |_| {});
    let new = old.fork(Prng::new(1, 1));
    let (mut journal, _) = Journal::open(new.clone(), dir(), options(SECOND)).unwrap();
    append(&mut journal, 50, 5).unwrap();
    journal.close().unwrap();
    let mut note = Vec::new();
    new.tamper(&Path::new(SECOND).join("checkpoint"), |b| note.clone_from(b)).unwrap();
    old.tamper(&Path::new(SECOND).join("checkpoint"), |b| *b = note).unwrap();
    let e = refused(&old, "rollback");
    assert!(matches!(e, JournalError::Rollback { size: 150, .. }), "{e}");
}

#[test]
fn a_second_place_that_is_gone_or_altered_stops_the_writer() {
    let disk = closed(20, 5, |_| {});
    let copy = Path::new(SECOND).join("checkpoint");
    let gone = disk.fork(Prng::new(1, 1));
    gone.remove_file(&copy).unwrap();
    assert!(matches!(refused(&gone, "gone"), JournalError::SecondPlace { .. }));
    let altered = disk.fork(Prng::new(1, 1));
    altered.tamper(&copy, |b| b[30] ^= 1).unwrap();
    assert!(matches!(refused(&altered, "altered"), JournalError::SecondPlace { .. }));
}

#[test]
fn a_record_cannot_be_grafted_from_another_batch() {
    // The chain alone must show it: checksums are mended by the forger.
    let disk = closed(40, 2, |_| {});
    let path = &segments(&disk, dir())[0];
    with_frames(&disk, path, |f| {
        let body = f[3][BATCH_HEADER_LEN..].to_vec();
        let mut forged = f[7][..BATCH_HEADER_LEN].to_vec();
        forged.extend_from_slice(&body);
        let len = body.len() as u32;
        forged[4..8].copy_from_slice(&len.to_le_bytes());
        let crc = crc32c::crc32c_append(crc32c::crc32c(&forged[0..8]), &forged[12..]);
        forged[8..12].copy_from_slice(&crc.to_le_bytes());
        f[7] = forged;
    });
    let e = refused(&disk, "grafted");
    assert!(matches!(&e, JournalError::Damaged(d) if d.seq == 16 && d.reason.contains("chain")), "{e}");
}
