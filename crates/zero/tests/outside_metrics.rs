//! Prometheus' own checker on what a running loop serves and on the alerts of this repository.
//!
//! Switched on by `ZERO_OUTSIDE_PROMTOOL=<path of promtool>`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod http_client;

use http_client::Loop;
use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Is it content, and what does it say?
fn check(promtool: &OsStr, args: &[&str], input: &str) -> (bool, String) {
    let mut c = Command::new(promtool);
    c.arg("check").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = c.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.success(), said)
}

#[test]
fn metrics_and_alerts_are_what_prometheus_reads_and_a_wrong_one_would_be_found() {
    let Some(promtool) = std::env::var_os("ZERO_OUTSIDE_PROMTOOL") else {
        eprintln!("skipped: ZERO_OUTSIDE_PROMTOOL is not set");
        return;
    };
    let run = Loop::start(&["--speed", "400000"]);
    run.until(|r| r.get("/positions").json()["journal_seq"].as_u64().unwrap() > 100);
    let text = run.get("/metrics/prometheus").ok().body;
    run.stop();
    let (content, said) = check(&promtool, &["metrics"], &text);
    assert!(content && said.is_empty(), "{said}");
    for wrong in [
        text.replacen("zero_admitted_total", "zero_admitted", 3),
        text.replacen("# HELP zero_equity_usd", "# NOTE zero_equity_usd", 1),
        text.replacen("} ", "} many", 1),
    ] {
        assert_ne!(wrong, text);
        let (content, said) = check(&promtool, &["metrics"], &wrong);
        assert!(!content && !said.is_empty(), "a planted fault is not found");
    }
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/prometheus-rules.yml");
    let (content, said) = check(&promtool, &["rules", rules], "");
    assert!(content && said.contains("rules found"), "{said}");
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("rules.yml");
    let text = std::fs::read_to_string(rules).unwrap();
    std::fs::write(&broken, text.replacen("zero_ready == 0", "zero_ready ==", 1)).unwrap();
    assert!(!check(&promtool, &["rules", broken.to_str().unwrap()], "").0);
}
