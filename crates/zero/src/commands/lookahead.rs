//! `zero lookahead`: the market is ended at many times, and nothing before the end may change.

use crate::cli::LookaheadArgs;
use crate::commands::strategy::find_bundled;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::progress;
use crate::table::{line, table};
use crate::ui::Ui;
use std::process::ExitCode;
use std::sync::Arc;
use zero_core::{Rate, Sz, Usd};
use zero_data::Dataset;
use zero_lang::BUNDLED;
use zero_packets::sweep::{LookAhead, LookAheadRun, LookAheadVerdict as Shown};
use zero_runtime::lookahead::{Cut, Inside, Instants, Suspect, Verdict, examine_at, stored};
use zero_runtime::{Driver, EngineError, RunSpec};
use zero_strategy::registry::StrategyChoice;

const FEES: &[&str] = &["fees.taker=0.00045", "fees.maker=0.00015"];

/// Most events after each of which a market is ended: half the square of them is driven, for each suspect.
const EVERY_MAX: u64 = 25_000;

pub(crate) fn run(ctx: &Context, args: &LookaheadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let resolved = match ctx.config(&[]) {
        Ok(c) => c,
        // Without a stated fee model, the venue's base tier: what is compared is the same run with and without its future.
        Err(_) => ctx.config(FEES)?,
    };
    let config = &resolved.config;
    let (data, source) = convert::market(config, &args.market)?;
    let base = convert::run_spec(ctx, config, data.universe().clone(), convert::duration("3d")?)?;
    let mut runs = Vec::new();
    let suspects = suspects(args.strategy.as_deref(), &base)?;
    if args.every {
        ui.note(&bounded(&data, suspects.len())?);
    }
    for (name, spec) in suspects {
        runs.push(one(&name, &spec, &data, args)?);
    }
    let any = |v| runs.iter().any(|r| r.verdict == v);
    // One of several that judges nothing, such as one that never trades, takes nothing from what the others show.
    let verdict = match (any(Shown::Found), any(Shown::Clean)) {
        (true, _) => Shown::Found,
        (false, true) => Shown::Clean,
        (false, false) => Shown::NothingJudged,
    };
    let ok = verdict == Shown::Clean;
    let packet = LookAhead { schema_version: Default::default(), ok, verdict, data: source, runs };
    ui.packet(&packet, || text(&packet))?;
    Ok(match verdict {
        Shown::Clean => ExitCode::SUCCESS,
        Shown::Found => ExitCode::from(4),
        Shown::NothingJudged => ExitCode::from(1),
    })
}

/// What ending the market after each of its events costs, where that is little enough to be waited for.
fn bounded(data: &Dataset, suspects: usize) -> Result<String, Failure> {
    let mut ends = 0u64;
    for event in stored(data).take(EVERY_MAX as usize + 1) {
        event.map_err(zero_runtime::study::StudyError::from)?;
        ends += 1;
    }
    if ends > EVERY_MAX {
        let cause = format!("--every would end the market after each of more than {EVERY_MAX} events");
        let hint =
            "take fewer days or coins: the work grows with the square of the events; or leave --every out";
        return Err(Failure::new("ZERO-CLI-024", cause, hint));
    }
    let events = ends * ends / 2 * suspects as u64;
    Ok(format!("{ends} ends of the market for each of {suspects} suspects: about {events} events in all"))
}

/// What is examined: the configured books, or bundled strategies each alone.
fn suspects(name: Option<&str>, base: &RunSpec) -> Result<Vec<(String, RunSpec)>, Failure> {
    let Some(name) = name else { return Ok(vec![("configured".into(), base.clone())]) };
    let share = Rate::from_raw(Rate::ONE_RAW / base.universe.len().max(1) as i64);
    let in_rust = [
        ("ema_cross", StrategyChoice::EmaCross(24, 120, Sz::from_raw(Sz::ONE_RAW / 1_000))),
        ("hold", StrategyChoice::Hold(share)),
        ("flat", StrategyChoice::Flat),
    ];
    let mut all = Vec::new();
    for (n, _) in BUNDLED {
        all.push((*n, StrategyChoice::Document(Arc::new(find_bundled(n)?.document))));
    }
    all.extend(in_rust);
    let cash: i64 = base.kernel.books.iter().map(|b| b.initial.raw()).sum();
    let single = |n: &str, choice| {
        let mut spec =
            RunSpec::standard(base.universe.clone(), Usd::from_raw(cash), base.paper, &[(n, choice)]);
        spec.kernel.limits = base.kernel.limits;
        spec.policy = base.policy;
        (n.to_owned(), spec)
    };
    let names: Vec<&str> = all.iter().map(|(n, _)| *n).collect();
    let hint = format!("use one of {}, or all", names.join(", "));
    let list: Vec<_> = all
        .into_iter()
        .filter(|(n, _)| name == "all" || *n == name)
        .map(|(n, choice)| single(n, choice))
        .collect();
    if list.is_empty() {
        let cause = format!("there is no bundled strategy named {name:?}");
        return Err(Failure::new("ZERO-CLI-022", cause, hint));
    }
    Ok(list)
}

fn one(name: &str, spec: &RunSpec, data: &Dataset, args: &LookaheadArgs) -> Result<LookAheadRun, Failure> {
    let bar = progress::bar(name, u64::from(args.ends));
    let instants = if args.every { Instants::Every } else { Instants::Sampled };
    let driver = |_: &Dataset| -> Result<Driver, EngineError> { spec.driver() };
    let suspect = Suspect { driver: &driver, events: &stored };
    let found = examine_at(data, &suspect, (args.ends as usize, instants), &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    let differ = |same: fn(&Cut) -> bool| {
        found.cuts.iter().filter(|c| !same(c)).map(|c| c.time.to_string()).collect::<Vec<_>>()
    };
    let place = |i: &Inside| {
        let coin = i.key.coin.map_or("", |c| data.universe().symbol(c));
        format!("{} after {} {coin}", i.key.time, i.kind).trim_end().to_owned()
    };
    let verdict = match found.verdict() {
        Verdict::Clean => Shown::Clean,
        Verdict::Found => Shown::Found,
        Verdict::NothingJudged => Shown::NothingJudged,
    };
    Ok(LookAheadRun {
        strategy: name.to_owned(),
        ok: verdict == Shown::Clean,
        verdict,
        candidates: found.candidates,
        slices: found.slices,
        ends: found.cuts.len() as u32,
        deciding_ends: found.cuts.iter().filter(|c| c.deciding).count() as u32,
        inside_ends: found.inside.len() as u32,
        inside_differ: found.inside.iter().filter(|i| !i.is_same()).map(place).collect(),
        decisions_differ: differ(|c| c.same_decisions),
        features_differ: differ(|c| c.same_features),
    })
}

fn text(p: &LookAhead) -> String {
    let verdict = match p.verdict {
        Shown::Clean => "none: nothing was known before its time",
        Shown::Found => "FOUND: something used the future",
        Shown::NothingJudged => {
            "nothing was judged: nothing is shown; use a longer market or another strategy"
        }
    };
    let mut out = line("Look-ahead", verdict) + &line("Market", &p.data) + "\n";
    let rows = p.runs.iter().map(|r| {
        let first = r.decisions_differ.first().or(r.features_differ.first()).or(r.inside_differ.first());
        [
            r.strategy.clone(),
            r.candidates.to_string(),
            format!("{} ({} deciding)", r.ends, r.deciding_ends),
            r.decisions_differ.len().to_string(),
            r.features_differ.len().to_string(),
            format!("{} of {}", r.inside_differ.len(), r.inside_ends),
            match first {
                Some(t) => format!("first at {t}"),
                None if r.verdict == Shown::NothingJudged => "judged nothing: nothing is shown".into(),
                None => "clean".into(),
            },
        ]
    });
    let head =
        ["strategy", "candidates", "ends", "decisions differ", "features differ", "inside instants", ""];
    out += &table(head, &[1, 2, 3, 4, 5], rows.collect());
    out
}
