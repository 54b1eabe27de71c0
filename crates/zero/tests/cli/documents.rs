//! A strategy document of the operator's own, from the workspace through backtest and journal.

use crate::support::Home;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const BOOK: [&str; 8] = [
    "--set",
    "books.trend.enabled=false",
    "--set",
    "books.carry.enabled=false",
    "--set",
    "books.mine.strategy=document",
    "--set",
    "books.mine.document.name=mine",
];

const MINE: &str = r#"
name = "mine"
version = 1
about = "A quick trend follower."

[entry]
long = "trend_t(72) >= 0.5"
short = "trend_t(72) <= -0.5"

[exit]
stop = "3 * daily_vol()"
horizon = "2d"
kill = "vol(12) > 4 * vol(48)"
signal_long = "trend_t(72) <= 0"
signal_short = "trend_t(72) >= 0"
"#;

/// The same in other words: comments, order, defaults spelled out, a constant written otherwise.
const SAME: &str = r#"
# In other words.
name = "mine"
version = 1
[exit]
signal_short = "trend_t(72, 48) >= 0.0"
signal_long = "0 >= trend_t(72)"
kill = "4 * vol(48) < vol(12)"
horizon = "48h"
stop = "daily_vol(48) * 3"
[entry]
short = "trend_t(72) <= -0.50"
long = "not (trend_t(72) < 1 / 2)"
score = "0"
"#;

fn other() -> String {
    MINE.replace(">= 0.5", ">= 0.6")
}

fn file(home: &Home) -> PathBuf {
    home.partition().join("strategies/mine.toml")
}

fn with(text: &str) -> Home {
    let home = Home::ready();
    home.run(&["strategy", "new", "mine"]).ok();
    fs::write(file(&home), text).unwrap();
    home
}

fn backtest(home: &Home) -> Value {
    let mut args = vec!["backtest", "--alone", "--days", "60", "--json"];
    args.extend(BOOK);
    home.run(&args).ok().packet()["run"].clone()
}

fn run(home: &Home, events: &str) {
    let mut args = vec!["run", "--speed", "0", "--no-http", "--events", events];
    args.extend(BOOK);
    home.run(&args).ok();
}

fn bodies(home: &Home, kind: &str) -> Vec<Value> {
    let tail = home.run(&["journal", "tail", "--kind", kind, "-n", "10000", "--json"]).ok().packet();
    tail["records"].as_array().unwrap().iter().map(|r| r["body"].clone()).collect()
}

#[test]
fn a_backtest_runs_the_operators_document_and_its_meaning_names_the_run() {
    let home = with(MINE);
    let first = backtest(&home);
    assert!(first["counters"]["fills"].as_u64().unwrap() > 20, "{first}");
    let digest = home.run(&["strategy", "explain", "mine", "--json"]).ok().packet()["digest"].clone();
    assert_eq!(first["epoch"]["strategies"], serde_json::json!([digest]), "the run names what it ran");
    fs::write(file(&home), SAME).unwrap();
    let same = backtest(&home);
    assert_eq!(same["epoch"], first["epoch"], "other words, the same meaning");
    assert_eq!(same["decision_digest"], first["decision_digest"]);
    assert_eq!(same["money"], first["money"]);
    fs::write(file(&home), other()).unwrap();
    let changed = backtest(&home);
    assert_ne!(changed["epoch"]["strategies"], first["epoch"]["strategies"]);
    assert_ne!(changed["decision_digest"], first["decision_digest"]);
    assert_eq!(changed["epoch"]["config"], first["epoch"]["config"], "nothing else changed");
}

#[test]
fn a_changed_document_is_a_new_epoch_of_its_journal_and_the_same_in_other_words_is_not() {
    let home = with(MINE);
    run(&home, "9000");
    let fills = bodies(&home, "fill").len();
    assert!(fills > 0);
    fs::write(file(&home), SAME).unwrap();
    run(&home, "200");
    fs::write(file(&home), other()).unwrap();
    run(&home, "3000");
    let epochs: Vec<(u64, String, String)> = bodies(&home, "manifest")
        .iter()
        .map(|m| {
            let text = m["strategies"][0]["params"].as_str().unwrap().to_owned();
            (m["epoch_number"].as_u64().unwrap(), m["epoch"]["strategies"].to_string(), text)
        })
        .collect();
    let numbers: Vec<u64> = epochs.iter().map(|e| e.0).collect();
    assert_eq!(numbers.last(), Some(&2), "{numbers:?}");
    assert!(numbers.windows(2).all(|w| w[0] <= w[1]), "{numbers:?}");
    for e in &epochs {
        let wanted = if e.0 == 1 { ">= 0.5" } else { ">= 0.6" };
        assert!(
            e.2.contains(&format!("entry.long=trend_t(72, 48) {wanted}")),
            "the meaning is in the journal: {}",
            e.2
        );
        let first_of_it = epochs.iter().find(|x| x.0 == e.0).unwrap();
        assert_eq!(e.1, first_of_it.1, "one epoch, one set of strategies");
    }
    assert_ne!(epochs.first().unwrap().1, epochs.last().unwrap().1);
    // Every order names the strategy that wanted it, and every exit the class that won.
    let orders = bodies(&home, "order");
    let digests: std::collections::BTreeSet<String> =
        orders.iter().map(|o| o["strategy"].to_string()).collect();
    assert_eq!(digests.len(), 2, "{digests:?}");
    for o in &orders {
        let purpose = o["intent"]["purpose"].as_str().unwrap();
        let class = o["exit"].as_str();
        match purpose {
            "entry" => assert_eq!(class, None, "{o}"),
            "exit" => assert!(["kill", "time", "signal"].contains(&class.unwrap()), "{o}"),
            other => assert_eq!(class, Some(other), "{o}"),
        }
    }
    // The exit that won is what `why` says of its slice.
    let exit = orders.iter().rfind(|o| o["intent"]["purpose"] == "exit").unwrap();
    let (coin, at) =
        (exit["intent"]["coin"].as_str().unwrap(), exit["intent"]["decided_at"].as_str().unwrap());
    let why = home.run(&["why", coin, "--at", at, "--json"]).ok().packet();
    let said = why["books"][0]["why"].as_str().unwrap();
    let class = exit["exit"].as_str().unwrap();
    let turned = why["books"][0]["outcome"] == "admitted" || why["books"][0]["outcome"] == "rejected";
    assert!(
        said.starts_with(&format!("left ({class}): ")) || (turned && class == "signal"),
        "{class}: {why}"
    );
    // The journal carries the strategy itself: who reads it needs no file.
    fs::remove_file(file(&home)).unwrap();
    let e = home.run(&["evaluate", "BTC", "--json"]).ok().packet();
    assert_eq!(
        (e["books"][0]["book"].as_str(), e["books"][0]["strategy"].as_str()),
        (Some("mine"), Some("mine")),
        "{e}"
    );
    assert_ne!(e["books"][0]["proposal"], "unavailable", "{e}");
    assert_eq!(home.run(&["journal", "verify", "--json"]).ok().packet()["ok"], true);
    let mut again = vec!["run", "--speed", "0", "--no-http", "--events", "1"];
    again.extend(BOOK);
    home.run(&again).failed(1, "ZERO-STR-008");
}

#[test]
fn a_document_with_a_mistake_starts_nothing_and_shows_where_it_is() {
    let home = with(&MINE.replace("trend_t(72) >= 0.5", "trend(72) >= 0.5"));
    let mut args = vec!["backtest", "--alone", "--days", "20"];
    args.extend(BOOK);
    let ran = home.run(&args);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("mine.toml:7:") && ran.err.contains("trend_t"), "{}", ran.err);
}

/// A stop that does not follow the volatility risks more of the portfolio on a wild day than a limit allows, and less on a quiet one.
#[test]
fn a_document_whose_orders_pass_on_quiet_days_is_not_called_impossible() {
    let home = Home::ready();
    for stop in ["1%", "3%"] {
        let text = format!(
            "name = \"mine\"\nversion = 1\n[entry]\nlong = \"trend_t(24) > 1\"\n[exit]\nstop = \"{stop}\"\nhorizon = \"2d\"\n"
        );
        fs::create_dir_all(file(&home).parent().unwrap()).unwrap();
        fs::write(file(&home), text).unwrap();
        let mut args = vec!["backtest", "--days", "20", "--alone", "--json"];
        args.extend(BOOK);
        home.run(&args).ok();
    }
}
