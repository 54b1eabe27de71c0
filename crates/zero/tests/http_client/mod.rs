//! A running loop with its surface, and a client that sends exactly what it is told.
#![allow(dead_code, reason = "every test file uses a part of it")]

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, head, body, .. } = self;
        f.debug_struct("Reply").field("status", status).field("head", head).field("body", body).finish()
    }
}

impl Reply {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |l: &&str| l.split_once(':').is_some_and(|(n, _)| n.eq_ignore_ascii_case(name));
        self.head.lines().find(named).and_then(|l| l.split_once(':')).map(|(_, v)| v.trim())
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

pub(crate) struct Loop {
    home: std::cell::RefCell<tempfile::TempDir>,
    child: std::cell::RefCell<Child>,
    port: u16,
    lines: mpsc::Receiver<String>,
    /// What it said before it served.
    first: Vec<String>,
}

const FEES: [&str; 4] = ["--set", "fees.taker=0.00045", "--set", "fees.maker=0.00015"];

fn zero(home: &std::path::Path, args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_zero"));
    c.env("ZERO_HOME", home.join("state")).args(FEES).args(args).stdin(Stdio::null());
    c
}

impl Loop {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_with(args, &[])
    }

    pub(crate) fn start_with(args: &[&str], set: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", args, set)
    }

    pub(crate) fn start_at(listen: &str, args: &[&str], set: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), listen, args, set)
    }

    /// Another loop on the journal of this one, which has ended.
    pub(crate) fn again(self, args: &[&str]) -> Self {
        let home = std::mem::replace(&mut *self.home.borrow_mut(), tempfile::tempdir().unwrap());
        Self::start_in(home, "127.0.0.1:0", args, &[])
    }

    /// The same, with these settings.
    pub(crate) fn again_with(self, args: &[&str], set: &[&str]) -> Self {
        let home = std::mem::replace(&mut *self.home.borrow_mut(), tempfile::tempdir().unwrap());
        Self::start_in(home, "127.0.0.1:0", args, set)
    }

    /// The process is killed.
    pub(crate) fn kill(&self) {
        self.child.borrow_mut().kill().unwrap();
        self.child.borrow_mut().wait().unwrap();
    }

    /// The process is killed, and another loop starts on its journal.
    pub(crate) fn killed_and_again(self, args: &[&str]) -> Self {
        self.child.borrow_mut().kill().unwrap();
        self.child.borrow_mut().wait().unwrap();
        self.again(args)
    }

    /// The process is killed; its home stays.
    pub(crate) fn killed_and_kept(self) -> tempfile::TempDir {
        self.child.borrow_mut().kill().unwrap();
        self.child.borrow_mut().wait().unwrap();
        std::mem::replace(&mut *self.home.borrow_mut(), tempfile::tempdir().unwrap())
    }

    /// A command that ends by itself, in this home.
    pub(crate) fn command_in(home: &std::path::Path, args: &[&str], set: &[&str]) {
        let set: Vec<&str> = set.iter().flat_map(|s| ["--set", s]).collect();
        let out = zero(home, &[&set, args].concat()).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    pub(crate) fn start_in(home: tempfile::TempDir, listen: &str, args: &[&str], set: &[&str]) -> Self {
        let listen = format!("http.listen={listen}");
        let mut all = vec!["--set", &listen];
        set.iter().for_each(|s| all.extend(["--set", s]));
        all.push("run");
        all.extend(args);
        let mut child = zero(home.path(), &all).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || err.lines().map_while(Result::ok).try_for_each(|l| tell.send(l)));
        let mut first = Vec::new();
        let port = loop {
            let line = lines
                .recv_timeout(Duration::from_secs(60))
                .unwrap_or_else(|e| panic!("it never said where it serves ({e}): {first:?}"));
            if let Some((_, at)) = line.strip_prefix("serving http://").and_then(|l| l.rsplit_once(':')) {
                break at.parse().unwrap();
            }
            first.push(line);
        };
        Self { home: home.into(), child: child.into(), port, lines, first }
    }

    /// A loop in a home that was prepared for it.
    pub(crate) fn start_at_home(home: tempfile::TempDir, args: &[&str], set: &[&str]) -> Self {
        Self::start_in(home, "127.0.0.1:0", args, set)
    }

    /// A command beside the loop, in its home.
    pub(crate) fn command(&self, args: &[&str]) -> std::process::Output {
        zero(self.home.borrow().path(), args).output().unwrap()
    }

    /// What a command says that ends by itself.
    pub(crate) fn attempt(args: &[&str]) -> String {
        let home = tempfile::tempdir().unwrap();
        String::from_utf8_lossy(&zero(home.path(), args).output().unwrap().stderr).into_owned()
    }

    /// The digest of the same run without a surface.
    pub(crate) fn run_silent(args: &[&str]) -> String {
        let home = tempfile::tempdir().unwrap();
        let out = zero(home.path(), &[&["run", "--no-http"], args].concat()).output().unwrap();
        digest(&String::from_utf8_lossy(&out.stderr))
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn token(&self, who: &str) -> String {
        let file = self.home.borrow().path().join("state/operators/default/tokens").join(who);
        std::fs::read_to_string(file).unwrap()
    }

    pub(crate) fn operator(&self, args: &[&str]) {
        let out = zero(self.home.borrow().path(), args).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    /// What a command prints.
    pub(crate) fn output(&self, args: &[&str]) -> String {
        String::from_utf8(zero(self.home.borrow().path(), args).output().unwrap().stdout).unwrap()
    }

    pub(crate) fn until(&self, holds: impl Fn(&Self) -> bool) -> bool {
        for _ in 0..3_000 {
            if holds(self) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it never came to hold");
    }

    /// What is looked at while the run records nothing; the last look where it never stands still.
    pub(crate) fn still<T>(&self, look: impl Fn(&Self) -> T) -> T {
        let seq = || self.get("/positions").json()["journal_seq"].clone();
        for _ in 0..50 {
            let before = seq();
            let seen = look(self);
            if seq() == before {
                return seen;
            }
        }
        look(self)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], "")
    }

    /// `None` once the server is gone.
    pub(crate) fn try_get(&self, path: &str) -> Option<Reply> {
        self.send("GET", path, &[], "").ok().filter(|r| r.status != 0)
    }

    /// Home of the program's state.
    pub(crate) fn home(&self) -> std::path::PathBuf {
        self.home.borrow().path().join("state")
    }

    /// `None` once the server is gone.
    pub(crate) fn try_ask(
        &self,
        method: &str,
        path: &str,
        head: &[(&str, &str)],
        body: &str,
    ) -> Option<Reply> {
        self.send(method, path, head, body).ok().filter(|r| r.status != 0)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, head: &[(&str, &str)], body: &str) -> Reply {
        self.send(method, path, head, body).unwrap()
    }

    fn send(&self, method: &str, path: &str, head: &[(&str, &str)], body: &str) -> std::io::Result<Reply> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port))?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !head.iter().any(|(n, _)| *n == "Host") {
            text += &format!("Host: 127.0.0.1:{}\r\n", self.port);
        }
        head.iter().for_each(|(n, v)| text += &format!("{n}: {v}\r\n"));
        socket.write_all(format!("{text}\r\n{body}").as_bytes())?;
        let mut all = Vec::new();
        // A server that refuses a head closes with bytes unread, which resets the connection after the answer.
        let read = socket.read_to_end(&mut all);
        if all.is_empty() {
            read?;
        }
        let cut = all.windows(4).position(|w| w == b"\r\n\r\n").map_or(all.len(), |i| i + 4);
        let bytes = all.split_off(cut);
        let head = String::from_utf8_lossy(&all).trim_end().to_owned();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Ok(Reply { status, head, body: String::from_utf8_lossy(&bytes).into_owned(), bytes })
    }

    /// A request whose answer goes on: the socket behind it.
    pub(crate) fn open(&self, path: &str, head: &[(&str, &str)]) -> TcpStream {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut text = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", self.port);
        head.iter().for_each(|(n, v)| text += &format!("{n}: {v}\r\n"));
        socket.write_all(format!("{text}\r\n").as_bytes()).unwrap();
        socket
    }

    /// A request of which the last line is still missing.
    pub(crate) fn half_asked(&self, path: &str) -> HalfAsked {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nConnection: close\r\nHost: 127.0.0.1:{}\r\n", self.port);
        socket.write_all(head.as_bytes()).unwrap();
        HalfAsked(socket)
    }

    /// Tells it to end in order.
    pub(crate) fn interrupt(&self) {
        let pid = self.child.borrow().id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    }

    /// Ends it in order.
    pub(crate) fn stop(self) {
        self.interrupt();
        self.ends();
    }

    /// Ends it in order and keeps its home.
    pub(crate) fn end_in_order(&self) {
        self.interrupt();
        self.ends();
    }

    /// It was told to end, and does.
    pub(crate) fn ends(&self) {
        for _ in 0..1_000 {
            if let Some(status) = self.child.borrow_mut().try_wait().unwrap() {
                assert!(status.success());
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not drain in time");
    }

    /// What it said on standard error, after its end.
    pub(crate) fn all_lines(&self) -> Vec<String> {
        self.first.iter().cloned().chain(self.lines.iter()).collect()
    }

    /// The digest that it named at its end.
    pub(crate) fn digest(&self) -> String {
        assert!(self.child.borrow_mut().wait().unwrap().success());
        digest(&self.lines.iter().collect::<Vec<_>>().join("\n"))
    }
}

pub(crate) struct HalfAsked(TcpStream);

impl HalfAsked {
    pub(crate) fn rest(&mut self) -> Reply {
        self.0.write_all(b"\r\n").unwrap();
        let mut all = String::new();
        let _ = self.0.read_to_string(&mut all);
        let (head, body) = all.split_once("\r\n\r\n").unwrap_or((&all, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Reply { status, head: head.into(), body: body.into(), bytes: body.into() }
    }
}

/// One act of the operator; the journal's number in its answer.
pub(crate) fn act(port: u16, token: &str, path: &str) -> u64 {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!("Host: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: application/json");
    let text = format!(
        "POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: 2\r\nAuthorization: Bearer {token}\r\n\r\n{{}}"
    );
    socket.write_all(text.as_bytes()).unwrap();
    let mut all = String::new();
    socket.read_to_string(&mut all).unwrap();
    let body = all.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{all}")).1;
    let v: Value = serde_json::from_str(body).unwrap();
    v["journal_seq"].as_u64().unwrap_or_else(|| panic!("{all}"))
}

impl Drop for Loop {
    fn drop(&mut self) {
        let mut child = self.child.borrow_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn digest(text: &str) -> String {
    text.rsplit("digest ").next().unwrap().trim().to_owned()
}
