//! `zero operator ...`: acts that are recorded. A running loop takes them from its inbox; without one they are recorded
//! directly, from what the journal itself says about its run. The acts that reduce risk are never asked about.

use crate::approvers::Registered;
use crate::args::{ActArgs, AutoCommand, CloseArgs, OperatorCommand, SubjectArgs};
use crate::commands::approve;
use crate::commands::notify;
use crate::commands::place::{FEES, Place};
use crate::commands::read;
use crate::component;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::table::{line, money};
use crate::ui::{self, Ui};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use zero_core::CoinId;
use zero_journal::{JournalError, Reader, RealDisk};
use zero_kernel::breakers;
use zero_kernel::operator::{Control, Ruling, Verdict};
use zero_market::event::{OperatorAction, OperatorEvent, close_subject};
use zero_packets::operator::{AutoState, OperatorAct};
use zero_runtime::approval::{self, ApprovalError};
use zero_runtime::inbox::{Act, Inbox, refusal_of};
use zero_runtime::looping::operate;
use zero_runtime::project::Reading;
use zero_runtime::record::Manifest;
use zero_runtime::reopen;
use zero_runtime::runner::{RunError, Runner};

/// How often the inbox is looked at while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An act as it was asked for.
pub(crate) struct Asked<'a> {
    pub action: OperatorAction,
    pub subject: String,
    pub reason: &'a str,
    pub act: &'a ActArgs,
    /// Nothing more is asked: it reduces risk or leaves it, or the operator said so.
    pub yes: bool,
}

pub(crate) fn run(ctx: &Context, command: &OperatorCommand, ui: Ui) -> Result<ExitCode, Failure> {
    use OperatorAction as A;
    let free =
        |action, reason: &'_ str, act: &'_ ActArgs| (action, String::new(), reason.to_owned(), act.clone());
    let ((action, subject, reason, act), yes) = match command {
        OperatorCommand::Pause(a) => (free(A::PauseEntries, &a.reason, &a.act), true),
        OperatorCommand::Flatten(a) => (free(A::Flatten, &a.reason, &a.act), true),
        OperatorCommand::Close(a) => {
            let (action, _, reason, act) = free(A::Close, &a.reason.reason, &a.reason.act);
            ((action, closed(ctx, a)?, reason, act), true)
        }
        OperatorCommand::Kill(a) => (free(A::Kill, &a.reason, &a.act), true),
        OperatorCommand::Heartbeat(a) => (free(A::Heartbeat, &a.reason, &a.act), true),
        OperatorCommand::Report(a) => (free(A::DiskReport, &a.reason, &a.act), true),
        OperatorCommand::Break(a) => {
            let (action, _, reason, act) = free(A::Break, &a.reason.reason, &a.reason.act);
            ((action, a.minutes.to_string(), reason, act), true)
        }
        OperatorCommand::Rest(a) => (free(A::Rest, &a.reason, &a.act), true),
        OperatorCommand::Focus(a) => (free(A::Focus, &a.reason, &a.act), true),
        OperatorCommand::Confirm(a) => (about(A::Confirm, a), true),
        OperatorCommand::Ack(a) => (about(A::Acknowledge, a), true),
        OperatorCommand::Override(a) => (about(A::Override, a), true),
        OperatorCommand::Follow(a) => (about(A::Follow, a), true),
        OperatorCommand::Command(a) => {
            let (action, _, reason, act) = free(A::Command, &a.reason.reason, &a.reason.act);
            ((action, format!("{} {}", a.direction, a.name), reason, act), true)
        }
        OperatorCommand::Resume(a) => (free(A::ResumeEntries, &a.reason.reason, &a.reason.act), a.yes),
        OperatorCommand::Clear(a) => {
            known(&a.breaker)?;
            let (_, _, reason, act) = free(A::ClearLatch, &a.confirm.reason.reason, &a.confirm.reason.act);
            ((A::ClearLatch, a.breaker.clone(), reason, act), a.confirm.yes)
        }
    };
    if action == A::Acknowledge
        && let Some(warning) = notify::unknown_alert(ctx, &subject)
    {
        ui.warn(&warning);
    }
    if action == A::Confirm {
        let r = read::read(ctx, &Place::own(ctx, act.journal.as_deref())?.dir)?;
        if !r.view.state.conduct.awaits(&subject, ctx.clock.now()) {
            ui.warn("no increase waits for this phrase; `zero operator-state` shows what is waited for");
        }
    }
    carry_out(ctx, Asked { action, subject, reason: &reason, act: &act, yes }, ui)
}

/// The coin that is to be closed: the one that is named, else the only one that is held.
fn closed(ctx: &Context, a: &CloseArgs) -> Result<String, Failure> {
    let r = read::read(ctx, &Place::own(ctx, a.reason.act.journal.as_deref())?.dir)?;
    let universe = &r.view.manifest.universe;
    let coin = match read::coin(&r, a.coin.as_deref())? {
        Some(coin) => coin,
        None => {
            let held: Vec<CoinId> = (0..universe.len())
                .map(|c| CoinId(c as u16))
                .filter(|c| !r.view.state.is_out_of(*c))
                .collect();
            let [one] = held.as_slice() else {
                let names: Vec<&str> = held.iter().map(|c| r.view.symbol(*c)).collect();
                let (cause, hint) = match names.as_slice() {
                    [] => ("nothing is held".to_owned(), "there is nothing to close".to_owned()),
                    _ => (
                        format!("{} coins are held", names.len()),
                        format!("name one of them: {}", names.join(", ")),
                    ),
                };
                return Err(Failure::new("ZERO-CLI-014", cause, hint));
            };
            *one
        }
    };
    Ok(close_subject(r.view.symbol(coin), coin))
}

fn about(action: OperatorAction, a: &SubjectArgs) -> (OperatorAction, String, String, ActArgs) {
    (action, a.subject.join(" "), a.reason.reason.clone(), a.reason.act.clone())
}

/// `zero auto ...`: whether strategies may enter by themselves.
pub(crate) fn auto(ctx: &Context, command: &AutoCommand, ui: Ui) -> Result<ExitCode, Failure> {
    let (action, reason, act, yes) = match command {
        AutoCommand::Off(a) => (OperatorAction::AutoOff, &a.reason, &a.act, true),
        AutoCommand::On(a) => (OperatorAction::AutoOn, &a.reason.reason, &a.reason.act, a.yes),
        AutoCommand::Status(a) => {
            let packet = zero_runtime::project::auto_state(&read::reading(ctx, a)?);
            ui.packet(&packet, || auto_text(&packet))?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    carry_out(ctx, Asked { action, subject: String::new(), reason, act, yes }, ui)
}

/// Records an act and shows the state after it.
pub(crate) fn carry_out(ctx: &Context, asked: Asked<'_>, ui: Ui) -> Result<ExitCode, Failure> {
    use OperatorAction as A;
    let Asked { action, subject, reason, act, yes } = asked;
    let place = Place::own(ctx, act.journal.as_deref())?;
    let subject = if action == A::DiskReport { disk_free(ctx, &place)?.to_string() } else { subject };
    if action == A::ClearLatch {
        clearable(ctx, &place, &subject)?;
    }
    if !yes {
        confirm(match action {
            A::ClearLatch => &subject,
            A::AutoOn => "auto on",
            _ => "resume",
        })?;
    }
    let written = Act {
        action: action.name().into(),
        subject,
        operator: ctx.operator.to_string(),
        reason: reason.to_owned(),
        approval: act.approval.as_deref().map(approve::load).transpose()?.unwrap_or_default(),
    };
    let before = rulings(ctx, &place, action)?;
    let via = take(ctx, &place, &written, act)?;
    let r = read::read(ctx, &place.dir)?;
    if before.is_some_and(|n| n != r.view.state.conduct.rulings) {
        admitted(action, &r)?;
    }
    in_force(action, &r)?;
    let packet = packet(&written, via, &r);
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

/// Rulings before an act that may meet friction; `None` for every other act.
fn rulings(ctx: &Context, place: &Place, action: OperatorAction) -> Result<Option<u64>, Failure> {
    if Control::ALL.iter().all(|c| c.name() != action.name()) {
        return Ok(None);
    }
    Ok(Some(read::read(ctx, &place.dir)?.view.state.conduct.rulings))
}

/// The gate has ruled on the act: is it in effect?
pub(crate) fn admitted(action: OperatorAction, r: &Reading) -> Result<(), Failure> {
    let Some(ruling) = r.view.state.conduct.ruling.as_ref() else { return Ok(()) };
    if ruling.control.name() != action.name() {
        return Ok(());
    }
    ruled(ruling)
}

/// What the gate said of a request, as a command says it.
pub(crate) fn ruled(ruling: &Ruling) -> Result<(), Failure> {
    if ruling.admits() {
        return Ok(());
    }
    let causes: Vec<&str> = ruling.causes.iter().map(|c| c.name()).collect();
    let why = format!(
        "{} at {}, {}: {}",
        ruling.verdict.name(),
        ruling.level.name(),
        ruling.label.name(),
        causes.join(", ")
    );
    let repeat = format!("repeat the request between {} and {}", ruling.not_before, ruling.until);
    Err(match ruling.verdict {
        Verdict::OnBreak => {
            let cause = format!("a declared break goes on until {}", ruling.not_before);
            Failure::new("ZERO-OPR-002", cause, "repeat the request when it is over")
        }
        Verdict::Refused => {
            Failure::new("ZERO-OPR-002", why, "`zero operator-state` shows what this rests on")
        }
        _ if ruling.phrase.is_empty() => Failure::new("ZERO-OPR-001", why, repeat),
        _ => {
            let hint = format!("run `zero operator confirm \"{}\"`, then {repeat}", ruling.phrase);
            Failure::new("ZERO-OPR-001", why, hint)
        }
    })
}

/// Through the inbox of the loop that runs, or directly; how it went.
fn take(ctx: &Context, place: &Place, act: &Act, args: &ActArgs) -> Result<&'static str, Failure> {
    act.event().map_err(|why| Failure::new("ZERO-CLI-011", why, "read `zero operator --help`"))?;
    let wait = convert::duration(&args.wait)?
        .map_or(Duration::MAX, |d| Duration::from_nanos(d.as_ns().unsigned_abs()));
    if place.holder().is_none() {
        let live_capable = read::read(ctx, &place.dir)?.view.manifest.live_capable;
        match record(ctx, place, act, live_capable) {
            // A loop began a moment ago: it has an inbox.
            Err(RecordError::Run(RunError::Journal(JournalError::Locked { .. }))) => {}
            Err(e) => return Err(e.into()),
            Ok(_) => return Ok("journal"),
        }
    }
    leave(ctx, &place.dir, act, wait)?;
    Ok("running_loop")
}

pub(crate) fn leave(ctx: &Context, dir: &Path, act: &Act, wait: Duration) -> Result<(), Failure> {
    let inbox_dir = dir.join("inbox");
    let io = |e: std::io::Error| Failure::io("write to", &inbox_dir, &e);
    let file = Inbox::open(&inbox_dir).and_then(|i| i.put(act, ctx.clock.now())).map_err(io)?;
    let begin = ctx.clock.monotonic();
    while file.exists() {
        if ctx.clock.monotonic().saturating_sub(begin) >= wait {
            // Gone meanwhile: it was taken after all.
            if std::fs::remove_file(&file).is_err() && !file.exists() {
                return Ok(());
            }
            let cause = format!("the running loop did not take the act within {} s", wait.as_secs());
            let hint =
                "it was withdrawn, unless the loop had begun to read it: see `zero status`, then act again";
            return Err(Failure::new("ZERO-CLI-013", cause, hint));
        }
        ctx.clock.sleep(LOOK_EVERY);
    }
    match refusal_of(&file) {
        Some((code, cause)) => Err(unapproved(&code, cause, act)),
        None => Ok(()),
    }
}

/// What has to be signed is in the hint: it goes into a file for `zero approve`.
fn unapproved(code: &str, cause: String, act: &Act) -> Failure {
    let known = zero_packets::errors::find(code).map_or("", |e| e.hint);
    let Ok(event) = act.event() else { return Failure::new(code, cause, known) };
    let asked = approval::Asked::of_act(&event);
    let request = serde_json::json!({
        "method": asked.method, "path": asked.path, "body": approval::Asked::body_of_act(&event),
    });
    Failure::new(code, cause, format!("{known} The request is {request}"))
}

pub(crate) enum RecordError {
    Run(RunError),
    Failure(Failure),
}

impl From<RecordError> for Failure {
    fn from(e: RecordError) -> Self {
        match e {
            RecordError::Run(e) => e.into(),
            RecordError::Failure(f) => f,
        }
    }
}

impl From<RunError> for RecordError {
    fn from(e: RunError) -> Self {
        Self::Run(e)
    }
}

impl From<Failure> for RecordError {
    fn from(f: Failure) -> Self {
        Self::Failure(f)
    }
}

/// Records an act in a journal at rest; how it was ruled on, where it met the gate.
pub(crate) fn record(
    ctx: &Context,
    place: &Place,
    act: &Act,
    live_capable: bool,
) -> Result<Option<Ruling>, RecordError> {
    let former = Arc::clone(&read::read(ctx, &place.dir)?.view.manifest);
    let spec = reopen::run_spec_hosting(&former, &component::hosts(ctx, &former));
    let now = ctx.clock.now();
    let mut manifest =
        Manifest::of(&spec, ctx.code()?, former.settings, &former.source, now).map_err(RunError::from)?;
    manifest.settings_hex = former.settings_hex.clone();
    manifest.live_capable = live_capable;
    let driver = spec.driver().map_err(RunError::from)?;
    let options = place.options(ctx, "operator")?;
    let (mut runner, _) = Runner::open(RealDisk, &place.dir, options, driver, manifest, 0)?;
    runner.trust(Box::new(Registered(ctx.partition.clone())));
    let Ok(event) = act.event() else { return Ok(None) };
    let unapproved = |e: ApprovalError| unapproved(e.code(), e.to_string(), act);
    let presented = act.presented().map_err(|e| RecordError::Failure(unapproved(e)))?;
    let rulings = runner.driver().engine().kernel().state().conduct.rulings;
    let admitted = runner
        .admit(OperatorEvent { at: now, ..event }, presented.as_ref(), now)
        .map_err(|e| RecordError::Failure(unapproved(e)))?;
    operate(&mut runner, admitted)?;
    runner.commit()?;
    let conduct = &runner.driver().engine().kernel().state().conduct;
    let ruling = conduct.ruling.clone().filter(|_| conduct.rulings != rulings);
    runner.close("an operator act was recorded", ctx.clock.now())?;
    Ok(ruling)
}

/// The free part of the journal's budget, measured as the loop does.
fn disk_free(ctx: &Context, place: &Place) -> Result<i64, Failure> {
    let usage = Reader::open(RealDisk, &place.dir)?.disk_usage()?;
    let budget = ctx.config(FEES)?.config.journal.disk_budget;
    Ok(i64::try_from(usage.free.min(budget.saturating_sub(usage.total))).unwrap_or(i64::MAX))
}

fn known(breaker: &str) -> Result<(), Failure> {
    if breakers::find(breaker).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = breakers::BREAKERS.iter().map(|b| b.name()).collect();
    let cause = format!("there is no breaker named {breaker:?}");
    Err(Failure::new("ZERO-CLI-014", cause, format!("they are {}", names.join(", "))))
}

/// Clearing rebases what the breaker measures, so one that is not open must not be cleared.
fn clearable(ctx: &Context, place: &Place, breaker: &str) -> Result<(), Failure> {
    let latches = breakers::BREAKERS.iter().any(|b| b.name() == breaker && b.latches());
    if !latches {
        let cause = format!("{breaker} does not latch, so there is nothing to clear");
        return Err(Failure::new(
            "ZERO-CLI-018",
            cause,
            "it closes by itself when its cause is gone: see `zero immune`",
        ));
    }
    if read::read(ctx, &place.dir)?.open_breakers().iter().any(|b| b == breaker) {
        return Ok(());
    }
    Err(Failure::new("ZERO-CLI-018", format!("{breaker} is not open"), "`zero immune` shows every breaker"))
}

pub(crate) fn confirm(word: &str) -> Result<(), Failure> {
    let refused = || {
        let hint = format!("type `{word}` at a terminal, or pass --yes");
        Failure::new("ZERO-CLI-012", "this act may increase risk and was not confirmed", hint)
    };
    if !ui::can_ask() {
        return Err(refused());
    }
    let question = format!("This may increase risk. Type `{word}` to go on: ");
    let answer = ui::ask(&question).map_err(|_| refused())?;
    if answer == word { Ok(()) } else { Err(refused()) }
}

/// What was recorded must be seen in the folded state.
fn in_force(action: OperatorAction, r: &Reading) -> Result<(), Failure> {
    let s = &r.view.state;
    let holds = match action {
        OperatorAction::PauseEntries => s.paused,
        OperatorAction::ResumeEntries => !s.paused,
        OperatorAction::AutoOff => s.auto_off,
        OperatorAction::AutoOn => !s.auto_off,
        OperatorAction::Kill => s.killed,
        OperatorAction::Flatten => s.flattening || s.is_flat(),
        _ => true,
    };
    if holds {
        return Ok(());
    }
    let cause = format!("{} was taken and is not in force", action.name());
    Err(Failure::new("ZERO-CLI-017", cause, "read the loop's messages, and run `zero journal verify`"))
}

fn packet(act: &Act, via: &str, r: &Reading) -> OperatorAct {
    let s = &r.view.state;
    let event = act.event();
    let risk = event.as_ref().map_or("increases", |e| zero_kernel::operator::direction(e).name());
    OperatorAct {
        schema_version: Default::default(),
        action: act.action.clone(),
        subject: act.subject.clone(),
        operator: act.operator.clone(),
        reason: act.reason.clone(),
        risk_direction: risk.into(),
        via: via.into(),
        journal_path: r.path.clone(),
        journal_seq: r.view.next_seq,
        paused: s.paused,
        auto: if s.auto_off { "off" } else { "on" }.into(),
        killed: s.killed,
        flattening: s.flattening,
        open_positions: zero_runtime::view::held_coins(s) as u32,
        open_breakers: r.open_breakers(),
        equity: zero_runtime::project::status(r).positions.equity,
    }
}

fn auto_text(p: &AutoState) -> String {
    let mut out = line("Auto entries", &p.state);
    if let Some(reason) = &p.reason {
        out += &line("Besides", reason);
    }
    out + &line("Journal", &format!("{} at {}", p.journal_path, p.journal_seq))
}

fn text(p: &OperatorAct) -> String {
    let subject = if p.subject.is_empty() { String::new() } else { format!(" {}", p.subject) };
    let via = if p.via == "journal" { "recorded at rest" } else { "taken by the running loop, durable" };
    let mut out = line("Act", &format!("{}{subject}: {via}", p.action));
    out += &line("By", &format!("{}: {}", p.operator, p.reason));
    let off = p.auto == "off";
    let flags =
        [(p.paused, "entries paused"), (off, "auto off"), (p.killed, "killed"), (p.flattening, "flattening")];
    let flags: Vec<&str> = flags.iter().filter(|(on, _)| *on).map(|(_, w)| *w).collect();
    out += &line("State", &if flags.is_empty() { "trading".to_owned() } else { flags.join(", ") });
    let open = if p.open_breakers.is_empty() { "none open".into() } else { p.open_breakers.join(", ") };
    out += &line("Breakers", &open);
    out + &line("Account", &format!("{} USD, {} positions", money(&p.equity), p.open_positions))
}
