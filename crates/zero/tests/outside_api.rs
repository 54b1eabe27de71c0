//! A program that shares no code with this one reads the committed OpenAPI document, makes requests from it, and must
//! find nothing: no 5xx, no answer outside its schema, no undeclared status.
//!
//! Switched on by `ZERO_OUTSIDE_API=<python with tests/outside_requirements.txt installed>`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the client has more than this test asks")]

mod http_client;

use http_client::Loop;
use std::path::Path;
use std::process::Command;

/// What it found, and whether it was content.
fn drive(python: &std::ffi::OsStr, document: &Path, run: &Loop) -> (bool, String) {
    let tool = Path::new(python).with_file_name("schemathesis");
    let out = Command::new(tool)
        .arg("run")
        .arg(document)
        .args(["--url", &format!("http://127.0.0.1:{}", run.port())])
        // Their answers do not end; tests of their own read them.
        .args(["--exclude-path", "/v1/stream", "--exclude-path", "/ws"])
        // It refuses every request while no venue account can be configured; a test of its own reads the refusal.
        .args(["--exclude-path", "/hl/account"])
        .args(["--max-examples", "30", "--generation-deterministic", "--no-color"])
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("SUMMARY"), "it did not run: {said}");
    (out.status.success(), said)
}

#[test]
fn an_outside_tester_finds_nothing_and_would_find_a_document_that_lies() {
    let Some(python) = std::env::var_os("ZERO_OUTSIDE_API") else {
        eprintln!("skipped: ZERO_OUTSIDE_API is not set");
        return;
    };
    let run = Loop::start_with(&["--speed", "360000"], &["http.requests_per_second=1000000"]);
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let (content, said) = drive(&python, &document, &run);
    assert!(content, "{said}");
    let dir = tempfile::tempdir().unwrap();
    let lie = dir.path().join("openapi.json");
    let text = std::fs::read_to_string(&document).unwrap();
    // A packet that is said to have another id.
    std::fs::write(&lie, text.replace("\"const\": \"zero.livez.v1\"", "\"const\": \"zero.livez.v2\""))
        .unwrap();
    let (content, said) = drive(&python, &lie, &run);
    assert!(!content && said.contains("GET /livez"), "{said}");
    run.stop();
}
