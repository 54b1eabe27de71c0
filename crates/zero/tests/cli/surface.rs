//! The table of capabilities against what can be typed and what is printed.

use crate::shapes::{Holder, differs, holder};
use crate::support::{Home, SMALL};
use std::collections::BTreeSet;
use zero_capability::TABLE;

/// Subcommands under the heading `Commands:` of a help text.
fn listed(help: &str) -> Vec<String> {
    let section = help.split("Commands:\n").nth(1).unwrap_or("").split("\n\n").next().unwrap_or("");
    let names = section.lines().filter(|l| l.starts_with("  ") && !l.starts_with("   "));
    names.filter_map(|l| l.split_whitespace().next()).map(str::to_owned).filter(|n| n != "help").collect()
}

#[test]
fn what_can_be_typed_is_exactly_what_the_table_names() {
    let home = Home::new();
    let mut typed = BTreeSet::new();
    for name in listed(&home.run(&["--help"]).ok().out) {
        let inner = listed(&home.run(&[&name, "--help"]).ok().out);
        if inner.is_empty() {
            typed.insert(name);
        } else {
            typed.extend(inner.into_iter().map(|i| format!("{name} {i}")));
        }
    }
    let table: BTreeSet<String> = TABLE.iter().filter_map(|c| c.command).map(|c| c.path.join(" ")).collect();
    assert_eq!(typed, table);
}

#[test]
fn every_path_and_every_alias_is_accepted_and_shows_the_rows_summary() {
    let home = Home::new();
    for row in TABLE {
        let Some(cmd) = row.command else { continue };
        let path = cmd.path.join(" ");
        for words in std::iter::once(path.as_str()).chain(cmd.aliases.iter().copied()) {
            let mut args: Vec<&str> = words.split(' ').collect();
            args.push("--help");
            let help = home.run(&args).ok().out;
            assert!(help.starts_with(row.summary.trim_end_matches('.')), "{words}: {help}");
        }
    }
    assert_eq!(home.run(&["fly"]).code, 2, "the check can fail");
}

/// Arguments that make a row's command print its packet in a home with a run, and the exit code that goes with it.
fn example(id: &str) -> (&'static [&'static str], i32) {
    match id {
        "demo" => (&["--days", "20", "--seeds", "5"], 0),
        "backtest" => (&["--days", "20", "--seeds", "5"], 0),
        "run" => (&["--events", "50", "--speed", "0"], 0),
        "parity" => (&["--days", "20"], 0),
        "lookahead" => (&["--days", "20", "--strategy", "trend"], 0),
        "status" | "positions" | "risk" | "health" | "immune" => (&[], 0),
        "doctor" => (&SMALL, 0),
        "mcp" => (&["--smoke"], 0),
        // Where the home has no evidence every claim is unknown.
        "readiness" => (&["--evidence", "."], 1),
        "near-misses" => (&["--limit", "3", "--coin", "btc"], 0),
        "learn.gates" => (&["--alpha", "0.1"], 0),
        "execution" | "lenses" | "learn.lenses" => (&[], 0),
        "evaluate" | "decision-stack" | "why" => (&["btc"], 0),
        "heat" | "approaching" | "regime" | "brief" | "pulse" => (&[], 0),
        "decisions" | "rejections" => (&["--limit", "3", "--coin", "btc"], 0),
        "data.import" => (&["synth/BTC.csv", "--out", "imported"], 0),
        "data.synth" => (&["--days", "10", "--out", "market", "--coins", "BTC"], 0),
        "data.describe" => (&["market"], 0),
        "journal.verify" | "journal.checkpoint" => (&[], 0),
        "journal.tail" => (&["-n", "2"], 0),
        "journal.export" => (&["--out", "all.jsonl"], 0),
        "journal.prove" => (&["7", "--out", "proof"], 0),
        "journal.prune" => (&["--before", "100"], 0),
        "init" => (&["--no-input"], 0),
        "config.show" | "config.check" | "config.reference" | "config.schema" | "keys.list" => (&[], 0),
        "config.get" => (&["limits.daily_loss"], 0),
        "strategy.new" => (&["mine"], 0),
        "strategy.check" | "strategy.explain" | "strategy.test" => (&["trend"], 0),
        "strategy.list" => (&[], 0),
        "keys.create" => (&["journal"], 3),
        "keys.rotate" => (&["journal"], 0),
        "keys.revoke" => (&["proof", "--reason", "test", "--yes"], 0),
        "operator.pause" | "operator.flatten" | "operator.kill" => (&["--reason", "test"], 0),
        "operator.close" => (&["btc"], 0),
        "operator.resume" => (&["--reason", "test", "--yes"], 0),
        "operator.clear" => (&["kill_switch", "--reason", "test", "--yes"], 0),
        "operator.heartbeat" | "operator.report" | "operator.rest" | "operator.focus" => (&[], 0),
        "quote" => (&["btc"], 0),
        // An order needs a running loop.
        "execute" => (&["BTC", "buy", "0.003", "--yes"], 3),
        "hl.status" | "hl.reconcile" => (&[], 0),
        "live.preflight" | "live.certification" | "live.receipts" | "live.cockpit" => (&[], 0),
        "session.start" => (&["night", "--end", "protected"], 0),
        // The one that was begun is ended before, and the rest look at it.
        "session.fork" | "session.resume" => (&["night"], if id == "session.fork" { 0 } else { 1 }),
        "session.save" => (&["late"], 0),
        "session.status" | "session.end" | "session.list" | "session.replay" | "session.share"
        | "session.wrap" => (&[], 0),
        "operator.break" => (&["5"], 0),
        "operator.confirm" | "operator.ack" | "operator.override" | "operator.follow" => (&["something"], 0),
        "operator.command" => (&["status", "--direction", "neutral"], 0),
        "auto.off" | "auto.status" | "operator-state" | "friction" | "notify.status" | "notify.test" => {
            (&[], 0)
        }
        "auto.on" => (&["--reason", "test", "--yes"], 0),
        "stats.psr" | "stats.mintrl" | "stats.vr" | "stats.scaling" | "stats.cusum" | "stats.bocpd" => {
            (&["table.csv", "--column", "a"], 0)
        }
        "stats.dsr" | "stats.pbo" | "stats.spa" | "stats.cpcv" | "stats.ewma" | "stats.lw" => {
            (&["table.csv", "--columns", "a,b"], 0)
        }
        "stats.diff" => (&["table.csv", "--first", "a", "--second", "b"], 0),
        "stats.ope" => {
            (&["table.csv", "--propensity", "p", "--taken", "o", "--reward", "a", "--modelled", "b"], 0)
        }
        "stats.minbtl" => (&["--trials", "45"], 0),
        "stats.brier" | "stats.calibrate" => (&["table.csv", "--forecast", "p", "--outcome", "o"], 0),
        "stats.stack" => (&["table.csv", "--columns", "a,b", "--outcome", "o", "--folds", "3"], 0),
        "stats.bh" | "stats.elond" => (&["table.csv", "--column", "p"], 0),
        "stats.evalue" | "stats.kelly" => (&["table.csv", "--column", "a", "--low", "-1", "--high", "1"], 0),
        "stats.psi" => (&["table.csv", "--reference", "a", "--current", "b", "--bins", "4"], 0),
        "approve" => (&["request.json", "--passphrase-file", "passphrase"], 0),
        "completions" => (&["zsh"], 0),
        "docs" => (&["errors"], 0),
        "openapi" => (&[], 0),
        "genesis" | "evolve" | "research" | "memory" | "audit.export" => (&[], 0),
        "live.canary-policy" | "live.evidence" | "deployment.claim" | "deployment.heartbeat" => (&[], 0),
        "network.profile" | "network.leaderboard" => (&[], 0),
        // There is none to show.
        "hl.account" => (&[], 1),
        "hash" => (&["packet.json"], 0),
        other => panic!("{other}: a new command needs an example here"),
    }
}

#[test]
fn with_json_every_command_prints_one_packet_that_carries_the_rows_id() {
    let home = Home::with_run(2_000);
    std::fs::create_dir(home.path().join("synth")).unwrap();
    std::fs::write(home.path().join("synth/BTC.csv"), crate::data::good_csv()).unwrap();
    std::fs::write(home.path().join("table.csv"), crate::stats::table()).unwrap();
    let claim = home.run(&["deployment", "claim", "--json"]).ok().out;
    std::fs::write(home.path().join("packet.json"), claim).unwrap();
    let passphrase = home.path().join("passphrase");
    std::fs::write(&passphrase, "seven wild geese").unwrap();
    std::fs::set_permissions(&passphrase, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    home.run(&["keys", "create", "operator", "--passphrase-file", "passphrase"]).ok();
    let request = r#"{"method":"POST","path":"/live/resume","body":{}}"#;
    std::fs::write(home.path().join("request.json"), request).unwrap();
    // Made before it is described.
    let mut rows: Vec<_> = TABLE.iter().filter(|c| c.command.is_some()).collect();
    rows.sort_by_key(|c| c.id == "data.describe");
    let mut found = Vec::new();
    for row in rows {
        let (args, code) = example(row.id);
        let mut all = row.command.unwrap().path.to_vec();
        all.extend(args);
        all.push("--json");
        let ran = home.run(&all);
        assert_eq!(ran.code, code, "{}: {} {}", row.id, ran.out, ran.err);
        if row.id == "run" {
            // Prints its packet at the end, or nothing: its journal is its output.
            assert!(ran.out.lines().count() <= 1, "{}", ran.out);
            continue;
        }
        // A verdict against what was looked at is an answer.
        let want = if code == 0 || row.id == "readiness" { row.packet } else { "zero.error.v1" };
        assert_eq!(ran.packet()["schema_version"], want, "{}", row.id);
        if holder(row) == Holder::Command {
            found.extend(differs(row.id, &ran.packet()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn exit_codes_are_those_of_the_reference() {
    let home = Home::with_run(500);
    home.run(&["status"]).ok();
    home.run(&["status", "--journal", "nowhere"]).failed(1, "ZERO-JRN-009");
    assert_eq!(home.run(&["status", "--bogus"]).code, 2);
    home.run(&["operator", "resume", "--reason", "x"]).failed(3, "ZERO-CLI-012");
    let broken = home.path().join("a-file");
    std::fs::write(&broken, "").unwrap();
    let under = broken.join("home");
    home.run(&["--home", under.to_str().unwrap(), "init"]).failed(5, "ZERO-CFG-020");
    let part = home.run(&["backtest", "--days", "20", "--alone", "--stop-after", "5", "--out", "part"]);
    assert_eq!(part.code, 130, "an interrupted backtest");
    let e = home.run(&["status", "--bogus", "--json"]);
    assert_eq!((e.code, e.packet()["code"].as_str().unwrap().to_owned()), (2, "ZERO-CLI-011".to_owned()));
    let e = home.run(&["config", "get", "limits.nothing", "--json"]);
    assert_eq!((e.code, e.packet()["exit_code"].as_i64().unwrap()), (1, 1));
}

#[test]
fn the_demo_tells_where_its_journal_lies_and_that_it_verifies() {
    let home = Home::new();
    let p = home.run(&["demo", "--days", "20", "--seeds", "5", "--json"]).ok().packet();
    assert_eq!(p["journal_verified"], true);
    for next in p["next"].as_array().unwrap().iter().filter_map(|n| n.as_str()) {
        let args: Vec<&str> = next.split(' ').skip(1).collect();
        home.run(&args).ok();
    }
    let journal = p["journal_path"].as_str().unwrap();
    home.run(&["status", "--journal", journal]).ok();
    home.run(&["journal", "prove", "3", "--dir", journal]).ok();
}

#[test]
fn a_name_that_stands_for_a_command_takes_its_words_and_its_help() {
    let home = Home::with_run(200);
    let coins = |args: &[&str]| home.run(&[&["--json"], args].concat()).ok().packet();
    let whole = coins(&["hl", "status", "BTC"]);
    let none = home.run(&["hl", "NOPE"]);
    assert!(none.code != 0 && none.err.contains("ZERO-CLI-014"), "the word is a coin: {}", none.err);
    for name in ["hl", "hyperliquid", "hl-status"] {
        assert_eq!(coins(&[name, "BTC"]), whole, "{name}");
    }
    for (name, of) in [("cockpit", "live cockpit"), ("hl-status", "hl status")] {
        let help = home.run(&["help", name]).ok();
        assert!(help.out.contains(of), "{name}: {}", help.out);
    }
    assert!(home.run(&["help", "hl"]).ok().out.contains("reconcile"), "a group stays a group");
    assert!(home.run(&["hl", "help"]).ok().out.contains("reconcile"));
    assert!(home.run(&["help", "credits"]).err.contains("not offered"));
}
