//! Recovery folds facts and arrives at the same state, bit for bit; nothing it depends on is outside the events.

mod support;

use proptest::prelude::*;
use support::{Rig, chaos, config, erratic, stack, universe};
use zero_core::Canon as _;
use zero_core::TsDiff;
use zero_kernel::{DigestSink, Fact, Kernel, KernelSnapshot};
use zero_market::{Event, EventBody};

fn rig(seed: u64) -> Rig {
    Rig::new(config(&[0, 0, 1]), 3, &[erratic(seed), erratic(seed ^ 7), erratic(seed ^ 13)])
}

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
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// F6, F16, F19: positions, orders, latches and attribution are a projection of what was recorded.
    #[test]
    fn folding_the_facts_gives_the_live_state_at_every_tick(seed in 0u64..1_000_000) {
        let mut live = rig(seed);
        chaos(&mut live, seed, 40);
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
        prop_assert!(live.kernel.state().counters.fills > 0);
    }

    /// F23: the same events decide the same, whoever runs them.
    #[test]
    fn the_same_events_give_the_same_facts(seed in 0u64..1_000_000) {
        let mut live = rig(seed);
        chaos(&mut live, seed, 40);
        prop_assert_eq!(rerun(&mut fresh(seed), &events(&live.facts)), live.facts);
    }

    #[test]
    fn a_snapshot_in_the_middle_continues_with_the_same_digest(seed in 0u64..1_000_000, cut in 0.1f64..0.9) {
        let mut live = rig(seed);
        chaos(&mut live, seed, 40);
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
        chaos(&mut live, seed, 30);
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
