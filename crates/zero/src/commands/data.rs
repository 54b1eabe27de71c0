//! `zero data import|describe|synth`.

use crate::args::{DataCommand, DescribeArgs, ImportArgs, SynthArgs};
use crate::commands::place::FEES;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::progress;
use crate::table::{line, table};
use crate::ui::Ui;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zero_core::{Ts, TsDiff};
use zero_data::format::TimeUnit;
use zero_data::synth::{Edge, EdgeKind, SynthSpec};
use zero_data::{Description, Existing, Format, ImportOptions, Manifest, Store, describe, import, synth};
use zero_market::Instrument;
use zero_packets::data::{DataDescribe, DataImport, DataSynth, ImportedFile, Series};
use zero_runtime::record::synthetic_source;

pub(crate) fn run(ctx: &Context, command: &DataCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        DataCommand::Import(a) => take_in(ctx, a, ui),
        DataCommand::Describe(a) => look(ctx, a, ui),
        DataCommand::Synth(a) => make(ctx, a, ui),
    }
}

fn take_in(ctx: &Context, args: &ImportArgs, ui: Ui) -> Result<ExitCode, Failure> {
    for named in &args.files {
        std::fs::metadata(named).map_err(|e| Failure::io("read", named, &e))?;
    }
    let files = zero_data::import::collect_inputs(&args.files)?;
    let out = store_dir(ctx, args.out.as_deref(), "store")?;
    let options = options(ctx, args)?;
    let bar = progress::bar("import", files.len() as u64);
    let report = import(&files, &out, &options, &mut |p| bar.set_position(p.done as u64));
    bar.finish_and_clear();
    let report = report?;
    let packet = DataImport {
        schema_version: Default::default(),
        path: out.display().to_string(),
        files: imported(&files, report.store.manifest()),
        series: series(&describe(&report.store)?),
        digest: report.store.content_digest().to_string(),
        notes: report.notes,
    };
    ui.packet(&packet, || {
        let rows: u64 = packet.series.iter().map(|s| s.rows).sum();
        let mut out = line("Imported", &format!("{} files, {rows} rows", packet.files.len()));
        out += &line("Store", &packet.path);
        out += &line("Digest", &packet.digest);
        for (i, note) in packet.notes.iter().enumerate() {
            out += &line(if i == 0 { "Notes" } else { "" }, note);
        }
        out + "\n" + &text(&packet.series) + &format!("\nNext:\n  zero backtest --data {}\n", packet.path)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn options(ctx: &Context, args: &ImportArgs) -> Result<ImportOptions, Failure> {
    let bad = |what: &str, text: &str, hint: &str| {
        Failure::new("ZERO-CLI-011", format!("{text:?} is not {what}"), hint.to_owned())
    };
    let format = args.format.as_deref().and_then(Format::from_name);
    let interval = args.interval.as_deref().map(convert::duration).transpose()?.flatten();
    let time_unit = args
        .time_unit
        .as_deref()
        .map(|u| TimeUnit::from_name(u).ok_or_else(|| bad("a unit of time", u, "s, ms, us, ns or iso")))
        .transpose()?;
    let fetched_at = args
        .fetched_at
        .as_deref()
        .map(|t| Ts::parse_iso(t).ok_or_else(|| bad("a time", t, "write it as 2026-03-20T12:00:00Z")))
        .transpose()?;
    let instruments = args
        .instrument
        .iter()
        .map(|i| {
            instrument(i).ok_or_else(|| bad("an instrument", i, "write SYMBOL:SZ_DECIMALS:MAX_LEVERAGE"))
        })
        .collect::<Result<_, _>>()?;
    let allowed = ctx.config(FEES).is_ok_and(|r| r.config.data.allow_gaps);
    Ok(ImportOptions {
        format,
        coin: args.coin.clone(),
        interval,
        time_unit,
        fetched_at,
        allow_gaps: args.allow_gaps || allowed,
        instruments,
        infer_instrument: args.infer_instrument,
        existing: existing(args.replace),
        ..ImportOptions::default()
    })
}

fn instrument(text: &str) -> Option<Instrument> {
    let mut parts = text.split(':');
    let (symbol, decimals, leverage) =
        (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let fits = parts.next().is_none() && !symbol.is_empty() && decimals <= 6 && (1..=100).contains(&leverage);
    fits.then(|| Instrument::new(symbol, decimals, leverage))
}

const fn existing(replace: bool) -> Existing {
    if replace { Existing::Replace } else { Existing::Refuse }
}

/// What became of each file; a manifest names the source of every series.
fn imported(files: &[PathBuf], m: &Manifest) -> Vec<ImportedFile> {
    let entries: Vec<_> = m.coins.iter().flat_map(|c| c.bars.iter().chain(&c.funding)).collect();
    files
        .iter()
        .map(|path| {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let of_file = || entries.iter().filter(|e| e.source == name);
            ImportedFile {
                path: path.display().to_string(),
                format: of_file().next().map_or_else(|| "?".into(), |e| e.format.clone()),
                rows: of_file().map(|e| e.count).sum(),
                dropped: of_file().filter(|e| e.dropped_forming.is_some()).count() as u64,
            }
        })
        .collect()
}

fn look(ctx: &Context, args: &DescribeArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = store_dir(ctx, args.dir.as_deref(), "store")?;
    let store = Store::open(&dir)?;
    store.verify()?;
    let description = describe(&store)?;
    let packet = DataDescribe {
        schema_version: Default::default(),
        path: dir.display().to_string(),
        series: series(&description),
        digest: description.content_digest.clone(),
    };
    ui.packet(&packet, || {
        let prints: u64 = packet.series.iter().filter(|s| s.kind == "funding").map(|s| s.rows).sum();
        let agree: u64 = packet.series.iter().filter_map(|s| s.formula_agrees).sum();
        let mut out = line("Store", &packet.path) + &line("Digest", &packet.digest);
        out += &line(
            "Funding",
            &format!("{} of {} prints follow the venue's formula", group(agree), group(prints)),
        );
        out + "\n" + &text(&packet.series)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn make(ctx: &Context, args: &SynthArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let out = store_dir(ctx, args.out.as_deref(), "synth")?;
    let resolved = ctx.config(FEES)?;
    let data = &resolved.config.data;
    let mut spec = SynthSpec::seeded(args.seed.unwrap_or(data.synth_seed));
    let days = args.days.unwrap_or(data.synth_days);
    spec.bars = Some(u64::from(days) * 24);
    if !args.coins.is_empty() {
        spec = only(spec, &args.coins)?;
    }
    for text in &args.edge {
        spec.edges.push(edge(text)?);
    }
    spec.check()?;
    let market = synth::generate(&spec)?;
    let edges: String = args.edge.iter().map(|e| format!(", edge {e}")).collect();
    let source = format!("{}, {days} days{edges}", synthetic_source(spec.seed));
    let store = market.write_store(&out, existing(args.replace), &source)?;
    let mut planted: Vec<String> = args.edge.iter().map(|e| format!("edge {e}")).collect();
    if let Some(bar) = spec.crash_bar.filter(|b| spec.bars.is_none_or(|n| *b < n)) {
        planted.push(format!("crash in bar {bar}"));
    }
    let packet = DataSynth {
        schema_version: Default::default(),
        path: out.display().to_string(),
        seed: spec.seed,
        days,
        series: series(&describe(&store)?),
        planted,
        digest: store.content_digest().to_string(),
    };
    ui.packet(&packet, || {
        let planted = if packet.planted.is_empty() { "nothing".into() } else { packet.planted.join(", ") };
        let mut out = line("Market", &source) + &line("Planted", &planted);
        out += &line("Store", &packet.path);
        out += &line("Digest", &packet.digest);
        out + "\n" + &text(&packet.series)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn only(spec: SynthSpec, coins: &[String]) -> Result<SynthSpec, Failure> {
    let known: Vec<String> = spec.coins.iter().map(|c| c.instrument.symbol.clone()).collect();
    if let Some(unknown) = coins.iter().find(|c| !known.contains(c)) {
        let cause = format!("the synthetic market has no coin named {unknown:?}");
        return Err(Failure::new("ZERO-CLI-014", cause, format!("it has {}", known.join(", "))));
    }
    Ok(spec.only(&coins.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn edge(text: &str) -> Result<Edge, Failure> {
    let parts: Vec<&str> = text.split(':').collect();
    let part = |i: usize| parts.get(i).copied().filter(|p| !p.is_empty());
    let parsed = || -> Option<Edge> {
        let kind = match part(0)? {
            "momentum" => EdgeKind::Momentum,
            "reversal" => EdgeKind::Reversal,
            "carry" => EdgeKind::Carry,
            _ => return None,
        };
        let number = |i: usize, default: u64| part(i).map_or(Some(default), |p| p.parse().ok());
        Some(Edge {
            kind,
            coins: Vec::new(),
            strength: part(1)?.parse().ok()?,
            from_bar: number(2, 0)?,
            to_bar: part(3).map(str::parse).transpose().ok()?,
            lookback: u32::try_from(number(4, 168)?).ok()?,
        })
    };
    parsed().filter(|_| parts.len() <= 5).ok_or_else(|| {
        let hint = "write KIND:STRENGTH[:FROM[:TO[:LOOKBACK]]], such as momentum:0.05:0::168";
        Failure::new("ZERO-CLI-011", format!("{text:?} is not an edge"), hint)
    })
}

fn store_dir(ctx: &Context, dir: Option<&Path>, name: &str) -> Result<PathBuf, Failure> {
    match dir {
        Some(d) => Ok(d.to_owned()),
        None => Ok(ctx.partition.data().join(name)),
    }
}

fn series(d: &Description) -> Vec<Series> {
    let mut out = Vec::new();
    for c in &d.coins {
        if let Some(b) = &c.bars {
            out.push(Series {
                coin: c.symbol.clone(),
                kind: "bars".into(),
                rows: b.count,
                gaps: b.missing,
                interval_s: u64::try_from(d.interval_secs).ok(),
                from: Some(b.first.clone()),
                to: Some(b.last.clone()),
                source: b.provenance.as_ref().map(|p| p.source.clone()),
                dropped_forming: b.provenance.as_ref().and_then(|p| p.dropped_forming.clone()),
                annual_vol: b.annual_vol,
                on_grid: Some(b.on_grid),
                formula_agrees: None,
            });
        }
        if let Some(f) = &c.funding {
            out.push(Series {
                coin: c.symbol.clone(),
                kind: "funding".into(),
                rows: f.count,
                gaps: missing_hours(&f.first, &f.last, f.count),
                interval_s: None,
                from: Some(f.first.clone()),
                to: Some(f.last.clone()),
                source: f.provenance.as_ref().map(|p| p.source.clone()),
                dropped_forming: None,
                annual_vol: None,
                on_grid: None,
                formula_agrees: Some(f.formula_agrees),
            });
        }
    }
    out
}

fn text(all: &[Series]) -> String {
    let rows = all.iter().map(|s| {
        let what = match (s.annual_vol, s.formula_agrees) {
            (Some(v), _) => format!("volatility {:.0} % a year", v * 100.0),
            (_, Some(n)) => format!("{} follow the formula", group(n)),
            _ => String::new(),
        };
        let span = |t: &Option<String>| t.clone().unwrap_or_else(|| "?".into());
        [s.coin.clone(), s.kind.clone(), group(s.rows), s.gaps.to_string(), span(&s.from), span(&s.to), what]
    });
    table(["coin", "kind", "rows", "missing", "from", "to", ""], &[2, 3], rows.collect())
}

/// Hours between the first and the last print that have none.
fn missing_hours(first: &str, last: &str, count: u64) -> u64 {
    let span = Ts::parse_iso(last).zip(Ts::parse_iso(first)).map_or(0, |(b, a)| b.since(a).as_ns());
    (span / TsDiff::HOUR.as_ns() + 1).unsigned_abs().saturating_sub(count)
}

/// Thousands separators.
fn group(n: u64) -> String {
    let text = crate::commands::money(&zero_packets::Dec::from(n));
    text.trim_end_matches(".00").to_owned()
}
