//! `zero parity`: the same market through every path, in a scratch directory that is removed.

use crate::cli::ParityArgs;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::private::{private_dir, write_private};
use crate::ui::Ui;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zero_journal::Options;
use zero_kernel::digest::DIGEST_FIELDS;
use zero_packets::Packet as _;
use zero_packets::canonical::{REBUILD, Sealed as _};
use zero_packets::parity::{
    Feedback, FeedbackItem, Leg, LiveShadow, Parity as Packet, ParityPaper, RuntimeBus,
};
use zero_runtime::parity::{Parity, ParityReport, PathResult};
use zero_runtime::project;
use zero_runtime::record::Manifest;
use zero_runtime::study;
use zero_runtime::{Collected, Collector, RunSpec};

const FEES: &[&str] = &["fees.taker=0.00045", "fees.maker=0.00015"];
/// Where the last result lies in the operator's partition.
const LAST: &str = "parity/last.json";
/// Longest result that is read.
const RECORDED_MAX: u64 = 1 << 20;
const PHASES: [&str; 5] = ["observe", "orient", "decide", "act", "learn"];

pub(crate) fn run(ctx: &Context, args: &ParityArgs, ui: Ui) -> Result<ExitCode, Failure> {
    ctx.ensure_partition()?;
    let resolved = match ctx.config(&[]) {
        Ok(c) => c,
        // Without a stated fee model, parity runs at the venue's base tier: it compares paths, not money.
        Err(_) => ctx.config(FEES)?,
    };
    let config = &resolved.config;
    let (data, source) = convert::market(config, &args.market)?;
    let spec =
        convert::run_spec(ctx, config, data.universe().clone(), convert::duration("3d")?)?.with_own_book();
    let manifest = Manifest::of(&spec, ctx.code()?, config.hash(), &source, ctx.clock.now())?;

    let scratch = ctx.partition.dir().join("parity").join(ctx.stamp());
    private_dir(&scratch)?;
    let options = |dir: &std::path::Path| -> Options {
        let name = dir.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let key = zero_runtime::parity::scratch_key();
        Options::new(
            ctx.origin(&format!("parity-{name}")),
            scratch.join("second").join(name),
            "zero parity",
            key,
        )
    };
    let compared = Parity {
        data: &data,
        driver: &|_, _| spec.driver(),
        manifest: &manifest,
        options: &options,
        dir: &scratch,
        carry: &|s| s,
    }
    .compare();
    std::fs::remove_dir_all(&scratch).map_err(|e| Failure::io("remove", &scratch, &e))?;
    let report = compared?;

    let mut driver = spec.driver()?;
    let mut collector = Collector::new(driver.engine().kernel());
    study::run(&data, &mut driver, &mut collector, |_| true)?;
    let packet = packet(&report, &spec, collector.data(), (&manifest, &source), ctx)?;
    record(ctx, &packet)?;
    ui.packet(&packet, || text(&packet, &report))?;
    Ok(if packet.ok { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

/// Leaves the result for whoever asks for the last one.
fn record(ctx: &Context, packet: &Packet) -> Result<(), Failure> {
    let path = place(&ctx.partition.dir());
    let text = packet.to_json().map_err(|e| {
        Failure::new("ZERO-CLI-003", format!("a packet cannot be rendered: {e}"), "report it")
    })?;
    write_private(&path, text.as_bytes())
}

/// Where a partition keeps the last result.
pub(crate) fn place(partition: &Path) -> PathBuf {
    partition.join(LAST)
}

/// The last result that was left in a partition, as text.
pub(crate) fn recorded(partition: &Path) -> Option<String> {
    let mut text = String::new();
    let file = std::fs::File::open(place(partition)).ok()?;
    let read = file.take(RECORDED_MAX + 1).read_to_string(&mut text).ok()?;
    (read as u64 <= RECORDED_MAX).then_some(text)
}

fn packet(
    report: &ParityReport,
    spec: &RunSpec,
    run: &Collected,
    (manifest, source): (&Manifest, &str),
    ctx: &Context,
) -> Result<Packet, Failure> {
    let checks = project::parity_checks(report);
    let holds = |name: &str| checks.get(name) == Some(&Some(true));
    let ok = report.is_equal() && checks.values().all(|c| c.unwrap_or(true));
    let legs: Vec<Leg> = report.paths.iter().map(|p| leg(p, report)).collect();
    let rejected = run.candidates - run.admitted;
    let held = run.legs.iter().filter(|l| l.szi.raw() != 0).count() as u64;
    Ok(Packet {
        schema_version: Default::default(),
        available: true,
        ok,
        mode: "paper".into(),
        cycles_requested: report.events,
        cycles_run: report.events,
        paper_only: true,
        places_live_orders: false,
        paper: ParityPaper {
            decisions: run.candidates,
            fills: run.fills.len() as u64,
            rejections: rejected,
            open_positions: held,
        },
        live_shadow: LiveShadow::not_built(),
        runtime_bus: RuntimeBus::none(),
        feedback: feedback(run, manifest, spec, report.events),
        claim_boundary: claims(holds("decision_digests_equal") && holds("runtime_snapshot_consistent")),
        not_run: project::parity_not_run(),
        checks,
        legs,
        digest_fields: DIGEST_FIELDS.iter().map(|s| (*s).to_owned()).collect(),
        phase_order: PHASES.iter().map(|s| (*s).to_owned()).collect(),
        source: Some(source.to_owned()),
        generated_at: Some(ctx.clock.now().to_string()),
        code: Some(manifest.epoch.code.to_string()),
        configuration: Some(manifest.settings.to_string()),
        reason: None,
        certification: project::certification_of(&zero_runtime::drills::run(spec)),
        rebuild: REBUILD.into(),
        parity_hash: String::new(),
    }
    .sealed())
}

fn leg(p: &PathResult, report: &ParityReport) -> Leg {
    let differs = report.differing().any(|d| d.path == p.path);
    let at = report.look_ahead.first().unwrap_or(&report.cut);
    Leg {
        name: p.path.name().into(),
        decision_digest: p.at_end.digest.to_string(),
        state_digest: p.at_end.state.to_string(),
        events: report.events,
        decisions: p.at_end.candidates,
        fills: p.at_end.fills,
        diverges_at: differs.then(|| format!("at or before {at}")),
    }
}

fn feedback(run: &Collected, manifest: &Manifest, spec: &RunSpec, cycles: u64) -> Feedback {
    let rejections = run.candidates - run.admitted;
    let by_rejection_reason: BTreeMap<String, u64> = manifest
        .gates
        .iter()
        .zip(&run.gates)
        .map(|(g, c)| (g.clone(), c.failed + c.unknown))
        .filter(|(_, n)| *n > 0)
        .collect();
    let by_rejection_symbol = spec
        .universe
        .iter()
        .zip(&run.rejected_by_coin)
        .map(|((_, i), n)| (i.symbol.clone(), *n))
        .filter(|(_, n)| *n > 0)
        .collect();
    let rate = if run.candidates == 0 { 0.0 } else { rejections as f64 / run.candidates as f64 };
    Feedback {
        schema_version: Default::default(),
        cycles,
        sample_size: run.candidates,
        fills: run.fills.len() as u64,
        rejections,
        rejection_rate: rate,
        items: by_rejection_reason
            .iter()
            .map(|(r, n)| FeedbackItem { reason: r.clone(), count: *n })
            .collect(),
        by_rejection_reason,
        by_rejection_symbol,
        execution_quality: None,
    }
}

fn claims(parity: bool) -> Map<String, Value> {
    let mut map = Map::new();
    for (key, value) in [
        ("production_ooda_parity", json!(parity)),
        ("live_trading_claimed", json!(false)),
        ("operator_owned_canary_required_for_live_claim", json!(true)),
        ("protected_live_code_evolution_allowed", json!(false)),
        ("remote_push_allowed", json!(false)),
    ] {
        map.insert(key.to_owned(), value);
    }
    map
}

fn text(p: &Packet, report: &ParityReport) -> String {
    let verdict = if p.ok { "equal" } else { "DIFFERENT" };
    let mut out = format!(
        "Parity: {verdict}. {} events, cut at {}, {} markets ended early.\n\n",
        report.events, report.cut, report.truncations
    );
    for leg in &p.legs {
        let mark = leg.diverges_at.as_deref().unwrap_or("");
        out.push_str(&format!(
            "  {:<24} {:.16}  state {:.16}  {} decisions, {} fills {mark}\n",
            leg.name, leg.decision_digest, leg.state_digest, leg.decisions, leg.fills
        ));
    }
    out.push_str("\nLive mirror: not built.\n");
    out
}
