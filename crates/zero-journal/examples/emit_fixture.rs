//! Writes the fixture of the current format: `emit_fixture DIR`. The same bytes every time.

use ed25519_dalek::SigningKey;
use std::error::Error;
use std::path::Path;
use zero_journal::{Class, Journal, NewRecord, Options, RealDisk};

/// Name of the log in the fixture.
pub(crate) const ORIGIN: &str = "zero.local/fixture/journal";
/// Records in the fixture; the first segments of them are pruned.
pub(crate) const RECORDS: u64 = 900;

/// The key that signed it.
pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[23; 32])
}

/// Class, retention flag and bytes of each record.
pub(crate) fn record(seq: u64) -> (Class, bool, Vec<u8>) {
    let class = if seq % 3 == 2 { Class::Trace } else { Class::Fact };
    (class, seq == 450, format!("fixture record {seq} {}", "-".repeat((seq % 23) as usize)).into_bytes())
}

/// How the writer of the fixture was opened.
pub(crate) fn options(dir: &Path) -> Options {
    let mut o = Options::new(ORIGIN, dir.join("second"), "emit_fixture", Box::new(key()));
    o.segment_bytes = 6000;
    o.checkpoint_every = 100;
    o
}

/// Writes `dir/journal` and `dir/second`: segments, tiles, checkpoints, two snapshots, a pruned run.
pub(crate) fn emit(dir: &Path) -> Result<(), Box<dyn Error>> {
    let (mut journal, _) = Journal::open(RealDisk, &dir.join("journal"), options(dir))?;
    for seq in 0..RECORDS {
        let (class, keep, bytes) = record(seq);
        journal.stage(NewRecord { class, keep, bytes: &bytes })?;
        if seq % 9 == 8 {
            journal.commit()?;
        }
        if seq == 449 || seq == 800 {
            journal.commit()?;
            journal.write_snapshot(seq + 1, format!("state after {seq}").as_bytes())?;
        }
    }
    journal.commit()?;
    let cited = std::iter::once(300..301).collect::<Vec<_>>();
    journal.prune(500, &cited)?;
    journal.close()?;
    std::fs::remove_file(dir.join("journal/LOCK"))?;
    Ok(())
}

#[allow(dead_code, reason = "a test includes this file for its functions")]
fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1).ok_or("usage: emit_fixture DIR")?;
    emit(Path::new(&dir))
}
