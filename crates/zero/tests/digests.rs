//! The decision digest does not depend on the processor's optional instructions. The comparison with a release build is
//! `scripts/digests.sh`.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::process::Command;

const MASK: &str =
    "glibc.cpu.hwcaps=-AVX2,-AVX,-FMA,-FMA4,-AVX512F,-BMI1,-BMI2,-LZCNT,-POPCNT,-MOVBE,-SSE4_2,-SSE4_1";

fn digest(seed: u32, mask: Option<&str>) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_zero"));
    command.arg("--home").arg(home.path().join("home")).args([
        "--set=fees.taker=0.00045",
        "--set=fees.maker=0.00015",
        "--json",
    ]);
    command.args(["backtest", "--alone", "--days=40"]).arg(format!("--seed={seed}"));
    command.env_remove("GLIBC_TUNABLES");
    if let Some(mask) = mask {
        command.env("GLIBC_TUNABLES", mask);
    }
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{}: {said}{}", out.status, String::from_utf8_lossy(&out.stdout));
    let packet: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    packet["run"]["decision_digest"].as_str().unwrap().to_owned()
}

#[test]
fn the_decision_digest_is_the_same_with_processor_features_masked() {
    let plain: Vec<String> = (1..=2).map(|seed| digest(seed, None)).collect();
    let masked: Vec<String> = (1..=2).map(|seed| digest(seed, Some(MASK))).collect();
    assert_eq!(plain, masked);
    assert_ne!(plain[0], plain[1], "a digest that is always the same proves nothing");
}
