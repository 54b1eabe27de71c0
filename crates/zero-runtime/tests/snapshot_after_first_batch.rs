//! Found by the kill campaign: a snapshot taken right after the first batch of a segment.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use zero_core::Digest32;
use zero_journal::{Class, Item, Journal, NewRecord, Options, Reader, RealDisk};
use zero_runtime::parity::scratch_key;

#[test]
fn a_snapshot_after_the_first_batch_of_a_segment_can_be_read_on_from() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let options = || {
        let mut o = Options::new("zero.test/roll", dir.path().join("second"), "test", scratch_key());
        o.segment_bytes = 200;
        o
    };
    let (mut journal, _) = Journal::open(RealDisk, &path, options()).unwrap();
    for i in 0..3u8 {
        // Each batch is larger than a segment, so each begins one.
        journal.stage(NewRecord { class: Class::Fact, keep: false, bytes: &[i; 300] }).unwrap();
        journal.commit().unwrap();
        journal.write_snapshot(journal.next_seq(), &Digest32::ZERO.0).unwrap();
    }
    drop(journal);

    let (mut journal, opened) = Journal::open(RealDisk, &path, options()).unwrap();
    assert_eq!(opened.next_seq, 3);
    let anchor = journal.latest_snapshot().unwrap().unwrap().anchor;
    assert_eq!(anchor.seq, 3);
    journal.stage(NewRecord { class: Class::Fact, keep: false, bytes: b"after" }).unwrap();
    journal.commit().unwrap();
    let mut records = Reader::open(RealDisk, &path).unwrap().records_after(anchor).unwrap();
    assert!(matches!(records.next().unwrap(), Some(Item::Record(r)) if r.seq == 3 && r.bytes == b"after"));
    assert_eq!(records.next().unwrap(), None);
}
