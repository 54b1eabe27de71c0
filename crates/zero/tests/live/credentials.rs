//! Every row of the table of capabilities, with every credential that a process of the same user can read: none increases risk.

use crate::http_client::Loop;
use crate::support::{LIVE, Prepared, approve, get, packet, post, request_of, root, route, text_of, zero};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zero_capability::{RiskDirection, TABLE};
use zero_core::Ts;
use zero_journal::{Item, Reader, RealDisk};
use zero_kernel::Fact;
use zero_kernel::operator::Control;
use zero_market::EventBody;
use zero_runtime::inbox::{Act, Inbox};
use zero_runtime::record::{Body, decode};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const INCREASES: [(&str, &str); 5] = [
    ("execute", "0 BTC buy 0.003 market by-hand"),
    ("clear_latch", "kill_switch"),
    ("resume_entries", ""),
    ("auto_on", ""),
    ("config_changed", "increases 00"),
];
/// Commands that take long, or go on until they are stopped, and act on nothing of the run.
const LONG: [&str; 7] = ["demo", "backtest", "parity", "lookahead", "run", "mcp", "doctor"];

/// What each file of the home says, as a header can carry it; the passphrase is the one thing that no process can read.
fn readable(home: &Path) -> Vec<(String, String)> {
    let mut out = vec![("nothing".to_owned(), String::new())];
    for path in files(home) {
        let name = path.strip_prefix(home).unwrap().display().to_string();
        let mut bytes = fs::read(&path).unwrap();
        if name == "passphrase" || bytes.is_empty() || name.contains(".seg") || name.contains("snapshot") {
            continue;
        }
        bytes.truncate(2_000);
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        out.push((format!("{name}, in hexadecimal"), hex));
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        if let Ok(v) = serde_json::from_str::<Value>(&text) {
            let fields = v.as_object().into_iter().flatten();
            out.extend(fields.filter_map(|(k, v)| Some((format!("{name}: {k}"), v.as_str()?.to_owned()))));
        }
        if let Some(line) =
            text.lines().next().filter(|l| l.bytes().all(|b| b.is_ascii_graphic() || b == b' '))
        {
            out.push((name, line.to_owned()));
        }
    }
    out
}

pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut out, mut todo) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { todo.push(path) } else { out.push(path) }
        }
    }
    out.sort();
    out
}

/// Bodies that ask for more risk, each in some client's way.
fn bodies(credential: &str) -> Vec<Value> {
    let events: Vec<Value> =
        INCREASES.iter().map(|(a, s)| json!({ "action": a, "subject": s, "reason": "x" })).collect();
    vec![
        json!({}),
        json!({ "enabled": true, "approval": credential, "confirm": true }),
        json!({ "events": events }),
        json!({ "action": "resume_entries", "reason": credential, "operator": "default" }),
        json!({ "coin": "BTC", "side": "buy", "size": 0.003, "breaker": "kill_switch" }),
        json!({ "coin": "BTC", "side": "sell", "size": 0.003, "idempotency_key": "k", "approval": credential }),
    ]
}

/// Increases that the journal holds, and approvals that were used.
pub(crate) fn recorded(run_dir: &Path) -> (usize, usize) {
    let mut records = Reader::open(RealDisk, run_dir).unwrap().records(0).unwrap();
    let (mut increases, mut approvals) = (0, 0);
    while let Some(item) = records.next().unwrap() {
        let Item::Record(r) = item else { continue };
        match decode(r.bytes).unwrap() {
            Body::Approval(_) => approvals += 1,
            Body::Fact(Fact::Event(e)) => {
                let EventBody::Operator(act) = &e.body else { continue };
                increases += usize::from(Control::of(act).is_some());
            }
            _ => {}
        }
    }
    (increases, approvals)
}

fn send(run: &Loop, (method, path): (&str, &str), bearer: &str, approval: &str, body: &str) -> Option<u16> {
    let (auth, length) = (format!("Bearer {bearer}"), body.len().to_string());
    let mut head = vec![
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
        ("Content-Length", length.as_str()),
    ];
    head.extend((!bearer.is_empty()).then_some(("Authorization", auth.as_str())));
    head.extend((!approval.is_empty()).then_some(("X-Zero-Approval", approval)));
    head.push(("X-Zero-Mode", "live"));
    run.try_ask(method, path, &head, body).map(|r| r.status)
}

/// A stream under a token, and words said into it.
fn speak(run: &Loop, path: &str, token: &str) {
    let auth = format!("Bearer {token}");
    let upgrade = [
        ("Authorization", auth.as_str()),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let mut socket = run.open(path, if path == "/ws" { &upgrade } else { &upgrade[..1] });
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut head = [0u8; 64];
    assert!(socket.read(&mut head).unwrap() > 0, "{path}");
    for (action, subject) in INCREASES {
        let text = json!({ "op": action, "action": action, "subject": subject }).to_string();
        // A masked text frame whose mask is zero.
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(text.as_bytes());
        socket.write_all(&frame).unwrap();
    }
}

fn closed(run: &Loop) {
    let immune = get(run, "/immune");
    for name in ["kill_switch", "operator_pause", "auto_off"] {
        let all = immune["breakers"].as_array().unwrap();
        let breaker = all.iter().find(|b| b["name"] == name).unwrap();
        assert_eq!(breaker["status"], "open", "{name}");
    }
}

#[test]
fn no_row_of_the_table_increases_risk_with_anything_that_can_be_read() {
    let run = Prepared::new().live(&["--speed", "0.001"]);
    let (home, journal) = (root(&run), run.home().join("operators/default/journal/run"));
    let operator = run.token("operator");
    // What was approved and used is lying about as well, and one that was approved for something else.
    let resume = route("/live/resume", &json!({}));
    let used = text_of(&approve(&home, &resume));
    post(&run, Some(&operator), "/live/resume", &json!({}), Some(&used)).ok();
    fs::rename(home.join("approval.json"), home.join("used.json")).unwrap();
    approve(&home, &route("/live/resume", &json!({ "reason": "another body" })));
    for (path, body) in
        [("/live/pause", json!({})), ("/live/kill", json!({})), ("/auto/toggle", json!({ "enabled": false }))]
    {
        post(&run, Some(&operator), path, &body, None).ok();
    }
    closed(&run);
    let before = recorded(&journal);
    let credentials = readable(&home);
    assert!(credentials.len() > 20, "{credentials:?}");
    let names: BTreeSet<&str> = credentials.iter().map(|(n, _)| n.as_str()).collect();
    for part in [
        "tokens/agent",
        "tokens/observer",
        "tokens/operator",
        "keys/operator.chain",
        "keys/operator.1.key",
        "journal/run/http",
        "used.json",
        "config.toml",
    ] {
        assert!(names.iter().any(|n| n.contains(part)), "{part}: {names:?}");
    }

    let mut asked = 0;
    let mut paths: Vec<(&str, bool, bool)> = TABLE
        .iter()
        .filter_map(|c| c.http)
        .map(|h| (h.path, h.method == "POST", h.stream.is_some()))
        .collect();
    paths.extend([("/mcp", true, false), ("/nothing/here", true, false)]);
    let tokens = ["observer", "agent", "operator"].map(|w| run.token(w));
    for (path, acts, streams) in &paths {
        let path = path.replace("{coin}", "BTC");
        for (name, credential) in &credentials {
            for body in bodies(credential) {
                let body = body.to_string();
                // As the token, and as the approval under every true token.
                let under = std::iter::once((credential.as_str(), ""))
                    .chain(tokens.iter().map(|t| (t.as_str(), credential.as_str())));
                for (bearer, approval) in under {
                    // What only reads is asked with every token, and by every method, once.
                    let once = name == "nothing" && body == "{}";
                    let methods = if once {
                        &METHODS[..]
                    } else if *acts {
                        &["POST"][..]
                    } else {
                        &[]
                    };
                    for method in methods.iter().filter(|m| !(*streams && **m == "GET")) {
                        send(&run, (method, &path), bearer, approval, &body);
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
    for token in &tokens {
        for path in ["/ws", "/v1/stream"] {
            speak(&run, path, token);
        }
        for tool in TABLE.iter().filter_map(|c| c.mcp).map(|m| m.tool).chain(["zero_resume", "zero_execute"])
        {
            let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                               "params": { "name": tool, "arguments": { "enabled": true, "approval": used } } });
            assert!(send(&run, ("POST", "/mcp"), token, &used, &call.to_string()).is_some(), "{tool}");
        }
    }
    by_hand(&run, &journal, &credentials);
    closed(&run);
    assert_eq!(recorded(&journal), before, "the journal holds no increase more, and no approval more");

    by_command(&home, &journal, before);
    // The door is not walled up: the operator's own approval opens it.
    let clear = ["--json", "operator", "clear", "kill_switch", "--reason", "checked", "--yes"];
    run.end_in_order();
    let fresh = approve(&home, &request_of(&run.command(&clear)));
    let cleared = run.command(&[&clear[..], &["--approval", fresh.to_str().unwrap()]].concat());
    // Friction is asked after the approval, and all of this was a hectic hour.
    let held = packet(&cleared)["code"].as_str().is_some_and(|c| c.starts_with("ZERO-OPR-"));
    assert!(cleared.status.success() || held, "{cleared:?}");
    assert_eq!(recorded(&journal), (before.0 + 1, before.1 + 1));
}

/// Acts that are put into the inbox as files, as any process of the same user can.
fn by_hand(run: &Loop, journal: &Path, credentials: &[(String, String)]) {
    let dir = journal.join("inbox");
    let inbox = Inbox::open(&dir).unwrap();
    let mut n = 0;
    for (_, credential) in credentials {
        for (action, subject) in INCREASES {
            let act = Act {
                action: action.into(),
                subject: subject.into(),
                operator: "default".into(),
                reason: "x".into(),
                approval: credential.clone(),
            };
            n += 1;
            inbox.put(&act, Ts::from_ns(n)).unwrap();
        }
    }
    run.until(|_| {
        fs::read_dir(&dir).unwrap().all(|e| e.unwrap().path().extension().is_none_or(|e| e != "json"))
    });
    let refused = fs::read_dir(&dir).unwrap().count();
    assert!(refused as i64 >= n, "each of them says why: {refused} of {n}");
}

/// A command that may write files where it stands.
fn zero_in(dir: &Path, home: &Path, args: &[&str]) {
    let mut c = std::process::Command::new(env!("CARGO_BIN_EXE_zero"));
    let fees = ["--set", "fees.taker=0.00045", "--set", "fees.maker=0.00015"];
    c.env("ZERO_HOME", home.join("state")).args(fees).args(args).current_dir(dir);
    c.stdin(std::process::Stdio::null()).output().unwrap();
}

/// Every command: those that increase with every file as the approval, all others once. The loop runs; then nothing does.
fn by_command(home: &Path, journal: &Path, before: (usize, usize)) {
    let scratch = tempfile::tempdir().unwrap();
    let mut refused = 0;
    for row in TABLE {
        let Some(command) = row.command else { continue };
        if row.risk != RiskDirection::Increases {
            if !LONG.contains(&row.id) {
                zero_in(scratch.path(), home, command.path);
            }
            continue;
        }
        if row.id == "run" {
            continue;
        }
        let subject: &[&str] = match row.id {
            "operator.clear" => &["kill_switch"],
            "execute" => &["BTC", "buy", "0.003", "--key", "k"],
            _ => &[],
        };
        let args = [&["--json"], command.path, subject, &["--reason", "x", "--yes"]].concat();
        let attempts = std::iter::once(None).chain(files(home).into_iter().map(Some));
        for file in
            attempts.filter(|f| f.as_ref().is_none_or(|f| fs::metadata(f).is_ok_and(|m| m.len() < 3_000)))
        {
            let file = file.map(|f| f.display().to_string());
            let approval: Vec<&str> = file.iter().flat_map(|f| ["--approval", f.as_str()]).collect();
            let out = zero(home, &[], &[&args[..], &approval].concat());
            assert!(!out.status.success(), "{row:?} {approval:?}");
            let code = packet(&out)["code"].as_str().unwrap().to_owned();
            // A file of bytes is no text at all.
            assert!(
                code.starts_with("ZERO-APR-") || code == "ZERO-CLI-025",
                "{} {approval:?}: {code}",
                row.id
            );
            refused += 1;
        }
    }
    assert!(refused > 50, "{refused}");
    assert_eq!(recorded(journal), before, "no command recorded an increase");
    let raised = [LIVE[0], LIVE[1], "limits.max_open_positions=31"];
    let other = zero(home, &raised, &["--json", "run", "--no-http", "--events", "1"]);
    assert!(!other.status.success(), "a second loop on the same journal");
    assert_eq!(recorded(journal), before);
}
