//! Components against what every strategy must keep, and against the document and the Rust strategy of the same meaning.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

#[path = "../../zero-strategy/tests/support/strategy.rs"]
mod strategy;
mod support;

use proptest::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use support::{LENS, NOW, Rig, TREND, assemble, core_of, held, load, wrapped};
use zero_core::{Digest32, TsDiff, Usd};
use zero_lang::{bundled, read};
use zero_market::Side;
use zero_strategy::lang::DocumentStrategy;
use zero_strategy::strategies::{Trend, TrendParams};
use zero_strategy::{FeatureBank, FeaturePlan, Hosted, Proposal, Strategy};
use zero_wasm::{FUEL, MEMORY_MAX};

/// The fixture of the strategy that is written in Rust.
#[derive(Deserialize)]
struct Fixture {
    features: BTreeMap<String, f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    set: BTreeMap<String, f64>,
    #[serde(default)]
    holds: i32,
    says: String,
}

fn trend() -> Hosted {
    Hosted::new(std::sync::Arc::new(load(&assemble(TREND))))
}

#[test]
fn the_component_keeps_what_every_strategy_must_and_says_what_the_fixture_of_its_twin_says() {
    let text = include_str!("../../zero-strategy/fixtures/strategy.trend.json");
    let f: Fixture = serde_json::from_str(text).unwrap();
    let mut plan = FeaturePlan::new();
    let s = trend().build(&mut plan);
    let declared: BTreeSet<String> = plan.specs().iter().map(|s| format!("{s:?}")).collect();
    assert_eq!(declared, f.features.keys().cloned().collect());
    let with = |c: &Case| f.features.clone().into_iter().chain(c.set.clone()).collect();
    let cases: Vec<_> = f.cases.iter().map(|c| (with(c), c.holds, c.says.as_str())).collect();
    assert!(cases.len() > 3);
    strategy::conforms("trend.wasm", s.as_ref(), &plan, &f.features, &cases);
    assert!(s.favourable(0.01, NOW, &mut FeatureBank::new(&plan)), "it names no state in which it enters");
}

/// The assembled file is there for those who have no assembler. `ZERO_WRITE_FIXTURE=1` writes it anew.
#[test]
fn the_assembled_guests_are_the_texts_beside_them() {
    for (name, text) in [("trend.wasm", TREND), ("trend_lens.wasm", LENS)] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("guests").join(name);
        if std::env::var_os("ZERO_WRITE_FIXTURE").is_some() {
            std::fs::write(&path, assemble(text)).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == assemble(text), "{name}: run with ZERO_WRITE_FIXTURE=1");
    }
}

/// The core module of the guest, embedded with the WIT file and wrapped by the tools that compiled languages use
/// (`wasm-tools component embed`, then `component new`, which are these libraries). `ZERO_WRITE_FIXTURE=1` makes it anew.
#[test]
fn a_component_that_the_public_tools_made_from_the_wit_file_is_of_this_world() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/trend_from_wit.wasm");
    if std::env::var_os("ZERO_WRITE_FIXTURE").is_some() {
        std::fs::write(&path, wrapped(&core_of(TREND), "explained-strategy")).unwrap();
    }
    let made_from = "cf2f673540d0aabf5c4d86fc9bb2fd597984030e59027d9856aa32920228499a";
    assert_eq!(
        Digest32::of(zero_wasm::WIT.as_bytes()).to_string(),
        made_from,
        "the guest is of another world"
    );
    let made = std::fs::read(&path).unwrap();
    let (theirs, ours) = (load(&made), load(&assemble(TREND)));
    assert_eq!(theirs.description(), ours.description());
    assert_ne!(theirs.digest(), ours.digest());
    for i in -30..=30 {
        let t = f64::from(i) / 10.0;
        let (a, b) = (Rig::new(&made, t, 0.01), Rig::new(&assemble(TREND), t, 0.01));
        for holding in [None, Some(held(1)), Some(held(-1))] {
            let says = a.strategy.ask(&a.view(), holding.as_ref());
            assert_eq!(says, b.strategy.ask(&b.view(), holding.as_ref()), "fuel included, at {t}");
        }
        assert_eq!(a.strategy.explain(&a.view()), b.strategy.explain(&b.view()));
    }
}

#[test]
fn identity_covers_the_bytes_and_every_limit() {
    let spec = trend().spec();
    assert_eq!((spec.name.as_str(), spec.version), ("trend", 1));
    assert_eq!(trend().build(&mut FeaturePlan::new()).spec(), spec);
    let digest = load(&assemble(TREND)).digest().to_string();
    for part in [format!("component={digest}"), format!("fuel={FUEL}"), format!("memory={MEMORY_MAX}")] {
        assert!(spec.params.contains(&part), "{}", spec.params);
    }
    let other = load(&assemble(&TREND.replacen("(f64.const 3)", "(f64.const 4)", 1)));
    assert_eq!(other.description(), load(&assemble(TREND)).description());
    assert_ne!(other.identity().digest(), spec.digest(), "another stop is another strategy");
    assert_ne!(Hosted::new(std::sync::Arc::new(other)), trend());
    let rust = Trend::new(TrendParams::standard(), &mut FeaturePlan::new()).spec();
    assert_ne!(rust.digest(), spec.digest(), "a twin in another form has an identity of its own");
}

#[test]
fn cooldown_horizon_coins_and_share_come_from_the_description() {
    let text = TREND
        .replacen("(i32.const 48) (i32.const 0)", "(i32.const 48) (i32.const 12)", 1)
        .replacen("(i32.const 44) (i32.const 168)", "(i32.const 44) (i32.const 24)", 1)
        .replacen(
            "(i32.store8 (i32.const 52) (i32.const 0))",
            "(i32.store8 (i32.const 52) (i32.const 1)) (i32.store (i32.const 56) (i32.const 250))",
            1,
        )
        .replacen(
            "(i32.store (i32.const 60) (i32.const 0)) (i32.store (i32.const 64) (i32.const 0))",
            "(i32.store (i32.const 320) (i32.const 336)) (i32.store (i32.const 324) (i32.const 3))
             (i32.store (i32.const 60) (i32.const 320)) (i32.store (i32.const 64) (i32.const 1))",
            1,
        )
        .replacen("(data (i32.const 288)", "(data (i32.const 336) \"ETH\") (data (i32.const 288)", 1);
    let mut rig = Rig::new(&assemble(&text), 2.0, 0.01);
    assert_eq!(rig.strategy.cooldown(), TsDiff::HOUR.times(12));
    let Proposal::Enter(e) = rig.strategy.propose(&rig.view(), None) else { panic!() };
    assert_eq!(e.horizon, TsDiff::DAY);
    assert_eq!(e.sizing, zero_strategy::Sizing::Share(zero_core::Rate::bps(250)));
    rig.strategy.bind(&["BTC", "ETH"]);
    assert_eq!(rig.strategy.propose(&rig.view(), None), Proposal::Nothing, "coin 0 is BTC");
    assert!(matches!(rig.strategy.propose(&rig.view(), Some(&held(-1))), Proposal::Exit(_)));
    rig.strategy.bind(&["ETH", "BTC"]);
    assert!(matches!(rig.strategy.propose(&rig.view(), None), Proposal::Enter(_)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn component_document_and_rust_say_the_same_to_the_bit(
        t in prop_oneof![-5.0f64..5.0, Just(1.0), Just(-1.0), Just(0.0), Just(-0.0), any::<f64>()],
        sigma in prop_oneof![1e-6f64..0.5, Just(f64::MIN_POSITIVE)],
        minutes in prop_oneof![Just(60i64), Just(1), Just(1440), 1i64..10_000],
        holds in -1i32..2,
        cost in 1i32..200,
    ) {
        prop_assume!(t.is_finite());
        let mut plan = FeaturePlan::new();
        let rust = Trend::new(TrendParams::standard(), &mut plan);
        let file = read(bundled("trend").unwrap().as_bytes()).unwrap();
        let document = DocumentStrategy::new(file.document, &mut plan);
        let component = COMPONENT.with(|c| c.build(&mut plan));
        let mut bank = FeatureBank::new(&plan);
        for spec in plan.specs().to_vec() {
            let value = if matches!(spec, zero_strategy::FeatureSpec::TrendT { .. }) { t } else { sigma };
            bank.set(plan.need(spec), value, NOW);
        }
        let mut view = support::view(&bank);
        view.interval = TsDiff::secs(60 * minutes);
        let mut holding = held(holds);
        holding.cost = Usd::whole(cost * holds);
        let holding = (holds != 0).then_some(&holding);
        // What it says of its entries is what its twin says of them.
        for side in [Side::Buy, Side::Sell] {
            let numbers = |s: &dyn Strategy| {
                let found = s.reach(&view).into_iter().find(|r| r.side == side);
                found.map(|r| (r.value, r.threshold, r.above))
            };
            // Far beyond what markets show, a document's farthest condition is that its sides do not contradict.
            if t.abs() < 1e3 {
                prop_assert_eq!(numbers(component.as_ref()), numbers(&document), "{:?}", component.explains(&view));
            }
            let holds = component.conditions(&view).iter().filter(|c| c.side == side).all(|c| c.truth.is_true());
            let enters = matches!(component.propose(&view, None), Proposal::Enter(e) if e.side == side);
            prop_assert_eq!(holds, enters);
        }
        let says = component.propose(&view, holding);
        prop_assert_eq!(says, rust.propose(&view, holding));
        prop_assert_eq!(says, document.propose(&view, holding));
    }
}

thread_local! {
    static COMPONENT: Hosted = trend();
}
