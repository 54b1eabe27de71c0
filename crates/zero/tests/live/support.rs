//! A journal that was begun in paper, an operator's key, and a live-capable loop on it.

use crate::http_client::{Loop, Reply};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) const PASSPHRASE: &str = "seven wild geese over the marsh";
const BASE: [&str; 6] =
    ["--set", "fees.taker=0.00045", "--set", "fees.maker=0.00015", "--set", "http.listen=127.0.0.1:0"];

/// The settings of every live-capable loop here.
pub(crate) const LIVE: [&str; 2] = ["runtime.live_capable=true", "http.requests_per_second=1000000"];

/// A home before a loop runs in it.
pub(crate) struct Prepared {
    pub(crate) home: tempfile::TempDir,
}

impl Prepared {
    /// A journal of a run in paper, and an operator's key.
    pub(crate) fn new() -> Self {
        Self::after("50", &[])
    }

    /// Behind this many events of a market, with these settings and strategies off.
    pub(crate) fn after(events: &str, set: &[&str]) -> Self {
        let p = Self { home: tempfile::tempdir().unwrap() };
        let run = |events| ok(&p.zero(set, &["run", "--no-http", "--speed", "0", "--events", events]));
        if !set.is_empty() {
            run("1");
            ok(&p.zero(set, &["auto", "off"]));
        }
        run(events);
        let file = p.file("passphrase", PASSPHRASE);
        ok(&p.zero(&[], &["keys", "create", "operator", "--passphrase-file", file.to_str().unwrap()]));
        p
    }

    /// A file of mode 0600 beside the state.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        file(self.home.path(), name, text)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state/operators/default")
    }

    pub(crate) fn zero(&self, set: &[&str], args: &[&str]) -> Output {
        zero(self.home.path(), set, args)
    }

    /// The approval of what a refusal asked for, in a file.
    pub(crate) fn approve_refusal(&self, out: &Output) -> PathBuf {
        let request = request_of(out);
        approve(self.home.path(), &request)
    }

    /// A live-capable loop, approved.
    pub(crate) fn live(self, args: &[&str]) -> Loop {
        self.live_with(args, &LIVE)
    }

    /// The same, with these settings.
    pub(crate) fn live_with(self, args: &[&str], set: &[&str]) -> Loop {
        let refused = self.zero(set, &[&["run", "--json", "--no-http"], args].concat());
        let approval = self.approve_refusal(&refused);
        let approval = approval.to_str().unwrap().to_owned();
        Loop::start_at_home(self.home, &[args, &["--approval", &approval]].concat(), set)
    }
}

pub(crate) fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

pub(crate) fn zero(home: &Path, set: &[&str], args: &[&str]) -> Output {
    let mut c = Command::new(env!("CARGO_BIN_EXE_zero"));
    c.env("ZERO_HOME", home.join("state")).args(BASE);
    set.iter().for_each(|s| {
        c.args(["--set", s]);
    });
    c.args(args).stdin(Stdio::null()).output().unwrap()
}

/// The request that a refusal shows to be signed.
pub(crate) fn request_of(out: &Output) -> Value {
    let packet = packet(out);
    assert_eq!(packet["code"], "ZERO-APR-001", "{packet}");
    let hint = packet["hint"].as_str().unwrap();
    serde_json::from_str(hint.split_once("The request is ").unwrap().1).unwrap()
}

/// Approves a request with the operator's key; the packet's file.
pub(crate) fn approve(home: &Path, request: &Value) -> PathBuf {
    approve_with(home, request, &[])
}

pub(crate) fn approve_with(home: &Path, request: &Value, more: &[&str]) -> PathBuf {
    let (request, pass) = (file(home, "request.json", &request.to_string()), home.join("passphrase"));
    let args = ["--json", "approve", request.to_str().unwrap(), "--passphrase-file", pass.to_str().unwrap()];
    let out = zero(home, &[], &[&args[..], more].concat());
    ok(&out);
    file(home, "approval.json", &String::from_utf8(out.stdout).unwrap())
}

/// The text that a client sends of an approval's file.
pub(crate) fn text_of(file: &Path) -> String {
    let v: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    v["approval"].as_str().unwrap().to_owned()
}

#[track_caller]
pub(crate) fn ok(out: &Output) {
    assert!(
        out.status.success(),
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
}

#[track_caller]
pub(crate) fn packet(out: &Output) -> Value {
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| {
        panic!("{e}: {}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
    })
}

/// A POST under a token, with an approval where there is one.
pub(crate) fn post(
    run: &Loop,
    token: Option<&str>,
    path: &str,
    body: &Value,
    approval: Option<&str>,
) -> Reply {
    let (body, auth) = (body.to_string(), token.map(|t| format!("Bearer {t}")));
    let length = body.len().to_string();
    let mut head = vec![("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    head.extend(auth.as_deref().map(|a| ("Authorization", a)));
    head.extend(approval.map(|a| ("X-Zero-Approval", a)));
    run.ask("POST", path, &head, &body)
}

/// A GET under the operator's token.
pub(crate) fn get(run: &Loop, path: &str) -> Value {
    let auth = format!("Bearer {}", run.token("operator"));
    run.ask("GET", path, &[("Authorization", &auth)], "").ok().json()
}

/// A home's root, beside the state.
pub(crate) fn root(run: &Loop) -> PathBuf {
    run.home().parent().unwrap().to_owned()
}

pub(crate) fn route(path: &str, body: &Value) -> Value {
    json!({ "method": "POST", "path": path, "body": body })
}
