//! The journal through the command line.

use crate::support::Home;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The first segment of the run.
pub(crate) fn segment(home: &Home) -> PathBuf {
    let mut all: Vec<PathBuf> = fs::read_dir(home.run_journal())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "seg"))
        .collect();
    all.sort();
    all.remove(0)
}

/// Flips a bit of the byte that many fourths from the start.
pub(crate) fn flip(path: &Path, fourths: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.len() * fourths / 4 - 1;
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn one_flipped_bit_is_exit_4_and_names_record_segment_and_byte() {
    let home = Home::with_run(2_000);
    let p = home.run(&["journal", "verify", "--json"]).ok().packet();
    assert_eq!(p["ok"], true);
    assert!(p["records"].as_u64().unwrap() > 2_000 && p["checkpoints"].as_u64().unwrap() >= 2, "{p}");
    flip(&segment(&home), 2);
    let bad = home.run(&["journal", "verify", "--json"]);
    assert_eq!(bad.code, 4);
    let p = bad.packet();
    let d = &p["damage"][0];
    assert!(d["seq"].as_u64().unwrap() > 0 && d["offset"].as_u64().unwrap() > 0, "{p}");
    assert!(d["segment"].as_str().unwrap().ends_with(".seg"), "{p}");
    let text = home.run(&["journal", "verify"]);
    assert_eq!(text.code, 4);
    assert!(text.out.contains("DAMAGE") && text.out.contains("DOES NOT VERIFY"), "{}", text.out);
    home.run(&["run", "--events", "1"]).failed(4, "ZERO-JRN-003");
    home.run(&["journal", "checkpoint"]).failed(4, "ZERO-JRN-003");
}

/// From that many hundredths of the file on, it is not what was written.
fn garble(path: &Path, whole: &[u8], hundredths: usize) {
    let mut bytes = whole.to_vec();
    bytes[whole.len() * hundredths / 100..].fill(0xAA);
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_only_segment_that_is_garbled_to_its_end_is_damaged_for_every_reader_and_no_missing_run() {
    let home = Home::with_run(2_000);
    let path = segment(&home);
    let whole = fs::read(&path).unwrap();
    for hundredths in [1, 20, 50, 99] {
        garble(&path, &whole, hundredths);
        let p = home.run(&["journal", "verify", "--json"]);
        assert_eq!(p.code, 4);
        let found = p.packet()["damage"][0].clone();
        for command in [&["status"][..], &["positions"], &["brief"], &["run", "--events", "1"]] {
            let ran = home.run(command).failed(4, "ZERO-JRN-003");
            let (seq, offset) = (format!("record {}", found["seq"]), format!("byte {}", found["offset"]));
            assert!(ran.err.contains(&seq) && ran.err.contains(&offset), "{found} {}", ran.err);
        }
        let smoke = home.run(&["mcp", "--smoke", "--json"]);
        assert_eq!(smoke.code, 4, "{}", smoke.out);
        assert!(smoke.packet()["problems"].to_string().contains("ZERO-JRN-003"), "{}", smoke.out);
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_ne!(home.run(&["status"]).code, 0, "half of it is no run either");
    fs::write(&path, &whole).unwrap();
    home.run(&["status"]).ok();
    home.run(&["mcp", "--smoke"]).ok();
}

#[test]
fn a_truncated_journal_and_a_lost_second_place_are_seen() {
    let home = Home::with_run(1_000);
    let second = home.partition().join("checkpoints/run");
    let kept = home.path().join("kept");
    fs::rename(&second, &kept).unwrap();
    let p = home.run(&["journal", "verify", "--json"]);
    assert_eq!(p.code, 4, "{}", p.out);
    fs::rename(&kept, &second).unwrap();
    home.run(&["journal", "verify"]).ok();
    let path = segment(&home);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(home.run(&["journal", "verify"]).code, 4, "rolled back behind a signed checkpoint");
}

#[test]
fn the_tail_shows_facts_and_traces_by_kind_with_names() {
    let home = Home::with_run(9_000);
    let tail = |args: &[&str]| {
        let mut all = vec!["journal", "tail", "--json"];
        all.extend(args);
        home.run(&all).ok().packet()
    };
    let p = tail(&["-n", "4"]);
    assert_eq!(p["count"], 4);
    assert_eq!(p["records"][3]["kind"], "end");
    assert_eq!(p["records"][3]["seq"].as_u64().unwrap() + 1, p["next_seq"].as_u64().unwrap());
    let fills = tail(&["-n", "2", "--kind", "fill"]);
    let fill = &fills["records"][0];
    assert_eq!((fill["class"].as_str(), fill["kind"].as_str()), (Some("fact"), Some("fill")));
    assert!(fill["body"]["coin"].is_string() && fill["body"]["book"].is_string(), "{fill}");
    let facts = tail(&["-n", "200", "--facts"]);
    assert!(facts["records"].as_array().unwrap().iter().all(|r| r["class"] == "fact"));
    assert_eq!(tail(&["--kind", "no_such_kind"])["count"], 0);
}

#[test]
fn the_export_is_every_record_with_its_own_digits_and_its_hash_is_that_of_the_file() {
    let home = Home::with_run(9_000);
    let p = home.run(&["journal", "export", "--out", "all.jsonl", "--json"]).ok().packet();
    let text = fs::read_to_string(home.path().join("all.jsonl")).unwrap();
    assert_eq!(p["sha256"].as_str().unwrap(), zero_core::Digest32::of(text.as_bytes()).to_string());
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len() as u64, p["records"].as_u64().unwrap());
    assert!(lines.iter().enumerate().all(|(i, l)| l["seq"].as_u64() == Some(i as u64)));
    let verified = home.run(&["journal", "verify", "--json"]).ok().packet();
    assert_eq!(verified["records"], p["records"]);

    let out = home.run(&["journal", "export", "--from", "10", "--to", "13"]).ok();
    let want: Vec<&str> = text.lines().skip(10).take(3).collect();
    assert_eq!(out.out.lines().collect::<Vec<_>>(), want);
    assert!(out.err.contains("sha256"), "{}", out.err);
    home.run(&["journal", "export", "--json"]).failed_json(2);

    // Fees of the exported fills are those of the ledger, to the unit.
    let fees: i64 = text
        .lines()
        .filter(|l| l.contains("\"kind\":\"fill\""))
        .map(|l| {
            let digits = l.split("\"fee\":").nth(1).unwrap().split(',').next().unwrap();
            zero_core::Usd::parse(digits).unwrap().raw()
        })
        .sum();
    let risk = home.run(&["risk", "--json"]).ok().out;
    let booked: i64 = risk
        .split("\"fees\":")
        .skip(1)
        .map(|s| zero_core::Usd::parse(s.split(',').next().unwrap()).unwrap().raw())
        .sum();
    assert!(fees > 0);
    assert_eq!(fees, booked);
}

impl crate::support::Ran {
    fn failed_json(self, code: i32) {
        assert_eq!(self.code, code);
        assert_eq!(self.packet()["schema_version"], "zero.error.v1");
    }
}

#[test]
fn proofs_hold_for_their_record_and_no_other() {
    use zero_journal::{Checkpoint, NoteKey, proof};
    let home = Home::with_run(700);
    let p = home.run(&["journal", "prove", "123", "--out", "proof", "--json"]).ok().packet();
    let keys = [NoteKey::parse_vkey(p["vkey"].as_str().unwrap()).unwrap()];
    let leaf = fs::read(home.path().join("proof/record-123.leaf")).unwrap();
    let text = fs::read_to_string(home.path().join("proof/record-123.tlog-proof")).unwrap();
    let (seq, checkpoint) = proof::verify_inclusion_text(&text, &leaf, &keys).unwrap();
    assert_eq!((seq, checkpoint.size), (123, p["size"].as_u64().unwrap()));
    let mut other = leaf;
    other[0] ^= 1;
    assert!(proof::verify_inclusion_text(&text, &other, &keys).is_err());
    assert!(p["hashes"].as_array().unwrap().len() > 5);
    home.run(&["journal", "prove", "99999999"]).failed(1, "ZERO-JRN-013");

    let old = home.run(&["journal", "checkpoint", "--json"]).ok().packet();
    let old = Checkpoint::open(old["note"].as_str().unwrap(), &keys).unwrap();
    home.run(&["run", "--speed", "0", "--events", "400"]).ok();
    let from = old.size.to_string();
    let c = home.run(&["journal", "prove", "--from-size", &from, "--json"]).ok().packet();
    let new = proof::verify_consistency_text(c["text"].as_str().unwrap(), &old, &keys).unwrap();
    assert!(new.size > old.size);
    assert_eq!(c["old_root"].as_str().unwrap(), old.root.to_string());
    home.run(&["journal", "prove", "--from-size", "5", "--to-size", "6"]).failed(1, "ZERO-JRN-013");
}

#[test]
fn retention_shows_first_then_removes_what_it_showed_and_the_rest_still_verifies() {
    let home = Home::ready();
    home.run(&["--set", "journal.segment_size=64KiB", "run", "--speed", "0", "--events", "12000"]).ok();
    home.run(&["journal", "prune"]).failed(1, "ZERO-CLI-016");
    let shown = home.run(&["journal", "prune", "--before", "9000", "--json"]).ok().packet();
    assert_eq!(shown["dry_run"], true);
    assert!(!shown["removed"].as_array().unwrap().is_empty(), "{shown}");
    let before = home.run(&["journal", "verify", "--json"]).ok().packet();
    assert!(before["pruned"].as_array().unwrap().is_empty(), "looking removes nothing");
    let cited = shown["removed"][0]["from_seq"].as_u64().unwrap();
    let range = format!("{cited}..{}", cited + 1);
    let spared =
        home.run(&["journal", "prune", "--before", "9000", "--cite", &range, "--json"]).ok().packet();
    assert!(spared["bytes"].as_u64() < shown["bytes"].as_u64(), "what is cited stays");
    let done = home.run(&["journal", "prune", "--before", "9000", "--apply", "--json"]).ok().packet();
    assert_eq!((&done["removed"], &done["bytes"]), (&shown["removed"], &shown["bytes"]));
    let after = home.run(&["journal", "verify", "--json"]).ok().packet();
    assert_eq!((after["ok"].as_bool(), &after["pruned"]), (Some(true), &done["removed"]));
    assert_eq!(after["root"], before["root"], "the tree is what it was");
    home.run(&["status"]).ok();
    home.run(&["run", "--speed", "0", "--events", "50"]).ok();
    let far = home.run(&["journal", "prune", "--before", "99999999", "--json"]).ok().packet();
    assert!(far["bound"].as_str().unwrap().contains("snapshot"), "{far}");
}

/// A person's clock runs in another year than a replayed market. Were a ruling taken for an event of the market, a run of a few
/// days would be older than any age at which records may go, and nothing would have happened since.
#[test]
fn a_ruling_on_a_persons_clock_is_no_moment_of_the_market() {
    let home = Home::ready();
    let run = |events: &str| {
        home.run(&["--set", "journal.segment_size=64KiB", "run", "--speed", "0", "--events", events]).ok();
    };
    run("12000");
    home.run(&["operator", "pause", "--reason", "lunch"]).ok();
    // Granted or held, it is ruled on.
    home.run(&["operator", "resume", "--reason", "back", "--yes"]);
    run("300");

    let aged = home.run(&["--set", "journal.retain=300d", "journal", "prune", "--json"]).ok().packet();
    assert_eq!(aged["removed"], serde_json::json!([]), "the whole run is younger: {aged}");

    let facts = home.run(&["journal", "tail", "-n", "400", "--kind", "timer", "--json"]).ok().packet();
    let late = facts["records"].as_array().unwrap().iter().last().unwrap()["ts"].clone();
    let since = home.run(&["brief", "--since", late.as_str().unwrap(), "--json"]).ok().packet();
    let rulings = home.run(&["journal", "tail", "--kind", "friction", "--json"]).ok().packet();
    let ruled = rulings["records"][0]["seq"].as_u64().unwrap();
    assert!(since["changed"]["since_seq"].as_u64().unwrap() > ruled, "{since}");

    let told = home.run(&["pulse", "200", "--json"]).ok().packet();
    let events = told["events"].as_array().unwrap();
    let of = |kind: &str| {
        events.iter().find(|e| e["kind"] == kind).unwrap_or_else(|| panic!("{kind} is not told"))
    };
    for kind in ["friction", "start", "end"] {
        assert!(of(kind)["ts"].is_null() && of(kind)["wall_ts"].is_string(), "{}", of(kind));
    }
    assert!(of("operator")["ts"].is_string() && of("operator")["wall_ts"].is_string());
    assert!(of("decision")["ts"].is_string() && of("decision")["wall_ts"].is_null());
    let times: Vec<_> = events.iter().filter_map(|e| zero_core::Ts::parse_iso(e["ts"].as_str()?)).collect();
    assert!(times.len() > 5 && times.is_sorted_by(|newer, older| newer >= older), "newest first: {times:?}");
}
