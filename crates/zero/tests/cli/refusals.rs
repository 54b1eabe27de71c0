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
    // What is not there is the asker's fault, and no fault of the machine.
    std::fs::write(home.path().join("bytes"), [0xff, 0xfe]).unwrap();
    for args in [
        &["hash", "nowhere.json"][..],
        &["hash", "."],
        &["approve", "nowhere.json"],
        &["approve", "bytes"],
        &["stats", "psr", ".", "--column", "a"],
        &["data", "import", "nowhere.csv", "--out", "x"],
    ] {
        home.run(args).failed(1, "ZERO-CLI-025");
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
    let bad: [(&str, &[u8]); 16] = [
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
        ("no schema", b"{\"a\":1}"),
        ("no text as schema", b"{\"schema_version\":1}"),
        ("bytes of nothing", &[0xa0]),
        ("bytes without schema", &[0xa1, 0x61, b'a', 0x01]),
    ];
    for (name, bytes) in bad {
        fs::write(home.path().join("x"), bytes).unwrap();
        let ran = home.run(&["hash", "x"]);
        assert_eq!(ran.code, 2, "{name}: {} {}", ran.out, ran.err);
        assert!(ran.err.contains("error[ZERO-CLI-060]") && ran.err.contains("hint: "), "{name}: {}", ran.err);
    }
    fs::write(home.path().join("x"), &claim).unwrap();
    assert_eq!(home.run(&["hash", "x", "--json"]).ok().packet()["matches"], true);
}

/// What is wrong with each: an option, a value, a word that is missing or too many, a name, a file, a refusal.
const FAILING: [&[&str]; 25] = [
    &[],
    &["fly"],
    &["strategy"],
    &["strategy", "fly"],
    &["statsu"],
    &["status", "--fast"],
    &["status", "extra"],
    &["status", "--watch", "0"],
    &["why"],
    &["demo", "--days", "3"],
    &["demo", "--days", "x"],
    &["backtest", "--resume"],
    &["backtest", "--sweep", "a=1:2:1", "--alone"],
    &["run", "--source", "moon"],
    &["lookahead", "--ends", "0"],
    &["--set"],
    &["--operator", "Ä", "status"],
    &["--set", "limits.daily_loss=9", "run"],
    &["hash", "is not there"],
    &["strategy", "check", "is not there.toml"],
    &["status", "--journal", "is not there"],
    &["positions", "--coin", "NOCOIN"],
    &["operator", "resume"],
    &["journal", "prove"],
    &["session", "share"],
];

#[test]
fn every_command_that_fails_says_a_code_a_cause_and_a_hint() {
    let home = Home::ready();
    for args in FAILING {
        let ran = home.run(args);
        assert!(![0, 101].contains(&ran.code), "{args:?}: {} {}", ran.code, ran.out);
        assert_eq!(ran.out, "", "{args:?}: data of a command that failed");
        let said: Vec<&str> = ran.err.lines().filter(|l| l.starts_with("error[ZERO-")).collect();
        let [line] = said[..] else { panic!("{args:?}: one code: {}", ran.err) };
        let (code, cause) =
            line["error[".len()..].split_once("]: ").unwrap_or_else(|| panic!("{args:?}: {line}"));
        assert!(zero_packets::errors::find(code).is_some(), "{args:?}: {code} has no row");
        assert!(!cause.trim().is_empty(), "{args:?}: {}", ran.err);
        let hint = ran
            .err
            .lines()
            .rfind(|l| l.starts_with("hint: "))
            .unwrap_or_else(|| panic!("{args:?}: {}", ran.err));
        assert!(hint.len() > "hint: ".len(), "{args:?}");
        let mut json = vec!["--json"];
        json.extend(args.iter().copied());
        // An option that waits for its value takes none of ours.
        let packet = home.run(&json);
        assert_eq!(
            (packet.code, packet.packet()["code"].as_str()),
            (ran.code, Some(code)),
            "{args:?}: {}",
            packet.out
        );
    }
}

#[test]
fn a_shared_session_is_private_and_written_through_no_link_and_over_nothing_that_is_no_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::with_run(300);
    home.run(&["session", "start", "first"]).ok();
    let at = |name: &str| home.path().join(name);
    let share = |name: &str| home.run(&["session", "share", "--out", name]);
    fs::write(at("victim"), "kept").unwrap();
    // Where the parts of a file are written first, a link leads nowhere either.
    symlink("victim", at("out.part")).unwrap();
    fs::write(at("out.json"), "old and open to all").unwrap();
    share("out.json").ok();
    assert!(fs::read_to_string(at("out.json")).unwrap().starts_with('{'));
    assert_eq!(fs::metadata(at("out.json")).unwrap().permissions().mode() & 0o777, 0o600);
    symlink("victim", at("link.json")).unwrap();
    symlink("new", at("dangling.json")).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    fs::create_dir(at("dir")).unwrap();
    for name in ["link.json", "dangling.json", "pipe", "dir"] {
        share(name).failed(2, "ZERO-CLI-023");
    }
    assert_eq!(fs::read_to_string(at("victim")).unwrap(), "kept");
    assert!(at("link.json").is_symlink() && !at("new").exists());
    assert!(fs::symlink_metadata(at("pipe")).unwrap().file_type().is_fifo());
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

#[test]
fn a_backtest_that_nobody_interrupted_cannot_be_continued_and_that_is_no_fault_of_the_program() {
    let home = Home::ready();
    home.run(&["backtest", "--days", "5", "--resume", "--out", "nothing"]).failed(1, "ZERO-CLI-007");
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

#[test]
fn an_end_after_every_event_is_priced_beforehand_and_refused_where_nobody_would_wait() {
    let home = Home::ready();
    let long = home.run(&["lookahead", "--every", "--days", "200"]).failed(2, "ZERO-CLI-024");
    assert!(long.err.contains("25000"), "{}", long.err);
    let short = ["lookahead", "--every", "--days", "1", "--strategy", "flat"];
    let said = home.run(&short).err;
    assert!(said.contains("ends of the market for each of 1 suspects: about "), "{said}");
}

/// Acts under these are nobody's: whoever had one could neither kill nor flatten.
#[test]
fn nobody_is_called_as_the_program_calls_itself() {
    use zero_kernel::operator::{AGENT_NAME, POLICY_NAME, PROGRAM_NAME, is_person};
    let mut own = [PROGRAM_NAME, AGENT_NAME, POLICY_NAME];
    let mut reserved = zero_config::home::RESERVED;
    own.sort_unstable();
    reserved.sort_unstable();
    assert_eq!(own, reserved);
    let home = Home::new();
    for name in own {
        assert!(!is_person(name));
        home.run(&["--operator", name, "init"]).failed(2, "ZERO-CFG-026");
    }
    home.run(&["--operator", "zero1", "init"]).ok();
}

#[test]
fn ways_to_a_person_that_cannot_be_opened_are_found_before_anything_is_recorded() {
    let home = Home::with_run(200);
    let records = || home.run(&["--json", "journal", "tail"]).ok().packet()["next_seq"].clone();
    let before = records();
    for quiet in ["foo", "25:00-26:00", "22:00"] {
        let set = format!("notify.quiet={quiet}");
        let check = home.run(&["--json", "config", "check", "--set", &set]);
        assert_eq!(
            (check.code, &check.packet()["problems"][0]["code"]),
            (1, &"ZERO-OPR-003".into()),
            "{quiet}"
        );
        let run = home.run(&["--json", "run", "--no-http", "--set", &set]);
        assert_eq!(run.packet()["code"], "ZERO-OPR-003", "{quiet}");
    }
    assert_eq!(records(), before, "nothing was recorded");
    assert_eq!(home.run(&["config", "check", "--set", "notify.quiet=22:00-07:00"]).code, 0);
}

#[test]
fn a_phrase_that_nothing_waits_for_says_so() {
    let home = Home::with_run(200);
    let said = home.run(&["operator", "confirm", "no", "such", "phrase"]).ok();
    assert!(said.err.contains("no increase waits for this phrase"), "{}", said.err);
}
