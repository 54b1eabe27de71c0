//! What others may see of a run: the delayed snapshot and its limit, the routes of a commercial service, requests to publish,
//! and the last recorded parity.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests may panic as tests do, and a delay is measured"
)]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod http_client;

use http_client::{Loop, Reply};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use zero_capability::NOT_OFFERED;

const SNAPSHOTS: &str = "/v1/intelligence/snapshots?freshness=delayed";

fn ask(run: &Loop, path: &str, body: &Value) -> Reply {
    let text = body.to_string();
    let length = text.len().to_string();
    run.ask("POST", path, &[("Content-Type", "application/json"), ("Content-Length", &length)], &text)
}

/// What a message to the surface for agents is answered.
fn agents(run: &Loop, method: &str, params: &Value) -> Value {
    let text = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let length = text.len().to_string();
    let head = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
        ("Content-Length", length.as_str()),
    ];
    run.ask("POST", "/mcp", &head, &text).ok().json()["result"].clone()
}

/// What a tool shows.
fn tool(run: &Loop, name: &str) -> Value {
    agents(run, "tools/call", &json!({ "name": name, "arguments": {} }))["structuredContent"]["data"].clone()
}

/// Times at which sequences were seen, and the sequence of each delayed snapshot with the time of its answer.
type Seen = (Vec<(Instant, u64)>, Vec<(Instant, u64)>);

fn watch(run: &Loop, delay: Duration, many: usize) -> Seen {
    let (begin, mut now, mut late) = (Instant::now(), Vec::new(), Vec::new());
    while late.len() < many && begin.elapsed() < Duration::from_secs(40) {
        let asked = Instant::now();
        now.push((asked, run.get("/positions").ok().json()["journal_seq"].as_u64().unwrap()));
        for path in [SNAPSHOTS, "/intelligence/snapshot"] {
            let v = run.get(path).ok().json();
            let one = if path == SNAPSHOTS { v["data"].get(0).cloned() } else { Some(v) };
            let seq = one.and_then(|d| d["source"]["journal_seq"].as_u64());
            late.extend(seq.map(|s| (Instant::now(), s)));
        }
        std::thread::sleep(delay / 40);
    }
    (now, late)
}

/// Snapshots that show more than what had happened a delay before.
fn too_young((now, late): &Seen, delay: Duration) -> usize {
    let shows_more = |(at, seq): &&(Instant, u64)| {
        // The first look that began after the newest moment that may be shown.
        let look = at.checked_sub(delay).and_then(|t| now.iter().find(|(asked, _)| *asked >= t));
        look.is_none_or(|(_, had)| seq > had)
    };
    late.iter().filter(shows_more).count()
}

#[test]
fn nothing_in_the_public_snapshot_is_younger_than_the_declared_delay() {
    let run = Loop::start_with(
        &["--speed", "360000", "--clear-halts-after", "1d"],
        &["http.public_delay=2s", "http.requests_per_second=100000"],
    );
    let first = run.get("/intelligence/snapshot").ok().json();
    assert_eq!((&first["available"], &first["aggregates"]), (&json!(false), &Value::Null), "{first}");
    assert_eq!(first["access"]["delay_s"].as_f64(), Some(2.0));
    let delay = Duration::from_secs(2);
    let seen = watch(&run, delay, 60);
    assert!(seen.1.len() >= 60, "only {} snapshots", seen.1.len());
    assert_eq!(too_young(&seen, delay), 0);
    assert!(seen.1.last().unwrap().1 > seen.1[0].1, "it goes on");
    // The same looks would convict a delay of less than was declared.
    assert!(too_young(&seen, delay * 2) > 0, "the check sees nothing");
    run.stop();
}

/// Names and values of a packet that only the operator may see.
fn private(v: &Value, secrets: &[String], at: &str) -> Vec<String> {
    const NAMES: &[&str] = &[
        "equity",
        "account_value",
        "pnl",
        "notional",
        "price",
        "size",
        "entry",
        "symbol",
        "coin",
        "side",
        "wallet",
        "address",
        "user",
        "operator_id",
        "handle",
        "token",
        "trace_id",
        "idempotency",
        "strategy",
        "book",
        "journal_path",
        "note",
    ];
    let mut out = Vec::new();
    match v {
        Value::Object(o) => {
            for (k, v) in o {
                // A statement that something is left out is not that thing.
                let says = v.is_boolean();
                if !says && NAMES.iter().any(|n| k.contains(n)) {
                    out.push(format!("{at}.{k}"));
                }
                out.extend(private(v, secrets, &format!("{at}.{k}")));
            }
        }
        Value::Array(a) => a.iter().for_each(|v| out.extend(private(v, secrets, &format!("{at}[]")))),
        other => {
            let text = other.to_string();
            if secrets.iter().any(|s| text.trim_matches('"').contains(s.as_str())) {
                out.push(format!("{at}: {text}"));
            }
        }
    }
    out
}

#[test]
fn the_public_snapshot_has_no_private_field_and_a_planted_one_would_be_seen() {
    let run = Loop::start_with(
        &["--speed", "360000", "--clear-halts-after", "1d"],
        &["http.public_delay=1s", "account.initial_cash=98765.43"],
    );
    run.until(|r| r.get("/positions").json()["count"].as_u64() > Some(0));
    let seen =
        |r: &Loop| r.get("/intelligence/snapshot").json()["aggregates"]["open_positions"].as_u64() > Some(0);
    run.until(seen);
    let mut secrets =
        vec!["98765".to_owned(), "default".into(), run.token("operator"), run.token("observer")];
    for p in run.get("/positions").ok().json()["positions"].as_array().unwrap() {
        secrets.push(p["symbol"].as_str().unwrap().to_owned());
    }
    for path in [SNAPSHOTS, "/intelligence/snapshot", "/intelligence/catalog", "/intelligence/commercial"] {
        let v = run.get(path).ok().json();
        assert_eq!(private(&v, &secrets, ""), Vec::<String>::new(), "{path}");
    }
    let export = ask(&run, "/intelligence/export", &json!({ "consent": true })).ok().json();
    assert_eq!(private(&export, &secrets, ""), Vec::<String>::new());
    let clean = run.get("/intelligence/snapshot").ok().json();
    for (name, value) in
        [("equity", json!(1.5)), ("about", json!("98765.43")), ("largest", json!(secrets[4]))]
    {
        let mut planted = clean.clone();
        planted["aggregates"][name] = value;
        assert_eq!(private(&planted, &secrets, "").len(), 1, "{name}");
    }
    run.stop();
}

#[test]
fn readings_are_counted_in_the_head_and_refused_when_the_window_has_none_left() {
    let run = Loop::start_with(&["--speed", "0.001"], &["http.requests_per_second=100000"]);
    let (mut last, mut refused) = (None, None);
    for _ in 0..1_300 {
        let reply = run.get(SNAPSHOTS);
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
        let body = reply.json();
        for name in ["limit", "remaining", "reset", "policy"] {
            let said = body["rate_limit"][name].clone();
            let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
            assert_eq!(reply.header(&format!("x-zero-ratelimit-{name}")), Some(said.as_str()), "{reply:?}");
        }
        let left = body["rate_limit"]["remaining"].as_u64().unwrap();
        let window = body["rate_limit"]["reset"].clone();
        if let Some((before, same)) = last.replace((left, window.clone())) {
            assert!(same != window || left + 1 == before, "{left} after {before}");
        }
    }
    let refused = refused.expect("a window has an end");
    assert_eq!(refused.json()["code"], "ZERO-API-061");
    assert_eq!(refused.header("x-zero-ratelimit-remaining"), Some("0"), "{refused:?}");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    // Looking at the terms takes nothing, and is answered still.
    run.get("/intelligence/commercial").ok();
    run.stop();
}

#[test]
fn what_is_sold_elsewhere_says_so_by_its_code_and_the_catalogue_agrees() {
    let run = Loop::start(&["--speed", "0.001"]);
    let realtime = run.get("/v1/intelligence/snapshots?freshness=realtime");
    assert_eq!((realtime.status, &realtime.json()["code"]), (404, &json!("ZERO-API-010")));
    for route in NOT_OFFERED {
        let reply = match route.method {
            "GET" => run.get(route.path),
            _ => ask(&run, route.path, &json!({})),
        };
        assert_eq!((reply.status, &reply.json()["code"]), (404, &json!("ZERO-API-010")), "{}", route.path);
        assert!(reply.json()["cause"].as_str().unwrap().contains(route.reason), "{reply:?}");
    }
    let endpoints = run.get("/intelligence/catalog").ok().json()["hosted_api_contract"]["endpoints"].clone();
    for e in endpoints.as_array().unwrap() {
        let (method, path) = e["path"].as_str().unwrap().split_once(' ').unwrap();
        let reply = if method == "GET" { run.get(path) } else { ask(&run, path, &json!({})) };
        assert_eq!(e["offered"], reply.status == 200, "{e}");
        assert_eq!(
            e["error_code"],
            if reply.status == 200 { Value::Null } else { reply.json()["code"].clone() }
        );
    }
    run.stop();
}

#[test]
fn a_request_to_publish_is_refused_with_or_without_consent_and_leaves_nothing() {
    let run = Loop::start(&["--speed", "0.001"]);
    for (path, done) in [("/network/publish", "published"), ("/intelligence/export", "exported")] {
        let mut reasons = Vec::new();
        for consent in [false, true] {
            let v = ask(&run, path, &json!({ "consent": consent })).ok().json();
            assert_eq!((&v["ok"], &v[done], &v["path"]), (&json!(false), &json!(false), &Value::Null), "{v}");
            reasons.push(v["reason"].as_str().unwrap().to_owned());
        }
        assert!(reasons[0].contains("consent") && !reasons[1].contains("consent"), "{reasons:?}");
        assert_eq!(ask(&run, path, &json!({ "consent": "yes" })).status, 400);
    }
    assert_eq!(run.get("/network/leaderboard").ok().json()["row_count"], 0);
    run.stop();
}

#[test]
fn a_profile_that_is_handed_in_is_told_everything_that_is_wrong_with_it() {
    let run = Loop::start(&["--speed", "3600000", "--events", "3000"]);
    run.digest();
    let run = run.again(&["--speed", "0.001"]);
    let mut own = run.get("/network/profile").ok().json();
    own["profile"]["publish_enabled"] = json!(true);
    let reasons = |profile: &Value| -> Vec<String> {
        let v = ask(&run, "/network/ingest", &json!({ "profile": profile })).ok().json();
        assert_eq!((&v["summary"]["submitted"], &v["summary"]["accepted"]), (&json!(1), &json!(0)));
        serde_json::from_value(v["records"][0]["reasons"].clone()).unwrap()
    };
    let sound = reasons(&own);
    assert!(sound.len() == 1 && sound[0].contains("signature"), "{sound:?}");
    let changes: [(&str, Value, &str); 6] = [
        ("/profile/publish_enabled", json!(false), "consent"),
        ("/schema_version", json!("zero.network.profile.v2"), "zero.network.profile.v1"),
        ("/deployment_claim/evidence/fills", json!(1_000_000), "claim_hash of its deployment_claim"),
        (
            "/deployment_heartbeat/liveness/status",
            json!("live"),
            "heartbeat_hash of its deployment_heartbeat",
        ),
        ("/verification/deployment_claim_hash", json!("sha256:00"), "another claim_hash"),
        ("/metrics/rejections", json!(1_000_000_000), "counts"),
    ];
    for (at, value, why) in changes {
        let mut other = own.clone();
        *other.pointer_mut(at).unwrap() = value;
        let said = reasons(&other);
        assert!(said.len() == 2 && said.iter().any(|r| r.contains(why)), "{at}: {said:?}");
    }
    let twice = ask(&run, "/network/ingest", &json!({ "profiles": [own, own] })).ok().json();
    assert_eq!((&twice["summary"]["duplicates"], &twice["summary"]["refused"]), (&json!(1), &json!(2)));
    assert_eq!(ask(&run, "/network/ingest", &json!({ "profiles": [1] })).status, 400);
    assert_eq!(ask(&run, "/network/ingest", &json!({ "profile": own, "profiles": [own] })).status, 400);
    run.stop();
}

#[test]
fn the_last_parity_is_shown_where_it_is_intact_and_of_this_run_and_else_why_not() {
    let run = Loop::start(&["--speed", "0.001"]);
    let shown = |r: &Loop| r.get("/runtime/parity").ok().json();
    let unavailable = |why: &str| {
        let v = shown(&run);
        assert_eq!((&v["available"], &v["ok"]), (&json!(false), &json!(false)));
        assert!(v["reason"].as_str().unwrap().contains(why), "{v}");
        assert!(v["checks"].as_object().unwrap().values().all(Value::is_null), "nothing was checked: {v}");
    };
    unavailable("no parity was recorded");
    run.operator(&["--set", "limits.max_open_positions=1", "parity", "--days", "20"]);
    unavailable("another configuration");
    let made: Value = serde_json::from_str(&run.output(&[
        "--set",
        "http.listen=127.0.0.1:0",
        "parity",
        "--days",
        "20",
        "--json",
    ]))
    .unwrap();
    assert_eq!((&made["available"], &made["ok"]), (&json!(true), &json!(true)), "{made}");
    assert_eq!(shown(&run), made);
    let data = tool(&run, "zero_get_runtime_parity");
    assert_eq!(
        (&data["available"], &data["report"]["parity_hash"]),
        (&json!(true), &made["parity_hash"]),
        "{data}"
    );
    let file = run.home().join("operators/default/parity/last.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let altered = text.replacen("\"ok\":true", "\"ok\":false", 1);
    assert_ne!(text, altered);
    std::fs::write(&file, altered).unwrap();
    unavailable("does not have the hash that it carries");
    std::fs::write(&file, "{").unwrap();
    unavailable("not readable");
    run.stop();
}

#[test]
fn agents_read_what_is_not_built_from_the_same_packets_as_everybody() {
    let run = Loop::start(&["--speed", "3600000", "--events", "3000"]);
    run.digest();
    let run = run.again(&["--speed", "0.001"]);
    for (name, uri, path, part) in [
        ("zero_get_memory_snapshot", "zero://memory/snapshot", "/memory", ""),
        ("zero_get_memory_stats", "zero://memory/stats", "/memory", "/stats"),
        ("zero_get_genesis_proposals", "zero://genesis/proposals", "/genesis", ""),
        ("zero_get_evolve_status", "zero://evolve/status", "/evolve", ""),
        ("zero_get_research_report", "zero://research/report", "/research", ""),
        ("zero_get_network_proof_pack", "zero://proof/network", "/network/profile", ""),
    ] {
        let (packet, shown, read) = run.still(|r| {
            let packet = r.get(path).ok().json().pointer(part).unwrap().clone();
            (packet, tool(r, name), agents(r, "resources/read", &json!({ "uri": uri })))
        });
        assert_eq!(shown, packet, "{name}");
        let text = read["contents"][0]["text"].as_str().unwrap_or_else(|| panic!("{uri}: {read}"));
        assert_eq!(serde_json::from_str::<Value>(text).unwrap()["data"], packet, "{uri}");
        if let Some(events) =
            packet.get("journal_events").or_else(|| packet.pointer("/material/journal_events"))
        {
            assert!(events.as_u64() >= Some(3000), "what it would rest on is counted: {packet}");
        }
    }
    run.stop();
}
