//! Speed of the log in a directory: `bench_journal DIR [RECORDS]`. On tmpfs it shows the CPU cost, on a disk the ratio
//! to the raw write-and-sync floor of the same run.

use ed25519_dalek::SigningKey;
use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;
use zero_journal::{
    Class, Item, Journal, NewRecord, NoteKey, OpenCheck, Options, Reader, RealDisk, VerifyOptions, verify,
};

const RECORD_BYTES: usize = 400;

fn options(dir: &Path) -> Options {
    Options::new("zero.local/bench", dir.join("second"), "bench", Box::new(SigningKey::from_bytes(&[1; 32])))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn report(what: &str, n: u64, start: Instant) -> std::io::Result<f64> {
    let s = start.elapsed().as_secs_f64();
    let rate = n as f64 / s;
    writeln!(std::io::stdout(), "{what:<44} {n:>9} in {s:>7.3} s  {rate:>12.0} /s")?;
    Ok(rate)
}

fn append(dir: &Path, records: u64, batch: u64, what: &str) -> Result<f64, Box<dyn Error>> {
    std::fs::create_dir_all(dir)?;
    let (mut journal, _) = Journal::open(RealDisk, &dir.join("journal"), options(dir))?;
    let mut bytes = [7u8; RECORD_BYTES];
    let start = now();
    for seq in 0..records {
        bytes[..8].copy_from_slice(&seq.to_le_bytes());
        let class = if seq % 4 == 0 { Class::Fact } else { Class::Trace };
        journal.stage(NewRecord { class, keep: false, bytes: &bytes })?;
        if seq % batch == batch - 1 {
            journal.commit()?;
        }
    }
    journal.commit()?;
    let rate = report(what, records, start)?;
    journal.close()?;
    Ok(rate)
}

/// Raw writes and the journal in turns of 64 syncs, so that both meet the same moods of the disk; each turn of the
/// journal pays for its own checkpoints.
fn in_turns(dir: &Path, syncs: u64, batch: u64) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(dir)?;
    let file = File::create(dir.join("raw"))?;
    let (mut journal, _) = Journal::open(RealDisk, &dir.join("journal"), options(dir))?;
    let bytes = vec![7u8; RECORD_BYTES * batch as usize];
    let (mut raw, mut ours) = (0.0, 0.0);
    for turn in 0..syncs / 64 {
        let start = now();
        for i in 0..64 {
            file.write_all_at(&bytes, (turn * 64 + i) * bytes.len() as u64)?;
            file.sync_data()?;
        }
        raw += start.elapsed().as_secs_f64();
        let start = now();
        for _ in 0..64 {
            for record in bytes.chunks_exact(RECORD_BYTES) {
                journal.stage(NewRecord { class: Class::Trace, keep: false, bytes: record })?;
            }
            journal.commit()?;
        }
        ours += start.elapsed().as_secs_f64();
    }
    let n = (syncs / 64 * 64 * batch) as f64;
    writeln!(
        std::io::stdout(),
        "{batch:>3} per sync, in turns: raw {:>9.0} /s, journal {:>9.0} /s, ratio {:.3}",
        n / raw,
        n / ours,
        raw / ours
    )?;
    Ok(())
}

fn read(dir: &Path, facts_only: bool, what: &str) -> Result<(), Box<dyn Error>> {
    let reader = Reader::open(RealDisk, &dir.join("journal"))?;
    let start = now();
    let mut records = reader.records(0)?;
    if facts_only {
        records = records.facts_only();
    }
    let (mut n, mut sum) = (0u64, 0u64);
    while let Some(item) = records.next()? {
        if let Item::Record(r) = item {
            n += 1;
            sum += u64::from(r.bytes[0]);
        }
    }
    let total = records.end().map_or(0, |e| e.anchor.seq);
    report(what, total, start)?;
    writeln!(std::io::stdout(), "  handed out {n}, sum {sum}")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1).ok_or("usage: bench_journal DIR [RECORDS]")?;
    let records: u64 = std::env::args().nth(2).map_or(Ok(1_000_000), |n| n.parse())?;
    let dir = Path::new(&dir).join(format!("bench-{}", std::process::id()));
    for round in 0..5 {
        for batch in [1, 64] {
            in_turns(&dir.join(format!("{batch}-{round}")), 1024, batch)?;
        }
    }
    let big = dir.join("big");
    append(&big, records, 64, "append, 64 per sync")?;
    read(&big, false, "read all (checksum, leaves, chain)")?;
    read(&big, true, "read facts (one in four)")?;
    for check in [OpenCheck::Full, OpenCheck::Tail] {
        let mut o = options(&big);
        o.check = check;
        let start = now();
        let (journal, opened) = Journal::open(RealDisk, &big.join("journal"), o)?;
        report(&format!("open, {check:?}"), opened.next_seq, start)?;
        drop(journal);
    }
    let keys = [NoteKey {
        name: "zero.local/bench".into(),
        public: SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes(),
    }];
    let start = now();
    let v = verify(
        &RealDisk,
        &big.join("journal"),
        VerifyOptions { keys: &keys, second_place: Some(&big.join("second")) },
    )?;
    report(&format!("verify, ok = {}", v.ok()), v.records, start)?;
    let reader = Reader::open(RealDisk, &big.join("journal"))?;
    let start = now();
    for seq in (0..records).step_by((records / 100).max(1) as usize) {
        reader.prove(seq, &keys)?;
    }
    report("prove", 100, start)?;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
