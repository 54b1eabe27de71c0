//! What surfaces say is so: whole, of what was asked, and where nothing is known, that.

use crate::support::Home;
use std::fs;

/// A book whose document is the one named `mine`, and no other.
const MINE: [&str; 4] = [
    "--set=books.trend.enabled=false",
    "--set=books.carry.enabled=false",
    "--set=books.mine.strategy=document",
    "--set=books.mine.document.name=mine",
];

#[test]
fn the_moment_that_a_brief_compares_with_is_shown_whole_and_zero_is_the_beginning() {
    let home = Home::with_run(4_000);
    let start = home.run(&["brief", "--since", "0", "--json"]).ok().packet();
    assert_eq!(start["changed"]["since"], "0");
    let decisions = &start["changed"]["decisions"];
    assert_eq!(*decisions, start["last_cycle"]["decisions"], "everything is new since the beginning");
    let instant = start["timestamp"].as_str().unwrap();
    for since in ["00004000", instant] {
        let text = home.run(&["brief", "--since", since]).ok().out;
        let said = format!("Since         {since}: ");
        assert!(text.lines().any(|l| l.starts_with(&said)), "{said:?} in {text}");
    }
}

#[test]
fn a_question_about_a_moment_after_the_run_is_told_when_it_ended() {
    let home = Home::with_run(4_000);
    let last = home.run(&["why", "btc", "--json"]).ok().packet()["slice"].as_str().unwrap().to_owned();
    let ran = home.run(&["why", "btc", "--at", "2099-01-01T00:00:00Z"]).failed(1, "ZERO-RUN-011");
    assert!(ran.err.contains(&format!("the latest slice was decided at {last}")), "{}", ran.err);
    home.run(&["why", "btc", "--at", "1999-01-01T00:00:00Z"]).failed(1, "ZERO-RUN-011");
}

#[test]
fn a_book_whose_document_cannot_be_built_is_neither_a_sound_configuration_nor_fit_to_run() {
    let home = Home::ready();
    let checked = |home: &Home| {
        let mut args = MINE.to_vec();
        args.extend(["--set=fees.taker=0.00045", "--set=fees.maker=0.00015", "config", "check", "--json"]);
        home.run(&args)
    };
    let doctor = |home: &Home| {
        let p = home.run(&[&MINE[..], &["doctor", "--json"]].concat()).packet();
        let checks = p["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|c| c["name"] == "strategies").unwrap()
    };
    let absent = checked(&home);
    assert_eq!(absent.code, 1);
    let problem = absent.packet()["problems"][0].clone();
    assert_eq!((&problem["key"], &problem["code"]), (&"books.mine.document".into(), &"ZERO-STR-008".into()));
    assert_eq!(doctor(&home)["status"], "fail");
    home.run(&["strategy", "new", "mine"]).ok();
    assert_eq!((checked(&home).code, doctor(&home)["status"].clone()), (0, "pass".into()));
    fs::write(home.partition().join("strategies/mine.toml"), "name = \"mine\"\n").unwrap();
    assert_eq!((checked(&home).code, doctor(&home)["status"].clone()), (1, "fail".into()));
}

#[test]
fn near_misses_of_a_coin_are_counted_among_the_rejected_of_that_coin() {
    let home = Home::ready();
    home.run(&["run", "--speed", "0", "--days", "30", "--set=limits.max_gross_leverage=0.6"]).ok();
    let all = home.run(&["near-misses", "--json"]).ok().packet();
    let coins = home.run(&["heat", "--json"]).ok().packet()["coins"].clone();
    for key in ["rejected", "unmeasurable"] {
        let of = |c: &serde_json::Value| {
            let coin = c["coin"].as_str().unwrap();
            home.run(&["near-misses", "--coin", coin, "--json"]).ok().packet()[key].as_u64().unwrap()
        };
        let sum: u64 = coins.as_array().unwrap().iter().map(of).sum();
        assert_eq!(sum, all[key].as_u64().unwrap(), "{key}");
    }
    assert!(all["rejected"].as_u64().unwrap() > 10, "{all}");
}

#[test]
fn a_document_that_needs_more_bars_than_there_are_is_said_to_have_never_been_warm() {
    let home = Home::ready();
    home.run(&["strategy", "new", "mine"]).ok();
    let text = "name = \"mine\"\nversion = 1\n[entry]\nlong = \"trend_t(5000) >= 0.5\"\n[exit]\n\
                stop = \"3 * daily_vol()\"\nhorizon = \"2d\"\n";
    let backtest = |text: &str| {
        fs::write(home.partition().join("strategies/mine.toml"), text).unwrap();
        let fees = ["--set=fees.taker=0.00045", "--set=fees.maker=0.00015"];
        let args = [&MINE[..], &fees[..], &["backtest", "--alone", "--days", "20", "--json"]].concat();
        home.run(&args).ok().packet()
    };
    let cold = backtest(text);
    assert!(cold["headline"].as_str().unwrap().contains("no strategy was ever warm"), "{}", cold["headline"]);
    let page =
        cold["files"].as_array().unwrap().iter().find(|f| f.as_str().unwrap().ends_with(".json")).unwrap();
    let page = fs::read_to_string(page.as_str().unwrap()).unwrap();
    assert!(page.contains("mine needs 50") && page.contains("the data have 480."), "which and how many");
    // One that is warm and finds no entry did not trade either, and that is another thing.
    let idle = backtest(&text.replace("trend_t(5000) >= 0.5", "trend_t(50) >= 1000"));
    let said = idle["headline"].as_str().unwrap();
    assert!(said.starts_with("Nothing traded") && !said.contains("warm"), "{said}");
}
