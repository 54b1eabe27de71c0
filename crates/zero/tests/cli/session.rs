//! Sessions are stretches of the journal: they outlive restarts, end by their policy, and come to what the records say.

use crate::support::Home;
use serde_json::Value;

fn summary(home: &Home, args: &[&str]) -> Value {
    let mut all = vec!["session"];
    all.extend(args);
    all.push("--json");
    home.run(&all).ok().packet()["session"].clone()
}

/// Fills and their fees between two records, by adding up the exported lines.
fn added_up(home: &Home, s: &Value) -> (u64, i128) {
    let (from, to) = (s["records"]["from"].to_string(), s["records"]["to"].to_string());
    home.run(&["journal", "export", "--out", "all.jsonl", "--facts", "--from", &from, "--to", &to]).ok();
    let text = std::fs::read_to_string(home.path().join("all.jsonl")).unwrap();
    let (mut n, mut fees) = (0, 0i128);
    for line in text.lines() {
        let r: Value = serde_json::from_str(line).unwrap();
        if r["kind"] == "fill" {
            n += 1;
            fees += units(&r["body"]["fee"].to_string());
        }
    }
    (n, fees)
}

/// A decimal in units of its eighth place.
fn units(text: &str) -> i128 {
    let (whole, part) =
        text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
    let part = format!("{part:0<8}");
    let v: i128 = format!("{whole}{}", &part[..8]).parse().unwrap();
    if text.starts_with('-') { -v } else { v }
}

#[test]
fn a_session_outlives_restarts_ends_flat_and_comes_to_what_its_records_add_up_to() {
    let home = Home::with_run(500);
    assert!(summary(&home, &["status"]).is_null());
    home.run(&["session", "end"]).failed(1, "ZERO-OPR-004");
    home.run(&["session", "start", "night watch"]).ok();
    home.run(&["session", "start"]).failed(1, "ZERO-OPR-004");
    home.run(&["run", "--speed", "0", "--events", "9000"]).ok();
    home.run(&["run", "--speed", "0", "--events", "9000"]).ok();
    let open = summary(&home, &["status"]);
    assert_eq!(
        (open["state"].as_str(), open["label"].as_str()),
        (Some("open"), Some("night watch")),
        "{open}"
    );
    assert_eq!(open["end_policy"], "flatten");
    home.run(&["session", "end"]).ok();

    let early = summary(&home, &["wrap"]);
    assert_eq!(early["state"], "ended");
    assert_eq!(early["result"]["settlement"], "not yet flat", "{early}");
    let held = early["result"]["positions"].as_u64().unwrap();
    assert!(held > 0, "nothing was held: {early}");
    home.run(&["run", "--speed", "0", "--events", "600"]).ok();
    let s = summary(&home, &["wrap"]);
    assert_eq!((s["state"].as_str(), s["parts"].as_u64()), (Some("ended"), Some(1)), "{s}");
    let r = &s["result"];
    assert_eq!((&r["settlement"], &r["positions"]), (&"flat".into(), &0.into()), "{s}");
    assert!(r["fills"].as_u64() >= Some(early["result"]["fills"].as_u64().unwrap() + held), "{early} {s}");
    assert!(units(&r["fees"].to_string()) > units(&early["result"]["fees"].to_string()), "{early} {s}");
    assert_ne!(r["realised"], early["result"]["realised"], "closing realises a profit or a loss: {s}");
    assert_eq!((&s["to"], &s["open_s"]), (&early["to"], &early["open_s"]), "it ended when it was ended");
    let (fills, fees) = added_up(&home, &s);
    assert!(fills > 0, "an idle session shows nothing: {s}");
    assert_eq!(s["result"]["fills"].as_u64(), Some(fills));
    assert_eq!(units(&s["result"]["fees"].to_string()), fees, "{s}");
    assert_eq!(home.run(&["auto", "status", "--json"]).ok().packet()["state"], "off");
    home.run(&["run", "--speed", "0", "--events", "600"]).ok();
    let p = home.run(&["positions", "--json"]).ok().packet();
    assert_eq!(p["count"], 0, "everything was closed, and nothing entered since: {p}");
    assert_eq!(summary(&home, &["wrap"]), s, "what ended does not change");
    assert_eq!(home.run(&["journal", "verify", "--json"]).ok().packet()["ok"], true);
}

/// What a session left to be closed is counted to it until the next begins, and no fill is counted twice.
#[test]
fn a_session_that_another_follows_before_it_is_flat_says_so_and_leaves_the_rest_to_it() {
    let home = Home::with_run(500);
    home.run(&["session", "start", "one"]).ok();
    home.run(&["run", "--speed", "0", "--events", "18000"]).ok();
    home.run(&["session", "end"]).ok();
    home.run(&["session", "start", "two"]).ok();
    home.run(&["run", "--speed", "0", "--events", "600"]).ok();
    let (one, two) = (summary(&home, &["wrap", "one"]), summary(&home, &["wrap", "two"]));
    assert_eq!(one["result"]["settlement"], "not yet flat", "{one}");
    assert!(one["result"]["positions"].as_u64() > Some(0), "{one}");
    assert_eq!(
        (&two["result"]["settlement"], &two["result"]["positions"]),
        (&"open".into(), &0.into()),
        "{two}"
    );
    assert_eq!(one["records"]["to"], two["records"]["from"], "{one} {two}");
    for s in [&one, &two] {
        let (fills, fees) = added_up(&home, s);
        assert!(fills > 0, "{s}");
        assert_eq!(s["result"]["fills"].as_u64(), Some(fills));
        assert_eq!(units(&s["result"]["fees"].to_string()), fees, "{s}");
    }
}

/// What a market does to positions that a session left is no part of it, though it is resumed.
#[test]
fn a_resumed_session_comes_to_its_parts_and_to_nothing_that_lies_between_them() {
    let home = Home::with_run(500);
    home.run(&["session", "start", "a", "--end", "protected"]).ok();
    home.run(&["run", "--speed", "0", "--events", "18000"]).ok();
    home.run(&["session", "end"]).ok();
    let share = || home.run(&["session", "share", "--json"]).ok().packet()["return_pct"].clone();
    let (first, shared) = (summary(&home, &["wrap"])["result"].clone(), share());
    assert!(first["positions"].as_u64() > Some(0), "something is left: {first}");
    home.run(&["run", "--speed", "0", "--events", "3000"]).ok();
    home.run(&["session", "resume", "a"]).ok();
    let resumed = summary(&home, &["wrap"])["result"].clone();
    assert_ne!(resumed["equity_to"], first["equity_to"], "the market moved what was left");
    for name in ["equity_change", "fills", "fees", "funding", "realised"] {
        assert_eq!(resumed[name], first[name], "{name}: {resumed}");
    }
    assert_eq!(share(), shared);
    home.run(&["run", "--speed", "0", "--events", "3000"]).ok();
    home.run(&["session", "end"]).ok();
    let second = &summary(&home, &["wrap"])["result"];
    let change = |r: &Value| units(&r["equity_change"].to_string());
    let money = |r: &Value, name: &str| units(&r[name].to_string());
    let part = money(second, "equity_to") - money(&resumed, "equity_to");
    assert_eq!(change(second), change(&first) + part, "{first} {resumed} {second}");
}

#[test]
fn sessions_are_labelled_forked_resumed_listed_and_replayed() {
    let home = Home::with_run(500);
    home.run(&["session", "start", "a", "--end", "protected"]).ok();
    home.run(&["run", "--speed", "0", "--events", "2000"]).ok();
    home.run(&["session", "end"]).ok();
    home.run(&["session", "save", "first", "--session", "a"]).ok();
    home.run(&["session", "resume", "a"]).failed(1, "ZERO-OPR-004");
    home.run(&["session", "resume", "first"]).ok();
    home.run(&["session", "end"]).ok();
    home.run(&["fork", "first"]).ok();
    home.run(&["session", "save", "first"]).failed(1, "ZERO-OPR-004");
    home.run(&["save", "second"]).ok();
    let all = home.run(&["sessions", "--json"]).ok().packet();
    let s = all["sessions"].as_array().unwrap();
    assert_eq!(s.len(), 2, "{all}");
    assert_eq!((s[0]["label"].as_str(), s[0]["parts"].as_u64()), (Some("first"), Some(2)));
    assert_eq!((s[1]["label"].as_str(), &s[1]["origin"]), (Some("second"), &s[0]["id"]));
    assert_eq!(s[1]["end_policy"], "protected", "a fork ends as its origin");
    let events = home.run(&["session", "replay", "first", "--json"]).ok().packet();
    let list = events["events"].as_array().unwrap();
    assert!(list.iter().any(|e| e["message"].as_str().unwrap().contains("session_end")), "{events}");
    let seqs: Vec<u64> = list.iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");
}

#[test]
fn a_shared_session_names_no_person_no_coin_no_place_and_no_amount() {
    let home = Home::with_run(500);
    home.run(&["session", "start", "SECRETLABEL"]).ok();
    home.run(&["operator", "pause", "--reason", "SECRETREASON"]).ok();
    home.run(&["operator", "resume", "--reason", "SECRETREASON", "--yes"]).ok();
    home.run(&["run", "--speed", "0", "--events", "5000"]).ok();
    home.run(&["session", "end"]).ok();
    let s = summary(&home, &["wrap"]);
    home.run(&["session", "share", "--out", "share.json"]).ok();
    let text = std::fs::read_to_string(home.path().join("share.json")).unwrap();
    let equity = s["result"]["equity_to"].to_string();
    let id = s["id"].as_str().unwrap();
    for hidden in ["SECRET", "default", "BTC", "ETH", equity.as_str(), id, home.path().to_str().unwrap()] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let shared: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shared["fills"], s["result"]["fills"]);
    assert!(shared["return_pct"].is_number(), "{shared}");
}

#[test]
fn a_fork_leaves_the_label_to_its_origin_and_needs_no_name_where_the_latest_is_meant() {
    let home = Home::with_run(500);
    home.run(&["session", "start", "s1"]).ok();
    home.run(&["session", "end"]).ok();
    home.run(&["session", "fork"]).ok();
    home.run(&["session", "end"]).ok();
    let all = home.run(&["session", "list", "--json"]).ok().packet();
    let all = all["sessions"].as_array().unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0]["label"], &all[1]["origin"]), (&"s1".into(), &all[0]["id"]), "{all:?}");
    assert!(all[1]["label"].is_null(), "{all:?}");
    let one = home.run(&["session", "list", "1", "--json"]).ok().packet();
    assert_eq!(one["sessions"].as_array().unwrap(), &all[1..]);
}
