//! `zero hash FILE`: the hash of a packet's canonical body, computed again from a file.

use crate::args::HashArgs;
use crate::commands::venue::print;
use crate::failure::Failure;
use crate::ui::Ui;
use serde_json::Value;
use std::io::Read as _;
use std::process::ExitCode;
use zero_packets::canonical::{self, NotCanonical, SEALED};
use zero_packets::canonical_bytes::{is_body, schema_of};
use zero_packets::hash::Hash;

/// Largest file.
const FILE_MAX: u64 = 64 << 20;

const NO_SCHEMA: &str = "it has no text `schema_version`, and only a packet's hash means something";

pub(crate) fn run(args: &HashArgs, ui: Ui) -> Result<ExitCode, Failure> {
    let path = &args.file;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| Failure::io("read", path, &e))?;
    file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(|e| Failure::io("read", path, &e))?;
    if bytes.len() as u64 > FILE_MAX {
        let cause = format!("{} is larger than {FILE_MAX} bytes", path.display());
        return Err(Failure::new("ZERO-CLI-060", cause, "a packet is one line of JSON"));
    }
    // A map of CBOR begins with a byte that no text begins with.
    let packet = match std::str::from_utf8(&bytes) {
        Ok(text) if text.trim_start().starts_with('{') => of_packet(text),
        _ if is_body(&bytes) => match schema_of(&bytes) {
            Some(_) => Ok(of_bytes(&bytes)),
            None => Err(NotCanonical(NO_SCHEMA.into())),
        },
        _ => Err(NotCanonical("it is neither a JSON object nor the canonical bytes of one".into())),
    };
    let mut packet = packet.map_err(|e| {
        let cause = format!("{}: {e}", path.display());
        Failure::new(
            "ZERO-CLI-060",
            cause,
            "a packet is one JSON object without members that are named twice",
        )
    })?;
    packet.path = path.display().to_string();
    print(&packet, ui)?;
    Ok(if packet.matches == Some(false) { ExitCode::from(4) } else { ExitCode::SUCCESS })
}

fn of_packet(text: &str) -> Result<Hash, NotCanonical> {
    let v: Value = serde_json::from_str(text).map_err(|e| NotCanonical(e.to_string()))?;
    let Some(id) = v.get("schema_version").and_then(Value::as_str) else {
        return Err(NotCanonical(NO_SCHEMA.into()));
    };
    let field = canonical::hash_field(id);
    let body = canonical::body(text, field)?;
    let claimed = field.and_then(|f| v.get(f)?.as_str());
    // A claim that is not looked at would be believed.
    if let Some((_, stray)) = SEALED.iter().find(|(_, f)| Some(*f) != field && v.get(*f).is_some()) {
        return Err(NotCanonical(format!("it claims {stray}, and {id} has none")));
    }
    if field.is_some() && claimed.is_none() {
        return Err(NotCanonical("it has no text where its hash belongs".into()));
    }
    let mut out = of_bytes(&body);
    out.format = "json".into();
    out.packet = Some(id.to_owned());
    out.field = field.map(str::to_owned);
    out.matches = claimed.map(|c| c == out.hash);
    out.claimed = claimed.map(str::to_owned);
    Ok(out)
}

fn of_bytes(bytes: &[u8]) -> Hash {
    Hash {
        schema_version: Default::default(),
        path: String::new(),
        format: "cbor".into(),
        packet: None,
        field: None,
        bytes: bytes.len() as u64,
        hash: canonical::hash_of(bytes),
        claimed: None,
        matches: None,
    }
}
