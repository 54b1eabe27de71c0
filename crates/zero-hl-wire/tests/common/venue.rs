//! A small venue on 127.0.0.1: `POST /info` and a WebSocket, with faults by order.

use super::{HOUR_MS, T0_MS, TestClock, candle_json, funding_json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tungstenite::{Message, WebSocket};
use zero_hl_wire::Clock;

/// What happens to one HTTP request instead of an answer.
#[derive(Clone, Debug)]
pub enum Fault {
    TooMany(Option<u32>),
    Status(u16),
    /// A body of this many bytes.
    Oversized(usize),
    /// Closes in the middle of the body.
    CutOff,
    /// This body with status 200.
    Body(String),
    /// Never answers.
    Hang,
}

/// What the WebSocket server does next.
#[derive(Clone, Debug)]
pub enum Act {
    Text(String),
    Binary(Vec<u8>),
    /// Closes the TCP connection between frames.
    Drop,
    /// Sends the head and half of a text frame, then closes.
    DropMidFrame,
    /// Sends half of a frame, and the rest in the next act.
    HalfText(String),
    /// From now on neither reads nor writes, with the connection open.
    Stall,
}

#[derive(Debug, Default)]
pub struct State {
    pub faults: Mutex<VecDeque<(&'static str, Fault)>>,
    pub acts: Mutex<VecDeque<Act>>,
    pub requests: Mutex<Vec<String>>,
    pub connections: AtomicUsize,
    pub subscribed: AtomicUsize,
    pub pings: AtomicUsize,
    /// Every WebSocket handshake is answered with an HTTP 500.
    pub refuse_sockets: AtomicBool,
    /// Hours for which the venue has no candle of a coin.
    pub holes: Mutex<Vec<(String, i64)>>,
    /// Real candles and prints to serve instead of the made-up ones.
    pub script: Mutex<Option<Script>>,
    /// Venue clock minus test clock in milliseconds, for the `Date` header.
    pub date_ahead_ms: std::sync::atomic::AtomicI64,
    stop: AtomicBool,
}

/// Serves candles and funding by (coin, start, end).
pub type Script = Arc<dyn Served>;

pub trait Served: Send + Sync + std::fmt::Debug {
    fn candles(&self, coin: &str, start: i64, end: i64, now: i64) -> String;
    fn funding(&self, coin: &str, start: i64, end: i64, now: i64) -> String;
}

#[derive(Debug)]
pub struct Venue {
    pub state: Arc<State>,
    pub clock: Arc<TestClock>,
    http: u16,
    ws: u16,
}

impl Venue {
    pub fn start(clock: Arc<TestClock>) -> Self {
        let state = Arc::new(State::default());
        let http = listen(&state, &clock, |stream, state, clock| {
            serve_http(stream, state, clock);
        });
        let ws = listen(&state, &clock, |stream, state, _| serve_socket(stream, state));
        Self { state, clock, http, ws }
    }

    pub fn rest_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws", self.ws)
    }

    pub fn act(&self, act: Act) {
        self.state.acts.lock().unwrap().push_back(act);
    }

    pub fn text(&self, text: impl Into<String>) {
        self.act(Act::Text(text.into()));
    }

    /// The next request of this type meets the fault.
    pub fn fault(&self, request: &'static str, fault: Fault) {
        self.state.faults.lock().unwrap().push_back((request, fault));
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self, kind: &str) -> usize {
        self.state.requests.lock().unwrap().iter().filter(|r| r.as_str() == kind).count()
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        for port in [self.http, self.ws] {
            let _ = TcpStream::connect(("127.0.0.1", port));
        }
    }
}

fn listen(state: &Arc<State>, clock: &Arc<TestClock>, serve: fn(TcpStream, &State, &TestClock)) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (state, clock) = (state.clone(), clock.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().take(10_000) {
            if state.stop.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let (state, clock) = (state.clone(), clock.clone());
            std::thread::spawn(move || serve(stream, &state, &clock));
        }
    });
    port
}

fn serve_http(stream: TcpStream, state: &State, clock: &TestClock) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let request: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let kind = request["type"].as_str().unwrap().to_owned();
    state.requests.lock().unwrap().push(kind.clone());
    let fault = {
        let mut faults = state.faults.lock().unwrap();
        faults.iter().position(|(k, _)| *k == kind).and_then(|i| faults.remove(i)).map(|(_, f)| f)
    };
    let mut head = date_header(state, clock);
    let (status, text) = match fault {
        Some(Fault::TooMany(after)) => {
            if let Some(s) = after {
                head.push_str(&format!("retry-after: {s}\r\n"));
            }
            (429, "null".to_owned())
        }
        Some(Fault::Status(code)) => (code, "null".to_owned()),
        Some(Fault::Oversized(n)) => (200, format!("[{}]", " ".repeat(n))),
        Some(Fault::Body(text)) => (200, text),
        Some(Fault::CutOff) => {
            let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n{head}\r\n[{{\"t\":");
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
        Some(Fault::Hang) => {
            let mut end = [0; 1];
            let _ = stream.read(&mut end);
            return;
        }
        None => (200, answer(&kind, &request, state, clock)),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{head}\r\n{text}",
        text.len()
    );
}

fn date_header(state: &State, clock: &TestClock) -> String {
    let ms = clock.wall().as_ms() + state.date_ahead_ms.load(Ordering::SeqCst);
    let iso = super::ms(ms / 1_000 * 1_000).to_string();
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [iso[5..7].parse::<usize>().unwrap() - 1];
    format!("date: Thu, {} {month} {} {} GMT\r\n", &iso[8..10], &iso[0..4], &iso[11..19])
}

fn answer(kind: &str, request: &serde_json::Value, state: &State, clock: &TestClock) -> String {
    let now = clock.wall().as_ms() + state.date_ahead_ms.load(Ordering::SeqCst);
    let script = state.script.lock().unwrap().clone();
    match kind {
        "meta" => include_str!("../../fixtures/meta.json").to_owned(),
        "candleSnapshot" => {
            let r = &request["req"];
            let (coin, start, end) =
                (r["coin"].as_str().unwrap(), ms_of(&r["startTime"]), ms_of(&r["endTime"]));
            if let Some(script) = script {
                return script.candles(coin, start, end, now);
            }
            let holes = state.holes.lock().unwrap().clone();
            let first = (start - T0_MS).div_euclid(HOUR_MS) + i64::from((start - T0_MS) % HOUR_MS != 0);
            let last = (end.min(now) - T0_MS).div_euclid(HOUR_MS);
            let all: Vec<String> = (first..=last)
                .filter(|h| !holes.iter().any(|(c, hole)| c == coin && hole == h))
                .map(|h| candle_json(coin, h, 9))
                .collect();
            format!("[{}]", all.join(","))
        }
        "fundingHistory" => {
            let (start, end) = (ms_of(&request["startTime"]), ms_of(&request["endTime"]));
            let coin = request["coin"].as_str().unwrap();
            if let Some(script) = script {
                return script.funding(coin, start, end, now);
            }
            let all: Vec<String> = ((start - T0_MS).div_euclid(HOUR_MS)..=(end - T0_MS).div_euclid(HOUR_MS))
                .filter(|h| {
                    let t = T0_MS + h * HOUR_MS + 37;
                    t >= start && t <= end && t <= now
                })
                .take(500)
                .map(|h| funding_json(coin, h))
                .collect();
            format!("[{}]", all.join(","))
        }
        "l2Book" => r#"{"coin":"BTC","time":1,"levels":[[{"px":"1.0","sz":"2","n":1}],[]]}"#.to_owned(),
        "allMids" => r#"{"BTC":"1.5"}"#.to_owned(),
        _ => "null".to_owned(),
    }
}

fn ms_of(v: &serde_json::Value) -> i64 {
    v.as_i64().unwrap()
}

fn serve_socket(stream: TcpStream, state: &State) {
    state.connections.fetch_add(1, Ordering::SeqCst);
    if state.refuse_sockets.load(Ordering::SeqCst) {
        let mut stream = stream;
        let _ = stream.write_all(b"HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n");
        return;
    }
    let raw = stream.try_clone().unwrap();
    let Ok(mut ws) = tungstenite::accept(stream) else { return };
    raw.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
    let _ = ws.send(Message::text("Websocket connection established."));
    let mut subscribed = 0;
    while !state.stop.load(Ordering::SeqCst) {
        match ws.read() {
            Ok(Message::Text(text)) => subscribed += heed(&mut ws, state, text.as_str()),
            Err(tungstenite::Error::Io(e))
                if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Ok(_) => {}
            Err(_) => return,
        }
        if subscribed == 0 {
            continue;
        }
        while let Some(act) = { state.acts.lock().unwrap().pop_front() } {
            if !perform(&mut ws, &raw, state, act) {
                let _ = raw.shutdown(Shutdown::Both);
                return;
            }
        }
    }
}

fn heed(ws: &mut WebSocket<TcpStream>, state: &State, text: &str) -> usize {
    let message: serde_json::Value = serde_json::from_str(text).unwrap();
    match message["method"].as_str() {
        Some("ping") => {
            state.pings.fetch_add(1, Ordering::SeqCst);
            let _ = ws.send(Message::text(r#"{"channel":"pong"}"#));
            0
        }
        Some("subscribe") => {
            let reply = serde_json::json!({"channel": "subscriptionResponse",
                "data": {"method": "subscribe", "subscription": message["subscription"]}});
            let _ = ws.send(Message::text(reply.to_string()));
            state.subscribed.fetch_add(1, Ordering::SeqCst);
            1
        }
        _ => 0,
    }
}

/// False when the connection is over.
fn perform(ws: &mut WebSocket<TcpStream>, raw: &TcpStream, state: &State, act: Act) -> bool {
    match act {
        Act::Text(text) => ws.send(Message::text(text)).is_ok(),
        Act::Binary(bytes) => ws.send(Message::binary(bytes)).is_ok(),
        Act::Drop => false,
        Act::DropMidFrame => {
            let _ = (&*raw).write_all(&[0x81, 100, b'{', b'"', b'c']);
            false
        }
        Act::HalfText(text) => {
            let frame = [&[0x81, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            let (a, b) = frame.split_at(frame.len() / 2);
            let mut raw = raw;
            raw.write_all(a).unwrap();
            // The client's read must time out in the middle of the frame at least once.
            let _ = ws.read();
            for _ in 0..40 {
                let _ = ws.read();
            }
            raw.write_all(b).is_ok()
        }
        Act::Stall => {
            while !state.stop.load(Ordering::SeqCst) {
                let mut byte = [0; 1];
                match raw.peek(&mut byte) {
                    Ok(0) => return false,
                    Ok(_) => {
                        let mut sink = [0; 256];
                        let _ = (&*raw).read(&mut sink);
                    }
                    Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    Err(_) => return false,
                }
            }
            false
        }
    }
}
