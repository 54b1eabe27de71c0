//! Campaigns, and the reports they leave.

use crate::machine::{Code, Machine};
use crate::measure::time;
use crate::rules::{Costs, LEVEL, Registry};
use crate::startup::program;
use crate::{CampaignArgs, What, kill, lang as texts, power};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use zero_core::{Digest32, Ts, Usd};
use zero_data::Dataset;
use zero_data::synth::{SynthSpec, generate};
use zero_journal::campaign::{crash_campaign, flip_campaign};
use zero_journal::disk::Bug;
use zero_journal::{Class, Journal, NewRecord, Options, RealDisk};
use zero_paper::{FeeModel, PaperConfig};
use zero_report::headline;
use zero_runtime::parity::{Parity, scratch_key};
use zero_runtime::record::Manifest;
use zero_runtime::tearsheet::{PageInfo, tearsheet};
use zero_runtime::{Collector, OperatorPolicy, RunSpec, study};

/// A planted bug must be caught within this many cycles.
const BUG_CYCLES_MAX: u64 = 20_000;

/// What a campaign found.
#[derive(Debug, Serialize)]
struct Report {
    campaign: &'static str,
    claim: &'static str,
    holds: bool,
    seed: u64,
    count: u64,
    revision: String,
    tree_clean: bool,
    date: String,
    machine: Machine,
    wall_s: f64,
    cpu_s: f64,
    command: String,
    figures: BTreeMap<String, Value>,
}

/// What one campaign adds to the report.
pub(crate) struct Found {
    pub(crate) name: &'static str,
    pub(crate) claim: &'static str,
    pub(crate) count: u64,
    pub(crate) holds: bool,
    pub(crate) figures: BTreeMap<String, Value>,
}

/// Runs and writes; whether the claim holds.
pub(crate) fn run(args: &CampaignArgs) -> Result<bool, Box<dyn Error>> {
    let (found, took) = time(|| match args.what {
        What::Crash => Ok(crash(args)),
        What::Kills => kills(args),
        What::Flips => flips(args),
        What::Parity => parity(args),
        What::Nulls => nulls(args),
        What::Lang => lang(args),
        What::Rules => rules(args),
        What::Power => power::campaign(args.seed, args.count.unwrap_or(5_000)),
    })?;
    let code = Code::read();
    let report = Report {
        campaign: found.name,
        claim: found.claim,
        holds: found.holds,
        seed: args.seed,
        count: found.count,
        revision: args.revision.clone().unwrap_or(code.revision),
        tree_clean: code.clean,
        date: args.date.clone(),
        machine: Machine::read(),
        wall_s: took.wall,
        cpu_s: took.cpu,
        command: format!("zero-bench campaign {} --seed {} --count {}", found.name, args.seed, found.count),
        figures: found.figures,
    };
    fs::create_dir_all(&args.out)?;
    let path = args.out.join(found.name);
    fs::write(path.with_extension("json"), serde_json::to_string_pretty(&report)? + "\n")?;
    let text = markdown(&report);
    fs::write(path.with_extension("md"), &text)?;
    println!("{text}");
    Ok(report.holds)
}

fn markdown(r: &Report) -> String {
    let mut out = format!("# Campaign: {}\n\n", r.campaign);
    let verdict = if r.holds { "holds" } else { "DOES NOT HOLD" };
    let tree = if r.tree_clean { "" } else { ", with uncommitted changes" };
    let memory = r.machine.memory_mib.map_or_else(|| "unknown".to_owned(), |m| m.to_string());
    let _ = writeln!(out, "Claim: {}\n\nVerdict: **{verdict}**.\n", r.claim);
    let _ = writeln!(out, "| | |\n|---|---|");
    let _ = writeln!(out, "| command | `{}` |\n| seed | {} |\n| count | {} |", r.command, r.seed, r.count);
    let _ = writeln!(out, "| revision | {}{tree} |\n| date | {} |", r.revision, r.date);
    let m = &r.machine;
    let _ = writeln!(out, "| machine | {}, {} cores, {memory} MiB, {} |", m.cpu, m.cores, m.kernel);
    let _ = writeln!(out, "| time | {:.0} s wall, {:.0} s CPU of this process |", r.wall_s, r.cpu_s);
    for (name, value) in &r.figures {
        let _ =
            writeln!(out, "| {name} | {} |", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    out
}

fn figures<const N: usize>(all: [(&str, Value); N]) -> BTreeMap<String, Value> {
    all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}

/// More growth of the peak memory than this, in MiB, is a leak: the first tenth has seen every kind of text.
const GROWTH_MAX: f64 = 4.0;

fn lang(args: &CampaignArgs) -> Result<Found, Box<dyn Error>> {
    let r = texts::campaign(args.seed, args.count.unwrap_or(100_000_000))?;
    Ok(Found {
        name: "lang",
        claim: "hostile strategy documents are answered with a document or an error; nothing panics, hangs or grows",
        count: r.tally.executions,
        holds: r.failure.is_none() && r.growth_mib.is_none_or(|g| g <= GROWTH_MAX),
        figures: figures([
            ("executions", json!(r.tally.executions)),
            ("accepted", json!(r.tally.accepted)),
            ("largest text in bytes", json!(r.tally.largest)),
            ("executions per CPU second", json!(r.per_second.round())),
            ("growth of peak memory in MiB", json!(r.growth_mib)),
            ("failure", json!(r.failure.unwrap_or_else(|| "none".into()))),
        ]),
    })
}

fn crash(args: &CampaignArgs) -> Found {
    let cycles = args.count.unwrap_or(200_000);
    let r = crash_campaign(args.seed, cycles, None);
    let mut all = figures([
        ("crash-and-recover cycles", json!(r.cycles)),
        ("power cuts", json!(r.power_cuts)),
        ("torn tails cut off", json!(r.torn_tails)),
        ("failed commits", json!(r.failed_commits)),
        ("starts that the disk refused", json!(r.failed_opens)),
        ("records acknowledged", json!(r.acknowledged)),
        (
            "acknowledged records lost",
            json!(if r.failure.is_none() { "0".to_owned() } else { format!("{:?}", r.failure) }),
        ),
        ("unacknowledged records found whole", json!(r.recovered_unacknowledged)),
        ("segments pruned", json!(r.pruned)),
        ("snapshots found and right", json!(r.snapshots)),
        ("inclusion proofs verified", json!(r.proofs)),
        ("readings that went on from an anchor", json!(r.anchors)),
        ("digest of the history", json!(r.digest.map(|d| d.to_string()))),
    ]);
    let mut holds = r.failure.is_none() && r.cycles == cycles;
    for bug in Bug::ALL {
        let caught = crash_campaign(args.seed, BUG_CYCLES_MAX, Some(bug));
        let said = match &caught.failure {
            Some(f) => format!("caught in cycle {}: {}", f.cycle, f.what),
            None => format!("SURVIVED {} cycles", caught.cycles),
        };
        holds &= caught.failure.is_some();
        all.insert(format!("planted bug {bug:?}"), json!(said));
    }
    Found {
        name: "crash",
        claim: "No crash on a disk that tears, loses, reorders, shortens and refuses loses an acknowledged record or \
                invents one, and each planted journal bug is caught.",
        count: cycles,
        holds,
        figures: all,
    }
}

fn kills(args: &CampaignArgs) -> Result<Found, Box<dyn Error>> {
    let count = args.count.unwrap_or(500);
    let program = program(args.program.as_deref())?;
    // Kept when a promise was broken, so that the journal can be looked at.
    let dir = tempfile::tempdir()?.keep();
    let result = kill::kill_campaign(&program, &dir, args.seed, count);
    if result.is_ok() {
        fs::remove_dir_all(&dir)?;
    }
    let (holds, all) = match result {
        Ok(r) => (
            r.kills >= count,
            figures([
                ("kills that found the program running", json!(r.kills)),
                ("markets run to their end", json!(r.episodes)),
                ("starts", json!(r.starts)),
                ("kills before the start acknowledged anything", json!(r.before_first_ack)),
                ("kills directly after an acknowledgement", json!(r.after_an_ack)),
                ("torn tails", json!(r.torn_tails)),
                ("half-written side files", json!(r.part_files)),
                ("kills with durable but unacknowledged records", json!(r.beyond_acknowledged)),
                ("records acknowledged", json!(r.acknowledged)),
                ("acknowledged records lost or changed", json!(0)),
                ("market events, trades or orders repeated", json!(0)),
                ("fills", json!(r.fills)),
                ("segments", json!(r.segments)),
            ]),
        ),
        Err(e) => (false, figures([("failure", json!(e)), ("kept in", json!(dir.display().to_string()))])),
    };
    Ok(Found {
        name: "kills",
        claim: "SIGKILL of `zero run` at any moment loses no acknowledged record, changes none and repeats nothing; after \
                any number of kills the run ends with the records, digest and state of a run that nobody disturbed.",
        count,
        holds,
        figures: all,
    })
}

fn flips(args: &CampaignArgs) -> Result<Found, Box<dyn Error>> {
    let records = args.count.unwrap_or(1_000);
    let dir = tempfile::tempdir()?;
    let journal_dir = dir.path().join("journal");
    let mut options = Options::new("zero.local/flips", dir.path().join("second"), "campaign", scratch_key());
    options.segment_bytes = 16 << 10;
    let (mut journal, _) = Journal::open(RealDisk, &journal_dir, options)?;
    let mut prng = zero_core::prng::Prng::new(args.seed, 0);
    for i in 0..records {
        let bytes: Vec<u8> = (0..1 + prng.below(120)).map(|_| prng.below(256) as u8).collect();
        let class = if prng.below(3) == 0 { Class::Trace } else { Class::Fact };
        journal.stage(NewRecord { class, keep: prng.below(50) == 0, bytes: &bytes })?;
        if prng.below(8) == 0 || i + 1 == records {
            journal.commit()?;
        }
    }
    journal.close()?;
    let r = flip_campaign(&RealDisk, &journal_dir, 1, 0)?;
    Ok(Found {
        name: "flips",
        claim: "Every one-bit flip of a journal is detected by re-verifying its batch and the next link, also by a forger's \
                mended checksum.",
        count: records,
        holds: r.flips > records && r.undetected == 0 && r.undetected_forged == 0,
        figures: figures([
            ("records", json!(records)),
            ("bits flipped, one at a time", json!(r.flips)),
            ("undetected", json!(r.undetected)),
            ("undetected with a mended checksum", json!(r.undetected_forged)),
        ]),
    })
}

fn spec(data: &Dataset) -> Result<RunSpec, Box<dyn Error>> {
    let books = crate::lang::shipped()?;
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, &books);
    spec.policy = OperatorPolicy::UNATTENDED;
    Ok(spec)
}

fn market(seed: u64, bars: u64) -> Result<Dataset, Box<dyn Error>> {
    let mut market = SynthSpec::seeded(seed);
    market.bars = Some(bars);
    Ok(generate(&market)?)
}

fn parity(args: &CampaignArgs) -> Result<Found, Box<dyn Error>> {
    let markets = args.count.unwrap_or(50);
    let (mut differing, mut events, mut fills, mut truncations) = (Vec::new(), 0, 0, 0);
    for seed in args.seed..args.seed + markets {
        let data = market(seed, 600)?;
        let spec = spec(&data)?;
        let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "campaign", Ts::ZERO)?;
        let dir = tempfile::tempdir()?;
        let second = tempfile::tempdir()?;
        let options = |journal: &std::path::Path| {
            let name = journal.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            Options::new(
                format!("zero.local/parity/{name}"),
                second.path().join(&name),
                "campaign",
                scratch_key(),
            )
        };
        let driver = |_, d: &Dataset| RunSpec { universe: d.universe().clone(), ..spec.clone() }.driver();
        let p = Parity {
            data: &data,
            driver: &driver,
            manifest: &manifest,
            options: &options,
            dir: dir.path(),
            carry: &|s| s,
        };
        let report = p.compare()?;
        events += report.events;
        truncations += u64::from(report.truncations);
        fills += report.paths.first().map_or(0, |p| p.at_end.fills);
        if !report.is_equal() {
            differing.push(seed);
        }
    }
    Ok(Found {
        name: "parity",
        claim: "The same market through backtest, journalled run, restart from a snapshot, restart from facts, and with its \
                future cut off gives the same decisions.",
        count: markets,
        holds: differing.is_empty() && fills > markets,
        figures: figures([
            ("markets", json!(markets)),
            ("source events", json!(events)),
            ("fills", json!(fills)),
            ("markets ended early", json!(truncations)),
            ("seeds that differ", json!(format!("{differing:?}"))),
        ]),
    })
}

/// Intervals at 90 % on markets without an edge: how often does the Sharpe ratio's interval lie above zero?
fn nulls(args: &CampaignArgs) -> Result<Found, Box<dyn Error>> {
    let markets = args.count.unwrap_or(2_000);
    let (mut above, mut below, mut verdicts) = (0u64, 0u64, BTreeMap::new());
    for seed in args.seed..args.seed + markets {
        let data = market(seed, 2_400)?;
        let spec = spec(&data)?;
        let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "campaign", Ts::ZERO)?;
        let mut driver = spec.driver()?;
        let mut collector = Collector::new(driver.engine().kernel());
        study::run(&data, &mut driver, &mut collector, |_| true)?;
        let info = PageInfo {
            manifest: &manifest,
            data: Digest32::ZERO,
            events: 0,
            trial: 1,
            interval: data.interval(),
            seed,
            resamples: 1_000,
            unfunded_hours: 0,
        };
        let page = tearsheet(&spec, collector.data(), None, &info);
        if let Some((lo, hi, _)) = page.net_sharpe.interval() {
            above += u64::from(lo > 0.0);
            below += u64::from(hi < 0.0);
        }
        *verdicts.entry(headline(&page).verdict.label()).or_insert(0u64) += 1;
    }
    let share = above as f64 / markets as f64;
    // Nominal: 5 % on this side, before costs, which only lower it; three standard errors of the count on top.
    let most = 0.05 + 3.0 * (0.05f64 * 0.95 / markets as f64).sqrt();
    Ok(Found {
        name: "nulls",
        claim: "On synthetic markets without an edge the 90 % interval of the net Sharpe ratio lies above zero no more often \
                than its nominal 5 %, within three standard errors.",
        count: markets,
        holds: share <= most,
        figures: figures([
            ("markets", json!(markets)),
            ("intervals above zero", json!(above)),
            ("intervals below zero", json!(below)),
            ("share above zero", json!(share)),
            ("largest share that is in order", json!(most)),
            ("verdicts without baselines", json!(format!("{verdicts:?}"))),
        ]),
    })
}

/// Random rules on markets without an edge, with and without costs, and with one rule of a real edge among them. A registry that belongs to
/// one market is one draw, so the share of whole registries that claim a result is counted over many smaller ones too.
fn rules(args: &CampaignArgs) -> Result<Found, Box<dyn Error>> {
    const FAMILIES: u64 = 40;
    let count = args.count.unwrap_or(5_000);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let large = |costs, planted| {
        Registry { seed: args.seed, rules: count, bars: 2_400, costs, planted }.judge(threads)
    };
    let (free, paid, edge) =
        (large(Costs::None, false)?, large(Costs::Venue, false)?, large(Costs::None, true)?);
    let (mut claims, mut small) = (0u64, 0usize);
    let size = (count / FAMILIES).max(2);
    for i in 1..=FAMILIES {
        let seed = args.seed + i;
        let j =
            Registry { seed, rules: size, bars: 2_400, costs: Costs::None, planted: false }.judge(threads)?;
        claims += u64::from(j.evidence.stands_out(LEVEL) == Some(true));
        small += j.admissions.deflated;
    }
    let share = |admitted: usize, of: u64| admitted as f64 / of as f64;
    let most = LEVEL + 3.0 * (LEVEL * (1.0 - LEVEL) / FAMILIES as f64).sqrt();
    let told = |j: &crate::rules::Judged| {
        let a = j.admissions;
        format!(
            "{} traded ({} fills), {} of them cannot be judged; {} look significant alone, {} after Benjamini and Hochberg, {} admitted against \
             the registry's count; superior ability p {}; the best {}",
            j.active,
            j.fills,
            a.unknown,
            a.alone,
            a.discovered,
            a.deflated,
            j.evidence.superior.map_or_else(|e| e.to_string(), |s| format!("{:.3}", s.p_consistent)),
            match j.evidence.stands_out(LEVEL) {
                Some(true) => "is claimed",
                Some(false) => "is not claimed",
                None => "cannot be judged",
            },
        )
    };
    let holds = share(free.admissions.deflated, count) <= LEVEL
        && share(paid.admissions.deflated, count) <= LEVEL
        && share(small, FAMILIES * size) <= LEVEL
        && share(claims as usize, FAMILIES) <= most
        && edge.admissions.deflated == 1
        && edge.evidence.best == Some(count as usize);
    Ok(Found {
        name: "rules",
        claim: "Of random strategy documents on markets without an edge at most 5 % are admitted, with costs and without; of \
                whole registries no more than 5 % claim a result, within three standard errors; and the one rule with a planted \
                edge among them is admitted by the same judgement.",
        count,
        holds,
        figures: figures([
            ("rules in each large registry", json!(count)),
            ("no edge, no costs", json!(told(&free))),
            ("no edge, the venue's costs", json!(told(&paid))),
            ("one rule with a planted edge, no costs", json!(told(&edge))),
            ("smaller registries without an edge", json!(format!("{FAMILIES} of {size} rules"))),
            ("of these, claiming a result", json!(claims)),
            ("of their rules, admitted", json!(small)),
        ]),
    })
}
