//! A measured opinion model as an operator meets it: learnt or refused, named, in force, shown, altered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

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
fn learning_writes_a_model_only_where_an_edge_is_shown_and_shows_the_scores_either_way() {
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
    if learnt["verdict"] == "shown" {
        assert_eq!(zero(&home, &named)["written"].as_str(), out.to_str());
    } else {
        refused(&home, &named, "ZERO-LRN-004");
        assert!(!out.exists(), "nothing is written that no one may use");
    }
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
    assert!(stack["forecast"]["p"].is_number(), "{stack}");
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
