//! What must never happen to a report: a lie in the headline, a hole in the escaping, a fetch, a NaN, a lost extreme.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may panic; clippy.toml exempts only the test functions"
)]

#[path = "../examples/sample_tearsheet.rs"]
#[allow(dead_code, unreachable_pub, reason = "the example's main and visibility are not used here")]
mod sample_tearsheet;

use proptest::prelude::*;
use zero_report::*;
use zero_stats::Bootstrap;

fn sample() -> Tearsheet {
    static SAMPLE: std::sync::OnceLock<Tearsheet> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(|| sample_tearsheet::sample(100)).clone()
}

/// A sheet that meets every condition for an edge.
fn flawless() -> Tearsheet {
    let mut s = sample();
    (s.net_sharpe.value, s.net_sharpe.lo, s.net_sharpe.hi) = (3.0, Some(1.0), Some(5.0));
    for b in &mut s.baselines {
        b.sharpe.value = 1.0;
    }
    s.money.net_pnl_usd = 900.0;
    s.cost_sensitivity[2].net_pnl_usd = 50.0;
    s.run.trial_number = 3;
    let r = s.random_entries.as_mut().unwrap();
    r.run_value = 900.0;
    r.values = (0..1_000).map(|i| f64::from(i) - 200.0).collect();
    for v in &mut r.values {
        *v = v.min(800.0);
    }
    s
}

/// Every number in the drawing commands and attributes of the page's SVG.
fn drawn_numbers(page: &str) -> Vec<f64> {
    let mut out = Vec::new();
    for key in [" d=\"", " x=\"", " y=\"", " width=\"", " height=\"", "left:", "top:"] {
        for part in page.split(key).skip(1) {
            let body = part.split(['"', '%']).next().unwrap();
            for token in body.split(|c: char| !(c.is_ascii_digit() || ".-+einfNa".contains(c))) {
                if !token.is_empty() {
                    out.push(token.parse().unwrap_or(f64::NAN));
                }
            }
        }
    }
    out
}

/// Opening and closing tags must match; void and self-closed elements aside.
fn assert_balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        let name = tag.split([' ', '\n']).next().unwrap();
        if tag.ends_with('/') || ["meta", "!DOCTYPE"].contains(&name) {
            continue;
        }
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "near {part:.60}"),
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

fn assert_sound(sheet: &Tearsheet) -> String {
    let page = render_html(sheet);
    assert_balanced(&page);
    let body = page.split("</style>").nth(1).unwrap();
    for word in ["NaN", "inf<", "inf ", "-inf", "null"] {
        assert!(!body.contains(word), "the page shows {word}");
    }
    for n in drawn_numbers(body) {
        assert!((-1.0..=1001.0).contains(&n), "drawn at {n}");
    }
    page
}

#[test]
fn the_page_fetches_and_runs_nothing() {
    let page = assert_sound(&sample());
    for word in [
        "<script",
        "http:",
        "https:",
        "//",
        "src=",
        "url(",
        "@import",
        "<link",
        "<img",
        "onload",
        "javascript",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    assert_eq!(render_html(&sample_tearsheet::sample(100)), render_html(&sample_tearsheet::sample(100)));
}

#[test]
fn hostile_text_in_any_field_stays_text() {
    const EVIL: &str = "</style><img src=x onerror=alert(1)>\"'&\u{202e}\0";
    let mut json = serde_json::to_value(sample()).unwrap();
    let mut sheet = sample();
    let evil = || EVIL.to_owned();
    sheet.title = evil();
    let r = &mut sheet.run;
    for field in [
        &mut r.program,
        &mut r.program_version,
        &mut r.epoch,
        &mut r.bar,
        &mut r.data_digest,
        &mut r.config_hash,
        &mut r.decision_digest,
        &mut r.fee_model,
    ] {
        *field = evil();
    }
    r.coins[0] = evil();
    r.strategies[0] = StrategyRef { name: evil(), digest: evil() };
    r.extra.push((evil(), evil()));
    sheet.net_sharpe.n_unit = evil();
    sheet.net_sharpe.method = evil();
    sheet.figures[0].label = evil();
    sheet.figures[0].estimate.n_unit = evil();
    sheet.figures[0].estimate.method = evil();
    sheet.baselines[0].label = evil();
    sheet.baselines[0].description = evil();
    sheet.baselines[0].sharpe.method = evil();
    sheet.attribution.by_coin[0].name = evil();
    sheet.attribution.by_book[0].name = evil();
    sheet.costs.lines[0].label = evil();
    sheet.costs.cumulative[0].name = evil();
    let random = sheet.random_entries.as_mut().unwrap();
    random.metric = evil();
    random.equity_band.as_mut().unwrap().name = evil();
    sheet.trades.mean_pnl_usd.n_unit = evil();
    sheet.rejections.by_gate[0].gate = evil();
    sheet.months[0].month = evil();
    sheet.notes[0] = Note { topic: evil(), text: evil() };
    let page = assert_sound(&sheet);
    assert!(!page.contains("<img") && !page.contains('\u{202e}') && !page.contains('\0'));
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.matches("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;").count() >= 30);
    json["title"] = EVIL.into();
    assert!(serde_json::to_string(&json).is_ok());
}

/// Puts one value wherever a number of the run is shown.
fn fill(s: &mut Tearsheet, bad: f64) {
    s.money = Money {
        initial_equity_usd: bad,
        final_equity_usd: bad,
        price_pnl_usd: bad,
        fees_usd: bad,
        funding_usd: bad,
        net_pnl_usd: bad,
    };
    s.net_sharpe.value = bad;
    s.figures[0].estimate.value = bad;
    s.figures[1].estimate.lo = Some(bad);
    s.equity.values[100] = bad;
    s.gross_exposure.values.fill(bad);
    s.attribution.by_coin[0].total_usd = bad;
    s.costs.turnover_usd = bad;
    s.cost_sensitivity[1].net_pnl_usd = bad;
    s.random_entries.as_mut().unwrap().run_value = bad;
    s.random_entries.as_mut().unwrap().values[3] = bad;
    s.trades.mean_hold_hours = bad;
    s.months[0].return_fraction = bad;
}

#[test]
fn numbers_and_times_at_the_edge_of_their_type_still_give_a_page() {
    for bad in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, -0.0] {
        let mut s = sample();
        fill(&mut s, bad);
        assert_sound(&s);
    }
    for (from, to) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MAX - 9, i64::MAX), (0, 0)] {
        let mut s = sample();
        (s.run.from_ms, s.run.to_ms) = (from, to);
        assert_sound(&s);
        s.equity.ts_ms.fill(to);
        s.equity.ts_ms[0] = from;
        (s.months, s.run.events, s.run.trial_number) = (months_from_equity(&s.equity), u64::MAX, u64::MAX);
        assert_sound(&s);
    }
}

#[test]
fn a_number_that_is_not_one_is_shown_as_unknown() {
    let mut s = sample();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        fill(&mut s, bad);
        let page = assert_sound(&s);
        assert!(page.matches("unknown").count() > 15);
        assert_eq!(headline(&s).verdict, Verdict::Unknown);
        assert!(page.contains("The rows do not add up"), "a sum with an unknown part agrees with nothing");
        assert!(serde_json::to_value(&s).unwrap()["money"]["net_pnl_usd"].is_null());
    }
}

#[test]
fn degenerate_series_still_give_a_page() {
    let series = |values: Vec<f64>| Series {
        name: "e".to_owned(),
        ts_ms: (0..values.len() as i64).map(|i| i * 3_600_000).collect(),
        values,
    };
    for values in [
        vec![],
        vec![10_000.0],
        vec![10_000.0; 500],
        vec![0.0; 3],
        vec![100.0, -50.0, -80.0],
        vec![-5.0, -4.0],
        vec![f64::NAN; 40],
        vec![1e300, -1e300, 1e-300],
        vec![f64::MAX, f64::MIN],
        vec![1.0, f64::NAN, 2.0],
    ] {
        let mut s = sample();
        let boot = Bootstrap { replicates: 100, ..Bootstrap::standard(1) };
        s.equity = series(values.clone());
        s.figures = standard_figures(&s.equity, 8_760.0, "hours", &boot);
        s.net_sharpe = s.figures[0].estimate.clone();
        s.months = months_from_equity(&s.equity);
        for scale in [AxisScale::Auto, AxisScale::Linear, AxisScale::Log] {
            s.equity_scale = scale;
            assert_sound(&s);
            s.baselines.clear();
            s.random_entries = None;
            assert_sound(&s);
        }
    }
}

#[test]
fn an_empty_report_says_what_it_does_not_have() {
    let mut s = sample();
    for series in [&mut s.equity, &mut s.gross_exposure, &mut s.net_exposure] {
        *series = Series::empty("nothing");
    }
    s.figures.clear();
    s.baselines.clear();
    s.attribution = Attribution { by_coin: vec![], by_book: vec![] };
    s.costs = Costs { turnover_usd: 0.0, lines: vec![], cumulative: vec![] };
    s.cost_sensitivity.clear();
    s.random_entries = None;
    s.rejections = Rejections { candidates: 0, accepted: 0, by_gate: vec![] };
    s.months.clear();
    s.notes.clear();
    s.run.coins.clear();
    (s.trades.count, s.trades.wins, s.trades.open_at_end) = (0, 0, 0);
    let page = assert_sound(&s);
    assert_eq!(headline(&s).verdict, Verdict::NothingTraded);
    for sentence in ["Random entries were not run", "No baselines were run", "No assumptions were stated"] {
        assert!(page.contains(sentence), "{sentence}");
    }
}

#[test]
fn five_hundred_coins_with_long_names_are_folded_and_still_add_up() {
    let mut s = sample();
    let row = |i: u64| AttributionRow {
        name: format!("{}{i}", "VERYLONGCOINNAME".repeat(8)),
        trades: 1,
        price_pnl_usd: i as f64 - 249.5,
        fees_usd: -0.25,
        funding_usd: 0.125,
        total_usd: i as f64 - 249.5 - 0.125,
    };
    s.attribution.by_coin = (0..500).map(row).collect();
    s.run.coins = s.attribution.by_coin.iter().map(|r| r.name.clone()).collect();
    s.money = Money {
        initial_equity_usd: 10_000.0,
        final_equity_usd: 9_937.5,
        price_pnl_usd: 0.0,
        fees_usd: -125.0,
        funding_usd: 62.5,
        net_pnl_usd: -62.5,
    };
    s.attribution.by_book = vec![AttributionRow {
        name: "one".to_owned(),
        trades: 500,
        price_pnl_usd: 0.0,
        fees_usd: -125.0,
        funding_usd: 62.5,
        total_usd: -62.5,
    }];
    let page = assert_sound(&s);
    assert!(page.contains("480 others") && page.contains("<details>"));
    assert_eq!(page.matches("The rows add up to the cent").count(), 2);
}

/// The planted bug: one cent taken from one row.
#[test]
fn rows_that_miss_the_total_by_a_cent_are_called_out() {
    let good = sample();
    assert_eq!(render_html(&good).matches("The rows add up to the cent").count(), 2);
    for part in 0..4 {
        let mut s = good.clone();
        let r = &mut s.attribution.by_coin[4];
        *[&mut r.price_pnl_usd, &mut r.fees_usd, &mut r.funding_usd, &mut r.total_usd][part] += 0.01;
        let page = render_html(&s);
        assert_eq!(page.matches("The rows add up to the cent").count(), 1, "part {part}");
        assert!(page.contains("differs by +$0.01"));
    }
    let mut s = good;
    s.money.final_equity_usd += 0.01;
    assert!(render_html(&s).contains("final less initial equity differs"));
}

#[test]
fn a_million_points_make_a_small_page_that_keeps_the_extremes() {
    let mut s = sample();
    let n = 1_000_000;
    let mut values: Vec<f64> = (0..n).map(|i| 10_000.0 + f64::from(i % 977)).collect();
    (values[123_457], values[765_433]) = (1_234.5, 99_999.0);
    s.equity =
        Series { name: "e".to_owned(), ts_ms: (0..i64::from(n)).map(|i| i * 60_000).collect(), values };
    let thin = s.equity.thinned(400);
    assert!(thin.values.len() <= 1_700);
    assert!(thin.values.contains(&1_234.5) && thin.values.contains(&99_999.0));
    let page = assert_sound(&s);
    assert!(page.len() < 400_000, "{}", page.len());
}

#[test]
fn the_headline_is_the_sentence_that_was_promised() {
    let mut s = sample();
    (s.net_sharpe.value, s.net_sharpe.lo, s.net_sharpe.hi) = (0.41, Some(-1.6), Some(2.3));
    let r = s.random_entries.as_mut().unwrap();
    r.run_value = 610.0;
    r.values = (0..1_000).map(f64::from).collect();
    let h = headline(&s);
    assert_eq!(h.verdict, Verdict::NoEdgeShown);
    assert_eq!(
        h.sentence.replace('\u{a0}', " "),
        "No edge shown: net Sharpe 0.41, 90 % interval −1.6 to 2.3, n = 4,695 hours; beats 61 % of 1,000 random-entry runs; trial 7 of this journal."
    );
}

#[test]
fn an_edge_is_never_claimed_and_one_unmet_condition_is_enough_to_deny_it() {
    assert_eq!(headline(&flawless()).verdict, Verdict::NotRejected, "{:?}", headline(&flawless()).reasons);
    type Spoil = (&'static str, fn(&mut Tearsheet));
    let spoils: [Spoil; 9] = [
        ("interval touches zero", |s| s.net_sharpe.lo = Some(0.0)),
        ("no profit", |s| s.money.net_pnl_usd = 0.0),
        ("unknown profit", |s| s.money.net_pnl_usd = f64::NAN),
        ("loses at twice the costs", |s| s.cost_sensitivity[2].net_pnl_usd = -1.0),
        ("twice the costs not run", |s| s.cost_sensitivity.truncate(2)),
        ("a baseline as good", |s| s.baselines[1].sharpe.value = 3.0),
        ("random entries not run", |s| s.random_entries = None),
        ("too few random entries", |s| s.random_entries.as_mut().unwrap().values.truncate(999)),
        ("too many trials for the evidence", |s| s.run.trial_number = 51),
    ];
    for (what, spoil) in spoils {
        let mut s = flawless();
        spoil(&mut s);
        let h = headline(&s);
        assert_eq!((h.verdict, h.reasons.len()), (Verdict::NoEdgeShown, 1), "{what}: {h:?}");
    }
    for word in ["profitable", "proven", "guarantee", "edge shown</strong>"] {
        assert!(!render_html(&flawless()).contains(word), "{word}");
    }
}

#[test]
fn a_loss_and_an_unknown_are_called_so() {
    let mut s = flawless();
    (s.net_sharpe.value, s.net_sharpe.lo, s.net_sharpe.hi) = (-2.0, Some(-3.0), Some(-1.0));
    assert_eq!(headline(&s).verdict, Verdict::LossShown);
    s.net_sharpe.lo = None;
    assert_eq!(headline(&s).verdict, Verdict::Unknown);
}

#[test]
fn months_chain_so_that_their_profits_sum_to_the_whole() {
    let s = sample();
    let months = months_from_equity(&s.equity);
    assert_eq!(months.first().unwrap().month, "2025-09");
    assert_eq!(months.len(), 7);
    let sum: f64 = months.iter().map(|m| m.pnl_usd).sum();
    let whole = s.equity.values.last().unwrap() - s.equity.values[0];
    assert!((sum - whole).abs() < 1e-6);
}

#[test]
fn every_key_figure_shows_its_interval_and_n() {
    let s = sample();
    let page = render_html(&s);
    let section = page.split("<h2>Key figures</h2>").nth(1).unwrap().split("</section>").next().unwrap();
    let rows: Vec<&str> =
        section.split("<tbody>").nth(1).unwrap().split("</tr>").filter(|r| r.contains("<th")).collect();
    assert_eq!(rows.len(), s.figures.len() + 1);
    for row in rows {
        assert!(row.contains("4,695 hours"), "{row}");
        assert!(row.contains(" to ") || row.contains("counted"), "{row}");
    }
    assert!(section.contains("bootstrap"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_equity_path_draws_outside_its_frame(
        values in prop::collection::vec(prop_oneof![4 => any::<f64>(), 4 => -1e6f64..1e6, 1 => Just(f64::NAN)], 0..60),
        from in -4_000_000_000_000i64..9_000_000_000_000,
        step in 0i64..4_000_000_000,
        log in any::<bool>(),
    ) {
        let mut s = bare();
        s.equity = Series {
            name: "e".to_owned(),
            ts_ms: (0..values.len() as i64).map(|i| from + i * step).collect(),
            values: values.clone(),
        };
        s.net_exposure = s.equity.clone();
        s.gross_exposure = s.equity.clone();
        s.equity_scale = if log { AxisScale::Log } else { AxisScale::Linear };
        s.random_entries.as_mut().unwrap().values = values.clone();
        s.random_entries.as_mut().unwrap().run_value = values.first().copied().unwrap_or(0.0);
        s.months = months_from_equity(&s.equity);
        assert_sound(&s);
    }

    #[test]
    fn thinning_keeps_the_ends_the_extremes_and_the_order(
        values in prop::collection::vec(prop_oneof![9 => -1e6f64..1e6, 1 => Just(f64::NAN)], 1..400),
        gaps in prop::collection::vec(0i64..1_000_000, 400),
        buckets in 1usize..40,
    ) {
        let mut t = 0;
        let ts_ms: Vec<i64> = gaps.iter().take(values.len()).map(|g| { t += g; t }).collect();
        let s = Series { name: String::new(), ts_ms, values };
        let thin = s.thinned(buckets);
        prop_assert!(thin.values.len() <= s.values.len() && thin.ts_ms.is_sorted());
        prop_assert!(thin.values.len() <= 4 * (buckets + 1));
        let ends = |s: &Series| {
            let finite: Vec<f64> = s.values.iter().copied().filter(|v| v.is_finite()).collect();
            let lo = finite.iter().copied().fold(f64::INFINITY, f64::min);
            let hi = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (lo, hi, finite.first().copied(), finite.last().copied())
        };
        prop_assert_eq!(ends(&s), ends(&thin));
    }
}

/// A small sheet, quick to render many times.
fn bare() -> Tearsheet {
    let mut s = sample();
    s.baselines.clear();
    s.costs.cumulative.clear();
    s.random_entries.as_mut().unwrap().equity_band = None;
    s
}
