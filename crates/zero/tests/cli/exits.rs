//! Exit codes: those of the reference, each driven.

use crate::support::{Home, ran};
use serde_json::json;
use std::process::{Command, Stdio};
use std::time::Duration;
use zero_capability::{INTERRUPTED, TABLE, VERDICTS};

/// Verdicts that only a fault of the program could give, and who plants one.
const INSIDE: &[(&str, u8, &str)] = &[
    ("parity", 4, "the runtime's tests of parity plant a decision that differs"),
    ("lookahead", 4, "the runtime's tests of the detector plant a strategy that looks ahead"),
];

#[test]
fn every_command_refuses_what_it_does_not_know_with_two() {
    let home = Home::new();
    for row in TABLE {
        let Some(cmd) = row.command else { continue };
        let mut args = cmd.path.to_vec();
        args.push("--no-such-option");
        assert_eq!(home.run(&args).code, 2, "{}", row.id);
        args.push("--json");
        let ran = home.run(&args);
        assert_eq!((ran.code, ran.packet()["exit_code"].as_i64()), (2, Some(2)), "{}", row.id);
    }
}

#[test]
fn every_verdict_of_the_reference_is_given_when_it_should_be() {
    for v in VERDICTS {
        if INSIDE.iter().any(|i| (i.0, i.1) == (v.id, v.code)) {
            continue;
        }
        let (good, bad) = drive(v.id);
        assert_ne!(good, i32::from(v.code), "{}: also when all is well", v.id);
        assert_eq!(bad, i32::from(v.code), "{}: {}", v.id, v.when);
    }
}

/// The exit code of a command when all is well, and when it is not.
fn drive(id: &str) -> (i32, i32) {
    match id {
        "demo" => {
            let home = Home::new();
            let mut long = home.command(&["demo", "--days", "3650", "--seeds", "0"]);
            let child = long.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(400));
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
            let cut = ran(&child.wait_with_output().unwrap()).code;
            (home.run(&["demo", "--days", "20", "--seeds", "0"]).code, cut)
        }
        "backtest" => {
            let home = Home::ready();
            let args = ["backtest", "--days", "20", "--alone", "--out", "a"];
            let cut =
                home.run(&["backtest", "--days", "20", "--alone", "--stop-after", "5", "--out", "b"]).code;
            (home.run(&args).code, cut)
        }
        "doctor" => {
            let home = Home::with_run(300);
            let bad = home.run(&["doctor", "--set", "limits.daily_loss=9"]).code;
            (home.run(&["doctor"]).code, bad)
        }
        "lookahead" => {
            let home = Home::new();
            let of = |days| home.run(&["lookahead", "--strategy", "trend", "--days", days]).code;
            (of("20"), of("2"))
        }
        "journal.verify" => {
            let home = Home::with_run(300);
            let good = home.run(&["journal", "verify"]).code;
            damage(&home);
            (good, home.run(&["journal", "verify"]).code)
        }
        "mcp" => {
            let home = Home::with_run(300);
            let good = home.run(&["mcp", "--smoke"]).code;
            behead(&home);
            (good, home.run(&["mcp", "--smoke"]).code)
        }
        "readiness" => {
            let home = Home::new();
            let none = home.run(&["readiness", "--evidence", ".", "--json"]);
            let today = none.packet()["as_of"].clone();
            for (name, rows) in zero_capability::evidence() {
                let row = |measure| json!({ "measure": measure, "reach": "< 10", "median": 1 });
                let rows: Vec<_> = rows.iter().chain(&["any"]).map(row).collect();
                let all = json!({ "date": today, "holds": true, "count": 1_000_000_000_000u64,
                                  "tree_clean": true, "rows": rows });
                std::fs::write(home.path().join(format!("{name}.json")), all.to_string()).unwrap();
            }
            (home.run(&["readiness", "--evidence", "."]).code, none.code)
        }
        "strategy.test" => {
            let home = Home::ready();
            let good = home.run(&["strategy", "test", "trend"]).code;
            home.run(&["strategy", "new", "mine"]).ok();
            let path = find(&home.root(), "mine.toml");
            let text = std::fs::read_to_string(&path).unwrap();
            let lie = text.replacen("says = \"enter long\"", "says = \"nothing\"", 1);
            assert_ne!(lie, text, "{text}");
            std::fs::write(&path, lie).unwrap();
            (good, home.run(&["strategy", "test", "mine"]).code)
        }
        "config.check" => {
            let home = Home::ready();
            let bad = home.run(&["config", "check", "--set", "limits.daily_loss=9"]).code;
            (home.run(&["config", "check"]).code, bad)
        }
        "notify.test" => {
            let home = Home::ready();
            let hook = ["notify", "test", "--set", "notify.webhook=http://127.0.0.1:1/"];
            (home.run(&["notify", "test"]).code, home.run(&hook).code)
        }
        "hash" => {
            let home = Home::with_run(300);
            let claim = home.run(&["deployment", "claim", "--json"]).ok().out;
            std::fs::write(home.path().join("good.json"), &claim).unwrap();
            let other = claim.replacen("\"environment\":\"paper\"", "\"environment\":\"live\"", 1);
            assert_ne!(claim, other);
            std::fs::write(home.path().join("bad.json"), other).unwrap();
            (home.run(&["hash", "good.json"]).code, home.run(&["hash", "bad.json"]).code)
        }
        other => panic!("{other}: a new verdict needs to be driven here"),
    }
}

fn segment(home: &Home) -> std::path::PathBuf {
    home.run_journal().join("00000000000000000000.seg")
}

/// Overwrites the head of the first segment: what was acknowledged cannot be read.
fn behead(home: &Home) {
    let mut bytes = std::fs::read(segment(home)).unwrap();
    bytes[..40].fill(b'X');
    std::fs::write(segment(home), bytes).unwrap();
}

/// Turns bits all over the segment.
fn damage(home: &Home) {
    let largest = segment(home);
    let mut bytes = std::fs::read(&largest).unwrap();
    (bytes.len() / 4..bytes.len()).step_by(97).for_each(|at| bytes[at] ^= 1);
    std::fs::write(&largest, bytes).unwrap();
}

fn find(dir: &std::path::Path, name: &str) -> std::path::PathBuf {
    let mut todo = vec![dir.to_owned()];
    while let Some(d) = todo.pop() {
        for e in std::fs::read_dir(d).unwrap() {
            let p = e.unwrap().path();
            if p.is_dir() {
                todo.push(p);
            } else if p.file_name().is_some_and(|n| n == name) {
                return p;
            }
        }
    }
    panic!("there is no {name}");
}

#[test]
fn no_command_ends_with_a_code_that_the_reference_does_not_name() {
    let (mut sites, mut todo) =
        (0, vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands"))]);
    while let Some(dir) = todo.pop() {
        for e in std::fs::read_dir(dir).unwrap() {
            let p = e.unwrap().path();
            if p.is_dir() {
                todo.push(p);
                continue;
            }
            let text = std::fs::read_to_string(&p).unwrap();
            sites += text.matches("ExitCode::from(").count() + text.matches("ExitCode::FAILURE").count();
        }
    }
    assert_eq!(sites, VERDICTS.len(), "a code in a command and its row of the reference");
    assert_eq!(INTERRUPTED, 130);
}
