//! `zero session ...`: begun, ended, named and looked at; every session is folded from the journal's acts.

use crate::args::{
    ActArgs, ForkArgs, NamedActArgs, ReadArgs, ReplayArgs, SaveArgs, SessionCommand, SessionListArgs,
    ShareArgs, StartArgs,
};
use crate::commands::operator::{Asked, carry_out};
use crate::commands::place::directory;
use crate::commands::{read, show};
use crate::context::Context;
use crate::failure::Failure;
use crate::private::write_private_here;
use crate::table::{known, line, span, table};
use crate::ui::Ui;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zero_core::Digest32;
use zero_journal::{Item, Reader, RealDisk};
use zero_market::event::OperatorAction;
use zero_packets::Packet as _;
use zero_packets::session::{Session as Packet, SessionList, SessionReplay, Summary};
use zero_runtime::project;
use zero_runtime::record;
use zero_runtime::session::{Session, sessions};

pub(crate) fn run(ctx: &Context, command: &SessionCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        SessionCommand::Start(a) => start(ctx, a, ui),
        SessionCommand::Status(a) => {
            let (dir, all) = load(ctx, a)?;
            one(ctx, &dir, all.iter().find(|s| s.is_open()), ui)
        }
        SessionCommand::End(a) => {
            let (_, all) = load_in(ctx, a.act.journal.as_deref())?;
            let open = all.iter().find(|s| s.is_open()).ok_or_else(|| wrong("no session is open".into()))?;
            act(ctx, OperatorAction::SessionEnd, open.id.clone(), "the session ends", &a.act, ui)
        }
        SessionCommand::List(a) => list(ctx, a, ui),
        SessionCommand::Fork(a) => fork(ctx, a, ui),
        SessionCommand::Resume(a) => resume(ctx, a, ui),
        SessionCommand::Save(a) => save(ctx, a, ui),
        SessionCommand::Replay(a) => replay(ctx, a, ui),
        SessionCommand::Share(a) => share(ctx, a, ui),
        SessionCommand::Wrap(a) => {
            let (dir, all) = load(ctx, &a.read)?;
            let session = pick(&all, a.session.as_deref())?;
            one(ctx, &dir, Some(session), ui)
        }
    }
}

fn start(ctx: &Context, a: &StartArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (_, all) = load_in(ctx, a.act.journal.as_deref())?;
    none_open(&all)?;
    let subject = subject(ctx, &a.end, "-", &label(&a.label)?);
    act(ctx, OperatorAction::SessionStart, subject, "a session begins", &a.act, ui)
}

fn fork(ctx: &Context, a: &ForkArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (_, all) = load_in(ctx, a.act.journal.as_deref())?;
    none_open(&all)?;
    let of = pick(&all, a.session.as_deref())?;
    // A label stays with the session that has it: a name of two would be a name of neither.
    let subject = subject(ctx, policy(of), &of.id, "");
    act(ctx, OperatorAction::SessionStart, subject, "a session is forked", &a.act, ui)
}

fn resume(ctx: &Context, a: &NamedActArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (_, all) = load_in(ctx, a.act.journal.as_deref())?;
    none_open(&all)?;
    let of = pick(&all, Some(&a.session))?;
    let origin = if of.origin.is_empty() { "-" } else { &of.origin };
    let subject = format!("{} {} {origin} {}", of.id, policy(of), of.label);
    act(ctx, OperatorAction::SessionStart, subject.trim().to_owned(), "a session is resumed", &a.act, ui)
}

fn save(ctx: &Context, a: &SaveArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (_, all) = load_in(ctx, a.act.journal.as_deref())?;
    let of = pick(&all, a.session.as_deref())?;
    let label = label(&a.label)?;
    if label.is_empty() {
        return Err(wrong("an empty label would erase the one that the session has".into()));
    }
    if all.iter().any(|s| s.label == label && s.id != of.id) {
        return Err(wrong(format!("another session has the label {label:?}")));
    }
    act(ctx, OperatorAction::SessionSave, format!("{} {label}", of.id), "a session is labelled", &a.act, ui)
}

fn list(ctx: &Context, a: &SessionListArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (dir, mut all) = load(ctx, &a.read)?;
    all.drain(..all.len().saturating_sub(a.count.map_or(usize::MAX, |n| n as usize)));
    let now = ctx.clock.now();
    let packet = SessionList {
        schema_version: Default::default(),
        sessions: all.iter().map(|s| project::session(s, now)).collect(),
        journal_path: dir.display().to_string(),
    };
    ui.packet(&packet, || {
        if packet.sessions.is_empty() {
            return line("Sessions", "none yet: `zero session start` begins one");
        }
        let row = |s: &Summary| {
            let name = s.label.clone().unwrap_or_default();
            let result = known(&s.result.realised);
            [
                s.id.clone(),
                name,
                s.state.clone(),
                s.from.clone(),
                span(s.open_s),
                s.result.fills.to_string(),
                result,
            ]
        };
        let head = ["id", "label", "state", "from", "open", "fills", "realised"];
        table(head, &[5, 6], packet.sessions.iter().map(row).collect())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn replay(ctx: &Context, a: &ReplayArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (dir, all) = load(ctx, &a.named.read)?;
    let s = pick(&all, a.named.session.as_deref())?;
    let view = read::read(ctx, &dir)?.view;
    let reader = Reader::open(RealDisk, &dir)?;
    let mut records = reader.records(s.records.from)?;
    let (mut events, mut count) = (Vec::new(), 0u64);
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        if r.seq >= s.records.to {
            break;
        }
        let body = record::decode(r.bytes)
            .map_err(|source| zero_runtime::runner::RunError::Record { seq: r.seq, source })?;
        if let Some(event) = project::pulse_event(&view, r.seq, &body) {
            count += 1;
            if events.len() < a.limit as usize {
                events.push(event);
            }
        }
    }
    let packet = SessionReplay {
        schema_version: Default::default(),
        id: s.id.clone(),
        events,
        count,
        journal_path: dir.display().to_string(),
    };
    ui.packet(&packet, || {
        let words = |e: &zero_packets::brief::PulseEvent| {
            let coin = e.coin.as_deref().map_or(String::new(), |c| format!("{c}: "));
            let when = show::when(e.ts.as_deref(), e.wall_ts.as_deref());
            format!("{when}  {:<10}{coin}{}\n", e.kind, e.message)
        };
        let shown: String = packet.events.iter().map(words).collect();
        shown + &line("Events", &format!("{} of {}", packet.events.len(), packet.count))
    })?;
    Ok(ExitCode::SUCCESS)
}

fn share(ctx: &Context, a: &ShareArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (_, all) = load(ctx, &a.named.read)?;
    let s = pick(&all, a.named.session.as_deref())?;
    let packet = project::session_share(s, ctx.clock.now());
    if let Some(path) = &a.out {
        let text = packet.to_json().map_err(|e| {
            Failure::new("ZERO-CLI-003", format!("a packet cannot be rendered: {e}"), "report it")
        })?;
        write_private_here(path, (text + "\n").as_bytes())?;
    }
    ui.packet(&packet, || show::plain(&packet))?;
    Ok(ExitCode::SUCCESS)
}

fn one(ctx: &Context, dir: &Path, s: Option<&Session>, ui: Ui) -> Result<ExitCode, Failure> {
    let packet = Packet {
        schema_version: Default::default(),
        session: s.map(|s| project::session(s, ctx.clock.now())),
        journal_path: dir.display().to_string(),
    };
    ui.packet(&packet, || match &packet.session {
        Some(_) => show::plain(&packet),
        None => line("Session", "none is open"),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn act(
    ctx: &Context,
    action: OperatorAction,
    subject: String,
    reason: &str,
    act: &ActArgs,
    ui: Ui,
) -> Result<ExitCode, Failure> {
    carry_out(ctx, Asked { action, subject, reason, act, yes: true }, ui)
}

fn load(ctx: &Context, a: &ReadArgs) -> Result<(PathBuf, Vec<Session>), Failure> {
    load_in(ctx, a.journal.as_deref())
}

fn load_in(ctx: &Context, dir: Option<&Path>) -> Result<(PathBuf, Vec<Session>), Failure> {
    let dir = directory(ctx, dir)?;
    let all = sessions(&RealDisk, &dir)?;
    Ok((dir, all))
}

/// The named one, by id or label; without a name the open one, else the latest.
fn pick<'a>(all: &'a [Session], name: Option<&str>) -> Result<&'a Session, Failure> {
    let found = match name {
        Some(n) => all.iter().find(|s| s.id == n).or_else(|| all.iter().rev().find(|s| s.label == n)),
        None => all.iter().find(|s| s.is_open()).or(all.last()),
    };
    found.ok_or_else(|| {
        wrong(name.map_or("there is no session yet".into(), |n| format!("there is no session {n:?}")))
    })
}

fn none_open(all: &[Session]) -> Result<(), Failure> {
    match all.iter().find(|s| s.is_open()) {
        Some(s) => Err(wrong(format!("session {} is open", s.id))),
        None => Ok(()),
    }
}

const fn policy(s: &Session) -> &'static str {
    if s.hands_over { "protected" } else { "flatten" }
}

/// Id, policy, origin and label. The id is of who begins it and when.
fn subject(ctx: &Context, policy: &str, origin: &str, label: &str) -> String {
    let of = format!("session {} {}", ctx.operator, ctx.clock.now());
    let id: String = Digest32::of(of.as_bytes()).to_string().chars().take(12).collect();
    format!("{id} {policy} {origin} {label}").trim().to_owned()
}

fn label(text: &str) -> Result<String, Failure> {
    let label = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if label.chars().count() > 64 || label.chars().any(char::is_control) {
        return Err(wrong("a label has at most 64 characters, on one line".into()));
    }
    Ok(label)
}

fn wrong(cause: String) -> Failure {
    Failure::new("ZERO-OPR-004", cause, "`zero session list` shows every session")
}
