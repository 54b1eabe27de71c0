//! `zero readiness`: claims and the evidence for them.

use crate::args::ReadinessArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::table;
use crate::ui::Ui;
use std::fs;
use std::process::ExitCode;
use zero_packets::readiness::Readiness;

pub(crate) fn run(ctx: &Context, args: &ReadinessArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = &args.evidence;
    let packet = zero_capability::readiness(ctx.clock.now(), |name| {
        fs::read_to_string(dir.join(format!("{name}.json"))).ok()
    });
    ui.packet(&packet, || text(&packet))?;
    Ok(if packet.verdict == "ready" { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn text(p: &Readiness) -> String {
    let rows = p.claims.iter().map(|c| {
        let age = c.age_days.map_or("-".into(), |d| format!("{d} d"));
        let note =
            if c.status == "holds" { c.reason.clone() } else { format!("{}\n-> {}", c.reason, c.rebuild) };
        [c.status.clone(), c.name.clone(), age, c.claim.clone(), note]
    });
    let score = p.score.map_or_else(
        || format!("unknown, between {:.0} and {:.0}", p.score_low, p.score_high),
        |s| format!("{s:.0}"),
    );
    table(["", "evidence", "age", "claim", "found"], &[2], rows.collect())
        + &format!("\nscore {score} of 100: {}\n", p.verdict)
}
