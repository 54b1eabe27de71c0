//! Reads each kind of layer into assignments: a concrete key, what was written, and where.

use crate::key::{self, KeySpec, OTHER_ENV};
use crate::layer::{FileText, Layer, Place, Sources};
use crate::problem::{Problem, ProblemKind};
use crate::suggest;
use crate::value::Raw;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a layer says about a key, not yet checked.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub key: String,
    pub layer: Layer,
    pub place: Place,
    pub raw: Raw,
}

/// Deepest table that is read.
const DEPTH_MAX: usize = 8;

/// Every assignment of all layers, in the order of the layers.
pub(crate) fn assignments(sources: &Sources, problems: &mut Vec<Problem>) -> Vec<Assignment> {
    let mut out = Vec::new();
    for (layer, file) in &sources.files {
        read_file(*layer, file, &mut out, problems);
    }
    for (name, value) in &sources.env {
        read_env(name, value, &mut out, problems);
    }
    for (i, arg) in sources.set.iter().enumerate() {
        read_set(i + 1, arg, &mut out, problems);
    }
    out.extend(sources.swept.iter().map(|(key, value)| Assignment {
        key: key.clone(),
        layer: Layer::CommandLine,
        place: Place::Sweep,
        raw: Raw::Bare(value.clone()),
    }));
    // Stable: within a layer the later source wins.
    out.sort_by_key(|a| a.layer);
    out
}

fn read_file(layer: Layer, file: &FileText, out: &mut Vec<Assignment>, problems: &mut Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    let lines = Lines::of(&file.text);
    for e in errors {
        problems.push(Problem {
            kind: ProblemKind::Syntax,
            key: None,
            at: Some((layer, lines.place(file, e.span().map_or(0, |s| s.start)))),
            cause: format!("not valid TOML: {}", e.message()),
            hint: "see https://toml.io for the syntax; `zero config check` shows every problem at once"
                .into(),
        });
    }
    walk(&Walk { layer, file, lines: &lines }, "", 0, table.get_ref(), out);
}

struct Walk<'a> {
    layer: Layer,
    file: &'a FileText,
    lines: &'a Lines,
}

fn walk(w: &Walk<'_>, prefix: &str, depth: usize, table: &DeTable<'_>, out: &mut Vec<Assignment>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) if depth < DEPTH_MAX && key::find(&key).is_none() => {
                walk(w, &key, depth + 1, inner, out);
            }
            _ => out.push(Assignment {
                key,
                layer: w.layer,
                place: w.lines.place(w.file, name.span().start),
                raw: raw(value),
            }),
        }
    }
}

fn raw(value: &Spanned<DeValue<'_>>) -> Raw {
    match value.get_ref() {
        DeValue::String(s) => Raw::Text(s.to_string()),
        DeValue::Integer(i) if i.radix() == 10 => Raw::Number(i.as_str().to_owned()),
        DeValue::Integer(_) => Raw::Other("an integer in another base than ten"),
        DeValue::Float(f) => Raw::Number(f.as_str().to_owned()),
        DeValue::Boolean(b) => Raw::Bool(*b),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Array(items) => Raw::List(items.iter().map(raw).collect()),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}

fn read_env(name: &str, value: &str, out: &mut Vec<Assignment>, problems: &mut Vec<Problem>) {
    if OTHER_ENV.iter().any(|e| e.name == name) {
        return;
    }
    let rest = name.strip_prefix("ZERO_").unwrap_or(name);
    let key = rest.to_ascii_lowercase().replace("__", ".");
    if rest.contains("__") && key::find(&key).is_some() && KeySpec::env_name(&key) == name {
        out.push(Assignment {
            key,
            layer: Layer::Environment,
            place: Place::Env(name.to_owned()),
            raw: Raw::Bare(value.to_owned()),
        });
        return;
    }
    let known =
        key::all_keys().map(|k| KeySpec::env_name(k.path)).chain(OTHER_ENV.iter().map(|e| e.name.to_owned()));
    let near = suggest::nearest(name, known);
    // A name of another program's that merely begins alike is none of our business; a near miss is.
    if !rest.contains("__") && near.as_ref().is_none_or(|n| suggest::distance(name, n) > 2) {
        return;
    }
    problems.push(Problem {
        kind: ProblemKind::UnknownKey,
        key: Some(key),
        at: Some((Layer::Environment, Place::Env(name.to_owned()))),
        cause: "this environment variable names no configuration key".into(),
        hint: did_you_mean(near),
    });
}

fn read_set(n: usize, arg: &str, out: &mut Vec<Assignment>, problems: &mut Vec<Problem>) {
    let place = Place::Set(n);
    match arg.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => out.push(Assignment {
            key: key.trim().to_owned(),
            layer: Layer::CommandLine,
            place,
            raw: Raw::Bare(value.trim().to_owned()),
        }),
        _ => problems.push(Problem {
            kind: ProblemKind::BadArgument,
            key: None,
            at: Some((Layer::CommandLine, place)),
            cause: "the argument is not key=value".into(),
            hint: "write --set limits.daily_loss=0.03".into(),
        }),
    }
}

/// The hint of an unknown name.
pub(crate) fn did_you_mean(near: Option<String>) -> String {
    match near {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`zero config show` lists every key".into(),
    }
}

/// Offsets at which lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect())
    }

    fn place(&self, file: &FileText, offset: usize) -> Place {
        Place::File { path: file.path.clone(), line: self.0.partition_point(|start| *start <= offset) }
    }
}
