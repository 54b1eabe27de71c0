//! The audit against the journal that it speaks of: range, root, head, counts, decisions and acts, computed again from what
//! `zero journal export` writes.

use crate::support::Home;
use serde_json::Value;
use zero_core::Digest32;

/// Merkle tree hash over leaf hashes (RFC 6962, section 2.1).
fn root(leaves: &[Digest32]) -> Digest32 {
    match leaves {
        [] => Digest32::of(&[]),
        [one] => *one,
        _ => {
            let cut = 1 << (usize::BITS - 1 - (leaves.len() - 1).leading_zeros());
            let (left, right) = (root(&leaves[..cut]), root(&leaves[cut..]));
            Digest32::of(&[&[1], left.0.as_slice(), right.0.as_slice()].concat())
        }
    }
}

/// What differs between an audit and the records of a journal.
fn differences(audit: &Value, records: &[Value], limit: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut same = |what: &str, have: &Value, want: Value| {
        if *have != want {
            out.push(format!("{what}: {have}, and the journal has {want}"));
        }
    };
    let of = |kind: &str| records.iter().filter(|r| r["kind"] == kind).collect::<Vec<_>>();
    let j = &audit["journal"];
    same("records", &j["to_seq"], records.len().into());
    let in_order = records.iter().enumerate().all(|(i, r)| r["seq"] == i);
    same("sequences", &true.into(), in_order.into());
    let size = j["checkpoint"]["size"].as_u64().unwrap() as usize;
    same("uncovered", &j["uncovered"], records.len().saturating_sub(size).into());
    let leaves: Vec<Digest32> = records
        .iter()
        .take(size)
        .map(|r| Digest32::parse_hex(r["leaf"].as_str().unwrap()).unwrap())
        .collect();
    same("root", &j["checkpoint"]["root"], root(&leaves).to_string().into());
    let judged = of("candidate");
    let refused = judged.iter().filter(|r| r["body"]["admitted"] == false).count();
    same("decisions", &audit["summary"]["decisions"], judged.len().into());
    same("rejections", &audit["summary"]["rejections"], refused.into());
    same("fills", &audit["summary"]["fills"], of("fill").len().into());
    same("complete", &audit["retention"]["complete"], (judged.len() <= limit).into());
    let newest = |all: &[&Value], f: fn(&Value) -> Value| -> Value {
        all.iter().rev().take(limit).map(|r| f(r)).collect::<Vec<_>>().into()
    };
    let shown = |list: &Value, f: fn(&Value) -> Value| -> Value {
        list.as_array().unwrap().iter().map(f).collect::<Vec<_>>().into()
    };
    let decided =
        shown(&audit["decisions"], |d| serde_json::json!([d["trace_id"], d["ts"], d["symbol"], d["book"]]));
    same(
        "shown",
        &decided,
        newest(&judged, |r| {
            let b = &r["body"];
            serde_json::json!([b["decision"], b["time"], b["coin"], b["book"]])
        }),
    );
    // The program's own reports of the disk are records of the same kind and acts of nobody.
    let acts: Vec<_> = of("operator").into_iter().filter(|r| r["body"]["action"] != "disk_report").collect();
    let acted = shown(&audit["operator_actions"], |a| serde_json::json!([a["seq"], a["ts"]]));
    same("acts", &acted, newest(&acts, |r| serde_json::json!([r["seq"], r["ts"]])));
    out
}

#[test]
fn an_audit_is_what_the_exported_journal_says() {
    let home = Home::with_run(8_000);
    home.run(&["operator", "pause", "--reason", "lunch"]).ok();
    let run = home.run(&["run", "--speed", "0", "--events", "500"]).ok();
    let export = home.path().join("export.jsonl");
    home.run(&["journal", "export", "--out", export.to_str().unwrap()]).ok();
    let text = std::fs::read_to_string(&export).unwrap();
    let records: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for limit in [5, 500] {
        let audit = home.run(&["audit", "export", "--limit", &limit.to_string(), "--json"]).ok().packet();
        assert_eq!(differences(&audit, &records, limit), Vec::<String>::new());
        assert!(audit["operator_actions"].to_string().contains("lunch"));
        let verified = home.run(&["journal", "verify", "--json"]).ok().packet();
        assert_eq!(audit["journal"]["head"], verified["head"]);
        let said = run.err.rsplit("digest ").next().unwrap().trim();
        assert_eq!(audit["journal"]["decision_digest"], said);
        // Records that were lost, swapped or altered on the way.
        let (fill, mut lost) = (records.iter().position(|r| r["kind"] == "fill").unwrap(), records.clone());
        lost.remove(fill);
        let mut swapped = records.clone();
        swapped.swap(fill, fill + 1);
        let mut altered = records.clone();
        altered[fill]["leaf"] = "00".repeat(32).into();
        for planted in [lost, swapped, altered] {
            assert!(!differences(&audit, &planted, limit).is_empty());
        }
    }
}
