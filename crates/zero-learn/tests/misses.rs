//! A near miss is near in the gate's own spread, by its farthest gate, and unknown as soon as one gate is.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod support;

use support::{events, market, paper, run};
use zero_core::{Rate, Truth};
use zero_learn::misses::{DELTA, MEASURED_MIN, distance, find};
use zero_learn::{Case, Learnt};
use zero_runtime::RunSpec;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

/// A run in which several gates bind: positions, gross exposure and cost.
fn learnt() -> Learnt {
    let data = market(11, &["BTC", "DOGE", "INJ", "SUI", "ETH", "SOL"], 900);
    let exits = TrendParams { stop_sigmas: Rate::bps(7_000), horizon_hours: 24, ..TrendParams::standard() };
    let choice = StrategyChoice::RandomEntry(3, Rate::bps(2_000), exits);
    let mut spec = RunSpec::standard(
        data.universe().clone(),
        zero_core::Usd::whole(10_000),
        paper(),
        &[("only", choice)],
    );
    spec.kernel.limits.max_gross_leverage = Rate::bps(8_000);
    spec.kernel.limits.max_cost_share = Rate::bps(1_000);
    spec.policy = zero_runtime::OperatorPolicy::UNATTENDED;
    run(&spec, &events(&data)).0
}

#[test]
fn a_distance_is_measured_in_the_gates_own_spread_and_by_the_farthest_gate() {
    let learnt = learnt();
    let misses = find(&learnt, DELTA);
    assert!(misses.near.len() > 20 && misses.rejected.len() > misses.near.len(), "{}", misses.near.len());
    for m in &misses.near {
        assert!(!m.case.admitted && m.distance >= 0.0 && m.distance < DELTA);
        // Recomputed from the raw measurements of the candidates up to this one, two-pass.
        let upto = learnt.cases.iter().position(|c| std::ptr::eq(c, m.case)).unwrap();
        let mut farthest = f64::MIN;
        for f in m.case.failing() {
            let values: Vec<f64> = learnt.cases[..=upto]
                .iter()
                .map(|c| c.gates[usize::from(f.gate)].value)
                .filter(|v| v.is_finite())
                .collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let var = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() - 1) as f64;
            farthest = farthest.max((f.value - f.limit) / var.sqrt());
        }
        assert!((m.distance - farthest).abs() < 1e-9 * farthest.max(1.0), "{} {farthest}", m.distance);
    }
    // Near misses are those that a wider threshold has and a narrower has not.
    let (none, wide) = (find(&learnt, 0.0), find(&learnt, 1e9));
    assert!(none.near.is_empty());
    assert_eq!(wide.near.len() + wide.unmeasurable.len(), wide.rejected.len());
}

/// A distance that looks ahead would be another one where the run ends earlier.
#[test]
fn later_candidates_change_no_distance() {
    let whole = learnt();
    let half = whole.cases.len() / 2;
    let mut early = learnt();
    early.cases.truncate(half);
    let (all, first) = (find(&whole, DELTA), find(&early, DELTA));
    assert!(first.near.len() > 5);
    for (a, b) in first.near.iter().zip(&all.near) {
        assert_eq!((a.case.decision, a.distance.to_bits()), (b.case.decision, b.distance.to_bits()));
    }
    assert_ne!(all.spreads, first.spreads, "the spreads themselves go on");
}

#[test]
fn what_cannot_be_measured_is_no_near_miss() {
    let mut learnt = learnt();
    let mut unknown: Case = find(&learnt, DELTA).near[0].case.clone();
    let spreads = find(&learnt, DELTA).spreads;
    for g in &mut unknown.gates {
        if !g.truth.is_true() {
            (g.truth, g.value) = (Truth::Unknown, f64::NAN);
        }
    }
    assert_eq!(distance(&unknown, &spreads), None);
    learnt.cases.truncate(MEASURED_MIN - 1);
    let few = find(&learnt, DELTA);
    assert!(few.near.is_empty() && few.spreads.iter().all(|s| s.sigma.is_none()));
    assert_eq!(few.unmeasurable.len(), few.rejected.len());
}
