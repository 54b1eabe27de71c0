//! Each wall holds on this workspace, and each check finds a planted breach.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use zero_walls::{graph, source};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn workspace_graph() -> BTreeMap<String, BTreeSet<String>> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--all-features"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    graph::of_metadata(&serde_json::from_slice(&out.stdout).unwrap())
}

fn sources(crates: &[&str]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for name in crates {
        for path in source::rust_files(&root().join("crates").join(name).join("src")).unwrap() {
            let file = path.strip_prefix(root()).unwrap().display().to_string();
            out.push((file, std::fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!out.is_empty());
    out
}

fn every_crate() -> Vec<String> {
    workspace_graph().into_keys().collect()
}

#[test]
fn no_crate_uses_its_own_floor_or_one_above() {
    let graph = workspace_graph();
    assert!(graph.len() >= graph::FLOORS.len(), "{:?}", graph.keys());
    assert_eq!(graph::breaches(&graph), Vec::<String>::new());
}

#[test]
fn a_planted_edge_upwards_or_into_the_side_tower_is_found() {
    let with = |name: &str, dep: &str| {
        let mut g = workspace_graph();
        g.get_mut(name).unwrap().insert(dep.to_owned());
        graph::breaches(&g)
    };
    assert_eq!(with("zero-kernel", "zero-runtime").len(), 1);
    assert_eq!(with("zero-paper", "zero-journal").len(), 1);
    assert_eq!(with("zero-capability", "zero-hl-wire").len(), 1);
    let mut stranger = workspace_graph();
    stranger.insert("zero-new".to_owned(), BTreeSet::new());
    assert_eq!(graph::breaches(&stranger), ["zero-new has no floor"]);
}

#[test]
fn the_pure_floors_have_no_standard_library() {
    for name in graph::NO_STD {
        let lib = std::fs::read_to_string(root().join("crates").join(name).join("src/lib.rs")).unwrap();
        assert!(lib.contains("#![no_std]"), "{name}");
        assert!(!lib.contains("extern crate std"), "{name}");
    }
}

#[test]
fn no_banned_call_stands_on_the_pure_floors() {
    let found: Vec<String> =
        sources(graph::NO_STD).iter().flat_map(|(file, text)| source::banned(file, text)).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn no_money_is_an_f64() {
    let crates = ["zero-core", "zero-market", "zero-kernel", "zero-paper", "zero-runtime"];
    let found: Vec<String> =
        sources(&crates).iter().flat_map(|(file, text)| source::f64_money(file, text)).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_file_is_short() {
    let names = every_crate();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found: Vec<String> =
        sources(&names).iter().filter_map(|(file, text)| source::too_long(file, text)).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_code_map_names_every_crate() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in every_crate() {
        assert!(map.contains(&format!("`{name}`")), "ARCHITECTURE.md says nothing of {name}");
    }
}

#[test]
fn every_test_that_the_failure_modes_name_exists() {
    let page = std::fs::read_to_string(root().join("docs/failure-modes.md")).unwrap();
    let files = source::rust_files(&root().join("crates")).unwrap();
    let texts: Vec<String> = files.iter().map(|f| std::fs::read_to_string(f).unwrap()).collect();
    assert_eq!(source::untested_claims(&page, &texts), Vec::<String>::new());
    let planted = concat!("held by `a_test_", "that_nobody_wrote`");
    assert_eq!(source::untested_claims(planted, &texts).len(), 1);
}

fn tree(arguments: &[&str]) -> String {
    let out = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix", "none", "--format", "{p}"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Components bring a compiler with them: who does not ask for it gets none, in no build of the workspace.
#[test]
fn no_default_build_contains_a_compiler_of_components() {
    for arguments in [&["-p", "zero", "-e", "normal"][..], &["--workspace"]] {
        let text = tree(arguments);
        assert!(text.contains("zero-kernel v"), "{text}");
        assert_eq!(graph::compilers(&text), Vec::<&str>::new());
    }
    assert_eq!(graph::compilers("zero v0.1.0\nwasmtime v48.0.8\ncranelift-codegen v0.135.8").len(), 2);
    let features = std::fs::read_to_string(root().join("crates/zero/Cargo.toml")).unwrap();
    assert!(features.contains("wasm = [\"dep:zero-wasm\"]"), "the feature that does ask is there");
}

#[test]
fn planted_text_is_found_and_comments_and_tests_are_not() {
    let bad = "let y = x.powi(2); // .ln()\nuse std::fs;\n#[cfg(test)]\nmod t { fn f() { x.ln(); } }";
    let found = source::banned("f.rs", bad);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(source::f64_money("f.rs", "    pub px: f64,\n    pub score: f64,\n    fee: f64").len(), 2);
    assert!(source::too_long("f.rs", &"x\n".repeat(source::LINES_MAX + 1)).is_some());
}
