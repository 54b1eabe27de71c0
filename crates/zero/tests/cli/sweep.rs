//! A parameter sweep.

use crate::support::Home;

const KEY: &str = "books.trend.trend.lookback";

#[test]
fn a_variant_is_the_backtest_with_that_key_and_every_one_is_a_trial() {
    let home = Home::ready();
    let market = ["--days", "60", "--seed", "3"];
    let alone = |value: &str| {
        let set = format!("--set={KEY}={value}");
        let mut args = vec!["backtest", "--alone", "--json", &set];
        args.extend(market);
        home.run(&args).ok().packet()
    };
    let first = alone("24");
    assert_eq!(first["trial"], 1);
    let sweep = |threads: &str| {
        let axis = format!("{KEY}=24:72:24");
        let mut args = vec!["backtest", "--json", "--threads", threads, "--sweep", &axis];
        args.extend(market);
        home.run(&args).ok().packet()
    };
    let one = sweep("1");
    assert_eq!((&one["variants"], &one["trials"]), (&3.into(), &4.into()));
    let digest = |v: &serde_json::Value| v["run"]["decision_digest"].as_str().unwrap().to_owned();
    for (value, b) in [("24", first), ("72", alone("72"))] {
        let table = one["table"].as_array().unwrap();
        let row = table.iter().find(|r| r["values"][KEY] == value).unwrap();
        assert_eq!(row["digest"].as_str().unwrap(), digest(&b), "lookback {value}");
        assert_eq!(row["final_equity"], b["run"]["money"]["final_equity"], "lookback {value}");
    }
    // The horizon of a trend follower is a week: seven days are purged.
    let (purged, track) = (&one["purged"], &one["track_record"]);
    assert_eq!(
        (&purged["label_days"], &purged["splits"], &purged["paths"]),
        (&7.into(), &15.into(), &5.into())
    );
    assert_eq!(purged["sharpe"].as_array().unwrap().len(), 5, "{purged}");
    assert_eq!(track["days_needed"].is_number(), track["unknown"].is_null(), "{track}");
    let two = sweep("4");
    assert_eq!(two["trials"], 8, "the registry forgets nothing");
    assert_eq!(one["table"], two["table"], "threads change nothing");
    assert_eq!(one["walk_forward"], two["walk_forward"]);
    // The same data, the same variants, more trials: the deflated figure can only fall.
    let deflated = |p: &serde_json::Value| p["deflated"]["smaller"].as_f64().unwrap();
    assert!(deflated(&two) < deflated(&one));
}

#[test]
fn a_sweep_that_cannot_be_made_is_refused_before_anything_is_counted() {
    let home = Home::ready();
    for (sweep, code) in [
        ("books.trend.trend.lookback=24:72", "ZERO-CLI-021"),
        ("books.trend.trend.lookback=24:7200:1", "ZERO-CLI-021"),
    ] {
        home.run(&["backtest", "--days", "20", "--sweep", sweep]).failed(2, code);
    }
    home.run(&["backtest", "--days", "20", "--sweep", "books.trend.trend.nothing=1:2:1"])
        .failed(1, "ZERO-CFG-002");
    let axis = format!("{KEY}=24:48:24");
    let p = home.run(&["backtest", "--days", "60", "--json", "--sweep", &axis]).ok().packet();
    assert_eq!(p["trials"], 2);
}

#[test]
fn a_key_swept_twice_is_refused_and_a_mistake_is_said_of_the_sweep() {
    let home = Home::ready();
    let (one, two) = (format!("{KEY}=24:72:24"), format!("{KEY}=48:96:24"));
    let ran = home.run(&["backtest", "--days", "20", "--sweep", &one, "--sweep", &two]);
    assert!(ran.failed(2, "ZERO-CLI-021").err.contains("swept twice"));
    let bad = format!("{KEY}=1:2:1");
    for set in [&[][..], &["--set", "limits.daily_loss=0.03"]] {
        let mut args = vec!["backtest", "--days", "20", "--sweep", &bad];
        args.extend(set);
        let ran = home.run(&args);
        assert_ne!(ran.code, 0);
        assert!(!ran.err.contains("--set"), "nobody wrote it so: {}", ran.err);
        assert!(ran.err.contains("--sweep"), "{}", ran.err);
    }
}
