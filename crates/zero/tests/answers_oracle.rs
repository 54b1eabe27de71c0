//! `zero brief`, `zero pulse`, `zero heat` and `zero session wrap` against `tests/oracles/recompute_answers.py`, which recomputes them from an exported
//! journal. Needs `python3`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

const FEES: [&str; 2] = ["--set=fees.taker=0.00045", "--set=fees.maker=0.00015"];

fn zero(home: &Path, args: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_zero"))
        .arg("--home")
        .arg(home)
        .args(FEES)
        .args(args)
        .output()
        .unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn agrees(dir: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/recompute_answers.py");
    let file = |name: &str| dir.join(name);
    let out = Command::new("python3")
        .arg(script)
        .arg(file("export.jsonl"))
        .args([
            "--brief".into(),
            file("brief"),
            "--pulse".into(),
            file("pulse"),
            "--heat".into(),
            file("heat"),
        ])
        .output()
        .expect("python3 is needed by this test");
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    match out.status.code() {
        Some(0) => (true, said),
        Some(1) if said.contains("DIFFERENT") => (false, said),
        _ => panic!("no verdict: {said}"),
    }
}

/// A run that ended, its export and the three packets.
fn asked(dir: &Path, seed: &str, since: &str) {
    let home: PathBuf = dir.join("home");
    let run = |days: &str| {
        zero(&home, &["run", "--source=synthetic", days, seed, "--clear-halts-after=3d"]);
    };
    run("--days=49");
    // A person's clock is that of the machine: another year than the market's.
    zero(&home, &["pause", "--reason=lunch"]);
    zero(&home, &["operator", "flatten", "--reason=home"]);
    run("--days=50");
    zero(&home, &["journal", "export", "--out", dir.join("export.jsonl").to_str().unwrap()]);
    for (name, args) in [
        ("brief", vec!["brief", "--since", since, "--json"]),
        ("pulse", vec!["pulse", "400", "--json"]),
        ("heat", vec!["heat", "--json"]),
    ] {
        std::fs::write(dir.join(name), zero(&home, &args)).unwrap();
    }
}

#[test]
fn brief_pulse_and_heat_equal_a_recomputation_from_the_exported_journal() {
    for (seed, since) in [("--seed=5", "20000"), ("--seed=8", "2025-01-20T00:00:00Z"), ("--seed=11", "0")] {
        let dir = tempfile::tempdir().unwrap();
        // A run before its first record has no state to compare with.
        let since = if since == "0" { "1" } else { since };
        asked(dir.path(), seed, since);
        let (same, said) = agrees(dir.path());
        assert!(same, "{seed}: {said}");
    }
}

#[test]
fn an_answer_that_is_off_by_one_unit_is_caught() {
    let dir = tempfile::tempdir().unwrap();
    asked(dir.path(), "--seed=5", "20000");
    let plant = |name: &str, change: &dyn Fn(&mut serde_json::Value)| {
        let path = dir.path().join(name);
        let good = std::fs::read_to_string(&path).unwrap();
        let mut v: serde_json::Value = serde_json::from_str(&good).unwrap();
        change(&mut v);
        std::fs::write(&path, format!("{v}\n")).unwrap();
        let (same, said) = agrees(dir.path());
        std::fs::write(&path, good).unwrap();
        assert!(!same, "{name}: a planted difference went unnoticed: {said}");
    };
    plant("brief", &|v| v["last_cycle"]["fills"] = (v["last_cycle"]["fills"].as_u64().unwrap() + 1).into());
    plant("brief", &|v| v["protected"] = false.into());
    plant("brief", &|v| v["changed"]["fills"] = 0.into());
    plant("brief", &|v| {
        v["exposure"]["gross_usd"] = serde_json::from_str("1.00000001").unwrap();
    });
    plant("brief", &|v| {
        v["exposure"]["worst_gross_usd"] = serde_json::from_str("1.00000001").unwrap();
    });
    plant("brief", &|v| v["approaching"][0]["probability"] = 0.512_345.into());
    plant("pulse", &|v| v["events"][3]["severity"] = "info-ish".into());
    plant("pulse", &|v| {
        v["events"].as_array_mut().unwrap().remove(2);
    });
    plant("pulse", &|v| {
        let events = v["events"].as_array_mut().unwrap();
        let start = events.iter_mut().find(|e| e["kind"] == "start").unwrap();
        start["ts"] = start["wall_ts"].take();
    });
    plant("heat", &|v| v["coins"].as_array_mut().unwrap().swap(0, 1));
    plant("heat", &|v| v["coins"][2]["score"] = 0.5.into());
    plant("heat", &|v| v["coins"][0]["holding"] = 1.into());
    assert!(agrees(dir.path()).0, "and without one it agrees");
}

/// A session in the middle of a run, after its own breaker was cleared or not: what it came to is what its records add up to.
#[test]
fn a_session_equals_a_recomputation_and_one_that_is_off_is_caught() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let run = |events: &str| {
        zero(
            &home,
            &[
                "run",
                "--source=synthetic",
                "--seed=5",
                "--clear-halts-after=3d",
                "--speed=0",
                "--events",
                events,
            ],
        );
    };
    run("30000");
    zero(&home, &["session", "start"]);
    run("40000");
    zero(&home, &["session", "end"]);
    let wrap = dir.path().join("session");
    let export = dir.path().join("export.jsonl");
    zero(&home, &["journal", "export", "--out", export.to_str().unwrap()]);
    let early = zero(&home, &["session", "wrap", "--json"]);
    let judge = |text: &str| {
        std::fs::write(&wrap, text).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/recompute_answers.py");
        let out = Command::new("python3")
            .arg(script)
            .arg(dir.path().join("export.jsonl"))
            .arg("--session")
            .arg(&wrap)
            .output()
            .unwrap();
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    let (code, said) = judge(&early);
    assert_eq!(code, Some(0), "{said} {early}");
    let before: serde_json::Value = serde_json::from_str(&early).unwrap();
    assert_eq!(before["session"]["result"]["settlement"], "not yet flat", "{before}");
    run("500");
    std::fs::remove_file(&export).unwrap();
    zero(&home, &["journal", "export", "--out", export.to_str().unwrap()]);
    assert_eq!(judge(&early).0, Some(1), "what was said before it was flat went unnoticed after");
    let good = zero(&home, &["session", "wrap", "--json"]);
    let (code, said) = judge(&good);
    assert_eq!(code, Some(0), "{said} {good}");
    let packet: serde_json::Value = serde_json::from_str(&good).unwrap();
    let of = |p: &serde_json::Value, name: &str| p["session"]["result"][name].as_f64().unwrap();
    for name in ["fills", "fees"] {
        assert!(of(&packet, name) > of(&before, name), "{name} of the flatten: {before} {packet}");
    }
    assert_ne!(of(&packet, "realised"), of(&before, "realised"), "profit of the flatten");
    assert_eq!(packet["session"]["result"]["settlement"], "flat", "{packet}");
    assert!(packet["session"]["result"]["wins"].as_u64().unwrap() > 3, "{packet}");
    for field in ["realised", "fees", "equity_to", "wins", "admitted"] {
        let mut off = packet.clone();
        off["session"]["result"][field] = serde_json::json!(1_234.5);
        if field == "wins" || field == "admitted" {
            off["session"]["result"][field] = 12_345.into();
        }
        assert_eq!(judge(&off.to_string()).0, Some(1), "{field} off went unnoticed");
    }
}
