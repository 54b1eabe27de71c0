//! `zero mcp`: the surface for agents as a process of its own. It reads the runtime where one serves and the journal where
//! none does, holds no key, and connects to nothing else.

use crate::args::McpArgs;
use crate::commands::parity;
use crate::commands::place::directory;
use crate::component;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::line;
use crate::ui::Ui;
use std::process::ExitCode;
use std::sync::Arc;
use zero_config::home::{Principal, read_token};
use zero_journal::RealDisk;
use zero_mcp::{Backend, Front, Place};
use zero_runtime::view::RunView;

pub(crate) fn run(ctx: &Context, args: &McpArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let journal = directory(ctx, args.read.journal.as_deref())?;
    // A journal that cannot be read is said where it is asked, with its own reason.
    let manifest = RunView::load(&RealDisk, &journal).ok().map(|v| v.manifest);
    let place = Place {
        journal,
        hosts: manifest.map_or_else(Default::default, |m| component::hosts(ctx, &m)),
        reports: ctx.partition.reports(),
        parity: parity::place(&ctx.partition.dir()),
        operator: ctx.operator.to_string(),
        code: ctx.known_code()?,
        clock: Arc::clone(&ctx.clock),
        live: None,
    };
    let front = Front { place, at_rest: args.at_rest, token: token(ctx) };
    let backend: Arc<dyn Backend> = Arc::new(front);
    let failed = |e: std::io::Error| Failure::new("ZERO-MCP-010", e.to_string(), hint("ZERO-MCP-010"));
    if !args.smoke {
        zero_mcp::stdio(backend, Arc::clone(&ctx.clock)).map_err(failed)?;
        return Ok(ExitCode::SUCCESS);
    }
    let packet = zero_mcp::check(&backend, &ctx.clock).map_err(failed)?;
    ui.packet(&packet, || {
        let mut out = line("Read from", &packet.read_from);
        out += &line(
            "Answered",
            &format!(
                "{} tools, {} resources, {} prompts, each in two eras",
                packet.tools, packet.resources, packet.prompts
            ),
        );
        out += &line("Tools", &packet.tools_digest);
        packet.problems.iter().for_each(|p| out += &line("PROBLEM", p));
        let unchecked = packet.unchecked.len();
        let verdict = match (packet.ok, unchecked) {
            (false, _) => "FAILED".into(),
            (true, 0) => "everything answers by its schema".into(),
            (true, n) => {
                format!("no fault found; {n} tools and resources could not be checked without a run")
            }
        };
        if unchecked > 0 {
            out += &line("NOT CHECKED", &packet.unchecked.join(" "));
        }
        out + &line("Verdict", &verdict)
    })?;
    Ok(if packet.ok { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

/// The agent's token and no other. One that is not there, or not to be trusted, is not sent.
fn token(ctx: &Context) -> Option<String> {
    let token = read_token(&ctx.partition, Principal::Agent).ok().flatten()?;
    Some(String::from_utf8_lossy(token.expose()).into_owned())
}

fn hint(code: &str) -> &'static str {
    zero_packets::errors::find(code).map_or("", |e| e.hint)
}
