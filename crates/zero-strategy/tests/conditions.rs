//! What a document says of its entry's conditions is true: making exactly the change that is named turns the condition, and
//! making less does not.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use zero_core::prng::Prng;
use zero_core::{CoinId, MissingReason, Observation, Truth, Ts, TsDiff};
use zero_market::Side;
use zero_strategy::lang::ast::Expr;
use zero_strategy::lang::program::{At, Program};
use zero_strategy::lang::strategy::features;
use zero_strategy::lang::{Document, DocumentStrategy, Field, parse};
use zero_strategy::{CoinView, Condition, FeatureBank, FeaturePlan, Proposal, Slot, Strategy as _};

const NOW: Ts = Ts::from_ns(1_756_900_800_000_000_000);

/// A document in a state of its inputs.
struct Rig {
    strategy: DocumentStrategy,
    plan: FeaturePlan,
    slots: BTreeMap<String, Slot>,
    values: BTreeMap<String, f64>,
}

impl Rig {
    fn new(regime: &str, long: &str, kill: &str) -> Self {
        let fields = [
            ("regime.when", regime),
            ("entry.long", long),
            ("exit.kill", kill),
            ("exit.stop", "3 * daily_vol()"),
            ("exit.horizon", "2d"),
        ];
        let document = Document::new("asked", 1, &fields.map(|(key, text)| Field { key, text })).unwrap();
        let mut plan = FeaturePlan::new();
        let strategy = DocumentStrategy::new(document.clone(), &mut plan);
        let slots: BTreeMap<String, Slot> = features(&document)
            .into_iter()
            .map(|f| (Expr::Feature(f).to_string(), plan.need(f.spec())))
            .collect();
        Self { strategy, plan, slots, values: BTreeMap::new() }
    }

    fn set(mut self, values: &[(&str, f64)]) -> Self {
        for (k, v) in values {
            assert!(self.slots.contains_key(*k), "{k} is none of {:?}", self.slots.keys());
            self.values.insert((*k).to_owned(), *v);
        }
        self
    }

    fn see<T>(&self, changed: Option<(&str, f64)>, ask: impl FnOnce(&CoinView<'_>) -> T) -> T {
        let mut bank = FeatureBank::new(&self.plan);
        for (name, slot) in &self.slots {
            let value = changed.filter(|(n, _)| n == name).map(|(_, v)| v).or(self.values.get(name).copied());
            if let Some(v) = value {
                bank.set(*slot, v, NOW);
            }
        }
        ask(&CoinView {
            coin: CoinId(0),
            now: NOW,
            close: Observation::Missing(MissingReason::NeverSeen),
            funding: Observation::Missing(MissingReason::NeverSeen),
            interval: TsDiff::HOUR,
            bank: &bank,
            cross: None,
        })
    }

    fn conditions(&self) -> Vec<Condition> {
        self.see(None, |view| self.strategy.conditions(view))
    }

    /// Whether a condition holds with an input changed, by evaluating its text anew.
    fn holds(&self, text: &str, changed: (&str, f64)) -> bool {
        let program = Program::of(&parse(text).unwrap().expr, &mut self.plan.clone());
        self.see(Some(changed), |view| program.run(&At { view, holding: None }).truth().is_true())
    }
}

/// The values between two, some of them near the far one.
fn between(from: f64, to: f64, seed: u64) -> impl Iterator<Item = f64> {
    let mut draw = Prng::new(seed, 0);
    (0..40).map(move |i| {
        let share = if i % 2 == 0 { draw.uniform() } else { 1.0 - draw.uniform() * 1e-9 };
        from + (to - from) * share
    })
}

fn next(x: f64, towards: f64) -> f64 {
    if towards > x { x.next_up() } else { x.next_down() }
}

/// Checks every turn that is named; how many there were.
fn check(rig: &Rig, seed: u64) -> usize {
    let all = rig.conditions();
    for c in &all {
        assert_eq!(c.missing.is_empty(), !c.missing.iter().any(|m| !rig.values.contains_key(m)));
        let Some(t) = &c.turn else { continue };
        assert_eq!(rig.values[&t.input], t.from, "{c:?}");
        assert!(rig.holds(&c.text, (&t.input, t.begins)), "exactly the change: {c:?}");
        if c.truth.is_true() {
            let past = next(t.begins, if t.above { f64::MIN } else { f64::MAX });
            assert!(!rig.holds(&c.text, (&t.input, past)), "it would hold beyond its beginning: {c:?}");
            for x in between(t.from, t.begins, seed) {
                assert!(rig.holds(&c.text, (&t.input, x)), "it ceases before its beginning, at {x}: {c:?}");
            }
        } else {
            assert!(!rig.holds(&c.text, (&t.input, next(t.begins, t.from))), "less suffices: {c:?}");
            for x in between(t.from, t.begins, seed).filter(|x| *x != t.begins) {
                assert!(!rig.holds(&c.text, (&t.input, x)), "less suffices, {x}: {c:?}");
            }
            assert_eq!(t.above, t.begins > t.from, "{c:?}");
        }
    }
    all.iter().filter(|c| c.turn.is_some()).count()
}

#[test]
fn the_nearest_change_is_named_with_its_exact_value() {
    let rig = Rig::new("vol(12) < 1.5 * vol(168)", "rsi(14) <= 30 and zscore(20) < 0", "false").set(&[
        ("vol(12)", 0.02),
        ("vol(168)", 0.01),
        ("rsi(14)", 44.0),
        ("zscore(20)", -1.0),
        ("vol(48)", 0.01),
    ]);
    let all = rig.conditions();
    let said: Vec<(&str, Truth)> = all.iter().map(|c| (c.text.as_str(), c.truth)).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    let of = |text: &str| all.iter().find(|c| c.text.starts_with(text)).unwrap();
    let rsi = of("rsi(14)");
    assert_eq!(
        (rsi.truth, rsi.turn.as_ref().map(|t| (t.from, t.begins, t.above))),
        (Truth::False, Some((44.0, 30.0, false)))
    );
    // A strict bound begins at its neighbour.
    let z = of("zscore(20)");
    assert_eq!((z.truth, z.turn.as_ref().map(|t| t.begins)), (Truth::True, Some(0f64.next_down())));
    // Of the two volatilities the one that has to move less, in proportion.
    let vol = of("vol(12)");
    let turn = vol.turn.as_ref().unwrap();
    assert_eq!((vol.truth, turn.input.as_str()), (Truth::False, "vol(12)"));
    assert!((turn.begins - 0.015).abs() < 1e-15 && turn.begins < 0.015 + 1e-17, "{turn:?}");
    assert_eq!(check(&rig, 1), 3);
    let reach = rig.see(None, |view| rig.strategy.reach(view));
    assert_eq!((reach.len(), reach[0].name.as_ref(), reach[0].unmet), (1, "rsi(14)", 2), "{reach:?}");
    assert!((reach[0].distance() - 14.0).abs() < 1e-12);
}

#[test]
fn a_missing_input_is_named_and_nothing_is_made_up_for_it() {
    let rig = Rig::new("true", "rsi(14) <= 30 and zscore(20) < 0", "vol(12) > 5%")
        .set(&[("rsi(14)", 20.0), ("vol(12)", 0.01)]);
    let all = rig.conditions();
    let unknown: Vec<(&str, &[String])> = all
        .iter()
        .filter(|c| c.truth == Truth::Unknown)
        .map(|c| (c.text.as_str(), c.missing.as_slice()))
        .collect();
    assert_eq!(
        unknown,
        [
            ("zscore(20) < 0", &["zscore(20)".to_owned()][..]),
            ("exit.stop is known", &["vol(48)".to_owned()][..])
        ]
    );
    assert!(rig.see(None, |view| rig.strategy.reach(view)).is_empty(), "how far it is cannot be told");
    let inputs = rig.see(None, |view| rig.strategy.inputs(view));
    assert_eq!(inputs.len(), 4);
    assert_eq!(inputs.iter().filter(|i| i.seen.live().is_none()).count(), 2);
    // What no input can reach is said to be so.
    let never = Rig::new("true", "rsi(14) > 100", "false").set(&[("rsi(14)", 20.0), ("vol(48)", 0.01)]);
    assert!(never.conditions().iter().all(|c| c.turn.is_none()));
}

#[test]
fn an_entry_whose_thresholds_lie_where_no_sample_does_is_found() {
    let rig =
        Rig::new("rsi(14) > 97.5", "trend_t(168) >= 50 and funding_annual(72) <= -12.5pa", "vol(12) > 77%");
    let mut bank = FeatureBank::new(&rig.plan);
    assert!(rig.strategy.favourable(0.01, NOW, &mut bank));
    let view = |bank| CoinView {
        coin: CoinId(0),
        now: NOW,
        close: Observation::Missing(MissingReason::NeverSeen),
        funding: Observation::Missing(MissingReason::NeverSeen),
        interval: TsDiff::HOUR,
        bank,
        cross: None,
    };
    assert!(matches!(rig.strategy.propose(&view(&bank), None), Proposal::Enter(e) if e.side == Side::Buy));
}

/// Conditions with one input or several, and with every operation.
const CONDITIONS: &[&str] = &[
    "rsi(14) <= 30",
    "not rsi(14) < 61.25",
    "abs(zscore(20)) >= 1.75",
    "abs(zscore(20)) < 0.4",
    "trend_t(24) * 2 - 1 > zscore(20)",
    "return(3) >= 3 * vol(168)",
    "return(3) / vol(168) <= -2",
    "min(zscore(20), trend_t(24)) > 0.5",
    "max(zscore(20), trend_t(24)) < -0.5",
    "clamp(zscore(20), -1, 1) >= 0.9",
    "if(rsi(14) < 50, zscore(20), trend_t(24)) > 1",
    "vote(rsi(14) < 30, 3) + vote(zscore(20) < -1, 2) + vote(trend_t(24) > 1, 2) >= 4",
    "rsi(14) < 20 or (zscore(20) > 1 and trend_t(24) > 0)",
    "1 / zscore(20) > 2",
    "zscore(20) * zscore(20) > 2",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn making_the_named_change_turns_a_condition_and_making_less_does_not(
        a in prop::sample::select(CONDITIONS), b in prop::sample::select(CONDITIONS), c in prop::sample::select(CONDITIONS),
        x in prop::collection::vec(-4.0f64..4.0, 5), seed: u64,
    ) {
        let rig = Rig::new(a, b, &format!("not ({c})"));
        let drawn = [("rsi(14)", 50.0 + 12.0 * x[0]), ("zscore(20)", x[1]), ("trend_t(24, 48)", x[2]), ("return(3)", x[3] / 40.0),
            ("vol(168)", 0.001 + 0.01 * x[4].abs()), ("vol(48)", 0.01)];
        let known: Vec<_> = drawn.into_iter().filter(|(k, _)| rig.slots.contains_key(*k)).collect();
        let rig = rig.set(&known);
        let named = check(&rig, seed);
        let all = rig.conditions();
        // Only what needs two inputs at once may have no turn.
        for c in all.iter().filter(|c| c.turn.is_none()) {
            let has = |w: &str| c.text.contains(w);
            let several =
                has("vote(") || if c.truth.is_true() { has(" or ") } else { has("min(") || has("max(") };
            prop_assert!(several || c.text.starts_with("not "), "{:?}", c);
        }
        prop_assert!(named > 0 || all.iter().all(|c| c.turn.is_none()));
        // Where one condition alone is in the way, its change brings the entry.
        let open: Vec<_> = all.iter().filter(|c| !c.truth.is_true()).collect();
        if let [only] = open[..] && let Some(t) = &only.turn {
            let says = |to: f64| rig.see(Some((&t.input, to)), |view| rig.strategy.propose(view, None));
            let others_hold = all.iter().all(|o| core::ptr::eq(o, only) || rig.holds(&o.text, (&t.input, t.begins)));
            prop_assert_eq!(matches!(says(t.begins), Proposal::Enter(_)), others_hold);
            prop_assert!(!matches!(says(next(t.begins, t.from)), Proposal::Enter(_)));
        }
        let enters = matches!(rig.see(None, |v| rig.strategy.propose(v, None)), Proposal::Enter(_));
        prop_assert_eq!(enters, open.is_empty(), "an entry is proposed exactly when every condition holds");
    }
}
