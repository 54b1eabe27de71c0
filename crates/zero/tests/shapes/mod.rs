//! A fixture for each row of the table: the shape of its answer, one line for each field with the kinds of value that it had.
//! `ZERO_WRITE_FIXTURE=1` writes them anew.
#![allow(dead_code, reason = "every test file uses a part of it")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use zero_capability::Capability;

/// Who holds a row's fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A request over HTTP.
    Http,
    /// The command.
    Command,
    /// The reviewed list of tools.
    Tools,
    /// Nobody, for this reason.
    Nobody(&'static str),
}

pub(crate) fn holder(row: &Capability) -> Holder {
    match (row.http, row.command) {
        (Some(h), _) if h.stream.is_some() => {
            Holder::Nobody("its answer goes on; tests of streams read its frames")
        }
        (Some(_), _) => Holder::Http,
        (None, Some(_)) if row.id == "run" => Holder::Nobody("its journal is its output"),
        (None, Some(_)) => Holder::Command,
        (None, None) if row.mcp.is_none() => Holder::Nobody("a command of another row prints it"),
        (None, None) => Holder::Tools,
    }
}

pub(crate) fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rows")
}

fn gather(v: &Value, at: &str, out: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    let kind = match v {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    out.entry(at.to_owned()).or_default().insert(kind);
    match v {
        Value::Array(items) => items.iter().for_each(|i| gather(i, &format!("{at}[]"), out)),
        Value::Object(members) => members.iter().for_each(|(k, v)| gather(v, &format!("{at}.{k}"), out)),
        _ => {}
    }
}

/// One line for each place of a value.
pub(crate) fn shape(v: &Value) -> String {
    let mut places = BTreeMap::new();
    gather(v, "", &mut places);
    let line = |(at, kinds): (String, BTreeSet<&str>)| {
        let at = if at.is_empty() { "." } else { &at };
        format!("{at} {}\n", kinds.into_iter().collect::<Vec<_>>().join("|"))
    };
    places.into_iter().map(line).collect()
}

/// Holds an answer against the row's fixture; says what differs.
pub(crate) fn differs(id: &str, v: &Value) -> Option<String> {
    let (path, have) = (directory().join(format!("{id}.txt")), shape(v));
    if std::env::var_os("ZERO_WRITE_FIXTURE").is_some() {
        std::fs::create_dir_all(directory()).unwrap();
        std::fs::write(&path, &have).unwrap();
        return None;
    }
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    let (have, want): (BTreeSet<&str>, BTreeSet<&str>) = (have.lines().collect(), want.lines().collect());
    let more: Vec<_> = have.difference(&want).collect();
    let less: Vec<_> = want.difference(&have).collect();
    (have != want).then(|| format!("{id}: not in its fixture: {more:?}; only there: {less:?}"))
}
