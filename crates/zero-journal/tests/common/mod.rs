//! Journals to test with.
#![allow(dead_code, reason = "each test file uses some of it")]

use ed25519_dalek::SigningKey;
use std::path::{Path, PathBuf};
use zero_core::prng::Prng;
use zero_journal::disk::SimDisk;
use zero_journal::{Class, Disk, Item, Journal, JournalError, NewRecord, NoteKey, Options, Reader};

pub(crate) const ORIGIN: &str = "zero.local/test/journal";
pub(crate) const DIR: &str = "/data/journal";
pub(crate) const SECOND: &str = "/state/second";

pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

pub(crate) fn keys() -> Vec<NoteKey> {
    vec![NoteKey { name: ORIGIN.into(), public: key().verifying_key().to_bytes() }]
}

pub(crate) fn options(second: impl Into<PathBuf>) -> Options {
    Options::new(ORIGIN, second, "test, started at the beginning", Box::new(key()))
}

pub(crate) fn sim() -> SimDisk {
    SimDisk::new(Prng::new(5, 5))
}

/// Record `seq` of every test journal: about 400 bytes, one trace in three, one in 500 to keep.
pub(crate) fn record(seq: u64) -> (Class, bool, Vec<u8>) {
    let mut prng = Prng::at(77, 1, seq * 1000);
    let len = 300 + prng.below(200) as usize;
    let mut bytes = format!("record {seq} ").into_bytes();
    while bytes.len() < len {
        bytes.extend_from_slice(&prng.next_u64().to_le_bytes());
    }
    let class = if seq % 3 == 2 { Class::Trace } else { Class::Fact };
    (class, seq % 500 == 499, bytes)
}

pub(crate) fn append<D: Disk>(
    journal: &mut Journal<D>,
    records: u64,
    batch: u64,
) -> Result<(), JournalError> {
    for _ in 0..records.div_ceil(batch) {
        for seq in journal.next_seq()..journal.next_seq() + batch {
            let (class, keep, bytes) = record(seq);
            journal.stage(NewRecord { class, keep, bytes: &bytes })?;
        }
        journal.commit()?;
    }
    Ok(())
}

/// A closed journal of `records` records on a fresh simulated disk.
pub(crate) fn closed(records: u64, batch: u64, change: impl FnOnce(&mut Options)) -> SimDisk {
    let disk = sim();
    let mut o = options(SECOND);
    change(&mut o);
    let (mut journal, _) = Journal::open(disk.clone(), Path::new(DIR), o).unwrap();
    append(&mut journal, records, batch).unwrap();
    journal.close().unwrap();
    disk
}

/// Checks that everything a reader hands out from `seq` is what was appended; how many records.
pub(crate) fn read_back<D: Disk>(reader: &Reader<D>, seq: u64) -> Result<u64, JournalError> {
    let mut records = reader.records(seq)?;
    let mut n = 0;
    while let Some(item) = records.next()? {
        if let Item::Record(r) = item {
            assert_eq!((r.class, r.keep, r.bytes.to_vec()), record(r.seq));
            n += 1;
        }
    }
    Ok(n)
}

pub(crate) fn segments<D: Disk>(disk: &D, dir: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = disk
        .list(dir)
        .unwrap()
        .into_iter()
        .filter(|e| e.name.ends_with(".seg"))
        .map(|e| dir.join(e.name))
        .collect();
    out.sort();
    out
}
