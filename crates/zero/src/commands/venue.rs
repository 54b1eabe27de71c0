//! `zero quote`, `zero hl ...`, `zero live ...`: the venue's side and the live path, from the journal.

use crate::args::{HlCommand, HlStatusArgs, LiveCommand, QuoteArgs};
use crate::commands::place::directory;
use crate::commands::read::{self, find_coin};
use crate::commands::seams;
use crate::commands::show;
use crate::context::Context;
use crate::failure::Failure;
use crate::ui::Ui;
use std::process::ExitCode;
use zero_packets::Packet;
use zero_packets::live::OperatorContext;
use zero_runtime::project;

/// Code of an account that is not configured.
const NO_ACCOUNT: &str = "ZERO-API-060";

pub(crate) fn quote(ctx: &Context, args: &QuoteArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = read::reading(ctx, &args.read)?;
    let coin = read::coin(&r, Some(&args.coin))?;
    let quote = coin.and_then(|c| project::quote(&r, c)).ok_or_else(|| {
        let cause = format!("{} has no mark yet", args.coin);
        Failure::new("ZERO-CLI-014", cause, "let the run see its first bars")
    })?;
    print(&quote, ui)
}

pub(crate) fn hl(ctx: &Context, command: &HlCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        HlCommand::Status(a) => hl_status(ctx, a, ui),
        HlCommand::Account(a) => {
            read::reading(ctx, a)?;
            let hint = zero_packets::errors::find(NO_ACCOUNT).map_or("", |e| e.hint);
            Err(Failure::new(NO_ACCOUNT, "this paper runtime has no account at the venue", hint))
        }
        HlCommand::Reconcile(a) => print(&project::reconciliation(&read::reading(ctx, a)?), ui),
    }
}

fn hl_status(ctx: &Context, args: &HlStatusArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = read::reading(ctx, &args.read)?;
    let universe = &r.view.manifest.universe;
    let coins = args.coins.iter().map(|c| find_coin(universe, Some(c))).collect::<Result<Vec<_>, _>>()?;
    let coins: Vec<_> = coins.into_iter().flatten().collect();
    print(&project::hl_status(&r, &coins), ui)
}

pub(crate) fn live(ctx: &Context, command: &LiveCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        LiveCommand::Preflight(a) => print(&project::preflight(&read::reading(ctx, a)?), ui),
        LiveCommand::Certification(a) => print(&project::certification(&read::reading(ctx, a)?), ui),
        LiveCommand::Receipts(a) => print(&project::receipts(&read::reading(ctx, a)?, who(ctx)), ui),
        LiveCommand::CanaryPolicy(a) => seams::canary_policy(ctx, a, ui),
        LiveCommand::Evidence(a) => seams::evidence(ctx, a, ui),
        LiveCommand::Cockpit(a) => {
            let (r, at_rest) = read::look(ctx, &directory(ctx, a.journal.as_deref())?)?;
            let acts = project::recent_acts(&at_rest.latest, &r);
            print(&project::cockpit(&r, who(ctx), &acts), ui)
        }
    }
}

/// Whoever can read the partition is its operator; no token is involved.
pub(crate) fn who(ctx: &Context) -> OperatorContext {
    OperatorContext {
        schema_version: Default::default(),
        operator_id: ctx.operator.to_string(),
        handle: ctx.operator.to_string(),
        role: "operator".into(),
        scope: "read".into(),
        source: Some("none".into()),
        identity_policy: Default::default(),
    }
}

pub(crate) fn print<P: Packet>(packet: &P, ui: Ui) -> Result<ExitCode, Failure> {
    ui.packet(packet, || show::plain(packet))?;
    Ok(ExitCode::SUCCESS)
}
