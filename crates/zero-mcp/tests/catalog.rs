//! What agents are offered: names, schemas, annotations, and the reviewed list.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use zero_capability::{RiskDirection, Safety, by_tool};
use zero_mcp::{resources, tools, tools_digest, tools_json};

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn every_tool_and_resource_of_the_contract_is_there_by_name_and_no_other() {
    let text = std::fs::read_to_string(fixture("contract.txt")).unwrap();
    let want: BTreeSet<&str> = text.lines().collect();
    let have: BTreeSet<&str> = tools().iter().map(|t| t.name).chain(resources().map(|r| r.uri)).collect();
    assert_eq!(have, want);
    assert_eq!((tools().len(), resources().count()), (20, 22));
}

/// A tool that appears, or a description that changes, has to be looked at: agents act on these words.
#[test]
fn the_list_of_tools_is_the_one_that_was_reviewed() {
    let now = serde_json::to_string_pretty(&tools_json()).unwrap() + "\n";
    let digest = format!("{}\n", tools_digest());
    if std::env::var_os("ZERO_WRITE_FIXTURE").is_some() {
        std::fs::write(fixture("tools.json"), &now).unwrap();
        std::fs::write(fixture("tools.digest"), &digest).unwrap();
    }
    let written = std::fs::read_to_string(fixture("tools.json")).unwrap();
    assert!(
        written == now,
        "the tools changed: review them, then write the fixture with ZERO_WRITE_FIXTURE=1"
    );
    assert_eq!(std::fs::read_to_string(fixture("tools.digest")).unwrap(), digest);
}

#[test]
fn every_tool_takes_nothing_else_changes_nothing_and_says_so() {
    for t in tools() {
        assert_eq!(t.input["additionalProperties"], Value::Bool(false), "{}", t.name);
        assert_eq!(t.input["properties"], serde_json::json!({}), "{}", t.name);
        assert_eq!(t.output["type"], "object", "{}", t.name);
        assert_eq!(t.output["additionalProperties"], Value::Bool(false), "{}", t.name);
        let row = by_tool(t.name).unwrap();
        assert_eq!((row.safety, row.risk), (Safety::ReadOnly, RiskDirection::Neutral), "{}", t.name);
        assert!(t.read_only, "{}", t.name);
        assert_eq!(t.meta["local.zero/safetyClass"], row.safety.name(), "{}", t.name);
        assert_eq!(t.meta["local.zero/riskDirection"], row.risk.name(), "{}", t.name);
    }
}

#[test]
fn no_schema_has_a_format_of_numbers_or_a_loose_place() {
    fn walk(v: &Value, at: &str) {
        match v {
            Value::Object(m) => {
                let format = m.get("format").and_then(Value::as_str).unwrap_or("");
                assert!(!format.contains("int") && format != "double" && format != "float", "{at}: {format}");
                assert_ne!(m.get("items"), Some(&Value::Bool(true)), "{at}");
                m.iter().for_each(|(k, v)| walk(v, &format!("{at}/{k}")));
            }
            Value::Array(a) => a.iter().for_each(|v| walk(v, at)),
            _ => {}
        }
    }
    tools().iter().for_each(|t| walk(&Value::Object(t.output.clone()), t.name));
}
