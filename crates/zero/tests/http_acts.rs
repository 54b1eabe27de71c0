//! Acts over HTTP on a running program: what they do, who may do them, and that an answer means a durable record.
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
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const REDUCTIONS: [&str; 3] = ["/live/pause", "/live/flatten", "/live/kill"];
const OPERATORS: [&str; 3] = ["/live/heartbeat", "/live/resume", "/operator/events"];

fn post(run: &Loop, who: Option<&str>, path: &str, body: &str) -> Reply {
    let auth = who.map(|w| format!("Bearer {}", run.token(w)));
    let length = body.len().to_string();
    let mut head = vec![("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    head.extend(auth.as_deref().map(|a| ("Authorization", a)));
    run.ask("POST", path, &head, body)
}

fn done(run: &Loop, path: &str, body: &str) -> Value {
    post(run, Some("operator"), path, body).ok().json()
}

#[test]
fn an_act_is_in_force_and_seen_when_its_answer_comes() {
    let run = Loop::start(&["--speed", "360000", "--clear-halts-after", "1d"]);
    run.until(|r| r.get("/positions").json()["count"].as_u64() > Some(0));
    let beat = done(&run, "/live/heartbeat", "{}");
    assert_eq!((&beat["ok"], &beat["risk_direction"]), (&true.into(), &"neutral".into()));
    let paused = done(&run, "/live/pause", r#"{"reason":"lunch"}"#);
    assert_eq!(paused["schema_version"], "zero.live.control.v1");
    assert_eq!((&paused["ok"], &paused["state"]), (&true.into(), &"paused".into()));
    assert_eq!(paused["operator_context"]["scope"], "read, reduce, operate");
    assert_eq!(run.get("/risk").json()["halted"], true, "the next reader sees it");
    let state = run.get("/operator/state").json();
    assert!(state["version"].as_u64() >= Some(2), "{state}");
    let resumed = done(&run, "/live/resume", "{}");
    assert_eq!((&resumed["ok"], &resumed["risk_direction"]), (&true.into(), &"increases".into()));
    let off = done(&run, "/auto/toggle", r#"{"enabled":false}"#);
    assert_eq!((&off["state"], &off["simulated"]), (&"off".into(), &true.into()));
    let immune = run.get("/immune").json();
    let breaker = immune["breakers"].as_array().unwrap().iter().find(|b| b["name"] == "auto_off").unwrap();
    assert_eq!(breaker["status"], "open", "entries are blocked in the kernel");
    assert_eq!(done(&run, "/auto/toggle", r#"{"enabled":true}"#)["state"], "on");
    run.until(|r| r.get("/positions").json()["count"].as_u64() > Some(0));
    let flat = done(&run, "/live/flatten", "{}");
    assert_eq!((&flat["ok"], &flat["action"]), (&true.into(), &"flatten_all".into()));
    let killed = done(&run, "/live/kill", "{}");
    assert_eq!((&killed["ok"], &killed["state"]), (&true.into(), &"killed".into()));
    assert!(run.until(|r| r.get("/positions").json()["count"] == 0));
    assert!(run.get("/pulse?limit=200").json().to_string().contains("lunch"), "its reason is in the journal");
    run.stop();
}

/// Whoever wants out is let out, whatever else the request says; an increase is what its body says and nothing more.
#[test]
fn a_member_that_nobody_knows_holds_up_no_reduction() {
    let run = Loop::start(&["--speed", "0.001"]);
    let agent = format!("Bearer {}", run.token("agent"));
    let send = |auth: &str, path: &str, body: &str| {
        let length = body.len().to_string();
        let head =
            [("Content-Type", "application/json"), ("Content-Length", &*length), ("Authorization", auth)];
        run.ask("POST", path, &head, body)
    };
    assert_eq!(send(&agent, "/auto/toggle", r#"{"enabled":false,"x":1}"#).ok().json()["state"], "off");
    for path in ["/live/pause", "/live/flatten", "/live/kill"] {
        assert_eq!(send(&agent, path, r#"{"resaon":"x"}"#).ok().json()["ok"], true, "{path}");
    }
    let close = r#"{"coin":"BTC","side":"sell","size":0.001,"reduce_only":true,"x":1}"#;
    assert_eq!(send(&agent, "/execute", close).status, 200);
    let operator = format!("Bearer {}", run.token("operator"));
    for (path, body) in [
        ("/auto/toggle", r#"{"enabled":true,"x":1}"#),
        ("/execute", r#"{"coin":"BTC","side":"buy","size":0.001,"x":1}"#),
    ] {
        let refused = send(&operator, path, body);
        assert_eq!((refused.status, refused.json()["code"].as_str()), (400, Some("ZERO-API-033")), "{path}");
    }
    run.stop();
}

#[test]
fn an_answered_act_outlives_the_process() {
    let run = Loop::start(&["--speed", "0.001"]);
    let paused = done(&run, "/live/pause", "{}");
    let answered = paused["journal_seq"].as_u64().unwrap();
    let named =
        paused["trace_id"].as_str().unwrap().strip_prefix("journal-").unwrap().parse::<u64>().unwrap();
    let told = run.get("/pulse").json();
    let act = told["events"]
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["seq"] == named)
        .unwrap_or_else(|| panic!("{named}: {told}"));
    assert!(named < answered && act["message"].as_str().unwrap().starts_with("pause_entries by"), "{act}");
    let run = run.killed_and_again(&["--speed", "0.001"]);
    let risk = run.get("/risk").json();
    assert_eq!(risk["halted"], true);
    assert!(risk["journal_seq"].as_u64().unwrap() > answered);
    run.stop();
}

#[test]
fn a_reader_may_not_act_and_an_agent_may_only_reduce() {
    let run = Loop::start(&["--speed", "1"]);
    let mut refused = 0;
    for who in [None, Some("observer"), Some("agent"), Some("operator")] {
        for path in REDUCTIONS.iter().chain(&OPERATORS) {
            let reply = post(&run, who, path, "{}");
            let may = who == Some("operator") || (who == Some("agent") && REDUCTIONS.contains(path));
            assert_eq!(reply.status == 200, may, "{who:?} {path}: {reply:?}");
            if !may {
                let (status, code) =
                    if who.is_some() { (403, "ZERO-API-032") } else { (401, "ZERO-API-005") };
                assert_eq!((reply.status, &reply.json()["code"]), (status, &code.into()), "{who:?} {path}");
                refused += 1;
            }
        }
        let on = post(&run, who, "/auto/toggle", r#"{"enabled":true}"#);
        assert_eq!(on.status == 200, who == Some("operator"), "{who:?}: {on:?}");
    }
    assert_eq!(refused, 6 + 6 + 3);
    let off = post(&run, Some("agent"), "/auto/toggle", r#"{"enabled":false}"#).ok().json();
    assert_eq!(off["state"], "off");
    run.stop();
}

#[test]
fn a_hasty_increase_meets_friction_and_a_reduction_never_does() {
    let run = Loop::start(&["--speed", "0.001"]);
    done(&run, "/operator/events", r#"{"events":[{"action":"break","subject":"30"}]}"#);
    done(&run, "/live/pause", "{}");
    let held = done(&run, "/live/resume", "{}");
    assert_eq!((&held["ok"], &held["ruling"]["verdict"]), (&false.into(), &"on_break".into()), "{held}");
    assert_eq!(run.get("/risk").json()["halted"], true);
    for path in REDUCTIONS {
        let v = done(&run, path, "{}");
        assert_eq!((&v["ok"], &v["ruling"]), (&true.into(), &Value::Null), "{path}");
    }
    run.stop();
}

#[test]
fn events_of_the_operator_are_recorded_one_by_one_and_none_of_them_opens_anything() {
    let run = Loop::start(&["--speed", "1"]);
    let body = r#"{"events":[{"action":"override","subject":"BTC"},{"action":"resume_entries"},{"action":"loss_seen"},
        {"action":"follow","subject":"ETH"},{"x":1},7]}"#;
    let v = done(&run, "/operator/events", body);
    assert_eq!(v["accepted"], 2, "{v}");
    assert_eq!(v["refused"].as_array().unwrap().len(), 4);
    assert_eq!(v["snapshot"]["vector"]["deviation"]["verdicts_last_10"], 1, "no verdict was followed: {v}");
    assert_eq!(v["snapshot"]["vector"]["deviation"]["overrides_last_10"], 1);
    run.stop();
}

#[test]
fn bad_bodies_are_the_clients_fault_and_claims_are_recorded_as_claimed() {
    let run = Loop::start(&["--speed", "1"]);
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    for body in ["[]", "{", "7", "\"x\"", &deep] {
        let reply = post(&run, Some("operator"), "/live/pause", body);
        assert_eq!((reply.status, &reply.json()["code"]), (400, &"ZERO-API-033".into()), "{body}");
    }
    for body in [r#"{"reason":7}"#, r#"{"reason":"a\nb"}"#] {
        for path in ["/live/resume", "/live/heartbeat"] {
            let reply = post(&run, Some("operator"), path, body);
            assert_eq!((reply.status, &reply.json()["code"]), (400, &"ZERO-API-033".into()), "{path} {body}");
        }
    }
    for body in ["{}", r#"{"enabled":"yes"}"#] {
        assert_eq!(post(&run, Some("operator"), "/auto/toggle", body).status, 400, "{body}");
    }
    let big = "x".repeat(70_000);
    assert_eq!(post(&run, Some("operator"), "/live/pause", &big).status, 413);
    assert_eq!(run.get("/live/pause").status, 405);
    assert_eq!(run.get("/positions").json()["count"], 0, "none of them did anything");
    let auth = format!("Bearer {}", run.token("operator"));
    let head = [
        ("Content-Type", "application/json"),
        ("Content-Length", "2"),
        ("Authorization", auth.as_str()),
        ("X-Zero-Operator-Handle", "mallory"),
    ];
    let v = run.ask("POST", "/live/pause", &head, "{}").ok().json();
    assert_eq!(v["operator_context"]["handle"], "default", "who it is comes from the token");
    let said = run.get("/pulse").json().to_string();
    assert!(said.contains("(claimed: handle=mallory)"), "{said}");
    run.stop();
}

#[test]
fn writers_at_once_are_each_answered_about_a_durable_state() {
    let run = Loop::start_with(&["--speed", "3600"], &["http.requests_per_second=1000000"]);
    let seqs = std::thread::scope(|s| {
        let all: Vec<_> = (0..8)
            .map(|_| {
                let (port, token) = (run.port(), run.token("operator"));
                s.spawn(move || {
                    (0..50).map(|_| http_client::act(port, &token, "/live/heartbeat")).collect::<Vec<u64>>()
                })
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).collect::<Vec<_>>()
    });
    for own in &seqs {
        assert!(own.windows(2).all(|w| w[0] < w[1]), "each of its acts is behind the one before: {own:?}");
    }
    assert!(run.get("/operator/state").json()["version"].as_u64() >= Some(400));
    run.stop();
}

#[test]
fn the_address_of_a_killed_loop_is_gone_once_another_runs_whatever_surface_that_has() {
    let run = Loop::start(&["--speed", "1"]);
    let address = run.home().join("operators/default/journal/run/http");
    assert!(address.exists());
    run.kill();
    assert!(address.exists(), "nobody was there to take it away");
    let home = run.home();
    Loop::command_in(home.parent().unwrap(), &["run", "--no-http", "--events", "1"], &[]);
    assert!(!address.exists(), "a client would send its token to whoever listens there now");
}

#[test]
fn a_flood_of_strangers_never_slows_the_operators_kill() {
    let run = Loop::start_with(&["--speed", "1"], &["http.requests_per_second=5"]);
    let told = (0..60).filter(|_| run.get("/livez").status == 429).count();
    assert!(told > 20, "{told} of 60 were told to wait: it is a flood");
    for path in REDUCTIONS {
        assert_eq!(post(&run, Some("operator"), path, "{}").status, 200, "{path} amid the flood");
        assert_eq!(post(&run, Some("agent"), path, "{}").status, 200, "{path} amid the flood");
    }
    assert_eq!(post(&run, Some("operator"), "/auto/toggle", r#"{"enabled":false}"#).status, 200);
    run.stop();
}

#[test]
fn a_misspelt_member_is_refused_and_never_read_as_something_else() {
    let run = Loop::start(&["--speed", "1"]);
    let order = r#"{"coin":"BTC","side":"buy","size":0.003,"reduceOnly":true}"#;
    let routes = [
        ("/execute", order),
        ("/live/resume", r#"{"resaon":"x"}"#),
        ("/auto/toggle", r#"{"enabled":true,"enable":false}"#),
        ("/network/publish", r#"{"concent":true}"#),
        ("/network/ingest", r#"{"profils":[]}"#),
        ("/intelligence/export", r#"{"consent":false,"x":1}"#),
    ];
    for (path, body) in routes {
        let reply = post(&run, Some("operator"), path, body);
        assert_eq!((reply.status, &reply.json()["code"]), (400, &"ZERO-API-033".into()), "{path}: {reply:?}");
    }
    assert_eq!(run.get("/risk").json()["halted"], false, "none of them did anything");
    run.stop();
}

#[test]
fn a_foreign_host_in_the_target_is_refused_and_a_scheme_has_no_case() {
    let run = Loop::start_with(&["--speed", "1"], &["http.read_auth=token"]);
    let token = run.token("observer");
    for (scheme, status) in [("Bearer", 200), ("bearer", 200), ("BEARER", 200), ("Basic", 401)] {
        let auth = format!("{scheme} {token}");
        assert_eq!(run.ask("GET", "/livez", &[("Authorization", &auth)], "").status, status, "{scheme}");
    }
    let auth = format!("Bearer {token}");
    let foreign = run.ask("GET", "http://evil.example/livez", &[("Authorization", &auth)], "");
    assert_eq!((foreign.status, &foreign.json()["code"]), (403, &"ZERO-API-003".into()));
    let own = format!("http://127.0.0.1:{}/livez", run.port());
    assert_eq!(run.ask("GET", &own, &[("Authorization", &auth)], "").status, 200);
    assert_eq!(run.ask("GET", "/pulse?limit=%32", &[("Authorization", &auth)], "").status, 200);
    let text = [("Authorization", auth.as_str()), ("Accept", "text/plain;q=0, application/json")];
    assert!(run.ask("GET", "/metrics", &text, "").header("content-type").unwrap().contains("json"));
    run.stop();
}

/// Whoever wants out need not think of headers.
#[test]
fn a_reduction_needs_no_body_and_no_type_of_one() {
    let run = Loop::start(&["--speed", "360000"]);
    let auth = format!("Bearer {}", run.token("agent"));
    for length in [None, Some(("Content-Length", "0"))] {
        for path in REDUCTIONS {
            let mut head = vec![("Authorization", auth.as_str())];
            head.extend(length);
            assert_eq!(run.ask("POST", path, &head, "").ok().json()["ok"], true, "{path}");
        }
    }
    let typed = [("Authorization", auth.as_str()), ("Content-Type", "text/plain")];
    assert_eq!(run.ask("POST", "/live/pause", &typed, "").status, 415);
}

/// What may stand in the header of an approval and is none: each a list of the values that are sent.
fn unreadable() -> Vec<Vec<String>> {
    let one = |v: &str| vec![v.to_owned()];
    let long = "ab".repeat(4_000);
    vec![one(""), one("zz"), one("00ff"), one("é"), one(&long), vec!["00ff".into(), "00ff".into()]]
}

/// Who may send it, where to, and with what.
const FREE: [(&str, &str, &str); 12] = [
    ("operator", "/live/heartbeat", "{}"),
    ("operator", "/operator/events", r#"{"events":[{"action":"rest"},{"action":"break","subject":"5"}]}"#),
    ("operator", "/auto/toggle", r#"{"enabled":false}"#),
    ("agent", "/auto/toggle", r#"{"enabled":false}"#),
    ("operator", "/execute", r#"{"coin":"BTC","side":"sell","size":0.00300000,"reduce_only":true}"#),
    ("agent", "/execute", r#"{"coin":"BTC","side":"sell","size":90071992547.40993}"#),
    ("operator", "/live/pause", "{}"),
    ("agent", "/live/pause", ""),
    ("operator", "/live/flatten", "{}"),
    ("agent", "/live/flatten", ""),
    ("operator", "/live/kill", "{}"),
    ("agent", "/live/kill", ""),
];

fn free(run: &Loop, (who, path, body): (&str, &str, &str), more: &[(&str, &str)]) -> Reply {
    let (auth, length) = (format!("Bearer {}", run.token(who)), body.len().to_string());
    let mut head = vec![("Authorization", auth.as_str()), ("Content-Length", length.as_str())];
    if !body.is_empty() {
        head.push(("Content-Type", "application/json"));
    }
    head.extend(more);
    run.ask("POST", path, &head, body)
}

#[test]
fn no_approval_that_comes_along_holds_up_what_needs_none() {
    let run = Loop::start_with(&["--speed", "360000"], &["http.requests_per_second=1000000"]);
    for values in unreadable() {
        let head: Vec<(&str, &str)> = values.iter().map(|v| ("X-Zero-Approval", v.as_str())).collect();
        for asked in FREE {
            let reply = free(&run, asked, &head);
            assert_eq!(reply.status, 200, "{asked:?} {head:?}: {reply:?}");
            if asked.1.starts_with("/live/") {
                assert_eq!(reply.json()["ok"], true, "{asked:?}: {reply:?}");
            }
        }
        let buy = r#"{"coin":"BTC","side":"buy","size":0.003}"#;
        for (path, body) in
            [("/live/resume", "{}"), ("/auto/toggle", r#"{"enabled":true}"#), ("/execute", buy)]
        {
            let reply = free(&run, ("operator", path, body), &head);
            let code = reply.json()["code"].clone();
            assert_eq!((reply.status, code), (403, "ZERO-APR-002".into()), "{path} {head:?}");
        }
    }
    run.stop();
}

/// Whoever wants out may say why as it likes.
#[test]
fn no_reason_holds_up_a_reduction() {
    let run = Loop::start_with(&["--speed", "360000"], &["http.requests_per_second=1000000"]);
    let long = format!("\"{}\"", "é".repeat(5_000));
    let reasons = [long.as_str(), r#""a\nb\u0000\u001b[2J""#, "7", "null", r#"["x"]"#, r#""""#, r#"" ""#];
    for reason in reasons {
        for (who, path, body) in FREE.into_iter().filter(|f| !f.2.is_empty()) {
            if ["/live/heartbeat", "/operator/events"].contains(&path) {
                continue;
            }
            let body = body.replacen('{', &format!("{{\"reason\":{reason},"), 1).replace(",}", "}");
            let reply = free(&run, (who, path, &body), &[]);
            assert_eq!(reply.status, 200, "{path} {reason}: {reply:?}");
        }
        let resume = format!("{{\"reason\":{reason}}}");
        let taken = matches!(reason, "null" | r#""""# | r#"" ""#);
        let status = free(&run, ("operator", "/live/resume", &resume), &[]).status;
        assert_eq!(
            status,
            if taken { 200 } else { 400 },
            "an increase has time to be written properly: {reason}"
        );
    }
    let said = run.get("/pulse?limit=200").json().to_string();
    let cut = "é".repeat(200);
    assert!(said.contains(&cut) && !said.contains(&format!("{cut}é")), "{said}");
    assert!(said.contains("ab[2J"), "{said}");
    run.stop();
}

/// A request of which the body is still under way.
fn begun(run: &Loop, path: &str, head: &str, body: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", run.port())).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let text = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{head}\r\n\r\n",
        run.port(),
        run.token("operator")
    );
    socket.write_all(&[text.as_bytes(), body].concat()).unwrap();
    socket
}

fn told(mut socket: TcpStream) -> String {
    let mut all = Vec::new();
    let _ = socket.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn a_body_that_does_not_come_is_given_up_and_one_that_breaks_off_is_not_called_large() {
    let run = Loop::start(&["--speed", "1"]);
    #[expect(clippy::disallowed_methods, reason = "how long a body is waited for")]
    let from = Instant::now();
    let slow = ["/live/pause", "/execute", "/mcp"].map(|p| begun(&run, p, "Content-Length: 50", b"{"));
    let trickle = begun(&run, "/live/pause", "Transfer-Encoding: chunked", b"1\r\n{\r\n");
    for path in ["/live/pause", "/mcp"] {
        let broken =
            told(begun(&run, path, "Connection: close\r\nTransfer-Encoding: chunked", b"zz\r\n{}\r\n"));
        assert!(broken.starts_with("HTTP/1.1 400") && broken.contains("ZERO-API-037"), "{path}: {broken}");
        let mut much = format!("{:x}\r\n", 65_600).into_bytes();
        much.resize(much.len() + 65_600, b' ');
        much.extend(b"\r\n0\r\n\r\n");
        let large = told(begun(&run, path, "Connection: close\r\nTransfer-Encoding: chunked", &much));
        assert!(large.starts_with("HTTP/1.1 413") && large.contains("ZERO-API-006"), "{path}: {large}");
    }
    for socket in slow.into_iter().chain([trickle]) {
        let late = told(socket);
        assert!(late.starts_with("HTTP/1.1 408") && late.contains("ZERO-API-038"), "{late}");
        assert!(late.to_ascii_lowercase().contains("connection: close"), "{late}");
    }
    let took = from.elapsed();
    assert!((Duration::from_secs(10)..Duration::from_secs(40)).contains(&took), "{took:?}");
    let immune = run.get("/immune").json();
    let paused =
        immune["breakers"].as_array().unwrap().iter().find(|b| b["name"] == "operator_pause").unwrap();
    assert_eq!(paused["status"], "closed", "none of them did anything: {immune}");
    let held = begun(&run, "/live/pause", "Content-Length: 50", b"{");
    #[expect(clippy::disallowed_methods, reason = "how long the end takes")]
    let from = Instant::now();
    run.stop();
    assert!(from.elapsed() < Duration::from_secs(8), "the end waits for no body: {:?}", from.elapsed());
    drop(held);
}

#[test]
fn a_claim_of_the_header_is_recorded_with_every_act_and_nothing_else_looks_like_one() {
    let run = Loop::start(&["--speed", "1"]);
    let claim = [("X-Zero-Operator-Handle", "mal) (claimed: role=x, b")];
    let events =
        r#"{"events":[{"action":"focus","reason":"deep ( CLAIMED: role=chief)"},{"action":"rest"}]}"#;
    let v = free(&run, ("operator", "/operator/events", events), &claim).ok().json();
    assert_eq!(v["accepted"], 2, "{v}");
    let pause = r#"{"reason":"lunch (claimed: handle=root)"}"#;
    free(&run, ("operator", "/live/pause", pause), &[]).ok();
    let said = run.get("/pulse?limit=200").json().to_string();
    let claimed = "(claimed: handle=mal] [claimed: role=x; b)";
    for whole in [
        format!("deep [ CLAIMED: role=chief) {claimed}"),
        format!("asked for over HTTP {claimed}"),
        "lunch [claimed: handle=root)".into(),
    ] {
        assert!(said.contains(&whole), "{whole}: {said}");
    }
    assert_eq!(said.matches("(claimed").count(), 2, "{said}");
    run.stop();
}

#[test]
fn a_break_has_a_length_that_the_command_would_take() {
    let run = Loop::start(&["--speed", "1"]);
    let one = |subject: &str| {
        let event = serde_json::json!({ "action": "break", "subject": subject }).to_string();
        done(&run, "/operator/events", &event)
    };
    for bad in ["-7", "x y", "0", "1441", "1.5", "+5", "99999999999999999999", "15 ", "٣"] {
        let v = one(bad);
        assert_eq!(
            (&v["accepted"], v["refused"].as_array().map(Vec::len)),
            (&0.into(), Some(1)),
            "{bad}: {v}"
        );
        assert!(v["refused"][0].as_str().unwrap().contains("1 to 1440"), "{v}");
        assert_eq!(v["snapshot"]["vector"]["on_break"], false, "{bad}: {v}");
    }
    for good in ["1", "1440", ""] {
        assert_eq!(one(good)["accepted"], 1, "{good}");
    }
    run.stop();
}

#[test]
fn what_is_killed_is_not_said_to_be_resumed() {
    let run = Loop::start(&["--speed", "1"]);
    done(&run, "/live/kill", "{}");
    let v = done(&run, "/live/resume", "{}");
    assert_eq!((&v["ok"], &v["state"]), (&false.into(), &"killed".into()), "{v}");
    let why = v["reason"].as_str().unwrap();
    assert!(why.contains("kill switch") && !why.contains("in force on"), "{why}");
    assert_eq!(run.get("/risk").json()["halted"], true);
    run.stop();
}

#[test]
fn a_stray_query_is_refused_as_a_get_refuses_it_and_never_holds_up_a_reduction() {
    let run = Loop::start_with(&["--speed", "360000"], &["http.requests_per_second=1000000"]);
    let refused = [
        ("/live/resume", "{}"),
        ("/live/heartbeat", "{}"),
        ("/auto/toggle", r#"{"enabled":true}"#),
        ("/execute", r#"{"coin":"BTC","side":"buy","size":0.003}"#),
        ("/operator/events", r#"{"action":"rest"}"#),
        ("/network/publish", "{}"),
        ("/network/ingest", "{}"),
        ("/intelligence/export", "{}"),
    ];
    for (path, body) in refused {
        let reply = free(&run, ("operator", &format!("{path}?x=1"), body), &[]);
        assert_eq!((reply.status, &reply.json()["code"]), (400, &"ZERO-API-009".into()), "{path}: {reply:?}");
    }
    let scrape = run.get("/metrics/prometheus?x=1");
    assert_eq!((scrape.status, &scrape.json()["code"]), (400, &"ZERO-API-009".into()));
    assert_eq!(run.get("/metrics/prometheus?").status, 200);
    for (who, path, body) in FREE {
        if !["/live/heartbeat", "/operator/events"].contains(&path) {
            free(&run, (who, &format!("{path}?x=1&&y"), body), &[]).ok();
        }
    }
    assert_eq!(run.get("/risk").json()["global_halt"], true, "it is killed");
    run.stop();
}
