//! Hashes of packets: each covers the canonical bytes that the route serves, the named command computes it again, and
//! whatever is changed in the packet changes it. A program that shares no code with this one comes to the same bytes.
//!
//! That program needs `ZERO_OUTSIDE_API=<python with tests/outside_requirements.txt installed>`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod http_client;

use http_client::Loop;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use zero_capability::{Capability, TABLE};
use zero_packets::canonical::{SEALED, body, hash_field, hash_of};

/// A loop that holds positions with an open breaker, and whose next event is far away: what is asked twice is the same.
fn resting() -> Loop {
    let run = Loop::start(&["--speed", "3600000", "--events", "30000", "--clear-halts-after", "1d"]);
    run.digest();
    let run = run.again(&["--speed", "0.001"]);
    assert!(run.get("/audit/export").json()["summary"]["fills"].as_u64() > Some(0));
    run
}

/// Rows whose packet has a hash of its own body, with the field.
fn sealed() -> impl Iterator<Item = (&'static Capability, &'static str, &'static str)> {
    TABLE.iter().filter(|c| c.is_sealed()).map(|c| (c, c.http.unwrap().path, hash_field(c.packet).unwrap()))
}

/// The packet as text and its canonical bytes, of one state.
fn both(run: &Loop, path: &str) -> (String, Vec<u8>) {
    let ask = |r: &Loop| (r.get(path).ok().body, r.get(&format!("{path}?canonical=1")).ok());
    let (packet, reply) = run.still(ask);
    assert_eq!(reply.header("content-type"), Some("application/cbor"), "{path}");
    assert_eq!(reply.header("x-zero-hash"), Some(hash_of(&reply.bytes).as_str()), "{path}");
    (packet, reply.bytes)
}

fn file(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// What `zero hash` says of a file, and its exit code.
fn rebuilt(path: &Path) -> (i32, Value) {
    let out = Command::new(env!("CARGO_BIN_EXE_zero")).args(["hash", "--json"]).arg(path).output().unwrap();
    (out.status.code().unwrap(), serde_json::from_slice(&out.stdout).unwrap())
}

#[test]
fn every_hash_is_that_of_the_bytes_that_are_served_and_the_named_command_computes_it_again() {
    let (run, dir) = (resting(), tempfile::tempdir().unwrap());
    let mut seen = Vec::new();
    for (row, path, field) in sealed() {
        let (text, bytes) = both(&run, path);
        let packet: Value = serde_json::from_str(&text).unwrap();
        let claimed = packet[field].as_str().unwrap();
        assert_eq!(claimed, hash_of(&bytes), "{path}");
        assert_eq!(packet["rebuild"], "zero hash FILE", "{path}");
        let (code, said) = rebuilt(&file(dir.path(), "packet.json", text.as_bytes()));
        assert_eq!((code, &said["hash"], &said["matches"]), (0, &json!(claimed), &json!(true)), "{path}");
        let (code, said) = rebuilt(&file(dir.path(), "packet.cbor", &bytes));
        assert_eq!((code, &said["hash"], &said["format"]), (0, &json!(claimed), &json!("cbor")), "{path}");
        // The mistake that a hash over one spelling of a packet would be.
        let spelled = hash_of(text.as_bytes());
        assert_ne!(claimed, spelled, "{path}");
        let wrong = text.replace(claimed, &spelled);
        let (code, said) = rebuilt(&file(dir.path(), "spelled.json", wrong.as_bytes()));
        assert_eq!((code, &said["matches"]), (4, &json!(false)), "{path}");
        seen.push(row.packet);
    }
    seen.sort_unstable();
    // The loop says the head of the chain that its files have.
    let (journal, verified) = run.still(|r| {
        let journal = r.get("/audit/export").ok().json()["journal"].clone();
        (journal, serde_json::from_str::<Value>(&r.output(&["journal", "verify", "--json"])).unwrap())
    });
    assert_eq!((&journal["head"], &journal["to_seq"]), (&verified["head"], &verified["records"]));
    assert_eq!(seen, SEALED.iter().map(|s| s.0).collect::<Vec<_>>());
    run.stop();
}

/// Every value inside, by its pointer; of a list the first elements.
fn leaves(v: &Value, at: &str, out: &mut Vec<String>) {
    match v {
        Value::Object(o) if !o.is_empty() => {
            for (k, v) in o {
                leaves(v, &format!("{at}/{}", k.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        Value::Array(a) if !a.is_empty() => {
            for (i, v) in a.iter().enumerate().take(3) {
                leaves(v, &format!("{at}/{i}"), out);
            }
        }
        _ => out.push(at.to_owned()),
    }
}

#[test]
fn whatever_changes_in_a_packet_changes_its_hash() {
    let run = resting();
    let mut changed = 0;
    for (_, path, field) in sealed() {
        let packet = run.get(path).ok().json();
        let of = |v: &Value| hash_of(&body(&v.to_string(), Some(field)).unwrap());
        let whole = of(&packet);
        let mut all = Vec::new();
        leaves(&packet, "", &mut all);
        for at in all {
            let mut other = packet.clone();
            let v = other.pointer_mut(&at).unwrap();
            *v = match v {
                Value::Bool(b) => json!(!*b),
                Value::Number(n) => json!(n.as_f64().unwrap() + 1.0),
                Value::String(s) => json!(format!("{s}.")),
                _ => json!("something"),
            };
            // A signature is made over the hash.
            let outside = at == format!("/{field}") || at.starts_with("/signature/");
            assert_eq!(of(&other) == whole, outside, "{path}: {at}");
            changed += usize::from(!outside);
        }
        let mut more = packet.clone();
        more["unheard_of"] = Value::Null;
        assert_ne!(of(&more), whole, "{path}: a field that was added");
    }
    assert!(changed > 500, "only {changed} fields");
    run.stop();
}

#[test]
fn a_program_that_shares_no_code_comes_to_the_same_bytes() {
    let Some(python) = std::env::var_os("ZERO_OUTSIDE_API") else {
        eprintln!("skipped: ZERO_OUTSIDE_API is not set");
        return;
    };
    let (run, dir) = (resting(), tempfile::tempdir().unwrap());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside_canonical.py");
    let check = |packet: &Path, bytes: &Path, field: &str| {
        let out = Command::new(&python).arg(&script).args([packet, bytes]).arg(field).output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
        match out.status.code() {
            Some(0) => Ok(said),
            Some(1) if said.starts_with("refused") => Err(said),
            _ => panic!("no verdict: {said}"),
        }
    };
    for (_, path, field) in sealed() {
        let (text, bytes) = both(&run, path);
        let packet = file(dir.path(), "packet.json", text.as_bytes());
        check(&packet, &file(dir.path(), "packet.cbor", &bytes), field)
            .unwrap_or_else(|e| panic!("{path}: {e}"));
        // The same map with its head spelled longer, and one with another last byte.
        let longer = [&[0xb8, bytes[0] & 0x1f], &bytes[1..]].concat();
        let mut other = bytes.clone();
        *other.last_mut().unwrap() ^= 1;
        for planted in [longer, other] {
            let planted = file(dir.path(), "planted.cbor", &planted);
            assert!(check(&packet, &planted, field).is_err(), "{path}");
        }
    }
    run.stop();
}
