//! `zero demo`: the whole loop on an embedded market. It runs through the journal as a real run does, then the same
//! market goes through memory, and both must have decided alike.

use crate::cli::{DemoArgs, MarketArgs};
use crate::commands::backtest::{self, Done, Parts};
use crate::commands::summary;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::private::private_dir;
use crate::progress;
use crate::stop;
use crate::ui::Ui;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use zero_core::Digest32;
use zero_data::{Dataset, EventRange, synth};
use zero_journal::{RealDisk, VerifyOptions, verify};
use zero_packets::report::Demo;
use zero_report::headline;
use zero_runtime::record::{Manifest, synthetic_source};
use zero_runtime::runner::Runner;
use zero_runtime::study::{self, StudyPlan};
use zero_runtime::{Collector, RunSpec};

/// A demonstration states its fees: the venue's base tier.
const FEES: &[&str] = &["fees.taker=0.00045", "fees.maker=0.00015"];
/// Demonstrations kept.
const KEEP: usize = 3;
/// Records between snapshots.
const SNAPSHOT_EVERY: u64 = 10_000;

pub(crate) fn run(ctx: &Context, args: &DemoArgs, ui: Ui) -> Result<ExitCode, Failure> {
    if ctx.ensure_partition()? {
        ui.note(&format!("made {}", ctx.partition.dir().display()));
    }
    let resolved = ctx.config(FEES)?;
    let config = &resolved.config;
    let stop = stop::on_signal()?;
    let market = MarketArgs { data: None, seed: Some(args.seed), days: Some(args.days) };
    let synth_spec = convert::synth_spec(config, &market);
    let data = synth::generate(&synth_spec)?;
    let source = format!("{}, {} days", synthetic_source(args.seed), args.days);
    let clear = convert::duration("3d")?;
    let spec = convert::run_spec(ctx, config, data.universe().clone(), clear)?;
    let manifest = Manifest::of(&spec, ctx.code()?, config.hash(), &source, ctx.clock.now())?;
    backtest::prove_feasible(&spec, &data)?;

    let root = ctx.partition.dir().join("demo");
    let name = ctx.stamp();
    let dir = root.join(&name);
    private_dir(&dir)?;
    let journal = dir.join("journal");
    let Some(digest) = journalled(ctx, &spec, &data, &manifest, (&journal, &name), &stop)? else {
        ui.note("interrupted; what was acknowledged is in the journal");
        return Ok(ExitCode::from(130));
    };

    let mut driver = spec.driver()?;
    let mut collector = Collector::new(driver.engine().kernel());
    study::run(&data, &mut driver, &mut collector, |_| true)?;
    let done = Done { driver, collected: collector.into_data() };
    if done.collected.digest != digest {
        let cause =
            format!("in memory the run decided {}, through the journal {digest}", done.collected.digest);
        return Err(Failure::new(
            "ZERO-CLI-008",
            cause,
            "this is a fault of the program: report it with the journal",
        ));
    }
    let options = ctx.journal_options(&format!("demo-{name}"), "demo")?;
    let keys = options.keys();
    let trust = VerifyOptions { keys: &keys, second_place: Some(&options.second_place) };
    let report = verify(&RealDisk, &journal, trust)?;
    let plan = StudyPlan { random_seeds: args.seeds, seed: config.backtest.seed, threads: backtest::cores() };
    let study = backtest::context(&spec, &data, &done.collected, plan, &stop)?;
    let trial = backtest::register(ctx, &manifest, &data, &done)?;
    let parts = Parts {
        spec: &spec,
        data: &data,
        manifest: &manifest,
        source: &source,
        done: &done,
        study: Some(&study),
        trial,
        seed: config.backtest.seed,
        resamples: config.backtest.bootstrap_samples,
    };
    let page = backtest::page(&parts);
    let files = backtest::write(&parts, &page, &dir)?;
    clean(&root)?;

    let sheet = files.first().cloned().unwrap_or_default();
    let packet = Demo {
        schema_version: Default::default(),
        run: summary::packet(
            &spec,
            &data,
            (&manifest, &source),
            &done.collected,
            done.driver.engine().kernel(),
        ),
        journal_path: journal.display().to_string(),
        journal_verified: report.ok(),
        next: vec![
            format!("zero journal verify --dir {}", journal.display()),
            format!("zero rejections --journal {}", journal.display()),
            "zero backtest --help".into(),
        ],
    };
    ui.packet(&packet, || {
        let mut out = format!("{}\n\n{}\n", headline(&page).sentence, summary::text(&packet.run));
        out.push_str(&format!(
            "\nJournal    {} ({} records, verified)\n",
            packet.journal_path, report.records
        ));
        out.push_str("Parity     in memory and through the journal: the same decisions\n");
        out.push_str(&format!("Tearsheet  {sheet}\n\nNext:\n"));
        for next in &packet.next {
            out.push_str(&format!("  {next}\n"));
        }
        out
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Through the journal; the decision digest, or `None` when it was interrupted.
fn journalled(
    ctx: &Context,
    spec: &RunSpec,
    data: &Dataset,
    manifest: &Manifest,
    (dir, name): (&Path, &str),
    stop: &AtomicBool,
) -> Result<Option<Digest32>, Failure> {
    let options = ctx.journal_options(&format!("demo-{name}"), "demo")?;
    let (mut runner, _) =
        Runner::open(RealDisk, dir, options, spec.driver()?, manifest.clone(), SNAPSHOT_EVERY)?;
    let bar = progress::bar("journalled run", data.bar_count() as u64 * 3);
    for (i, event) in data.events(&EventRange::all()).enumerate() {
        runner.feed(&event?)?;
        if runner.is_full() {
            runner.commit()?;
            bar.set_position(i as u64);
            if stop.load(Ordering::Relaxed) {
                runner.close("interrupted", ctx.clock.now())?;
                return Ok(None);
            }
        }
    }
    bar.finish_and_clear();
    let driver = runner.close("the source ended", ctx.clock.now())?;
    Ok(Some(driver.engine().kernel().state().digest))
}

/// Keeps the newest demonstrations.
fn clean(root: &Path) -> Result<(), Failure> {
    let mut all: Vec<_> = fs::read_dir(root)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
        .map_err(|e| Failure::io("list", root, &e))?;
    all.sort();
    let surplus = all.len().saturating_sub(KEEP);
    for old in all.iter().take(surplus) {
        fs::remove_dir_all(old).map_err(|e| Failure::io("remove", old, &e))?;
    }
    Ok(())
}
