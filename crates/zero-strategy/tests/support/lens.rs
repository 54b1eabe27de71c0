//! What every lens must keep, wherever it is written: used by the tests of every crate that makes lenses. Beside the support for
//! strategies, whose views and banks it uses.

use super::strategy::{bank, view};
use std::collections::BTreeMap;
use zero_core::{CoinId, Ts, TsDiff};
use zero_market::Side;
use zero_market::cross::CrossMarket;
use zero_strategy::{CoinView, FeaturePlan, Lens, LensOut};

const NOW: Ts = Ts::from_ns(1_756_900_800_000_000_000);

/// One case of a fixture: the features' values, where the lens looks from, and what it says.
pub(crate) struct LensCase {
    pub(crate) values: BTreeMap<String, f64>,
    pub(crate) side: Side,
    pub(crate) coin: CoinId,
    pub(crate) mean: f64,
    pub(crate) stderr: f64,
}

/// Says what its cases say, is pure, sees the other side with the other sign, and abstains where an input is missing, stale, or of
/// another time. `cross` for one that declares the cross-section.
pub(crate) fn conforms(
    lens: &dyn Lens,
    plan: &FeaturePlan,
    features: &BTreeMap<String, f64>,
    cases: &[LensCase],
    cross: Option<&CrossMarket>,
) {
    let name = lens.name();
    assert!(lens.version() > 0, "{name}");
    assert_eq!(plan.needs_cross(), cross.is_some(), "{name} declares");
    for case in cases {
        let bank = bank(plan, &case.values, NOW);
        let at = CoinView { coin: case.coin, cross, ..view(&bank) };
        let LensOut::Opinion(o) = lens.evaluate(&at, case.side) else { panic!("{name} abstains") };
        // The other program's eigenvectors are exact; an iteration stops where it is good enough.
        let near = if cross.is_some() { 1e-6 } else { 1e-12 };
        assert!((o.mean - case.mean).abs() < near && (o.stderr - case.stderr).abs() < near, "{name}: {o:?}");
        assert_eq!(lens.evaluate(&at, case.side), LensOut::Opinion(o), "{name} is not pure");
        // The other side sees the same expectation with the other sign.
        let LensOut::Opinion(x) = lens.evaluate(&at, case.side.opposite()) else { panic!("{name}") };
        assert_eq!((x.mean, x.stderr), (-o.mean, o.stderr), "{name}");
    }
    abstains_without(lens, plan, features, cross);
}

/// Abstains where an input is missing, stale, or of another time.
pub(crate) fn abstains_without(
    lens: &dyn Lens,
    plan: &FeaturePlan,
    features: &BTreeMap<String, f64>,
    cross: Option<&CrossMarket>,
) {
    let name = lens.name();
    for gone in features.keys() {
        let mut rest = features.clone();
        rest.remove(gone);
        let (fresh, old) = (bank(plan, &rest, NOW), bank(plan, features, NOW.minus(TsDiff::HOUR.times(3))));
        for (bank, what) in [(fresh, "missing"), (old, "stale")] {
            let out = lens.evaluate(&view(&bank), Side::Buy);
            assert!(matches!(out, LensOut::Abstain(_)), "{name} with {gone} {what}: {out:?}");
        }
    }
    if let Some(market) = cross {
        let bank = bank(plan, features, NOW);
        for (cross, now) in [(None, NOW), (Some(market), NOW.plus(TsDiff::HOUR))] {
            let out = lens.evaluate(&CoinView { cross, now, ..view(&bank) }, Side::Buy);
            assert!(matches!(out, LensOut::Abstain(_)), "{name} without a cross-section of now: {out:?}");
        }
    }
}
