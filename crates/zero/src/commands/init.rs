//! `zero init`: the operator's partition, configuration file and keys, where they are missing.

use crate::args::InitArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::line;
use crate::ui::{self, Ui};
use std::process::ExitCode;
use zero_config::home::{InitOptions, init};
use zero_packets::init::{Init, InitItem};

pub(crate) fn run(ctx: &Context, args: &InitArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = ctx.partition.dir();
    if !args.no_input && !ui.is_json() && !ctx.partition.exists() && ui::can_ask() {
        let question = format!("Make a partition for operator {} in {}? [Y/n] ", ctx.operator, dir.display());
        let answer = ui::ask(&question).map_err(|e| Failure::io("ask about", &dir, &e))?;
        if !matches!(answer.to_ascii_lowercase().as_str(), "" | "y" | "yes") {
            ui.note("nothing was made");
            return Ok(ExitCode::SUCCESS);
        }
    }
    let report = init(&ctx.home, &ctx.operator, InitOptions { keys: true, now: ctx.clock.now() })?;
    let items = report.items.iter().map(|i| InitItem {
        path: i.path.display().to_string(),
        what: i.what.to_owned(),
        created: i.created,
    });
    let packet = Init {
        schema_version: Default::default(),
        operator: ctx.operator.to_string(),
        path: dir.display().to_string(),
        changed: report.changed(),
        items: items.collect(),
    };
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

fn text(p: &Init) -> String {
    let mut out = line("Operator", &p.operator) + &line("Partition", &p.path);
    if !p.changed {
        return out + &line("", "everything was there already; nothing was changed");
    }
    for i in &p.items {
        let what = if i.created { "made" } else { "kept" };
        out += &line("", &format!("{what}  {:<14} {}", i.what, i.path));
    }
    out + "\nNext:\n  zero config check\n  zero doctor\n  zero demo\n"
}
