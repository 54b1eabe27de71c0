//! What every strategy must keep, wherever it is written: used by the tests of every crate that makes strategies.

use std::collections::BTreeMap;
use zero_core::{CoinId, MissingReason, Observation, Px, Sz, Ts, TsDiff, Usd};
use zero_market::Side;
use zero_strategy::{CoinView, FeatureBank, FeaturePlan, Holding, Proposal, Sizing, Strategy, Unanswered};

const NOW: Ts = Ts::from_ns(1_756_900_800_000_000_000);

/// Says what its cases say (features, sign of the holding, words), is pure, abstains where an input is missing or stale, and
/// enters in the state that it names as favourable.
pub(crate) fn conforms(
    name: &str,
    s: &dyn Strategy,
    plan: &FeaturePlan,
    features: &BTreeMap<String, f64>,
    cases: &[(BTreeMap<String, f64>, i32, &str)],
) {
    for (values, holds, expected) in cases {
        let bank = bank(plan, values, NOW);
        let holding = holding(*holds);
        let says = s.propose(&view(&bank), holding.as_ref());
        assert_eq!(words(&says), *expected, "{name} holding {holds}");
        assert_eq!(s.propose(&view(&bank), holding.as_ref()), says, "{name} is not pure");
        if let Proposal::Enter(e) = says {
            assert!(
                e.score.is_finite() && e.stop.is_none_or(|x| x > 0.0) && e.horizon > TsDiff::ZERO,
                "{name}"
            );
            assert!(
                e.stop.is_some() || e.sizing != Sizing::Risk,
                "{name} sizes by a stop that it does not have"
            );
        }
    }
    for gone in features.keys() {
        let mut rest = features.clone();
        rest.remove(gone);
        for h in [0, 1, -1] {
            let out = s.propose(&view(&bank(plan, &rest, NOW)), holding(h).as_ref());
            assert!(abstains(&out), "{name} without {gone}: {out:?}");
            let old = bank(plan, features, NOW.minus(TsDiff::HOUR.times(3)));
            let out = s.propose(&view(&old), holding(h).as_ref());
            assert!(abstains(&out), "{name}, stale: {out:?}");
        }
    }
    // What it names as its favourable state is one in which it enters.
    let mut bank = FeatureBank::new(plan);
    if s.favourable(0.01, NOW, &mut bank) {
        assert!(matches!(s.propose(&view(&bank), None), Proposal::Enter(_)), "{name}");
    }
}

/// A plan and a bank in which the named features have values.
pub(crate) fn bank(plan: &FeaturePlan, values: &BTreeMap<String, f64>, time: Ts) -> FeatureBank {
    let mut bank = FeatureBank::new(plan);
    let mut plan = plan.clone();
    for spec in plan.specs().to_vec() {
        if let Some(v) = values.get(&format!("{spec:?}")) {
            bank.set(plan.need(spec), *v, time);
        }
    }
    bank
}

pub(crate) fn view(bank: &FeatureBank) -> CoinView<'_> {
    CoinView {
        coin: CoinId(0),
        now: NOW,
        close: Observation::At { value: Px::whole(100), time: NOW },
        funding: Observation::Missing(MissingReason::NeverSeen),
        interval: TsDiff::HOUR,
        bank,
        cross: None,
    }
}

pub(crate) fn holding(sign: i32) -> Option<Holding> {
    let since = NOW.minus(TsDiff::HOUR);
    (sign != 0).then(|| Holding { szi: Sz::whole(sign), cost: Usd::whole(100 * sign), since, best: None })
}

/// A hosted strategy says that it was not asked; it may not say that it chose to be silent.
fn abstains(p: &Proposal) -> bool {
    match p {
        Proposal::Abstain => true,
        Proposal::Withheld(a) => a.why == Unanswered::Input,
        _ => false,
    }
}

fn words(p: &Proposal) -> &'static str {
    match p {
        Proposal::Nothing => "nothing",
        Proposal::Abstain | Proposal::Withheld(_) => "abstain",
        Proposal::Exit(_) => "exit",
        Proposal::Enter(e) if e.side == Side::Buy => "enter buy",
        Proposal::Enter(_) => "enter sell",
    }
}
