//! Partition, configuration, keys, doctor.

use crate::support::{Home, SMALL};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_second_init_changes_nothing_and_modes_are_private() {
    let home = Home::new();
    let first = home.run(&["init", "--no-input", "--json"]).ok().packet();
    assert_eq!(first["changed"], true);
    let key = home.partition().join("keys/journal.1.key");
    let before = fs::read(&key).unwrap();
    let second = home.run(&["init", "--no-input", "--json"]).ok().packet();
    assert_eq!(second["changed"], false);
    assert_eq!(fs::read(&key).unwrap(), before);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(home.partition()).unwrap().permissions().mode() & 0o777, 0o700);
    home.run(&["--operator", "ana", "init", "--no-input"]).ok();
    assert!(home.root().join("operators/ana/config.toml").exists(), "each operator has a partition");
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion_everywhere() {
    let home = Home::ready();
    let asked = home.run(&["config", "get", "limits.dayly_loss"]).failed(1, "ZERO-CFG-002");
    assert!(asked.err.contains("limits.daily_loss"), "{}", asked.err);
    let set = home.run(&["--set", "limits.dayly_loss=0.1", "config", "show"]).failed(1, "ZERO-CFG-002");
    assert!(set.err.contains("limits.daily_loss"), "{}", set.err);
    let file = home.partition().join("config.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "\n[limit]\ndaily_loss = 0.1\n").unwrap();
    let check = home.run(&["config", "check", "--json"]);
    assert_eq!(check.code, 1);
    let p = check.packet();
    assert_eq!((p["ok"].as_bool(), p["problems"][0]["code"].as_str()), (Some(false), Some("ZERO-CFG-002")));
    assert_eq!(home.run(&["doctor"]).code, 1, "the doctor sees it too");
    home.run(&["run", "--events", "1"]).failed(1, "ZERO-CFG-002");
}

#[test]
fn a_value_is_explained_layer_by_layer() {
    let home = Home::ready();
    let p = home
        .run(&["--set", "limits.daily_loss=0.03", "config", "get", "limits.daily_loss", "--json"])
        .ok()
        .packet();
    assert_eq!(p["value"], "0.03");
    let layers = p["layers"].as_array().unwrap();
    assert_eq!(layers.first().unwrap()["value"], "0.05");
    assert_eq!(layers.last().unwrap()["value"], "0.03");
    let mut c = home.command(&["config", "get", "limits.daily_loss"]);
    let out = c.env("ZERO_LIMITS__DAILY_LOSS", "0.04").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "0.04");
    let text = home.run(&["config", "get", "limits.daily_loss", "--explain"]).ok().out;
    assert!(text.contains("Meaning") && text.contains("raising it increases risk"), "{text}");
}

#[test]
fn a_journal_signed_before_and_after_a_rotation_verifies_with_the_ring() {
    let home = Home::with_run(300);
    let rotated = home.run(&["keys", "rotate", "journal", "--json"]).ok().packet();
    assert_eq!(
        (rotated["active"]["number"].as_u64(), rotated["active"]["vouched"].as_bool()),
        (Some(2), Some(true))
    );
    assert_eq!(
        home.run(&["journal", "verify", "--json"]).ok().packet()["ok"],
        true,
        "the old signature still counts"
    );
    let c = home.run(&["journal", "checkpoint", "--json"]).ok().packet();
    assert_eq!(c["fresh"], true);
    let p = home.run(&["journal", "verify", "--json"]).ok().packet();
    assert_eq!((p["ok"].as_bool(), p["signatures_checked"].as_bool()), (Some(true), Some(true)));
    let vkey = c["vkey"].as_str().unwrap();
    home.run(&["journal", "verify", "--vkey", vkey]).ok();
    let keys = home.run(&["keys", "list", "--json"]).ok().packet();
    assert_eq!(keys["keys"][0]["status"], "rotated");
    let chain = home.partition().join("keys/journal.chain");
    let text = fs::read_to_string(&chain).unwrap();
    let broken = text.replacen("a", "b", 1);
    fs::write(&chain, broken).unwrap();
    home.run(&["journal", "verify"]).failed(4, "ZERO-CFG-040");
}

#[test]
fn a_key_is_made_once_revoked_with_a_reason_and_made_anew() {
    let home = Home::ready();
    home.run(&["keys", "create", "proof"]).failed(3, "ZERO-CFG-041");
    home.run(&["keys", "revoke", "proof", "--reason", "lost"]).failed(3, "ZERO-CLI-012");
    let p = home.run(&["keys", "revoke", "proof", "--reason", "lost", "--yes", "--json"]).ok().packet();
    assert!(p["active"].is_null());
    let p = home.run(&["keys", "create", "proof", "--json"]).ok().packet();
    assert_eq!((p["active"]["number"].as_u64(), p["active"]["vouched"].as_bool()), (Some(2), Some(false)));
    let secret = fs::read_to_string(home.partition().join("keys/proof.2.key")).unwrap_or_default();
    let shown = home.run(&["keys", "list", "--json"]).ok().out;
    assert!(secret.trim().len() < 8 || !shown.contains(secret.trim()), "a secret is never shown");
}

#[test]
fn each_thing_that_the_doctor_looks_at_can_fail() {
    let status = |home: &Home, name: &str| {
        let p = home.run(&[&SMALL[..], &["doctor", "--json"]].concat()).packet();
        let checks = p["checks"].as_array().unwrap().clone();
        let found = checks.iter().find(|c| c["name"] == name).unwrap_or_else(|| panic!("{name}: {p}"));
        (found["status"].as_str().unwrap().to_owned(), p["ok"].as_bool().unwrap())
    };
    let good = Home::with_run(300);
    for name in [
        "home",
        "configuration",
        "key.journal",
        "key.proof",
        "clock",
        "disk",
        "durability",
        "journal",
        "second place",
    ] {
        assert_eq!(status(&good, name).0, "pass", "{name}");
    }
    assert_eq!(good.run(&[&SMALL[..], &["doctor"]].concat()).code, 0);
    assert_eq!(status(&Home::new(), "home"), ("fail".into(), false));

    let open = Home::ready();
    fs::set_permissions(open.partition().join("keys"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(status(&open, "home"), ("fail".into(), false));

    let keyless = Home::ready();
    fs::remove_file(keyless.partition().join("keys/journal.1.key")).unwrap();
    assert_eq!(status(&keyless, "key.journal"), ("fail".into(), false));

    let p = good.run(&["--set", "data.path=/nowhere", "doctor", "--json"]).packet();
    assert!(
        p["checks"].as_array().unwrap().iter().any(|c| c["name"] == "data" && c["status"] == "fail"),
        "{p}"
    );
    // The journal has taken a little of its budget, and nothing of it may be taken.
    let full = [SMALL[0], SMALL[1], "--set=breakers.disk_min=65535KiB", "doctor", "--json"];
    let p = good.run(&full).packet();
    assert!(
        p["checks"].as_array().unwrap().iter().any(|c| c["name"] == "disk" && c["status"] == "fail"),
        "{p}"
    );

    let damaged = Home::with_run(300);
    crate::journal::flip(&crate::journal::segment(&damaged), 3);
    assert_eq!(status(&damaged, "journal").0, "fail");
}

/// An override that vanished because of where it stood would be a limit that nobody set.
#[test]
fn every_override_counts_wherever_it_stands() {
    let home = Home::ready();
    let both = [
        "--set",
        "limits.risk_per_trade=0.001",
        "config",
        "--set=limits.max_drawdown=0.07",
        "get",
        "limits.risk_per_trade",
        "--json",
        "--set",
        "limits.daily_loss=0.02",
    ];
    let value = home.run(&both).ok().packet();
    assert_eq!(value["value"], "0.001", "{value}");
    let mut last = both;
    last[5] = "limits.max_drawdown";
    assert_eq!(home.run(&last).ok().packet()["value"], "0.07");
    last[5] = "limits.daily_loss";
    assert_eq!(home.run(&last).ok().packet()["value"], "0.02");
    home.run(&[
        "--set",
        "limits.risk_per_trad=0.001",
        "config",
        "get",
        "limits.daily_loss",
        "--set",
        "limits.daily_loss=0.02",
    ])
    .failed(1, "ZERO-CFG-002");
    assert_eq!(home.run(&["--set", "limits.daily_loss=0.02", "config", "check", "--set"]).code, 2);
}
