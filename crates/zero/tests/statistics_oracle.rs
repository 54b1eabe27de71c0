//! `zero stats` against independent Python libraries (`tests/oracles/check_statistics.py`). Switched on by
//! `ZERO_STATISTICS_ORACLE=<python with tests/oracles/statistics-requirements.txt installed>`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs, reason = "tests")]

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

fn compare(python: &OsStr, zero: &Path, seeds: &str) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/check_statistics.py");
    let out = Command::new(python).arg(script).arg(zero).arg(seeds).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    match out.status.code() {
        Some(0) if said.contains("AGREES") => (true, said),
        Some(1) if said.contains("DIFFERENT") => (false, said),
        _ => panic!("no verdict: {said}"),
    }
}

#[test]
fn statistics_equal_those_of_independent_libraries_on_random_tables() {
    let Some(python) = std::env::var_os("ZERO_STATISTICS_ORACLE") else {
        println!(
            "left out: statistics against Python libraries (set ZERO_STATISTICS_ORACLE to a Python that has them)"
        );
        return;
    };
    let zero = Path::new(env!("CARGO_BIN_EXE_zero"));
    let (agrees, said) = compare(&python, zero, "5");
    assert!(agrees, "{said}");
    // Programs that are a little wrong: a correlation factor dropped, an intensity halved, lenses that count for more, a row that leaks into training.
    let dir = tempfile::tempdir().unwrap();
    for lie in [
        r#"s/"at_null":0\.\([0-9]*\)/"at_null":0.9\1/"#,
        r#"s/"intensity":0\.0*[0-9]/"intensity":0.9/"#,
        r#"s/"effective_lenses":[0-9]/"effective_lenses":4/"#,
        r#"s/"train":\[\([0-9]*\),/"train":[/"#,
    ] {
        let liar = dir.path().join("zero");
        let text = format!("#!/bin/sh\n'{}' \"$@\" | sed '{lie}'\n", zero.display());
        std::fs::write(&liar, text).unwrap();
        std::fs::set_permissions(&liar, std::fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!compare(&python, &liar, "1").0, "{lie} went unnoticed");
    }
}
