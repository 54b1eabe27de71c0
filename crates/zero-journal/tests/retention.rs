//! Retention: what must stay stays, what is gone is said to be gone, and proofs about the rest still work.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;

use common::*;
use std::path::Path;
use zero_core::prng::Prng;
use zero_journal::proof::verify_inclusion_text;
use zero_journal::{
    Checkpoint, Disk as _, Item, Journal, JournalError, OpenCheck, Reader, VerifyOptions, verify,
};

fn dir() -> &'static Path {
    Path::new(DIR)
}

fn small(o: &mut zero_journal::Options) {
    o.segment_bytes = 60_000;
}

/// Seqs read and runs reported as pruned.
fn inventory(disk: &zero_journal::disk::SimDisk, from: u64) -> (Vec<u64>, Vec<(u64, u64)>) {
    let reader = Reader::open(disk.clone(), dir()).unwrap();
    let mut records = reader.records(from).unwrap();
    let (mut seqs, mut runs) = (Vec::new(), Vec::new());
    while let Some(item) = records.next().unwrap() {
        match item {
            Item::Record(r) => {
                assert_eq!((r.class, r.keep, r.bytes.to_vec()), record(r.seq));
                seqs.push(r.seq);
            }
            Item::Pruned { first, end } => runs.push((first, end)),
        }
    }
    (seqs, runs)
}

#[test]
fn only_whole_segments_without_kept_or_cited_records_go() {
    let disk = closed(3000, 10, small);
    let mut o = options(SECOND);
    small(&mut o);
    let (mut journal, _) = Journal::open(disk.clone(), dir(), o).unwrap();
    let before = journal.reader().disk_usage().unwrap();
    let report = journal.prune(2600, &[1200..1201, 1700..1900]).unwrap();
    assert!(report.removed.len() > 5 && report.kept >= 4, "{report:?}");
    assert!(report.removed.iter().all(|r| r.end <= 2600));
    let after = journal.reader().disk_usage().unwrap();
    assert_eq!(before.segments - after.segments, report.bytes);

    let (seqs, runs) = inventory(&disk, 0);
    let gone = |seq: u64| runs.iter().any(|(a, b)| (*a..*b).contains(&seq));
    // Every 500th record is to be kept.
    for seq in (0..3000).filter(|s| s % 500 == 499 || *s == 1200 || (1700..1900).contains(s) || *s >= 2600) {
        assert!(seqs.contains(&seq) && !gone(seq), "{seq}");
    }
    for seq in 0..3000 {
        assert_ne!(seqs.contains(&seq), gone(seq), "{seq} is neither there nor reported as pruned, or both");
    }
    // A read that begins inside a pruned run says so.
    let inside = runs[0].0 + 1;
    let (_, from_inside) = inventory(&disk, inside);
    assert_eq!(from_inside[0], (inside, runs[0].1));
}

#[test]
fn reading_on_from_an_anchor_whose_batch_was_pruned_says_what_is_gone_and_goes_on() {
    let disk = sim();
    let mut o = options(SECOND);
    small(&mut o);
    let (mut journal, _) = Journal::open(disk, dir(), o).unwrap();
    let anchors: Vec<_> = (0..300)
        .map(|_| {
            append(&mut journal, 10, 10).unwrap();
            journal.anchor()
        })
        .collect();
    assert!(journal.prune(2600, &[]).unwrap().removed.len() > 5);
    let (mut inside, end) = (0, journal.anchor());
    for anchor in anchors {
        let mut records = journal.reader().records_after(anchor).unwrap();
        let mut next = anchor.seq;
        while let Some(item) = records.next().unwrap() {
            next = match item {
                Item::Record(r) if r.seq == next => next + 1,
                Item::Pruned { first, end } if first == next => {
                    inside += usize::from(first == anchor.seq);
                    end
                }
                other => panic!("{other:?} at {next}"),
            };
        }
        assert_eq!((next, records.end().unwrap().anchor.chain), (end.seq, end.chain));
    }
    assert!(inside > 50, "{inside} anchors lay in what was pruned");
}

#[test]
fn proofs_survive_pruning_and_the_writer_starts_again() {
    let disk = closed(3000, 10, small);
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    let old = journal.newest_checkpoint().unwrap().clone();
    journal.prune(2600, &[]).unwrap();
    append(&mut journal, 500, 10).unwrap();
    journal.close().unwrap();
    let keys = keys();
    for check in [OpenCheck::Full, OpenCheck::Tail] {
        let mut o = options(SECOND);
        o.check = check;
        let (journal, opened) = Journal::open(disk.clone(), dir(), o).unwrap();
        assert_eq!(opened.next_seq, 3500);
        let proof = journal.prove(2999).unwrap();
        let (seq, _) = verify_inclusion_text(&proof.text, &record(2999).2, &keys).unwrap();
        assert_eq!(seq, 2999);
        assert!(matches!(journal.prove(0), Err(JournalError::Pruned(_))));
        let text = journal.prove_consistency(old.size).unwrap();
        zero_journal::proof::verify_consistency_text(&text, &old, &keys).unwrap();
    }
    let v = VerifyOptions { keys: &keys, second_place: Some(Path::new(SECOND)) };
    let report = verify(&disk, dir(), v).unwrap();
    assert!(report.ok() && !report.pruned.is_empty() && report.root.is_some(), "{report:?}");
}

#[test]
fn an_interrupted_pruning_is_completed_and_nothing_else_goes() {
    for cut in 0..90 {
        let disk = closed(1500, 10, small).fork(Prng::new(cut, 9));
        let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
        disk.cut_power_after(cut);
        let interrupted = journal.prune(1200, &[]).is_err();
        drop(journal);
        disk.reboot();
        let (seqs, runs) = inventory(&disk, 0);
        assert_eq!(seqs.len() as u64 + runs.iter().map(|(a, b)| b - a).sum::<u64>(), 1500, "cut {cut}");
        let (mut journal, opened) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
        assert_eq!(opened.next_seq, 1500);
        journal.prune(1200, &[]).unwrap();
        journal.prune(1200, &[]).unwrap();
        let (_, runs) = inventory(&disk, 0);
        assert!(!runs.is_empty() && runs.iter().all(|(_, end)| *end <= 1200), "cut {cut}, {interrupted}");
        Journal::open(disk.clone(), dir(), options(SECOND)).unwrap_err();
    }
}

#[test]
fn a_deleted_segment_cannot_be_passed_off_as_pruned() {
    let disk = closed(1500, 10, small);
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    journal.prune(600, &[]).unwrap();
    journal.close().unwrap();
    let victim = &segments(&disk, dir())[2];
    let first: u64 = victim.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    disk.remove_file(victim).unwrap();
    // The forger has no key, so the list keeps its old signature.
    disk.tamper(&dir().join("pruned"), |b| {
        let text = String::from_utf8(b.clone()).unwrap();
        let (head, signature) = text.split_once("\n\n").unwrap();
        let line = head.lines().last().unwrap().split_once(' ').unwrap().1.split_once(' ').unwrap().1;
        *b = format!("{head}\n{first} {} {line}\n\n{signature}", first + 150).into_bytes();
    })
    .unwrap();
    let e = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap_err();
    assert!(matches!(e, JournalError::Note { .. }), "{e}");
    let keys = keys();
    assert!(!verify(&disk, dir(), VerifyOptions { keys: &keys, second_place: None }).unwrap().ok());
}

#[test]
fn a_pruned_leaf_altered_in_its_tile_does_not_fit_the_checkpoint() {
    let disk = closed(1500, 10, small);
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    journal.prune(600, &[]).unwrap();
    let size = journal.close().map(|c: Checkpoint| c.size).unwrap();
    disk.tamper(&dir().join("tile/0/000"), |b| b[5] ^= 1).unwrap();
    let e = Journal::open(disk, dir(), options(SECOND)).unwrap_err();
    assert!(matches!(e, JournalError::Rollback { .. }), "{size} {e}");
}
