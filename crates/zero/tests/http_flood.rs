//! Crowds at a running program's surface: what connections of strangers, and its own other requests, can keep from an operator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(clippy::disallowed_methods, reason = "how long an answer takes is what is tested")]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod http_client;

use http_client::{Loop, Reply};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// As many connections as a server holds.
const PLACES: usize = 256;
/// Less than the time after which a silent connection ends by itself.
const SOON: Duration = Duration::from_secs(3);

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

fn connect(run: &Loop) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", run.port())).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket
}

/// Strangers: half of them say nothing, half the beginning of a head.
fn strangers(run: &Loop, n: usize) -> Vec<TcpStream> {
    let come = |i| {
        let mut socket = connect(run);
        if i % 2 == 1 {
            socket.write_all(b"POST /live/kill HTTP/1.1\r\nHost: 127").unwrap();
        }
        socket
    };
    (0..n).map(come).collect()
}

/// One request on a connection that stays open; its status.
fn asks(socket: &mut TcpStream, run: &Loop, auth: &str) -> u16 {
    let port = run.port();
    let auth = if auth.is_empty() { String::new() } else { format!("Authorization: Bearer {auth}\r\n") };
    write!(socket, "HEAD /livez HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{auth}\r\n").unwrap();
    let mut text = Vec::new();
    let mut one = [0u8; 1];
    while !text.ends_with(b"\r\n\r\n") {
        assert_eq!(socket.read(&mut one).unwrap(), 1, "it was closed");
        text.push(one[0]);
    }
    String::from_utf8_lossy(&text).split(' ').nth(1).unwrap().parse().unwrap()
}

fn is_open(socket: &mut TcpStream) -> bool {
    socket.set_nonblocking(true).unwrap();
    let mut some = [0u8; 1_024];
    let open = loop {
        match socket.read(&mut some) {
            Ok(0) => break false,
            Ok(_) => {}
            Err(e) => break e.kind() == ErrorKind::WouldBlock,
        }
    };
    socket.set_nonblocking(false).unwrap();
    open
}

#[test]
fn as_many_silent_strangers_as_there_are_places_never_hold_out_a_kill_nor_cut_off_whoever_has_a_token() {
    let run = Loop::start(&["--speed", "1"]);
    let token = run.token("operator");
    let mut kept = connect(&run);
    assert_eq!(asks(&mut kept, &run, &token), 200);
    let mut stream = run.open("/v1/stream", &[("Authorization", &format!("Bearer {token}"))]);
    let mut held = strangers(&run, 2 * PLACES);
    let begin = Instant::now();
    let killed = post(&run, "operator", "/live/kill", "{}").ok().json();
    let took = begin.elapsed();
    assert!(took < SOON, "it took {took:?}");
    assert_eq!(killed["state"], "killed");
    assert_eq!(asks(&mut kept, &run, &token), 200, "a connection with a token keeps its place");
    assert!(is_open(&mut stream), "so does a stream");
    let open = held.iter_mut().filter_map(|s| is_open(s).then_some(())).count();
    assert!(open < PLACES, "{open} strangers are held: their number has a bound");
    assert!(open > PLACES / 2, "{open} are held: no more give way than must");
    run.stop();
}

#[test]
fn readers_without_a_token_and_with_a_false_one_are_strangers() {
    let run = Loop::start(&["--speed", "1"]);
    let mut all: Vec<TcpStream> = (0..PLACES).map(|_| connect(&run)).collect();
    for (i, socket) in all.iter_mut().enumerate() {
        let (auth, status) = if i % 2 == 0 { ("", 200) } else { ("false", 401) };
        let said = asks(socket, &run, auth);
        assert!(said == status || said == 429, "{said}");
    }
    let begin = Instant::now();
    post(&run, "operator", "/live/kill", "{}").ok();
    assert!(begin.elapsed() < SOON, "it took {:?}", begin.elapsed());
    assert!(!is_open(&mut all[0]), "who was silent longest gave way");
    assert!(is_open(&mut all[PLACES - 1]));
    run.stop();
}

#[test]
fn the_operators_own_flood_never_slows_auto_off_or_an_order_that_only_reduces() {
    let run = Loop::start_with(&["--speed", "1"], &["http.requests_per_second=1"]);
    let order =
        |reduces: bool| format!(r#"{{"coin":"BTC","side":"sell","size":0.003,"reduce_only":{reduces}}}"#);
    let auth = format!("Bearer {}", run.token("operator"));
    let flood = || while run.ask("GET", "/livez", &[("Authorization", &auth)], "").status != 429 {};
    flood();
    for _ in 0..5 {
        let off = post(&run, "operator", "/auto/toggle", r#"{"enabled":false}"#).ok().json();
        assert_eq!(off["state"], "off");
        let v = post(&run, "operator", "/execute", &order(true)).ok().json();
        assert!(v.get("accepted").is_some(), "the order was judged: {v}");
    }
    // What does not reduce waits like any request, and takes nothing of what is kept for reductions.
    flood();
    let mut told = 0;
    for _ in 0..100 {
        for (path, body) in
            [("/auto/toggle", r#"{"enabled":true}"#), ("/execute", order(false).as_str()), ("/execute", "{")]
        {
            told += usize::from(post(&run, "operator", path, body).status == 429);
        }
    }
    assert!(told > 250, "{told} of 300 were told to wait");
    for path in ["/live/pause", "/live/kill"] {
        post(&run, "operator", path, "{}").ok();
    }
    run.stop();
}

#[test]
fn what_the_transport_for_agents_refuses_comes_in_the_one_error_shape_with_its_status() {
    let run = Loop::start(&["--speed", "1"]);
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let both = ("Accept", "application/json, text/event-stream");
    let kind = ("Content-Type", "application/json");
    let port = run.port();
    let foreign = format!("127.0.0.1:{}", port ^ 1);
    let big = "x".repeat(70_000);
    let cases = [
        ("POST", vec![kind], call, 406, "ZERO-API-065"),
        ("POST", vec![kind, ("Accept", "text/html")], call, 406, "ZERO-API-065"),
        ("POST", vec![both, ("Content-Type", "text/plain")], call, 415, "ZERO-API-007"),
        ("POST", vec![both], call, 415, "ZERO-API-007"),
        ("POST", vec![both, kind, ("Host", foreign.as_str())], call, 403, "ZERO-API-003"),
        ("POST", vec![both, kind, ("Origin", "http://evil.example")], call, 403, "ZERO-API-004"),
        ("POST", vec![both, kind, ("Authorization", "Bearer false")], call, 401, "ZERO-API-005"),
        ("POST", vec![both, kind], big.as_str(), 413, "ZERO-API-006"),
        ("POST", vec![both, kind], "{", 400, "ZERO-API-062"),
        ("GET", vec![both], "", 405, "ZERO-API-002"),
        ("DELETE", vec![both], "", 405, "ZERO-API-002"),
        ("PUT", vec![both, kind], call, 405, "ZERO-API-002"),
    ];
    let mut wrong = Vec::new();
    for (method, mut head, body, status, code) in cases {
        let length = body.len().to_string();
        if !body.is_empty() {
            head.push(("Content-Length", length.as_str()));
        }
        let reply = run.ask(method, "/mcp", &head, body);
        let v: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let whole = ["code", "cause", "hint"].iter().all(|f| v[*f].as_str().is_some_and(|t| !t.is_empty()));
        if reply.status != status || v["code"] != code || !whole {
            wrong.push(format!("{method} {head:?}: {reply:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What the protocol itself answers stays its own.
    let length = call.len().to_string();
    let good = [both, kind, ("Content-Length", length.as_str())];
    assert!(run.ask("POST", "/mcp", &good, call).json().get("jsonrpc").is_some());
    run.stop();
}
