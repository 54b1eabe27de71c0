//! Programs that share no code with this crate must accept what it emits and refuse what was altered.
//!
//! Switched on by `ZERO_OUTSIDE_VERIFIERS=<python with tests/outside/requirements.txt installed>`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

#[path = "../examples/emit_proofs.rs"]
mod emit_proofs;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

const VERIFIERS: [&str; 2] = ["verify_pymerkle.py", "verify_aics_tlog.py"];

/// Exit code 0 or 1, and what it said; anything else is a broken verifier, not a verdict.
fn run(python: &OsStr, verifier: &str, dir: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside").join(verifier);
    let out = Command::new(python).arg(script).arg(dir).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    match out.status.code() {
        Some(0) => (true, said),
        Some(1) if said.starts_with("refused: ") && !said.contains("ModuleNotFoundError") => (false, said),
        _ => panic!("{verifier}: {said}"),
    }
}

/// Replaces one character near the end of `line` (from 0) by another that base64 and hexadecimal both have.
fn alter_line(path: &Path, line: usize) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let at = lines[line].len() - 6;
    let old = lines[line].remove(at);
    lines[line].insert(at, if old == '7' { '8' } else { '7' });
    std::fs::write(path, lines.join("\n")).unwrap();
}

#[test]
fn outside_verifiers_accept_the_good_and_refuse_the_altered() {
    let Some(python) = std::env::var_os("ZERO_OUTSIDE_VERIFIERS") else {
        println!("left out: outside verifiers (set ZERO_OUTSIDE_VERIFIERS to a Python that has them)");
        return;
    };
    let alterations: [(&str, usize, &[&str]); 7] = [
        ("leaves", 777, &VERIFIERS),
        ("checkpoint", 2, &VERIFIERS),
        ("checkpoint", 5, &VERIFIERS),
        ("checkpoint.old", 2, &VERIFIERS),
        ("inclusion/777.tlog-proof", 4, &VERIFIERS),
        ("vkey", 0, &VERIFIERS),
        // pymerkle's consistency proofs have a form of their own, so only the other one reads ours.
        ("consistency", 3, &VERIFIERS[1..]),
    ];
    let tmp = tempfile::tempdir().unwrap();
    let good = tmp.path().join("good");
    emit_proofs::emit(&good).unwrap();
    for verifier in VERIFIERS {
        let (accepted, said) = run(&python, verifier, &good);
        assert!(accepted, "{verifier}: {said}");
        print!("{said}");
    }
    for (i, (file, line, verifiers)) in alterations.iter().enumerate() {
        let bad = tmp.path().join(format!("bad{i}"));
        emit_proofs::emit(&bad).unwrap();
        alter_line(&bad.join(file), *line);
        for verifier in *verifiers {
            let (accepted, said) = run(&python, verifier, &bad);
            assert!(!accepted, "{verifier} accepted {file} with line {line} altered: {said}");
            print!("{verifier}, {file} line {line}: {said}");
        }
    }
    let bad = tmp.path().join("bad_tile");
    emit_proofs::emit(&bad).unwrap();
    let tile = bad.join("journal/tile/0/001");
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    let (accepted, said) = run(&python, "verify_aics_tlog.py", &bad);
    assert!(!accepted, "{said}");
    print!("verify_aics_tlog.py, a tile: {said}");
}
