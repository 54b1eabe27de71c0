//! Orders over HTTP on a running program: one per key, each answered about itself, in this process and in the next.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod http_client;

use http_client::{Loop, Reply};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A market of an hour a second, strategies off, limits that let a person trade.
const SET: [&str; 3] =
    ["http.requests_per_second=1000000", "limits.orders_per_hour=1000", "limits.refuse_turbulent=false"];
const MARKET: [&str; 2] = ["--speed", "3600"];

/// A loop with strategies off, behind a market long enough that every gate can be measured. It is made once and copied.
fn start() -> Loop {
    static WARM: OnceLock<TempDir> = OnceLock::new();
    let warm = WARM.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        Loop::command_in(home.path(), &["run", "--no-http", "--speed", "0", "--events", "1"], &SET);
        Loop::command_in(home.path(), &["auto", "off"], &SET);
        Loop::command_in(home.path(), &["run", "--no-http", "--speed", "0", "--events", "20000"], &SET);
        home
    });
    let home = tempfile::tempdir().unwrap();
    let from = warm.path().join("state");
    assert!(Command::new("cp").arg("-a").arg(from).arg(home.path()).status().unwrap().success());
    Loop::start_in(home, "127.0.0.1:0", &MARKET, &SET)
}

fn post(run: &Loop, who: &str, path: &str, body: &str) -> Reply {
    let auth = format!("Bearer {}", run.token(who));
    let length = body.len().to_string();
    let head = [
        ("Content-Type", "application/json"),
        ("Content-Length", length.as_str()),
        ("Authorization", auth.as_str()),
    ];
    run.ask("POST", path, &head, body)
}

fn execute(run: &Loop, who: &str, body: &str) -> Reply {
    post(run, who, "/execute", body)
}

fn taken(run: &Loop, body: &str) -> Value {
    let v = execute(run, "operator", body).ok().json();
    assert_eq!(v["accepted"], true, "{v}");
    v
}

fn journal(run: &Loop) -> Vec<Value> {
    let file = run.home().join("export.jsonl");
    run.operator(&["journal", "export", "--facts", "--out", file.to_str().unwrap()]);
    std::fs::read_to_string(file).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn an_order_is_answered_in_the_contracts_shape_and_filled_once() {
    let run = start();
    let v = taken(&run, r#"{"coin":"btc","side":"buy","size":0.00300,"idempotency_key":"k-1"}"#);
    for name in ["accepted", "simulated", "fill_id", "coin", "side", "size", "reason", "trace_id"] {
        assert!(v.get(name).is_some(), "{name}: {v}");
    }
    assert_eq!((&v["coin"], &v["side"], &v["simulated"]), (&"BTC".into(), &"buy".into(), &true.into()));
    assert_eq!((&v["reason"], v["size"].as_f64()), (&"allowed".into(), Some(0.003)));
    let again =
        execute(&run, "operator", r#"{"coin":"BTC","side":"buy","size":3e-3,"idempotency_key":"k-1"}"#);
    assert_eq!(again.ok().json(), v, "the same order, however its digits are written");
    let other =
        execute(&run, "operator", r#"{"coin":"BTC","side":"buy","size":0.004,"idempotency_key":"k-1"}"#);
    assert_eq!((other.status, &other.json()["code"]), (409, &"ZERO-API-036".into()));
    let id = v["order_id"].as_str().unwrap();
    assert_eq!(v["trace_id"], id, "one name for it everywhere");
    run.until(|r| r.get("/positions").json()["count"] == 1);
    let fills: Vec<Value> =
        journal(&run).into_iter().filter(|r| r["kind"] == "fill" && r["body"]["order"] == id).collect();
    assert_eq!(fills.len(), 1);
    let position = run.get("/positions").json()["positions"][0].clone();
    assert_eq!((&position["symbol"], position["size"].as_f64()), (&"BTC".into(), Some(0.003)), "{position}");
    run.stop();
}

#[test]
fn what_is_refused_says_by_which_gate_and_stays_refused_under_its_key() {
    let run = start();
    let huge = r#"{"coin":"BTC","side":"buy","size":1000,"idempotency_key":"huge"}"#;
    let first = execute(&run, "operator", huge).ok();
    let v = first.json();
    assert_eq!(v["accepted"], false);
    let gates: Vec<&str> = v["gates"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(gates.contains(&"position_share") && gates.contains(&"gross_leverage"), "{v}");
    assert!(v["reason"].as_str().unwrap().starts_with("refused by gross_leverage"), "{v}");
    assert_eq!(execute(&run, "operator", huge).body, first.body);
    let seen = run.get("/rejections").json().to_string();
    assert!(seen.contains(v["order_id"].as_str().unwrap()) && seen.contains("own-orders"), "{seen}");
    post(&run, "operator", "/live/pause", "{}").ok();
    let paused = execute(&run, "operator", r#"{"coin":"BTC","side":"buy","size":0.003}"#).ok().json();
    assert_eq!(
        paused["breakers"],
        serde_json::json!(["operator_pause"]),
        "auto off alone does not count: {paused}"
    );
    run.stop();
}

#[test]
fn a_judgement_says_the_key_of_the_order_it_is_of_to_every_reader_and_after_a_restart() {
    let mut run = start();
    for (key, size) in [("mine-1", 0.003), ("mine-2", 1000.0), ("mine-3", 0.004)] {
        let body = format!(r#"{{"coin":"BTC","side":"buy","size":{size},"idempotency_key":"{key}"}}"#);
        execute(&run, "operator", &body).ok();
    }
    let made = execute(&run, "operator", r#"{"coin":"BTC","side":"buy","size":0.003}"#).ok().json();
    let over_http = |run: &Loop| own(&run.get("/journal?limit=200").ok().body);
    let traces = over_http(&run);
    let keys: Vec<&str> = traces.iter().filter_map(|d| d["idempotency_key"].as_str()).collect();
    let made_key = made["idempotency_key"].as_str().unwrap();
    assert_eq!(keys, [made_key, "mine-3", "mine-2", "mine-1"], "newest first, and no other has one");
    let of_made = traces.iter().find(|d| d["idempotency_key"] == made_key).unwrap();
    assert_eq!(of_made["trace_id"], made["trace_id"]);
    let huge = traces.iter().find(|d| d["idempotency_key"] == "mine-2").unwrap();
    let rejected = run.get("/rejections?limit=200").ok().json()["rejections"].as_array().unwrap().clone();
    assert!(rejected.iter().any(|x| x["trace_id"] == huge["trace_id"]), "{rejected:?}");
    assert_eq!(own(&run.output(&["decisions", "--limit", "200", "--json"])), traces, "from the journal");
    run.end_in_order();
    run = run.again_with(&MARKET, &SET);
    assert_eq!(over_http(&run), traces, "in the next process");
    run.stop();
}

/// The judgements of the operator's own orders in a packet. No other one has a key.
fn own(packet: &str) -> Vec<Value> {
    let packet: Value = serde_json::from_str(packet).unwrap();
    let all = packet["decisions"].as_array().unwrap();
    assert!(all.iter().all(|d| (d["book"] == "own-orders") == d["idempotency_key"].is_string()), "{packet}");
    all.iter().filter(|d| d["book"] == "own-orders").cloned().collect()
}

#[test]
fn bad_orders_are_the_clients_fault_and_a_live_one_is_not_made_a_paper_one() {
    let run = start();
    for body in [
        "{}",
        r#"{"coin":"BTC","side":"buy"}"#,
        r#"{"coin":"BTC","side":"long","size":1}"#,
        r#"{"coin":"BTC","side":"buy","size":"1"}"#,
        r#"{"coin":"BTC","side":"buy","size":-1}"#,
        r#"{"coin":"BTC","side":"buy","size":0}"#,
        r#"{"coin":"BTC","side":"buy","size":0.000000001}"#,
        r#"{"coin":"BTC","side":"buy","size":1e40}"#,
        r#"{"coin":"BTC","side":"buy","size":1,"size":2}"#,
        r#"{"coin":"BTC","side":"buy","size":1,"price":0}"#,
        r#"{"coin":"BTC","side":"buy","size":1,"idempotency_key":"a b"}"#,
        r#"{"coin":"BTC","side":"buy","size":1,"idempotency_key":""}"#,
    ] {
        let reply = execute(&run, "operator", body);
        assert_eq!((reply.status, &reply.json()["code"]), (400, &"ZERO-API-033".into()), "{body}");
    }
    assert_eq!(execute(&run, "operator", r#"{"coin":"NOPE","side":"buy","size":1}"#).status, 404);
    // What f64 cannot hold is taken as it was written.
    let odd = execute(&run, "operator", r#"{"coin":"BTC","side":"buy","size":90071992547.40993}"#).ok();
    assert!(odd.body.contains(r#""size":90071992547.40993,"#), "{}", odd.body);
    let auth = format!("Bearer {}", run.token("operator"));
    let body = r#"{"coin":"BTC","side":"buy","size":0.003,"idempotency_key":"live"}"#;
    let length = body.len().to_string();
    let head = [
        ("Content-Type", "application/json"),
        ("Content-Length", length.as_str()),
        ("Authorization", auth.as_str()),
        ("X-Zero-Mode", "live"),
    ];
    let v = run.ask("POST", "/execute", &head, body).ok().json();
    assert_eq!((&v["accepted"], &v["order_id"]), (&false.into(), &Value::Null), "{v}");
    taken(&run, body);
    run.stop();
}

#[test]
fn only_the_operator_opens_and_an_agents_order_can_but_close() {
    let run = start();
    let open = r#"{"coin":"BTC","side":"buy","size":0.003}"#;
    assert_eq!(execute(&run, "observer", open).status, 403);
    let nobody = [("Content-Type", "application/json"), ("Content-Length", "2")];
    assert_eq!(run.ask("POST", "/execute", &nobody, "{}").status, 401);
    for body in [open, r#"{"coin":"BTC","side":"buy","size":0.003,"reduce_only":false}"#] {
        let v = execute(&run, "agent", body).ok().json();
        assert_eq!((&v["accepted"], &v["reduce_only"]), (&false.into(), &true.into()), "{v}");
    }
    taken(&run, open);
    run.until(|r| r.get("/positions").json()["count"] == 1);
    post(&run, "operator", "/live/pause", "{}").ok();
    let close = r#"{"coin":"BTC","side":"sell","size":0.003,"idempotency_key":"close"}"#;
    let v = execute(&run, "agent", close).ok().json();
    assert_eq!((&v["accepted"], &v["reason"]), (&true.into(), &"allowed".into()), "{v}");
    assert_eq!(execute(&run, "operator", close).status, 409, "to open the other side is another order");
    assert!(run.until(|r| r.get("/positions").json()["count"] == 0));
    run.stop();
}

#[test]
fn the_command_is_a_client_of_the_loop_that_runs() {
    let run = start();
    run.operator(&["exec", "BTC", "long", "0.003", "--key", "by-hand", "--yes"]);
    run.until(|r| r.get("/positions").json()["count"] == 1);
    let v = taken(&run, r#"{"coin":"BTC","side":"buy","size":0.003,"idempotency_key":"by-hand"}"#);
    assert_eq!(v["idempotency_key"], "by-hand", "one key, whatever way it comes");
    run.operator(&["execute", "BTC", "sell", "0.003", "--reduce-only"]);
    assert!(run.until(|r| r.get("/positions").json()["count"] == 0));
    run.stop();
}

/// One request on a connection of its own; empty where the process is gone.
fn send(port: u16, token: &str, body: &str) -> String {
    let text = format!(
        "POST /execute HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nAuthorization: Bearer {token}\r\n\r\n{body}",
        body.len()
    );
    let mut all = String::new();
    let Ok(mut socket) = TcpStream::connect(("127.0.0.1", port)) else { return all };
    if socket.write_all(text.as_bytes()).is_err() || socket.read_to_string(&mut all).is_err() {
        return String::new();
    }
    all.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())
}

/// What is asked for under a key: one that opens much, the rest close a little of it, open more, or are refused.
fn order(key: usize) -> String {
    let (side, size) = match key {
        0 => ("buy", "0.02".to_owned()),
        k if k % 5 == 1 => ("buy", "0.003".to_owned()),
        k if k % 5 == 2 => ("buy", "100".to_owned()),
        // Each of another size: an answer about another order shows.
        k => ("sell", format!("0.{:05}", 1 + k % 4)),
    };
    format!(r#"{{"coin":"BTC","side":"{side}","size":{size},"idempotency_key":"key-{key}"}}"#)
}

/// Every writer sends every key, each in an order of its own; the answers by key.
fn collide((port, token): (u16, &str), writers: usize, keys: usize) -> Vec<BTreeMap<usize, String>> {
    std::thread::scope(|s| {
        let all: Vec<_> = (0..writers)
            .map(|w| {
                s.spawn(move || {
                    (0..keys)
                        .map(|i| {
                            let key = if i == 0 { 0 } else { 1 + (i * 7 + w * 131) % (keys - 1) };
                            (key, send(port, token, &order(key)))
                        })
                        .collect::<BTreeMap<_, _>>()
                })
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

fn size_of(request: &str) -> f64 {
    serde_json::from_str::<Value>(request).unwrap()["size"].as_f64().unwrap()
}

/// The journal against the answers: an order per key that was taken and none for any other, filled once and whole; each answer
/// describes its own order; the account is what folding the fills by hand gives.
fn reconcile(run: &Loop, answers: &[BTreeMap<usize, String>]) -> (usize, usize) {
    let facts = journal(run);
    let mut fills: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for f in facts.iter().filter(|f| f["kind"] == "fill") {
        fills.entry(f["body"]["order"].as_str().unwrap().into()).or_default().push(&f["body"]);
    }
    let mut orders: BTreeMap<String, usize> = BTreeMap::new();
    for f in facts.iter().filter(|f| f["kind"] == "order") {
        *orders.entry(f["body"]["intent"]["id"].as_str().unwrap().into()).or_default() += 1;
    }
    assert!(orders.values().all(|n| *n == 1), "an order twice");
    let (mut open, mut taken, mut held) = (orders, 0, 0);
    let mut first: BTreeMap<usize, &String> = BTreeMap::new();
    for (key, text) in answers.iter().flatten().filter(|(_, t)| !t.is_empty()) {
        let v: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(v["idempotency_key"], format!("key-{key}"), "{text}");
        assert_eq!(v["size"].as_f64(), Some(size_of(&order(*key))), "an answer about another order: {text}");
        if v["order_id"].is_null() {
            assert!(!v["ruling"].is_null(), "{text}");
            held += 1;
            continue;
        }
        assert_eq!(*first.entry(*key).or_insert(text), text, "one key, one answer");
    }
    for (key, text) in &first {
        let v: Value = serde_json::from_str(text).unwrap();
        let id = v["order_id"].as_str().unwrap();
        let filled = fills.get(id).map_or(&[][..], Vec::as_slice);
        if v["accepted"] == true {
            taken += 1;
            assert_eq!(open.remove(id), Some(1), "{text}");
            assert_eq!(filled.len(), 1, "one fill per key: {text}");
            assert_eq!(filled[0]["sz"].as_f64(), Some(size_of(&order(*key))), "{text}");
        } else {
            assert!(filled.is_empty() && !open.contains_key(id), "{text}");
        }
    }
    assert!(open.is_empty(), "orders that no answer speaks of: {open:?}");
    let amount = |v: &Value, name: &str| v[name].to_string().parse::<f64>().unwrap();
    let (mut cash, mut held_btc) = (10_000.0, 0.0);
    for f in facts.iter() {
        let b = &f["body"];
        match f["kind"].as_str().unwrap() {
            "fill" => {
                let sign = if b["side"] == "buy" { 1.0 } else { -1.0 };
                cash -= sign * amount(b, "px") * amount(b, "sz") + amount(b, "fee");
                held_btc += sign * amount(b, "sz");
            }
            "funding_payment" => cash += amount(b, "amount"),
            _ => {}
        }
    }
    let r: Value = serde_json::from_str(&run.output(&["--json", "positions"])).unwrap();
    let mark = r["positions"][0]["mark"].as_f64().unwrap();
    let equity = r["account_value"].as_f64().unwrap();
    assert!((cash + held_btc * mark - equity).abs() < 0.05, "{cash} + {held_btc} x {mark} against {equity}");
    (taken, held)
}

/// All that went to the venue has been answered by it.
fn settled(run: &Loop) {
    let seen = || run.get("/metrics").json()["engine"]["fills"].as_u64();
    run.until(|_| {
        let before = seen();
        std::thread::sleep(std::time::Duration::from_millis(2_500));
        before == seen()
    });
}

fn size(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// The full size of eight times a thousand is set by ZERO_EXECUTE_KEYS.
#[test]
fn writers_that_collide_on_keys_make_one_fill_per_key_and_a_kill_in_the_middle_changes_nothing() {
    let (writers, keys) = (8, size("ZERO_EXECUTE_KEYS", 60));
    let run = start();
    let (port, token) = (run.port(), run.token("operator"));
    let first = send(port, &token, &order(0));
    assert!(first.contains(r#""accepted":true"#), "{first}");
    assert!(run.until(|r| r.get("/positions").json()["count"] == 1));
    let before = collide((port, &token), writers, keys / 2);
    let mut answers = std::thread::scope(|s| {
        let sending = s.spawn(|| collide((port, &token), writers, keys));
        std::thread::sleep(std::time::Duration::from_millis(250));
        run.kill();
        sending.join().unwrap()
    });
    answers.extend(before);
    let run = run.again_with(&MARKET, &SET);
    answers.extend(collide((run.port(), &token), writers, keys));
    assert_eq!(send(run.port(), &token, &order(0)), first, "byte for byte, after a restart too");
    settled(&run);
    run.end_in_order();
    let (taken, held) = reconcile(&run, &answers);
    eprintln!("FIGURES {writers} writers, {keys} keys, {taken} taken, {held} answers of friction");
    assert!(taken > keys / 2, "{taken} of {keys}");
}

#[test]
fn a_key_that_friction_holds_belongs_to_its_order_already() {
    let run = start();
    post(&run, "operator", "/operator/events", r#"{"events":[{"action":"break","subject":"30"}]}"#).ok();
    let ask = |size: &str| {
        execute(
            &run,
            "operator",
            &format!(r#"{{"coin":"BTC","side":"buy","size":{size},"idempotency_key":"a1"}}"#),
        )
    };
    let held = ask("0.002").ok().json();
    assert_eq!(
        (&held["accepted"], &held["ruling"]["verdict"]),
        (&false.into(), &"on_break".into()),
        "{held}"
    );
    let other = ask("0.003");
    assert_eq!((other.status, &other.json()["code"]), (409, &"ZERO-API-036".into()), "{other:?}");
    assert_eq!(ask("0.0020").ok().json()["ruling"]["verdict"], "on_break", "the same order asks again");

    // The next process knows it from the journal.
    run.end_in_order();
    let run = run.again_with(&MARKET, &SET);
    let ask = |size: &str, key: &str| {
        let order = format!(r#"{{"coin":"BTC","side":"buy","size":{size},"idempotency_key":"{key}"}}"#);
        execute(&run, "operator", &order)
    };
    let other = ask("0.003", "a1");
    assert_eq!((other.status, &other.json()["code"]), (409, &"ZERO-API-036".into()), "{other:?}");
    assert_eq!(ask("0.002", "a1").ok().json()["ruling"]["verdict"], "on_break");
    assert_eq!(ask("0.003", "a2").ok().json()["ruling"]["verdict"], "on_break", "another key is free");
    run.stop();
}

/// What the run and its files tell of the same thing.
fn told(run: &Loop, path: &str, command: &[&str], part: &str) -> (Value, Value) {
    let files: Value = serde_json::from_str(&run.output(&[&["--json"], command].concat())).unwrap();
    (run.get(path).ok().json().pointer(part).unwrap().clone(), files.pointer(part).unwrap().clone())
}

#[test]
fn acts_of_long_ago_and_what_they_met_are_told_by_the_run_and_by_its_files_alike() {
    let run = start();
    post(&run, "operator", "/operator/events", r#"{"events":[{"action":"break","subject":"30"}]}"#).ok();
    let order = r#"{"coin":"BTC","side":"buy","size":0.002,"idempotency_key":"b1"}"#;
    execute(&run, "operator", order).ok();
    let look = |run: &Loop| {
        let (shown, files) = told(run, "/live/cockpit", &["live", "cockpit"], "/operator_actions/recent");
        assert_eq!(shown, files);
        let (all, files) = told(run, "/audit/export", &["audit", "export"], "/operator_actions");
        assert_eq!(all, files);
        shown
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let acts = look(&run);
    let [newest, taken, oldest] = acts.as_slice() else { panic!("{acts:?}") };
    assert!(newest.starts_with("execute ") && newest.ends_with("(on_break at l0)"), "it was held: {newest}");
    assert!(taken.starts_with("break 30 "), "{taken}");
    // Some 26,000 records before.
    assert!(oldest.starts_with("auto_off "), "{oldest}");
    run.end_in_order();
    let run = run.again_with(&MARKET, &SET);
    assert_eq!(look(&run), acts, "and by the next process");
    run.stop();
}

/// Size of the one position.
fn held(run: &Loop) -> f64 {
    let p = run.get("/positions").json();
    p["positions"][0]["size"].as_f64().unwrap_or(0.0)
}

fn state(run: &Loop) -> Value {
    run.get("/operator/state").json()
}

/// Trades around a position until a part of it was sold at a loss, and shows what haste looks like: an increase right after
/// it, and eight verdicts overridden.
fn hurry(run: &Loop) {
    let trade = |side: &str, size: f64| {
        taken(run, &format!(r#"{{"coin":"BTC","side":"{side}","size":0.003}}"#));
        run.until(|r| (held(r) - size).abs() < 1e-9);
    };
    trade("buy", 0.003);
    let lost = (0..25).any(|_| {
        trade("buy", 0.006);
        trade("sell", 0.003);
        state(run)["next_request"]["causes"].as_array().unwrap().contains(&"reflex".into())
    });
    assert!(lost, "every one of so many trades was a gain");
    let mut said = vec![serde_json::json!({"action": "command", "subject": "increases by hand"})];
    said.extend((0..8).map(|_| serde_json::json!({"action": "override", "subject": "the gates"})));
    let said = serde_json::json!({ "events": said }).to_string();
    assert_eq!(post(run, "operator", "/operator/events", &said).ok().json()["accepted"], 9);
}

#[test]
fn at_the_highest_level_every_increase_is_refused_with_code_cause_and_hint_and_every_reduction_passes() {
    let run = start();
    hurry(&run);
    let s = state(&run);
    assert_eq!((&s["friction"], &s["next_request"]["verdict"]), (&"l4".into(), &"refused".into()), "{s}");
    let refused = |v: &Value| {
        let r = &v["ruling"];
        assert_eq!((&r["verdict"], &r["level"]), (&"refused".into(), &"l4".into()), "{v}");
        assert_eq!(r["code"], "ZERO-OPR-002", "{v}");
        for cause in ["re_entry", "reflex", "overrides"] {
            assert!(r["causes"].as_array().unwrap().contains(&cause.into()), "{v}");
        }
        let reason = v["reason"].as_str().unwrap();
        assert!(reason.contains("refused at l4") && reason.contains("overrides"), "{v}");
        assert!(r["hint"].as_str().unwrap().contains("operator-state"), "{v}");
        assert_eq!(r["phrase"], Value::Null, "there is nothing to type: {v}");
    };
    let buy = r#"{"coin":"BTC","side":"buy","size":0.003,"idempotency_key":"hasty"}"#;
    for _ in 0..2 {
        let v = execute(&run, "operator", buy).ok().json();
        assert_eq!((&v["accepted"], &v["order_id"]), (&false.into(), &Value::Null), "{v}");
        refused(&v);
    }
    let on = post(&run, "operator", "/auto/toggle", r#"{"enabled":true}"#).ok().json();
    assert_eq!(on["state"], "off");
    refused(&on);
    let free = |who: &str, path: &str, body: &str| {
        let v = post(&run, who, path, body).ok().json();
        assert_eq!(v["ruling"], Value::Null, "{path}: {v}");
        v
    };
    assert_eq!(free("operator", "/live/pause", "{}")["ok"], true);
    let resumed = post(&run, "operator", "/live/resume", "{}").ok().json();
    assert_eq!((&resumed["ok"], &resumed["state"]), (&false.into(), &"paused".into()), "{resumed}");
    refused(&resumed);
    for who in ["operator", "agent"] {
        let close = r#"{"coin":"BTC","side":"sell","size":0.001,"reduce_only":true}"#;
        assert_eq!(free(who, "/execute", close)["accepted"], true);
    }
    run.until(|r| (held(r) - 0.001).abs() < 1e-9);
    // An order that closes is a reduction whether it says so or not.
    let half = r#"{"coin":"BTC","side":"sell","size":0.0005}"#;
    assert_eq!(free("operator", "/execute", half)["accepted"], true);
    assert_eq!(free("agent", "/live/flatten", "{}")["ok"], true);
    run.until(|r| r.get("/positions").json()["count"] == 0);
    assert_eq!(free("operator", "/live/kill", "{}")["state"], "killed");
    assert_eq!(state(&run)["friction"], "l4", "none of it was because the level fell");
    run.stop();
}

/// What a client of the earlier interface reads off the counters.
#[test]
fn requests_are_counted_by_method_path_and_status_and_an_order_once_however_often_it_is_sent() {
    let run = start();
    let buy = r#"{"coin":"BTC","side":"buy","size":0.003,"idempotency_key":"once"}"#;
    let (port, token) = (run.port(), run.token("operator"));
    let answers: Vec<String> = std::thread::scope(|s| {
        let all: Vec<_> = (0..8).map(|_| s.spawn(|| send(port, &token, buy))).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|a| *a == answers[0] && a.contains("\"accepted\":true")), "{answers:?}");
    taken(&run, buy);
    assert_eq!(execute(&run, "operator", &buy.replace("0.003", "0.004")).status, 409);
    assert_eq!(run.get("/live/pause").status, 405);
    assert_eq!(run.ask("PUT", "/livez", &[], "").status, 405);
    assert_eq!(run.get("/nowhere").status, 404);
    for path in ["/journal", "/v2/status", "/evaluate/BTC", "/evaluate/ETH"] {
        run.get(path).ok();
    }
    let api = run.get("/metrics").ok().json()["api"].clone();
    let n = |group: &str, name: &str| api[group][name].as_u64().unwrap_or(0);
    assert_eq!((n("by_method", "POST"), n("by_method", "other")), (10, 1), "{api}");
    assert_eq!(n("by_method", "GET") + 11, api["request_count"].as_u64().unwrap(), "{api}");
    let paths = ["/journal", "/v2/status", "/evaluate/{coin}", "/execute", "/livez", "other"];
    assert_eq!(paths.map(|p| n("by_path", p)), [1, 1, 2, 10, 1, 1], "{api}");
    assert_eq!(["404", "405", "409", "other"].map(|s| n("by_status", s)), [1, 2, 1, 0], "{api}");
    let orders = ["execute_count", "execute_accepted", "execute_rejected", "idempotency_hits"];
    assert_eq!(orders.map(|f| api[f].as_u64().unwrap()), [1, 1, 0, 8], "{api}");
    run.stop();
}
