//! Components through the program: with the feature they run, without it they are refused with what to do.

#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "tests; the support is shared")]

#[path = "cli/support.rs"]
mod support;

use support::Home;

const TREND: &[u8] = include_bytes!("../../zero-wasm/guests/trend.wasm");
const LENS: &[u8] = include_bytes!("../../zero-wasm/guests/trend_lens.wasm");

fn home() -> Home {
    let home = Home::ready();
    let dir = home.partition().join("strategies");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("mine.wasm"), TREND).unwrap();
    std::fs::write(dir.join("lens.wasm"), LENS).unwrap();
    let cases = "[[test]]\nset = { \"trend_t(168, 48)\" = 1.5, \"vol(48)\" = 0.01 }\nsays = \"enter long\"\n\
        [[test]]\nset = { \"trend_t(168, 48)\" = -0.5, \"vol(48)\" = 0.01 }\nholds = \"long\"\nsays = \"exit\"\n\
        [[test]]\nset = { \"vol(48)\" = 0.01 }\nsays = \"abstain\"\n";
    std::fs::write(dir.join("mine.test.toml"), cases).unwrap();
    home
}

#[cfg(not(feature = "wasm"))]
#[test]
fn a_component_is_refused_by_a_program_without_components() {
    let home = home();
    for command in ["check", "explain", "test"] {
        home.run(&["strategy", command, "mine.wasm"]).failed(3, "ZERO-STR-025");
    }
    let list = home.run(&["strategy", "list", "--json"]).ok().packet();
    let entry = list["strategies"].as_array().unwrap().iter().find(|s| s["name"] == "mine.wasm").unwrap();
    assert_eq!(entry["valid"], false);
}

#[cfg(feature = "wasm")]
mod with {
    use super::*;

    const BOOK: [&str; 8] = [
        "--set",
        "books.trend.strategy=document",
        "--set",
        "books.trend.document.name=mine.wasm",
        "--set",
        "books.carry.enabled=false",
        "--json",
        "--alone",
    ];

    #[test]
    fn a_component_is_checked_explained_listed_and_put_to_its_fixture() {
        let home = home();
        let check = home.run(&["strategy", "check", "mine.wasm", "--json"]).ok().packet();
        assert_eq!(check["name"], "trend");
        let explain = home.run(&["strategy", "explain", "mine.wasm", "--json"]).ok().packet();
        assert_eq!(explain["hash"], check["hash"]);
        assert_eq!(explain["features"][0], "trend_t(168, 48)");
        assert_eq!((&explain["budget"], &explain["horizon_hours"]), (&1_000_000.into(), &168.into()));
        assert!(explain["lookback_bars"].as_u64().unwrap() >= 168);
        let test = home.run(&["strategy", "test", "mine.wasm", "--json"]).ok().packet();
        assert_eq!((&test["passed"], test["cases"].as_array().unwrap().len()), (&true.into(), 3));
        let list = home.run(&["strategy", "list", "--json"]).ok().packet();
        let entry = list["strategies"].as_array().unwrap().iter().find(|s| s["name"] == "mine.wasm").unwrap();
        assert_eq!((&entry["valid"], &entry["hash"]), (&true.into(), &check["hash"]));
        let names: Vec<_> =
            list["strategies"].as_array().unwrap().iter().map(|s| s["name"].clone()).collect();
        assert!(!names.contains(&"mine.test".into()), "a fixture is no strategy: {names:?}");
    }

    #[test]
    fn a_book_that_names_a_component_trades_as_the_one_that_names_its_document() {
        let home = home();
        let backtest = |extra: &[&str], out: &str| {
            let mut args = vec!["backtest", "--days", "60", "--out", out];
            args.extend(BOOK);
            args.extend(extra);
            home.run(&args).ok().packet()
        };
        let component = backtest(&[], "component");
        let document = backtest(&["--set", "books.trend.document.name=trend"], "document");
        assert!(component["run"]["counters"]["fills"].as_u64().unwrap() > 4, "{component}");
        for field in ["money", "coins", "counters", "max_drawdown_pct"] {
            assert_eq!(component["run"][field], document["run"][field], "{field}");
        }
    }

    #[test]
    fn a_component_that_is_none_is_refused_with_its_file() {
        let home = home();
        let dir = home.partition().join("strategies");
        std::fs::write(dir.join("bad.wasm"), b"\0asm\x01\0\0\0").unwrap();
        let ran = home.run(&["strategy", "check", "bad.wasm"]).failed(1, "ZERO-STR-020");
        assert!(ran.err.contains("bad.wasm"), "{}", ran.err);
    }

    /// A run of the component's book that has ended, with these settings on top.
    fn ended(home: &Home, more: &[&str]) {
        let mut args = vec!["run", "--no-http", "--speed", "0"];
        if !more.contains(&"--events") {
            args.extend(["--events", "9023"]);
        }
        args.extend(&BOOK[..6]);
        args.extend(more);
        home.run(&args).ok();
    }

    #[test]
    fn shadows_of_a_components_candidates_end_as_those_of_its_document_and_without_its_bytes_none_is_invented()
     {
        let (component, document) = (home(), home());
        let long = ["--events", "60000"];
        ended(&component, &long);
        ended(&document, &[&long[..], &["--set", "books.trend.document.name=trend"]].concat());
        let teaches = |home: &Home| {
            [&["near-misses", "--json"][..], &["learn", "gates", "--json"]].map(|c| {
                let mut packet = home.run(c).ok().packet();
                // A component's abstentions are records of their own.
                packet.as_object_mut().unwrap().remove("journal_seq").unwrap();
                packet
            })
        };
        let told = teaches(&component);
        let candidates = &told[1]["candidates"];
        assert!(candidates["closed"].as_u64().unwrap() > 20, "{candidates}");
        assert!(told == teaches(&document), "{candidates}");

        std::fs::remove_file(component.partition().join("strategies/mine.wasm")).unwrap();
        let blind = component.run(&["learn", "gates", "--json"]).ok().packet();
        let (seen, unjudged) = (&candidates["judged"], &blind["candidates"]["unjudged"]);
        assert_eq!(unjudged, &serde_json::json!({ "strategy_unknown": seen }), "{blind}");
        assert_eq!(blind["candidates"]["closed"], 0);
    }

    #[test]
    fn a_components_book_answers_why_and_evaluate_where_its_bytes_are_at_hand_and_says_why_not_where_they_are_not()
     {
        let home = home();
        ended(&home, &[]);
        for command in ["why", "evaluate"] {
            let packet = home.run(&[command, "BTC", "--json"]).ok().packet();
            let book = &packet["books"][0];
            assert_eq!(book["explanation"]["status"], "given", "{command}: {book}");
            let conditions = book["conditions"].as_array().unwrap();
            assert_eq!(conditions.len(), 2, "{book}");
            for c in conditions {
                assert_eq!((&c["input"], &c["unit"]), (&"trend_t".into(), &"sigmas".into()), "{c}");
                let (value, from) = (c["value"].as_f64().unwrap(), c["holds_from"].as_f64().unwrap());
                let holds = if c["upwards"] == true { value >= from } else { value <= from };
                assert_eq!(c["outcome"], if holds { "true" } else { "false" }, "{c}");
            }
            // What it says it waits for is an input that the host computed, not a number of its own.
            let input = book["inputs"].as_array().unwrap().iter().find(|i| i["input"] == "trend_t").unwrap();
            assert_eq!(input["value"], conditions[0]["value"], "{command}");
            assert_eq!(book["thresholds"].as_array().unwrap().len(), 2);
        }
        let text = home.run(&["evaluate", "BTC"]).ok().out;
        assert!(text.contains("trend_t") && text.contains("sigmas"), "{text}");

        std::fs::remove_file(home.partition().join("strategies/mine.wasm")).unwrap();
        for command in ["why", "evaluate"] {
            let packet = home.run(&[command, "BTC", "--json"]).ok().packet();
            let told = &packet["books"][0]["explanation"];
            assert_eq!((&told["status"], &told["code"]), (&"unavailable".into(), &"ZERO-STR-028".into()));
            let text = home.run(&[command, "BTC"]).ok().out;
            assert!(text.contains("ZERO-STR-028"), "{text}");
        }
    }

    #[test]
    fn why_a_component_abstained_is_told_from_the_journal_though_its_bytes_are_gone() {
        let home = home();
        // Within its warm-up.
        let mut args = vec!["run", "--no-http", "--speed", "0", "--events", "500"];
        args.extend(&BOOK[..6]);
        home.run(&args).ok();
        let with = home.run(&["why", "BTC", "--json"]).ok().packet();
        std::fs::remove_file(home.partition().join("strategies/mine.wasm")).unwrap();
        let without = home.run(&["why", "BTC", "--json"]).ok().packet();
        for packet in [&with, &without] {
            let book = &packet["books"][0];
            assert_eq!(book["outcome"], "abstained", "{book}");
            let told = serde_json::json!({"reason": "input", "code": null, "source": "journal"});
            assert_eq!(book["abstention"], told);
        }
        let named = with["books"][0]["why"].as_str().unwrap();
        assert!(named.contains("trend_t is"), "asked again it names the input: {named}");
    }

    #[test]
    fn a_lens_is_checked_explained_listed_and_speaks_in_decisions_and_answers() {
        let home = home();
        let check = home.run(&["strategy", "check", "lens.wasm", "--json"]).ok().packet();
        assert_eq!(check["name"], "trend_guest");
        let explain = home.run(&["strategy", "explain", "lens.wasm", "--json"]).ok().packet();
        let form = explain["normal_form"].as_array().unwrap();
        assert!(form.iter().any(|f| f["key"] == "component.kind" && f["text"] == "lens"), "{form:?}");
        let list = home.run(&["strategy", "list", "--json"]).ok().packet();
        let entry = list["strategies"].as_array().unwrap().iter().find(|s| s["name"] == "lens.wasm").unwrap();
        assert_eq!((&entry["valid"], &entry["hash"]), (&true.into(), &check["hash"]));

        ended(&home, &["--set", "paper.lens_components=lens.wasm"]);
        let decisions = home.run(&["decisions", "--json"]).ok().packet();
        let mut spoke = 0;
        for d in decisions["decisions"].as_array().unwrap() {
            let said = |name: &str| {
                let all = d["lenses"].as_array().unwrap();
                all.iter().find(|l| l["lens"] == name).unwrap().clone()
            };
            let (native, guest) = (said("trend"), said("trend_guest"));
            assert_eq!((&native["score"], &native["stderr"]), (&guest["score"], &guest["stderr"]));
            spoke += u32::from(guest["score"].is_number());
        }
        assert!(spoke > 0, "{decisions}");
        let evaluate = |home: &Home| {
            let args = ["evaluate", "BTC", "--json", "--set", "paper.lens_components=lens.wasm"];
            home.run(&args).ok().packet()
        };
        let packet = evaluate(&home);
        assert_eq!(packet["books"][0]["explanation"]["status"], "given", "{packet}");
        std::fs::remove_file(home.partition().join("strategies/lens.wasm")).unwrap();
        let told = &evaluate(&home)["books"][0]["explanation"];
        assert_eq!(told["code"], "ZERO-STR-028");
        assert!(told["reason"].as_str().unwrap().contains("trend_guest"), "{told}");
        // An act needs no lens: it is recorded without it, and the run goes on with it again.
        home.run(&["operator", "kill", "--reason", "test"]).ok();
        assert_eq!(home.run(&["risk", "--json"]).ok().packet()["halted"], true);
        std::fs::write(home.partition().join("strategies/lens.wasm"), LENS).unwrap();
        ended(&home, &["--set", "paper.lens_components=lens.wasm"]);
        assert_eq!(evaluate(&home)["books"][0]["explanation"]["status"], "given");
    }
}
