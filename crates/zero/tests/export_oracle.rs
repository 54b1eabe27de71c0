//! What the program itself writes, held against `tests/oracles/recompute_equity.py`: a backtest's directory and an exported
//! run journal. Needs `python3`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::path::Path;
use std::process::Command;

const FEES: [&str; 2] = ["--set=fees.taker=0.00045", "--set=fees.maker=0.00015"];

fn zero(home: &Path, args: &[&str]) {
    let out = Command::new(env!("CARGO_BIN_EXE_zero"))
        .arg("--home")
        .arg(home)
        .args(FEES)
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{args:?}: {said}");
}

fn recompute(args: &[&str]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/recompute_equity.py");
    let out =
        Command::new("python3").arg(script).args(args).output().expect("python3 is needed by this test");
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    match out.status.code() {
        Some(0) => (true, said),
        Some(1) if said.contains("DIFFERENT") => (false, said),
        _ => panic!("no verdict: {said}"),
    }
}

#[test]
fn a_written_backtest_adds_up_to_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("report");
    let out_text = out.to_str().unwrap();
    zero(&dir.path().join("home"), &["backtest", "--alone", "--days=60", "--seed=4", "--out", out_text]);
    let fees = ["--taker=0.00045", "--maker=0.00015"];
    let (agrees, said) = recompute(&[out_text, fees[0], fees[1]]);
    assert!(agrees, "{said}");
    let fills = out.join("fills.jsonl");
    let text = std::fs::read_to_string(&fills).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    assert!(first.contains("\"side\":\"sell\"") || first.contains("\"side\":\"buy\""));
    std::fs::write(&fills, rest).unwrap();
    assert!(!recompute(&[out_text, fees[0], fees[1]]).0, "a lost fill went unnoticed");
}

#[test]
fn an_exported_journal_reconciles_to_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let (home, export) = (dir.path().join("home"), dir.path().join("export.jsonl"));
    let path = export.to_str().unwrap();
    zero(&home, &["run", "--source=synthetic", "--days=60", "--seed=5", "--clear-halts-after=3d"]);
    zero(&home, &["journal", "export", "--out", path]);
    let (agrees, said) = recompute(&["--journal", path]);
    assert!(agrees, "{said}");
    let text = std::fs::read_to_string(&export).unwrap();
    let fill = text.lines().find(|l| l.contains("\"kind\":\"fill\"")).expect("a fill");
    std::fs::write(&export, text.replace(&format!("{fill}\n"), "")).unwrap();
    assert!(!recompute(&["--journal", path]).0, "a lost fill went unnoticed");
}
