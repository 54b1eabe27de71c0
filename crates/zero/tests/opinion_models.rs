//! A measured opinion model as an operator meets it: learnt or refused, named, in force, shown, altered.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

#[path = "../../zero-runtime/tests/support/opinion_model.rs"]
mod opinion_model;

use opinion_model::model;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use zero_learn::project::opinion_document;
use zero_packets::Packet as _;
use zero_strategy::{OpinionModel, registry};

const FEES: [&str; 2] = ["--set=fees.taker=0.00045", "--set=fees.maker=0.00015"];

fn start(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zero")).arg("--home").arg(home).args(FEES).args(args).output().unwrap()
}

fn zero(home: &Path, args: &[&str]) -> Value {
    let out = start(home, args);
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{args:?}: {said}");
    serde_json::from_slice(&out.stdout).unwrap_or(Value::Null)
}

fn refused(home: &Path, args: &[&str], code: &str) {
    let out = start(home, args);
    assert_eq!(out.status.code(), Some(1), "{args:?}");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.contains(code), "{args:?}: {said} {}", String::from_utf8_lossy(&out.stderr));
}

fn write(path: &Path, m: &OpinionModel) {
    std::fs::write(path, opinion_document(m).to_json().unwrap()).unwrap();
}

#[test]
fn learning_writes_what_it_found_and_a_model_without_an_edge_decides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (home, out) = (dir.path().join("home"), dir.path().join("model.json"));
    zero(&home, &["run", "--source=synthetic", "--days=5", "--seed=5"]);
    assert_eq!(zero(&home, &["learn", "lenses", "--json"])["verdict"], "too_few");
    refused(&home, &["learn", "lenses", "--json", "--out", out.to_str().unwrap()], "ZERO-LRN-003");
    let store = dir.path().join("store");
    zero(&home, &["data", "synth", "--days=600", "--out", store.to_str().unwrap()]);
    let data = ["learn", "lenses", "--json", "--data", store.to_str().unwrap()];
    let learnt = zero(&home, &data);
    assert_ne!(learnt["verdict"], "too_few", "{learnt}");
    assert!(learnt["rows"].as_u64().unwrap() > 300, "{learnt}");
    assert_eq!(learnt["applied"], false);
    let evidence = &learnt["model"]["evidence"];
    assert!(evidence["calibrated"]["bins"].as_array().unwrap().len() > 3, "{learnt}");
    assert_eq!(learnt["model"]["lenses"].as_array().unwrap().len(), registry::LENSES.len());
    let named = [&data[..], &["--out", out.to_str().unwrap()]].concat();
    assert_eq!(zero(&home, &named)["written"].as_str(), out.to_str());
    assert_eq!(learnt["verdict"], "no_edge", "a synthetic market has no trend to be known: {learnt}");
    assert!(learnt["model"]["lenses"].as_array().unwrap().iter().all(|l| l["weight"] == 0.0));

    // Two runs of one market, one of them with the finding in force.
    let set = format!("--set=paper.opinion_model={}", out.display());
    let run = ["run", "--source=synthetic", "--days=30", "--seed=5", "--clear-halts-after=3d"];
    let (plain, told) = (dir.path().join("plain"), dir.path().join("told"));
    zero(&plain, &run);
    zero(&told, &[&[set.as_str()], &run[..]].concat());
    let digest = |home: &Path| zero(home, &["status", "--json"])["decision_digest"].clone();
    assert_eq!(digest(&plain), digest(&told));
    let lenses = zero(&told, &["lenses", "--json"]);
    assert_eq!((&lenses["in_force"], &lenses["edge_shown"]), (&true.into(), &false.into()));
    assert_eq!(lenses["finding"], learnt["reason"]);
    let stack = zero(&told, &["decision-stack", "btc", "--json"]);
    let decision = &stack["decision"];
    assert_eq!((&decision["basis"], &decision["consensus"]), (&"measured".into(), &Value::Null));
    assert_eq!(decision["conviction"], stack["forecast"]["p"]);
    let assumed = zero(&plain, &["decision-stack", "btc", "--json"])["decision"].clone();
    assert_eq!(assumed["basis"], "assumed");
    assert!(assumed["conviction"].is_number() && assumed["conviction"] != decision["conviction"]);
    let heat = zero(&told, &["heat", "--json"]);
    assert_eq!(heat["ranked_by"], "score");
    assert!(heat["ranking_note"].as_str().unwrap().contains("no edge"));
}

/// Ten coins, 200 days, the shipped books. The finding is printed; what is asserted is that it is one, that its parts agree, and
/// that the file it left can be put in force.
#[test]
fn on_the_recorded_panel_no_edge_is_shown_and_the_file_says_so() {
    let Some(shared) = std::env::var_os("ZERO_SHARED_DATA") else {
        println!("left out: lens opinions on the recorded panel (ZERO_SHARED_DATA is not set)");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (home, out, store) = (dir.path().join("home"), dir.path().join("m.json"), dir.path().join("panel"));
    let panel = Path::new(&shared).join("hyperliquid");
    zero(&home, &["data", "import", panel.to_str().unwrap(), "--out", store.to_str().unwrap()]);
    let args =
        ["learn", "lenses", "--json", "--data", store.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let learnt = zero(&home, &args);
    let evidence = &learnt["model"]["evidence"];
    let of = |key: &str| evidence[key].as_f64().unwrap();
    println!("{}; {} rows; {}", learnt["reason"], learnt["rows"], evidence["calibrated"]);
    assert!(learnt["rows"].as_u64().unwrap() >= 300);
    let shown = of("gain") > 0.0 && of("gain_p") <= of("alpha");
    assert_eq!((learnt["verdict"].as_str(), shown), (Some("no_edge"), false));
    let score = &evidence["calibrated"];
    let bins = score["bins"].as_array().unwrap();
    let total = |key: &str| bins.iter().map(|b| b[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(Some(total("n")), score["n"].as_u64());
    let rate = total("events") as f64 / total("n") as f64;
    assert!((rate - score["base_rate"].as_f64().unwrap()).abs() < 1e-12);
    assert!((rate * (1.0 - rate) - score["uncertainty"].as_f64().unwrap()).abs() < 1e-12);
    assert!(score["brier"].as_f64().unwrap() > 0.24, "{score}");
    let set = format!("--set=paper.opinion_model={}", out.display());
    zero(&home, &[set.as_str(), "run", "--source=synthetic", "--days=5", "--seed=5"]);
    assert_eq!(zero(&home, &["lenses", "--json"])["edge_shown"], false);
}

/// The stack that is shown with a model in force, recomputed from the forecast's own parts.
fn is_measured(stack: &Value) {
    let parts: Vec<f64> = stack["forecast"]["contributions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|c| c["log_odds"].as_f64())
        .filter(|x| *x != 0.0)
        .collect();
    let agree = parts.iter().filter(|x| **x > 0.0).count() as f64 / parts.len() as f64;
    let decision = &stack["decision"];
    assert_eq!(decision["basis"], "measured");
    assert_eq!(decision["conviction"], stack["forecast"]["p"]);
    assert_eq!(decision["consensus"].as_f64(), Some((100.0 * agree).round()));
    let weights: f64 = stack["lenses"].as_array().unwrap().iter().filter_map(|l| l["weight"].as_f64()).sum();
    assert!((weights - 1.0).abs() < 1e-9, "{stack}");
}

#[test]
fn a_model_in_force_is_shown_everywhere_and_an_altered_one_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let (home, at) = (dir.path().join("home"), dir.path().join("model.json"));
    let m = model();
    write(&at, &m);
    let set = format!("--set=paper.opinion_model={}", at.display());
    let run = [set.as_str(), "run", "--source=synthetic", "--days=45", "--seed=5", "--clear-halts-after=3d"];
    zero(&home, &run);

    let lenses = zero(&home, &["lenses", "--json"]);
    assert_eq!(lenses["in_force"], true);
    assert_eq!(lenses["model"], m.digest().to_string());
    assert_eq!(lenses["lenses"].as_array().unwrap().len(), m.lenses.len());
    let judged = lenses["judged"].as_u64().unwrap();
    let resolved = lenses["resolved"].as_u64().unwrap();
    assert!(judged > 100 && resolved > 0 && lenses["so_far"]["n"] == resolved, "{lenses}");
    assert_eq!((lenses["effective_lenses"].as_f64(), lenses["count"].as_u64()), (Some(4.0), Some(9)));

    let decisions = zero(&home, &["decisions", "--limit=200", "--json"]);
    let entries: Vec<&Value> = decisions["decisions"].as_array().unwrap().iter().collect();
    let gate = |d: &Value, name: &str| {
        d["gates"].as_array().unwrap().iter().find(|g| g["gate"] == name).unwrap()["outcome"].clone()
    };
    for d in entries.iter().filter(|d| d["kind"] == "entry") {
        let f = &d["forecast"];
        assert!(f["p_lower"].as_f64().unwrap() <= f["p"].as_f64().unwrap());
        assert!(f["effective_lenses"].as_f64().unwrap() <= f["lenses"].as_f64().unwrap() + 1e-9);
        let positive = f["expected_r_low"].as_f64().is_some_and(|v| v > 0.0);
        assert_eq!(gate(d, "expected_value") == "true", positive, "{d}");
    }
    let heat = zero(&home, &["heat", "--json"]);
    assert_eq!(heat["ranked_by"], "expected_value");
    let values: Vec<f64> = heat["coins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["expected_value_low"].as_f64().unwrap_or(f64::NEG_INFINITY))
        .collect();
    assert!(values.iter().any(|v| v.is_finite()) && values.windows(2).all(|w| w[0] >= w[1]), "{values:?}");
    let stack = zero(&home, &["decision-stack", "btc", "--json"]);
    is_measured(&stack);
    assert!(stack["layers"].as_array().unwrap().iter().any(|l| l["layer"] == "expected_value"));
    let evaluation = zero(&home, &["evaluate", "btc", "--json"]);
    assert!(evaluation.to_string().contains("expected_r_low"));
    let text = start(&home, &["decision-stack", "btc"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("Log-odds"));
    let parity = [set.as_str(), "parity", "--days=20", "--json"];
    assert!(start(&home, &parity).status.success(), "every path decides alike");

    // One digit of one weight, without its digest: and another lens, with it.
    let text = std::fs::read_to_string(&at).unwrap();
    std::fs::write(&at, text.replacen("\"weight\":0.3", "\"weight\":0.4", 1)).unwrap();
    let again = [set.as_str(), "run", "--source=synthetic", "--days=5", "--json"];
    refused(&home, &again, "ZERO-LRN-005");
    let mut other = model();
    other.lenses[0].version += 1;
    write(&at, &other);
    refused(&home, &again, "ZERO-LRN-005");
}

#[test]
fn without_a_model_nothing_is_forecast_and_heat_says_why_it_ranks_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    zero(&home, &["run", "--source=synthetic", "--days=20", "--seed=5"]);
    let lenses = zero(&home, &["lenses", "--json"]);
    assert_eq!(
        (&lenses["in_force"], &lenses["model"], &lenses["so_far"]),
        (&false.into(), &Value::Null, &Value::Null)
    );
    let heat = zero(&home, &["heat", "--json"]);
    assert_eq!(heat["ranked_by"], "score");
    let decisions = zero(&home, &["decisions", "--json"]);
    for d in decisions["decisions"].as_array().unwrap() {
        assert!(d["forecast"].is_null());
        assert!(d["gates"].as_array().unwrap().iter().all(|g| g["gate"] != "expected_value"));
    }
}
