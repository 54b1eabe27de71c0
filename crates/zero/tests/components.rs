//! Components through the program: with the feature they run, without it they are refused with what to do.

#![allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "tests; the support is shared")]

#[path = "cli/support.rs"]
mod support;

use support::Home;

const TREND: &[u8] = include_bytes!("../../zero-wasm/guests/trend.wasm");

fn home() -> Home {
    let home = Home::ready();
    let dir = home.partition().join("strategies");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("mine.wasm"), TREND).unwrap();
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
}
