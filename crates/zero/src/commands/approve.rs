//! `zero approve`: the operator signs one request that increases risk. The key is opened here, for this signature, and nowhere
//! else; what is printed goes with the request.

use crate::args::ApproveArgs;
use crate::commands::place::directory;
use crate::commands::read;
use crate::context::Context;
use crate::convert;
use crate::failure::Failure;
use crate::passphrase;
use crate::table::line;
use crate::ui::Ui;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use zero_config::{KeyError, KeyRing, Purpose};
use zero_core::{Digest32, Ts};
use zero_packets::RawJson;
use zero_packets::approval::Approval;
use zero_runtime::approval::{ApprovalError, Asked, Claim, Signed, sign};

/// Largest request, bytes.
const REQUEST_MAX: u64 = 65_536;

pub(crate) fn run(ctx: &Context, args: &ApproveArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let (asked, body) = request(&args.request)?;
    let control =
        asked.control().ok_or_else(|| wrong("the request increases no risk, so it needs no approval"))?;
    let dir = directory(ctx, args.journal.as_deref())?;
    let journal = read::read(ctx, &dir)?.view.manifest.journal;
    let lifetime = convert::duration(&args.valid)?.ok_or_else(|| refused(&ApprovalError::Lifetime))?;
    let not_before = match &args.not_before {
        Some(text) => Ts::parse_iso(text).ok_or_else(|| {
            Failure::new("ZERO-CLI-020", format!("{text:?} is no time"), "write it as 2025-09-05T16:00:00Z")
        })?,
        None => ctx.clock.now(),
    };
    let ring = KeyRing::open(&ctx.partition)?;
    let key = ring.active(Purpose::Operator).ok_or(KeyError::NoKey(Purpose::Operator))?.fingerprint.0;
    ui.note(&plain(&format!("approves {} {} {body}: {}", asked.method, asked.path, control.name())));
    let secret = ring
        .unlock(Purpose::Operator, &passphrase::read(args.passphrase.passphrase_file.as_deref(), false)?)?;
    let mut nonce = Digest32::ZERO;
    getrandom::fill(&mut nonce.0).map_err(KeyError::Entropy)?;
    let claim = Claim { asked, key, nonce, not_before, expires: not_before.plus(lifetime), journal };
    let packet = packet(&sign(claim, &secret), &body, control.name());
    ui.packet(&packet, || text(&packet))?;
    Ok(ExitCode::SUCCESS)
}

/// The approval in a file: what `zero approve --json` printed, or its text alone.
pub(crate) fn load(path: &Path) -> Result<String, Failure> {
    let text = read_text(path)?;
    let found = match serde_json::from_str::<Value>(&text) {
        Ok(v) => v.get("approval").and_then(Value::as_str).map(str::to_owned),
        Err(_) => text.lines().last().map(|l| l.trim().to_owned()),
    };
    let approval = found.unwrap_or_default();
    Signed::parse(&approval).map_err(|e| refused(&e))?;
    Ok(approval)
}

/// An approval that was not given, with what the registry says to do.
pub(crate) fn refused(e: &ApprovalError) -> Failure {
    let hint = zero_packets::errors::find(e.code()).map_or("", |e| e.hint);
    Failure::new(e.code(), e.to_string(), hint)
}

fn request(path: &Path) -> Result<(Asked, Value), Failure> {
    let text = read_text(path)?;
    let v: Value = serde_json::from_str(&text).map_err(|e| wrong(&format!("it is not JSON: {e}")))?;
    let Value::Object(all) = &v else { return Err(wrong("it is no object")) };
    if let Some(name) = all.keys().find(|k| !["method", "path", "body"].contains(&k.as_str())) {
        return Err(wrong(&format!("it has a field {name:?}; method, path and body are a request")));
    }
    let field = |name: &str| {
        all.get(name).and_then(Value::as_str).ok_or_else(|| wrong(&format!("it names no {name}")))
    };
    let body = all.get("body").cloned().unwrap_or_else(|| json!({}));
    if !body.is_object() {
        return Err(wrong("its body is no object"));
    }
    Ok((Asked::of(field("method")?, field("path")?, &body), body))
}

fn wrong(why: &str) -> Failure {
    let hint = zero_packets::errors::find("ZERO-APR-013").map_or("", |e| e.hint);
    Failure::new("ZERO-APR-013", why, hint)
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let io = |e: std::io::Error| Failure::io("read", path, &e);
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(REQUEST_MAX).read_to_string(&mut text).map_err(io)?;
    } else {
        File::open(path).map_err(io)?.take(REQUEST_MAX).read_to_string(&mut text).map_err(io)?;
    }
    Ok(text)
}

fn packet(signed: &Signed, body: &Value, control: &str) -> Approval {
    let c = &signed.claim;
    Approval {
        schema_version: Default::default(),
        method: c.asked.method.clone(),
        path: c.asked.path.clone(),
        body: RawJson::of(&body.to_string()).unwrap_or_default(),
        control: control.into(),
        journal: c.journal.to_string(),
        key: c.key.to_string(),
        nonce: c.nonce.to_string(),
        not_before: c.not_before.to_string(),
        expires: c.expires.to_string(),
        digest: c.digest().to_string(),
        approval: signed.to_text(),
    }
}

/// What is signed is shown as it is: nothing in it may move, hide or colour other text.
fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c == ' ' || c.is_ascii_graphic() { vec![c] } else { c.escape_unicode().collect() })
        .collect()
}

fn text(p: &Approval) -> String {
    let mut out = line("Request", &plain(&format!("{} {} {}", p.method, p.path, p.body.as_str())));
    out += &line("Does", &p.control);
    out += &line("Good", &format!("once, from {} to {}", p.not_before, p.expires));
    out += &line("Journal", &p.journal);
    out += &line("Key", &format!("sha256:{}", p.key));
    out + "Send with the request, in the header X-Zero-Approval or with --approval:\n" + &p.approval
}
