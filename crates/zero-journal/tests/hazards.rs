//! One test per hazard of a log on disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;

use common::*;
use std::path::Path;
use zero_core::prng::Prng;
use zero_journal::disk::{CountingDisk, SimDisk, SimFaults};
use zero_journal::{
    Anchor, Class, Item, Journal, JournalError, NewRecord, OpenCheck, Position, Reader, RealDisk, Trust,
    VerifyOptions, verify,
};

fn dir() -> &'static Path {
    Path::new(DIR)
}

#[test]
fn a_commit_is_one_write_and_one_sync_and_a_new_name_is_synced() {
    let disk = CountingDisk::new(sim());
    let mut o = options(SECOND);
    o.checkpoint_every = 0;
    o.segment_bytes = 20_000;
    o.ahead_bytes = 0;
    let (mut journal, opened) = Journal::open(disk.clone(), dir(), o).unwrap();
    assert!(opened.created);
    let ops = disk.take();
    assert!(ops.created.iter().any(|p| p.ends_with("00000000000000000000.seg")));
    assert!(ops.dir_syncs.iter().any(|p| p == dir()), "the first segment's name is synced");
    assert!(ops.dir_syncs.iter().any(|p| p == Path::new("/data")), "the directory's own name is synced");
    for _ in 0..40 {
        append(&mut journal, 4, 4).unwrap();
        let ops = disk.take();
        if ops.created.is_empty() {
            assert_eq!((ops.segment_writes, ops.segment_syncs, ops.dir_syncs.len()), (1, 1, 0));
        } else {
            assert_eq!((ops.segment_writes, ops.segment_syncs), (2, 2), "header and batch of a new segment");
            assert_eq!(ops.dir_syncs, [dir()], "the name of a new segment is synced");
        }
    }
    assert!(segments(&disk, dir()).len() > 3);
}

#[test]
fn zeros_written_ahead_cost_one_more_write_when_the_file_grows_and_none_between() {
    let disk = CountingDisk::new(sim());
    let mut o = options(SECOND);
    o.checkpoint_every = 0;
    o.ahead_bytes = 4_000;
    let (mut journal, _) = Journal::open(disk.clone(), dir(), o).unwrap();
    let path = segments(&disk, dir())[0].clone();
    let (mut grown, mut len) = (0, 0);
    let _ = disk.take();
    for _ in 0..40 {
        append(&mut journal, 4, 4).unwrap();
        let (ops, now) = (disk.take(), file_len(&disk, &path));
        grown += usize::from(now > len);
        assert_eq!((ops.segment_writes, ops.segment_syncs), (1 + u64::from(now > len), 1));
        len = now;
    }
    assert!((2..20).contains(&grown), "{grown}");
    journal.close().unwrap();
    assert!(file_len(&disk, &path) < len, "a journal that is closed ends with its last batch");
}

#[test]
fn zeros_written_ahead_are_no_torn_end_and_hide_none() {
    let disk = sim();
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    append(&mut journal, 35, 5).unwrap();
    drop(journal);
    let path = &segments(&disk, dir())[0];
    let report = verify(&disk, dir(), VerifyOptions::default()).unwrap();
    assert!(report.ok() && report.torn.is_none());
    let mut written = 0;
    disk.tamper(path, |b| {
        written = b.iter().rposition(|x| *x != 0).unwrap() + 1;
        assert!(b.len() > written + 100_000, "zeros behind the batches");
        b[written - 40..written - 20].fill(0);
    })
    .unwrap();
    assert_eq!(read_back(&Reader::open(disk.clone(), dir()).unwrap(), 0).unwrap(), 30);
    let (mut journal, opened) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    let torn = opened.torn.unwrap();
    assert_eq!((opened.next_seq, torn.first_seq, torn.offset + torn.bytes), (30, 30, written as u64));
    append(&mut journal, 5, 5).unwrap();
    drop(journal);
    let (_, opened) = Journal::open(disk, dir(), options(SECOND)).unwrap();
    assert_eq!((opened.next_seq, opened.torn), (35, None));
}

#[test]
fn a_failed_sync_poisons_and_is_never_asked_again() {
    let sim = sim();
    let disk = CountingDisk::new(sim.clone());
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    append(&mut journal, 3, 3).unwrap();
    sim.set_faults(SimFaults { sync_error: 1_000_000, ..SimFaults::default() });
    assert!(append(&mut journal, 1, 1).is_err());
    sim.set_faults(SimFaults::default());
    let _ = disk.take();
    for _ in 0..3 {
        assert!(matches!(journal.commit(), Err(JournalError::Poisoned { .. })));
        assert!(matches!(append(&mut journal, 1, 1), Err(JournalError::Poisoned { .. })));
        assert!(matches!(journal.checkpoint(), Err(JournalError::Poisoned { .. })));
    }
    let ops = disk.take();
    assert_eq!((ops.segment_writes, ops.segment_syncs, ops.other_syncs), (0, 0, 0));
    assert_eq!(journal.next_seq(), 3);
}

#[test]
fn a_batch_that_a_failed_sync_left_in_the_page_cache_is_made_durable_before_it_is_built_upon() {
    // fsyncgate: after the failed sync the pages are clean, so a later sync of the same file would write nothing.
    for seed in 0..200 {
        let sim = SimDisk::new(Prng::new(seed, 0));
        let (mut journal, _) = Journal::open(sim.clone(), dir(), options(SECOND)).unwrap();
        append(&mut journal, 3, 3).unwrap();
        sim.set_faults(SimFaults { sync_error: 1_000_000, ..SimFaults::default() });
        assert!(append(&mut journal, 2, 2).is_err());
        drop(journal);
        sim.set_faults(SimFaults::default());
        let (mut journal, opened) = Journal::open(sim.clone(), dir(), options(SECOND)).unwrap();
        assert_eq!(opened.next_seq, 5, "the page cache shows the batch");
        append(&mut journal, 2, 2).unwrap();
        drop(journal);
        sim.reboot();
        let (_, opened) = Journal::open(sim.clone(), dir(), options(SECOND)).unwrap();
        assert_eq!(opened.next_seq, 7, "seed {seed}");
    }
}

#[test]
fn short_writes_are_continued() {
    let sim = sim();
    let (mut journal, _) = Journal::open(sim.clone(), dir(), options(SECOND)).unwrap();
    sim.set_faults(SimFaults { short_write: 1_000_000, ..SimFaults::default() });
    append(&mut journal, 20, 5).unwrap();
    assert_eq!(read_back(&journal.reader(), 0).unwrap(), 20);
}

#[test]
fn a_second_writer_is_refused_and_told_who_holds_the_lock() {
    let tmp = tempfile::tempdir().unwrap();
    let (j, s) = (tmp.path().join("journal"), tmp.path().join("second"));
    let (journal, _) = Journal::open(RealDisk, &j, options(&s)).unwrap();
    match Journal::open(RealDisk, &j, options(&s)) {
        Err(e @ JournalError::Locked { .. }) => {
            let text = e.to_string();
            assert!(
                text.contains(&format!("pid {}", std::process::id())) && text.contains("started at"),
                "{text}"
            );
        }
        other => panic!("{other:?}"),
    }
    drop(journal);
    Journal::open(RealDisk, &j, options(&s)).unwrap();
}

#[test]
fn only_this_user_can_look_into_a_journal() {
    use std::os::unix::fs::PermissionsExt as _;
    let tmp = tempfile::tempdir().unwrap();
    let (j, s) = (tmp.path().join("journal"), tmp.path().join("second"));
    Journal::open(RealDisk, &j, options(&s)).unwrap().0.close().unwrap();
    let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&j), mode(&s)), (0o700, 0o700));
    for path in [j.join("LOCK"), j.join("00000000000000000000.seg"), s.join("checkpoint")] {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_torn_tail_is_cut_and_reported_and_a_reader_never_cuts_it() {
    let disk = closed(30, 5, |_| {});
    let mut o = options(SECOND);
    o.ahead_bytes = 0;
    let (mut journal, _) = Journal::open(disk.clone(), dir(), o).unwrap();
    append(&mut journal, 5, 5).unwrap();
    drop(journal);
    let path = &segments(&disk, dir())[0];
    disk.tamper(path, |b| b.truncate(b.len() - 100)).unwrap();
    let before = file_len(&disk, path);
    let reader = Reader::open(disk.clone(), dir()).unwrap();
    assert_eq!(read_back(&reader, 0).unwrap(), 30);
    let report = verify(&disk, dir(), VerifyOptions::default()).unwrap();
    assert!(report.ok() && report.torn.is_some());
    assert_eq!(file_len(&disk, path), before);
    let (_, opened) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    let torn = opened.torn.unwrap();
    assert_eq!((opened.next_seq, torn.first_seq, torn.offset + torn.bytes), (30, 30, before));
    assert_eq!(file_len(&disk, path), torn.offset);
}

fn file_len<D: zero_journal::Disk>(disk: &D, path: &Path) -> u64 {
    zero_journal::disk::DiskFile::len(&disk.open_read(path).unwrap()).unwrap()
}

#[test]
fn damage_to_acknowledged_history_refuses_to_run_and_names_the_record() {
    let disk = closed(60, 5, |o| o.segment_bytes = 12_000);
    let paths = segments(&disk, dir());
    assert!(paths.len() > 2);
    for (path, seq_at_least) in [(&paths[0], 0), (&paths[1], 1)] {
        let fork = disk.fork(Prng::new(1, 1));
        fork.tamper(path, |b| b[700] ^= 4).unwrap();
        match Journal::open(fork.clone(), dir(), options(SECOND)) {
            Err(JournalError::Damaged(d)) => {
                assert_eq!((&d.segment, d.offset), (path, 512));
                assert!(d.seq >= seq_at_least);
            }
            other => panic!("{other:?}"),
        }
        assert!(read_back(&Reader::open(fork.clone(), dir()).unwrap(), 0).is_err());
        assert!(!verify(&fork, dir(), VerifyOptions::default()).unwrap().ok());
    }
}

#[test]
fn a_hole_that_a_later_batch_proves_acknowledged_is_never_cut_off() {
    // No checkpoint covers these records; `prev_durable` of the batches behind the hole is all there is.
    for (at, seq) in [(600, 0), (5_000, 10), (9_000, 15)] {
        let disk = sim();
        let mut o = options(SECOND);
        o.checkpoint_every = 0;
        let (mut journal, _) = Journal::open(disk.clone(), dir(), o).unwrap();
        append(&mut journal, 40, 5).unwrap();
        drop(journal);
        let path = &segments(&disk, dir())[0];
        let before = file_len(&disk, path);
        disk.tamper(path, |b| b[at..at + 50].fill(0)).unwrap();
        let e = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap_err();
        assert!(matches!(&e, JournalError::Damaged(d) if d.seq == seq), "{e}");
        assert!(read_back(&Reader::open(disk.clone(), dir()).unwrap(), 0).is_err());
        assert_eq!(file_len(&disk, path), before, "nothing was cut");
    }
}

#[test]
fn damage_in_the_last_batch_is_not_a_torn_tail_when_a_checkpoint_covers_it() {
    let disk = closed(30, 5, |_| {});
    let path = &segments(&disk, dir())[0];
    disk.tamper(path, |b| {
        let at = b.len() - 10;
        b[at] ^= 1;
    })
    .unwrap();
    for check in [OpenCheck::Full, OpenCheck::Tail] {
        let mut o = options(SECOND);
        o.check = check;
        let e = Journal::open(disk.clone(), dir(), o).unwrap_err();
        assert!(matches!(&e, JournalError::Damaged(d) if d.seq == 25), "{e}");
    }
}

#[test]
fn a_torn_header_after_a_roll_does_not_lose_the_chain() {
    // The crash campaign found this one: a start at the torn segment had no chain hash to go on from.
    for check in [OpenCheck::Full, OpenCheck::Tail] {
        let disk = closed(40, 5, |o| o.segment_bytes = 12_000);
        let torn = dir().join(format!("{:020}.seg", 40));
        zero_journal::disk::DiskFile::write_at(
            &mut zero_journal::Disk::create(&disk, &torn).unwrap(),
            0,
            b"ZEROJ",
        )
        .unwrap();
        let mut o = options(SECOND);
        o.check = check;
        let (mut journal, opened) = Journal::open(disk.clone(), dir(), o).unwrap();
        assert_eq!((opened.next_seq, opened.torn.is_some()), (40, true));
        append(&mut journal, 5, 5).unwrap();
        journal.close().unwrap();
        assert_eq!(read_back(&Reader::open(disk, dir()).unwrap(), 0).unwrap(), 45);
    }
}

#[test]
fn a_reader_beside_a_live_writer_sees_whole_batches_only() {
    let disk = sim();
    let (mut journal, _) = Journal::open(disk, dir(), options(SECOND)).unwrap();
    append(&mut journal, 10, 5).unwrap();
    let reader = journal.reader();
    let mut records = reader.records(0).unwrap();
    while records.next().unwrap().is_some() {}
    let end = records.end().unwrap();
    assert_eq!((end.anchor, end.torn), (journal.anchor(), None));
    append(&mut journal, 5, 5).unwrap();
    let mut more = reader.records_after(end.anchor).unwrap();
    let mut seqs = Vec::new();
    while let Some(Item::Record(r)) = more.next().unwrap() {
        seqs.push(r.seq);
    }
    assert_eq!(seqs, [10, 11, 12, 13, 14]);
}

#[test]
fn traces_can_be_skipped_and_any_seq_can_be_the_first() {
    let disk = closed(100, 7, |o| o.segment_bytes = 9_000);
    let reader = Reader::open(disk, dir()).unwrap();
    for from in [0, 1, 6, 7, 50, 104, 105, 106] {
        assert_eq!(read_back(&reader, from).unwrap(), 105u64.saturating_sub(from), "{from}");
    }
    let mut facts = reader.records(0).unwrap().facts_only();
    let mut n = 0;
    while let Some(Item::Record(r)) = facts.next().unwrap() {
        assert_eq!(r.class, Class::Fact);
        n += 1;
    }
    assert_eq!(n, 70);
}

#[test]
fn a_snapshot_that_does_not_match_is_ignored_and_two_are_kept() {
    let disk = sim();
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    for i in 0..4u8 {
        append(&mut journal, 5, 5).unwrap();
        journal.write_snapshot(journal.next_seq(), &[i; 100]).unwrap();
    }
    assert!(journal.write_snapshot(3, b"old").is_err());
    let (newest, older) = (journal.latest_snapshot().unwrap().unwrap(), 15);
    assert_eq!((newest.anchor, newest.bytes), (journal.anchor(), vec![3; 100]));
    let snap = |seq: u64| dir().join(format!("snapshot/{seq:020}.snap"));
    assert_eq!(zero_journal::Disk::list(&disk, &dir().join("snapshot")).unwrap().len(), 2);
    disk.tamper(&snap(20), |b| *b.last_mut().unwrap() ^= 1).unwrap();
    assert_eq!(journal.latest_snapshot().unwrap().unwrap().anchor.seq, older);
    // The state of another history under the right name, signed by the right key.
    let (other, other_dir) = (sim(), Path::new(DIR));
    let (mut o, _) = Journal::open(other.clone(), other_dir, options(SECOND)).unwrap();
    // Batches of the same sizes at the same places: only the chain hash can tell.
    let mut first = record(0).2;
    first[20] ^= 1;
    o.stage(NewRecord { class: Class::Fact, keep: false, bytes: &first }).unwrap();
    for seq in 1..5 {
        let (class, keep, bytes) = record(seq);
        o.stage(NewRecord { class, keep, bytes: &bytes }).unwrap();
    }
    o.commit().unwrap();
    append(&mut o, 10, 5).unwrap();
    o.write_snapshot(15, b"another state").unwrap();
    let mut foreign = Vec::new();
    other.tamper(&snap(15), |b| foreign.clone_from(b)).unwrap();
    disk.tamper(&snap(15), |b| *b = foreign).unwrap();
    assert_eq!(journal.latest_snapshot().unwrap(), None);
    assert_eq!(journal.reader().latest_snapshot(Trust::Unsigned).unwrap(), None);
}

#[test]
fn reading_on_from_an_anchor_whose_batch_is_gone_is_refused() {
    let of = |batch| {
        let disk = sim();
        let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
        append(&mut journal, 30, batch).unwrap();
        (journal.anchor(), Reader::open(disk, dir()).unwrap())
    };
    let ((at, own), (_, other)) = (of(6), of(5));
    assert!(own.records_after(at).unwrap().next().unwrap().is_none(), "it ends there");
    let e = other.records_after(at).expect_err("another batch lies there");
    assert!(e.to_string().contains("the batch before the anchor is gone"), "{e}");
    let first = Anchor { last_batch: at.last_batch.map(|p| Position { offset: 512, ..p }), ..at };
    let e = own.records_after(first).expect_err("the first batch does not end there");
    assert!(e.to_string().contains("the batch before the anchor is gone"), "{e}");
}

#[test]
fn damage_to_what_lies_beside_a_state_is_told_and_costs_nothing_else() {
    let disk = sim();
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    append(&mut journal, 5, 5).unwrap();
    let (state, beside) = (vec![1u8; 300], vec![2u8; 500]);
    journal.write_snapshot_with(5, &state, &beside).unwrap();
    let file = dir().join(format!("snapshot/{:020}.snap", 5));
    let reader = journal.reader();
    let keys = journal.options().keys();
    let found = || reader.find_snapshot(Trust::Keys(&keys), |s, b| Some((s.bytes, b.read()))).unwrap();
    assert_eq!(found(), Some((state.clone(), Some(beside.clone()))));
    let mut whole = Vec::new();
    disk.tamper(&file, |b| whole.clone_from(b)).unwrap();
    let note = whole.len() - state.len() - beside.len();
    // Every byte that matters, and every length that a torn write could leave.
    for at in 0..whole.len() {
        disk.tamper(&file, |b| b[at] ^= 1).unwrap();
        match found() {
            None => assert!(at < note + state.len(), "{at}: the state is whole"),
            Some(left) => {
                assert!(at >= note + state.len(), "{at}: what the note does not say is believed");
                assert_eq!(left, (state.clone(), None), "{at}");
            }
        }
        disk.tamper(&file, |b| b[at] ^= 1).unwrap();
        disk.tamper(&file, |b| b.truncate(at)).unwrap();
        let left = (at >= note + state.len()).then(|| (state.clone(), None));
        assert_eq!(found(), left, "cut at {at}");
        disk.tamper(&file, |b| b.clone_from(&whole)).unwrap();
    }
    disk.tamper(&file, |b| b.push(0)).unwrap();
    assert_eq!(found(), Some((state.clone(), None)), "more than the note names");
    // Without anything beside it, the whole rest is the state, as in journals written before there was such a thing.
    journal.write_snapshot(5, &state).unwrap();
    assert_eq!(found(), Some((state, Some(Vec::new()))));
}

#[test]
fn limits_are_refused_before_anything_is_staged() {
    let mut o = options(SECOND);
    (o.max_batch_bytes, o.max_record_bytes) = (4096, 1000);
    let (mut journal, _) = Journal::open(sim(), dir(), o).unwrap();
    let big = [0u8; 1001];
    let r = |bytes| NewRecord { class: Class::Fact, keep: false, bytes };
    assert!(matches!(journal.stage(r(&big)), Err(JournalError::TooLarge { what: "a record", .. })));
    for _ in 0..4 {
        journal.stage(r(&big[..1000])).unwrap();
    }
    assert!(matches!(journal.stage(r(&big[..1000])), Err(JournalError::TooLarge { what: "a batch", .. })));
    assert_eq!(journal.commit().unwrap().range, 0..4);
    assert_eq!(journal.commit().unwrap().range, 4..4);
}

#[test]
fn usage_counts_what_is_there() {
    let tmp = tempfile::tempdir().unwrap();
    let (j, s) = (tmp.path().join("journal"), tmp.path().join("second"));
    let (mut journal, _) = Journal::open(RealDisk, &j, options(&s)).unwrap();
    append(&mut journal, 600, 50).unwrap();
    journal.write_snapshot(600, &[1; 1000]).unwrap();
    journal.checkpoint().unwrap();
    let u = journal.reader().disk_usage().unwrap();
    assert!(u.segments > 600 * 300 && u.snapshots > 1000 && u.tiles >= 600 * 32, "{u:?}");
    assert!(u.total >= u.segments + u.snapshots + u.tiles && u.free > 0 && u.capacity >= u.free);
}

#[test]
fn the_end_of_a_long_segment_is_read_from_a_snapshot_that_the_records_confirm_and_from_no_other() {
    let disk = sim();
    let (mut journal, _) = Journal::open(disk.clone(), dir(), options(SECOND)).unwrap();
    for size in [400, 800] {
        append(&mut journal, 400, 8).unwrap();
        journal.write_snapshot(size, b"state").unwrap();
    }
    append(&mut journal, 40, 8).unwrap();
    let (reader, first) = (journal.reader(), segments(&disk, dir())[0].clone());
    let near = |seq: u64| {
        let mut records = reader.records_near(seq)?;
        let mut seen = Vec::new();
        while let Some(item) = records.next()? {
            let Item::Record(r) = item else { continue };
            assert_eq!((r.class, r.keep, r.bytes.to_vec()), record(r.seq));
            seen.push(r.seq);
        }
        Ok::<_, JournalError>(seen)
    };
    for seq in [0, 1, 399, 400, 401, 799, 800, 803, 839, 840] {
        assert_eq!(near(seq).unwrap(), (seq..840).collect::<Vec<_>>(), "from {seq}");
    }
    // What lies before the snapshot is not read: a fault there is found by whoever reads from the header, and not here.
    let flip = || disk.tamper(&first, |b| b[260_000] ^= 1).unwrap();
    flip();
    assert!(near(790).is_err(), "it lies between the two snapshots");
    assert_eq!(near(810).unwrap(), (810..840).collect::<Vec<_>>());
    flip();
    // A note that names another place is not believed, and costs nothing but the longer way.
    let renamed = |b: &mut Vec<u8>| {
        let at = b.windows(5).position(|w| w == b"\n800\n").unwrap();
        b[at + 3] = b'8';
    };
    disk.tamper(&dir().join("snapshot/00000000000000000800.snap"), renamed).unwrap();
    assert_eq!(near(810).unwrap(), (810..840).collect::<Vec<_>>());
}
