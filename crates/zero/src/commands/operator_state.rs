//! `zero operator-state` and `zero friction`.

use crate::args::OperatorStateArgs;
use crate::commands::place::directory;
use crate::commands::read;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{line, span, table};
use crate::ui::Ui;
use std::process::ExitCode;
use zero_core::Ts;
use zero_journal::RealDisk;
use zero_packets::operator_state::{FrictionContract, NextRequest, OperatorState};
use zero_runtime::project;

pub(crate) fn run(ctx: &Context, args: &OperatorStateArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = directory(ctx, args.read.journal.as_deref())?;
    let r = read::read(ctx, &dir)?;
    let packet = match &args.at {
        None => project::operator_state(&r),
        Some(text) => {
            let at = Ts::parse_iso(text).ok_or_else(|| {
                Failure::new(
                    "ZERO-CLI-020",
                    format!("{text:?} is no time"),
                    "write it as 2025-09-05T16:00:00Z",
                )
            })?;
            project::operator_state_at((&RealDisk, &dir), &r, at)?
        }
    };
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn friction(ui: Ui) -> Result<ExitCode, Failure> {
    let packet = project::friction_contract();
    ui.packet(&packet, || contract(&packet))?;
    Ok(ExitCode::SUCCESS)
}

fn text(p: &OperatorState) -> String {
    let v = &p.vector;
    let s = |ms: u64| span(ms as f64 / 1_000.0);
    let because = if p.causes.is_empty() { String::new() } else { format!(": {}", p.causes.join(", ")) };
    let mut out = line("Operator", &format!("{}, friction {}{because}", p.label, p.standing_friction));
    out += &line("Next increase", &next(&p.next_request));
    let usual = v.velocity.baseline_1h.map_or("not known yet".to_owned(), |b| format!("{b} an hour"));
    let (hour, four, day) = (v.velocity.last_1h, v.velocity.last_4h, v.velocity.last_24h);
    out += &line("Decisions", &format!("{hour} in 1 h, {four} in 4 h, {day} in 24 h; usually {usual}"));
    let d = &v.deviation;
    let overrides = format!(
        "{} of the last {}, {} of the last {}",
        d.overrides_last_10, d.verdicts_last_10, d.overrides_last_50, d.verdicts_last_50
    );
    out += &line("Overrides", &overrides);
    let (active, since) = (s(v.session.active_duration_ms), s(v.session.since_last_break_ms));
    out += &line("Active", &format!("{active}, {since} since a break"));
    let r = &v.re_entry;
    out += &line(
        "Re-entries",
        &format!(
            "{} within 15 min, {} within 30 min, {} within 2 h of a loss",
            r.within_15m, r.within_30m, r.within_2h
        ),
    );
    let rest = v.sleep_proxy.hours_since_rest_ended;
    out += &line(
        "Rest",
        &rest.map_or("none seen yet".to_owned(), |h| format!("ended {} ago", span(h * 3_600.0))),
    );
    if let Some(until) = &p.break_until {
        out += &line(
            "Break",
            &format!("until {until}: no increase that you ask for is admitted before; strategies go on"),
        );
    }
    if let Some(then) = &p.next_request.after_break {
        let what = meets(&then.verdict, then.phrase, then.pause_s);
        out += &line("After it", &format!("an increase would meet {}: {what}", then.level));
    }
    for w in &p.waiting {
        let typed = if w.typed { "typed" } else { "not typed" };
        out += &line("Waiting", &format!("{} ({typed}), from {} to {}", w.phrase, w.not_before, w.until));
    }
    out + &line("As of", &p.as_of)
}

fn next(n: &NextRequest) -> String {
    let because = if n.causes.is_empty() { String::new() } else { format!(": {}", n.causes.join(", ")) };
    let what = match n.verdict.as_str() {
        "on_break" => format!("refused until the break is over, {}", n.not_before),
        verdict => meets(verdict, n.phrase, n.pause_s),
    };
    format!("asked for now would meet {}, {}{because}; {what}", n.level, n.label)
}

fn meets(verdict: &str, phrase: bool, pause_s: u32) -> String {
    match verdict {
        "held" if phrase => format!("held for {pause_s} s, and a phrase"),
        "held" => format!("held for {pause_s} s"),
        other => other.to_owned(),
    }
}

fn contract(p: &FrictionContract) -> String {
    let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
    let rows = p.levels.iter().map(|l| {
        [
            l.level.clone(),
            format!("{} s", l.pause_s),
            yes(l.phrase),
            yes(l.refuses),
            format!("{} s", l.window_s),
        ]
    });
    let mut out = table(["level", "pause", "phrase", "refuses", "window"], &[1, 4], rows.collect());
    out += &line("Gated", &p.gated.join(", "));
    out += &line("Never gated", &p.never_gated.join(", "));
    let rows =
        p.thresholds.iter().map(|t| [t.name.clone(), t.value.to_string(), t.unit.clone(), t.meaning.clone()]);
    out + &table(["threshold", "value", "unit", "meaning"], &[1], rows.collect())
}
