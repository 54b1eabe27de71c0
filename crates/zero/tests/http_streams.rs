//! `/v1/stream` and `/ws` of a running program, read over sockets: what comes, who may listen, who is cut off, and that
//! they end with the run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod http_client;

use http_client::Loop;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A client of server-sent events.
struct Events(BufReader<TcpStream>);

impl Events {
    fn open(run: &Loop, head: &[(&str, &str)]) -> Self {
        let mut reader = BufReader::new(run.open("/v1/stream", head));
        let mut all = String::new();
        while !all.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut all).unwrap() > 0, "{all}");
        }
        assert!(all.starts_with("HTTP/1.1 200"), "{all}");
        assert!(all.to_ascii_lowercase().contains("content-type: text/event-stream"), "{all}");
        Self(reader)
    }

    /// The next event's name and data; `None` at the end.
    fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut data) = (None, None);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if let Some(v) = line.strip_prefix("event: ") {
                name = Some(v.to_owned());
            } else if let Some(v) = line.strip_prefix("data: ") {
                data = Some(serde_json::from_str(v).unwrap());
            } else if line == "0" {
                return None;
            }
            if name.is_some() && data.is_some() {
                return name.zip(data);
            }
        }
    }
}

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const UPGRADE: [(&str, &str); 4] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", KEY),
];

/// A client of frames, as RFC 6455 describes them.
struct Frames(TcpStream);

impl Frames {
    fn open(run: &Loop) -> Self {
        let mut socket = run.open("/ws", &UPGRADE);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut one = [0];
            socket.read_exact(&mut one).unwrap();
            head.push(one[0]);
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        // The answer to the RFC's own example key (1.3).
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        Self(socket)
    }

    /// Opcode and payload of the next frame.
    fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0u8; 2];
        self.0.read_exact(&mut head).ok()?;
        assert!(head[0] & 0x80 != 0 && head[1] & 0x80 == 0, "whole, and not masked");
        let mut len = usize::from(head[1] & 0x7f);
        if len >= 126 {
            let mut more = vec![0u8; if len == 126 { 2 } else { 8 }];
            self.0.read_exact(&mut more).ok()?;
            len = more.iter().fold(0, |n, b| n << 8 | usize::from(*b));
        }
        let mut data = vec![0; len];
        self.0.read_exact(&mut data).ok()?;
        Some((head[0] & 0x0f, data))
    }

    fn text(&mut self) -> Value {
        let (op, data) = self.next().unwrap();
        assert_eq!(op, 1, "{data:?}");
        serde_json::from_slice(&data).unwrap()
    }

    fn send(&mut self, op: u8, data: &[u8]) {
        let mut frame = vec![0x80 | op];
        if data.len() < 126 {
            frame.push(0x80 | data.len() as u8);
        } else {
            frame.push(0x80 | 126);
            frame.extend((data.len() as u16).to_be_bytes());
        }
        frame.extend([0; 4]);
        frame.extend(data);
        self.0.write_all(&frame).unwrap();
    }
}

#[test]
fn events_begin_with_a_snapshot_and_a_client_that_comes_back_misses_nothing() {
    let run = Loop::start(&["--speed", "360000"]);
    let mut first = Events::open(&run, &[]);
    let (name, mut known) = first.next().unwrap();
    assert_eq!((name.as_str(), &known["schema_version"]), ("snapshot", &"zero.stream.snapshot.v1".into()));
    for (part, id) in [
        ("status", "status"),
        ("positions", "positions"),
        ("risk", "risk"),
        ("immune", "immune"),
        ("regime", "regime"),
    ] {
        assert_eq!(known["parts"][part]["schema_version"], format!("zero.{id}.v1"), "{part}");
    }
    for _ in 0..3 {
        let (name, v) = first.next().unwrap();
        assert_eq!((name.as_str(), &v["schema_version"]), ("delta", &"zero.stream.delta.v1".into()));
        assert_eq!(v["from_seq"], known["journal_seq"]);
        assert!(v["journal_seq"].as_u64() > v["from_seq"].as_u64());
        known = v;
    }
    drop(first);
    std::thread::sleep(Duration::from_millis(300));
    let id = known["id"].as_str().unwrap().to_owned();
    let (name, v) = Events::open(&run, &[("Last-Event-ID", &id)]).next().unwrap();
    assert_eq!((name.as_str(), &v["from_seq"]), ("delta", &known["journal_seq"]));
    let (name, _) = Events::open(&run, &[("Last-Event-ID", "1.0")]).next().unwrap();
    assert_eq!(name, "snapshot");
    assert_eq!(run.get("/v1/stream?x=1").status, 400);
    assert_eq!(run.ask("HEAD", "/v1/stream", &[], "").status, 200);
    run.stop();
}

#[test]
fn frames_come_for_every_part_and_what_a_client_says_moves_nothing() {
    let run = Loop::start(&["--speed", "360000"]);
    let mut ws = Frames::open(&run);
    let beat = ws.text();
    assert_eq!((&beat["event"], &beat["data"]["mode"]), (&"heartbeat".into(), &"paper".into()));
    assert!(beat["ts"].is_string() && beat["data"]["source"].is_string());
    assert_eq!(beat["data"]["trace_id"].as_str().unwrap().len(), 64);
    assert_eq!(run.get("/health").json()["ws_connections"], 1);
    ws.send(1, br#"{"op":"execute","coin":"BTC"}"#);
    ws.send(9, b"are you there");
    let (mut seen, mut pong, mut last) = (BTreeSet::new(), false, 0);
    while seen.len() < 5 || !pong || last < 3 {
        let (op, data) = ws.next().unwrap();
        if op == 10 {
            assert_eq!(data, b"are you there");
            pong = true;
            continue;
        }
        let v: Value = serde_json::from_slice(&data).unwrap();
        let event = v["event"].as_str().unwrap().to_owned();
        if event != "heartbeat" {
            assert_eq!(v["data"]["schema_version"], format!("zero.{event}.v1"));
            last += u32::from(!seen.insert(event));
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["immune", "positions", "regime", "risk", "status"]);
    // A message beyond the limit ends the connection.
    ws.send(1, &[b'x'; 5_000]);
    while ws.next().is_some() {}
    run.until(|r| r.get("/health").json()["ws_connections"] == 0);
    let refused = run.get("/ws");
    assert_eq!((refused.status, &refused.json()["code"]), (400, &"ZERO-API-031".into()));
    run.stop();
}

#[test]
fn streams_end_with_the_run_and_do_not_hold_it_up() {
    let run = Loop::start(&["--speed", "360000"]);
    let (mut sse, mut ws) = (Events::open(&run, &[]), Frames::open(&run));
    sse.next().unwrap();
    ws.text();
    // Bounded by the client: a stream that held the drain up would be waited for in vain.
    run.stop();
    while sse.next().is_some() {}
    let close = std::iter::from_fn(|| ws.next()).find(|(op, _)| *op == 8).expect("it says why it goes");
    assert_eq!(close.1.get(..2), Some(&1001u16.to_be_bytes()[..]));
}

#[test]
fn no_stranger_listens() {
    let run = Loop::start_with(&["--speed", "1"], &["http.read_auth=token"]);
    let token = format!("Bearer {}", run.token("observer"));
    let status = |path: &str, head: &[(&str, &str)]| {
        let mut line = String::new();
        BufReader::new(run.open(path, head)).read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    for (path, head, ok) in [("/v1/stream", &[][..], 200), ("/ws", &UPGRADE[..], 101)] {
        let with = |more: &[(&'static str, &str)]| {
            let all: Vec<(&str, String)> =
                head.iter().chain(more).map(|(n, v)| (*n, (*v).to_owned())).collect();
            status(path, &all.iter().map(|(n, v)| (*n, v.as_str())).collect::<Vec<_>>())
        };
        assert_eq!(with(&[]), 401, "{path}");
        assert_eq!(with(&[("Authorization", "Bearer 0")]), 401, "{path}");
        assert_eq!(with(&[("Authorization", &token), ("Origin", "http://evil.example")]), 403, "{path}");
        assert_eq!(with(&[("Authorization", &token)]), ok, "{path}");
    }
    run.stop();
}

#[test]
fn a_client_that_never_reads_is_cut_off_while_others_are_answered() {
    let run = Loop::start_with(&["--speed", "3600000"], &["http.requests_per_second=1000000"]);
    let socket =
        rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None).unwrap();
    rustix::net::sockopt::set_socket_recv_buffer_size(&socket, 2_048).unwrap();
    let at = std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, run.port());
    rustix::net::connect(&socket, &at).unwrap();
    let mut socket = TcpStream::from(socket);
    socket.write_all(format!("GET /v1/stream HTTP/1.1\r\nHost: {at}\r\n\r\n").as_bytes()).unwrap();
    let cut = |r: &Loop| {
        let text = r.ask("GET", "/metrics", &[("Accept", "text/plain")], "").ok().body;
        assert!(text.contains("zero_streams{kind=\"sse\"}"), "{text}");
        text.contains("zero_streams_dropped_total 1\n")
    };
    assert!(run.until(cut));
    // The connection is gone, not only the stream: what is read ends with a broken or closed socket.
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut all = Vec::new();
    let end = socket.read_to_end(&mut all);
    assert!(end.is_ok() || end.unwrap_err().kind() != std::io::ErrorKind::WouldBlock);
    run.stop();
}

#[test]
fn a_close_frame_is_answered_with_one_before_the_socket_ends() {
    let run = Loop::start(&["--speed", "3600"]);
    let mut socket = Frames::open(&run);
    socket.text();
    socket.send(8, &1_000u16.to_be_bytes());
    let closed = std::iter::from_fn(|| socket.next()).find(|(op, _)| *op == 8);
    assert_eq!(closed, Some((8, vec![0x03, 0xe8])), "RFC 6455, 5.5.1: a close frame is answered");
    assert!(socket.next().is_none());
    run.stop();
}
