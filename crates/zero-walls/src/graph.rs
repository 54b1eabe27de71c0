//! Floors: a crate may use only floors below its own, and nothing may reach the side tower but the program.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Floor of every crate. The side tower has none.
pub const FLOORS: &[(&str, u8)] = &[
    ("zero-core", 0),
    ("zero-market", 1),
    ("zero-stats", 1),
    ("zero-packets", 1),
    ("zero-strategy", 2),
    ("zero-operator", 2),
    ("zero-kernel", 3),
    ("zero-lang", 3),
    ("zero-wasm", 3),
    ("zero-paper", 4),
    ("zero-journal", 4),
    ("zero-config", 4),
    ("zero-data", 5),
    ("zero-report", 5),
    ("zero-runtime", 6),
    ("zero-capability", 7),
    ("zero-learn", 7),
    ("zero-notify", 7),
    ("zero-http", 8),
    ("zero-mcp", 8),
    ("zero", 9),
    ("zero-bench", 9),
    ("zero-walls", 9),
];

/// Crates that only the program, the benchmarks and tests may use.
pub const SIDE_TOWER: &[&str] = &["zero-hl-wire"];
/// Who may.
pub const SIDE_TOWER_USERS: &[&str] = &["zero", "zero-bench"];

/// Crates that must compile without the standard library.
pub const NO_STD: &[&str] = &[
    "zero-core",
    "zero-market",
    "zero-stats",
    "zero-strategy",
    "zero-operator",
    "zero-kernel",
    "zero-paper",
];

/// Workspace crates and their normal dependencies inside the workspace, from `cargo metadata`.
#[must_use]
pub fn of_metadata(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let empty = Vec::new();
    let packages = metadata["packages"].as_array().unwrap_or(&empty);
    let name = |p: &Value| p["name"].as_str().unwrap_or("").to_owned();
    let names: BTreeSet<String> = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|p| {
            let deps = p["dependencies"].as_array().unwrap_or(&empty);
            // `kind` is null for normal edges; build and dev edges do not ship.
            let normal = deps.iter().filter(|d| d["kind"].is_null()).map(name).filter(|d| names.contains(d));
            (name(p), normal.collect())
        })
        .collect()
}

/// Packages of a dependency tree that compile or run components.
#[must_use]
pub fn compilers(tree: &str) -> Vec<&str> {
    let mut found: Vec<&str> = tree
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .filter(|n| n.starts_with("wasmtime") || n.starts_with("cranelift"))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Every breach of the floors, in words.
#[must_use]
pub fn breaches(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let floor = |name: &str| FLOORS.iter().find(|(n, _)| *n == name).map(|(_, f)| *f);
    let mut out = Vec::new();
    for (name, deps) in graph {
        let side = SIDE_TOWER.contains(&name.as_str());
        if floor(name).is_none() && !side {
            out.push(format!("{name} has no floor"));
        }
        for dep in deps {
            if SIDE_TOWER.contains(&dep.as_str()) {
                if !SIDE_TOWER_USERS.contains(&name.as_str()) && !side {
                    out.push(format!("{name} reaches the side tower through {dep}"));
                }
                continue;
            }
            match (floor(name), floor(dep)) {
                (Some(own), Some(below)) if below >= own => {
                    out.push(format!("{name} (floor {own}) uses {dep} (floor {below})"));
                }
                // The tower stands beside floor 4 and may use what is below.
                (None, Some(below)) if side && below >= 4 => {
                    out.push(format!("{name} uses {dep} (floor {below})"));
                }
                _ => {}
            }
        }
    }
    out
}
