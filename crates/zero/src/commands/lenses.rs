//! `zero learn lenses` and `zero lenses`: what the opinions of lenses were worth. No lock is taken; the only file that is written
//! is an opinion model that was asked for.

use crate::args::{LensesArgs, ReadArgs};
use crate::commands::learn::lesson;
use crate::commands::show;
use crate::context::Context;
use crate::failure::Failure;
use crate::ui::Ui;
use crate::{convert, opinion_model};
use std::path::Path;
use std::process::ExitCode;
use zero_core::Ts;
use zero_data::{Dataset, EventRange, Store};
use zero_learn::opinions::{fit, rows};
use zero_learn::read::Depth;
use zero_learn::{Learner, Learnt, project};
use zero_runtime::record::Manifest;

pub(crate) fn learn(ctx: &Context, args: &LensesArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let learnt = match &args.data {
        Some(path) => over_data(ctx, path)?,
        None => lesson(ctx, &args.read, Depth::Shadows)?.0.learnt,
    };
    let fitted = fit(&learnt, args.alpha);
    let mut packet = project::learnt_lenses(&rows(&learnt), &fitted);
    if let Some(path) = &args.out {
        let refused = |code, hint: &str| {
            Failure::new(code, format!("no opinion model was written: {}", packet.reason), hint)
        };
        let model = match &fitted {
            Ok(f) => project::opinion_document(&f.model),
            Err(_) => {
                let hint = "let the run judge more candidates, or learn from more data with `--data`";
                return Err(refused("ZERO-LRN-003", hint));
            }
        };
        opinion_model::save(path, &model)?;
        packet.written = Some(path.display().to_string());
    }
    ui.packet(&packet, || show::learnt_lenses(&packet))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn lenses(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (lesson, source) = lesson(ctx, args, Depth::Shadows)?;
    let packet = project::lenses(&lesson, source);
    ui.packet(&packet, || show::lenses(&packet))?;
    Ok(ExitCode::SUCCESS)
}

/// The configured books over a store, in memory, with a learner at their side.
fn over_data(ctx: &Context, path: &Path) -> Result<Learnt, Failure> {
    let resolved = ctx.config(&[])?;
    let data = Dataset::from_store(&Store::open(path)?)?;
    let spec = convert::run_spec(ctx, &resolved.config, data.universe().clone(), convert::duration("3d")?)?;
    let manifest = Manifest::of(&spec, ctx.known_code()?, resolved.config.hash(), "store", Ts::ZERO)?;
    let mut learner = Learner::new(&[manifest]);
    let mut driver = spec.driver()?;
    let mut facts = Vec::new();
    for event in data.events(&EventRange::all()) {
        let event = event?;
        driver.feed(&event, &mut learner, &mut facts)?;
        learner.event(&event);
        facts.clear();
    }
    Ok(learner.finish())
}
