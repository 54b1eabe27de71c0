//! Strings from outside the program: stripped of what a reader cannot see, capped, and named by their place.
//!
//! Trust is the exception: a string counts as foreign unless its key is one whose values the program itself chooses from
//! a closed list or computes. Inside what is quoted whole (records, reports) nothing is trusted.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use zero_lang::steers;

/// Longest foreign string, characters.
pub const STRING_MAX: usize = 512;
/// Longest name of an object's member that comes from outside, characters.
pub const KEY_MAX: usize = 64;
/// Longest signed note, characters: its lines are part of it.
const NOTE_MAX: usize = 4_096;
/// Most elements of one array.
pub(crate) const ELEMENTS_MAX: usize = 1_000;
/// What ends a string that was cut.
pub const CUT: &str = "[cut]";

/// Keys whose values the program computes or chooses from a closed list.
const TRUSTED: &[&str] = &[
    "schema_version",
    "code",
    "config",
    "digest",
    "decision_digest",
    "config_hash",
    "trace_id",
    "leaf",
    "root",
    "ts",
    "slice",
    "as_of",
    "read_at",
    "started",
    "earliest",
    "last_seen",
    "last_decision_at",
    "updated_at",
    "halt_until",
    "timestamp",
    "side",
    "direction",
    "outcome",
    "mode",
    "source",
    "status",
    "severity",
    "class",
    "level",
    "signature",
    "safety_class",
    "risk_direction",
    "packet",
    "tool",
    "resource",
    "rebuild",
    "command",
    "verify_with",
    "read_from",
    "stage",
];
/// Objects whose member names come from outside.
const MAPS: &[&str] = &["per_runner", "by_gate", "mids", "by_reason", "by_symbol", "books"];
/// Subtrees that are quoted whole.
const QUOTED: &[&str] = &["body", "report", "evidence", "price"];

/// Strips and caps one string.
#[must_use]
pub(crate) fn text(raw: &str) -> String {
    capped(&stripped(raw, false), STRING_MAX)
}

/// Cleans a value in place and returns the places of foreign strings, sorted, each below `at`.
pub(crate) fn value(v: &mut Value, at: &str) -> Vec<String> {
    let mut places = BTreeSet::new();
    walk(v, at, true, false, &mut places);
    places.into_iter().collect()
}

fn walk(v: &mut Value, at: &str, foreign: bool, quoted: bool, places: &mut BTreeSet<String>) {
    match v {
        Value::String(s) => {
            let is_note = at == "/data/note";
            *s = capped(&stripped(s, is_note), if is_note { NOTE_MAX } else { STRING_MAX });
            if foreign || quoted {
                places.insert(at.to_owned());
            }
        }
        Value::Array(items) => {
            items.truncate(ELEMENTS_MAX);
            let below = format!("{at}/*");
            for item in items {
                walk(item, &below, foreign, quoted, places);
            }
        }
        Value::Object(members) => {
            let is_map = quoted || at.rsplit('/').next().is_some_and(|k| MAPS.contains(&k));
            let mut out = Map::new();
            for (key, mut member) in std::mem::take(members) {
                let key = capped(&stripped(&key, false), KEY_MAX);
                let below = if is_map { format!("{at}/*") } else { format!("{at}/{key}") };
                let quotes = quoted || QUOTED.contains(&key.as_str());
                walk(&mut member, &below, is_map || !TRUSTED.contains(&key.as_str()), quotes, places);
                out.insert(key, member);
            }
            if is_map && !out.is_empty() {
                places.insert(format!("{at}~keys"));
            }
            *members = out;
        }
        _ => {}
    }
}

fn capped(s: &str, max: usize) -> String {
    if s.chars().count() <= max {
        return s.to_owned();
    }
    let kept: String = s.chars().take(max.saturating_sub(CUT.len())).collect();
    kept + CUT
}

/// Without terminal sequences and without characters that show nothing or change the order of others.
fn stripped(s: &str, keeps_lines: bool) -> String {
    let mut out = String::with_capacity(s.len());
    let mut rest = s.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' if keeps_lines => out.push('\n'),
            '\n' | '\t' | '\r' | '\u{2028}' | '\u{2029}' => out.push(' '),
            '\u{1b}' => match rest.peek() {
                Some('[') => {
                    rest.next();
                    while rest.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
                }
                Some(']' | 'P' | '^' | '_' | 'X') => {
                    while rest.next().is_some_and(|c| c != '\u{7}' && c != '\u{9c}' && c != '\u{1b}') {}
                }
                _ => {}
            },
            c if steers(c) => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_seen_is_taken_out() {
        assert_eq!(text("a\u{1b}[31mred\u{1b}[0m\u{202e}b\u{200b}c\u{e0041}\nd\u{0}"), "aredbc d");
        assert_eq!(text("x\u{1b}]0;title\u{7}y"), "xy");
        assert_eq!(text("Zürich 東京"), "Zürich 東京");
        let long = text(&"é".repeat(10_000));
        assert_eq!(long.chars().count(), STRING_MAX);
        assert!(long.ends_with(CUT));
    }

    #[test]
    fn a_string_is_foreign_unless_its_key_says_otherwise() {
        let mut v = json!({"reason": "r", "side": "buy", "per_runner": {"evil": {"reason": "x"}},
                           "records": [{"body": {"side": "evil"}, "kind": "k"}], "n": 1});
        let places = value(&mut v, "/data");
        let want = [
            "/data/per_runner/*/reason",
            "/data/per_runner~keys",
            "/data/reason",
            "/data/records/*/body/*",
            "/data/records/*/body~keys",
            "/data/records/*/kind",
        ];
        assert_eq!(places, want);
    }
}
