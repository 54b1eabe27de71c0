//! The recorded panel of ten perpetuals: reference numbers that an import must reproduce. Needs the folder that the
//! environment variable `ZERO_SHARED_DATA` names; without it the tests say what was left out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use std::path::PathBuf;
use zero_core::Ts;
use zero_data::describe::{FORMULA_TOLERANCE, formula_distance};
use zero_data::import::collect_inputs;
use zero_data::{
    DataError, Dataset, EventRange, ImportOptions, ImportReport, Rule, describe, describe_dataset, import,
};
use zero_market::EventBody;

fn shared(sub: &str) -> Option<PathBuf> {
    match std::env::var_os("ZERO_SHARED_DATA") {
        Some(dir) => {
            let path = PathBuf::from(dir).join(sub);
            assert!(path.exists(), "{} is missing", path.display());
            Some(path)
        }
        None => {
            println!("left out: reference numbers on {sub} (ZERO_SHARED_DATA is not set)");
            None
        }
    }
}

fn import_dir(path: PathBuf, dest: &std::path::Path) -> Result<ImportReport, DataError> {
    import(&collect_inputs(&[path])?, dest, &ImportOptions::default(), &mut |_| {})
}

#[test]
fn the_panel_imports_whole_and_has_its_reference_numbers() {
    let Some(dir) = shared("hyperliquid") else { return };
    let tmp = tempfile::tempdir().unwrap();
    let report = import_dir(dir, &tmp.path().join("panel")).unwrap();
    report.store.verify().unwrap();
    assert_eq!(report.store.universe(), zero_market::Universe::reference());
    let d = describe(&report.store).unwrap();
    // Annual volatility, largest |hourly log return|, kurtosis, low and close of the crash bar in percent.
    let facts = [
        ("ARB", 0.97, 0.248, 78.0, -71.8),
        ("AVAX", 0.82, 0.139, 23.0, -69.3),
        ("BTC", 0.47, 0.038, 10.0, -11.6),
        ("DOGE", 0.82, 0.162, 33.0, -61.0),
        ("ETH", 0.67, 0.053, 10.0, -15.9),
        ("INJ", 1.04, 0.291, 106.0, -74.0),
        ("LINK", 0.79, 0.117, 16.0, -60.9),
        ("NEAR", 0.98, 0.162, 20.0, -46.0),
        ("SOL", 0.75, 0.057, 9.0, -30.0),
        ("SUI", 0.94, 0.198, 40.0, -81.0),
    ];
    let means = [5.6, 3.4, 7.0, 4.2, 6.7, -8.4, 10.0, 8.2, -1.1, 5.3];
    for ((c, (symbol, vol, max, kurtosis, low)), mean) in d.coins.iter().zip(facts).zip(means) {
        assert_eq!(c.symbol, symbol);
        let b = c.bars.as_ref().unwrap();
        // The last candle was still forming (INJ's file ends an hour earlier and is complete).
        assert_eq!((b.count, b.gaps, b.missing, b.zero_volume), (4_800, 0, 0, 0), "{symbol}");
        assert_eq!((b.first.as_str(), b.last.as_str()), ("2025-09-03T20:00:00Z", "2026-03-22T19:00:00Z"));
        let dropped = b.provenance.as_ref().unwrap().dropped_forming.as_deref();
        assert_eq!(dropped, (symbol != "INJ").then_some("2026-03-22T20:00:00Z"));
        assert!((b.annual_vol.unwrap() - vol).abs() <= 0.0051, "{symbol} {:?}", b.annual_vol);
        assert!((b.max_abs_return.unwrap() - max).abs() <= 0.00051, "{symbol} {:?}", b.max_abs_return);
        assert!((b.kurtosis.unwrap() - kurtosis).abs() <= 0.51, "{symbol} {:?}", b.kurtosis);
        assert!((b.worst_low.unwrap() * 100.0 - low).abs() <= 0.051, "{symbol} {:?}", b.worst_low);
        assert_eq!(b.worst_low_at.as_deref(), Some("2025-10-10T21:00:00Z"), "{symbol}");
        assert!((b.on_grid - 1.0).abs() < 1e-12, "{symbol}: a recorded price is off the venue's grid");
        let f = c.funding.as_ref().unwrap();
        assert_eq!((f.count, f.gaps, f.formula_agrees, f.jitter_ms), (4_800, 0, 4_800, 232), "{symbol}");
        assert_eq!((f.first.as_str(), f.last.as_str()), ("2025-08-30T11:00:00Z", "2026-03-18T10:00:00Z"));
        assert!((0.38..0.765).contains(&f.baseline_share), "{symbol} {}", f.baseline_share);
        assert!((f.mean_annualised * 100.0 - mean).abs() <= 0.051, "{symbol} {}", f.mean_annualised);
    }
    let dropped = report.notes.iter().filter(|n| n.contains("still forming")).count();
    assert_eq!(dropped, 9, "each dropped candle is said so: {:?}", report.notes);
}

#[test]
fn every_recorded_print_follows_the_venues_formula() {
    let Some(dir) = shared("hyperliquid") else { return };
    let tmp = tempfile::tempdir().unwrap();
    let store = import_dir(dir, &tmp.path().join("panel")).unwrap().store;
    let data = Dataset::from_store(&store).unwrap();
    let prints: Vec<_> = data.iter().flat_map(|(_, s)| s.funding.iter().copied()).collect();
    assert_eq!(prints.len(), 48_000);
    assert_eq!(prints.iter().filter(|p| formula_distance(p) <= FORMULA_TOLERANCE).count(), 48_000);
    let share = |n: usize| (n as f64 / 480.0 * 100.0).round() / 100.0;
    let limit = zero_core::Rate::bps(1);
    assert_eq!(share(prints.iter().filter(|p| p.rate <= limit).count()), 99.95);
    assert_eq!(share(prints.iter().filter(|p| p.rate >= limit.negated()).count()), 99.67);
    let quantiles = |mut v: Vec<f64>| {
        v.sort_by(f64::total_cmp);
        [0.5, 0.95, 0.99, 0.999, 1.0].map(|q| v[(q * 47_999.0) as usize])
    };
    let near = |got: [f64; 5], want: [f64; 5]| {
        for (g, w) in got.iter().zip(want) {
            assert!((g / w - 1.0).abs() < 0.02, "{got:?} against {want:?}");
        }
    };
    let rates = quantiles(prints.iter().map(|p| p.rate.to_f64().abs()).collect());
    near(rates, [1.25e-5, 2.76e-5, 6.05e-5, 3.63e-4, 2.80e-3]);
    let premiums = quantiles(prints.iter().map(|p| p.premium.to_f64().abs()).collect());
    near(premiums, [3.9e-4, 7.2e-4, 9.8e-4, 3.4e-3, 2.3e-2]);
}

#[test]
fn the_panels_events_are_complete_and_the_same_from_disk_and_memory() {
    let Some(dir) = shared("hyperliquid") else { return };
    let tmp = tempfile::tempdir().unwrap();
    let store = import_dir(dir, &tmp.path().join("panel")).unwrap().store;
    let data = Dataset::from_store(&store).unwrap();
    assert_eq!(store.content_digest(), data.content_digest());
    let a: Vec<_> = store.events(&EventRange::all()).unwrap().map(Result::unwrap).collect();
    assert!(a.iter().cloned().eq(data.events(&EventRange::all()).map(Result::unwrap)));
    let count = |k: &str| a.iter().filter(|e| e.body.kind() == k).count();
    assert_eq!((count("bar_opened"), count("bar_closed"), count("funding")), (48_000, 48_000, 48_000));
    assert_eq!((count("timer"), count("gap")), (4_800, 0));
    let hours = a
        .iter()
        .filter(|e| matches!(&e.body, EventBody::Funding(f) if f.coin.0 == 2))
        .filter(|e| e.time >= Ts::parse_iso("2025-09-03T20:00:00Z").unwrap());
    // Inclusive of both ends: 4,694 steps of an hour between 2025-09-03 20:00 and 2026-03-18 10:00.
    assert_eq!(hours.count(), 4_695);
}

#[test]
fn spot_files_import_and_the_longer_ones_are_exact_sums_of_the_hourly_ones() {
    let Some(dir) = shared("binance") else { return };
    let tmp = tempfile::tempdir().unwrap();
    let load = |interval: &str, rows: usize| {
        let files: Vec<PathBuf> =
            ["BTC", "ETH", "SOL"].map(|c| dir.join(format!("{c}_{interval}.csv"))).to_vec();
        let report =
            import(&files, &tmp.path().join(interval), &ImportOptions::default(), &mut |_| {}).unwrap();
        assert!(report.notes.iter().any(|n| n.contains("milliseconds")), "{:?}", report.notes);
        let d = Dataset::from_store(&report.store).unwrap();
        assert!(d.iter().all(|(_, s)| s.bars.len() == rows));
        d
    };
    let (h1, h4, d1) = (load("1h", 8_761), load("4h", 2_190), load("1d", 365));
    for (wide, n) in [(&h4, 4), (&d1, 24)] {
        for ((_, w), (_, h)) in wide.iter().zip(h1.iter()) {
            for (bar, part) in w.bars.iter().zip(h.bars.chunks(n)) {
                assert_eq!(bar.open_time, part[0].open_time);
                assert_eq!((bar.open, bar.close), (part[0].open, part[n - 1].close));
                assert_eq!(Some(bar.high), part.iter().map(|b| b.high).max());
                assert_eq!(Some(bar.low), part.iter().map(|b| b.low).min());
                let sum: i64 = part.iter().map(|b| b.volume.raw()).sum();
                // The files carry the floating-point noise of their own sums; it lies below 1e-8.
                assert!((sum - bar.volume.raw()).abs() <= 1, "{}", bar.open_time);
            }
        }
    }
    let mixed = [dir.join("BTC_1h.csv"), dir.join("ETH_4h.csv")];
    let e = import(&mixed, &tmp.path().join("mixed"), &ImportOptions::default(), &mut |_| {}).unwrap_err();
    assert!(e.refusal().unwrap().breaks(Rule::IntervalMismatch), "{e}");
    let twice = [dir.join("BTC_1h.csv"), dir.join("BTC_4h.csv")];
    let e = import(&twice, &tmp.path().join("twice"), &ImportOptions::default(), &mut |_| {}).unwrap_err();
    assert_eq!(e.code(), "ZERO-DAT-003");
    assert!(
        describe_dataset(&h1).coins[0].bars.as_ref().unwrap().on_grid < 0.9,
        "spot cents are off this grid"
    );
}

/// F12 (unit and scale errors), on the recorded file.
#[test]
fn percent_funding_with_gaps_is_refused_naming_unit_and_gap() {
    let Some(dir) = shared("bad") else { return };
    let tmp = tempfile::tempdir().unwrap();
    let dest = tmp.path().join("bad");
    let file = dir.join("funding_percent_units_with_gaps.jsonl");
    let e = import(&[file], &dest, &ImportOptions::default(), &mut |_| {}).unwrap_err();
    println!("{e}");
    let r = e.refusal().unwrap();
    assert_eq!((e.code(), r.primary.rule), ("ZERO-DAT-107", Rule::WrongUnit));
    assert_eq!((r.primary.row, r.primary.field.as_str()), (Some(1), "coins.ARB.f"));
    assert!(r.primary.detail.contains("percent per hour"));
    let of = |rule| r.findings().find(|f| f.rule == rule).unwrap();
    assert_eq!((of(Rule::Gap).count, of(Rule::TimeOrder).count), (445, 3));
    assert!(e.to_string().contains("wrong_unit") && e.to_string().contains("gap"));
    assert!(!dest.exists() && std::fs::read_dir(tmp.path()).unwrap().count() == 0, "nothing is left behind");
}

/// F5 (equity was wrong for days), on the recorded file.
#[test]
fn the_broken_equity_series_raises_a_data_fault_with_its_jumps() {
    let Some(dir) = shared("bad") else { return };
    let tmp = tempfile::tempdir().unwrap();
    let file = dir.join("equity_history.jsonl");
    let e = import(&[file], &tmp.path().join("bad"), &ImportOptions::default(), &mut |_| {}).unwrap_err();
    println!("{e}");
    let r = e.refusal().unwrap();
    let of = |rule| r.findings().find(|f| f.rule == rule).unwrap();
    assert_eq!((of(Rule::EquityJump).count, of(Rule::EquityJump).row), (36, Some(316)));
    assert!(of(Rule::EquityJump).detail.contains("742.29 to -0.89"));
    assert_eq!((of(Rule::NegativeBalance).count, of(Rule::NegativeBalance).row), (10, Some(316)));
    assert!(r.breaks(Rule::NotMarketData));
}
