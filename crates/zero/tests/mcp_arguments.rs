//! Arguments of tools, made from each tool's own schema: what fits is answered, what does not is refused, and neither
//! changes the state or a file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod agents;

use agents::{Pipes, ended, files};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use zero_core::{Canon as _, Digest32};
use zero_journal::RealDisk;
use zero_mcp::{Backend as _, fits, tools};
use zero_runtime::view::RunView;

/// Cases for each tool.
const CASES: usize = 60;
/// Of those, calls that are answered: some fold the journal.
const ANSWERED: usize = 3;

fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Words that an agent might type, or that try to be more than words.
fn word() -> BoxedStrategy<String> {
    let odd = prop::sample::select(vec![
        "",
        "BTC",
        "btc",
        "../../keys",
        "/etc",
        "%2e%2e",
        "\u{0}",
        "\u{1b}[2J\u{202e}",
        "true",
        "1e999",
        "__proto__",
        "buy",
        "coin",
        "size",
        "confirm",
        "$(reboot)",
        "é",
    ]);
    prop_oneof![odd.prop_map(str::to_owned), "[a-z_]{1,12}", "\\PC{0,40}"].boxed()
}

/// Any JSON, not deep.
fn json_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(word(), inner, 0..6)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Values that fit a schema of the kinds that tools have: objects of strings, numbers, switches and choices.
fn valid(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(choices) = schema["enum"].as_array() {
        return prop::sample::select(choices.clone()).boxed();
    }
    match schema["type"].as_str() {
        Some("string") => word().prop_map(Value::from).boxed(),
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("integer") => {
            let low = schema["minimum"].as_i64().unwrap_or(-1_000);
            let high = schema["maximum"].as_i64().unwrap_or(1_000);
            (low..=high).prop_map(Value::from).boxed()
        }
        Some("number") => (-1e6..1e6).prop_map(|f: f64| json!(f)).boxed(),
        Some("object") => {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mut members = Just(Map::new()).boxed();
            for (name, s) in schema["properties"].as_object().into_iter().flatten() {
                let (name, must) = (name.clone(), required.contains(&name.as_str()));
                members = (members, valid(s), any::<bool>())
                    .prop_map(move |(mut m, v, given)| {
                        if must || given {
                            m.insert(name.clone(), v);
                        }
                        m
                    })
                    .boxed();
            }
            members.prop_map(Value::Object).boxed()
        }
        other => panic!("no values are made for type {other:?}"),
    }
}

/// Values that do not fit: a member too many, one too few, or one that is something else.
fn invalid(schema: &Map<String, Value>) -> BoxedStrategy<Value> {
    let whole = Value::Object(schema.clone());
    let schema = schema.clone();
    (valid(&whole), word(), json_value(), 0..3u8, any::<prop::sample::Index>())
        .prop_filter_map("it fits after all", move |(v, name, any, how, which)| {
            let mut m = v.as_object()?.clone();
            match how {
                1 if !m.is_empty() => {
                    let key = m.keys().nth(which.index(m.len()))?.clone();
                    m.remove(&key);
                }
                2 if !m.is_empty() => {
                    let key = m.keys().nth(which.index(m.len()))?.clone();
                    m.insert(key, any);
                }
                _ => {
                    m.insert(name, any);
                }
            }
            let v = Value::Object(m);
            fits(&schema, &v).is_err().then_some(v)
        })
        .boxed()
}

fn some<T: std::fmt::Debug>(s: &BoxedStrategy<T>, runner: &mut TestRunner) -> T {
    s.new_tree(runner).unwrap().current()
}

#[test]
fn what_is_made_from_a_schema_fits_it_and_what_is_changed_does_not() {
    let schema = json!({ "type": "object", "additionalProperties": false, "required": ["coin"], "properties": {
        "coin": { "type": "string" }, "limit": { "type": "integer", "minimum": 1, "maximum": 200 },
        "side": { "enum": ["buy", "sell"] }, "share": { "type": "number" }, "all": { "type": "boolean" } } });
    let m = schema.as_object().unwrap();
    let (good, bad, mut runner) = (valid(&schema), invalid(m), runner());
    let mut seen = BTreeMap::<usize, usize>::new();
    for _ in 0..300 {
        let v = some(&good, &mut runner);
        assert_eq!(fits(m, &v), Ok(()), "{v}");
        *seen.entry(v.as_object().unwrap().len()).or_default() += 1;
        let v = some(&bad, &mut runner);
        assert!(fits(m, &v).is_err(), "{v}");
    }
    assert!(seen.len() >= 4, "members come and go: {seen:?}");
}

#[test]
fn arguments_that_fit_are_answered_others_refused_and_nothing_is_changed_by_either() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("state");
    let place = ended(&home, "2000");
    let state = || Digest32::of(&RunView::load(&RealDisk, &place.journal).unwrap().state.to_bytes());
    let (before, state_before) = (files(&home), state());
    let mut runner = runner();
    let mut pipes = Pipes::start(&home, &["--at-rest"]);
    let (mut answered, mut refused) = (0, 0);
    for t in tools() {
        assert!(t.read_only, "{} is no tool of this test", t.name);
        let (good, bad) = (valid(&Value::Object(t.input.clone())), invalid(&t.input));
        for case in 0..CASES {
            let v = some(if case < ANSWERED { &good } else { &bad }, &mut runner);
            let fit = fits(&t.input, &v).is_ok();
            let direct = place.tool(t.name, v.as_object());
            assert_eq!(direct.is_ok(), fit, "{} {v}: {direct:?}", t.name);
            // The same by way of the protocol, where a part of the cases is enough.
            if case % 10 == 0 {
                let a = pipes.ask("tools/call", json!({ "name": t.name, "arguments": v }));
                assert_eq!(a["result"]["isError"], !fit, "{} {v}: {a}", t.name);
                let text = a["result"]["content"][0]["text"].as_str().unwrap_or("");
                assert!(fit || text.contains("\"ZERO-MCP-002\""), "{a}");
            }
            if fit { answered += 1 } else { refused += 1 }
        }
    }
    // Arguments that are no object at all never reach a tool.
    let odd: Vec<Value> =
        (0..50).map(|_| some(&json_value(), &mut runner)).filter(|v| !v.is_object()).collect();
    for (i, v) in odd.iter().enumerate().filter(|(_, v)| !v.is_null()) {
        let params = json!({ "name": tools()[0].name, "arguments": v });
        pipes.send(
            &json!({ "jsonrpc": "2.0", "id": format!("odd {i}"), "method": "tools/call", "params": params }),
        );
    }
    let heard = pipes.heard(Duration::from_millis(500));
    assert!(heard.iter().all(|a| a.get("result").is_none()), "{heard:?}");
    pipes.close();
    assert_eq!((answered, refused), (tools().len() * ANSWERED, tools().len() * (CASES - ANSWERED)));
    assert_eq!(files(&home), before);
    assert_eq!(state(), state_before);
}
