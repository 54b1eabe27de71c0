//! The registry of error codes is whole: every code in the workspace's sources is in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use zero_packets::errors::{Exit, all, errors_markdown, find};
use zero_packets::{ErrorKind, ErrorPacket};

fn is_code(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 12
        && text.starts_with("ZERO-")
        && b[5..8].iter().all(u8::is_ascii_uppercase)
        && b[8] == b'-'
        && b[9..].iter().all(u8::is_ascii_digit)
}

/// String literals of a source that are codes.
fn codes_in(source: &str) -> BTreeSet<String> {
    source.split('"').filter(|s| is_code(s)).map(str::to_owned).collect()
}

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n != "target") {
                sources(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn every_code_in_the_sources_is_declared() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for entry in fs::read_dir(crates).unwrap() {
        let src = entry.unwrap().path().join("src");
        if src.is_dir() {
            sources(&src, &mut files);
        }
    }
    assert!(files.len() > 50, "the walk found the sources");
    let missing: BTreeSet<String> = files
        .iter()
        .flat_map(|f| codes_in(&fs::read_to_string(f).unwrap()))
        .filter(|code| find(code).is_none())
        .collect();
    assert!(missing.is_empty(), "declare in crates/zero-packets/src/errors.rs: {missing:?}");
    assert_eq!(
        codes_in(r#"a => "ZERO-ABC-123", "ZERO-abc-123" "ZERO-ABC-1234""#).len(),
        1,
        "the scan can see"
    );
}

#[test]
fn codes_are_sorted_unique_well_formed_and_explained() {
    let codes: Vec<&str> = all().map(|e| e.code).collect();
    assert!(codes.windows(2).all(|w| w[0] < w[1]), "{codes:?}");
    for e in all() {
        assert!(is_code(e.code), "{}", e.code);
        assert!(e.meaning.ends_with('.') && e.hint.ends_with('.') && !e.title.is_empty(), "{}", e.code);
        assert_eq!(find(e.code), Some(e));
    }
    let text = errors_markdown();
    assert!(all().all(|e| text.contains(e.code)));
}

#[test]
fn exit_codes_are_the_documented_ones() {
    assert_eq!(Exit::ALL.map(Exit::code), [1, 2, 3, 4, 5]);
    let p = ErrorPacket::new("ZERO-CFG-022", "open".into(), "close it".into());
    assert_eq!((p.kind, p.exit_code), (ErrorKind::Refused, 3));
    let p = ErrorPacket::new("ZERO-XXX-999", "?".into(), "?".into());
    assert_eq!((p.kind, p.exit_code), (ErrorKind::Internal, 5), "an undeclared code is a fault of ours");
}
