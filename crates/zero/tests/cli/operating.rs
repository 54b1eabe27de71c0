//! A loop that runs, looked at and acted on from outside.

use crate::support::Home;
use std::fs;

#[test]
fn status_beside_a_running_loop_reads_without_its_lock_and_a_second_writer_is_refused_by_name() {
    let home = Home::ready();
    let running = home.spawn_run(&[]);
    let lock = fs::read(home.run_journal().join("LOCK")).unwrap();
    for command in ["status", "positions", "risk", "decisions", "rejections", "health", "immune"] {
        let ran = home.run(&[command, "--json"]).ok();
        let p = ran.packet();
        if let Some(source) = p.get("source") {
            assert_eq!(source, "running", "{command}");
        }
    }
    let second = home.run(&["run", "--events", "1"]).failed(3, "ZERO-JRN-002");
    assert!(second.err.contains(&running.pid().to_string()), "names its holder: {}", second.err);
    assert_eq!(fs::read(home.run_journal().join("LOCK")).unwrap(), lock);
    let c = home.run(&["journal", "checkpoint", "--json"]).ok().packet();
    assert_eq!(c["fresh"], false, "the writer signs in its own time");
    let ended = running.interrupt();
    assert_eq!(ended.code, 0, "Ctrl-C is an orderly end: {}", ended.err);
    assert_eq!(home.run(&["journal", "verify", "--json"]).ok().packet()["ok"], true);
    let p = home.run(&["status", "--json"]).ok().packet();
    assert_eq!(p["source"], "at_rest");
    let text = home.run(&["status"]).ok().out;
    assert!(text.contains("at rest: ended"), "{text}");
}

#[test]
fn a_pause_reaches_the_running_loop_and_is_durable_when_the_command_returns() {
    let home = Home::ready();
    let running = home.spawn_run(&[]);
    let p = home.run(&["operator", "pause", "--reason", "look", "--json"]).ok().packet();
    assert_eq!((p["via"].as_str(), p["paused"].as_bool()), (Some("running_loop"), Some(true)));
    let s = home.run(&["status", "--json"]).ok().packet();
    assert_eq!(s["risk_increasing_allowed"], false);
    assert!(s["open_breakers"].as_array().unwrap().iter().any(|b| b == "operator_pause"), "{s}");
    home.run(&["operator", "resume", "--reason", "done"]).failed(3, "ZERO-CLI-012");
    let p = home.run(&["operator", "resume", "--reason", "done", "--yes", "--json"]).ok().packet();
    assert_eq!(p["paused"], false);
    assert_eq!(running.interrupt().code, 0);
    let acts = home.run(&["journal", "tail", "--kind", "operator", "-n", "100", "--json"]).ok().packet();
    let of = |action: &str| {
        let all = acts["records"].as_array().unwrap();
        all.iter().filter(|r| r["body"]["action"] == action && r["body"]["operator"] == "default").count()
    };
    assert_eq!((of("pause_entries"), of("resume_entries")), (1, 1), "each exactly once: {acts}");
}

#[test]
fn a_pause_at_rest_is_recorded_and_holds_in_the_next_run() {
    let home = Home::with_run(1_000);
    let before = home.run(&["status", "--json"]).ok().packet();
    let p = home.run(&["operator", "pause", "--reason", "night", "--json"]).ok().packet();
    assert_eq!((p["via"].as_str(), p["paused"].as_bool()), (Some("journal"), Some(true)));
    home.run(&["run", "--speed", "0", "--events", "3000"]).ok();
    let s = home.run(&["status", "--json"]).ok().packet();
    assert!(s["open_breakers"].as_array().unwrap().iter().any(|b| b == "operator_pause"), "{s}");
    let p = home.run(&["positions", "--json"]).ok().packet();
    assert_eq!(p["count"], 0, "nothing was entered while paused");
    assert_eq!(before["mode"], "paper");
    assert_eq!(home.run(&["journal", "verify", "--json"]).ok().packet()["ok"], true);
    home.run(&["operator", "pause", "--reason", "x", "--journal", "nowhere"]).failed(1, "ZERO-JRN-009");
}

/// A kill may come between the folder and the first segment in it.
#[test]
fn a_run_that_was_killed_before_its_first_record_starts_again() {
    let home = Home::ready();
    let dir = home.path().join("state/operators/default/journal/run");
    assert!(dir.parent().unwrap().is_dir(), "{}", dir.display());
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("LOCK"), "").unwrap();
    home.run(&["run", "--speed", "0", "--events", "500", "--source", "synthetic", "--no-http"]).ok();
    assert_eq!(home.run(&["journal", "verify", "--json"]).ok().packet()["ok"], true);
}

/// The coin goes, and only it was asked for.
#[test]
fn one_coin_is_closed_and_the_rest_is_kept() {
    let home = Home::with_run(20_000);
    let held = |home: &Home| -> Vec<String> {
        let p = home.run(&["positions", "--json"]).ok().packet();
        p["positions"].as_array().unwrap().iter().map(|p| p["symbol"].as_str().unwrap().to_owned()).collect()
    };
    let before = held(&home);
    assert!(before.len() > 1, "{before:?}");
    home.run(&["close", "XYZ"]).failed(1, "ZERO-CLI-014");
    let which = home.run(&["close"]).failed(1, "ZERO-CLI-014");
    assert!(before.iter().all(|c| which.err.contains(c.as_str())), "{}", which.err);
    home.run(&["auto", "off"]).ok();
    let p = home.run(&["close", &before[0].to_lowercase(), "--reason", "enough", "--json"]).ok().packet();
    assert_eq!((p["action"].as_str(), p["risk_direction"].as_str()), (Some("close"), Some("reduces")), "{p}");
    home.run(&["run", "--speed", "0", "--events", "20400"]).ok();
    let after = held(&home);
    assert!(!after.contains(&before[0]), "{after:?}");
    assert_eq!(home.run(&["journal", "verify", "--json"]).ok().packet()["ok"], true);
    let told = home.run(&["journal", "tail", "--kind", "operator", "-n", "9", "--json"]).ok().packet();
    let subjects: Vec<&str> = told["records"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["body"]["action"] == "close")
        .filter_map(|r| r["body"]["subject"].as_str())
        .collect();
    assert_eq!(subjects.len(), 1, "{told}");
    assert!(subjects[0].starts_with(&format!("{} ", before[0])), "{subjects:?}");
}

/// The switch is a latch: a later start finds it as it was left.
#[test]
fn automatic_entries_stay_off_over_a_restart_until_they_are_turned_on() {
    let home = Home::with_run(1_000);
    let p = home.run(&["auto", "off", "--json"]).ok().packet();
    assert_eq!((p["auto"].as_str(), p["risk_direction"].as_str()), (Some("off"), Some("reduces")));
    let held = home.run(&["positions", "--json"]).ok().packet()["count"].as_u64().unwrap();
    home.run(&["run", "--speed", "0", "--events", "3000"]).ok();
    let s = home.run(&["auto", "status", "--json"]).ok().packet();
    assert_eq!(s["state"], "off");
    let p = home.run(&["positions", "--json"]).ok().packet();
    assert!(p["count"].as_u64().unwrap() <= held, "nothing was entered: {p}");
    home.run(&["auto", "on", "--reason", "back"]).failed(3, "ZERO-CLI-012");
    home.run(&["operator", "resume", "--reason", "no pause", "--yes"]).ok();
    assert_eq!(
        home.run(&["auto", "status", "--json"]).ok().packet()["state"],
        "off",
        "a resume turns nothing on"
    );
    home.run(&["auto", "on", "--reason", "back", "--yes"]).ok();
    assert_eq!(home.run(&["auto", "status", "--json"]).ok().packet()["state"], "on");
}

/// F22: nobody raises a limit without a trace of it.
#[test]
fn a_raised_limit_is_recorded_as_an_increase() {
    let home = Home::with_run(500);
    let run = |value: &str| {
        let set = format!("limits.risk_per_trade={value}");
        home.run(&["run", "--speed", "0", "--events", "700", "--set", &set]).ok();
        let tail = home.run(&["journal", "tail", "--kind", "settings", "-n", "9", "--json"]).ok().packet();
        let last = tail["records"].as_array().unwrap().last().cloned();
        last.map_or(serde_json::Value::Null, |r| r["body"].clone())
    };
    let raised = run("0.009");
    assert_eq!(raised["increases"], true, "{raised}");
    assert!(raised["changes"][0].as_str().unwrap().starts_with("limits.risk_per_trade: "), "{raised}");
    let lowered = run("0.002");
    assert_eq!(lowered["increases"], false, "{lowered}");
    assert_eq!(lowered["before"], raised["after"], "each change starts where the last one ended");
    assert_eq!(run("0.002"), lowered, "an unchanged run records no change");
}

#[test]
fn flatten_at_rest_closes_everything_in_the_next_run_and_kill_needs_its_own_clearing() {
    let home = Home::with_run(6_000);
    let held = home.run(&["positions", "--json"]).ok().packet();
    assert!(held["count"].as_u64().unwrap() > 0, "something is held: {held}");
    let p = home.run(&["operator", "kill", "--reason", "drill", "--json"]).ok().packet();
    assert_eq!((p["killed"].as_bool(), p["risk_direction"].as_str()), (Some(true), Some("reduces")));
    home.run(&["run", "--speed", "0", "--events", "300"]).ok();
    let r = home.run(&["risk", "--json"]).ok().packet();
    assert_eq!((r["open_count"].as_u64(), r["global_halt"].as_bool()), (Some(0), Some(true)), "{r}");
    home.run(&["operator", "clear", "daily_loss", "--reason", "x", "--yes"]).failed(3, "ZERO-CLI-018");
    home.run(&["operator", "clear", "kill_switch", "--reason", "x"]).failed(3, "ZERO-CLI-012");
    home.run(&["operator", "clear", "kill_swich", "--reason", "x", "--yes"]).failed(1, "ZERO-CLI-014");
    let p = home
        .run(&["operator", "clear", "kill_switch", "--reason", "drill over", "--yes", "--json"])
        .ok()
        .packet();
    assert_eq!(p["killed"], false);
    let again = &["operator", "clear", "kill_switch", "--reason", "again", "--yes"];
    home.run(again).failed(3, "ZERO-CLI-018");
    home.run(&["operator", "clear", "stale_market_data", "--reason", "x", "--yes"]).failed(3, "ZERO-CLI-018");
}

/// Between the act and the last fill an entry would be closed with the rest: nobody says that one would be admitted.
#[test]
fn while_everything_or_a_coin_is_being_closed_every_answer_says_that_nothing_is_opened() {
    let home = Home::with_run(6_000);
    let ask = |args: &[&str]| home.run(&[args, &["--json"]].concat()).ok().packet();
    let held = ask(&["positions"]);
    let coin = held["positions"][0]["symbol"].as_str().unwrap().to_owned();
    let entries = |coin: &str| -> Vec<(bool, String)> {
        let e = ask(&["evaluate", coin]);
        let sides =
            e["books"].as_array().unwrap().iter().flat_map(|b| b["sides"].as_array().unwrap().clone());
        sides.map(|s| (s["allowed"].as_bool().unwrap(), s["reason"].as_str().unwrap().to_owned())).collect()
    };
    let blockers = |coin: &str| {
        let heat = ask(&["heat"]);
        heat["coins"].as_array().unwrap().iter().find(|c| c["coin"] == coin).unwrap()["blockers"].to_string()
    };
    let closing = "the operator closes this coin";
    assert!(!blockers(&coin).contains(closing));
    home.run(&["close", &coin]).ok();
    let said = entries(&coin);
    assert!(!said.is_empty() && said.iter().all(|(a, why)| !a && why.starts_with(closing)), "{said:?}");
    assert!(blockers(&coin).contains(closing));
    let d = ask(&["decision-stack", &coin]);
    assert!(d["decision"]["reason"].as_str().unwrap().contains(closing), "{d}");
    assert!(d["layers"].as_array().unwrap().iter().any(|l| l["passed"] == false), "{d}");
    assert_eq!(ask(&["risk"])["halted"], false, "other coins are traded");

    home.run(&["operator", "flatten", "--reason", "home"]).ok();
    let r = ask(&["risk"]);
    assert_eq!((r["halted"].as_bool(), r["halt_reason"].as_str()), (Some(true), Some("flattening")), "{r}");
    let status = home.run(&["status"]).ok();
    assert!(status.out.contains("flattening"), "{}", status.out);
    for c in held["positions"].as_array().unwrap().iter().map(|p| p["symbol"].as_str().unwrap()) {
        assert!(entries(c).iter().all(|(a, _)| !a), "{c}");
        assert!(blockers(c).contains("breakers"), "{c}");
    }
    home.run(&["auto", "off"]).ok();
    home.run(&["run", "--speed", "0", "--events", "6300"]).ok();
    let r = ask(&["risk"]);
    assert_eq!((r["open_count"].as_u64(), r["halt_reason"].as_str()), (Some(0), Some("auto_off")), "{r}");
    assert!(!blockers(&coin).contains(closing));
}

/// What is held was bought at one market's prices: at another's it would have made a profit or a loss that nobody made.
#[test]
fn a_journal_that_holds_something_goes_on_with_no_other_market() {
    let home = Home::with_run(6_000);
    let seq = || home.run(&["status", "--json"]).ok().packet()["journal_seq"].clone();
    let before = seq();
    let other = ["run", "--speed", "0", "--events", "300", "--seed", "4242"];
    let refused = home.run(&other).failed(3, "ZERO-RUN-015");
    assert!(refused.err.contains("synthetic market, seed 4242"), "{}", refused.err);
    assert_eq!(seq(), before, "nothing was recorded");
    home.run(&["run", "--speed", "0", "--events", "6100", "--days", "400"]).ok();
    home.run(&["auto", "off"]).ok();
    home.run(&["operator", "flatten", "--reason", "home"]).ok();
    home.run(&other).failed(3, "ZERO-RUN-015");
    home.run(&["run", "--speed", "0", "--events", "6500"]).ok();

    // Flat: it may go on there, and what was measured begins anew.
    let measured = |home: &Home| {
        let e = home.run(&["regime", "--json"]).ok().packet();
        e["coins"].as_array().unwrap().iter().filter(|c| c["volatility"].is_number()).count()
    };
    assert_eq!(measured(&home), 10);
    home.run(&other).ok();
    assert_eq!(measured(&home), 0, "no volatility over the step from one market's prices to another's");
    home.run(&["journal", "verify"]).ok();
}

/// A store of a synthetic market is that market, and another that took its place is another.
#[test]
fn a_replay_of_a_synthetic_store_goes_on_with_that_market_alone() {
    let home = Home::ready();
    let store = home.path().join("store");
    let store = store.to_str().unwrap();
    let synth = |seed: &str, more: &[&str]| {
        let args = ["data", "synth", "--days", "40", "--out", store, "--replace", "--seed", seed];
        home.run(&[&args[..], more].concat()).ok();
    };
    let replay = |events| {
        home.run(&["run", "--source", "replay", "--data", store, "--speed", "0", "--events", events])
    };
    synth("7", &[]);
    replay("9000").ok();
    assert!(home.run(&["positions", "--json"]).ok().packet()["count"].as_u64() > Some(0));
    synth("8", &[]);
    replay("50").failed(3, "ZERO-RUN-015");
    synth("7", &["--edge", "momentum:0.05"]);
    replay("50").failed(3, "ZERO-RUN-015");
    home.run(&["run", "--speed", "0", "--events", "50", "--seed", "7"]).ok();
    synth("7", &[]);
    replay("50").ok();
}

#[test]
fn an_act_that_no_loop_takes_is_withdrawn_not_left_behind() {
    let home = Home::with_run(200);
    // A process that holds the lock and has no inbox.
    let path = home.run_journal().join("LOCK");
    let lock = fs::File::options().read(true).write(true).open(&path).unwrap();
    lock.lock().unwrap();
    fs::write(&path, format!("pid {}, a test", std::process::id())).unwrap();
    home.run(&["operator", "pause", "--reason", "x", "--wait", "1s"]).failed(3, "ZERO-CLI-013");
    let left = fs::read_dir(home.run_journal().join("inbox")).unwrap().count();
    assert_eq!(left, 0);
    drop(lock);
    home.run(&["operator", "pause", "--reason", "x"]).ok();
}

#[test]
fn readers_write_nothing() {
    let home = Home::with_run(1_500);
    let state = |dir: std::path::PathBuf| {
        let mut all = Vec::new();
        let mut dirs = vec![dir];
        while let Some(d) = dirs.pop() {
            for e in fs::read_dir(d).unwrap() {
                let path = e.unwrap().path();
                let meta = fs::metadata(&path).unwrap();
                if meta.is_dir() {
                    dirs.push(path.clone());
                }
                all.push((path, meta.modified().unwrap(), meta.len()));
            }
        }
        all.sort();
        all
    };
    let before = state(home.path().to_owned());
    for args in [
        &["status"][..],
        &["positions"],
        &["risk"],
        &["decisions"],
        &["rejections"],
        &["health"],
        &["immune"],
        &["journal", "verify"],
        &["journal", "tail"],
        &["journal", "export"],
        &["journal", "prune", "--before", "100"],
        &["journal", "prove", "1"],
        &["config", "show"],
        &["keys", "list"],
    ] {
        home.run(args).ok();
    }
    assert_eq!(state(home.path().to_owned()), before);
}

#[test]
fn every_stop_of_a_held_position_is_shown_and_sums_agree() {
    let home = Home::with_run(6_000);
    let p = home.run(&["positions", "--json"]).ok().packet();
    let all = p["positions"].as_array().unwrap();
    assert!(!all.is_empty());
    let mut sum = 0.0;
    for x in all {
        let f = |k: &str| x[k].as_f64().unwrap();
        let sign = if x["side"] == "long" { 1.0 } else { -1.0 };
        let pnl = sign * f("size") * (f("mark") - f("entry"));
        assert!((pnl - f("unrealized_pnl")).abs() < 1e-3, "{x}");
        assert!(sign * (f("mark") - f("stop")) > 0.0, "a stop lies on the losing side: {x}");
        assert!(f("age_s") > 0.0 && x["unrealized_r"].is_number(), "{x}");
        sum += f("unrealized_pnl");
    }
    assert!((sum - p["total_unrealized_pnl"].as_f64().unwrap()).abs() < 1e-6);
    let r = home.run(&["risk", "--json"]).ok().packet();
    assert_eq!(r["stop_failure_halt"], false);
    let books: f64 =
        r["per_runner"].as_object().unwrap().values().map(|b| b["equity"].as_f64().unwrap()).sum();
    assert!((books - r["account_value"].as_f64().unwrap()).abs() < 1e-6, "books sum to the account");
    let one = all[0]["symbol"].as_str().unwrap();
    let only = home.run(&["positions", "--coin", one, "--json"]).ok().packet();
    assert_eq!(only["count"], 1);
    home.run(&["positions", "--coin", "NOPE"]).failed(1, "ZERO-CLI-014");
}
