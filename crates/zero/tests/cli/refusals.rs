//! What must not pass silently: data that is lost, files that would be replaced, packets that are none.

use crate::support::{Home, ran};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::{Command, Stdio};

#[test]
fn reductions_need_no_reason() {
    let home = Home::with_run(300);
    for act in ["pause", "pause-entries", "flatten", "flatten-all", "kill"] {
        home.run(&[act]).ok();
    }
    for act in ["pause", "flatten", "kill"] {
        home.run(&["operator", act]).ok();
    }
    assert_eq!(home.run(&["resume", "--yes"]).code, 2, "an increase says why");
}

#[test]
fn a_packet_that_a_full_disk_swallows_is_no_success() {
    let home = Home::with_run(300);
    for args in [&["audit", "export", "--json"][..], &["status"], &["help"], &["journal", "export"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let lost = ran(&home.command(args).stdout(full).output().unwrap());
        assert_eq!(lost.code, 5, "{args:?}: {}", lost.err);
        assert!(lost.err.contains("error[ZERO-CLI-001]"), "{args:?}: {}", lost.err);
    }
    // A reader that has seen enough is no failure.
    let mut child = home.command(&["status", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_export_follows_a_link_and_replaces_nothing_that_is_no_file() {
    let home = Home::with_run(300);
    let at = |name: &str| home.path().join(name);
    fs::write(at("real.jsonl"), "old").unwrap();
    symlink("real.jsonl", at("link.jsonl")).unwrap();
    symlink("new.jsonl", at("dangling.jsonl")).unwrap();
    home.run(&["journal", "export", "--out", "link.jsonl"]).ok();
    assert!(at("link.jsonl").is_symlink(), "the link stays");
    assert!(fs::read_to_string(at("real.jsonl")).unwrap().starts_with('{'), "its target was written");
    home.run(&["journal", "export", "--out", "dangling.jsonl"]).ok();
    assert!(at("dangling.jsonl").is_symlink() && at("new.jsonl").is_file());
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    symlink("pipe", at("to-pipe")).unwrap();
    symlink("loop", at("loop")).unwrap();
    fs::create_dir(at("dir")).unwrap();
    for name in ["pipe", "to-pipe", "dir", "loop"] {
        home.run(&["journal", "export", "--out", name]).failed(2, "ZERO-CLI-023");
    }
    assert!(fs::symlink_metadata(at("pipe")).unwrap().file_type().is_fifo(), "it is still what it was");
}

#[test]
fn what_is_no_packet_has_no_hash_and_a_claim_is_never_overlooked() {
    let home = Home::with_run(300);
    let claim = home.run(&["deployment", "claim", "--json"]).ok().out;
    let noise: Vec<u8> = (0..200u32).map(|i| (i * 151 % 251) as u8).collect();
    let inserted = claim.replacen('{', "{\"claim_hash\":\"sha256:00\",", 1);
    let renamed = claim.replacen("zero.deployment.claim.v1", "zero.deployment.claim.v2", 1);
    let of_another = claim.replacen("zero.deployment.claim.v1", "zero.audit.v1", 1);
    let unclaimed = claim.replacen("\"claim_hash\"", "\"claimed_hash\"", 1);
    let bad: [(&str, &[u8]); 12] = [
        ("empty", b""),
        ("list", b"[]"),
        ("null", b"null"),
        ("number", b"{\"a\":1e400}"),
        ("noise", &noise),
        ("beheaded map", &[0xbf]),
        ("list of bytes", &[0x80]),
        ("map and more", &[0xa0, 0x00]),
        ("two claims", inserted.as_bytes()),
        ("another schema", renamed.as_bytes()),
        ("another packet's schema", of_another.as_bytes()),
        ("no claim", unclaimed.as_bytes()),
    ];
    for (name, bytes) in bad {
        fs::write(home.path().join("x"), bytes).unwrap();
        let ran = home.run(&["hash", "x"]);
        assert_eq!(ran.code, 2, "{name}: {} {}", ran.out, ran.err);
        assert!(ran.err.contains("ZERO-CLI-060"), "{name}: {}", ran.err);
    }
    fs::write(home.path().join("x"), &claim).unwrap();
    assert_eq!(home.run(&["hash", "x", "--json"]).ok().packet()["matches"], true);
}

#[test]
fn a_label_is_not_erased_by_an_empty_one() {
    let home = Home::with_run(300);
    home.run(&["session", "start", "first"]).ok();
    for empty in ["", "  "] {
        home.run(&["session", "save", empty]).failed(1, "ZERO-OPR-004");
    }
    assert!(home.run(&["session", "list"]).ok().out.contains("first"));
}

#[test]
fn a_home_without_a_partition_says_how_to_make_one() {
    let ran = Home::new().run(&["keys", "list"]).failed(1, "ZERO-CFG-029");
    assert!(ran.err.contains("zero init"), "{}", ran.err);
}

#[test]
fn a_label_of_a_table_never_touches_its_text() {
    let home = Home::with_run(300);
    let said = home.run(&["auto", "status"]).ok().out;
    assert!(said.lines().all(|l| l.as_bytes().get(13) == Some(&b' ')), "{said}");
}

/// Nothing was written yet where a configuration cannot work: the hint sends nobody to a journal that is not there.
#[test]
fn a_configuration_that_cannot_work_names_what_to_change_and_no_journal() {
    let home = Home::new();
    let args =
        ["--set", "limits.max_position_share=0.000001", "run", "--no-http", "--speed", "0", "--events", "5"];
    let refused = home.run(&args).failed(1, "ZERO-KRN-005");
    let hint = refused.err.split("hint: ").nth(1).unwrap();
    assert!(hint.contains("change that setting") && !hint.contains("journal"), "{hint}");
}
