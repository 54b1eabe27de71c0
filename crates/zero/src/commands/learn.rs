//! `zero learn gates`, `zero near-misses`, `zero execution`: what a journal teaches. No lock is taken; the only file that
//! is written is a cost model that was asked for.

use crate::args::{ExecutionArgs, GatesArgs, LearnCommand, NearMissesArgs, ReadArgs};
use crate::commands::place::directory;
use crate::commands::read::find_coin;
use crate::commands::show;
use crate::component;
use crate::context::Context;
use crate::failure::Failure;
use crate::ui::Ui;
use std::process::ExitCode;
use zero_journal::RealDisk;
use zero_learn::project;
use zero_learn::read::{Depth, Lesson, journal};
use zero_packets::{Packet as _, Source};

pub(crate) fn run(ctx: &Context, command: &LearnCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        LearnCommand::Gates(a) => gates(ctx, a, ui),
        LearnCommand::Lenses(a) => super::lenses::learn(ctx, a, ui),
    }
}

fn gates(ctx: &Context, args: &GatesArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (lesson, source) = lesson(ctx, &args.read, Depth::Shadows)?;
    let packet = project::gates(&lesson, args.alpha, source);
    ui.packet(&packet, || show::gates(&packet))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn near_misses(ctx: &Context, args: &NearMissesArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (lesson, source) = lesson(ctx, &args.read, Depth::Shadows)?;
    let coin = find_coin(&lesson.manifest.universe, args.coin.as_deref())?;
    let packet = project::near_misses(&lesson, (args.delta, args.limit as usize), coin, source);
    ui.packet(&packet, || show::near_misses(&packet))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn execution(ctx: &Context, args: &ExecutionArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (lesson, _) = lesson(ctx, &args.read, Depth::Orders)?;
    if let Some(path) = &args.model {
        let hint = "let the run trade first";
        let model = project::cost_model(&lesson.manifest, &lesson.executions)
            .ok_or_else(|| Failure::new("ZERO-LRN-001", "no order took liquidity: no cost is known", hint))?;
        let text = model.to_json().map_err(|e| {
            Failure::new("ZERO-CLI-003", format!("a packet cannot be rendered: {e}"), "report it")
        })?;
        std::fs::write(path, text + "\n").map_err(|e| Failure::io("write", path, &e))?;
    }
    let packet = project::feedback(&lesson);
    ui.packet(&packet, || show::execution(&packet))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn lesson(ctx: &Context, args: &ReadArgs, depth: Depth) -> Result<(Lesson, Source), Failure> {
    let dir = directory(ctx, args.journal.as_deref())?;
    let source = match zero_runtime::project::holder(&dir) {
        Some(_) => Source::Running,
        None => Source::AtRest,
    };
    Ok((journal(&RealDisk, &dir, depth, |m| component::hosts(ctx, m))?, source))
}
