//! The protocol's conformance suite on this project's transport, whole: every scenario that the suite has for servers, in
//! both eras, against a fixture that has the tools, resources and prompts the suite names. What ZERO itself offers is held
//! against the scenarios that need none of them in another test.
//!
//! Switched on by `ZERO_OUTSIDE_AGENTS=<folder of programs that scripts/node.sh prints>`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests may panic as tests do"
)]

mod fixture;

use fixture::Fixture;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Command;
use tower_service::Service as _;
use zero_mcp::{Sessions, mount};

/// Every scenario for servers, and whether it is of the earlier revision (1), the present one (2), or both (3).
///
/// Scenarios of extensions (ten of `tasks`, three of `skills`) are of neither revision, and neither extension is offered.
const SCENARIOS: &[(&str, u8)] = &[
    ("server-initialize", 1),
    ("server-session-lifecycle", 1),
    ("server-stateless", 2),
    ("logging-set-level", 1),
    ("ping", 1),
    ("completion-complete", 3),
    ("tools-list", 3),
    ("tools-call-simple-text", 3),
    ("tools-call-image", 3),
    ("tools-call-audio", 3),
    ("tools-call-embedded-resource", 3),
    ("tools-call-mixed-content", 3),
    ("tools-call-with-logging", 1),
    ("tools-call-error", 3),
    ("tools-call-with-progress", 3),
    ("tools-call-sampling", 1),
    ("tools-call-elicitation", 1),
    ("json-schema-2020-12", 3),
    ("elicitation-sep1034-defaults", 1),
    ("server-sse-polling", 1),
    ("server-sse-multiple-streams", 3),
    ("elicitation-sep1330-enums", 1),
    ("resources-list", 3),
    ("resources-read-text", 3),
    ("resources-read-binary", 3),
    ("resources-templates-read", 3),
    ("resources-subscribe", 1),
    ("resources-unsubscribe", 1),
    ("sep-2164-resource-not-found", 2),
    ("prompts-list", 3),
    ("prompts-get-simple", 3),
    ("prompts-get-with-args", 3),
    ("prompts-get-embedded-resource", 3),
    ("prompts-get-with-image", 3),
    ("dns-rebinding-protection", 3),
    ("caching", 2),
    ("http-header-validation", 2),
    ("http-custom-header-server-validation", 2),
    ("input-required-result-basic-elicitation", 2),
    ("input-required-result-basic-sampling", 2),
    ("input-required-result-basic-list-roots", 2),
    ("input-required-result-request-state", 2),
    ("input-required-result-multiple-input-requests", 2),
    ("input-required-result-multi-round", 2),
    ("input-required-result-missing-input-response", 2),
    ("input-required-result-non-tool-request", 2),
    ("input-required-result-result-type", 2),
    ("input-required-result-unsupported-methods", 2),
    ("input-required-result-tampered-state", 2),
    ("input-required-result-capability-check", 2),
    ("input-required-result-ignore-extra-params", 2),
    ("input-required-result-validate-input", 2),
];

/// Serves the fixture at a port of loopback for as long as the process lives.
fn serve(fixture: Fixture, sessions: Sessions) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            let router = mount(fixture, sessions, &[]);
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let router = router.clone();
                let service = hyper::service::service_fn(move |r: hyper::Request<hyper::body::Incoming>| {
                    router.clone().call(r.map(axum::body::Body::new))
                });
                let io = hyper_util::rt::TokioIo::new(stream);
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
            }
        });
    });
    format!("http://{}/mcp", told.recv().unwrap())
}

/// What a scenario found, by the kind of finding.
type Found = BTreeMap<String, Vec<String>>;

/// Runs every scenario of a revision of the protocol; what each found, by its name.
fn run(bin: &OsString, url: &str, revision: &str) -> BTreeMap<String, Found> {
    let out = tempfile::tempdir().unwrap();
    let mut path = bin.clone();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let folder = out.path().to_str().unwrap();
    let said = Command::new(std::path::Path::new(bin).join("conformance"))
        .args(["server", "--url", url, "--suite", "all", "--spec-version", revision, "-o", folder])
        .env("PATH", path)
        .output()
        .unwrap();
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(out.path()).unwrap() {
        let dir = entry.unwrap().path();
        let name = dir.file_name().unwrap().to_str().unwrap();
        let scenario = SCENARIOS.iter().map(|s| s.0).find(|s| {
            let rest = name.strip_prefix("server-").and_then(|n| n.strip_prefix(s));
            rest.is_some_and(|r| r.starts_with("-20") && r.contains('T'))
        });
        let scenario = scenario.unwrap_or_else(|| panic!("a scenario that is not listed: {name}"));
        let checks: Vec<Value> =
            serde_json::from_slice(&std::fs::read(dir.join("checks.json")).unwrap()).unwrap();
        let mut found = Found::new();
        for c in &checks {
            let text = |k: &str| c[k].as_str().unwrap_or("").to_owned();
            found.entry(text("status")).or_default().push(format!(
                "{}: {}",
                text("id"),
                text("errorMessage")
            ));
        }
        all.insert(scenario.to_owned(), found);
    }
    assert!(!all.is_empty(), "{}", String::from_utf8_lossy(&said.stdout));
    all
}

#[test]
fn every_scenario_of_both_revisions_passes_and_none_is_left_out() {
    let Some(bin) = std::env::var_os("ZERO_OUTSIDE_AGENTS") else {
        eprintln!("skipped: ZERO_OUTSIDE_AGENTS is not set");
        return;
    };
    let url = serve(Fixture::new(true), Sessions::Kept);
    for (revision, which) in [("2025-11-25", 1), ("2026-07-28", 2)] {
        let found = run(&bin, &url, revision);
        let want: Vec<&str> = SCENARIOS.iter().filter(|s| s.1 & which != 0).map(|s| s.0).collect();
        let ran: Vec<&str> = SCENARIOS.iter().map(|s| s.0).filter(|s| found.contains_key(*s)).collect();
        assert_eq!(ran, want, "{revision}: the list may not shrink");
        for (scenario, by_kind) in &found {
            assert!(by_kind.contains_key("SUCCESS"), "{revision} {scenario} checked nothing: {by_kind:?}");
            let others: Vec<_> = by_kind.iter().filter(|(k, _)| *k != "SUCCESS" && *k != "INFO").collect();
            assert!(others.is_empty(), "{revision} {scenario}: {others:?}");
        }
    }
}

#[test]
fn a_server_that_takes_back_a_changed_state_is_found() {
    let Some(bin) = std::env::var_os("ZERO_OUTSIDE_AGENTS") else {
        eprintln!("skipped: ZERO_OUTSIDE_AGENTS is not set");
        return;
    };
    let url = serve(Fixture::new(false), Sessions::Kept);
    let found = run(&bin, &url, "2026-07-28");
    let failing: Vec<&String> =
        found.iter().filter(|(_, f)| f.contains_key("FAILURE")).map(|(s, _)| s).collect();
    assert_eq!(failing, ["input-required-result-tampered-state"]);
}
