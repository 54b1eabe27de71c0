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

/// Both sides of one comparison.
struct Pair {
    raw_s: f64,
    ours_s: f64,
    cpu_s: f64,
}

/// One raw write and sync, one batch of the journal, in turns, each going first every other time: what disturbs the disk
/// disturbs both. Times are sums.
fn side_by_side(dir: &Path, syncs: u64, batch: u64) -> Result<Pair, Box<dyn Error>> {
    let file = File::create(dir.join("raw"))?;
    let raw_bytes = vec![7u8; RECORD_BYTES * batch as usize];
    let (mut journal, _) = Journal::open(RealDisk, &dir.join("journal"), options(dir))?;
    let mut bytes = [7u8; RECORD_BYTES];
    let mut out = Pair { raw_s: 0.0, ours_s: 0.0, cpu_s: 0.0 };
    for i in 0..syncs {
        for turn in [i % 2, (i + 1) % 2] {
            if turn == 0 {
                let ((), took) = time(|| -> std::io::Result<()> {
                    file.write_all_at(&raw_bytes, i * raw_bytes.len() as u64)?;
                    file.sync_data()
                })?;
                out.raw_s += took.wall;
            } else {
                let ((), took) = time(|| {
                    for k in 0..batch {
                        bytes[..8].copy_from_slice(&(i * batch + k).to_le_bytes());
                        let class = if k % 4 == 0 { Class::Fact } else { Class::Trace };
                        journal.stage(NewRecord { class, keep: false, bytes: &bytes })?;
                    }
                    journal.commit().map(|_| ())
                })?;
                out.ours_s += took.wall;
                out.cpu_s += took.cpu;
            }
        }
    }
    journal.close()?;
    Ok(out)
}

pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let syncs: u64 = if args.quick { 100 } else { 2_000 };
    let mut rows = Vec::new();
    // Deleted at the end: ext4 steps over every inode deleted within the last minutes when it looks for a free one, so
    // that a run would pay for the files of the runs before it.
    let mut dirs = Vec::new();
    for batch in [1u64, 64] {
        let (mut ratios, mut floors) = (Vec::new(), Vec::new());
        for _ in 0..args.runs {
            let dir = tempfile::tempdir_in(&args.dir)?;
            let pair = side_by_side(dir.path(), syncs, batch)?;
            dirs.push(dir);
            ratios.push((100.0 * pair.raw_s / pair.ours_s, Some(pair.cpu_s)));
            floors.push(pair.raw_s * 1e6 / syncs as f64);
        }
        floors.sort_by(f64::total_cmp);
        let floor = floors.get(floors.len() / 2).copied().unwrap_or(f64::NAN);
        let note = format!(
            "{syncs} syncs of {batch} x {RECORD_BYTES} bytes, in turns with raw write + fdatasync at {floor:.0} us"
        );
        let name = format!("journal append, {batch} a sync, against raw");
        rows.push(Row::of(&name, "disk", "% of raw", ratios).reach("> 90 %").note(note));
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
