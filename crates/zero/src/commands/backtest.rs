//! `zero backtest`: the run, its context, the tearsheet, and a line in the registry of trials.

use crate::cli::BacktestArgs;
use crate::commands::{summary, sweep};
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::private::{private_dir, write_private};
use crate::progress;
use crate::stop;
use crate::ui::Ui;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use zero_core::{Canon, Json, Usd, canon_struct};
use zero_data::Dataset;
use zero_journal::{Class, Journal, NewRecord, RealDisk};
use zero_packets::report::{Backtest, Baseline, CostCase, NamedStat};
use zero_packets::{Dec, Stat};
use zero_report::{Estimate, Tearsheet, headline, render_html};
use zero_runtime::backtest::Ended;
use zero_runtime::record::{self, Body, Manifest, Trial};
use zero_runtime::snapshot::RunSnapshot;
use zero_runtime::study::{self, Outcome, Study, StudyPlan};
use zero_runtime::tearsheet::{PageInfo, tearsheet, unfunded_hours};
use zero_runtime::{Collected, Collector, Driver, RunSpec, view};

/// File that an interrupted backtest continues from.
const RESUME_FILE: &str = "resume.cbor";

canon_struct! {
    /// An interrupted backtest.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Unfinished {
        /// Kernel, venue, place in the data.
        pub snapshot: RunSnapshot,
        /// What was collected so far.
        pub collected: Collected,
        /// Digest of the data.
        pub data: zero_core::Digest32,
    }
}

/// A completed run.
pub(crate) struct Done {
    pub driver: Driver,
    pub collected: Collected,
}

/// Everything that a report is made of.
pub(crate) struct Parts<'a> {
    pub spec: &'a RunSpec,
    pub data: &'a Dataset,
    pub manifest: &'a Manifest,
    pub source: &'a str,
    pub done: &'a Done,
    pub study: Option<&'a Study>,
    pub trial: u64,
    pub seed: u64,
    pub resamples: u32,
}

pub(crate) fn run(ctx: &Context, args: &BacktestArgs, ui: Ui) -> Result<ExitCode, Failure> {
    ctx.ensure_partition()?;
    if !args.sweep.is_empty() {
        return sweep::run(ctx, args, ui);
    }
    let resolved = ctx.config(&[])?;
    let config = &resolved.config;
    let stop = stop::on_signal()?;
    let (data, source) = convert::market(config, &args.market)?;
    let clear = convert::duration(&args.clear_halts_after)?;
    let spec = convert::run_spec(ctx, config, data.universe().clone(), clear)?;
    let manifest = Manifest::of(&spec, ctx.code()?, config.hash(), &source, ctx.clock.now())?;
    prove_feasible(&spec, &data)?;

    let out =
        args.out.clone().unwrap_or_else(|| ctx.partition.reports().join(format!("backtest-{}", ctx.stamp())));
    private_dir(&out)?;
    let Some(done) = simulate(&spec, &data, &manifest, args, &out, &stop, ui)? else {
        ui.note(&format!("interrupted; continue with --resume --out {}", out.display()));
        return Ok(ExitCode::from(130));
    };
    convert::warn_of_faults(&spec, ui);
    let seeds = args.seeds.unwrap_or(config.backtest.random_seeds);
    let study = if args.alone {
        None
    } else {
        let plan = StudyPlan {
            random_seeds: seeds,
            seed: config.backtest.seed,
            threads: args.threads.unwrap_or_else(cores),
        };
        Some(context(&spec, &data, &done.collected, plan, &stop)?)
    };
    let trial = register(ctx, &manifest, &data, &done)?;
    let parts = Parts {
        spec: &spec,
        data: &data,
        manifest: &manifest,
        source: &source,
        done: &done,
        study: study.as_ref(),
        trial,
        seed: config.backtest.seed,
        resamples: config.backtest.bootstrap_samples,
    };
    let page = page(&parts);
    let files = write(&parts, &page, &out)?;
    let packet = packet(&parts, &page, files);
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

/// Every book must be able to place an order at the data's own prices.
pub(crate) fn prove_feasible(spec: &RunSpec, data: &Dataset) -> Result<(), Failure> {
    let engine = spec.engine()?;
    let prices: Vec<_> = data.iter().map(|(_, s)| s.bars.first().map(|b| b.close)).collect();
    let now = data.span().map_or(zero_core::Ts::ZERO, |(from, _)| from);
    let witnesses = engine.kernel().witness(&prices, data.interval(), now);
    witnesses.map_err(zero_runtime::EngineError::from)?;
    Ok(())
}

fn simulate(
    spec: &RunSpec,
    data: &Dataset,
    manifest: &Manifest,
    args: &BacktestArgs,
    out: &Path,
    stop: &AtomicBool,
    ui: Ui,
) -> Result<Option<Done>, Failure> {
    let mut driver = spec.driver()?;
    let resume = out.join(RESUME_FILE);
    let mut collector = if args.resume {
        let unfinished = read_unfinished(&resume, manifest, data)?;
        unfinished.snapshot.restore(&mut driver, true)?;
        ui.note(&format!("continuing after {}", unfinished.collected.last));
        Collector::resume(driver.engine().kernel(), unfinished.collected)
    } else {
        Collector::new(driver.engine().kernel())
    };
    let slices = data.iter().map(|(_, s)| s.bars.len() as u64).max().unwrap_or(0);
    let bar = progress::bar("backtest", slices);
    bar.set_position(collector.data().samples.len() as u64);
    let mut done = 0u64;
    let ended = study::run(data, &mut driver, &mut collector, |_| {
        done += 1;
        bar.inc(1);
        !stop.load(Ordering::Relaxed) && args.stop_after.is_none_or(|n| done < n)
    })?;
    bar.finish_and_clear();
    if ended == Ended::Interrupted {
        let unfinished = Unfinished {
            snapshot: RunSnapshot::of(&driver, manifest.clone()),
            collected: collector.into_data(),
            data: data.content_digest(),
        };
        write_private(&resume, &unfinished.to_bytes())?;
        return Ok(None);
    }
    match fs::remove_file(&resume) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Failure::io("remove", &resume, &e)),
        _ => Ok(Some(Done { driver, collected: collector.into_data() })),
    }
}

fn read_unfinished(path: &Path, manifest: &Manifest, data: &Dataset) -> Result<Unfinished, Failure> {
    let refuse = |why: &str| {
        let cause = format!("{} cannot be continued: {why}", path.display());
        Failure::new("ZERO-CLI-007", cause, "run the backtest again without --resume")
    };
    let bytes = fs::read(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => refuse("no backtest was interrupted there"),
        _ => Failure::io("read", path, &e),
    })?;
    let unfinished = Unfinished::from_bytes(&bytes).map_err(|e| refuse(&e.to_string()))?;
    if unfinished.snapshot.manifest.epoch != manifest.epoch {
        return Err(refuse("program, configuration or strategies have changed since"));
    }
    if unfinished.data != data.content_digest() {
        return Err(refuse("the data are not the same"));
    }
    Ok(unfinished)
}

/// Baselines and cost sensitivity on all threads, with a progress bar.
pub(crate) fn context(
    spec: &RunSpec,
    data: &Dataset,
    run: &Collected,
    plan: StudyPlan,
    stop: &AtomicBool,
) -> Result<Study, Failure> {
    let bar = progress::bar("baselines", u64::from(plan.random_seeds) + 6);
    let study = study::context(data, spec, run, plan, stop, &|done, _| bar.set_position(done))?;
    bar.finish_and_clear();
    Ok(study)
}

/// Counts the trial; its number.
pub(crate) fn register(
    ctx: &Context,
    manifest: &Manifest,
    data: &Dataset,
    done: &Done,
) -> Result<u64, Failure> {
    let dir = ctx.trials();
    let (mut journal, _) = Journal::open(RealDisk, &dir, ctx.journal_options("trials", "backtest")?)?;
    let former = view::trials(&RealDisk, &dir)?.len() as u64;
    let c = &done.collected;
    let curve: Vec<f64> = c.samples.iter().map(|s| s.equity.to_f64()).collect();
    let initial: i64 = manifest.kernel.books.iter().map(|b| b.initial.raw()).sum();
    let names: Vec<String> = manifest.strategies.iter().map(|s| format!("{} {}", s.name, s.params)).collect();
    let body = Body::Trial(Box::new(Trial {
        time: ctx.clock.now(),
        epoch: manifest.epoch,
        data: data.content_digest(),
        digest: c.digest,
        strategies: names.join("; "),
        from: c.first.unwrap_or(zero_core::Ts::ZERO),
        to: c.last,
        initial: Usd::from_raw(initial),
        last: c.samples.last().map_or(Usd::from_raw(initial), |s| s.equity),
        sharpe: study::sharpe_of(&curve, data.interval()),
        returns: curve.len().saturating_sub(1) as u64,
    }));
    let bytes = record::encode(&body, Vec::new());
    journal.stage(NewRecord { class: Class::Fact, keep: true, bytes: &bytes })?;
    journal.commit()?;
    journal.close()?;
    Ok(former + 1)
}

/// The page.
pub(crate) fn page(p: &Parts<'_>) -> Tearsheet {
    let info = PageInfo {
        manifest: p.manifest,
        data: p.data.content_digest(),
        events: p.done.driver.engine().kernel().state().counters.events,
        trial: p.trial,
        interval: p.data.interval(),
        seed: p.seed,
        resamples: p.resamples,
        unfunded_hours: unfunded_hours(p.data),
    };
    tearsheet(p.spec, &p.done.collected, p.study, &info)
}

/// Writes page, JSON, fills, funding, equity; their paths.
pub(crate) fn write(p: &Parts<'_>, page: &Tearsheet, out: &Path) -> Result<Vec<String>, Failure> {
    let c = &p.done.collected;
    let json = serde_json::to_vec(page).map_err(|e| {
        Failure::new("ZERO-CLI-003", format!("the report cannot be rendered: {e}"), "report it")
    })?;
    let lines = |items: &mut dyn Iterator<Item = String>| {
        let mut text = String::new();
        for line in items {
            text.push_str(&line);
            text.push('\n');
        }
        text.into_bytes()
    };
    let all: [(&str, Vec<u8>); 6] = [
        ("tearsheet.html", render_html(page).into_bytes()),
        ("tearsheet.json", json),
        ("fills.jsonl", lines(&mut c.fills.iter().map(Json::to_json))),
        ("funding.jsonl", lines(&mut c.funding.iter().map(Json::to_json))),
        ("equity.jsonl", lines(&mut c.samples.iter().map(Json::to_json))),
        ("account.json", account(p).into_bytes()),
    ];
    let mut files = Vec::new();
    for (name, bytes) in all {
        let path = out.join(name);
        write_private(&path, &bytes)?;
        files.push(path.display().to_string());
    }
    Ok(files)
}

/// What an independent recomputation of the final equity starts from and must arrive at.
fn account(p: &Parts<'_>) -> String {
    let state = p.done.driver.engine().kernel().state();
    let mut out = String::from("{\"books\":[");
    for (i, (spec, ledger)) in p.spec.kernel.books.iter().zip(&state.ledger.books).enumerate() {
        if i > 0 {
            out.push(',');
        }
        let equity = state.ledger.book_equity(ledger, |c| state.mark(c)).ok().flatten();
        out.push_str(&format!("{{\"book\":{i},\"initial\":{},\"equity\":", spec.initial));
        equity.json(&mut out);
        out.push('}');
    }
    out.push_str("],\"marks\":[");
    for (i, coin) in state.coins.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        coin.mark.json(&mut out);
    }
    out.push_str("],\"instruments\":[");
    for (i, (_, ins)) in p.spec.universe.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str("{\"symbol\":");
        ins.symbol.json(&mut out);
        out.push_str(&format!(",\"sz_decimals\":{}}}", ins.sz_decimals));
    }
    let fees = &p.spec.paper.fees;
    out.push_str(&format!("],\"fees\":{{\"taker\":{},\"maker\":{}}},\"backstops\":", fees.taker, fees.maker));
    p.done.collected.backstops.json(&mut out);
    out.push_str(",\"digest\":");
    p.done.collected.digest.json(&mut out);
    out.push_str("}\n");
    out
}

fn packet(p: &Parts<'_>, page: &Tearsheet, files: Vec<String>) -> Backtest {
    let kernel = p.done.driver.engine().kernel();
    let usd = |v: Usd| Dec::scaled(v.raw(), Usd::DECIMALS);
    let mut statistics = vec![NamedStat { name: "net_sharpe".into(), stat: stat(&page.net_sharpe) }];
    statistics
        .extend(page.figures.iter().map(|f| NamedStat { name: f.key.clone(), stat: stat(&f.estimate) }));
    let one = |o: &Outcome| Baseline {
        name: o.name.clone(),
        runs: 1,
        final_equity: Some(usd(o.last)),
        p05: None,
        p95: None,
        p_value: None,
    };
    let mut baselines: Vec<Baseline> = p.study.iter().flat_map(|s| s.baselines.iter().map(one)).collect();
    if let Some(s) = p.study.filter(|s| !s.random.is_empty()) {
        baselines.push(random(s, &p.done.collected));
    }
    Backtest {
        schema_version: Default::default(),
        run: summary::packet(p.spec, p.data, (p.manifest, p.source), &p.done.collected, kernel),
        headline: headline(page).sentence,
        statistics,
        cost_sensitivity: p
            .study
            .iter()
            .flat_map(|s| &s.sensitivity)
            .map(|(k, o)| CostCase { multiple: *k, final_equity: Some(usd(o.last)), fees: usd(o.fees) })
            .collect(),
        baselines,
        trial: p.trial,
        files,
    }
}

fn random(s: &Study, run: &Collected) -> Baseline {
    let finals: Vec<f64> = s.random.iter().map(|o| o.last.to_f64()).collect();
    let own = run.samples.last().map_or(f64::NAN, |x| x.equity.to_f64());
    let quantile = |q: f64| {
        zero_stats::quantile(&finals, q)
            .ok()
            .and_then(Usd::from_f64_nearest)
            .map(|u| Dec::scaled(u.raw(), Usd::DECIMALS))
    };
    Baseline {
        name: "random entries".into(),
        runs: finals.len() as u64,
        final_equity: quantile(0.5),
        p05: quantile(0.05),
        p95: quantile(0.95),
        p_value: zero_stats::empirical_p(own, &finals).ok(),
    }
}

fn stat(e: &Estimate) -> Stat {
    let known = |x: f64| x.is_finite().then_some(x);
    let iso = |ms: i64| zero_core::Ts::from_ms(ms).map_or_else(String::new, |t| t.to_string());
    Stat {
        value: known(e.value),
        low: e.lo.and_then(known),
        high: e.hi.and_then(known),
        level: e.level,
        n: e.n,
        window: format!("{} to {}", iso(e.from_ms), iso(e.to_ms)),
        method: e.method.clone(),
    }
}

fn text(b: &Backtest) -> String {
    let mut out = format!("{}\n\n{}\n", b.headline, summary::text(&b.run));
    if !b.cost_sensitivity.is_empty() {
        out.push_str("\nFinal equity at other costs:");
        for c in &b.cost_sensitivity {
            out.push_str(&format!(
                "  x{} {}",
                c.multiple,
                c.final_equity.as_ref().map_or("unknown".into(), summary::money)
            ));
        }
        out.push('\n');
    }
    for x in &b.baselines {
        let range = match (&x.p05, &x.p95) {
            (Some(a), Some(z)) => {
                format!(" (5 % {}, 95 % {}, {} runs)", summary::money(a), summary::money(z), x.runs)
            }
            _ => String::new(),
        };
        let last = x.final_equity.as_ref().map_or("unknown".into(), summary::money);
        out.push_str(&format!("Baseline {}: {last}{range}\n", x.name));
    }
    out.push_str(&format!("\nTrial {} of this registry. Files:\n", b.trial));
    for f in &b.files {
        out.push_str(&format!("  {f}\n"));
    }
    out
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
