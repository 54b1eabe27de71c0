//! From a journal to a running kernel.

use crate::BenchArgs;
use crate::journal::options;
use crate::measure::time;
use crate::table::Row;
use std::error::Error;
use std::path::Path;
use zero_core::{Digest32, Ts, Usd};
use zero_data::EventRange;
use zero_data::synth::{self, SynthSpec};
use zero_journal::{OpenCheck, RealDisk};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::record::Manifest;
use zero_runtime::runner::Runner;
use zero_runtime::{OperatorPolicy, RunSpec};

/// Records between snapshots, as shipped.
const SNAPSHOT_EVERY: u64 = 10_000;

fn spec(market: &SynthSpec) -> Result<RunSpec, Box<dyn Error>> {
    let books = crate::lang::shipped()?;
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec = RunSpec::standard(market.universe(), Usd::whole(1_000_000), paper, &books);
    spec.policy = OperatorPolicy::UNATTENDED;
    Ok(spec)
}

/// A run of two strategies on ten coins until the journal holds `records`, and until its newest snapshot is nearly as old as
/// it ever gets; how many records it holds.
fn write(dir: &Path, records: u64, snapshot_every: u64) -> Result<u64, Box<dyn Error>> {
    let market = SynthSpec { bars: None, ..SynthSpec::seeded(1) };
    let spec = spec(&market)?;
    let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "benchmark", Ts::ZERO)?;
    let opened =
        Runner::open(RealDisk, &dir.join("journal"), options(dir), spec.driver()?, manifest, snapshot_every)?;
    let mut runner = opened.0;
    let mut snapshot = 0;
    for event in synth::stream_range(&market, &EventRange::all())? {
        runner.feed(&event?)?;
        if runner.is_full() {
            runner.commit()?;
            let end = runner.journal().next_seq();
            if snapshot_every > 0 && end >= snapshot + snapshot_every {
                snapshot = end;
            }
            if end >= records && end - snapshot >= snapshot_every * 7 / 10 {
                break;
            }
        }
    }
    Ok(runner.journal().next_seq())
}

pub(crate) fn rows(args: &BenchArgs) -> Result<Vec<Row>, Box<dyn Error>> {
    let records = if args.quick { 100_000 } else { 1_000_000 };
    let mut rows = Vec::new();
    for (snapshot_every, check, name) in [
        (0, OpenCheck::Full, "without a snapshot, all re-read"),
        (SNAPSHOT_EVERY, OpenCheck::Full, "with a snapshot, all re-read"),
        (SNAPSHOT_EVERY, OpenCheck::Tail, "with a snapshot, tail re-read"),
    ] {
        let dir = tempfile::tempdir_in(&args.dir)?;
        let held = write(dir.path(), records, snapshot_every)?;
        let market = SynthSpec { bars: None, ..SynthSpec::seeded(1) };
        let spec = spec(&market)?;
        let (mut runs, mut facts) = (Vec::new(), 0);
        for _ in 0..args.runs {
            let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "benchmark", Ts::ZERO)?;
            let driver = spec.driver()?;
            let mut options = options(dir.path());
            options.check = check;
            let (opened, took) =
                time(|| Runner::open(RealDisk, &dir.path().join("journal"), options, driver, manifest, 0))?;
            facts = opened.1.facts;
            runs.push((took.wall, Some(took.cpu)));
        }
        let note =
            format!("{held} records of a run on ten coins, {facts} facts folded; wall time, files cached");
        rows.push(Row::of(&format!("recover, {name}"), "disk", "s", runs).reach("< 2").note(note));
    }
    Ok(rows)
}
