//! What the program learns from a run, held against `tests/oracles/learn_shadows.py` and `learn_execution.py`, which
//! recompute every figure from the exported journal. Needs `python3`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

const FEES: [&str; 2] = ["--set=fees.taker=0.00045", "--set=fees.maker=0.00015"];

fn zero(home: &Path, args: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_zero"))
        .arg("--home")
        .arg(home)
        .args(FEES)
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{args:?}: {said}");
    String::from_utf8(out.stdout).unwrap()
}

fn recompute(script: &str, args: &[&Path]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles").join(script);
    let out = Command::new("python3")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(script)
        .args(args)
        .output()
        .expect("python3 is needed by this test");
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    match out.status.code() {
        Some(0) => (true, said),
        Some(1) if said.contains("DIFFERENT") => (false, said),
        _ => panic!("no verdict: {said}"),
    }
}

struct Run {
    _dir: tempfile::TempDir,
    home: PathBuf,
    export: PathBuf,
}

/// A small run: few positions at once and an hour's cooldown, so that several gates bind.
fn run() -> Run {
    let dir = tempfile::tempdir().unwrap();
    let (home, export) = (dir.path().join("home"), dir.path().join("export.jsonl"));
    let limits = ["--set=limits.max_open_positions=5", "--set=paper.participation_cap=0.0002"];
    let source = ["run", "--source=synthetic", "--days=45", "--seed=5", "--clear-halts-after=3d"];
    zero(&home, &[&limits[..], &source[..]].concat());
    zero(&home, &["journal", "export", "--out", export.to_str().unwrap()]);
    Run { _dir: dir, home, export }
}

fn save(r: &Run, name: &str, text: &str) -> PathBuf {
    let path = r.export.with_file_name(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn shadows_gate_values_and_near_misses_equal_an_independent_recomputation() {
    let r = run();
    let gates = zero(&r.home, &["learn", "gates", "--json"]);
    let misses = zero(&r.home, &["near-misses", "--delta=1e9", "--limit=10000", "--json"]);
    let rejected = misses.matches("\"trace_id\"").count();
    assert!(rejected > 100 && misses.matches("\"closed\"").count() > 50, "{rejected} rejections");
    let (gates_at, misses_at) = (save(&r, "gates.json", &gates), save(&r, "misses.json", &misses));
    let (agrees, said) = recompute("learn_shadows.py", &[&r.export, &gates_at, &misses_at]);
    assert!(agrees, "{said}");
    // Another leading digit in one outcome.
    let key = "\"net_usd\":";
    let known = misses.match_indices(key).find(|(i, k)| !misses[i + k.len()..].starts_with("null"));
    let at = known.unwrap().0 + key.len();
    let mut wrong = misses.clone();
    wrong.insert(at + usize::from(misses[at..].starts_with('-')), '1');
    let wrong = save(&r, "wrong.json", &wrong);
    assert!(
        !recompute("learn_shadows.py", &[&r.export, &gates_at, &wrong]).0,
        "a wrong outcome went unnoticed"
    );
}

#[test]
fn execution_quality_and_the_cost_model_equal_an_independent_recomputation() {
    let r = run();
    let feedback = zero(&r.home, &["execution", "--json"]);
    assert!(feedback.contains("\"partial_rate\":0.") && !feedback.contains("\"partial_rate\":0.0,"));
    let at = save(&r, "feedback.json", &feedback);
    let (agrees, said) = recompute("learn_execution.py", &[&r.export, &at]);
    assert!(agrees, "{said}");
    let text = std::fs::read_to_string(&r.export).unwrap();
    let fill = text.lines().find(|l| l.contains("\"kind\":\"fill\"")).expect("a fill");
    let lost = save(&r, "lost.jsonl", &text.replace(&format!("{fill}\n"), ""));
    assert!(!recompute("learn_execution.py", &[&lost, &at]).0, "a lost fill went unnoticed");
}

#[test]
fn a_measured_cost_model_is_in_force_by_its_digest_and_a_broken_one_stops_the_start() {
    let r = run();
    let model = r.export.with_file_name("costs.json");
    zero(&r.home, &["execution", "--model", model.to_str().unwrap()]);
    let digest = zero_core::Digest32::of(&std::fs::read(&model).unwrap()).to_string();
    let (home, export) = (r.export.with_file_name("second"), r.export.with_file_name("second.jsonl"));
    let set = format!("--set=paper.cost_model={}", model.display());
    let again = ["run", "--source=synthetic", "--days=20", "--seed=6"];
    zero(&home, &[&[set.as_str()], &again[..]].concat());
    zero(&home, &["journal", "export", "--out", export.to_str().unwrap()]);
    let manifest = |path: &Path| std::fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
    assert!(manifest(&export).contains(&format!("\"document\":\"{digest}\"")));
    // Off by default: the first run names none.
    assert!(manifest(&r.export).contains("\"rates\":[]"));

    std::fs::write(&model, "{}").unwrap();
    let mut start = Command::new(env!("CARGO_BIN_EXE_zero"));
    start.arg("--home").arg(&home).args(FEES).arg(&set).args(again).arg("--json");
    let out = start.output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stdout).contains("ZERO-LRN-002"));
}
