//! Conformance of every part of the decision stack, over the registries and the fixtures: a part without a fixture
//! fails here, and so does a fixture without a part.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

#[path = "support/lens.rs"]
mod lens;
#[path = "support/situation.rs"]
mod situation;
#[path = "support/strategy.rs"]
mod strategy;

use lens::LensCase;
use situation::{Situation, riskier, situation};
use strategy::{bank, view};

use proptest::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use strategy::holding;
use zero_core::obs::Fresh;
use zero_core::{CoinId, Px, Rate, Sz, Ts, TsDiff};
use zero_market::cross::CrossMarket;
use zero_market::{Bar, Instrument, Side, Universe};
use zero_strategy::registry::{self, LAYERS, LENSES, MODIFIERS, StrategyChoice};
use zero_strategy::strategies::{CarryParams, TrendParams};
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, FeatureSpec, Layer, LensOut, Modifier};

const NOW: Ts = Ts::from_ns(1_756_900_800_000_000_000);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Fixture {
    features: BTreeMap<String, f64>,
    /// Does it look at the cross-section? Then its cases are about the market of [`crossed`].
    cross: bool,
    /// A lens that has nothing to say yet.
    abstains: bool,
    gates: Vec<String>,
    /// Of the shipped preset: a change of meaning must change the version, and with it this.
    digest: String,
    cases: Vec<Case>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
struct Case {
    set: BTreeMap<String, f64>,
    missing: Vec<String>,
    side: Option<String>,
    coin: u16,
    exit: bool,
    holds: i32,
    mean: f64,
    stderr: f64,
    truth: Vec<String>,
    factor: f64,
    says: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn fixture(kind: &str, name: &str) -> Fixture {
    let path = folder().join(format!("{kind}.{name}.json"));
    let text =
        std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{kind} {name} has no fixture {path:?}"));
    let f: Fixture = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    assert!(!f.cases.is_empty(), "{kind} {name} has no case");
    f
}

/// Every strategy an operator or a study can choose, as shipped. The match makes a new one fail to compile here.
fn presets() -> Vec<(&'static str, StrategyChoice)> {
    let trend = TrendParams::standard();
    let all = vec![
        StrategyChoice::Trend(trend),
        StrategyChoice::Carry(CarryParams::standard()),
        StrategyChoice::EmaCross(10, 20, Sz::ONE),
        StrategyChoice::RandomEntry(7, Rate::ONE, trend),
        StrategyChoice::Hold(Rate::bps(500)),
        StrategyChoice::Flat,
    ];
    let name = |c: &StrategyChoice| match c {
        // Documents carry their fixtures with them; the crate that bundles them puts them to these.
        StrategyChoice::Document(_) => "document",
        // Hosted strategies are put to these by the crate that hosts them.
        StrategyChoice::Hosted(_) => "hosted",
        StrategyChoice::Trend(_) => "trend",
        StrategyChoice::Carry(_) => "carry",
        StrategyChoice::EmaCross(..) => "ema_cross",
        StrategyChoice::RandomEntry(..) => "random_entry",
        // A document with a drawn entry: the study that makes them is what they are put to.
        StrategyChoice::RandomDocument(..) => "random_document",
        StrategyChoice::Hold(_) => "hold",
        StrategyChoice::Flat => "flat",
    };
    all.into_iter().map(|c| (name(&c), c)).collect()
}

/// Four coins over 520 hours up to now, in integer arithmetic: the fixtures' numbers come from another program that walks it
/// alike and computes with a linear algebra library.
fn crossed() -> CrossMarket {
    let universe = Universe::new(["BTC", "ETH", "SOL", "SUI"].map(|s| Instrument::new(s, 2, 50)).to_vec());
    let mut cross = CrossMarket::new(&universe);
    let mut raw = [100i64, 200, 300, 400].map(|p| p * Px::ONE_RAW);
    for t in 0..520i64 {
        let close = NOW.minus(TsDiff::HOUR.times(519 - t));
        for (i, p) in raw.iter_mut().enumerate() {
            let k = i as i64 + 1;
            let step = 3 * ((t * 37 + t * t) % 29 - 14) + (t * t * 7 + t * 13 * k + k * k * 11) % 41 - 20;
            *p += (*p * step).div_euclid(100_000);
            let px = Px::from_raw(*p);
            cross.on_bar(&Bar {
                coin: CoinId(i as u16),
                open_time: close.minus(TsDiff::HOUR),
                interval: TsDiff::HOUR,
                open: px,
                high: px,
                low: px,
                close: px,
                volume: Sz::ONE,
            });
        }
        cross.on_slice(close);
    }
    cross
}

fn layers() -> Vec<Box<dyn Layer>> {
    registry::layers(&mut FeaturePlan::new())
}

fn modifiers() -> Vec<Box<dyn Modifier>> {
    registry::modifiers(&mut FeaturePlan::new())
}

fn declared(plan: &FeaturePlan) -> BTreeSet<String> {
    plan.specs().iter().map(|s| format!("{s:?}")).collect()
}

fn merged(base: &BTreeMap<String, f64>, case: &Case) -> BTreeMap<String, f64> {
    let mut all = base.clone();
    for (k, v) in &case.set {
        assert!(base.contains_key(k), "a case sets {k}, which is not declared");
        all.insert(k.clone(), *v);
    }
    all
}

fn side(text: Option<&str>) -> Side {
    match text {
        Some("sell") => Side::Sell,
        _ => Side::Buy,
    }
}

#[test]
fn every_part_has_a_fixture_and_every_fixture_a_part() {
    let mut parts: BTreeSet<String> = BTreeSet::new();
    let mut add =
        |kind: &str, name: &str| assert!(parts.insert(format!("{kind}.{name}.json")), "{kind} {name} twice");
    for (name, make) in LENSES {
        assert_eq!(make(&mut FeaturePlan::new()).name(), *name, "registry name and own name");
        add("lens", name);
    }
    for (name, make) in LAYERS {
        assert_eq!(make(&mut FeaturePlan::new()).name(), *name, "registry name and own name");
        add("layer", name);
    }
    for (name, make) in MODIFIERS {
        assert_eq!(make(&mut FeaturePlan::new()).name(), *name, "registry name and own name");
        add("modifier", name);
    }
    for (name, choice) in presets() {
        assert_eq!(choice.build(&mut FeaturePlan::new()).spec().name, name);
        add("strategy", name);
    }
    let files: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(parts, files);
}

#[test]
fn lenses_say_what_their_fixtures_say_and_need_what_they_declare() {
    let market = crossed();
    for (name, make) in LENSES {
        let f = fixture("lens", name);
        let mut plan = FeaturePlan::new();
        let made = make(&mut plan);
        assert_eq!(made.name(), *name);
        assert_eq!(declared(&plan), f.features.keys().cloned().collect(), "{name} declares");
        let cross = f.cross.then_some(&market);
        if f.abstains {
            for case in &f.cases {
                let bank = bank(&plan, &merged(&f.features, case), NOW);
                let at = CoinView { coin: CoinId(case.coin), cross, ..view(&bank) };
                let out = made.evaluate(&at, side(case.side.as_deref()));
                assert!(matches!(out, LensOut::Abstain(_)), "{name}");
            }
            lens::abstains_without(made.as_ref(), &plan, &f.features, cross);
            continue;
        }
        let case = |c: &Case| LensCase {
            values: merged(&f.features, c),
            side: side(c.side.as_deref()),
            coin: CoinId(c.coin),
            mean: c.mean,
            stderr: c.stderr,
        };
        let cases: Vec<_> = f.cases.iter().map(case).collect();
        lens::conforms(made.as_ref(), &plan, &f.features, &cases, cross);
    }
}

#[test]
fn strategies_say_what_their_fixtures_say_and_need_what_they_declare() {
    for (name, choice) in presets() {
        let f = fixture("strategy", name);
        let mut plan = FeaturePlan::new();
        let s = choice.build(&mut plan);
        assert_eq!(declared(&plan), f.features.keys().cloned().collect(), "{name} declares");
        assert_eq!(s.spec().digest().to_string(), f.digest, "{name}: its meaning or its text changed");
        let cases: Vec<_> =
            f.cases.iter().map(|c| (merged(&f.features, c), c.holds, c.says.as_str())).collect();
        strategy::conforms(name, s.as_ref(), &plan, &f.features, &cases);
    }
}

#[test]
fn layers_judge_as_their_fixtures_say_one_judgement_per_gate() {
    let mut names = BTreeSet::new();
    for layer in layers() {
        let f = fixture("layer", layer.name());
        assert_eq!(layer.gates(), f.gates, "{}", layer.name());
        assert!(layer.gates().iter().all(|g| names.insert(*g)), "gate names are unique in the run");
        for (i, case) in f.cases.iter().enumerate() {
            let s = Situation::of(case);
            let truth = s.judge(layer.name());
            let got: Vec<&str> = truth.iter().map(|t| t.name()).collect();
            assert_eq!(got, case.truth, "{} case {i}", layer.name());
            assert_eq!(s.judge(layer.name()), truth, "{} is not pure", layer.name());
        }
    }
}

#[test]
fn modifiers_shrink_as_their_fixtures_say() {
    for m in modifiers() {
        for (i, case) in fixture("modifier", m.name()).cases.iter().enumerate() {
            let s = Situation::of(case);
            let got = s.shrink(m.name());
            assert!((got - case.factor).abs() < 1e-12, "{} case {i}: {got}", m.name());
            assert_eq!(got.to_bits(), s.shrink(m.name()).to_bits(), "{} is not pure", m.name());
        }
    }
}

#[test]
fn digests_are_unique_over_strategies_and_their_parameters() {
    let t = TrendParams::standard();
    let c = CarryParams::standard();
    let mut all: Vec<StrategyChoice> = presets().into_iter().map(|(_, c)| c).collect();
    all.extend([
        StrategyChoice::Trend(TrendParams { lookback: 169, ..t }),
        StrategyChoice::Trend(TrendParams { entry_z: Rate::from_raw(t.entry_z.raw() + 1), ..t }),
        StrategyChoice::Trend(TrendParams { exit_z: Rate::from_raw(1), ..t }),
        StrategyChoice::Trend(TrendParams { stop_sigmas: Rate::whole(4), ..t }),
        StrategyChoice::Trend(TrendParams { horizon_hours: 1, ..t }),
        StrategyChoice::Carry(CarryParams { window_hours: 71, ..c }),
        StrategyChoice::Carry(CarryParams { entry_annual: Rate::bps(999), ..c }),
        StrategyChoice::Carry(CarryParams { exit_annual: Rate::bps(201), ..c }),
        StrategyChoice::Carry(CarryParams { stop_sigmas: Rate::whole(5), ..c }),
        StrategyChoice::Carry(CarryParams { horizon_hours: 169, ..c }),
        StrategyChoice::EmaCross(10, 21, Sz::ONE),
        StrategyChoice::EmaCross(11, 20, Sz::ONE),
        StrategyChoice::EmaCross(10, 20, Sz::from_raw(1)),
        StrategyChoice::RandomEntry(8, Rate::ONE, t),
        StrategyChoice::RandomEntry(7, Rate::bps(1), t),
        StrategyChoice::RandomEntry(7, Rate::ONE, TrendParams { stop_sigmas: Rate::whole(4), ..t }),
        StrategyChoice::RandomEntry(7, Rate::ONE, TrendParams { horizon_hours: 1, ..t }),
        StrategyChoice::Hold(Rate::bps(501)),
    ]);
    let count = all.len();
    let digests: BTreeSet<String> =
        all.into_iter().map(|c| c.build(&mut FeaturePlan::new()).spec().digest().to_string()).collect();
    assert_eq!(digests.len(), count);
}

/// Equal declarations share one state; the plan says how much history a run needs.
#[test]
fn equal_declarations_share_a_slot() {
    let mut plan = FeaturePlan::new();
    let spec = FeatureSpec::Ema { n: 9 };
    assert_eq!(plan.need(spec), plan.need(spec));
    assert_ne!(plan.need(spec), plan.need(FeatureSpec::Ema { n: 10 }));
    assert_eq!(plan.specs().len(), 2);
    assert_eq!(plan.warm_up(), 10);
}

proptest! {
    /// More risk never turns a refusal into a permission.
    #[test]
    fn layers_are_monotone_in_risk(s in situation(), by in 0.0f64..5.0) {
        let more = riskier(&s, by);
        for layer in layers() {
            for (a, b) in s.judge(layer.name()).into_iter().zip(more.judge(layer.name())) {
                prop_assert!(a.is_true() || !b.is_true(), "{}", layer.name());
            }
        }
    }

    /// More risk never makes an order larger; a factor is in [0, 1] whatever comes in.
    #[test]
    fn modifiers_are_monotone_in_risk_and_only_shrink(s in situation(), by in 0.0f64..5.0) {
        let more = riskier(&s, by);
        for m in modifiers() {
            let (a, b) = (s.shrink(m.name()), more.shrink(m.name()));
            prop_assert!((0.0..=1.0).contains(&a), "{} {a}", m.name());
            // As a notional: the volatility target scales a larger wish down to the same size.
            prop_assert!(b * more.notional <= a * s.notional * (1.0 + by) * (1.0 + 1e-9) && b <= a + 1e-12, "{}", m.name());
        }
    }

    /// A part sees the slots that it declared and no other.
    #[test]
    fn what_was_not_declared_changes_nothing(noise in prop::collection::vec(-1e3f64..1e3, 4)) {
        let others = [
            FeatureSpec::Ema { n: 3 },
            FeatureSpec::Atr { n: 3 },
            FeatureSpec::EwmaVol { half_life: 3 },
            FeatureSpec::FundingMean { hours: 3 },
        ];
        for (name, choice) in presets() {
            let f = fixture("strategy", name);
            let mut plan = FeaturePlan::new();
            let s = choice.build(&mut plan);
            let plain = bank(&plan, &f.features, NOW);
            let mut wide = plan.clone();
            let slots: Vec<_> = others.iter().map(|o| wide.need(*o)).collect();
            let mut noisy = bank(&wide, &f.features, NOW);
            for (slot, v) in slots.into_iter().zip(&noise) {
                noisy.set(slot, *v, NOW);
            }
            for h in [0, 1, -1] {
                prop_assert_eq!(s.propose(&view(&plain), holding(h).as_ref()), s.propose(&view(&noisy), holding(h).as_ref()));
            }
        }
        for (name, make) in LENSES {
            let f = fixture("lens", name);
            let mut plan = FeaturePlan::new();
            let lens = make(&mut plan);
            let plain = bank(&plan, &f.features, NOW);
            let mut wide = plan.clone();
            let slots: Vec<_> = others.iter().map(|o| wide.need(*o)).collect();
            let mut noisy = bank(&wide, &f.features, NOW);
            for (slot, v) in slots.into_iter().zip(&noise) {
                noisy.set(slot, *v, NOW);
            }
            prop_assert_eq!(lens.evaluate(&view(&plain), Side::Buy), lens.evaluate(&view(&noisy), Side::Buy));
        }
    }
}

#[test]
fn a_feature_older_than_a_bar_is_stale() {
    let mut plan = FeaturePlan::new();
    let slot = plan.need(FeatureSpec::Ema { n: 2 });
    for (age_s, live) in [(0, true), (3_600, true), (3_601, false), (-1, false)] {
        let mut bank = FeatureBank::new(&plan);
        bank.set(slot, 1.0, NOW.minus(TsDiff::secs(age_s)));
        assert_eq!(matches!(view(&bank).feature(slot), Fresh::Live(_)), live, "{age_s}");
    }
}
