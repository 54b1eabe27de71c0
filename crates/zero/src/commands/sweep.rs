//! `zero backtest --sweep`: every variant of a grid on all cores, each counted in the registry of trials, and the best held
//! against what a search of that size finds by chance.

use crate::cli::BacktestArgs;
use crate::commands::backtest::{cores, prove_feasible};
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::private::{private_dir, write_private};
use crate::progress;
use crate::stop;
use crate::table::{line, table};
use crate::ui::Ui;
use std::collections::BTreeMap;
use std::process::ExitCode;
use zero_core::{Digest32, Rate, Ts, Usd};
use zero_data::Dataset;
use zero_journal::{Class, Journal, NewRecord, RealDisk};
use zero_packets::Dec;
use zero_packets::sweep::{
    OverfittingOdds, PurgedPaths, SharpeOdds, SuperiorOdds, Sweep, TrackLength, VariantResult, WalkStep,
};
use zero_runtime::record::{self, Body, Manifest, Trial};
use zero_runtime::sweep::{
    self, BLOCKS, CONFIDENCE, DAYS_PER_YEAR, EMBARGO, Evidence, GROUPS, REPLICATES, Ran, Tried,
};
use zero_runtime::{RunSpec, view};
use zero_stats::{SharpeEvidence, StatsError, choose};

/// Rows of the table that a person is shown.
const SHOWN: usize = 15;

/// A variant: the swept values, and the run that they make.
struct Variant {
    values: BTreeMap<String, String>,
    settings: Digest32,
    spec: RunSpec,
}

pub(crate) fn run(ctx: &Context, args: &BacktestArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let stop = stop::on_signal()?;
    let axes = args.sweep.iter().map(|t| axis(t)).collect::<Result<Vec<_>, _>>()?;
    let grid = grid(&axes, args.max as usize)?;
    let resolved = ctx.config(&[])?;
    let (data, source) = convert::market(&resolved.config, &args.market)?;
    let clear = convert::duration(&args.clear_halts_after)?;
    let variants = grid
        .into_iter()
        .map(|values| {
            let resolved = ctx.variant(&values)?;
            let spec = convert::run_spec(ctx, &resolved.config, data.universe().clone(), clear)?;
            prove_feasible(&spec, &data)?;
            Ok(Variant { values, settings: resolved.config.hash(), spec })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let jobs: Vec<(String, RunSpec)> =
        variants.iter().enumerate().map(|(i, v)| (format!("variant {i}"), v.spec.clone())).collect();
    let bar = progress::bar("variants", jobs.len() as u64);
    let threads = args.threads.unwrap_or_else(cores);
    let ran = sweep::run(&data, &jobs, threads, &stop, &|done, _| bar.set_position(done))?;
    bar.finish_and_clear();
    let tried = register(ctx, &variants, &ran, (&data, &source))?;
    let trials = tried.count;
    let evidence = sweep::judge(
        &ran,
        &tried,
        resolved.config.backtest.seed,
        sweep::label_days(variants.iter().map(|v| &v.spec)),
    );
    let mut packet = packet(&axes, &variants, &ran, &evidence, (&data, &source, trials));
    let out =
        args.out.clone().unwrap_or_else(|| ctx.partition.reports().join(format!("sweep-{}", ctx.stamp())));
    private_dir(&out)?;
    let path = out.join("sweep.json");
    packet.files = vec![path.display().to_string()];
    let json = serde_json::to_vec(&packet).map_err(|e| {
        Failure::new("ZERO-CLI-003", format!("the report cannot be rendered: {e}"), "report it")
    })?;
    write_private(&path, &json)?;
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

/// A key with its values, in order.
type Axis = (String, Vec<String>);

fn bad(text: &str, why: &str) -> Failure {
    let hint = "write KEY=A:B:STEP with the key's own unit, such as books.trend.trend.lookback=24:240:24";
    Failure::new("ZERO-CLI-021", format!("{text:?} is no sweep: {why}"), hint)
}

/// `KEY=A:B:STEP`; a unit, such as `h`, stands behind each number or behind none. Exact: steps are decimal, not binary.
fn axis(text: &str) -> Result<Axis, Failure> {
    let (key, range) = text.split_once('=').ok_or_else(|| bad(text, "it names no key"))?;
    let parts: Vec<&str> = range.split(':').collect();
    let [from, to, step] = parts.as_slice() else { return Err(bad(text, "it needs A:B:STEP")) };
    let split = |t: &str| {
        let at = t.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(t.len());
        let (number, unit) = t.split_at(at);
        Rate::parse(number)
            .map(|r| (r, unit.to_owned()))
            .map_err(|_| bad(text, &format!("{t:?} is no number")))
    };
    let ((a, unit), (b, unit_b), (step, unit_step)) = (split(from)?, split(to)?, split(step)?);
    if unit != unit_b || unit != unit_step {
        return Err(bad(text, "its units differ"));
    }
    if step.raw() <= 0 || a > b {
        return Err(bad(text, "it has to rise in steps above zero"));
    }
    let n = (b.raw() - a.raw()) / step.raw() + 1;
    if n > 100_000 {
        return Err(bad(text, "it has too many values"));
    }
    let values = (0..n).map(|i| format!("{}{unit}", Rate::from_raw(a.raw() + i * step.raw())));
    Ok((key.trim().to_owned(), values.collect()))
}

/// Every combination, the last key fastest.
fn grid(axes: &[Axis], max: usize) -> Result<Vec<BTreeMap<String, String>>, Failure> {
    // Of two values of one key the last would win, and variants that are the same would be counted as several.
    let twice = axes.iter().enumerate().find(|(i, (key, _))| axes.iter().take(*i).any(|(k, _)| k == key));
    if let Some((_, (key, _))) = twice {
        let cause = format!("{key:?} is swept twice");
        return Err(Failure::new("ZERO-CLI-021", cause, "give each key one range"));
    }
    let size = axes.iter().try_fold(1usize, |n, (_, v)| n.checked_mul(v.len())).unwrap_or(usize::MAX);
    if size > max {
        let cause = format!("the grid has {size} variants, more than {max}");
        return Err(Failure::new("ZERO-CLI-021", cause, "widen the steps, or raise --max"));
    }
    let mut out = vec![BTreeMap::new()];
    for (key, values) in axes {
        out = out
            .into_iter()
            .flat_map(|row: BTreeMap<String, String>| {
                values.iter().map(move |v| {
                    let mut row = row.clone();
                    row.insert(key.clone(), v.clone());
                    row
                })
            })
            .collect();
    }
    Ok(out)
}

/// Counts every variant as a trial, in one batch; what the registry holds then.
fn register(
    ctx: &Context,
    variants: &[Variant],
    ran: &[Ran],
    (data, source): (&Dataset, &str),
) -> Result<Tried, Failure> {
    let dir = ctx.trials();
    let (mut journal, _) = Journal::open(RealDisk, &dir, ctx.journal_options("trials", "backtest")?)?;
    let former = view::trials(&RealDisk, &dir)?;
    let (code, now, digest) = (ctx.code()?, ctx.clock.now(), data.content_digest());
    let (from, to) = data.span().unwrap_or((Ts::ZERO, Ts::ZERO));
    for (v, r) in variants.iter().zip(ran) {
        let manifest = Manifest::of(&v.spec, code, v.settings, source, now)?;
        let names: Vec<String> =
            manifest.strategies.iter().map(|s| format!("{} {}", s.name, s.params)).collect();
        let initial: i64 = v.spec.kernel.books.iter().map(|b| b.initial.raw()).sum();
        let body = Body::Trial(Box::new(Trial {
            time: now,
            epoch: manifest.epoch,
            data: digest,
            digest: r.outcome.digest,
            strategies: names.join("; "),
            from,
            to,
            initial: Usd::from_raw(initial),
            last: r.outcome.last,
            sharpe: r.outcome.sharpe,
            returns: r.outcome.returns,
        }));
        let bytes = record::encode(&body, Vec::new());
        journal.stage(NewRecord { class: Class::Fact, keep: true, bytes: &bytes })?;
    }
    journal.commit()?;
    journal.close()?;
    let per_day = |t: &Trial| t.sharpe / DAYS_PER_YEAR.sqrt();
    Ok(Tried {
        count: (former.len() + ran.len()) as u64,
        former: former.iter().map(per_day).filter(|r| r.is_finite()).collect(),
    })
}

fn annual(ratio: f64) -> f64 {
    ratio * DAYS_PER_YEAR.sqrt()
}

fn packet(
    axes: &[Axis],
    variants: &[Variant],
    ran: &[Ran],
    e: &Evidence,
    (data, source, trials): (&Dataset, &str, u64),
) -> Sweep {
    let usd = |v: Usd| Dec::scaled(v.raw(), Usd::DECIMALS);
    let mut order: Vec<usize> = (0..ran.len()).collect();
    let ratio = |i: usize| ran.get(i).and_then(Ran::ratio);
    order.sort_by(|a, b| {
        let key = |i: usize| ratio(i).unwrap_or(f64::NEG_INFINITY);
        key(*b).total_cmp(&key(*a)).then(a.cmp(b))
    });
    let values = |i: usize| variants.get(i).map_or_else(BTreeMap::new, |v| v.values.clone());
    let (from, to) = data.span().unwrap_or((Ts::ZERO, Ts::ZERO));
    let table = order.iter().filter_map(|i| {
        let r = ran.get(*i)?;
        Some(VariantResult {
            values: values(*i),
            final_equity: usd(r.outcome.last),
            sharpe: r.ratio().map(annual),
            fills: r.outcome.fills,
            fees: usd(r.outcome.fees),
            digest: r.outcome.digest.to_string(),
        })
    });
    Sweep {
        schema_version: Default::default(),
        data: source.to_owned(),
        data_digest: data.content_digest().to_string(),
        window: format!("{from} to {to}"),
        days: ran.iter().map(|r| r.daily.len()).min().unwrap_or(0) as u64,
        keys: axes.iter().cloned().collect(),
        variants: ran.len() as u64,
        idle: e.idle as u64,
        trials,
        verdict: verdict(e, trials),
        sharpe: odds(e.best.map(|_| 0.0), e.sharpe),
        deflated: odds(e.deflated.ok().map(|d| annual(d.benchmark)), e.deflated.map(|d| d.evidence)),
        track_record: track_length(e, ran),
        purged: purged_paths(e),
        overfitting: OverfittingOdds {
            pbo: e.overfit.as_ref().ok().map(|o| o.pbo),
            loss_share: e.overfit.as_ref().ok().map(|o| o.loss_share),
            blocks: BLOCKS as u32,
            splits: choose(BLOCKS, BLOCKS / 2),
            unknown: e.overfit.as_ref().err().map(ToString::to_string),
        },
        superior: SuperiorOdds {
            p_lower: e.superior.ok().map(|s| s.p_lower),
            p_consistent: e.superior.ok().map(|s| s.p_consistent),
            p_upper: e.superior.ok().map(|s| s.p_upper),
            replicates: REPLICATES,
            block_length: e.block_length,
            unknown: e.superior.err().map(|x| x.to_string()),
        },
        walk_forward: e
            .folds
            .iter()
            .map(|f| WalkStep {
                in_sample_days: f.in_sample as u64,
                out_of_sample_days: f.out_of_sample as u64,
                chosen: values(f.chosen),
                sharpe_in: annual(f.ratio_in),
                sharpe_out: f.ratio_out.map(annual),
                return_out: f.return_out,
            })
            .collect(),
        walk_forward_sharpe: e.walk_forward.map(annual),
        table: table.collect(),
        files: Vec::new(),
    }
}

fn track_length(e: &Evidence, ran: &[Ran]) -> TrackLength {
    let t = e.track_record.ok();
    let days = ran.iter().map(|r| r.daily.len()).min().unwrap_or(0);
    TrackLength {
        confidence: CONFIDENCE,
        at_estimate: t.map(|t| t.at_estimate),
        at_null: t.map(|t| t.at_null),
        days_needed: t.map(|t| t.longer),
        long_enough: t.map(|t| days as f64 >= t.longer),
        unknown: e.track_record.err().map(|x| x.to_string()),
    }
}

fn purged_paths(e: &Evidence) -> PurgedPaths {
    let found = e.purged.as_ref().and_then(|p| p.as_ref().ok());
    let why = match &e.purged {
        None => Some("a strategy has no horizon, so no length is known to purge by".to_owned()),
        Some(p) => p.as_ref().err().map(ToString::to_string),
    };
    PurgedPaths {
        groups: GROUPS.0 as u32,
        test_groups: GROUPS.1 as u32,
        label_days: e.label_days.map(|d| d as u64),
        embargo_days: EMBARGO as u64,
        splits: choose(GROUPS.0, GROUPS.1),
        paths: choose(GROUPS.0 - 1, GROUPS.1 - 1),
        sharpe: found.map_or_else(Vec::new, |p| p.ratios.iter().map(|r| annual(*r)).collect()),
        positive_share: found.map(|p| p.positive_share),
        unknown: why,
    }
}

fn odds(benchmark: Option<f64>, e: Result<SharpeEvidence, StatsError>) -> SharpeOdds {
    SharpeOdds {
        benchmark,
        at_estimate: e.ok().map(|x| x.at_estimate),
        at_null: e.ok().map(|x| x.at_null),
        smaller: e.ok().map(|x| x.smaller),
        unknown: e.err().map(|x| x.to_string()),
    }
}

/// What may be claimed: nothing below the usual bounds of all three.
fn verdict(e: &Evidence, trials: u64) -> String {
    if e.best.is_none() {
        return "No variant traded.".into();
    }
    match e.stands_out(0.05) {
        Some(true) => format!("The best variant stands out of {trials} trials at the 95 % level."),
        Some(false) => {
            format!("The best variant cannot be told from the best of {trials} trials without skill.")
        }
        None => "The evidence cannot be computed; see why at each figure.".into(),
    }
}

fn text(p: &Sweep) -> String {
    let number = |v: Option<f64>| v.map_or_else(|| "unknown".into(), |v| format!("{v:.3}"));
    let mut out = format!("{}\n\n", p.verdict);
    out += &line("Market", &format!("{}, {} days", p.data, p.days));
    out += &line(
        "Variants",
        &format!("{}, of them {} never traded; {} trials in the registry", p.variants, p.idle, p.trials),
    );
    let why = |u: &Option<String>| u.as_ref().map_or_else(String::new, |u| format!(" ({u})"));
    out += &line(
        "PSR",
        &format!(
            "{} that the best's ratio is above zero, by itself{}",
            number(p.sharpe.smaller),
            why(&p.sharpe.unknown)
        ),
    );
    out += &line(
        "DSR",
        &format!(
            "{} against {} a year, the best of {} trials by chance{}",
            number(p.deflated.smaller),
            number(p.deflated.benchmark),
            p.trials,
            why(&p.deflated.unknown)
        ),
    );
    out += &line(
        "PBO",
        &format!(
            "{} of {} splits{}",
            number(p.overfitting.pbo),
            p.overfitting.splits,
            why(&p.overfitting.unknown)
        ),
    );
    out += &line(
        "SPA",
        &format!(
            "p {} that the best only seems better than doing nothing{}",
            number(p.superior.p_consistent),
            why(&p.superior.unknown)
        ),
    );
    out += &line(
        "MinTRL",
        &format!(
            "{} days at {} % confidence, of {}{}",
            p.track_record.days_needed.map_or_else(|| "unknown".into(), |d| format!("{d:.0}")),
            p.track_record.confidence * 100.0,
            p.days,
            why(&p.track_record.unknown)
        ),
    );
    let least = p.purged.sharpe.iter().copied().reduce(f64::min);
    let most = p.purged.sharpe.iter().copied().reduce(f64::max);
    out += &line(
        "CPCV",
        &format!(
            "Sharpe {} to {} a year on {} held-out paths{}",
            number(least),
            number(most),
            p.purged.paths,
            why(&p.purged.unknown)
        ),
    );
    out += &line("Walk-forward", &format!("Sharpe {} a year out of sample", number(p.walk_forward_sharpe)));
    let shown = |v: &BTreeMap<String, String>| {
        v.iter()
            .map(|(k, v)| format!("{}={v}", k.rsplit('.').next().unwrap_or(k)))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let rows = p.walk_forward.iter().map(|f| {
        [
            f.in_sample_days.to_string(),
            f.out_of_sample_days.to_string(),
            shown(&f.chosen),
            number(Some(f.sharpe_in)),
            number(f.sharpe_out),
            format!("{:+.2} %", f.return_out * 100.0),
        ]
    });
    out.push('\n');
    out += &table(
        ["days in", "days out", "best in sample", "Sharpe in", "Sharpe out", "return out"],
        &[0, 1, 3, 4, 5],
        rows.collect(),
    );
    out.push('\n');
    let rows = p.table.iter().take(SHOWN).map(|v| {
        let usd = crate::commands::money;
        [shown(&v.values), usd(&v.final_equity), number(v.sharpe), v.fills.to_string(), usd(&v.fees)]
    });
    out += &table(["variant", "final equity", "Sharpe", "fills", "fees"], &[1, 2, 3, 4], rows.collect());
    if p.table.len() > SHOWN {
        out += &format!("and {} more\n", p.table.len() - SHOWN);
    }
    for f in &p.files {
        out += &format!("{f}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_its_ends_and_exact_steps() {
        assert_eq!(axis("k=0.1:0.5:0.2").unwrap().1, ["0.1", "0.3", "0.5"]);
        assert_eq!(axis("k=24h:72h:24h").unwrap().1, ["24h", "48h", "72h"]);
        assert_eq!(axis("k=1:2:3").unwrap().1, ["1"]);
        for text in ["k", "k=1:2", "k=1:2:0", "k=2:1:1", "k=1h:2:1", "k=a:b:c", "k=0:9000000:0.000001"] {
            assert_eq!(axis(text).unwrap_err().0.code, "ZERO-CLI-021", "{text}");
        }
    }

    #[test]
    fn a_grid_has_every_combination_once_and_is_bounded() {
        let axes = [axis("a=1:3:1").unwrap(), axis("b=1:2:1").unwrap()];
        let all = grid(&axes, 6).unwrap();
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (6, 6));
        assert!(grid(&axes, 5).is_err());
    }
}
