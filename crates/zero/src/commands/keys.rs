//! `zero keys create|list|rotate|revoke`. Only public parts are ever shown.

use crate::args::KeysCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::passphrase;
use crate::table::{line, table};
use crate::ui::{self, Ui};
use std::fmt::Write as _;
use std::process::ExitCode;
use zero_config::keys::{KeyInfo, KeyStatus};
use zero_config::{KeyRing, Purpose};
use zero_core::Canon as _;
use zero_packets::keys::{Key, KeyChange, Keys};

pub(crate) fn run(ctx: &Context, command: &KeysCommand, ui: Ui) -> Result<ExitCode, Failure> {
    let mut ring = KeyRing::open(&ctx.partition)?;
    let now = ctx.clock.now();
    match command {
        KeysCommand::List => return list(&ring, ui),
        KeysCommand::Create(a) => {
            let purpose = purpose(&a.purpose)?;
            if purpose.is_sealed() {
                let secret = passphrase::read(a.passphrase.passphrase_file.as_deref(), true)?;
                ring.create_sealed(purpose, &secret, now)?;
            } else {
                ring.create(purpose, now)?;
            }
            let statement = last_statement(&ring, purpose)?;
            changed("created", &ring, purpose, statement, ui)?;
        }
        KeysCommand::Rotate(a) => {
            let purpose = purpose(&a.purpose)?;
            let statement = if purpose.is_sealed() {
                let secret = passphrase::read(a.passphrase.passphrase_file.as_deref(), false)?;
                ring.rotate_sealed(purpose, &secret, now)?
            } else {
                ring.rotate(purpose, now)?
            };
            changed("rotated", &ring, purpose, hex(&statement.to_bytes()), ui)?;
        }
        KeysCommand::Revoke(a) => {
            let purpose = purpose(&a.purpose)?;
            confirm(&a.purpose, a.yes)?;
            let statement = if purpose.is_sealed() {
                let secret = passphrase::read(a.passphrase.passphrase_file.as_deref(), false)?;
                ring.revoke_sealed(purpose, &a.reason, &secret, now)?
            } else {
                ring.revoke(purpose, &a.reason, now)?
            };
            changed("revoked", &ring, purpose, hex(&statement.to_bytes()), ui)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(ring: &KeyRing, ui: Ui) -> Result<ExitCode, Failure> {
    let packet = Keys { schema_version: Default::default(), keys: ring.list().iter().map(key).collect() };
    ui.packet(&packet, || {
        if packet.keys.is_empty() {
            return "No keys; `zero keys create journal` makes one.".into();
        }
        let rows = packet.keys.iter().map(|k| {
            let status = match (&k.ended, &k.reason) {
                (Some(at), Some(why)) => format!("{} {at}: {why}", k.status),
                (Some(at), None) => format!("{} {at}", k.status),
                _ => k.status.clone(),
            };
            let vouched = if k.vouched { "by the key before" } else { "by nobody" };
            [
                k.purpose.clone(),
                k.number.to_string(),
                k.fingerprint.clone(),
                k.created.clone(),
                vouched.into(),
                status,
            ]
        });
        table(["purpose", "no", "fingerprint", "created", "vouched for", "status"], &[1], rows.collect())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn changed(change: &str, ring: &KeyRing, purpose: Purpose, statement: String, ui: Ui) -> Result<(), Failure> {
    let packet = KeyChange {
        schema_version: Default::default(),
        change: change.into(),
        active: ring.active(purpose).map(key),
        statement,
        chain: ring.chain_path(purpose).display().to_string(),
    };
    ui.packet(&packet, || {
        let mut out = line("Key", &format!("{} {change}", purpose.name()));
        match &packet.active {
            Some(k) => out += &line("Active", &format!("number {}, {}", k.number, k.fingerprint)),
            None => out += &line("Active", &format!("none; `zero keys create {}` makes one", purpose.name())),
        }
        out + &line("Chain", &packet.chain)
    })
}

/// A revocation cannot be undone.
fn confirm(purpose: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let refused =
        || Failure::new("ZERO-CLI-012", "a revocation cannot be undone and was not confirmed", "pass --yes");
    if !ui::can_ask() {
        return Err(refused());
    }
    let question = format!("Revoking the {purpose} key cannot be undone. Type `{purpose}` to go on: ");
    let answer = ui::ask(&question).map_err(|_| refused())?;
    if answer == purpose { Ok(()) } else { Err(refused()) }
}

fn purpose(name: &str) -> Result<Purpose, Failure> {
    Purpose::from_name(name).ok_or_else(|| {
        Failure::new("ZERO-CLI-011", format!("{name:?} is not a key's purpose"), "journal, proof or operator")
    })
}

fn key(k: &KeyInfo) -> Key {
    let (ended, reason) = match &k.status {
        KeyStatus::Active => (None, None),
        KeyStatus::Rotated { time } => (Some(time.to_string()), None),
        KeyStatus::Revoked { time, reason } => (Some(time.to_string()), Some(reason.clone())),
    };
    Key {
        purpose: k.purpose.name().into(),
        number: k.number,
        public_key: hex(&k.public.0),
        fingerprint: k.fingerprint.to_string(),
        created: k.created.to_string(),
        status: k.status.name().into(),
        ended,
        reason,
        vouched: k.vouched,
    }
}

/// The statement that a creation appended: the chain holds one per line, in hexadecimal.
fn last_statement(ring: &KeyRing, purpose: Purpose) -> Result<String, Failure> {
    let path = ring.chain_path(purpose);
    let text = std::fs::read_to_string(&path).map_err(|e| Failure::io("read", &path, &e))?;
    Ok(text.lines().last().unwrap_or_default().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}
