//! Programs that share no code with this one speak to the surface for agents: the protocol's conformance suite in both
//! eras, and its inspector, which lists, calls and reads everything over both transports.
//!
//! Switched on by `ZERO_OUTSIDE_AGENTS=<folder of programs that scripts/node.sh prints>`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod http_client;

use http_client::Loop;
use serde_json::Value;
use std::ffi::OsString;
use std::process::{Command, Output};
use zero_mcp::{PROMPTS, resources, tools};

/// Scenarios that need no tool, resource or prompt of the suite's own.
const LEGACY: &[&str] = &[
    "server-initialize",
    "server-session-lifecycle",
    "ping",
    "completion-complete",
    "tools-list",
    "server-sse-polling",
    "server-sse-multiple-streams",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
];
const MODERN: &[&str] = &[
    "completion-complete",
    "tools-list",
    "server-sse-multiple-streams",
    "resources-list",
    "sep-2164-resource-not-found",
    "prompts-list",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
    "input-required-result-missing-input-response",
    "input-required-result-unsupported-methods",
    "input-required-result-ignore-extra-params",
    "input-required-result-validate-input",
];

fn node(bin: &OsString, program: &str, args: &[&str]) -> Output {
    let mut path = bin.clone();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let program = std::path::Path::new(bin).join(program);
    Command::new(program).env("PATH", path).args(args).current_dir(std::env::temp_dir()).output().unwrap()
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

#[test]
fn the_conformance_suite_finds_nothing_in_either_era_and_would_find_a_missing_server() {
    let Some(bin) = std::env::var_os("ZERO_OUTSIDE_AGENTS") else {
        eprintln!("skipped: ZERO_OUTSIDE_AGENTS is not set");
        return;
    };
    let run = Loop::start_with(&["--speed", "360"], &["http.requests_per_second=100000"]);
    let url = format!("http://127.0.0.1:{}/mcp", run.port());
    let passes = |url: &str, era: &str, scenario: &str| {
        let out = node(
            &bin,
            "conformance",
            &["server", "--url", url, "--scenario", scenario, "--spec-version", era],
        );
        (out.status.success(), said(&out))
    };
    for (era, all) in [("2025-11-25", LEGACY), ("2026-07-28", MODERN)] {
        for scenario in all {
            let (passed, said) = passes(&url, era, scenario);
            assert!(passed, "{era} {scenario}: {said}");
        }
    }
    assert!(!passes(&url.replace("/mcp", "/health"), "2025-11-25", "tools-list").0);
    run.stop();
}

#[test]
fn the_inspector_lists_calls_and_reads_everything() {
    let Some(bin) = std::env::var_os("ZERO_OUTSIDE_AGENTS") else {
        eprintln!("skipped: ZERO_OUTSIDE_AGENTS is not set");
        return;
    };
    let run = Loop::start_with(&["--speed", "360"], &["http.requests_per_second=100000"]);
    run.until(|r| r.get("/positions").json()["journal_seq"].as_u64().unwrap() > 100);
    let url = format!("http://127.0.0.1:{}/mcp", run.port());
    let inspect = |args: &[&str]| {
        let out = node(&bin, "mcp-inspector", &[&["--cli", &url, "--format", "json"], args].concat());
        assert!(out.status.success(), "{args:?}: {}", said(&out));
        serde_json::from_slice::<Value>(&out.stdout)
            .unwrap_or_else(|e| panic!("{args:?}: {e}: {}", said(&out)))
    };
    for era in ["legacy", "modern"] {
        inspect(&["--protocol-era", era, "--method", "tools/list", "--strict"]);
        inspect(&["--protocol-era", era, "--method", "resources/templates/list"]);
    }
    // The client holds every answer against the tool's output schema and fails where it does not fit.
    for t in tools() {
        inspect(&["--method", "tools/call", "--tool-name", t.name]);
    }
    for r in resources() {
        inspect(&["--method", "resources/read", "--uri", r.uri]);
    }
    for p in PROMPTS {
        let arguments: Vec<String> = p.arguments.iter().map(|(n, ..)| format!("{n}=00000000")).collect();
        let mut args = vec!["--method", "prompts/get", "--prompt-name", p.name];
        if !arguments.is_empty() {
            args.push("--prompt-args");
            args.extend(arguments.iter().map(String::as_str));
        }
        inspect(&args);
    }
    // Over standard input and output, from the journal's own process.
    let home = run.home().display().to_string();
    let zero = env!("CARGO_BIN_EXE_zero");
    for era in ["legacy", "modern"] {
        let out = node(
            &bin,
            "mcp-inspector",
            &[
                "--cli",
                zero,
                "--home",
                &home,
                "mcp",
                "--protocol-era",
                era,
                "--method",
                "tools/call",
                "--tool-name",
                "zero_get_runtime_status",
            ],
        );
        assert!(
            out.status.success() && said(&out).contains("\"read_from\": \"runtime\""),
            "{era}: {}",
            said(&out)
        );
    }
    run.stop();
}
