//! Lenses as components: one keeps what every lens must and says its native twin's opinions to the bit; those of a hostile author
//! are refused when they are loaded, each with its code.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs, reason = "tests")]

#[path = "../../zero-strategy/tests/support/lens.rs"]
mod lens;
#[allow(dead_code, reason = "the lenses' support uses a part")]
#[path = "../../zero-strategy/tests/support/strategy.rs"]
mod strategy;
mod support;

use lens::LensCase;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Arc;
use support::{LENS, NOW, TREND, assemble, core_of, view, with_evaluate, wrapped};
use zero_core::{CoinId, MissingReason, Rate, TsDiff};
use zero_market::Side;
use zero_strategy::lenses::TrendLens;
use zero_strategy::{
    Abstention, FeatureBank, FeaturePlan, FeatureSpec, HostedLens, Lens, LensOut, Unanswered, registry,
};
use zero_wasm::{ComponentLens, FUEL, Fault, LensComponent, LoadError, is_lens};

const WEEK: FeatureSpec = FeatureSpec::TrendT { k: 168, half_life: 48 };

fn load(bytes: &[u8]) -> LensComponent {
    LensComponent::load(bytes).unwrap_or_else(|e| panic!("{e}"))
}

fn guest() -> HostedLens {
    HostedLens::new(Arc::new(load(&assemble(LENS))))
}

/// A lens, and a bank in which the trend has this value.
fn tried(bytes: &[u8], t: f64) -> (ComponentLens, FeatureBank) {
    let mut plan = FeaturePlan::new();
    let lens = ComponentLens::new(load(bytes), &mut plan);
    let mut bank = FeatureBank::new(&plan);
    bank.set(plan.need(WEEK), t, NOW);
    (lens, bank)
}

#[track_caller]
fn refused(bytes: &[u8], code: &str) -> LoadError {
    let e = LensComponent::load(bytes).unwrap_err();
    assert_eq!(e.code(), code, "{e}");
    assert_eq!(LensComponent::load(bytes).unwrap_err(), e, "twice alike");
    e
}

/// The fixture of its native twin.
#[derive(Deserialize)]
struct Fixture {
    features: BTreeMap<String, f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    set: BTreeMap<String, f64>,
    side: Option<String>,
    mean: f64,
    stderr: f64,
}

#[test]
fn the_component_keeps_what_every_lens_must_and_says_what_the_fixture_of_its_twin_says() {
    let text = include_str!("../../zero-strategy/fixtures/lens.trend.json");
    let f: Fixture = serde_json::from_str(text).unwrap();
    let mut plan = FeaturePlan::new();
    let all = registry::lenses_hosting(&mut plan, &[guest()]).unwrap();
    assert_eq!(all.len(), registry::LENSES.len() + 1, "it is in the registry, after the native ones");
    assert_eq!(all.last().unwrap().name(), "trend_guest");
    let mut plan = FeaturePlan::new();
    let made = guest().build(&mut plan);
    let declared: BTreeSet<String> = plan.specs().iter().map(|s| format!("{s:?}")).collect();
    assert_eq!(declared, f.features.keys().cloned().collect());
    let case = |c: &Case| LensCase {
        values: f.features.clone().into_iter().chain(c.set.clone()).collect(),
        side: if c.side.as_deref() == Some("sell") { Side::Sell } else { Side::Buy },
        coin: CoinId(0),
        mean: c.mean,
        stderr: c.stderr,
    };
    let cases: Vec<_> = f.cases.iter().map(case).collect();
    assert!(!cases.is_empty());
    lens::conforms(made.as_ref(), &plan, &f.features, &cases, None);
    // The conformance can fail: another slope.
    let planted = load(&assemble(&LENS.replacen("(f64.const 0.03)", "(f64.const 0.04)", 1)));
    let mut plan = FeaturePlan::new();
    let planted = ComponentLens::new(planted, &mut plan);
    let run = || lens::conforms(&planted, &plan, &f.features, &cases, None);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
}

thread_local! {
    static GUEST: HostedLens = guest();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn the_component_and_its_native_twin_have_the_same_opinion_to_the_bit(
        t in prop_oneof![-5.0f64..5.0, Just(3.0), Just(-3.0), Just(0.0), Just(-0.0), any::<f64>()],
    ) {
        prop_assume!(t.is_finite());
        let mut plan = FeaturePlan::new();
        let native = TrendLens::new(&mut plan);
        let hosted = GUEST.with(|g| g.build(&mut plan));
        let mut bank = FeatureBank::new(&plan);
        bank.set(plan.need(WEEK), t, NOW);
        for side in [Side::Buy, Side::Sell] {
            let (a, b) = (native.evaluate(&view(&bank), side), hosted.evaluate(&view(&bank), side));
            let (LensOut::Opinion(a), LensOut::Opinion(b)) = (a, b) else { panic!("{a:?} {b:?}") };
            let bits = |o: &zero_strategy::lens::Opinion| (o.mean.to_bits(), o.stderr.to_bits());
            prop_assert_eq!(bits(&a), bits(&b));
            prop_assert_eq!(a.provenance, b.provenance);
            prop_assert_eq!(Rate::from_f64_nearest(a.mean), Rate::from_f64_nearest(b.mean));
        }
    }
}

#[test]
fn the_public_tools_make_a_lens_of_this_world_from_the_wit_file() {
    let made = wrapped(&core_of(LENS), "lens");
    assert_eq!(load(&made).description(), load(&assemble(LENS)).description());
    for t in [-5.0, -1.0, 0.0, 0.3, 7.0] {
        let ((a, bank), (b, other)) = (tried(&made, t), tried(&assemble(LENS), t));
        assert_eq!(a.ask(&view(&bank)), b.ask(&view(&other)), "fuel included");
    }
}

#[test]
fn a_lens_that_looks_into_the_future_cannot_be_loaded() {
    // The only ways to a later bar: an input that lags backwards, and asking somebody.
    for input in ["\"close[-1]       \"", "\"trend_t(-168,48)\""] {
        let e = refused(&assemble(&LENS.replacen("\"trend_t(168, 48)\"", input, 1)), "ZERO-STR-023");
        assert!(e.to_string().contains("inputs"), "{e}");
    }
    let asks = LENS.replacen("(component\n", "(component (import \"next\" (func (result f64)))\n", 1);
    refused(&assemble(&asks), "ZERO-STR-021");
    // A table of the future by time needs the time: the world gives none.
    let timed = LENS.replacen("(field \"interval\" s64)", "(field \"now\" s64) (field \"interval\" s64)", 1);
    let timed = timed.replacen("(param $interval i64)", "(param $now i64) (param $interval i64)", 1);
    refused(&assemble(&timed), "ZERO-STR-022");
}

#[test]
fn a_lens_that_is_too_slow_too_large_or_says_what_is_no_number_is_refused_by_its_trial() {
    let estimate =
        |mean: &str, stderr: &str| format!("(call $estimate (f64.const {mean}) (f64.const {stderr}))");
    for (body, fault) in [
        ("(loop $again (br $again)) (i32.const 512)".to_owned(), Fault::OutOfFuel),
        ("(drop (memory.grow (i32.const 1000))) (i32.const 512)".to_owned(), Fault::TooMuchMemory),
        ("(unreachable)".to_owned(), Fault::Trapped),
        ("(i32.store8 (i32.const 512) (i32.const 7)) (i32.const 512)".to_owned(), Fault::Unreadable),
        (estimate("nan", "0.1"), Fault::OutOfRange),
        (estimate("inf", "0.1"), Fault::OutOfRange),
        (estimate("0.1", "nan"), Fault::OutOfRange),
        (estimate("0.1", "0"), Fault::OutOfRange),
        (estimate("0.1", "-1"), Fault::OutOfRange),
        ("(call $abstain (i32.const 4) (i32.const 32))".to_owned(), Fault::OutOfRange),
    ] {
        let e = refused(&with_evaluate("", &body), "ZERO-STR-029");
        assert_eq!(e, LoadError::Trial(fault), "{body}");
    }
    // Only where the trend is beyond 2 in size does it say NaN: the trial goes there.
    let sometimes = "(call $estimate
        (f64.mul (f64.const 0.03) (f64.sqrt (f64.sub (f64.const 2) (f64.abs (f64.load (local.get $inputs))))))
        (f64.const 0.1))";
    assert_eq!(refused(&with_evaluate("", sometimes), "ZERO-STR-029"), LoadError::Trial(Fault::OutOfRange));
    assert_eq!(refused(&assemble(TREND), "ZERO-STR-022").code(), "ZERO-STR-022", "a strategy is no lens");
    assert!(is_lens(&assemble(LENS)) && !is_lens(&assemble(TREND)) && !is_lens(b"\0asm"));
}

#[test]
fn a_lens_that_passed_its_trial_and_fails_later_abstains_with_the_fault() {
    // Loops where the trend is exactly 1.2345, which the trial does not visit.
    let body =
        "(if (f64.eq (f64.load (local.get $inputs)) (f64.const 1.2345)) (then (loop $again (br $again))))
        (call $estimate (f64.const 0) (f64.const 0.1))";
    let (lens, bank) = tried(&with_evaluate("", body), 1.2345);
    let out = lens.evaluate(&view(&bank), Side::Buy);
    assert_eq!(out, LensOut::Withheld(Abstention::of_host(Unanswered::OutOfFuel)), "{FUEL} is the limit");
    assert_eq!(lens.evaluate(&view(&bank), Side::Sell), out);
    let (lens, bank) = tried(&with_evaluate("", body), 1.0);
    assert!(matches!(lens.evaluate(&view(&bank), Side::Buy), LensOut::Opinion(_)));
}

#[test]
fn what_a_lens_says_of_its_silence_is_a_reason_and_a_code() {
    let (lens, bank) = tried(&with_evaluate("", "(call $abstain (i32.const 1) (i32.const 31))"), 1.0);
    let out = lens.evaluate(&view(&bank), Side::Sell);
    let LensOut::Withheld(a) = out else { panic!("{out:?}") };
    assert_eq!(a, Abstention { why: Unanswered::OutOfDomain, code: 31 });
    assert_eq!(Abstention::of_lens_byte(a.lens_byte()), Some(a), "a trace keeps both");
}

#[test]
fn an_input_over_the_age_that_a_lens_declares_does_not_count_and_none_counts_longer_than_the_run_lets_it() {
    let aged = |text: &str, seconds: i64| {
        let mut plan = FeaturePlan::new();
        let lens = ComponentLens::new(load(&assemble(text)), &mut plan);
        let mut bank = FeatureBank::new(&plan);
        bank.set(plan.need(WEEK), 1.0, NOW.minus(TsDiff::secs(seconds)));
        lens.evaluate(&view(&bank), Side::Buy)
    };
    let strict = LENS.replacen("(i32.const 3600)", "(i32.const 60)", 1);
    assert!(matches!(aged(&strict, 60), LensOut::Opinion(_)));
    assert_eq!(aged(&strict, 61), LensOut::Abstain(MissingReason::Gap));
    let lax = LENS.replacen("(i32.const 3600)", "(i32.const 7200)", 1);
    assert!(matches!(aged(&lax, 3_600), LensOut::Opinion(_)));
    assert_eq!(aged(&lax, 3_601), LensOut::Abstain(MissingReason::Gap), "a bar, as for every lens");
    for age in ["0", "7201"] {
        let text = LENS.replacen("(i32.const 3600)", &format!("(i32.const {age})"), 1);
        assert!(refused(&assemble(&text), "ZERO-STR-023").to_string().contains("max-age-seconds"));
    }
}

#[test]
fn two_lenses_of_one_name_and_more_than_eight_are_refused_and_identity_covers_the_bytes() {
    let mut plan = FeaturePlan::new();
    let twice = registry::lenses_hosting(&mut plan, &[guest(), guest()]).unwrap_err();
    assert!(twice.contains("trend_guest"), "{twice}");
    let named =
        LENS.replacen("\"trend_guest\"", "\"trend\"      ", 1).replacen("(i32.const 11)", "(i32.const 5)", 1);
    let own = HostedLens::new(Arc::new(load(&assemble(&named))));
    assert!(registry::lenses_hosting(&mut plan, &[own]).unwrap_err().contains("trend"));
    let many: Vec<HostedLens> = (0..9).map(|_| guest()).collect();
    assert!(registry::lenses_hosting(&mut plan, &many).unwrap_err().contains('9'));
    let other = load(&assemble(&LENS.replacen("(f64.const 0.03)", "(f64.const 0.04)", 1)));
    assert_eq!(other.description(), load(&assemble(LENS)).description());
    assert_ne!(HostedLens::new(Arc::new(other)), guest());
}

/// The page's lens in C, compiled as the page says where a compiler for this target is installed.
#[test]
fn the_lens_of_the_page_says_what_the_page_says() {
    let page = include_str!("../../../docs/components.md");
    let (_, rest) = page.split_once("```c\n").unwrap();
    let (text, rest) = rest.split_once("```").unwrap();
    let (_, commands) = rest.split_once("```sh\n").unwrap();
    let flags = commands.lines().next().unwrap().strip_prefix("clang ").unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("heated.c"), text).unwrap();
    let done = Command::new("clang").args(flags.split(' ')).current_dir(dir.path()).output();
    if !done.is_ok_and(|d| d.status.success()) {
        println!("left out: the lens of the page in C (install clang and lld)");
        return;
    }
    let core = std::fs::read(dir.path().join("core.wasm")).unwrap();
    let component = load(&wrapped(&core, "lens"));
    assert_eq!(
        (component.description().name.as_str(), component.description().max_age_seconds),
        ("heated", 3_600)
    );
    let mut plan = FeaturePlan::new();
    let lens = ComponentLens::new(component, &mut plan);
    let slot = plan.need(FeatureSpec::Rsi { n: 14 });
    for (rsi, mean) in [(0.0, 0.05), (50.0, 0.0), (75.0, -0.025), (100.0, -0.05)] {
        let mut bank = FeatureBank::new(&plan);
        bank.set(slot, rsi, NOW);
        for side in [Side::Buy, Side::Sell] {
            let LensOut::Opinion(o) = lens.evaluate(&view(&bank), side) else { panic!("{rsi}") };
            assert_eq!((o.mean, o.stderr), (mean * side.sign() as f64, 0.1), "{rsi}");
        }
    }
    let mut bank = FeatureBank::new(&plan);
    bank.set(slot, 101.0, NOW);
    let silent = LensOut::Withheld(Abstention { why: Unanswered::OutOfDomain, code: 1 });
    assert_eq!(lens.evaluate(&view(&bank), Side::Buy), silent);
}
