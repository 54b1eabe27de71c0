//! The schema and the reader take the same forms: each form of a list is accepted by both or refused by both.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use serde_json::Value;
use std::collections::BTreeSet;
use zero_lang::{read, schema};

/// A document in which one field is said otherwise.
fn document(key: &str, value: &str) -> String {
    let mut all =
        vec![("entry.long", "\"rsi(14) < 30\""), ("exit.stop", "\"5%\""), ("exit.horizon", "\"2d\"")];
    all.retain(|(k, _)| *k != key);
    all.push((key, value));
    let lines: String = all.iter().map(|(k, v)| format!("{k} = {v}\n")).collect();
    format!("name = \"x\"\nversion = 1\n{lines}")
}

fn reads(key: &str, value: &str) -> bool {
    read(document(key, value).as_bytes()).is_ok()
}

/// The words of the schema that a field of a document uses.
fn fits(rule: &Value, value: &Value) -> bool {
    let number = |word: &str| rule[word].as_u64();
    rule.as_object().unwrap().keys().all(|word| match word.as_str() {
        "description" | "default" => true,
        "type" => match rule["type"].as_str().unwrap() {
            "string" => value.is_string(),
            "integer" => value.is_i64(),
            "array" => value.is_array(),
            other => panic!("{other}"),
        },
        "pattern" => value.as_str().is_none_or(|t| matches(rule["pattern"].as_str().unwrap(), t)),
        "enum" => rule["enum"].as_array().unwrap().contains(value),
        "not" => !fits(&rule["not"], value),
        "anyOf" => rule["anyOf"].as_array().unwrap().iter().any(|r| fits(r, value)),
        "items" => value.as_array().is_none_or(|v| v.iter().all(|v| fits(&rule["items"], v))),
        "minItems" => value.as_array().is_none_or(|v| v.len() as u64 >= number(word).unwrap()),
        "maxItems" => value.as_array().is_none_or(|v| v.len() as u64 <= number(word).unwrap()),
        "maxLength" => value.as_str().is_none_or(|t| t.chars().count() as u64 <= number(word).unwrap()),
        "minimum" => value.as_i64().is_none_or(|n| n >= rule["minimum"].as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|n| n <= rule["maximum"].as_i64().unwrap()),
        other => panic!("{other}: a word of the schema that this test does not know"),
    })
}

fn schema_fits(key: &str, value: &str) -> bool {
    let s = schema::json_schema();
    let rule = key.split('.').fold(&s, |v, k| &v["properties"][k]);
    // The forms are written so that they are TOML and JSON alike.
    fits(rule, &serde_json::from_str(value).unwrap())
}

/// Does a pattern fit the whole text? Anchored patterns of groups, classes, alternatives and counts.
fn matches(pattern: &str, text: &str) -> bool {
    let inner = pattern.strip_prefix('^').and_then(|p| p.strip_suffix('$')).unwrap();
    let (p, t): (Vec<char>, Vec<char>) = (inner.chars().collect(), text.chars().collect());
    let mut at = 0;
    let ends = alternatives(&p, &mut at, &t, &BTreeSet::from([0]));
    assert_eq!(at, p.len(), "{pattern}");
    ends.contains(&t.len())
}

type Places = BTreeSet<usize>;

fn alternatives(p: &[char], at: &mut usize, t: &[char], from: &Places) -> Places {
    let mut out = sequence(p, at, t, from);
    while p.get(*at) == Some(&'|') {
        *at += 1;
        out.extend(sequence(p, at, t, from));
    }
    out
}

fn sequence(p: &[char], at: &mut usize, t: &[char], from: &Places) -> Places {
    let mut here = from.clone();
    while p.get(*at).is_some_and(|c| !['|', ')'].contains(c)) {
        let start = *at;
        let once = |from: &Places, at: &mut usize| {
            *at = start;
            piece(p, at, t, from)
        };
        let mut next = once(&here, at);
        let (least, most) = count(p, at);
        let after = *at;
        let mut out = if least == 0 { here.clone() } else { Places::new() };
        for n in 1..=most {
            if n >= least {
                out.extend(&next);
            }
            if next.is_empty() {
                break;
            }
            next = once(&next, at);
        }
        *at = after;
        here = out;
    }
    here
}

fn piece(p: &[char], at: &mut usize, t: &[char], from: &Places) -> Places {
    let first = p[*at];
    *at += 1;
    let step = |ok: &dyn Fn(char) -> bool| {
        from.iter().filter(|i| t.get(**i).is_some_and(|c| ok(*c))).map(|i| i + 1).collect()
    };
    match first {
        '(' => {
            let out = alternatives(p, at, t, from);
            assert_eq!(p[*at], ')');
            *at += 1;
            out
        }
        '[' => {
            let end = *at + p[*at..].iter().position(|c| *c == ']').unwrap();
            let class = &p[*at..end];
            *at = end + 1;
            step(&|c| {
                let range = |w: &[char]| w[1] == '-' && (w[0]..=w[2]).contains(&c);
                class.windows(3).any(range) || (class.contains(&c) && c != '-')
            })
        }
        '\\' => {
            let literal = p[*at];
            *at += 1;
            step(&|c| c == literal)
        }
        literal => step(&|c| c == literal),
    }
}

/// How often the piece before is taken.
fn count(p: &[char], at: &mut usize) -> (usize, usize) {
    let (counted, width) = match p.get(*at) {
        Some('?') => ((0, 1), 1),
        Some('*') => ((0, 200), 1),
        Some('+') => ((1, 200), 1),
        Some('{') => {
            let end = p[*at..].iter().position(|c| *c == '}').unwrap();
            let text: String = p[*at + 1..*at + end].iter().collect();
            let (a, b) = text.split_once(',').unwrap_or((&text, &text));
            ((a.parse().unwrap(), b.parse().unwrap()), end + 1)
        }
        _ => ((1, 1), 0),
    };
    *at += width;
    counted
}

#[test]
fn the_matcher_of_this_test_knows_its_patterns() {
    for (pattern, yes, no) in [
        ("^(a|b{2,3})c?$", vec!["a", "ac", "bb", "bbbc"], vec!["", "b", "bbbb", "ca", "acc"]),
        ("^[0-9]+(\\.[0-9]{1,2})*$", vec!["1", "10.25", "1.1.1"], vec!["1.", ".1", "1.123"]),
    ] {
        assert!(
            yes.iter().all(|t| matches(pattern, t)) && !no.iter().any(|t| matches(pattern, t)),
            "{pattern}"
        );
    }
}

#[test]
fn the_schema_and_the_reader_take_the_same_forms() {
    let long = "A".repeat(25);
    let many = vec!["\"BTC\""; 129].join(", ");
    let forms: Vec<(&str, bool, Vec<String>)> = [
        ("exit.horizon", true, vec!["1h", "48h", "2d", "366d", "8784h"]),
        (
            "exit.horizon",
            false,
            vec![
                "0h",
                "0d",
                "0",
                "",
                "48",
                "2d+1h",
                "24h * 2",
                "(2d)",
                "2.0d",
                " 2d",
                "2d ",
                "2 d",
                "02d",
                "+2d",
                "367d",
                "8785h",
                "2D",
                "1e1h",
                "99999999999h",
            ],
        ),
        ("cooldown.wait", true, vec!["0h", "0d", "6h", "366d"]),
        ("cooldown.wait", false, vec!["", "00h", "367d", "6", "-6h"]),
        ("universe.coins", true, vec!["*", "BTC", "BTC,ETH", "BTC, ETH", "kPEPE,1INCH"]),
        (
            "universe.coins",
            false,
            vec!["", "BTC,", ",BTC", " BTC", "BTC ,ETH", "BTC,  ETH", "*,BTC", "B-C", &long],
        ),
        (
            "sizing.by",
            true,
            vec![
                "risk",
                "share 0.05",
                "share 1",
                "share 1.0",
                "fixed 1.5",
                "fixed 0.00000001",
                "fixed 9999999999",
            ],
        ),
        (
            "sizing.by",
            false,
            vec![
                " risk",
                "risk ",
                "Risk",
                "share",
                "share 0",
                "share 0.00",
                "share 1.1",
                "share 2",
                "share  0.1",
                "share .5",
                "share 5%",
                "share 1.2.3",
                "share ..",
                "share 0.1 x",
                "fixed 1e3",
                "fixed 0",
                "fixed -1",
                "fixed +1",
                "fixed 01",
                "fixed 1.",
                "fixed 0.000000001",
                "fixed 99999999999",
            ],
        ),
        ("exit.on_unknown.kill", true, vec!["hold", "leave"]),
        ("exit.on_unknown.kill", false, vec!["Hold", "", "leave "]),
    ]
    .into_iter()
    .map(|(k, ok, texts)| (k, ok, texts.iter().map(|t| format!("\"{t}\"")).collect()))
    .collect();
    let raw = [
        ("universe.coins", true, vec!["[\"BTC\"]", "[\"BTC\", \"ETH\"]", "[\"BTC\", \"BTC\"]"]),
        (
            "universe.coins",
            false,
            vec!["[]", "[\"*\"]", "[\"BTC,ETH\"]", "[\"\"]", "[1]", "1", "[\" BTC\"]", &many],
        ),
        ("universe.history", true, vec!["0", "10", "10000"]),
        ("universe.history", false, vec!["\"10\"", "-1", "10001", "[10]", "true"]),
        ("exit.horizon", false, vec!["48", "[\"2d\"]"]),
        ("entry.score", true, vec!["\"0\"", "\"rsi(14)\""]),
        ("entry.score", false, vec!["0", "[\"0\"]", "1.5"]),
        ("sizing.by", false, vec!["1", "[\"risk\"]"]),
        ("exit.on_unknown.trail", false, vec!["true", "[\"hold\"]"]),
    ]
    .map(|(k, ok, texts)| {
        let listed = |t: &str| if t.starts_with("\"BTC\",") { format!("[{t}]") } else { t.to_owned() };
        (k, ok, texts.into_iter().map(listed).collect::<Vec<_>>())
    });
    for (key, ok, texts) in forms.into_iter().chain(raw) {
        for text in texts {
            assert_eq!(
                (reads(key, &text), schema_fits(key, &text)),
                (ok, ok),
                "{key} = {text}: reader, schema"
            );
        }
    }
}

#[test]
fn every_whole_number_of_hours_and_days_is_taken_by_both_or_by_neither() {
    for n in (0..400).chain(8_690..8_890).chain([999, 1_000, 7_999, 8_000, 9_999, 10_000]) {
        for text in [format!("\"{n}h\""), format!("\"{n}d\"")] {
            for key in ["exit.horizon", "cooldown.wait"] {
                assert_eq!(reads(key, &text), schema_fits(key, &text), "{key} = {text}");
            }
        }
    }
}

#[test]
fn a_mistake_at_the_top_or_in_a_case_is_marked_at_its_value_and_named() {
    let good = format!("{}\n[[test]]\nset = {{}}\nsays = \"abstain\"\n", document("entry.score", "\"0\""));
    read(good.as_bytes()).unwrap();
    for (from, to, marked, message, hint) in [
        ("version = 1", "version = \"1\"", "\"1\"", "whole number", "version = 1"),
        ("version = 1", "version = 1.0", "1.0", "whole number", "version = 1"),
        ("version = 1", "version = 65536", "65536", "65535", "version = 1"),
        ("name = \"x\"", "name = 1", "1", "text in quotes", "name ="),
        ("set = {}", "holds = \"both\"", "\"both\"", "holds is one of flat, long, short", "strategy new"),
        ("set = {}", "holds = 1", "1", "holds is one of flat", "strategy new"),
        ("set = {}", "hours = \"1\"", "\"1\"", "a number", "strategy new"),
        ("set = {}", "set = { \"rsi(14)\" = \"x\" }", "\"x\"", "a number", "strategy new"),
        ("set = {}", "hold = \"long\"", "hold", "none of set, holds", "strategy new"),
        ("\"abstain\"", "\"go\"", "\"go\"", "says is one of", "strategy new"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let e = read(bad.as_bytes()).unwrap_err();
        assert!(e.message.contains(message) && e.hint.contains(hint), "{to}: {e} ({})", e.hint);
        let line: Vec<char> = bad.lines().nth(e.line - 1).unwrap().chars().collect();
        let at: String = line[e.column - 1..].iter().take(marked.chars().count()).collect();
        assert_eq!(at, marked, "{to}: {e}\n{}", e.excerpt);
    }
}

#[test]
fn a_number_in_another_base_is_the_number_that_it_is() {
    let with =
        |history: &str| read(document("universe.history", history).as_bytes()).unwrap().document.meaning();
    assert_eq!(with("0x10"), with("16"));
    assert_eq!(with("1_0"), with("10"));
    let text = document("entry.score", "\"0\"").replace("version = 1", "version = 0b11");
    assert_eq!(read(text.as_bytes()).unwrap().document.version(), 3);
}
