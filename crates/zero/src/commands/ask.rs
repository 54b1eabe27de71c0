//! `zero evaluate|decision-stack|why|heat|approaching|regime|brief|pulse`: questions that a kernel rebuilt from the journal
//! answers, beside a running loop or at rest. No lock is taken and nothing is written.

use crate::args::{ApproachingArgs, BriefArgs, EvaluateArgs, PulseArgs, ReadArgs, RegimeArgs, WhyArgs};
use crate::commands::place::directory;
use crate::commands::read::{coin, look, read_with_features, reading};
use crate::commands::show;
use crate::component;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::ui::Ui;
use std::path::Path;
use std::process::ExitCode;
use zero_core::{CoinId, Ts, TsDiff};
use zero_journal::RealDisk;
use zero_kernel::record::{Abstained, CandidateTrace};
use zero_market::Side;
use zero_runtime::features::Features;
use zero_runtime::project::{self, Reading};
use zero_runtime::record::Body;
use zero_runtime::replica::{Past, Replica, past};
use zero_runtime::view::bodies_of_slice;

/// Candidates that a brief shows.
const RECENT: usize = 5;

pub(crate) fn evaluate(ctx: &Context, args: &EvaluateArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (r, replica) = asked(ctx, &args.read)?;
    let packet = project::evaluation(&r, &replica, one(&r, &args.coin)?, side(args.side.as_deref()))?;
    ui.packet(&packet, || show::evaluation(&packet, &r) + &show::stands(&replica))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn decision_stack(ctx: &Context, args: &EvaluateArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (r, replica) = asked(ctx, &args.read)?;
    let packet = project::decision_stack(&r, &replica, one(&r, &args.coin)?, side(args.side.as_deref()))?;
    ui.packet(&packet, || show::decision_stack(&packet, &r) + &show::stands(&replica))?;
    Ok(ExitCode::SUCCESS)
}

/// What a strategy came to in a slice.
enum Said {
    Judged(Box<CandidateTrace>),
    Nothing(Abstained),
}

pub(crate) fn why(ctx: &Context, args: &WhyArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let r = reading(ctx, &args.read)?;
    let dir = directory(ctx, args.read.journal.as_deref())?;
    let coin = one(&r, &args.coin)?;
    let at = args.at.as_deref().map(moment).transpose()?;
    let mut replica = Replica::before_slice_hosting(&RealDisk, &dir, (at, ctx.known_code()?), |m| {
        component::hosts(ctx, m)
    })?;
    let slice = (replica.decided_from, replica.now);
    let is_asked = |time: Ts, of: CoinId| (time, of) == (slice.1, coin);
    let said = bodies_of_slice(&RealDisk, &dir, slice, |body| match body {
        Body::Candidate(t) if is_asked(t.time, t.coin) => Some(Said::Judged(t.clone())),
        Body::Abstained(a) if is_asked(a.time, a.coin) => Some(Said::Nothing(*a)),
        _ => None,
    })?;
    let (mut recorded, mut silent) = (Vec::new(), Vec::new());
    for s in said {
        match s {
            Said::Judged(t) => recorded.push(*t),
            Said::Nothing(a) => silent.push(a),
        }
    }
    let packet = project::why(&r, &mut replica, coin, &recorded, &silent)?;
    ui.packet(&packet, || show::why(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn heat(ctx: &Context, args: &ReadArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (r, replica) = asked(ctx, args)?;
    let packet = project::heat(&r, &replica)?;
    ui.packet(&packet, || show::heat(&packet, &r) + &show::stands(&replica))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn approaching(ctx: &Context, args: &ApproachingArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let within = convert::duration(&args.within)?.unwrap_or(TsDiff::DAY);
    let (r, replica) = asked(ctx, &args.read)?;
    let packet = project::approaching(&r, &replica, within);
    ui.packet(&packet, || show::approaching(&packet, &r) + &show::stands(&replica))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn regime(ctx: &Context, args: &RegimeArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (r, replica) = asked(ctx, &args.read)?;
    let packet = project::regime(&r, &replica, coin(&r, args.coin.as_deref())?);
    ui.packet(&packet, || show::regime(&packet, &r) + &show::stands(&replica))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn brief(ctx: &Context, args: &BriefArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = directory(ctx, args.read.journal.as_deref())?;
    let (r, mut at_rest) = look(ctx, &dir)?;
    let replica = asked_of(ctx, &dir, &r, at_rest.features.take())?;
    let recent = at_rest.last_candidates((&RealDisk, &dir), RECENT, |_| true)?;
    let then = args.since.as_deref().map(|s| Ok::<_, Failure>((s, state_then(&dir, s, &r)?))).transpose()?;
    let packet = project::brief(&r, &replica, &recent, then.as_ref().map(|(s, p)| (*s, p)));
    ui.packet(&packet, || show::brief(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn pulse(ctx: &Context, args: &PulseArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let dir = directory(ctx, args.read.journal.as_deref())?;
    let (r, at_rest) = look(ctx, &dir)?;
    let pick = |seq, body: &Body| project::pulse_event(&r.view, seq, body);
    let events = at_rest.last_events((&RealDisk, &dir), args.limit as usize, pick)?;
    let packet = project::pulse(&r, events, args.limit);
    ui.packet(&packet, || show::pulse(&packet, &r))?;
    Ok(ExitCode::SUCCESS)
}

/// The journal as it is now, and its kernel.
fn asked(ctx: &Context, args: &ReadArgs) -> Result<(Reading, Replica), Failure> {
    let dir = directory(ctx, args.journal.as_deref())?;
    let (r, features) = read_with_features(ctx, &dir)?;
    let replica = asked_of(ctx, &dir, &r, features)?;
    Ok((replica.reading(&r), replica))
}

fn asked_of(ctx: &Context, dir: &Path, r: &Reading, features: Option<Features>) -> Result<Replica, Failure> {
    let hosts = component::hosts(ctx, &r.view.manifest);
    Ok(Replica::at_end_hosting(&RealDisk, dir, (&r.view, features), ctx.known_code()?, &hosts)?)
}

fn one(r: &Reading, symbol: &str) -> Result<CoinId, Failure> {
    Ok(coin(r, Some(symbol))?.unwrap_or(CoinId(0)))
}

fn side(text: Option<&str>) -> Option<Side> {
    match text? {
        "buy" => Some(Side::Buy),
        _ => Some(Side::Sell),
    }
}

fn moment(text: &str) -> Result<Ts, Failure> {
    Ts::parse_iso(text).ok_or_else(|| {
        let cause = format!("{text:?} is not a time");
        Failure::new("ZERO-CLI-020", cause, "write it as 2025-09-05T16:00:00Z")
    })
}

/// The run before a sequence, or with everything up to an event time.
fn state_then(dir: &Path, since: &str, r: &Reading) -> Result<Past, Failure> {
    let beyond =
        |what: String| Failure::new("ZERO-CLI-020", what, "leave --since out for the state as it is now");
    if let Ok(seq) = since.parse::<u64>() {
        if seq > r.view.next_seq {
            return Err(beyond(format!("record {seq} is not written: the next is {}", r.view.next_seq)));
        }
        // Nothing is known before the first record, which describes the run.
        return Ok(past(&RealDisk, dir, |at, _| at >= seq.max(1))?);
    }
    let time = moment(since)?;
    if time > r.view.state.now {
        return Err(beyond(format!("the run has come to {} and not to {time}", r.view.state.now)));
    }
    let later = |_: u64, body: &Body| match body {
        // A start and an end carry the wall clock, which says nothing about where they stand in event time.
        Body::Fact(_) => project::event_time(body).is_some_and(|t| t > time),
        _ => false,
    };
    Ok(past(&RealDisk, dir, later)?)
}
