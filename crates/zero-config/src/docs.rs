//! Generated from the registry: the reference, the JSON Schema, and the file that `zero init` writes.

use crate::key::{Fallback, KeySpec, OTHER_ENV, SectionSpec, all_sections};
use crate::value::{Kind, LIST_MAX, TEXT_MAX};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

/// The text of `docs/configuration.md`.
#[must_use]
pub fn reference_markdown() -> String {
    let mut out = String::from(
        "# Configuration\n\n\
         <!-- Generated from the key registry. Change the declarations, not this file. -->\n\n\
         Layers, each over the one before: defaults, the machine's file `/etc/zero/config.toml`, the operator's file\n\
         `config.toml`, environment variables, `--set key=value`. `zero config get KEY --explain` shows what each layer\n\
         says and where. An unknown key is an error in every layer.\n\n\
         Decimals are exact: they never pass through floating point. Durations are whole numbers with units (`90s`,\n\
         `1h30m`), sizes have binary units (`64MiB`). `none` unsets an optional key.\n",
    );
    for s in all_sections() {
        let _ = write!(out, "\n## `[{}]`\n\n{}\n\n", s.name, s.doc.trim());
        out.push_str("| key | type | default | meaning | risk | since |\n|---|---|---|---|---|---|\n");
        for k in s.keys {
            let name = k.path.rsplit('.').next().unwrap_or(k.path);
            let _ = writeln!(
                out,
                "| `{name}` | {} | {} | {} Must be {}. | {} | {} |",
                k.kind.name(),
                default_text(k),
                k.doc.trim(),
                k.kind.wants(),
                k.risk.words(),
                k.since
            );
        }
    }
    out.push_str("\n## Environment variables\n\nEvery key has one: `ZERO_<SECTION>__<KEY>`, dots as two underscores, in capitals, such as\n`ZERO_LIMITS__DAILY_LOSS`. These are read as well:\n\n| variable | meaning |\n|---|---|\n");
    for e in OTHER_ENV {
        let _ = writeln!(out, "| `{}` | {}. |", e.name, e.doc);
    }
    out
}

fn default_text(k: &KeySpec) -> String {
    match k.fallback {
        Fallback::Value("") => "empty".into(),
        Fallback::Value(text) => format!("`{text}`"),
        Fallback::Absent => "absent".into(),
        Fallback::Required => "**required**".into(),
    }
}

/// JSON Schema (draft 2020-12) of a configuration file. `required` is left out: a file may leave a key to another layer.
#[must_use]
pub fn json_schema() -> Json {
    let mut root = object("ZERO configuration");
    for s in all_sections() {
        for k in s.keys {
            insert(&mut root, k);
        }
        describe(&mut root, &s);
    }
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    Json::Object(root)
}

fn object(title: &str) -> Map<String, Json> {
    let mut m = Map::new();
    m.insert("type".into(), json!("object"));
    m.insert("additionalProperties".into(), json!(false));
    m.insert("description".into(), json!(title.trim()));
    m
}

const BOOK_NAME: &str = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$";

/// The schema object of a table, made where it is not there yet.
fn table<'a>(root: &'a mut Map<String, Json>, path: &[&str]) -> Option<&'a mut Map<String, Json>> {
    let mut at = root;
    for part in path {
        let (holder, name) =
            if *part == "*" { ("patternProperties", BOOK_NAME) } else { ("properties", *part) };
        at = at
            .entry(holder)
            .or_insert_with(|| Json::Object(Map::new()))
            .as_object_mut()?
            .entry(name)
            .or_insert_with(|| Json::Object(object("")))
            .as_object_mut()?;
    }
    Some(at)
}

fn describe(root: &mut Map<String, Json>, s: &SectionSpec) {
    let path: Vec<&str> = s.name.split('.').collect();
    if let Some(t) = table(root, &path) {
        t.insert("description".into(), json!(s.doc.trim()));
    }
}

fn insert(root: &mut Map<String, Json>, k: &KeySpec) {
    let mut path: Vec<&str> = k.path.split('.').collect();
    let Some(name) = path.pop() else { return };
    if let Some(t) = table(root, &path)
        && let Some(props) = t.entry("properties").or_insert_with(|| Json::Object(Map::new())).as_object_mut()
    {
        props.insert(name.to_owned(), key_schema(k));
    }
}

fn key_schema(k: &KeySpec) -> Json {
    let number = |text: &str| serde_json::from_str::<Json>(text).unwrap_or(Json::Null);
    let mut schema = match &k.kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Rate { min, max } => {
            json!({ "type": ["number", "string"], "minimum": number(&min.to_string()), "maximum": number(&max.to_string()) })
        }
        Kind::Usd { min, max } => {
            json!({ "type": ["number", "string"], "minimum": number(&min.to_string()), "maximum": number(&max.to_string()) })
        }
        Kind::Duration { .. } => {
            json!({ "type": "string", "pattern": "^([0-9]+(d|h|m|s|ms|us|ns))+$|^none$" })
        }
        Kind::Bytes { .. } => json!({ "type": "string", "pattern": "^[0-9]+([KMGT]i)?B$" }),
        Kind::Choice(names) => json!({ "enum": names }),
        Kind::Text | Kind::Path => json!({ "type": "string", "maxLength": TEXT_MAX }),
        Kind::List => {
            json!({ "type": "array", "items": { "type": "string" }, "maxItems": LIST_MAX, "uniqueItems": true })
        }
    };
    if let Some(m) = schema.as_object_mut() {
        m.insert("description".into(), json!(k.doc.trim()));
        if let Some(v) = k.default_value() {
            m.insert("default".into(), json!(v.to_string()));
        }
    }
    schema
}

/// The operator's first `config.toml`: what must be said is said, everything else stands as a comment.
#[must_use]
pub fn config_template() -> String {
    let mut out = String::from(
        "# ZERO configuration of this operator. `zero config check` checks it, `zero config get KEY --explain` explains.\n\
         # Commented keys show their defaults.\n",
    );
    for s in all_sections().iter().filter(|s| !s.name.starts_with("books.")) {
        let _ = write!(out, "\n# {}\n[{}]\n", s.doc.trim(), s.name);
        for k in s.keys {
            let name = k.path.rsplit('.').next().unwrap_or(k.path);
            let _ = writeln!(out, "# {}", k.doc.trim());
            match (k.path, k.fallback) {
                ("fees.taker", _) => out.push_str("taker = 0.00045\n"),
                ("fees.maker", _) => out.push_str("maker = 0.00015\n"),
                (_, Fallback::Value(text)) => {
                    let _ = writeln!(out, "# {name} = {}", toml_text(&k.kind, text));
                }
                _ => {
                    let _ = writeln!(out, "# {name} = \"none\"");
                }
            }
        }
    }
    out.push_str(
        "\n# Books: one strategy each. The shipped ones are `trend` and `carry`.\n\
         # [books.trend]\n# strategy = \"trend\"\n# cash_weight = 1\n# trend.lookback = 168\n\
         # [books.carry]\n# strategy = \"carry\"\n# enabled = true\n# carry.window = \"3d\"\n",
    );
    out
}

fn toml_text(kind: &Kind, text: &str) -> String {
    match kind {
        Kind::Bool | Kind::Int { .. } | Kind::Rate { .. } | Kind::Usd { .. } => text.to_owned(),
        Kind::List => "[]".into(),
        _ => format!("\"{text}\""),
    }
}

/// What `zero demo` presets on a machine without any file: the venue's base fees, said aloud.
pub const DEMO_TOML: &str = "\
# Hyperliquid's base fee tier.
[fees]
taker = 0.00045
maker = 0.00015

[runtime]
source = \"synthetic\"
speed = 0
";
