//! Planted secrets, and every surface searched for them in every dress.

use crate::credentials::files;
use crate::http_client::Loop;
use crate::support::{LIVE, PASSPHRASE, Prepared, approve, file, ok, root, route, text_of};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;
use zero_capability::TABLE;
use zero_config::{Home, KeyRing, OperatorId, Purpose, Secret};

const WEBHOOK: &str = "canary-webhook-key-5f1d77c0a9";
const TELEGRAM: &str = "http://127.0.0.1:9/botCANARYTELEGRAM8821/sendMessage";
const COMMENT: &str = "canary-config-comment-93ab10ff";
const ENVIRONMENT: &str = "canary-environment-77e0d1c2b3";
const BEARER: &str = "canary-bearer-0c8d41aa55ee7719";
const WRONG: &str = "canary wrong passphrase 6a2b";

/// Orders that are taken, held, answered again, in conflict, refused and unreadable.
const ORDERS: [&str; 7] = [
    r#"{"coin":"BTC","side":"buy","size":0.003,"idempotency_key":"c"}"#,
    r#"{"coin":"BTC","side":"buy","size":0.004,"idempotency_key":"c"}"#,
    r#"{"coin":"BTC","side":"sell","size":0.003,"reduce_only":true,"idempotency_key":"r"}"#,
    r#"{"coin":"BTC","side":"sell","size":0.004,"reduce_only":true,"idempotency_key":"r"}"#,
    r#"{"coin":"NOPE","side":"buy","size":1}"#,
    r#"{"coin":"BTC","side":"buy","size":"1"}"#,
    "{",
];

/// A secret and every text that would give it away.
struct Planted {
    name: String,
    needles: Vec<Vec<u8>>,
}

impl Planted {
    fn new(name: &str, secret: &[u8]) -> Self {
        let mut needles = vec![secret.to_vec(), secret.iter().rev().copied().collect()];
        let (lower, upper) = (hex(secret), hex(secret).to_uppercase());
        needles.extend([lower.clone().into_bytes(), upper.clone().into_bytes()]);
        // Wherever it begins in a longer text, one of three alignments is its base64; the edges mix with what stands beside.
        for pad in 0..3usize {
            let mut bytes = vec![0u8; pad];
            bytes.extend_from_slice(secret);
            let text = base64(&bytes);
            let core = &text[if pad == 0 { 0 } else { 4 }..text.len() / 4 * 4 - 4];
            needles.push(core.as_bytes().to_vec());
            needles.push(core.replace('+', "-").replace('/', "_").into_bytes());
        }
        for hex in [lower, upper] {
            let all = hex
                .as_bytes()
                .chunks(2)
                .fold(String::new(), |s, c| s + "%" + std::str::from_utf8(c).unwrap());
            needles.push(all.into_bytes());
        }
        let odd: String = secret.iter().fold(String::new(), |mut s, b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(b) {
                s.push(char::from(*b));
            } else {
                let _ = write!(s, "%{b:02X}");
            }
            s
        });
        needles.push(odd.into_bytes());
        needles.push(format!("{secret:?}").into_bytes());
        needles.retain(|n| n.len() >= 8);
        needles.sort();
        needles.dedup();
        Self { name: name.into(), needles }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for c in bytes.chunks(3) {
        let n = c.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - c.len()));
        for i in 0..4 {
            let sign = SIGNS[(n >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= c.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[derive(Default)]
struct Search {
    planted: Vec<Planted>,
    scanned: usize,
    surfaces: usize,
    hits: Vec<String>,
}

impl Search {
    fn scan(&mut self, surface: &str, bytes: &[u8]) {
        self.scanned += bytes.len();
        self.surfaces += 1;
        for p in &self.planted {
            for n in &p.needles {
                if contains(bytes, n) {
                    self.hits.push(format!("{} in {surface} as {:?}", p.name, String::from_utf8_lossy(n)));
                }
            }
        }
    }
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut at = 0;
    while let Some(i) = hay[at..].iter().position(|b| b == first) {
        at += i;
        if hay[at..].starts_with(needle) {
            return true;
        }
        at += 1;
    }
    false
}

#[test]
fn the_search_finds_a_leak_in_every_dress() {
    let secret: Vec<u8> = (1..=31).chain(b"+/ secret%".iter().copied()).collect();
    let dressed = |f: &dyn Fn(&[u8]) -> Vec<u8>| {
        let mut s = Search { planted: vec![Planted::new("s", &secret)], ..Search::default() };
        for before in ["", "x", "xy"] {
            let mut text = before.as_bytes().to_vec();
            text.extend_from_slice(&secret);
            text.extend_from_slice(b" and more");
            s.scan("a text", &f(&text));
        }
        s.hits.len() >= 3
    };
    assert!(dressed(&|t| t.to_vec()));
    assert!(dressed(&|t| t.iter().rev().copied().collect()));
    assert!(dressed(&|t| hex(t).into_bytes()));
    assert!(dressed(&|t| hex(t).to_uppercase().into_bytes()));
    assert!(dressed(&|t| base64(t).into_bytes()));
    assert!(dressed(&|t| base64(t).replace('+', "-").replace('/', "_").into_bytes()));
    assert!(dressed(&|t| t.iter().map(|b| format!("%{b:02x}")).collect::<String>().into_bytes()));
    assert!(!dressed(&|_| b"nothing of it".to_vec()));
}

fn planted(home: &std::path::Path) -> Vec<Planted> {
    let state = home.join("state/operators/default");
    let mut out = vec![
        Planted::new("passphrase", PASSPHRASE.as_bytes()),
        Planted::new("wrong passphrase", WRONG.as_bytes()),
        Planted::new("webhook key", WEBHOOK.as_bytes()),
        Planted::new("bot's address", TELEGRAM.as_bytes()),
        Planted::new("bot's secret", b"CANARYTELEGRAM8821"),
        Planted::new("comment of the configuration", COMMENT.as_bytes()),
        Planted::new("environment", ENVIRONMENT.as_bytes()),
        Planted::new("a bearer that is none", BEARER.as_bytes()),
    ];
    for who in ["observer", "agent", "operator"] {
        let text = fs::read(state.join("tokens").join(who)).unwrap();
        let bytes: Vec<u8> = text
            .chunks(2)
            .map(|c| u8::from_str_radix(std::str::from_utf8(c).unwrap(), 16).unwrap())
            .collect();
        out.push(Planted::new(&format!("token of the {who}"), &text));
        out.push(Planted::new(&format!("token of the {who}, its bytes"), &bytes));
    }
    for key in ["journal.1.key", "proof.1.key"] {
        let bytes = fs::read(state.join("keys").join(key)).unwrap();
        out.push(Planted::new(key, &bytes[bytes.len() - 32..]));
    }
    let partition = Home::at(home.join("state")).partition(&OperatorId::new("default").unwrap());
    let ring = KeyRing::open(&partition).unwrap();
    let key = ring.unlock(Purpose::Operator, &Secret::new(PASSPHRASE.as_bytes().to_vec())).unwrap();
    out.push(Planted::new("operator.1.key", &key.to_bytes()));
    out
}

#[test]
fn no_surface_says_a_planted_secret_in_any_dress() {
    let p = Prepared::new();
    let root_dir = p.home.path().to_owned();
    let config = p.state().join("config.toml");
    let hook = p.file("hook", WEBHOOK);
    let bot = p.file("bot", TELEGRAM);
    let text = format!(
        "# {COMMENT}\n[notify]\nwebhook = \"http://127.0.0.1:9/hook\"\nwebhook_key = \"{}\"\ntelegram = \"{}\"\ntelegram_chat = \"1\"\n",
        hook.display(),
        bot.display()
    );
    fs::write(&config, text).unwrap();
    p.file("wrong", WRONG);
    let run = p.live(&["--speed", "3600"]);
    let home = root(&run);
    assert_eq!(home, root_dir);
    let mut s = Search { planted: planted(&home), ..Search::default() };
    let operator = run.token("operator");
    // The state has something to tell: an approved act, a refused one, alerts, a session.
    let approval = text_of(&approve(&home, &route("/live/resume", &json!({}))));
    crate::support::post(&run, Some(&operator), "/live/resume", &json!({}), Some(&approval)).ok();
    ok(&run.command(&["session", "start", "canary", "--end", "flatten"]));
    let first: Value = serde_json::from_str(ORDERS[0]).unwrap();
    let approval = text_of(&approve(&home, &route("/execute", &first)));
    crate::support::post(&run, Some(&operator), "/execute", &first, Some(&approval)).ok();
    over_http(&run, &mut s, &operator);
    over_mcp(&run, &mut s);
    by_command(&run, &mut s);
    run.end_in_order();
    by_command(&run, &mut s);
    for line in run.all_lines() {
        s.scan("standard error of the loop", line.as_bytes());
    }
    for path in files(&home) {
        let name = path.strip_prefix(&home).unwrap().display().to_string();
        let secret = ["keys/", "tokens/", "config.toml"].iter().any(|p| name.contains(p))
            || ["hook", "bot", "passphrase", "wrong"].contains(&name.as_str());
        if !secret {
            s.scan(&name, &fs::read(&path).unwrap());
        }
    }
    assert_eq!(s.hits, Vec::<String>::new());
    assert!(s.surfaces > 500 && s.scanned > 1_000_000, "{} surfaces, {} bytes", s.surfaces, s.scanned);
}

fn over_http(run: &Loop, s: &mut Search, operator: &str) {
    let good = format!("Bearer {operator}");
    let bad = format!("Bearer {BEARER}");
    let mut paths: Vec<(&str, &str)> = TABLE
        .iter()
        .filter_map(|c| c.http)
        .filter(|h| h.stream.is_none())
        .map(|h| (h.method, h.path))
        .collect();
    paths.extend([("GET", "/metrics/prometheus"), ("GET", "/nothing"), ("GET", "/?x=1")]);
    let bodies = |method: &str, path: &str| match (method, path) {
        (_, "/execute") => &ORDERS[..],
        ("POST", _) => &["{}", r#"{"reason":7}"#][..],
        _ => &[""],
    };
    let asked = paths.iter().flat_map(|(m, p)| bodies(m, p).iter().map(move |b| (*m, *p, *b)));
    for (method, path, body) in asked {
        let path = path.replace("{coin}", "BTC");
        let length = body.len().to_string();
        let kind = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
        let kind = if method == "POST" { &kind[..] } else { &[] };
        for auth in [
            &[("Authorization", good.as_str())][..],
            &[("Authorization", bad.as_str())],
            &[],
            &[("Authorization", good.as_str()), ("X-Zero-Approval", BEARER)],
            &[("Authorization", good.as_str()), ("Accept", "text/plain")],
        ] {
            let r = run.ask(method, &path, &[kind, auth].concat(), body);
            s.scan(
                &format!("{method} {path}, status {}", r.status),
                format!("{}{}", r.head, r.body).as_bytes(),
            );
        }
    }
    let upgrade = [
        ("Authorization", good.as_str()),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (path, head) in [("/ws", &upgrade[..]), ("/v1/stream", &upgrade[..1])] {
        let mut socket = run.open(path, head);
        socket.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
        let (mut all, mut part) = (Vec::new(), [0u8; 16_384]);
        while let Ok(n) = socket.read(&mut part) {
            all.extend_from_slice(&part[..n]);
            if n == 0 || all.len() > 400_000 {
                break;
            }
        }
        assert!(all.len() > 2_000, "{path}: {}", all.len());
        s.scan(path, &all);
    }
}

fn over_mcp(run: &Loop, s: &mut Search) {
    let auth = format!("Bearer {}", run.token("agent"));
    let mut ask = |method: &str, params: Value| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let length = body.len().to_string();
        let head = [
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
            ("Content-Length", length.as_str()),
            ("Authorization", auth.as_str()),
        ];
        let r = run.ask("POST", "/mcp", &head, &body);
        s.scan(&format!("{method} {params}"), r.body.as_bytes());
        r.body
    };
    for list in ["tools/list", "resources/list", "resources/templates/list", "prompts/list"] {
        assert!(ask(list, json!({})).contains("result"), "{list}");
    }
    for row in TABLE.iter().filter_map(|c| c.mcp) {
        assert!(
            ask("tools/call", json!({ "name": row.tool, "arguments": {} })).contains("result"),
            "{}",
            row.tool
        );
        if let Some(uri) = row.resource {
            ask("resources/read", json!({ "uri": uri }));
        }
    }
    for uri in [
        "zero://decision/stack/BTC",
        "zero://journal/0/50",
        "zero://../../tokens/agent",
        "file:///etc/passwd",
    ] {
        ask("resources/read", json!({ "uri": uri }));
    }
    for prompt in ["morning_brief", "explain_rejection", "review_proposal"] {
        ask("prompts/get", json!({ "name": prompt, "arguments": {} }));
    }
}

fn by_command(run: &Loop, s: &mut Search) {
    let home = root(run);
    let passphrase = |name: &str| home.join(name).display().to_string();
    let request =
        file(&home, "request.json", &route("/live/resume", &json!({})).to_string()).display().to_string();
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out").display().to_string();
    let mut all: Vec<Vec<String>> = Vec::new();
    for row in TABLE {
        let Some(command) = row.command else { continue };
        // What makes or replays markets of its own says nothing of this home, and takes long.
        if ["demo", "backtest", "parity", "lookahead", "run", "mcp"].contains(&row.id) {
            continue;
        }
        let base: Vec<String> = command.path.iter().map(|w| (*w).to_owned()).collect();
        all.push(base.clone());
        all.push([base, vec!["BTC".into()]].concat());
    }
    let more: &[&[&str]] = &[
        &["config", "show"],
        &["config", "get", "notify.webhook_key", "--explain"],
        &["config", "get", "notify.telegram", "--explain"],
        &["journal", "tail", "-n", "300"],
        &["journal", "export", "--out", &out],
        &["keys", "list"],
        &["notify", "test"],
        &["keys", "rotate", "operator", "--passphrase-file", &passphrase("wrong")],
        &["approve", &request, "--passphrase-file", &passphrase("wrong")],
        &["approve", &request, "--passphrase-file", &passphrase("passphrase")],
        &["keys", "create", "operator", "--passphrase-file", &passphrase("passphrase")],
        &["operator", "resume", "--reason", "x", "--yes", "--approval", &passphrase("passphrase")],
        &["operator", "resume", "--reason", "x", "--yes", "--approval", &passphrase("hook")],
        &["execute", "BTC", "buy", "0.003", "--yes"],
        &["execute", "BTC", "buy", "0.003", "--yes", "--approval", &passphrase("passphrase")],
        &["execute", "BTC", "buy", "0.003", "--yes", "--key", "c"],
        &["execute", "BTC", "sell", "0.003", "--reduce-only", "--approval", &passphrase("hook")],
        &["session", "share", "--out", &out],
        &["status", "--home", "/nonexistent"],
        &["mcp", "--smoke"],
    ];
    all.extend(more.iter().map(|a| a.iter().map(|w| (*w).to_owned()).collect()));
    for args in all {
        for json in [false, true] {
            let mut c = Command::new(env!("CARGO_BIN_EXE_zero"));
            c.env("ZERO_HOME", home.join("state"))
                .env("PLANTED_SECRET", ENVIRONMENT)
                .env("RUST_BACKTRACE", "1");
            c.args(["--set", "fees.taker=0.00045", "--set", "fees.maker=0.00015", "--set", LIVE[0]]);
            c.args(json.then_some("--json")).args(&args).current_dir(scratch.path()).stdin(Stdio::null());
            let ran = c.output().unwrap();
            s.scan(&format!("zero {args:?}"), &[ran.stdout, ran.stderr].concat());
        }
    }
    for path in files(scratch.path()) {
        s.scan(&path.display().to_string(), &fs::read(&path).unwrap());
    }
}
