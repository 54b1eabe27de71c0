//! Recovery folds facts and arrives at the same state, bit for bit; nothing it depends on is outside the events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use proptest::prelude::*;
use support::{Rig, chaos, config, erratic, stack, universe};
use zero_core::Canon as _;
use zero_core::{Rate, TsDiff};
use zero_kernel::{DigestSink, Fact, Kernel, KernelSnapshot, Stack};
use zero_market::{Event, EventBody};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

/// Erratic strategies, and two that need what features remember.
fn rig(seed: u64) -> Rig {
    let stack = Stack::standard(|plan| {
        let trend = TrendParams { lookback: 12, entry_z: Rate::bps(2_000), ..TrendParams::standard() };
        let carry = CarryParams { window_hours: 3, ..CarryParams::standard() };
        vec![
            Box::new(support::Scripted("a".into(), erratic(seed))),
            StrategyChoice::Trend(trend).build(plan),
            StrategyChoice::Carry(carry).build(plan),
            Box::new(support::Scripted("b".into(), erratic(seed ^ 7))),
        ]
    });
    Rig::with(config(&[0, 0, 1, 1]), universe(3), stack)
}

/// The cross-section is silent for the first week; what is tested comes after it.
const HOURS: u64 = 320;

fn fresh(seed: u64) -> Kernel {
    rig(seed).kernel
}

fn is_source(f: &Fact) -> bool {
    matches!(f, Fact::Event(e) if !matches!(e.body, EventBody::Venue(_)))
}

/// Re-decides a recorded run: sources and the venue's words go in, decisions come out anew.
fn rerun(kernel: &mut Kernel, events: &[Event]) -> Vec<Fact> {
    let mut out = Vec::new();
    for e in events {
        kernel.step(e, &mut DigestSink, &mut out).unwrap();
    }
    out
}

fn events(facts: &[Fact]) -> Vec<Event> {
    facts.iter().filter_map(|f| if let Fact::Event(e) = f { Some(e.clone()) } else { None }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// F6, F16, F19: positions, orders, latches and attribution are a projection of what was recorded.
    #[test]
    fn folding_the_facts_gives_the_live_state_at_every_tick(seed in 0u64..1_000_000) {
        let mut live = rig(seed);
        chaos(&mut live, seed, HOURS);
        let mut second = fresh(seed);
        let mut replica = fresh(seed);
        let mut ticks = 0;
        for (i, f) in live.facts.iter().enumerate() {
            if is_source(f) && i > 0 {
                ticks += 1;
                if ticks % 7 == 0 {
                    prop_assert_eq!(replica.state(), second.state());
                    prop_assert_eq!(replica.snapshot().to_bytes(), second.snapshot().to_bytes());
                }
            }
            replica.replay(f).unwrap();
            if let Fact::Event(e) = f {
                second.step(e, &mut DigestSink, &mut Vec::new()).unwrap();
            }
        }
        prop_assert_eq!(replica.state(), live.kernel.state());
        prop_assert_eq!(replica.snapshot().to_bytes(), live.kernel.snapshot().to_bytes());
        prop_assert!(live.kernel.state().counters.candidates > 0);
        let trends = live.traces.0.iter().filter(|t| t.book.0 == 1).count();
        prop_assert!(trends > 0, "the features have something to say");
    }

    /// F23: the same events decide the same, whoever runs them.
    #[test]
    fn the_same_events_give_the_same_facts(seed in 0u64..1_000_000) {
        let mut live = rig(seed);
        chaos(&mut live, seed, HOURS);
        prop_assert_eq!(rerun(&mut fresh(seed), &events(&live.facts)), live.facts);
    }

    #[test]
    fn a_snapshot_in_the_middle_continues_with_the_same_digest(seed in 0u64..1_000_000, cut in 0.1f64..0.9) {
        let mut live = rig(seed);
        chaos(&mut live, seed, HOURS);
        let events = events(&live.facts);
        let at = (events.len() as f64 * cut) as usize;
        let mut first = fresh(seed);
        rerun(&mut first, &events[..at]);
        let bytes = first.snapshot().to_bytes();
        let mut second = fresh(seed);
        second.restore(KernelSnapshot::from_bytes(&bytes).unwrap()).unwrap();
        rerun(&mut second, &events[at..]);
        prop_assert_eq!(second.state(), live.kernel.state());
    }

    #[test]
    fn receive_times_decide_nothing(seed in 0u64..1_000_000, jitter in 1i64..10_000_000_000) {
        let mut live = rig(seed);
        chaos(&mut live, seed, HOURS);
        let mut late = events(&live.facts);
        for (i, e) in late.iter_mut().enumerate() {
            e.received = e.time.plus(TsDiff::ns(jitter.wrapping_mul(i as i64) % 60_000_000_000));
        }
        let mut other = fresh(seed);
        rerun(&mut other, &late);
        prop_assert_eq!(other.state(), live.kernel.state());
    }
}

/// A source that repeats a slice (a restart at the boundary) repeats no decision.
#[test]
fn a_slice_decides_once() {
    let mut rig = Rig::new(
        config(&[0]),
        1,
        &[support::always(support::enter(zero_market::Side::Buy, support::fixed(1)))],
    );
    assert_eq!(support::orders(&rig.hour(&[100])).len(), 1);
    let first = rig.open()[0].intent.clone();
    rig.end(&first, zero_market::venue::OrderEnd::IocCancelled);
    assert!(support::orders(&rig.slice()).is_empty(), "the same slice again");
    assert_eq!(support::orders(&rig.hour(&[100])).len(), 1);
}

#[test]
fn time_that_runs_backwards_stops_the_kernel() {
    let mut rig = rig(1);
    rig.hour(&[100, 100, 100]);
    rig.now = rig.now.minus(TsDiff::ns(1));
    let err = rig.try_send(EventBody::Timer(zero_market::event::TimerKind::Heartbeat)).unwrap_err();
    assert_eq!(err.code(), "ZERO-KRN-003");
}

/// F21: a bar that is not closed yet is look-ahead.
#[test]
fn a_bar_before_its_close_stops_the_kernel() {
    let mut rig = rig(1);
    let forming = support::bar(0, rig.now.plus(TsDiff::ns(1)), zero_core::Px::whole(100));
    let err = rig.try_send(EventBody::BarClosed(forming)).unwrap_err();
    assert_eq!(err.code(), "ZERO-KRN-004");
}

#[test]
fn facts_of_another_run_are_refused() {
    let mut live = rig(3);
    chaos(&mut live, 3, 30);
    // A smaller run knows neither the coins nor the books.
    let mut small = Kernel::new(config(&[0]), universe(1), stack(&[erratic(3)])).unwrap();
    assert!(live.facts.iter().try_for_each(|f| small.replay(f)).is_err());
    assert!(small.restore(live.kernel.snapshot()).is_err());
}

/// The runs meet friction: what they show holds with rulings in them.
#[test]
fn the_random_runs_meet_friction_and_get_through_it() {
    let (mut held, mut admitted) = (0, 0);
    for seed in 0..20 {
        let mut live = rig(seed);
        chaos(&mut live, seed, HOURS);
        for f in &live.facts {
            if let Fact::Friction(r) = f {
                held += u32::from(!r.admits());
                admitted += u32::from(r.admits());
            }
        }
    }
    assert!(held > 20 && admitted > 20, "{held} held, {admitted} admitted");
}

/// What the tests above are worth: the runs trade, are refused, are liquidated of their orders, and repeat themselves.
#[test]
fn the_random_runs_are_not_idle() {
    let mut sum = [0u64; 4];
    for seed in 0..20 {
        let mut live = rig(seed);
        chaos(&mut live, seed, HOURS);
        let c = live.kernel.state().counters;
        for (sum, x) in sum.iter_mut().zip([c.admitted, c.fills, c.rejects, c.refused_fills]) {
            *sum += x;
        }
    }
    assert!(sum[0] > 200 && sum[1] > 200 && sum[2] > 30 && sum[3] > 10, "{sum:?}");
}
