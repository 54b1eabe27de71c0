//! Questions about a run: at rest, beside a running loop, and about what is not there.

use crate::support::Home;
use serde_json::Value;
use zero_strategy::registry::{LENSES, MODIFIERS};

const QUESTIONS: &[&[&str]] = &[
    &["evaluate", "btc"],
    &["decision-stack", "ETH", "--side", "sell"],
    &["why", "btc"],
    &["heat"],
    &["approaching", "--within", "12h"],
    &["regime", "SOL"],
    &["brief", "--since", "100"],
    &["pulse", "5"],
];

#[test]
fn every_question_is_answered_beside_a_running_loop_and_changes_nothing() {
    let home = Home::ready();
    let running = home.spawn_run(&["--source", "synthetic", "--days", "3000", "--speed", "20000"]);
    for args in QUESTIONS {
        let mut all = args.to_vec();
        all.push("--json");
        // The loop has just begun: a question may be about a slice that is not there yet.
        let mut ran = home.run(&all);
        for _ in 0..50 {
            if ran.code == 0 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            ran = home.run(&all);
        }
        let packet = ran.ok().packet();
        assert_eq!(packet["source"], "running", "{args:?}");
        assert!(!home.run(args).ok().out.is_empty());
    }
    running.interrupt().ok();
    home.run(&["journal", "verify"]).ok();
    let at_rest = home.run(&["brief", "--json"]).ok().packet();
    assert_eq!(at_rest["source"], "at_rest");
}

#[test]
fn what_is_not_there_is_an_error_with_a_hint_and_what_is_empty_says_why() {
    let home = Home::ready();
    home.run(&["evaluate", "btc"]).failed(1, "ZERO-JRN-009");
    home.run(&["run", "--speed", "0", "--events", "1"]).ok();
    home.run(&["why", "btc"]).failed(1, "ZERO-RUN-011");
    // Nothing has closed yet: no score, no probability, no verdict, and each says why.
    let heat = home.run(&["heat", "--json"]).ok().packet();
    for c in heat["coins"].as_array().unwrap() {
        assert!(c["score"].is_null() && c["unknown"].as_str().unwrap().contains("trend_t"), "{c}");
    }
    let near = home.run(&["approaching", "--json"]).ok().packet();
    for a in near["approaching"].as_array().unwrap() {
        assert!(a["probability"].is_null() && a["unknown"].is_string(), "{a}");
    }
    let e = home.run(&["evaluate", "btc", "--json"]).ok().packet();
    assert_eq!(e["decision_stack"]["decision"]["verdict"], "UNKNOWN");
    for key in ["consensus", "conviction", "regime", "trace_id", "price"] {
        assert!(e[key].is_null(), "{key}: {}", e[key]);
    }
    for b in e["books"].as_array().unwrap() {
        // No strategy decides for the operator's own orders, so there is none that could abstain.
        let proposal = if b["book"] == "own-orders" { "nothing" } else { "abstain" };
        assert_eq!(b["proposal"], proposal, "{b}");
        assert_eq!(
            b["says"].as_str().unwrap().contains("operator's own orders"),
            proposal == "nothing",
            "{b}"
        );
    }
    home.run(&["evaluate", "nothing"]).failed(1, "ZERO-CLI-014");
    home.run(&["why", "btc", "--at", "yesterday"]).failed(2, "ZERO-CLI-020");
    home.run(&["brief", "--since", "yesterday"]).failed(2, "ZERO-CLI-020");
    home.run(&["lookahead", "--strategy", "x", "--days", "20"]).failed(2, "ZERO-CLI-022");
}

/// One word in three places: the status at a glance, the regime, and the posterior behind it. With a snapshot in the middle of
/// the journal, without one, and before anything is known.
#[test]
fn the_status_names_the_regime_that_the_posterior_has() {
    // The third ends between closes and slice: the state right before that instant is the answer.
    for (events, known) in [(30_010, true), (9_023, true), (9_010, true), (40, false)] {
        let home = Home::with_run(events);
        let status = home.run(&["status", "--json"]).ok().packet();
        let regime = home.run(&["regime", "--json"]).ok().packet();
        let word = &status["market"]["regime"];
        assert_eq!((word, word.is_string()), (&regime["regime"], known), "{events}: {status}");
        assert_eq!(word, &regime["dimensions"][0]["state"]);
        let told =
            status["blind_spots"].as_array().unwrap().iter().any(|b| b == "the market's regime is unknown");
        assert_eq!(told, !known);
        let rates = regime["flip_rates"].as_array().unwrap();
        assert_eq!(rates.len(), 3);
        assert_eq!(rates[2]["series"].as_u64(), Some(regime["coins"].as_array().unwrap().len() as u64));
        for r in rates {
            let (days, flips) = (r["known_days"].as_f64().unwrap(), r["flips"].as_u64().unwrap() as f64);
            assert_eq!(r["per_day"].as_f64(), (days > 0.0).then(|| flips / days), "{r}");
            assert_eq!(r["dwell_days"].as_f64(), (flips > 0.0).then(|| days / flips), "{r}");
        }
    }
}

/// A journal that ends inside an instant, after each number of its events: until the slice is there, the answer is that of the
/// whole state before the instant, and from the slice on it is a new one.
#[test]
fn a_question_between_closes_and_slice_is_answered_from_the_last_decided_state() {
    let mut seen: Vec<(bool, Value)> = Vec::new();
    for events in (30_010 - 31..=30_010).step_by(3) {
        let home = Home::with_run(events);
        let mut e = home.run(&["evaluate", "btc", "--json"]).ok().packet();
        let d = e["decided"].clone();
        assert_eq!(d, e["decision_stack"]["decided"]);
        let at = |v: &Value| zero_core::Ts::parse_iso(v.as_str().unwrap()).unwrap();
        let hours = at(&d["next"]).since(at(&d["slice"])).as_ns() / 3_600_000_000_000;
        let closing = d["closing"].as_bool().unwrap();
        assert_eq!((hours, d["age_s"].as_f64()), (1, Some(if closing { 3_600.0 } else { 0.0 })), "{d}");
        let unknown = e["books"][0]["sides"][0]["gates"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|g| g["outcome"] == "unknown");
        assert_eq!(unknown.count(), 0, "{events}: {e}");
        assert!(e["regime"].is_string() && e["conviction"].is_number(), "{events}");
        // The same numbers as when that decision was fresh.
        e["decided"].take();
        e["decision_stack"]["decided"].take();
        seen.push((closing, e));
    }
    let closing = seen.iter().filter(|(c, _)| *c).count();
    assert!(
        (5..=8).contains(&closing),
        "20 of 31 events lie between the first close and the slice: {closing}"
    );
    let before: Vec<&Value> = seen.iter().filter(|(c, _)| *c).map(|(_, e)| &e["lenses"]).collect();
    assert!(before.windows(2).all(|w| w[0] == w[1]), "no part of an instant changes an answer");
    assert_ne!(before[0], &seen.last().unwrap().1["lenses"]);
}

/// A kill waits for no slice: whoever asks between the closes of an instant and its slice is not told that risk is allowed.
#[test]
fn what_stops_new_risk_is_said_wherever_in_an_instant_the_journal_ends() {
    let home = Home::with_run(30_010 - 20);
    let judged = |home: &Home| home.run(&["evaluate", "btc", "--json"]).ok().packet();
    assert_eq!(judged(&home)["decided"]["closing"], true, "it ends inside an instant");
    home.run(&["operator", "kill", "--reason", "now"]).ok();
    let (status, brief) =
        (home.run(&["status", "--json"]).ok().packet(), home.run(&["brief", "--json"]).ok().packet());
    assert_eq!(brief["risk_increasing_allowed"], false, "{}", brief["state"]);
    assert!(brief["breakers"].as_array().unwrap().iter().any(|b| b["name"] == "kill_switch"));
    assert_eq!(brief["exposure"]["equity"], status["positions"]["equity"], "one account");
    let immune = home.run(&["immune", "--json"]).ok().packet();
    assert!(
        immune["breakers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|b| b["name"] == "kill_switch" && b["status"] == "open")
    );
    let e = judged(&home);
    assert_eq!(e["decided"]["closing"], true, "the market is that of the last decision");
    for book in e["books"].as_array().unwrap() {
        for side in book["sides"].as_array().unwrap() {
            let gate = side["gates"].as_array().unwrap().iter().find(|g| g["gate"] == "breakers");
            assert_eq!(gate.unwrap()["outcome"], "false", "{side}");
        }
    }
    let tail = home.run(&["journal", "tail", "-n", "1", "--json"]).ok().packet();
    let last = tail["next_seq"].as_u64().unwrap();
    home.run(&["brief", "--since", &(last - 1).to_string()]).ok();
}

/// What could not be measured is recorded as such, and is the same when it is judged again.
#[test]
fn a_rejection_by_what_could_not_be_measured_is_reproduced() {
    let home = Home::ready();
    home.run(&["run", "--speed", "0", "--events", "20000", "--source", "synthetic", "--no-http"]).ok();
    let rejected = home.run(&["rejections", "-n", "300", "--json"]).ok().packet();
    let unmeasured =
        |x: &&Value| x["failing"].as_array().is_some_and(|g| g.iter().any(|g| g["outcome"] == "unknown"));
    let list: Vec<&Value> = rejected["rejections"].as_array().unwrap().iter().filter(unmeasured).collect();
    assert!(list.len() > 20, "{} of them", list.len());
    for x in list.iter().step_by(list.len() / 4) {
        let text = |k: &str| x[k].as_str().unwrap().to_owned();
        let why = home.run(&["why", &text("coin"), "--at", &text("ts"), "--json"]).ok().packet();
        let books = why["books"].as_array().unwrap();
        let mine = books.iter().find(|b| b["book"] == x["book"]).unwrap();
        assert_eq!(mine["reproduced"], true, "{mine}");
    }
}

/// Every rejection that was recorded is explained, by the judgement that was recorded.
#[test]
fn every_recorded_rejection_is_explained_and_reproduced() {
    let home = Home::ready();
    let tight = ["--set=limits.max_open_positions=2", "--set=limits.max_gross_leverage=0.6"];
    let mut args = vec!["run", "--speed", "0", "--days", "30", "--source", "synthetic"];
    args.extend(tight);
    home.run(&args).ok();
    let rejected = home.run(&["rejections", "-n", "300", "--json"]).ok().packet();
    let list = rejected["rejections"].as_array().unwrap();
    assert!(list.len() > 5, "{}", list.len());
    let mut remedied = 0;
    for x in list.iter().step_by(list.len() / 6) {
        let text = |k: &str| x[k].as_str().unwrap().to_owned();
        let why = home.run(&["why", &text("coin"), "--at", &text("ts"), "--json"]).ok().packet();
        assert_eq!(why["slice"], x["ts"]);
        let books = why["books"].as_array().unwrap();
        let mine: &Value = books.iter().find(|b| b["book"] == x["book"]).unwrap();
        assert_eq!((&mine["outcome"], &mine["reproduced"]), (&"rejected".into(), &true.into()), "{mine}");
        assert_eq!(mine["trace_id"], x["trace_id"]);
        let gates = |v: &Value| -> Vec<String> {
            let list = v.as_array().unwrap().iter();
            list.map(|g| g["gate"].as_str().unwrap_or("").to_owned()).collect()
        };
        let explained = Value::from(
            mine["failing"].as_array().unwrap().iter().map(|f| f["gate"].clone()).collect::<Vec<_>>(),
        );
        assert_eq!(gates(&explained), gates(&x["failing"]));
        remedied += usize::from(!mine["together"].as_array().unwrap().is_empty());
    }
    assert!(remedied > 0);
}

#[test]
fn the_stack_has_every_part_of_the_run_and_no_neutral_constant() {
    // The loop ends after a slice: within one, the cross-section is not yet of now, and its gates say so.
    let home = Home::with_run(30_010);
    let e = home.run(&["evaluate", "btc", "--json"]).ok().packet();
    let other = home.run(&["evaluate", "sui", "--json"]).ok().packet();
    for key in ["price", "conviction", "trace_id"] {
        assert!(!e[key].is_null() && e[key] != other[key], "{key} is the same for two coins: {}", e[key]);
    }
    let stack = home.run(&["decision-stack", "btc", "--json"]).ok().packet();
    assert_eq!(stack, e["decision_stack"], "one judgement, two packets");
    let names = |list: &Value, key: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|x| x[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&e["lenses"], "lens"), LENSES.iter().map(|(n, _)| *n).collect::<Vec<_>>());
    assert_eq!(names(&e["modifiers"], "modifier"), MODIFIERS.iter().map(|(n, _)| *n).collect::<Vec<_>>());
    let layers = names(&e["layers"], "layer");
    for l in [
        "freshness",
        "cost",
        "risk_bounds",
        "portfolio",
        "regime",
        "breakers",
        "cooldown",
        "min_notional",
        "margin",
    ] {
        assert!(layers.iter().any(|x| x == l), "{l} is not among {layers:?}");
    }
    let gates: usize =
        e["layers"].as_array().unwrap().iter().map(|l| l["value"].as_object().unwrap().len()).sum();
    let sides = &e["books"][0]["sides"];
    assert_eq!((gates, sides.as_array().unwrap().len()), (sides[0]["gates"].as_array().unwrap().len(), 2));
    for g in sides[0]["gates"].as_array().unwrap() {
        let number = |k: &str| g[k].as_f64().unwrap();
        assert!((number("distance") - (number("limit") - number("value"))).abs() < 1e-9, "{g}");
    }
    let weights: f64 = e["lenses"].as_array().unwrap().iter().filter_map(|l| l["weight"].as_f64()).sum();
    assert!((weights - 1.0).abs() < 1e-9, "{weights}");
}

#[test]
fn an_examination_that_judged_nothing_shows_nothing_and_accuses_nobody() {
    let home = Home::new();
    for days in ["0", "2"] {
        let args = ["lookahead", "--strategy", "trend", "--days", days];
        let ran = home.run(&args);
        assert_eq!(ran.code, 1, "{} {}", ran.out, ran.err);
        assert!(ran.out.contains("nothing was judged"), "{}", ran.out);
        assert!(!ran.out.contains("FOUND") && !ran.out.contains("none:"), "{}", ran.out);
        let p = home.run(&[&args[..], &["--json"]].concat()).packet();
        assert_eq!((&p["ok"], &p["verdict"]), (&false.into(), &"nothing_judged".into()));
        assert_eq!(p["runs"][0]["candidates"], 0);
    }
    // One that never trades takes nothing from what the others show.
    let all =
        home.run(&["lookahead", "--strategy", "all", "--days", "20", "--ends", "2", "--json"]).ok().packet();
    assert_eq!(all["verdict"], "clean");
    let flat = all["runs"].as_array().unwrap().iter().find(|r| r["strategy"] == "flat").unwrap();
    assert_eq!(flat["verdict"], "nothing_judged");
}

/// The contract's own way of writing what is wanted, and a moment that the run has not come to.
#[test]
fn a_coin_and_a_number_may_stand_alone_and_nothing_is_said_of_what_is_not_written() {
    let home = Home::with_run(20_000);
    let by_place = home.run(&["rejections", "BTC", "3", "--json"]).ok().packet();
    let by_name = home.run(&["rejections", "--coin", "btc", "-n", "3", "--json"]).ok().packet();
    assert_eq!(by_place["rejections"], by_name["rejections"]);
    assert_eq!(by_place["rejections"].as_array().unwrap().len(), 3);
    home.run(&["rejections", "BTC", "--coin", "ETH"]).failed(2, "ZERO-CLI-011");
    home.run(&["brief", "--since", "99999999"]).failed(2, "ZERO-CLI-020");
    home.run(&["brief", "--since", "2099-01-01T00:00:00Z"]).failed(2, "ZERO-CLI-020");
    let all = home.run(&["positions", "--json"]).ok().packet();
    let listed = all["positions"].as_array().unwrap();
    assert!(listed.len() > 1, "{all}");
    for p in listed {
        let one = home.run(&["positions", "--coin", p["symbol"].as_str().unwrap(), "--json"]).ok().packet();
        assert_eq!(one["total_unrealized_pnl"], p["unrealized_pnl"], "{one}");
    }
}
