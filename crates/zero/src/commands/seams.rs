//! `zero genesis|evolve|research|memory`, `zero audit|deployment|network ...`, and the parts of `zero live` that rest on them:
//! from the journal of a run.

use crate::args::{AuditCommand, DeploymentCommand, MemoryArgs, NetworkCommand, ReadArgs};
use crate::commands::place::directory;
use crate::commands::read;
use crate::commands::venue::{print, who};
use crate::context::Context;
use crate::failure::Failure;
use crate::ui::Ui;
use std::process::ExitCode;
use zero_journal::RealDisk;
use zero_packets::audit::Audit;
use zero_runtime::project::{self, AuditParts, Reading};

/// Decisions and acts of the audit that is hashed into the evidence.
const AUDITED: usize = 100;

pub(crate) fn genesis(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    print(&project::genesis(&read::reading(ctx, args)?), ui)
}

pub(crate) fn evolve(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    print(&project::evolve(&read::reading(ctx, args)?), ui)
}

pub(crate) fn research(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    print(&project::research(&read::reading(ctx, args)?), ui)
}

pub(crate) fn memory(ctx: &Context, args: &MemoryArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let mut packet = project::memory(&read::reading(ctx, &args.read)?, args.format == "md");
    packet.entries.truncate(args.limit as usize);
    print(&packet, ui)
}

pub(crate) fn audit(ctx: &Context, command: &AuditCommand, ui: Ui) -> Result<ExitCode, Failure> {
    let AuditCommand::Export(args) = command;
    print(&audited(ctx, &args.read, args.limit as usize)?.1, ui)
}

pub(crate) fn deployment(ctx: &Context, command: &DeploymentCommand, ui: Ui) -> Result<ExitCode, Failure> {
    let owner = ctx.operator.to_string();
    match command {
        DeploymentCommand::Claim(a) => print(&project::claim(&read::reading(ctx, a)?, &owner), ui),
        DeploymentCommand::Heartbeat(a) => {
            print(&project::deployment_heartbeat(&read::reading(ctx, a)?, &owner), ui)
        }
    }
}

pub(crate) fn network(ctx: &Context, command: &NetworkCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        NetworkCommand::Profile(a) => {
            print(&project::network_profile(&read::reading(ctx, a)?, &ctx.operator.to_string()), ui)
        }
        NetworkCommand::Leaderboard(a) => print(&project::leaderboard(&read::reading(ctx, a)?), ui),
    }
}

pub(crate) fn evidence(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (r, audit) = audited(ctx, args, AUDITED)?;
    print(&project::live_evidence(&r, who(ctx), &audit), ui)
}

pub(crate) fn canary_policy(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (r, audit) = audited(ctx, args, AUDITED)?;
    let evidence = project::live_evidence(&r, who(ctx), &audit);
    print(&project::canary_policy(&r, who(ctx), &evidence), ui)
}

fn audited(ctx: &Context, args: &ReadArgs, limit: usize) -> Result<(Reading, Audit), Failure> {
    let dir = directory(ctx, args.journal.as_deref())?;
    let (r, at_rest) = read::look(ctx, &dir)?;
    let parts = AuditParts::at_rest((&RealDisk, &dir), &at_rest, &r, limit)?;
    let audit = project::audit(&r, &ctx.operator.to_string(), parts);
    Ok((r, audit))
}
