//! A journal at rest and its place, every file below a directory, and a client of `zero mcp` over its pipes.
#![allow(dead_code, reason = "every test file uses a part of it")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use zero_core::Digest32;
use zero_mcp::Place;
use zero_runtime::clock::SystemClock;

const FEES: [&str; 4] = ["--set", "fees.taker=0.00045", "--set", "fees.maker=0.00015"];

pub(crate) fn zero(home: &Path, args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_zero"));
    c.env("ZERO_HOME", home).args(FEES).args(args).stdin(Stdio::null());
    c
}

/// A journal of a run that has ended, and its place.
pub(crate) fn ended(home: &Path, events: &str) -> Place {
    let out = zero(home, &["run", "--no-http", "--events", events, "--speed", "0"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    place(home)
}

pub(crate) fn place(home: &Path) -> Place {
    Place {
        journal: home.join("operators/default/journal/run"),
        reports: home.join("operators/default/reports"),
        parity: home.join("operators/default/parity/last.json"),
        operator: "default".into(),
        code: Digest32::of(b"another program"),
        clock: Arc::new(SystemClock),
        live: None,
        hosts: zero_runtime::hosts::Hosts::default(),
    }
}

/// Every file below a directory, with its digest and the time of its last change.
pub(crate) fn files(dir: &Path) -> BTreeMap<PathBuf, (Digest32, std::time::SystemTime)> {
    let (mut out, mut todo) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let changed = std::fs::metadata(&path).unwrap().modified().unwrap();
                out.insert(path.clone(), (Digest32::of(&std::fs::read(&path).unwrap()), changed));
            }
        }
    }
    out
}

/// `zero mcp`, spoken to in the protocol's earlier era.
pub(crate) struct Pipes {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    id: u64,
}

impl Pipes {
    pub(crate) fn start(home: &Path, more: &[&str]) -> Self {
        let mut child = zero(home, &[&["mcp"], more].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, lines) = channel();
        let read = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in read.map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}")));
            }
        });
        let input = child.stdin.take();
        let mut out = Self { child, input, lines, id: 0 };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
                            "clientInfo": { "name": "test", "version": "1" } });
        assert!(out.ask("initialize", hello).get("result").is_some());
        out.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        out
    }

    pub(crate) fn send(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    /// The answer; notifications before it are left out.
    pub(crate) fn ask(&mut self, method: &str, params: impl Into<Value>) -> Value {
        let params = params.into();
        self.id += 1;
        let id = self.id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let v = self.lines.recv_timeout(Duration::from_secs(30)).expect("an answer");
            if v["id"] == id {
                return v;
            }
        }
    }

    /// The next message.
    pub(crate) fn next(&self) -> Value {
        self.lines.recv_timeout(Duration::from_secs(30)).expect("a message")
    }

    /// Messages that come within a time.
    #[expect(clippy::disallowed_methods, reason = "how long a test listens")]
    pub(crate) fn heard(&self, within: Duration) -> Vec<Value> {
        let (mut out, begin) = (Vec::new(), std::time::Instant::now());
        while let Some(left) = within.checked_sub(begin.elapsed()) {
            let Ok(v) = self.lines.recv_timeout(left) else { break };
            out.push(v);
        }
        out
    }

    /// Closes its input and waits for its end.
    pub(crate) fn close(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success(), "closing its input ends it in order");
    }
}
