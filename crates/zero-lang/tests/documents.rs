//! Bundled documents against their fixtures and what every strategy must keep; files with mistakes in them.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use zero_core::{CoinId, MissingReason, Observation, Ts, TsDiff};
use zero_lang::{BUNDLED, FILE_MAX, bundled, read, schema};
use zero_strategy::lang::{Document, DocumentStrategy, shipped};
use zero_strategy::strategies::{CarryParams, TrendParams};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, Proposal, Strategy};

#[test]
fn every_bundled_document_says_what_its_fixture_says() {
    assert!(BUNDLED.len() >= 8);
    assert!(BUNDLED.windows(2).all(|w| w[0].0 < w[1].0), "sorted");
    let mut meanings = BTreeSet::new();
    for (name, text) in BUNDLED {
        let file = read(text.as_bytes()).unwrap_or_else(|e| panic!("{name}: {e}\n{}", e.excerpt));
        assert_eq!(file.document.name(), *name);
        assert!(file.cases.len() >= 3 && !file.about.is_empty(), "{name}");
        assert!(file.cases.iter().any(|c| c.says.starts_with("enter")), "{name}");
        assert!(file.cases.iter().any(|c| c.says == "exit"), "{name}");
        for (i, case) in file.cases.iter().enumerate() {
            let o = case.run(&file.document).unwrap_or_else(|e| panic!("{name} case {i}: {e}"));
            assert!(o.holds(), "{name} case {i}: expected {}, said {}", o.expected, o.said);
        }
        assert!(meanings.insert(file.document.meaning()), "{name}: meant before");
        assert_eq!(Document::from_spec(&file.document.spec()).unwrap(), file.document, "{name}");
    }
}

/// Books are configured by constants; what they run at the standard ones is the file that anybody can read.
#[test]
fn the_shipped_books_run_the_bundled_documents() {
    let file = |name| read(bundled(name).unwrap().as_bytes()).unwrap().document;
    assert_eq!(shipped::trend(&TrendParams::standard()).unwrap(), file("trend"));
    assert_eq!(shipped::carry(&CarryParams::standard()).unwrap(), file("carry"));
}

#[test]
fn every_bundled_document_abstains_on_nothing_and_enters_in_its_favourable_state() {
    let now = Ts::from_ns(1_756_900_800_000_000_000);
    for (name, text) in BUNDLED {
        let mut plan = FeaturePlan::new();
        let s = DocumentStrategy::new(read(text.as_bytes()).unwrap().document, &mut plan);
        let mut bank = FeatureBank::new(&plan);
        let view = |bank: &FeatureBank| {
            s.propose(
                &CoinView {
                    coin: CoinId(0),
                    now,
                    close: Observation::Missing(MissingReason::NeverSeen),
                    funding: Observation::Missing(MissingReason::NeverSeen),
                    interval: TsDiff::HOUR,
                    bank,
                    cross: None,
                },
                None,
            )
        };
        assert_eq!(view(&bank), Proposal::Abstain, "{name}");
        assert!(s.favourable(0.01, now, &mut bank), "{name} names no state in which it enters");
        let Proposal::Enter(e) = view(&bank) else { panic!("{name}") };
        assert!(e.score.is_finite() && e.stop.unwrap() > 0.0 && e.horizon > TsDiff::ZERO, "{name}");
    }
}

/// Case tells coins apart only where the market has both.
#[test]
fn a_universe_means_the_coins_of_its_names_in_whatever_case_the_market_writes_them() {
    let now = Ts::from_ns(1_756_900_800_000_000_000);
    let trades = |coins: &str, market: [&str; 3]| {
        let text = bundled("trend").unwrap();
        let named = format!("[universe]\ncoins = \"{coins}\"\n\n[entry]");
        let document = read(text.replacen("[entry]", &named, 1).as_bytes()).unwrap().document;
        let mut plan = FeaturePlan::new();
        let mut s = DocumentStrategy::new(document, &mut plan);
        s.bind(&market);
        let mut bank = FeatureBank::new(&plan);
        assert!(s.favourable(0.01, now, &mut bank));
        [0, 1, 2].map(|c| {
            let view = CoinView {
                coin: CoinId(c),
                now,
                close: Observation::Missing(MissingReason::NeverSeen),
                funding: Observation::Missing(MissingReason::NeverSeen),
                interval: TsDiff::HOUR,
                bank: &bank,
                cross: None,
            };
            matches!(s.propose(&view, None), Proposal::Enter(_))
        })
    };
    assert_eq!(trades("*", ["BTC", "ETH", "SOL"]), [true; 3]);
    assert_eq!(trades("btc, SOL", ["BTC", "ETH", "SOL"]), [true, false, true]);
    assert_eq!(trades("KPEPE", ["kPEPE", "KPEPE", "PEPE"]), [false, true, false]);
    assert_eq!(trades("DOGE", ["BTC", "ETH", "SOL"]), [false; 3]);
}

#[test]
fn a_mistake_in_a_file_is_shown_with_line_column_caret_and_a_suggestion() {
    let good = bundled("trend").unwrap();
    for (from, to, line, column, hint) in [
        ("trend_t(168) >= 1\"", "trend(168) >= 1\"", 6, 9, "trend_t"),
        ("long = \"trend_t(168) >= 1", "long = \"close[-1] > ema(3)", 6, 15, "[1]"),
        ("stop = \"3 * daily_vol()", "stop = \"3 * atr(14)", 11, 9, "description"),
        ("[entry]\nlong", "[entry]\nlang", 6, 1, "entry.long"),
        ("[exit]", "[exti]", 12, 1, "exit."),
        ("version = 1", "version = \"1\"", 2, 11, "version"),
        ("name = \"trend\"", "name = \"Trend!\"", 1, 8, "lower-case"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let e = read(bad.as_bytes()).unwrap_err();
        assert_eq!((e.line, e.column), (line, column), "{to}: {e}\n{}", e.excerpt);
        assert!(e.hint.contains(hint), "{to}: {}", e.hint);
        let (row, caret) = e.excerpt.split_once('\n').unwrap();
        assert_eq!(caret.find('^'), Some(column - 1), "{row}\n{caret}");
    }
}

#[test]
fn hostile_files_are_refused() {
    let good = bundled("trend").unwrap();
    for bad in [
        vec![b'a'; FILE_MAX + 1],
        vec![0xff, 0xfe],
        b"name = ".to_vec(),
        format!("a={}", "[".repeat(30_000)).into_bytes(),
        format!("{good}\n[entry.a.b.c.d]\nx = \"1\"").into_bytes(),
        good.replace("3 * daily_vol()", &"(".repeat(4_000)).into_bytes(),
        good.replace("horizon = \"7d\"", "horizon = 7.5").into_bytes(),
        b"".to_vec(),
    ] {
        let e = read(&bad).unwrap_err();
        assert!(!e.hint.is_empty() && e.code().starts_with("ZERO-STR-"), "{e}");
    }
}

#[test]
fn the_schema_names_every_field_once_and_requires_what_has_no_default() {
    let s = schema::json_schema();
    assert_eq!(s["properties"]["exit"]["required"][0], "horizon");
    assert_eq!(s["properties"]["exit"]["properties"]["on_unknown"]["properties"]["kill"]["default"], "leave");
    for f in zero_strategy::lang::document::FIELDS {
        let at = f.key.split('.').fold(&s, |v, k| &v["properties"][k]);
        assert_eq!(at["description"], f.about, "{}", f.key);
    }
}

/// The seeded fraction of the fuzz campaign.
#[test]
fn hostile_texts_are_answered_and_nothing_else_happens() {
    let t = zero_lang::fuzz::fuzz(1, 0, 30_000).unwrap();
    assert_eq!(t.executions, 30_000);
    assert!(t.accepted > 300, "the mutations reach the inside of documents: {t:?}");
    assert_eq!(t, zero_lang::fuzz::fuzz(1, 0, 30_000).unwrap(), "the same numbers give the same texts");
}

#[test]
fn a_change_of_the_normal_form_changes_the_hash_of_no_bundled_document() {
    let known = [
        ("carry", "a4d02ee1caac82255cf78efffbb1f025a01c3c9b11555b7e6b52a30b96e7549f"),
        ("donchian", "6f26fdf3bd84c931d25509b2a85bcd2bcde47c4f5262505558ba7d32d84f6f55"),
        ("funding_fade", "598c20f02fd25c4fc4593d16b6de751909c8add3a65ebb7882b8122e08e0655c"),
        ("mean_reversion", "40b3674cdef6bee566bc2c81712c4de2d619e4dc955f08939b886623e8f9a076"),
        ("momentum", "1d7f5523ee07289b1a06fa6bdfa2545b0e235b680a49463ddc02ed04b8b388f4"),
        ("range_low", "ce21a06f86ab2e68ad2b10f115a422f60e7494aff77a04bf7a5339587930cdce"),
        ("rsi_pullback", "104cdf2ebe33924419db1ba2cf0238fb7adeeafbac04889ff706c43beb3be724"),
        ("trend", "35eb534ef4a023c427ec75984e7636ce997c37f343fb5a47e754a538afa12b09"),
        ("vol_breakout", "452b99b084c7158466711c1aa73f7c2d56fb73ace4b3498e03058c6855a5f3cc"),
    ];
    // A document that is new here has no hash to keep.
    for (name, hash) in known {
        let document = read(bundled(name).unwrap().as_bytes()).unwrap().document;
        assert_eq!(document.meaning().to_string(), hash, "{name}");
    }
}
