use proptest::prelude::*;
use zero_config::diff::worst;
use zero_config::{
    Config, FileText, Layer, Place, Problem, ProblemKind, Resolved, RiskDirection, Sources, StrategyConfig,
    Value, check, diff, load,
};
use zero_core::{Canon as _, Rate, TsDiff, Usd};

const FEES: &str = "fees.taker=0.00045";
const MAKER: &str = "fees.maker=0.00015";

fn operator(text: &str) -> Sources {
    Sources::new().file(Layer::Operator, FileText { path: "/op/config.toml".into(), text: text.into() })
}

fn with_fees(text: &str) -> Sources {
    operator(&format!("{text}\n[fees]\ntaker = 0.00045\nmaker = 0.00015\n"))
}

fn set(args: &[&str]) -> Sources {
    Sources::new().set([FEES, MAKER].iter().chain(args).map(|s| (*s).to_owned()))
}

fn config(sources: &Sources) -> Config {
    resolved(sources).config
}

fn resolved(sources: &Sources) -> Resolved {
    load(sources).unwrap_or_else(|p| panic!("{p}"))
}

fn only(sources: &Sources) -> Problem {
    let problems = check(sources);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

fn line_of(p: &Problem) -> usize {
    match &p.at {
        Some((_, Place::File { line, .. })) => *line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_shipped_limits_are_the_kernels() {
    let c = config(&set(&[]));
    assert_eq!(c.limits.risk_per_trade, Rate::bps(50));
    assert_eq!(c.limits.max_gross_leverage, Rate::whole(2));
    assert_eq!(c.limits.max_position_share, Rate::bps(5_000));
    assert_eq!(c.limits.daily_loss, Rate::bps(500));
    assert_eq!(c.limits.max_drawdown, Rate::bps(2_000));
    assert_eq!(c.limits.fee_burn_per_day, Rate::bps(100));
    assert_eq!(c.limits.stale_after, TsDiff::secs(5_400));
    assert_eq!(c.limits.vol_target_annual, Rate::bps(2_000));
    assert_eq!(c.limits.max_cost_share, Rate::bps(2_500));
    assert_eq!(c.limits.max_portfolio_vol, Rate::bps(4_000));
    assert_eq!(
        (c.limits.max_beta_exposure, c.limits.max_factor_exposure),
        (Rate::bps(15_000), Rate::bps(15_000))
    );
    assert_eq!((c.limits.max_risk_share, c.limits.max_shortfall), (Rate::bps(4_000), Rate::bps(250)));
    assert_eq!((c.limits.max_correlated_vol, c.limits.max_crash_loss), (Rate::bps(6_000), Rate::bps(2_500)));
    assert_eq!((c.limits.crash_btc, c.limits.crash_eth), (Rate::bps(1_160), Rate::bps(1_590)));
    assert_eq!((c.limits.crash_sol, c.limits.crash_other), (Rate::bps(3_000), Rate::bps(6_500)));
    assert!(c.limits.refuse_turbulent && !c.limits.refuse_one_bet && !c.limits.refuse_illiquid);
    assert_eq!(c.limits.cooldown, TsDiff::HOUR);
    assert_eq!((c.limits.max_open_positions, c.limits.orders_per_hour, c.account.leverage), (10, 60, 3));
    assert_eq!((c.breakers.rejects_per_hour, c.breakers.disk_min), (20, 64 << 20));
    assert_eq!((c.operator.dead_man_after, c.operator.inactive_after), (None, None));
    assert_eq!(c.books.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["carry", "trend"]);
    let StrategyConfig::Trend(t) = &c.books[1].strategy else { panic!() };
    assert_eq!((t.lookback, t.entry_z, t.stop_sigmas), (168, Rate::whole(1), Rate::whole(3)));
    assert_eq!(c.books.iter().map(|b| b.initial_cash.raw()).sum::<i64>(), Usd::whole(10_000).raw());
}

#[test]
fn fees_are_never_zero_by_silence() {
    let problems = check(&Sources::new());
    let keys: Vec<_> = problems.iter().filter_map(|p| p.key.as_deref()).collect();
    assert_eq!(keys, ["fees.maker", "fees.taker"]);
    assert!(problems.iter().all(|p| p.kind == ProblemKind::Missing && !p.hint.is_empty()));
    assert_eq!(
        config(&Sources::new().set(["fees.taker=0".into(), "fees.maker=0".into()])).fees.taker,
        Rate::ZERO
    );
}

#[test]
fn later_layers_win_and_every_layer_is_remembered_with_its_place() {
    let system = FileText { path: "/etc/zero/config.toml".into(), text: "limits.daily_loss = 0.02\n".into() };
    let sources = with_fees("# a comment\n[limits]\n\ndaily_loss = \"0.03\"")
        .set(["limits.daily_loss=0.05".to_owned(), "limits.daily_loss=0.06".to_owned()])
        .env([("ZERO_LIMITS__DAILY_LOSS".to_owned(), "0.04".to_owned())])
        .file(Layer::System, system);
    let r = resolved(&sources);
    assert_eq!(r.config.limits.daily_loss, Rate::bps(600));
    let e = r.explain("limits.daily_loss").unwrap();
    let shown: Vec<String> = e
        .layers
        .iter()
        .map(|a| format!("{} {} {}", a.layer.name(), a.place, a.value.as_ref().unwrap()))
        .collect();
    assert_eq!(
        shown,
        [
            "default built in 0.05",
            "system /etc/zero/config.toml:1 0.02",
            "operator /op/config.toml:4 0.03",
            "environment ZERO_LIMITS__DAILY_LOSS 0.04",
            "command line --set #1 0.05",
            "command line --set #2 0.06",
        ]
    );
    assert_eq!(e.value, Some(Value::Rate(Rate::bps(600))));
}

#[test]
fn an_unknown_key_is_an_error_with_a_suggestion_in_every_layer() {
    let p = only(&with_fees("[limits]\nmax_drawdwon = 0.1"));
    assert_eq!((p.code(), line_of(&p)), ("ZERO-CFG-002", 2));
    assert_eq!(p.to_string(), "/op/config.toml:2: there is no key `limits.max_drawdwon`");
    assert_eq!(p.hint(), "did you mean `limits.max_drawdown`?");
    let p = only(&set(&["limits.dayly_loss=0.1"]));
    assert_eq!(p.hint(), "did you mean `limits.daily_loss`?");
    let p = only(&set(&[]).env([("ZERO_LIMITS__DAYLY_LOSS".into(), "0.1".into())]));
    assert_eq!(p.hint(), "did you mean `ZERO_LIMITS__DAILY_LOSS`?");
    let p = only(&set(&[]).env([("ZERO_LIMITS_DAILY_LOSS".into(), "0.1".into())]));
    assert_eq!(p.hint(), "did you mean `ZERO_LIMITS__DAILY_LOSS`?", "one underscore too few is not silence");
    let p = only(&with_fees("[books.fast]\nstrategy = \"trend\"\ntrend.lokback = 5"));
    assert_eq!(p.hint(), "did you mean `books.fast.trend.lookback`?");
    assert!(
        check(&set(&[]).env([("ZERO_HOME".into(), "/x".into()), ("ZEROTIER".into(), "1".into())])).is_empty()
    );
}

#[test]
fn a_wrong_value_names_file_line_key_and_rule() {
    let cases = [
        ("limits.daily_loss = true", "ZERO-CFG-003", "a decimal from 0 to 1"),
        ("limits.daily_loss = 1.5", "ZERO-CFG-005", "a decimal from 0 to 1"),
        ("limits.daily_loss = -0.1", "ZERO-CFG-005", "a decimal from 0 to 1"),
        ("limits.daily_loss = nan", "ZERO-CFG-003", "decimal"),
        ("limits.daily_loss = inf", "ZERO-CFG-003", "decimal"),
        ("limits.daily_loss = \"5%\"", "ZERO-CFG-004", "percent is not a unit"),
        ("limits.daily_loss = 0.0000000000001", "ZERO-CFG-005", "12 decimals"),
        ("limits.stale_after = 5400", "ZERO-CFG-004", "units"),
        ("limits.orders_per_hour = 1.5", "ZERO-CFG-003", "whole number"),
        ("limits.orders_per_hour = 0x10", "ZERO-CFG-003", "whole number"),
        ("journal.segment_size = \"64MB\"", "ZERO-CFG-004", "MiB"),
        ("runtime.source = \"live\"", "ZERO-CFG-005", "synthetic, replay, venue"),
        ("data.coins = [1]", "ZERO-CFG-003", "string"),
        ("limits = 3", "ZERO-CFG-002", "no key"),
        ("limits.daily_loss = {a=1}", "ZERO-CFG-003", "decimal"),
        ("logs.level = 2024-01-01", "ZERO-CFG-003", "error, warn"),
    ];
    for (text, code, rule) in cases {
        let p = only(&with_fees(&format!("\n{text}")));
        let shown = p.to_string();
        assert_eq!((p.code(), line_of(&p)), (code, 2), "{text}: {shown}");
        assert!(shown.contains(rule) && shown.starts_with("/op/config.toml:2: "), "{text}: {shown}");
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let sources = operator("[limits]\ndaily_loss = 2\nnope = 1\n[account]\nleverage = \"x\"\n[")
        .set(["novalue".to_owned(), "logs.max_files=0".to_owned()]);
    let codes: Vec<_> = check(&sources).iter().map(Problem::code).collect();
    for code in
        ["ZERO-CFG-001", "ZERO-CFG-002", "ZERO-CFG-003", "ZERO-CFG-005", "ZERO-CFG-006", "ZERO-CFG-009"]
    {
        assert!(codes.contains(&code), "{code} missing from {codes:?}");
    }
}

#[test]
fn contradictions_between_keys_are_found() {
    for args in [
        &["limits.max_gross_leverage=4"][..],
        &["limits.max_position_share=1.5", "limits.max_gross_leverage=1"],
        &["limits.daily_loss=0.3"],
        &["limits.risk_per_trade=0.06"],
        &["limits.stale_after=30m"],
        &["fees.maker=0.001"],
        &["journal.disk_budget=1MiB"],
        &["breakers.disk_min=9GiB"],
        &["books.trend.enabled=false", "books.carry.enabled=false"],
        &["books.trend.trend.exit_z=1"],
        &["books.carry.carry.exit_annual=0.2"],
        &["books.carry.carry.window=90m"],
        &["runtime.source=venue", "runtime.speed=10"],
    ] {
        let problems = check(&set(args));
        assert!(problems.iter().any(|p| p.kind == ProblemKind::Contradiction), "{args:?}: {problems:?}");
    }
}

#[test]
fn a_parameter_of_another_strategy_is_not_ignored() {
    let p = only(&with_fees("[books.fast]\nstrategy = \"trend\"\ncarry.window = \"3d\""));
    assert_eq!((p.code(), line_of(&p)), ("ZERO-CFG-007", 3));
    let p = only(&set(&["books.fast.cash_weight=2"]));
    assert_eq!((p.kind, p.key.as_deref()), (ProblemKind::Missing, Some("books.fast.strategy")));
}

#[test]
fn optional_keys_can_be_unset_again() {
    let text = "operator.dead_man_after = \"1h\"";
    assert_eq!(config(&with_fees(text)).operator.dead_man_after, Some(TsDiff::HOUR));
    let sources = with_fees(text).set(["operator.dead_man_after=none".to_owned()]);
    assert_eq!(config(&sources).operator.dead_man_after, None);
    assert_eq!(only(&set(&["limits.cooldown=none"])).kind, ProblemKind::WrongUnit);
}

#[test]
fn equal_configurations_written_differently_hash_equal() {
    let a = config(&with_fees(
        "[limits]\ncooldown = \"1h30m\"\ndaily_loss = 0.03\n[data]\ncoins = [\"BTC\", \"ETH\"]",
    ));
    let b = config(
        &set(&["data.coins=BTC,ETH", "limits.cooldown=5400s"])
            .env([("ZERO_LIMITS__DAILY_LOSS".into(), "3e-2".into())]),
    );
    assert_eq!(a.hash(), b.hash());
    let order = config(&set(&["data.coins=ETH,BTC", "limits.cooldown=90m", "limits.daily_loss=0.03"]));
    assert_ne!(a.hash(), order.hash(), "the order of a list is part of it");
    let same = zero_config::Effective::from_bytes(&a.effective.to_bytes()).unwrap();
    assert_eq!(same, a.effective);
}

#[test]
fn every_key_changes_the_hash_and_says_which_way_it_moves_risk() {
    let base = config(&set(&[]));
    let mut seen = 0;
    for key in resolved(&set(&[])).keys().map(str::to_owned).collect::<Vec<_>>() {
        let spec = zero_config::key::find(&key).unwrap();
        let candidates = [
            "1", "2", "0.001", "0.0001", "0.06", "12", "500", "30m", "2h", "3d", "70MiB", "2GiB", "true",
            "false", "isolated", "replay", "debug", "token", "critical", "x",
        ];
        let other = candidates.iter().find_map(|v| {
            let c = load(&set(&[&format!("{key}={v}")])).ok()?.config;
            (c.hash() != base.hash()).then_some(c)
        });
        let Some(other) = other else {
            assert!(key.ends_with(".strategy"), "{key} never changed the hash");
            continue;
        };
        let changes = diff(&base.effective, &other.effective);
        assert_eq!(changes.len(), 1, "{key}: {changes:?}");
        assert_eq!(changes[0].key, spec.path.replacen('*', key.split('.').nth(1).unwrap(), 1));
        let back = diff(&other.effective, &base.effective);
        let pair = (changes[0].risk_direction, back[0].risk_direction);
        use RiskDirection::{Increases, Neutral, Reduces, Unknown};
        assert!(
            matches!(
                pair,
                (Increases, Reduces) | (Reduces, Increases) | (Neutral, Neutral) | (Unknown, Unknown)
            ),
            "{key}: {pair:?}"
        );
        seen += 1;
    }
    assert!(seen > 55, "{seen}");
}

#[test]
fn raising_a_limit_increases_risk_and_lowering_it_reduces() {
    let one = |args: &[&str], more: &[&str]| {
        let all: Vec<&str> = args.iter().chain(more).copied().collect();
        worst(&diff(&config(&set(args)).effective, &config(&set(&all)).effective))
    };
    assert_eq!(one(&[], &["limits.max_drawdown=0.25"]), RiskDirection::Increases);
    assert_eq!(one(&[], &["limits.max_drawdown=0.15"]), RiskDirection::Reduces);
    assert_eq!(one(&[], &["limits.cooldown=30m"]), RiskDirection::Increases);
    assert_eq!(one(&[], &["fees.taker=0.0003"]), RiskDirection::Increases);
    assert_eq!(one(&[], &["account.margin_mode=isolated"]), RiskDirection::Reduces);
    assert_eq!(one(&[], &["logs.level=debug"]), RiskDirection::Neutral);
    assert_eq!(
        one(&[], &["operator.dead_man_after=1h"]),
        RiskDirection::Reduces,
        "absent is a limit that never binds"
    );
    assert_eq!(
        one(&["operator.dead_man_after=1h"], &["operator.dead_man_after=none"]),
        RiskDirection::Increases
    );
    assert_eq!(one(&[], &["books.trend.trend.lookback=100"]), RiskDirection::Unknown);
    assert_eq!(one(&[], &["books.more.strategy=trend"]), RiskDirection::Unknown);
    assert_eq!(one(&[], &["limits.max_drawdown=0.15", "limits.daily_loss=0.06"]), RiskDirection::Increases);
    assert!(RiskDirection::Unknown.counts_as_increase() && !RiskDirection::Reduces.counts_as_increase());
}

#[test]
fn decimals_never_pass_through_a_float() {
    // Each has more digits than an f64 holds: 2^53 + 1 does not become 2^53, nor the last decimals others.
    let c = config(&with_fees(
        "runtime.speed = 999999.123456789012\ndata.synth_seed = 9007199254740993\naccount.initial_cash = 999999999.12345678",
    ));
    assert_eq!(c.runtime.speed.raw(), 999_999_123_456_789_012);
    assert_eq!(c.data.synth_seed, 9_007_199_254_740_993);
    assert_eq!(c.account.initial_cash.raw(), 99_999_999_912_345_678);
}

proptest! {
    #[test]
    fn no_text_panics_and_every_problem_has_a_cause_and_a_hint(text in "\\PC{0,80}", arg in "\\PC{0,40}") {
        for p in check(&operator(&text).set([arg])) {
            prop_assert!(!p.cause.is_empty() && !p.hint.is_empty());
        }
    }

    #[test]
    fn toml_like_text_never_panics(
        lines in proptest::collection::vec("(\\[?[a-z]{1,8}(\\.[a-z_]{1,12}){0,3}\\]?( = (\"[a-z0-9]{0,4}\"|[0-9.eE+-]{0,6}|true|\\[\\]|\\{\\}))?)", 0..8)
    ) {
        let _ = check(&operator(&lines.join("\n")));
    }
}
