//! `zero notify ...`, and the sinks of a running loop.

use crate::args::NotifyCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{line, table};
use crate::ui::Ui;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use zero_config::Secret;
use zero_config::sections::NotifyConfig;
use zero_core::Ts;
use zero_notify::follow::{Follower, saved};
use zero_notify::{
    CommandSink, FileSink, Message, Policy, Quiet, Shape, Sink, TextSink, Urgency, Webhook, What,
};
use zero_packets::notify::{NotifyStatus, NotifyTest, OpenAlert, SinkTally, Tried};

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

/// Follows the journal of a loop that begins at `seq`, where sinks are configured.
pub(crate) fn follow(
    ctx: &Context,
    config: &NotifyConfig,
    dir: &Path,
    seq: u64,
) -> Result<Option<Follower>, Failure> {
    let sinks = sinks(config)?;
    if sinks.is_empty() {
        return Ok(None);
    }
    let memory = memory(ctx);
    let follower =
        Follower::start((dir.to_owned(), memory), seq, policy(config)?, sinks, Arc::clone(&ctx.clock));
    follower.map(Some).map_err(|e| Failure::io("start the thread of", dir, &e))
}

/// Beside the logs: what it holds can be rebuilt from the journal.
fn memory(ctx: &Context) -> PathBuf {
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
        out.push(Box::new(Webhook::new(address("webhook", url)?, key, Shape::Plain)));
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
    let sinks = saved.sinks.iter().map(|(name, [delivered, failed, dropped])| SinkTally {
        name: name.clone(),
        delivered: *delivered,
        failed: *failed,
        dropped: *dropped,
    });
    NotifyStatus {
        schema_version: Default::default(),
        open: open.collect(),
        sinks: sinks.collect(),
        journal_seq,
    }
}

fn text(p: &NotifyStatus) -> String {
    let rows = p.open.iter().map(|o| [o.key.clone(), o.urgency.clone(), o.count.to_string(), o.text.clone()]);
    let mut out = if p.open.is_empty() {
        line("Alerts", "none open")
    } else {
        table(["key", "urgency", "count", "last"], &[2], rows.collect())
    };
    for s in &p.sinks {
        let words = format!("{} delivered, {} failed, {} dropped", s.delivered, s.failed, s.dropped);
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
