//! Files among the operator's strategies that are no strategies, and text of documents on a terminal.

use crate::support::Home;
use std::fs;
use std::process::Command;

fn folder(home: &Home) -> std::path::PathBuf {
    let dir = home.partition().join("strategies");
    fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn one_stray_entry_takes_nothing_from_the_list_and_a_pipe_hangs_nothing() {
    let home = Home::ready();
    home.run(&["strategy", "new", "mine"]).ok();
    let dir = folder(&home);
    let good = fs::read_to_string(dir.join("mine.toml")).unwrap();
    for name in ["dir.toml", "dir.wasm"] {
        fs::create_dir(dir.join(name)).unwrap();
    }
    for name in ["ff.toml", "ff.wasm"] {
        assert!(Command::new("mkfifo").arg(dir.join(name)).status().unwrap().success());
    }
    fs::write(dir.join("UP.toml"), &good).unwrap();
    fs::write(dir.join("we ird.toml"), &good).unwrap();
    std::os::unix::fs::symlink(dir.join("nowhere"), dir.join("dangling.toml")).unwrap();
    let list = home.run(&["strategy", "list", "--json"]).ok().packet();
    let of = |name: &str| {
        let all = list["strategies"].as_array().unwrap();
        all.iter().find(|s| s["name"] == name).unwrap_or_else(|| panic!("{name}: {list}")).clone()
    };
    assert_eq!(of("mine")["valid"], true);
    for (name, why) in [
        ("dir", "not a regular file"),
        ("ff", "not a regular file"),
        ("dangling", "cannot"),
        ("UP", "no book can name it"),
        ("we ird", "no book can name it"),
    ] {
        let s = of(name);
        assert_eq!((&s["valid"], &s["hash"]), (&false.into(), &serde_json::Value::Null), "{s}");
        assert!(s["about"].as_str().unwrap().contains(why), "{s}");
    }
    assert!(!of("dir.wasm")["valid"].as_bool().unwrap() && !of("ff.wasm")["valid"].as_bool().unwrap());
    for name in ["dir", "ff"] {
        home.run(&["strategy", "check", name]).failed(1, "ZERO-STR-007");
    }
}

#[test]
fn a_document_without_a_fixture_says_so_in_words_and_in_the_packet() {
    let home = Home::ready();
    home.run(&["strategy", "new", "mine"]).ok();
    let path = folder(&home).join("mine.toml");
    let text = fs::read_to_string(&path).unwrap();
    let bare = text.split("[[test]]").next().unwrap();
    assert_ne!(bare, text);
    fs::write(&path, bare).unwrap();
    let ran = home.run(&["strategy", "test", "mine"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("there is no fixture"), "{}", ran.out);
    let packet = home.run(&["strategy", "test", "mine", "--json"]).packet();
    assert_eq!(packet["passed"], false);
    assert!(packet["missing"].as_str().unwrap().contains("no fixture"), "{packet}");
    assert!(home.run(&["strategy", "test", "trend", "--json"]).ok().packet()["missing"].is_null());
}

#[test]
fn text_of_a_document_steers_no_terminal_and_breaks_no_table() {
    let home = Home::ready();
    home.run(&["strategy", "new", "mine"]).ok();
    let path = folder(&home).join("mine.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once("about = \"").unwrap();
    let about = format!("{head}about = \"first\\nlast\\u001b[31mred\\u202e{rest}");
    fs::write(&path, about).unwrap();
    let steers = |t: &str| t.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}'));
    for args in [&["strategy", "list"][..], &["strategy", "explain", "mine"]] {
        let out = home.run(args).ok().out;
        assert!(!steers(&out), "{out:?}");
        assert!(out.lines().any(|l| l.contains("first last")), "one line: {out}");
    }
    // A mistake is shown with its line, whatever that line holds.
    fs::write(&path, format!("\u{1b}[31m{text}")).unwrap();
    let ran = home.run(&["strategy", "check", "mine"]).failed(1, "ZERO-STR-007");
    assert!(!steers(&ran.err), "{:?}", ran.err);
}
