//! Market data through the command line.

use crate::support::{Home, Ran};
use std::path::Path;

const T0: i64 = 1_756_929_600_000;
const H: i64 = 3_600_000;

fn bars() -> Vec<String> {
    (0..5i64).map(|i| format!("{},{},{},{},{},10", T0 + i * H, 100 + i, 102 + i, 99 + i, 101 + i)).collect()
}

fn csv(rows: &[String]) -> String {
    format!("timestamp,open,high,low,close,volume\n{}\n", rows.join("\n"))
}

/// Five good bars.
pub(crate) fn good_csv() -> String {
    csv(&bars())
}

/// The good bars with one row replaced.
fn with(row: usize, text: String) -> String {
    let mut all = bars();
    all[row] = text;
    csv(&all)
}

fn funding(rate: &str, count: u64) -> String {
    let rows: Vec<String> = (0..48i64)
        .map(|i| format!("{{\"t\": {}, \"rate\": {rate}, \"premium\": 0.0001}}", T0 + i * H))
        .collect();
    format!(
        "{{\"coin\": \"ETH\", \"count\": {count}, \"fetched\": \"2026-03-22T20:00:00Z\", \"entries\": [{}]}}",
        rows.join(", ")
    )
}

fn import(home: &Home, name: &str, text: &str, more: &[&str]) -> Ran {
    std::fs::write(home.path().join(name), text).unwrap();
    let mut args = vec!["data", "import", name, "--out", "store"];
    args.extend(more);
    home.run(&args)
}

#[test]
fn each_rule_refuses_with_exit_1_names_file_row_field_and_rule_and_leaves_nothing() {
    let t = |i: i64| T0 + i * H;
    let cases: Vec<(&str, &str, String, &[&str])> = vec![
        ("time_order", "BTC_1h.csv", with(2, format!("{},102,104,101,103,10", t(0))), &[]),
        ("duplicate_time", "BTC_1h.csv", with(1, format!("{},101,103,100,102,10", t(0))), &[]),
        ("gap", "BTC_1h.csv", with(4, format!("{},104,106,103,105,10", t(9))), &[]),
        ("not_a_number", "BTC_1h.csv", with(1, format!("{},NaN,103,100,102,10", t(1))), &[]),
        ("not_positive", "BTC_1h.csv", with(2, format!("{},102,104,-1,103,10", t(2))), &[]),
        ("inconsistent_bar", "BTC_1h.csv", with(2, format!("{},102,98,101,103,10", t(2))), &[]),
        ("wrong_unit", "ETH_funding.json", funding("0.00125", 48), &[]),
        ("truncated", "ETH_funding.json", funding("0.0000125", 48)[..900].to_owned(), &[]),
        ("interval_mismatch", "BTC_4h.csv", good_csv(), &[]),
        (
            "misaligned",
            "BTC_1h.csv",
            csv(&bars().iter().map(|r| r.replace("00000,", "00001,")).collect::<Vec<_>>()),
            &[],
        ),
        (
            "missing_field",
            "BTC_1h.csv",
            "timestamp,open,high,low,volume\n1756929600000,1,1,1,1\n".into(),
            &[],
        ),
        ("syntax", "ETH_funding.json", funding("0.0000125", 48).replacen("\"rate\":", "\"rate\"", 1), &[]),
        ("too_precise", "BTC_1h.csv", with(3, format!("{},103.123456789,105,102,104,10", t(3))), &[]),
        ("out_of_range", "BTC_1h.csv", with(0, "12,100,102,99,101,10".into()), &[]),
        ("empty", "BTC_1h.csv", "timestamp,open,high,low,close,volume\n".into(), &[]),
        ("equity_jump", "account.jsonl", equity(&["100", "160", "161"]), &[]),
        ("negative_balance", "account.jsonl", equity(&["1", "0.9", "-0.1"]), &[]),
        ("not_market_data", "account.jsonl", equity(&["100", "101", "102"]), &[]),
        ("from_the_future", "BTC_1h.csv", good_csv(), &["--fetched-at", "2025-09-03T21:30:00Z"]),
        ("count_mismatch", "ETH_funding.json", funding("0.0000125", 49), &[]),
        ("negative_volume", "BTC_1h.csv", with(3, format!("{},103,105,102,104,-1", t(3))), &[]),
        ("no_symbol", "_.csv", good_csv(), &[]),
    ];
    let mut covered: Vec<&str> = cases.iter().map(|c| c.0).collect();
    for (rule, name, text, more) in &cases {
        let home = Home::ready();
        let ran = import(&home, name, text, more);
        assert_eq!(ran.code, 1, "{rule}: {} {}", ran.out, ran.err);
        assert!(ran.err.contains(&format!("rule {rule}")), "{rule}: {}", ran.err);
        assert!(ran.err.contains(name) && ran.err.contains("hint: "), "{rule}: {}", ran.err);
        let whole_file =
            ["empty", "not_market_data", "no_symbol", "interval_mismatch", "count_mismatch", "missing_field"];
        if !whole_file.contains(rule) {
            assert!(ran.err.contains("row "), "{rule}: {}", ran.err);
        }
        assert!(!home.path().join("store").exists(), "{rule}: something was left behind");
        assert!(ran.out.is_empty(), "{rule}: {}", ran.out);
    }
    // A file over a gibibyte is the one rule that no small file can break.
    covered.push("too_large");
    covered.sort_unstable();
    let mut all: Vec<&str> = zero_data::Rule::ALL.iter().map(|r| r.name()).collect();
    all.sort_unstable();
    assert_eq!(covered, all);
}

fn equity(values: &[&str]) -> String {
    let row = |(i, v): (usize, &&str)| format!("{{\"ts\": {}, \"account_value\": {v}}}\n", T0 + i as i64 * H);
    values.iter().enumerate().map(row).collect()
}

#[test]
fn a_store_is_made_described_and_only_replaced_when_asked() {
    let home = Home::ready();
    let made = import(&home, "BTC_1h.csv", &good_csv(), &["--json"]).ok().packet();
    assert_eq!(made["files"][0]["rows"], 5);
    assert_eq!(made["series"][0]["kind"], "bars");
    import(&home, "BTC_1h.csv", &good_csv(), &[]).failed(3, "ZERO-DAT-006");
    import(&home, "BTC_1h.csv", &good_csv(), &["--replace"]).ok();
    let described = home.run(&["data", "describe", "store", "--json"]).ok().packet();
    assert_eq!(described["digest"], made["digest"]);
    assert_eq!(described["series"][0]["rows"], 5);
    let text = home.run(&["data", "describe", "store"]).ok().out;
    assert!(text.contains("BTC") && text.contains("bars"), "{text}");
    home.run(&["data", "describe", "nowhere"]).failed(1, "ZERO-DAT-007");
}

#[test]
fn gaps_are_accepted_only_when_they_are_allowed_and_then_shown() {
    let home = Home::ready();
    let holed = csv(&[bars(), vec![format!("{},110,112,109,111,10", T0 + 9 * H)]].concat());
    assert_eq!(import(&home, "BTC_1h.csv", &holed, &[]).code, 1);
    let p = import(&home, "BTC_1h.csv", &holed, &["--allow-gaps", "--json"]).ok().packet();
    assert_eq!(p["series"][0]["gaps"], 4);
    assert!(p["notes"].as_array().unwrap().iter().any(|n| n.as_str().unwrap().contains("gap")), "{p}");
}

#[test]
fn an_unknown_coin_needs_its_instrument_and_a_wrong_argument_is_a_usage_error() {
    let home = Home::ready();
    import(&home, "FOO_1h.csv", &good_csv(), &[]).failed(1, "ZERO-DAT-004");
    import(&home, "FOO_1h.csv", &good_csv(), &["--instrument", "FOO:2:x"]).failed(2, "ZERO-CLI-011");
    import(&home, "FOO_1h.csv", &good_csv(), &["--instrument", "FOO:2:5"]).ok();
    import(&home, "FOO_1h.csv", &good_csv(), &["--infer-instrument", "--replace"]).ok();
    home.run(&["data", "synth", "--edge", "wishful:1"]).failed(2, "ZERO-CLI-011");
}

#[test]
fn a_synthetic_market_is_the_same_for_the_same_seed() {
    let home = Home::ready();
    let make = |out: &str, seed: &str, edge: &[&str]| {
        let mut args = vec![
            "data", "synth", "--days", "10", "--coins", "BTC,ETH", "--out", out, "--seed", seed, "--json",
        ];
        args.extend(edge);
        home.run(&args).ok().packet()
    };
    let (a, b, c) = (make("a", "7", &[]), make("b", "7", &[]), make("c", "8", &[]));
    assert_eq!(a["digest"], b["digest"]);
    assert_ne!(a["digest"], c["digest"]);
    let d = make("d", "7", &["--edge", "momentum:0.05:0::168"]);
    assert_ne!(a["digest"], d["digest"], "a planted edge changes the market");
    assert_eq!(d["planted"][0], "edge momentum:0.05:0::168");
}

#[test]
fn the_whole_shared_panel_is_imported_and_both_bad_files_are_refused() {
    let Some(shared) = std::env::var_os("ZERO_SHARED_DATA") else {
        println!("left out: ZERO_SHARED_DATA is not set, so the recorded panel is not imported");
        return;
    };
    let shared = Path::new(&shared);
    let home = Home::ready();
    let panel = shared.join("hyperliquid");
    let p = home.run(&["data", "import", panel.to_str().unwrap(), "--out", "panel", "--json"]).ok().packet();
    assert_eq!(p["files"].as_array().unwrap().len(), 20);
    let p = home.run(&["data", "describe", "panel", "--json"]).ok().packet();
    let sum = |field: &str| -> u64 {
        p["series"].as_array().unwrap().iter().filter_map(|s| s[field].as_u64()).sum()
    };
    assert_eq!((sum("rows"), sum("formula_agrees"), sum("gaps")), (96_000, 48_000, 0));
    let text = home.run(&["data", "describe", "panel"]).ok().out;
    assert!(text.contains("48,000 of 48,000 prints follow"), "{text}");
    for (name, code) in
        [("equity_history.jsonl", "ZERO-DAT-117"), ("funding_percent_units_with_gaps.jsonl", "ZERO-DAT-107")]
    {
        let file = shared.join("bad").join(name);
        home.run(&["data", "import", file.to_str().unwrap(), "--out", "bad"]).failed(1, code);
        assert!(!home.path().join("bad").exists());
    }
}
