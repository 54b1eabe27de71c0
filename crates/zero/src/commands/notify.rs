//! `zero notify ...`, and the sinks of a running loop.

use crate::args::NotifyCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{line, table};
use crate::ui::Ui;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use zero_config::Secret;
use zero_config::sections::NotifyConfig;
use zero_core::Ts;
use zero_kernel::State;
use zero_notify::follow::{Follower, Saved, saved};
use zero_notify::{
    Authority, CommandSink, FileSink, Message, Outbox, Policy, Quiet, Shape, Sink, Tally, TextSink, Urgency,
    Webhook, What, authorities, standing,
};
use zero_packets::notify::{NotifyStatus, NotifyTest, OpenAlert, SinkTally, Tried};

/// Keys of open alerts that a warning names at most.
const KEYS_TOLD: usize = 8;

pub(crate) fn run(ctx: &Context, command: &NotifyCommand, ui: Ui) -> Result<ExitCode, Failure> {
    match command {
        NotifyCommand::Status => {
            let packet = status(&memory(ctx));
            ui.packet(&packet, || text(&packet))?;
        }
        NotifyCommand::Test => {
            let resolved = ctx.config(&[])?;
            let message = Message {
                what: What::Test,
                key: "test/sinks".into(),
                urgency: Urgency::Warning,
                text: "a test of the notifications: nothing happened".into(),
                count: 1,
                at: ctx.clock.now().to_string(),
            };
            let tried = |mut s: Box<dyn Sink>| {
                let cause = s.deliver(&message).err();
                Tried { name: s.name().into(), ok: cause.is_none(), cause }
            };
            let sinks = sinks(&resolved.config.notify)?.into_iter().map(tried).collect();
            let packet = NotifyTest { schema_version: Default::default(), sinks };
            ui.packet(&packet, || tried_text(&packet))?;
            if packet.sinks.iter().any(|s| !s.ok) {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Ways to a person, and when what is said over them.
pub(crate) struct Ways {
    policy: Policy,
    sinks: Vec<Box<dyn Sink>>,
}

/// Those that are configured, where they can be opened.
pub(crate) fn ways(config: &NotifyConfig) -> Result<Ways, Failure> {
    Ok(Ways { policy: policy(config)?, sinks: sinks(config)? })
}

/// Follows the journal of a loop that begins at `seq` in `state`, where there is a way to anybody.
pub(crate) fn follow(
    ctx: &Context,
    Ways { policy, sinks }: Ways,
    dir: &Path,
    (seq, state): (u64, &State),
) -> Result<Option<Follower>, Failure> {
    if sinks.is_empty() {
        return Ok(None);
    }
    let memory = memory(ctx);
    let at = (seq, &*standing(state));
    let follower = Follower::start((dir.to_owned(), memory), at, policy, sinks, Arc::clone(&ctx.clock));
    follower.map(Some).map_err(|e| Failure::io("start the thread of", dir, &e))
}

/// Beside the logs: what it holds can be rebuilt from the journal.
pub(crate) fn memory(ctx: &Context) -> PathBuf {
    ctx.partition.logs().join("notify.json")
}

fn wrong(key: &str, why: &str) -> Failure {
    Failure::new("ZERO-OPR-003", format!("notify.{key}: {why}"), "change it, then run `zero notify test`")
}

fn policy(c: &NotifyConfig) -> Result<Policy, Failure> {
    let quiet = |text: &String| Quiet::parse(text).ok_or_else(|| wrong("quiet", "write it as 22:00-07:00"));
    Ok(Policy {
        quiet: c.quiet.as_ref().map(quiet).transpose()?,
        least: match c.least {
            zero_config::sections::Urgency::Info => Urgency::Info,
            zero_config::sections::Urgency::Warning => Urgency::Warning,
            zero_config::sections::Urgency::Critical => Urgency::Critical,
        },
        alerts_per_hour: c.alerts_per_hour,
        digest_every: c.digest_every,
        escalate_after: c.escalate_after,
        escalations_max: c.escalations_max,
    })
}

fn sinks(c: &NotifyConfig) -> Result<Vec<Box<dyn Sink>>, Failure> {
    let mut out: Vec<Box<dyn Sink>> = Vec::new();
    if c.terminal {
        out.push(Box::new(TextSink::new(Box::new(std::io::stderr()))));
    }
    if let Some(path) = &c.file {
        out.push(Box::new(FileSink::new(path.into())));
    }
    if !c.command.is_empty() {
        out.push(Box::new(CommandSink::new(c.command.clone())));
    }
    if let Some(url) = &c.webhook {
        let key = c.webhook_key.as_ref().map(|p| secret("webhook_key", p)).transpose()?;
        let key = key.map(|text| Secret::new(text.into_bytes()));
        let authorities = c.webhook_ca.as_ref().map(|p| certificates("webhook_ca", p)).transpose()?;
        let url = address("webhook", url)?;
        out.push(Box::new(Webhook::trusting(url, key, Shape::Plain, authorities)));
    }
    if let Some(path) = &c.telegram {
        let url = address("telegram", &secret("telegram", path)?)?;
        let chat = c.telegram_chat.clone().ok_or_else(|| wrong("telegram_chat", "name the chat"))?;
        out.push(Box::new(Webhook::new(url, None, Shape::Telegram { chat })));
    }
    Ok(out)
}

fn address(key: &str, url: &str) -> Result<String, Failure> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(url.to_owned());
    }
    Err(wrong(key, "the address is neither http nor https"))
}

fn certificates(key: &str, path: &str) -> Result<Vec<Authority>, Failure> {
    let pem = std::fs::read(path).map_err(|e| wrong(key, &format!("{path}: {e}")))?;
    let all = authorities(&pem);
    if all.is_empty() { Err(wrong(key, &format!("{path} holds no certificate"))) } else { Ok(all) }
}

/// The text of a file that nobody else may read.
fn secret(key: &str, path: &str) -> Result<String, Failure> {
    let open = std::fs::metadata(path).map_err(|e| wrong(key, &format!("{path}: {e}")))?;
    if open.permissions().mode() & 0o077 != 0 {
        return Err(wrong(key, &format!("others may read {path}: give it mode 0600")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| wrong(key, &format!("{path}: {e}")))?;
    Ok(text.trim().to_owned())
}

fn status(memory: &Path) -> NotifyStatus {
    let saved = saved(memory);
    let time = |ns: i64| Ts::from_ns(ns).to_string();
    let journal_seq = saved.as_ref().map(|s| s.cursor);
    let saved = saved.unwrap_or_default();
    let open = saved.open.iter().map(|(key, o)| OpenAlert {
        key: key.clone(),
        urgency: match o.urgency {
            Urgency::Info => "info",
            Urgency::Warning => "warning",
            Urgency::Critical => "critical",
        }
        .into(),
        text: o.text.clone(),
        first: time(o.first),
        count: o.count,
        escalations: o.escalations,
        again: o.again.map(time),
    });
    let sinks = tallies(&saved.sinks);
    NotifyStatus { schema_version: Default::default(), open: open.collect(), sinks, journal_seq }
}

/// What a person should hear of acknowledging `key`, where no alert under it is open.
pub(crate) fn unknown_alert(ctx: &Context, key: &str) -> Option<String> {
    let Some(Saved { open, .. }) = saved(&memory(ctx)) else {
        return Some("nothing is open: no notifier has read this journal".into());
    };
    if key == "*" || open.contains_key(key) {
        return None;
    }
    let keys = open.keys().take(KEYS_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    let of = if keys.is_empty() { "none is open".into() } else { format!("open are: {keys}") };
    Some(format!("no open alert has the key {key:?}; {of}"))
}

/// How sinks fare.
pub(crate) fn tallies(sinks: &BTreeMap<String, Outbox>) -> Vec<SinkTally> {
    let one = |(name, outbox): (&String, &Outbox)| {
        let Tally { delivered, failed, dead, waiting } = outbox.tally();
        let next_attempt = outbox.next().map(|t| t.to_string());
        SinkTally { name: name.clone(), delivered, failed, waiting, dead, next_attempt }
    };
    sinks.iter().map(one).collect()
}

/// What a status says of messages that did not reach anybody; nothing where all did.
pub(crate) fn undelivered(ctx: &Context) -> Option<String> {
    zero_runtime::project::undelivered(&tallies(&saved(&memory(ctx))?.sinks))
}

fn text(p: &NotifyStatus) -> String {
    let rows = p.open.iter().map(|o| [o.key.clone(), o.urgency.clone(), o.count.to_string(), o.text.clone()]);
    let mut out = if p.journal_seq.is_none() {
        line("Alerts", "not known: no notifier has read this journal; `zero status` tells what is open")
    } else if p.open.is_empty() {
        line("Alerts", "none open")
    } else {
        table(["key", "urgency", "count", "last"], &[2], rows.collect())
    };
    for s in &p.sinks {
        let next = s.next_attempt.as_ref().map_or_else(String::new, |t| format!(", next attempt {t}"));
        let words = format!(
            "{} delivered, {} attempts failed, {} wait, {} given up{next}",
            s.delivered, s.failed, s.waiting, s.dead
        );
        out += &line(&s.name, &words);
    }
    out
}

fn tried_text(p: &NotifyTest) -> String {
    if p.sinks.is_empty() {
        return line("Sinks", "none configured: see `zero config reference`, section notify");
    }
    p.sinks.iter().map(|s| line(&s.name, s.cause.as_deref().unwrap_or("delivered"))).collect()
}
