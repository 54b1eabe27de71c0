//! Every row with a route answers in the shape of its fixture, every row has a fixture and a page, and no fixture is without
//! a row.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]
#![allow(dead_code, reason = "the client has more than these tests ask")]

mod http_client;
mod shapes;

use http_client::{Loop, Reply};
use serde_json::json;
use shapes::{Holder, differs, directory, holder, shape};
use std::collections::BTreeSet;
use zero_capability::TABLE;

fn post(run: &Loop, path: &str, body: &str) -> Reply {
    let auth = format!("Bearer {}", run.token("operator"));
    let length = body.len().to_string();
    let head = [
        ("Content-Type", "application/json"),
        ("Content-Length", length.as_str()),
        ("Authorization", auth.as_str()),
    ];
    run.ask("POST", path, &head, body)
}

/// What is sent to a row that takes a body.
fn body(id: &str) -> &'static str {
    match id {
        "execute" => r#"{"coin":"BTC","side":"buy","size":0.003,"idempotency_key":"k"}"#,
        "auto.toggle" => r#"{"enabled":false}"#,
        "network.ingest" => r#"{"profile":{"profile":{"handle":"somebody"}}}"#,
        _ => "{}",
    }
}

#[test]
fn every_route_answers_in_the_shape_of_its_fixture() {
    let run = Loop::start(&["--speed", "3600000", "--events", "6000", "--clear-halts-after", "1d"]);
    run.digest();
    // Its next event is far away.
    let run = run.again(&["--speed", "0.001"]);
    let mut found = Vec::new();
    for method in ["GET", "POST"] {
        for row in TABLE.iter().filter(|r| holder(r) == Holder::Http) {
            let http = row.http.unwrap();
            let reply = match http.method {
                m if m != method => continue,
                "GET" => {
                    let path = http.path.replace("{coin}", "BTC");
                    run.get(&if row.id == "quote" { path + "?symbol=BTC" } else { path })
                }
                _ => post(&run, http.path, body(row.id)),
            };
            assert_eq!(reply.status, if row.id == "hl.account" { 400 } else { 200 }, "{}: {reply:?}", row.id);
            found.extend(differs(row.id, &reply.json()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    run.stop();
}

#[test]
fn a_shape_tells_a_field_that_went_from_one_that_changed_its_kind() {
    let whole = shape(&json!({ "a": [{ "b": 1 }, { "b": null }], "c": {} }));
    assert_eq!(whole, ". object\n.a list\n.a[] object\n.a[].b null|number\n.c object\n");
    for other in
        [json!({ "a": [{ "b": 1 }, { "b": null }] }), json!({ "a": [{ "b": 1 }, { "b": "x" }], "c": {} })]
    {
        assert_ne!(shape(&other), whole);
    }
}

#[test]
fn every_row_has_a_fixture_and_a_page_and_no_fixture_is_without_a_row() {
    let read =
        |path: &str| std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (commands, api, boundary) =
        (read("docs/commands.md"), read("docs/openapi.json"), read("docs/boundary.md"));
    let tools = read("crates/zero-mcp/fixtures/tools.json");
    let mut files: BTreeSet<String> = std::fs::read_dir(directory())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    for row in TABLE {
        match holder(row) {
            Holder::Http | Holder::Command => {
                assert!(files.remove(&format!("{}.txt", row.id)), "{} has no fixture", row.id);
            }
            Holder::Tools => {
                let tool = row.mcp.unwrap_or_else(|| panic!("{} has no surface", row.id)).tool;
                assert!(tools.contains(&format!("\"{tool}\"")), "{tool}");
            }
            Holder::Nobody(why) => assert!(why.len() > 10),
        }
        if let Some(c) = row.command {
            assert!(commands.contains(&format!("| `zero {}", c.path.join(" "))), "{}", row.id);
        }
        if let Some(h) = row.http {
            assert!(api.contains(&format!("\"{}\"", h.path)), "{}", row.id);
        }
        assert!(boundary.contains(&format!("| {} |", row.summary)), "{}", row.id);
    }
    assert!(files.is_empty(), "{files:?} belong to no row");
}
