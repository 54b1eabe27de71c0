//! Each rule on input, broken one at a time in a file that is otherwise good. Refused means: one error naming file,
//! row, field and rule, and nothing on disk.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use zero_core::{Ts, TsDiff};
use zero_data::{
    DataError, Dataset, EventRange, Existing, Format, ImportOptions, LastBar, Refusal, Rule, Store, TimeUnit,
    import,
};
use zero_market::{EventBody, Instrument};

struct Case {
    tmp: tempfile::TempDir,
    options: ImportOptions,
}

impl Case {
    fn new() -> Self {
        Self { tmp: tempfile::tempdir().unwrap(), options: ImportOptions::default() }
    }

    fn with(options: ImportOptions) -> Self {
        Self { options, ..Self::new() }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.tmp.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn dest(&self) -> PathBuf {
        self.tmp.path().join("store")
    }

    fn import(&self, files: &[PathBuf]) -> Result<(Store, Vec<String>), DataError> {
        import(files, &self.dest(), &self.options, &mut |_| {}).map(|r| (r.store, r.notes))
    }

    fn good(&self, name: &str, text: &str) -> (Dataset, Vec<String>) {
        let file = self.write(name, text);
        let (store, notes) = self.import(&[file]).unwrap_or_else(|e| panic!("{name}: {e}"));
        store.verify().unwrap();
        (Dataset::from_store(&store).unwrap(), notes)
    }

    fn refused(&self, name: &str, text: &str) -> Refusal {
        let file = self.write(name, text);
        let before = listing(self.tmp.path());
        let e = self
            .import(std::slice::from_ref(&file))
            .err()
            .unwrap_or_else(|| panic!("{name} was imported: {text}"));
        assert_eq!(listing(self.tmp.path()), before, "a refused import leaves nothing behind");
        let r = e.refusal().unwrap_or_else(|| panic!("{e}")).clone();
        assert!(e.to_string().starts_with(&format!("{}: ", file.display())), "{e}");
        assert!(e.to_string().contains(r.primary.rule.name()) && !e.hint().is_empty());
        r
    }
}

fn listing(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const T0: i64 = 1_756_929_600_000;
const H: i64 = 3_600_000;

fn csv(rows: &[&str]) -> String {
    format!("timestamp,open,high,low,close,volume\n{}\n", rows.join("\n"))
}

/// Four good hourly rows.
fn rows() -> Vec<String> {
    (0..4).map(|i| format!("{},100.5,104,99,{},7.25", T0 + i * H, 100 + i)).collect()
}

/// The good rows with one field of one row replaced. Row 0 is line 2 of the file.
fn broken(row: usize, field: usize, value: &str) -> String {
    let mut all = rows();
    let mut fields: Vec<&str> = all[row].split(',').collect();
    fields[field] = value;
    all[row] = fields.join(",");
    csv(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn each_broken_rule_of_a_bar_names_its_line_field_and_rule() {
    let long = "1".repeat(40);
    let t = |i: i64| (T0 + i * H).to_string();
    for (row, field, value, rule, name) in [
        (1, 1, "NaN", Rule::NotANumber, "open"),
        (1, 2, "inf", Rule::NotANumber, "high"),
        (1, 5, "abc", Rule::NotANumber, "volume"),
        (2, 3, "", Rule::MissingField, "low"),
        (2, 4, "0", Rule::NotPositive, "close"),
        (2, 3, "-1", Rule::NotPositive, "low"),
        (2, 2, "98", Rule::Inconsistent, "high"),
        (3, 3, "101", Rule::Inconsistent, "low"),
        (3, 5, "-0.1", Rule::NegativeVolume, "volume"),
        (3, 1, "100.123456789", Rule::TooPrecise, "open"),
        (3, 1, long.as_str(), Rule::OutOfRange, "open"),
        (1, 0, t(0).as_str(), Rule::DuplicateTime, "timestamp"),
        (2, 0, t(0).as_str(), Rule::TimeOrder, "timestamp"),
        (3, 0, t(9).as_str(), Rule::Gap, "timestamp"),
        (3, 0, "1756940400", Rule::WrongUnit, "timestamp"),
        (0, 0, "12", Rule::OutOfRange, "timestamp"),
        (0, 0, "yesterday", Rule::NotANumber, "timestamp"),
    ] {
        let r = Case::new().refused("BTC_1h.csv", &broken(row, field, value));
        let f = r.findings().find(|f| f.rule == rule).unwrap_or_else(|| panic!("{rule:?} not in {r}"));
        assert_eq!((f.row, f.field.as_str()), (Some(row as u64 + 2), name), "{rule:?}: {r}");
    }
}

#[test]
fn a_good_file_of_every_text_format_gives_the_same_bars() {
    let want = Case::new().good("BTC_1h.csv", &csv(&rows().iter().map(String::as_str).collect::<Vec<_>>())).0;
    assert_eq!(want.bar_count(), 4);
    let bar = |i: i64, q: &str| {
        let v = ["100.5", "104", "99", &(100 + i).to_string(), "7.25"].map(|v| format!("{q}{v}{q}"));
        (T0 + i * H, v)
    };
    let line = |i: i64| {
        let (t, [o, h, l, c, v]) = bar(i, "");
        format!(r#"{{"t": {t}, "o": {o}, "h": {h}, "l": {l}, "c": {c}, "v": {v}}}"#)
    };
    let compact = |n: i64, fetched: &str| {
        let all: Vec<String> = (0..n).map(line).collect();
        format!(
            r#"{{"coin": "BTC", "interval": "1h", "count": {n}, "fetched": "{fetched}", "candles": [{}]}}"#,
            all.join(", ")
        )
    };
    let wire: Vec<String> = (0..5)
        .map(|i| {
            let (t, [o, h, l, c, v]) = bar(i, "\"");
            let end = t + H - 1;
            format!(
                r#"{{"t":{t},"T":{end},"s":"BTC","i":"1h","o":{o},"c":{c},"h":{h},"l":{l},"v":{v},"n":9}}"#
            )
        })
        .collect();
    let jsonl = |time: &dyn Fn(i64) -> String| {
        let lines: Vec<String> = (0..4)
            .map(|i| {
                let (t, [o, h, l, c, v]) = bar(i, "");
                format!(
                    r#"{{"timestamp": {}, "open": {o}, "high": {h}, "low": {l}, "close": {c}, "volume": {v}, "coin": "BTC"}}"#,
                    time(t)
                )
            })
            .collect();
        lines.join("\n") + "\n"
    };
    let table = |header: &str, time: &dyn Fn(i64) -> String| {
        let lines: Vec<String> = rows()
            .iter()
            .map(|r| {
                let (t, rest) = r.split_once(',').unwrap();
                format!("{},{rest}", time(t.parse().unwrap()))
            })
            .collect();
        format!("{header},open,high,low,close,volume\n{}\n", lines.join("\n"))
    };
    let iso = |t: i64| Ts::from_ms(t).unwrap().to_string();
    let (complete, forming) = ("2025-09-04T00:00:00+00:00", "2025-09-04T00:00:02.274064+00:00");
    for (name, text) in [
        ("a_1h.json", compact(4, complete)),
        ("b_1h.json", compact(5, forming)),
        ("c.json", format!("[{}]", wire.join(","))),
        ("d_1h.jsonl", jsonl(&|t| t.to_string())),
        ("e.jsonl", jsonl(&|t| format!("\"{}\"", iso(t)))),
        ("BTC-f.csv", table("ts_ns", &|t| format!("{t}000000"))),
        ("BTC-g.csv", table("timestamp", &|t| format!("{t}000"))),
        ("BTC-h.csv", table("timestamp", &|t| (t / 1_000).to_string())),
        ("BTC-i.csv", table("Timestamp", &iso)),
        ("BTC-j.csv", table("open_time", &|t| t.to_string()).replace('\n', "\r\n")),
        ("BTC-k.csv", format!("\u{feff}{}", table("time", &|t| t.to_string()))),
    ] {
        let (got, notes) = Case::new().good(name, &text);
        assert!(got == want, "{name}");
        let is_csv = name.ends_with(".csv");
        assert_eq!(
            notes.iter().any(|n| n.contains("read as")),
            is_csv || name.ends_with("jsonl"),
            "{notes:?}"
        );
        assert_eq!(
            notes.iter().any(|n| n.contains("dropped")),
            name.starts_with('b') || name.starts_with('c')
        );
    }
}

fn print(i: i64, scale: &dyn Fn(f64) -> f64) -> String {
    let premium = [-0.0007, 0.0001, 0.0002, 0.0009][(i % 4) as usize];
    let rate = [-0.000025, 0.0000125, 0.0000125, 0.00005][(i % 4) as usize];
    format!(r#"{{"t": {}, "rate": {:.10}, "premium": {premium}}}"#, T0 + i * H + i % 230, scale(rate))
}

fn funding(n: i64, scale: &dyn Fn(f64) -> f64) -> String {
    let all: Vec<String> = (0..n).map(|i| print(i, scale)).collect();
    format!(r#"{{"coin": "ETH", "count": {n}, "entries": [{}]}}"#, all.join(","))
}

/// F12 (unit and scale errors): funding in percent, per eight hours or in basis points never enters as a fraction.
#[test]
fn funding_stamps_are_bucketed_and_wrong_units_are_refused() {
    let (data, _) = Case::new().good("ETH_funding.json", &funding(48, &|r| r));
    let eth = data.universe().find("ETH").unwrap();
    let prints = &data.series(eth).unwrap().funding;
    assert!(prints.iter().all(|p| p.time.floor(TsDiff::HOUR) == p.time) && prints.len() == 48);
    let wire: Vec<String> = (0..24)
        .map(|i| {
            let (t, p) = (T0 + i * H + 17, "0.0001");
            format!(r#"{{"coin":"ETH","fundingRate":"0.0000125","premium":"{p}","time":{t}}}"#)
        })
        .collect();
    let (data, _) = Case::new().good("w.json", &format!("[{}]", wire.join(",")));
    assert_eq!(data.series(zero_core::CoinId(0)).unwrap().funding.len(), 24);

    let table: String = (0..24).map(|i| format!("{},0.0000125,0.0001\n", T0 + i * H)).collect();
    let (data, _) = Case::new().good("ETH_funding.csv", &format!("time,rate,premium\n{table}"));
    assert_eq!(data.series(zero_core::CoinId(0)).unwrap().funding.len(), 24);
    let few = funding(4, &|r| r * 100.0);
    assert_eq!(
        Case::new().refused("ETH_funding.json", &few).primary.rule,
        Rule::WrongUnit,
        "few, but with premiums"
    );

    for (factor, unit) in [(100.0, "percent"), (8.0, "8 hours"), (10_000.0, "basis points")] {
        let r = Case::new().refused("ETH_funding.json", &funding(48, &|v| v * factor));
        assert_eq!((r.primary.rule, r.primary.field.as_str()), (Rule::WrongUnit, "rate"));
        assert!(r.primary.detail.contains(unit), "{r}");
    }
    let shifted = funding(4, &|r| r).replace(&(T0 + H + 1).to_string(), &(T0 + H + 600_000).to_string());
    assert!(Case::new().refused("ETH_funding.json", &shifted).breaks(Rule::Misaligned));
    let twice = funding(4, &|r| r).replace(&(T0 + H + 1).to_string(), &(T0 + 5).to_string());
    let r = Case::new().refused("ETH_funding.json", &twice);
    assert!(r.breaks(Rule::DuplicateTime) && r.breaks(Rule::Gap), "{r}");
}

#[test]
fn a_file_that_ends_in_the_middle_is_truncated_at_every_cut() {
    let text = funding(6, &|r| r);
    for cut in 1..text.len() - 1 {
        let r = Case::new().refused("ETH_funding.json", &text[..cut]);
        assert!(r.breaks(Rule::Truncated), "cut at {cut}: {r}");
    }
    let lines: String = (0..4).map(|i| print(i, &|r| r) + "\n").collect();
    let r = Case::new().refused("ETH.jsonl", &lines[..lines.len() - 9]);
    assert_eq!((r.primary.rule, r.primary.row), (Rule::Truncated, Some(4)));
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>());
    let r = Case::new().refused("BTC_1h.csv", &text[..text.len() - 8]);
    assert_eq!((r.primary.rule, r.primary.row), (Rule::Truncated, Some(5)), "{r}");
    let r =
        Case::new().refused("ETH_funding.json", &funding(6, &|r| r).replace("\"count\": 6", "\"count\": 7"));
    assert!(r.breaks(Rule::CountMismatch));
}

#[test]
fn json_nan_damage_doubled_fields_and_empty_files_are_named() {
    let nan = funding(6, &|r| r).replacen("\"rate\": 0.0000125000", "\"rate\": NaN", 1);
    let r = Case::new().refused("ETH_funding.json", &nan);
    assert_eq!(
        (r.primary.rule, r.primary.row, r.primary.field.as_str()),
        (Rule::NotANumber, Some(2), "rate")
    );
    let r = Case::new().refused("ETH_funding.json", &funding(6, &|r| r).replacen("\"rate\":", "\"rate\"", 1));
    assert_eq!((r.primary.rule, r.primary.row), (Rule::Syntax, Some(1)));
    let r = Case::new()
        .refused("ETH.jsonl", "{\"t\": 1756929600000, \"rate\": 0, \"rate\": 0, \"premium\": 0}\n");
    assert_eq!(r.primary.rule, Rule::Syntax);
    assert_eq!(Case::new().refused("BTC.csv", "").primary.rule, Rule::Empty);
    assert_eq!(
        Case::new().refused("BTC.csv", "timestamp,open,high,low,close,volume\n").primary.rule,
        Rule::Empty
    );
    assert_eq!(Case::new().refused("BTC.json", "[]").primary.rule, Rule::Empty);
    let r = Case::new().refused("BTC_1h.csv", "timestamp,open,high,low,volume\n1756929600000,1,1,1,1\n");
    assert_eq!((r.primary.rule, r.primary.field.as_str()), (Rule::MissingField, "close"));
    let case = Case::new();
    let file = case.write("notes.txt", "hello, world\n");
    assert_eq!(case.import(&[file]).unwrap_err().code(), "ZERO-DAT-002");
    let case = Case::with(ImportOptions { file_bytes_max: 100, ..ImportOptions::default() });
    let r = case.refused("BTC_1h.csv", &csv(&rows().iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(r.primary.rule, Rule::TooLarge);
}

#[test]
fn interval_mismatch_and_local_time_stamps_are_refused() {
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(Case::new().refused("BTC_4h.csv", &text).primary.rule, Rule::IntervalMismatch);
    let half_hour_off: Vec<String> =
        (0..4).map(|i| format!("{},100.5,102,99,100,7", T0 + i * H + H / 2)).collect();
    let text = csv(&half_hour_off.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(Case::new().refused("BTC_1h.csv", &text).primary.rule, Rule::Misaligned);
}

#[test]
fn an_allowed_gap_stays_visible_as_an_event() {
    let text = broken(3, 0, &(T0 + 9 * H).to_string());
    let case = Case::with(ImportOptions { allow_gaps: true, ..ImportOptions::default() });
    let file = case.write("BTC_1h.csv", &text);
    let (store, notes) = case.import(&[file]).unwrap();
    assert!(notes.iter().any(|n| n.contains("1 gaps in bars")), "{notes:?}");
    let at = |h: i64| Ts::from_ms(T0 + h * H).unwrap();
    let gaps = &store.manifest().coins[0].bars.as_ref().unwrap().gaps;
    assert_eq!(gaps.iter().map(|g| (g.from, g.to)).collect::<Vec<_>>(), [(at(3), at(9))]);
    let events: Vec<_> = store.events(&EventRange::all()).unwrap().map(Result::unwrap).collect();
    let gap: Vec<_> = events.iter().filter(|e| matches!(e.body, EventBody::Gap(_))).collect();
    assert!(
        matches!(&gap[..], [e] if e.time == at(3) && matches!(&e.body, EventBody::Gap(g) if g.to == at(9)))
    );
    assert_eq!(events.iter().filter(|e| matches!(e.body, EventBody::Timer(_))).count(), 4);
}

#[test]
fn an_unknown_coin_needs_a_stated_or_explicitly_inferred_instrument() {
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>());
    let case = Case::new();
    let file = case.write("PEPE_1h.csv", &text);
    assert_eq!(case.import(std::slice::from_ref(&file)).unwrap_err().code(), "ZERO-DAT-004");
    assert!(!case.dest().exists());
    let stated =
        ImportOptions { instruments: vec![Instrument::new("PEPE", 0, 5)], ..ImportOptions::default() };
    let case = Case::with(stated);
    let store = case.import(std::slice::from_ref(&file)).unwrap_or_else(|_| {
        let file = case.write("PEPE_1h.csv", &text);
        case.import(&[file]).unwrap()
    });
    assert_eq!(store.0.universe().iter().next().unwrap().1, &Instrument::new("PEPE", 0, 5));
    let case = Case::with(ImportOptions { infer_instrument: true, ..ImportOptions::default() });
    let file = case.write("PEPE_1h.csv", &text);
    let (store, notes) = case.import(&[file]).unwrap();
    assert!(
        store.manifest().coins[0].inferred && notes.iter().any(|n| n.contains("inferred 2 size decimals"))
    );
    let case = Case::with(ImportOptions { coin: Some("SOL".into()), ..ImportOptions::default() });
    let file = case.write("___.csv", &text);
    assert_eq!(case.import(&[file]).unwrap().0.universe().symbol(zero_core::CoinId(0)), "SOL");
    let r = Case::new().refused("_.csv", &text);
    assert_eq!(r.primary.rule, Rule::NoSymbol);
}

#[test]
fn the_last_bar_follows_its_stated_rule() {
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>());
    let bars = |options: ImportOptions| Case::with(options).good("BTC_1h.csv", &text).0.bar_count();
    let at = |ms: i64| Some(Ts::from_ms(T0 + ms).unwrap());
    let by_rule = ImportOptions::default;
    assert_eq!(bars(by_rule()), 4, "an archive that states nothing keeps its last bar");
    assert_eq!(bars(ImportOptions { last_bar: LastBar::Drop, ..by_rule() }), 3);
    assert_eq!(bars(ImportOptions { fetched_at: at(4 * H - 1), ..by_rule() }), 3, "still forming");
    assert_eq!(bars(ImportOptions { fetched_at: at(4 * H), ..by_rule() }), 4, "complete at the very instant");
    let case = Case::with(ImportOptions { fetched_at: at(2 * H), ..by_rule() });
    assert_eq!(case.refused("BTC_1h.csv", &text).primary.rule, Rule::FromTheFuture);
}

#[test]
fn an_existing_store_is_never_replaced_silently_nor_anything_else_ever() {
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>());
    let mut case = Case::new();
    let file = case.write("BTC_1h.csv", &text);
    case.import(std::slice::from_ref(&file)).unwrap();
    assert_eq!(case.import(std::slice::from_ref(&file)).unwrap_err().code(), "ZERO-DAT-006");
    case.options.existing = Existing::Replace;
    let other = case.write("ETH_1h.csv", &text);
    case.import(&[other]).unwrap();
    assert_eq!(Store::open(case.dest()).unwrap().universe().symbol(zero_core::CoinId(0)), "ETH");
    let bad = case.write("SOL_1h.csv", &broken(1, 1, "NaN"));
    case.import(&[bad]).unwrap_err();
    assert_eq!(
        Store::open(case.dest()).unwrap().universe().symbol(zero_core::CoinId(0)),
        "ETH",
        "old store kept"
    );
    let dir = case.tmp.path().join("precious");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("letter"), "x").unwrap();
    let e = import(&[file], &dir, &case.options, &mut |_| {}).unwrap_err();
    assert_eq!(e.code(), "ZERO-DAT-007");
    assert!(dir.join("letter").exists());
}

#[test]
fn what_a_killed_import_left_is_removed_and_a_running_one_is_not_touched() {
    let case = Case::new();
    let file = case.write("BTC_1h.csv", &csv(&rows().iter().map(String::as_str).collect::<Vec<_>>()));
    let left = case.tmp.path().join(".store.importing-4194305-0");
    let running = case.tmp.path().join(format!(".store.importing-{}-999999", std::process::id()));
    std::fs::create_dir(&left).unwrap();
    std::fs::create_dir(&running).unwrap();
    case.import(&[file]).unwrap();
    assert!(running.exists());
    // Process ids end at 4,194,304, so that one is gone; where processes cannot be seen it must stay.
    assert_eq!(left.exists(), !Path::new("/proc/self").exists());
}

#[test]
fn one_bad_file_among_good_ones_imports_nothing() {
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>());
    let case = Case::new();
    let files = [case.write("BTC_1h.csv", &text), case.write("ETH_1h.csv", &broken(2, 2, "1"))];
    let e = case.import(&files).unwrap_err();
    assert!(e.to_string().contains("ETH_1h.csv") && !case.dest().exists());
    assert_eq!(listing(case.tmp.path()), ["BTC_1h.csv", "ETH_1h.csv"]);
}

#[test]
fn an_explicit_format_overrides_the_detection() {
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>());
    let case = Case::with(ImportOptions { format: Some(Format::Wire), ..ImportOptions::default() });
    assert_eq!(case.refused("BTC_1h.csv", &text).primary.rule, Rule::Syntax);
    assert!(Format::ALL.iter().all(|f| Format::from_name(f.name()) == Some(*f)));
}

#[test]
fn a_column_that_lies_about_its_unit_is_refused_until_the_unit_is_stated() {
    // Newer versions of a common table library write microseconds where older ones wrote nanoseconds.
    let text = csv(&rows().iter().map(String::as_str).collect::<Vec<_>>()).replace("timestamp", "ts_ns");
    let r = Case::new().refused("BTC_1h.csv", &text);
    assert_eq!((r.primary.rule, r.primary.row, r.primary.count), (Rule::WrongUnit, Some(2), 4));
    let stated = ImportOptions { time_unit: Some(TimeUnit::Millis), ..ImportOptions::default() };
    assert_eq!(Case::with(stated).good("BTC_1h.csv", &text).0.bar_count(), 4);
}

#[test]
fn random_damage_is_refused_or_harmless_and_never_a_panic() {
    use zero_core::prng::Prng;
    let good = [
        ("BTC_1h.csv", csv(&rows().iter().map(String::as_str).collect::<Vec<_>>())),
        ("ETH_funding.json", funding(8, &|r| r)),
        ("ETH.jsonl", (0..6).map(|i| print(i, &|r| r) + "\n").collect()),
    ];
    let mut draws = Prng::new(11, 0);
    let mut refused = 0;
    for (name, text) in &good {
        for _ in 0..150 {
            let mut bytes = text.clone().into_bytes();
            for _ in 0..1 + draws.below(3) {
                if bytes.is_empty() {
                    break;
                }
                let at = draws.below(bytes.len() as u64) as usize;
                match draws.below(3) {
                    0 => bytes[at] = draws.next_u64() as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            let case = Case::new();
            let path = case.tmp.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            match case.import(&[path]) {
                Ok((store, _)) => {
                    store.verify().unwrap();
                    Dataset::from_store(&store).unwrap();
                }
                Err(e) => {
                    refused += 1;
                    assert!(!e.code().is_empty() && !case.dest().exists(), "{e}");
                }
            }
        }
    }
    assert!(refused > 200, "{refused}");
}
