//! Appends against the raw cost of the same bytes: one write and one sync per batch, in turns, on the same disk.

use crate::BenchArgs;
use crate::measure::{Took, time};
use crate::table::Row;
use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use zero_journal::{Class, Journal, NewRecord, Options, RealDisk};
use zero_runtime::parity::scratch_key;

/// Bytes of a record: about what a judged candidate takes.
const RECORD_BYTES: usize = 400;
/// Memory that looks like a disk.
const TMPFS: &str = "/dev/shm";

pub(crate) fn options(dir: &Path) -> Options {
    Options::new("zero.local/bench", dir.join("second"), "zero-bench", scratch_key())
}

fn append(dir: &Path, records: u64, batch: u64) -> Result<Took, Box<dyn Error>> {
    let (mut journal, _) = Journal::open(RealDisk, &dir.join("journal"), options(dir))?;
    let mut bytes = [7u8; RECORD_BYTES];
    let ((), took) = time(|| {
        for seq in 0..records {
            bytes[..8].copy_from_slice(&seq.to_le_bytes());
            let class = if seq % 4 == 0 { Class::Fact } else { Class::Trace };
            journal.stage(NewRecord { class, keep: false, bytes: &bytes })?;
            if seq % batch == batch - 1 {
                journal.commit()?;
            }
        }
        journal.commit().map(|_| ())
    })?;
    journal.close()?;
    Ok(took)
}

fn raw(dir: &Path, records: u64, batch: u64) -> Result<Took, Box<dyn Error>> {
    let file = File::create(dir.join("raw"))?;
    let bytes = vec![7u8; RECORD_BYTES * batch as usize];
    let ((), took) = time(|| -> std::io::Result<()> {
        for i in 0..records / batch {
            file.write_all_at(&bytes, i * bytes.len() as u64)?;
            file.sync_data()?;
        }
        Ok(())
    })?;
    Ok(took)
}

pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let syncs: u64 = if args.quick { 100 } else { 2_000 };
    let mut rows = Vec::new();
    for batch in [1u64, 64] {
        let (mut ratios, mut floors) = (Vec::new(), Vec::new());
        for round in 0..args.runs {
            let records = syncs * batch;
            let dir = tempfile::tempdir_in(&args.dir)?;
            // In turns, and in changing order, so that drift of the disk falls on both.
            let (floor, ours) = if round % 2 == 0 {
                let floor = raw(dir.path(), records, batch)?;
                (floor, append(dir.path(), records, batch)?)
            } else {
                let ours = append(dir.path(), records, batch)?;
                (raw(dir.path(), records, batch)?, ours)
            };
            ratios.push((100.0 * floor.wall / ours.wall, Some(ours.cpu)));
            floors.push(floor.wall * 1e6 / syncs as f64);
        }
        floors.sort_by(f64::total_cmp);
        let floor = floors.get(floors.len() / 2).copied().unwrap_or(f64::NAN);
        rows.push(
            Row::of(&format!("journal append, {batch} a sync, against raw"), "disk", "% of raw", ratios)
                .reach("> 90 %")
                .note(format!(
                    "{syncs} syncs of {batch} x {RECORD_BYTES} bytes; raw write + fdatasync {floor:.0} us"
                )),
        );
    }
    rows.extend(tmpfs(args)?);
    Ok(rows)
}

/// What it costs when the disk costs nothing.
fn tmpfs(args: &BenchArgs) -> Result<Option<Row>, Box<dyn Error>> {
    if !Path::new(TMPFS).is_dir() {
        return Ok(None);
    }
    let records: u64 = if args.quick { 50_000 } else { 500_000 };
    let mut runs = Vec::new();
    for _ in 0..args.runs {
        let dir = tempfile::tempdir_in(TMPFS)?;
        let took = append(dir.path(), records, 64)?;
        runs.push((records as f64 / took.wall / 1e3, Some(took.cpu)));
    }
    let row = Row::of("journal append on tmpfs, 64 a sync", "tmpfs", "k records/s", runs).reach("> 200");
    Ok(Some(row.note(format!("{records} records of {RECORD_BYTES} bytes, wall time, checkpoints included"))))
}
