//! `zero strategy new|check|explain|list|test`.

use crate::args::{StrategyArgs, StrategyCommand};
use crate::component::{self, Loaded, LoadedLens, is_component};
use crate::context::Context;
use crate::failure::Failure;
use crate::private::regular;
use crate::table::{line, table};
use crate::ui::Ui;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zero_lang::bundled::template;
use zero_lang::{BUNDLED, Case, FILE_MAX, FileError, Outcome, StrategyFile, bundled, read};
use zero_packets::strategy::{
    StrategyCase, StrategyCheck, StrategyEntry, StrategyExplain, StrategyField, StrategyList, StrategyTest,
};
use zero_strategy::FeaturePlan;
use zero_strategy::lang::ast::Expr;
use zero_strategy::lang::catalog::Feature;
use zero_strategy::lang::document::is_name;
use zero_strategy::lang::strategy::features;
use zero_strategy::lang::{Document, DocumentStrategy};
use zero_strategy::precedence::PRECEDENCE;

pub(crate) fn run(ctx: &Context, command: &StrategyCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        StrategyCommand::New(a) => new(ctx, &a.name, ui),
        StrategyCommand::Check(a) => check(ctx, a, ui),
        StrategyCommand::Explain(a) => explain(ctx, a, ui),
        StrategyCommand::List => list(ctx, ui),
        StrategyCommand::Test(a) => test(ctx, a, ui),
    }
}

/// The document that a book or a command names: a path that ends in `.toml`, a file of the operator, a bundled one.
pub(crate) fn find(ctx: &Context, name: &str) -> Result<(StrategyFile, String), Failure> {
    let file = if name.ends_with(".toml") {
        Some(PathBuf::from(name))
    } else {
        is_name(name).then(|| own(ctx, name)).filter(|p| p.exists())
    };
    if let Some(path) = file {
        let bytes = bytes(&path)?;
        let place = path.display().to_string();
        return match read(&bytes) {
            Ok(f) => Ok((f, place)),
            Err(e) => Err(failure(&place, &e)),
        };
    }
    Ok((find_bundled(name)?, "bundled".into()))
}

/// A bundled document.
pub(crate) fn find_bundled(name: &str) -> Result<StrategyFile, Failure> {
    match bundled(name).map(|t| read(t.as_bytes())) {
        Some(Ok(f)) => Ok(f),
        Some(Err(e)) => Err(failure(name, &e)),
        None => Err(Failure::new(
            "ZERO-STR-008",
            format!("no strategy is called {name:?}"),
            "see `zero strategy list`",
        )),
    }
}

fn failure(place: &str, e: &FileError) -> Failure {
    let excerpt = if e.excerpt.is_empty() { String::new() } else { format!("\n{}", e.excerpt) };
    Failure::new(e.code, format!("{place}:{e}{excerpt}"), e.hint.clone())
}

/// Where the operator's strategies are.
pub(crate) fn folder(ctx: &Context) -> PathBuf {
    ctx.partition.dir().join("strategies")
}

fn own(ctx: &Context, name: &str) -> PathBuf {
    folder(ctx).join(format!("{name}.toml"))
}

/// At most one byte more than a document may have: a file of any size costs no more than that.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    regular(path)?;
    let file = fs::File::open(path).map_err(|e| Failure::io("read", path, &e))?;
    let mut out = Vec::new();
    file.take(FILE_MAX as u64 + 1).read_to_end(&mut out).map_err(|e| Failure::io("read", path, &e))?;
    Ok(out)
}

fn new(ctx: &Context, name: &str, ui: Ui) -> Result<ExitCode, Failure> {
    // Read back before it is written: a name that cannot be one is refused here.
    let text = template(name);
    let file = read(text.as_bytes()).map_err(|e| failure(name, &e))?;
    ctx.ensure_partition()?;
    let (dir, path) = (folder(ctx), own(ctx, name));
    fs::create_dir_all(&dir).map_err(|e| Failure::io("make", &dir, &e))?;
    let mut out = match fs::File::create_new(&path) {
        Ok(f) => f,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            let cause = format!("{} is there already", path.display());
            return Err(Failure::new("ZERO-STR-009", cause, "choose another name, or edit the file"));
        }
        Err(e) => return Err(Failure::io("write", &path, &e)),
    };
    out.write_all(text.as_bytes()).map_err(|e| Failure::io("write", &path, &e))?;
    checked(&file.document, path.display().to_string(), ui)
}

/// A component and its file.
fn component(ctx: &Context, name: &str) -> Result<(Loaded, PathBuf), Failure> {
    let path = component::place(&folder(ctx), name);
    Ok((component::load(&path)?, path))
}

fn check(ctx: &Context, args: &StrategyArgs, ui: Ui) -> Result<ExitCode, Failure> {
    if is_component(&args.strategy) {
        let path = component::place(&folder(ctx), &args.strategy);
        let place = path.display().to_string();
        if component::is_lens(&path) {
            let lens = component::load_lens(&path)?;
            return said(lens.name, place, lens.hash, ui);
        }
        let c = component::load(&path)?;
        return said(c.name, place, c.hash, ui);
    }
    let (file, place) = find(ctx, &args.strategy)?;
    checked(&file.document, place, ui)
}

fn checked(document: &Document, place: String, ui: Ui) -> Result<ExitCode, Failure> {
    said(document.name().to_owned(), place, document.meaning().to_string(), ui)
}

fn said(name: String, place: String, hash: String, ui: Ui) -> Result<ExitCode, Failure> {
    let packet = StrategyCheck { schema_version: Default::default(), name, place, hash };
    ui.packet(&packet, || {
        line("Strategy", &packet.name) + &line("Place", &packet.place) + &line("Hash", &packet.hash)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn explain(ctx: &Context, args: &StrategyArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let packet = if is_component(&args.strategy) {
        let path = component::place(&folder(ctx), &args.strategy);
        if component::is_lens(&path) {
            explained_lens(component::load_lens(&path)?)
        } else {
            explained_component(component::load(&path)?)
        }
    } else {
        explained_document(ctx, &args.strategy)?
    };
    ui.packet(&packet, || {
        let rows = packet.normal_form.iter().map(|f| [f.key.clone(), f.text.clone()]);
        line("Strategy", &format!("{} version {}", packet.name, packet.version))
            + &line("About", &packet.about)
            + &line("Hash", &packet.hash)
            + &line("Lookback", &format!("{} bars", packet.lookback_bars))
            + &line("Horizon", &format!("{} hours", packet.horizon_hours))
            + &line("Budget", &format!("{} steps per decision", packet.budget))
            + &line("Features", &packet.features.join(", "))
            + &line("Exits", &packet.exit_precedence.join(" > "))
            + "\n"
            + &table(["field", "normal form"], &[], rows.collect())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn explained_document(ctx: &Context, name: &str) -> Result<StrategyExplain, Failure> {
    let (file, place) = find(ctx, name)?;
    let d = &file.document;
    let cost = DocumentStrategy::cost(d)
        .map_err(|e| Failure::new(e.code, format!("{place}: {e}"), e.hint.clone()))?;
    Ok(StrategyExplain {
        schema_version: Default::default(),
        name: d.name().to_owned(),
        version: d.version(),
        about: file.about,
        hash: d.meaning().to_string(),
        digest: d.spec().digest().to_string(),
        lookback_bars: cost.lookback as u64,
        horizon_hours: d.horizon_hours(),
        budget: cost.budget as u64,
        features: texts(&features(d)),
        normal_form: d.normal().map(|(key, text)| StrategyField { key: key.to_owned(), text }).collect(),
        exit_precedence: PRECEDENCE.iter().map(|c| c.name().to_owned()).collect(),
    })
}

/// A component decides by itself which exit wins, and no text says how.
fn explained_component(c: Loaded) -> StrategyExplain {
    let mut plan = FeaturePlan::new();
    let _declared = c.hosted.build(&mut plan);
    StrategyExplain {
        schema_version: Default::default(),
        name: c.name,
        version: c.version,
        about: c.about,
        hash: c.hash,
        digest: c.hosted.spec().digest().to_string(),
        lookback_bars: plan.warm_up() as u64,
        horizon_hours: c.horizon_hours,
        budget: c.fuel,
        features: texts(&c.inputs),
        normal_form: c
            .fields
            .into_iter()
            .map(|(k, text)| StrategyField { key: k.to_owned(), text })
            .collect(),
        exit_precedence: Vec::new(),
    }
}

/// A lens has no horizon and no exits: both belong to whoever wants the entry.
fn explained_lens(lens: LoadedLens) -> StrategyExplain {
    let mut plan = FeaturePlan::new();
    let _declared = lens.hosted.build(&mut plan);
    StrategyExplain {
        schema_version: Default::default(),
        name: lens.name,
        version: lens.version,
        about: lens.about,
        hash: lens.hash,
        digest: lens.hosted.spec().digest().to_string(),
        lookback_bars: plan.warm_up() as u64,
        horizon_hours: 0,
        budget: lens.fuel,
        features: texts(&lens.inputs),
        normal_form: lens
            .fields
            .into_iter()
            .map(|(k, text)| StrategyField { key: k.to_owned(), text })
            .collect(),
        exit_precedence: Vec::new(),
    }
}

fn texts(features: &[Feature]) -> Vec<String> {
    features.iter().map(|f| Expr::Feature(*f).to_string()).collect()
}

fn list(ctx: &Context, ui: Ui) -> Result<ExitCode, Failure> {
    let entry = |name: &str, place: String, file: Result<StrategyFile, String>| match file {
        Ok(f) => StrategyEntry {
            name: name.to_owned(),
            place,
            about: f.about,
            valid: true,
            hash: Some(f.document.meaning().to_string()),
        },
        Err(about) => StrategyEntry { name: name.to_owned(), place, about, valid: false, hash: None },
    };
    let of = |bytes: &[u8]| read(bytes).map_err(|e| e.to_string());
    let mut strategies: Vec<StrategyEntry> =
        BUNDLED.iter().map(|(n, text)| entry(n, "bundled".into(), of(text.as_bytes()))).collect();
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder(ctx)) {
        Ok(found) => found.filter_map(Result::ok).map(|f| f.path()).collect(),
        Err(_) => Vec::new(),
    };
    let ends = |p: &Path, e: &str| p.to_string_lossy().ends_with(e);
    paths.retain(|p| ends(p, ".wasm") || (ends(p, ".toml") && !ends(p, ".test.toml")));
    paths.sort();
    for path in paths {
        let place = path.display().to_string();
        if ends(&path, ".wasm") {
            let name = path.file_name().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let loaded = if component::is_lens(&path) {
                component::load_lens(&path).map(|l| (l.about, l.hash))
            } else {
                component::load(&path).map(|c| (c.about, c.hash))
            };
            let (about, hash) = match loaded {
                Ok((about, hash)) => (about, Some(hash)),
                Err(e) => (e.0.cause, None),
            };
            strategies.push(StrategyEntry { name, place, about, valid: hash.is_some(), hash });
            continue;
        }
        let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let file = if is_name(&name) {
            bytes(&path).map_err(|e| e.0.cause).and_then(|b| of(&b))
        } else {
            Err("no book can name it: lower-case letters, digits and underscores, at most 32, a letter first"
                .into())
        };
        strategies.push(entry(&name, place, file));
    }
    let packet = StrategyList { schema_version: Default::default(), strategies };
    ui.packet(&packet, || {
        let rows = packet.strategies.iter().map(|s| {
            [
                s.name.clone(),
                s.place.clone(),
                if s.valid { s.about.clone() } else { format!("not valid: {}", s.about) },
            ]
        });
        table(["strategy", "place", "about"], &[], rows.collect())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn test(ctx: &Context, args: &StrategyArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let case = |c: &Case, outcome: Result<Outcome, String>| match outcome {
        Ok(o) => StrategyCase { passed: o.holds(), expected: o.expected, said: o.said },
        Err(why) => StrategyCase { passed: false, expected: c.says.clone(), said: why },
    };
    let (name, cases): (String, Vec<StrategyCase>) = if is_component(&args.strategy) {
        let (loaded, path) = component(ctx, &args.strategy)?;
        let mut plan = FeaturePlan::new();
        let s = loaded.hosted.build(&mut plan);
        let mut put = |c: &Case| case(c, c.put(s.as_ref(), &mut plan, &loaded.inputs));
        (loaded.name, component::cases(&path)?.iter().map(&mut put).collect())
    } else {
        let (file, _) = find(ctx, &args.strategy)?;
        let put = |c: &Case| case(c, c.run(&file.document));
        (file.document.name().to_owned(), file.cases.iter().map(put).collect())
    };
    let packet = StrategyTest {
        schema_version: Default::default(),
        name,
        passed: !cases.is_empty() && cases.iter().all(|c| c.passed),
        missing: cases.is_empty().then(|| "there is no fixture: nothing was tested".to_owned()),
        cases,
    };
    ui.packet(&packet, || {
        if let Some(missing) = &packet.missing {
            return line("Strategy", &packet.name)
                + &line("Test", missing)
                + &line("", "add [[test]] tables, as `zero strategy new` writes them");
        }
        let rows = packet.cases.iter().map(|c| {
            [c.expected.clone(), c.said.clone(), if c.passed { "passed" } else { "FAILED" }.to_owned()]
        });
        table(["expected", "said", ""], &[], rows.collect())
    })?;
    Ok(if packet.passed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
