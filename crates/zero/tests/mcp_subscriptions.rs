//! Subscriptions to resources of a running program: told after publications, not more often than may be, and no more after
//! the client has unsubscribed, left, or the program has ended.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the clients have more than this test asks")]

mod agents;
mod http_client;

use agents::Pipes;
use http_client::Loop;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use zero_mcp::{LISTENERS_MAX, LOOK_EVERY, URIS_MAX};

const STATUS: &str = "zero://runtime/status";

fn updates(heard: &[Value], uri: &str) -> usize {
    heard
        .iter()
        .filter(|v| v["method"] == "notifications/resources/updated" && v["params"]["uri"] == uri)
        .count()
}

/// Most notifications that may come within a time.
fn most(within: Duration) -> usize {
    (within.as_millis() / LOOK_EVERY.as_millis()) as usize + 1
}

#[test]
fn over_pipes_a_change_is_told_once_a_look_until_the_client_unsubscribes() {
    let run = Loop::start(&["--speed", "3600"]);
    let mut pipes = Pipes::start(&run.home(), &[]);
    assert!(pipes.ask("resources/subscribe", json!({ "uri": STATUS })).get("result").is_some());
    let within = Duration::from_secs(3);
    let n = updates(&pipes.heard(within), STATUS);
    assert!((2..=most(within)).contains(&n), "{n} notifications of a loop that decides all the time");
    for uri in ["zero://docs/strategy-plugin", "zero://nothing", "../../keys"] {
        let a = pipes.ask("resources/subscribe", json!({ "uri": uri }));
        assert_eq!(a["error"]["data"]["code"], "ZERO-MCP-002", "{uri}: {a}");
    }
    let mut taken = 1;
    for i in 0..URIS_MAX + 3 {
        let a = pipes.ask("resources/subscribe", json!({ "uri": format!("zero://position/C{i}") }));
        taken += usize::from(a.get("result").is_some());
    }
    assert_eq!(taken, URIS_MAX);
    for uri in (0..URIS_MAX + 3).map(|i| format!("zero://position/C{i}")).chain([STATUS.to_owned()]) {
        assert!(pipes.ask("resources/unsubscribe", json!({ "uri": uri })).get("result").is_some());
    }
    pipes.heard(LOOK_EVERY * 2);
    assert_eq!(pipes.heard(LOOK_EVERY * 4), Vec::<Value>::new());
    // A loop that has ended publishes nothing.
    assert!(pipes.ask("resources/subscribe", json!({ "uri": STATUS })).get("result").is_some());
    run.end_in_order();
    pipes.heard(LOOK_EVERY * 3);
    assert_eq!(pipes.heard(LOOK_EVERY * 4), Vec::<Value>::new());
    pipes.close();
}

/// A stream whose end is not waited for.
struct Stream(TcpStream);

impl Stream {
    fn open(port: u16, head: &[(&str, String)], body: &str) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut text = format!("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
        head.iter().for_each(|(n, v)| text += &format!("{n}: {v}\r\n"));
        socket.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
        Self(socket)
    }

    /// What comes within a time.
    fn heard(&mut self, within: Duration) -> String {
        let (mut out, begin, mut part) = (Vec::new(), Instant::now(), [0; 4096]);
        while let Some(left) = within.checked_sub(begin.elapsed()).filter(|l| !l.is_zero()) {
            self.0.set_read_timeout(Some(left)).unwrap();
            match self.0.read(&mut part) {
                Ok(n) if n > 0 => out.extend(&part[..n]),
                _ => break,
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// The request that opens a stream of notifications.
fn listen(uris: &[&str]) -> (String, Vec<(&'static str, String)>) {
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                       "io.modelcontextprotocol/clientCapabilities": {} });
    let params = json!({ "_meta": meta, "notifications": { "resourceSubscriptions": uris } });
    let body =
        json!({ "jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen", "params": params }).to_string();
    let head = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Accept", "application/json, text/event-stream".to_owned()),
        ("MCP-Protocol-Version", "2026-07-28".to_owned()),
        ("Mcp-Method", "subscriptions/listen".to_owned()),
        ("Content-Length", body.len().to_string()),
    ];
    (body, head)
}

#[test]
fn over_http_a_stream_is_acknowledged_told_bounded_and_ended_with_the_loop() {
    let run = Loop::start_with(&["--speed", "3600"], &["http.requests_per_second=100000"]);
    let open = || {
        let (body, head) = listen(&[STATUS, "zero://position/BTC", "zero://docs/strategy-plugin"]);
        Stream::open(run.port(), &head, &body)
    };
    let mut first = open();
    let within = Duration::from_secs(3);
    let text = first.heard(within);
    let events: Vec<Value> = text
        .lines()
        .filter_map(|l| l.strip_prefix("data:"))
        .filter_map(|d| serde_json::from_str(d.trim()).ok())
        .collect();
    assert_eq!(events[0]["method"], "notifications/subscriptions/acknowledged", "{text}");
    let accepted = &events[0]["params"]["notifications"]["resourceSubscriptions"];
    assert_eq!(accepted, &json!([STATUS, "zero://position/BTC"]), "a page does not change");
    for uri in [STATUS, "zero://position/BTC"] {
        let n = updates(&events, uri);
        assert!((2..=most(within)).contains(&n), "{n} notifications of {uri}");
    }
    assert!(events.iter().all(|e| e["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == 7));
    // More listeners than places: the later ones are told so, and a place is free again when one leaves.
    let mut others: Vec<_> = (1..LISTENERS_MAX).map(|_| open()).collect();
    others.iter_mut().for_each(|o| drop(o.heard(Duration::from_millis(300))));
    let late = open().heard(Duration::from_millis(500));
    assert!(late.contains("ZERO-MCP-003"), "{late}");
    drop(others);
    run.until(|_| !open().heard(Duration::from_millis(300)).contains("ZERO-MCP-003"));
    // The legacy era has no connection on which a client could be told: it is not offered one.
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    let text = hello.to_string();
    let length = text.len().to_string();
    let head = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
        ("Content-Length", length.as_str()),
    ];
    let v = run.ask("POST", "/mcp", &head, &text).ok().json();
    assert_eq!(v["result"]["capabilities"]["resources"], json!({}), "{v}");
    let begin = Instant::now();
    run.end_in_order();
    assert!(
        begin.elapsed() < Duration::from_millis(2_500),
        "{:?}: a listener held up the end",
        begin.elapsed()
    );
    let rest = first.heard(Duration::from_secs(2));
    assert!(rest.contains("\"id\":7"), "the stream ends with a result: {rest}");
}
