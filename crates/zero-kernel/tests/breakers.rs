//! Conformance over the breaker table: each one is driven open by breaking what it watches, and closed again, or
//! latched until an operator clears it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use support::{Rig, always, config, enter, fixed, orders};
use zero_core::Canon as _;
use zero_core::{AccountId, Rate, TsDiff, Usd};
use zero_kernel::breakers::{self, BREAKERS};
use zero_kernel::{Fact, Kernel, KernelConfig, KernelSnapshot};
use zero_market::event::{OperatorAction, Reconciled, TimerKind};
use zero_market::venue::OrderEnd;
use zero_market::{EventBody, Side};

/// Breaks what the breaker watches, and mends it.
struct Case {
    name: &'static str,
    latches: bool,
    trip: fn(&mut Rig),
    mend: fn(&mut Rig),
}

fn cfg() -> KernelConfig {
    let mut cfg = config(&[0]);
    cfg.dead_man_after = Some(TsDiff::HOUR.times(200));
    cfg.operator_inactive_after = Some(TsDiff::HOUR.times(100));
    cfg.rejects_per_hour = 2;
    cfg.limits.orders_per_hour = 1;
    cfg.limits.fee_burn_per_day = Rate::bps(1);
    cfg.limits.max_gross_leverage = Rate::whole(1);
    cfg
}

/// Holds 50 coins bought at 100: half of equity.
fn rig() -> Rig {
    let mut rig = Rig::new(cfg(), 1, &[always(enter(Side::Buy, fixed(50)))]);
    rig.hour(&[100]);
    rig
}

fn quiet(rig: &mut Rig, hours: u64, px: i32) {
    for _ in 0..hours {
        rig.operator(OperatorAction::Heartbeat, "");
        rig.hour(&[px]);
    }
}

fn buy_at(rig: &mut Rig, px: i32) {
    rig.fill_market(px);
}

fn reconcile(rig: &mut Rig, off: i64) {
    let s = rig.kernel.state();
    let equity = s.ledger.account_equity(AccountId(0), |c| s.mark(c)).unwrap().unwrap();
    let positions = vec![zero_market::event::ReportedPosition {
        coin: zero_core::CoinId(0),
        szi: s.ledger.account_net(AccountId(0), zero_core::CoinId(0)),
    }];
    let equity = Usd::from_raw(equity.raw() + off);
    rig.send(EventBody::Reconciled(Box::new(Reconciled { account: AccountId(0), equity, positions })));
}

fn same(_: &mut Rig) {}

fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "stale_market_data",
            latches: false,
            trip: |r| {
                r.now = r.now.plus(TsDiff::secs(5_400));
                r.send(EventBody::Timer(TimerKind::Heartbeat));
            },
            mend: |r| quiet(r, 1, 100),
        },
        Case { name: "reconciliation", latches: false, trip: |r| reconcile(r, 1), mend: |r| reconcile(r, 0) },
        Case {
            name: "dead_man",
            latches: true,
            trip: |r| {
                for _ in 0..200 {
                    r.hour(&[100]);
                    // Neither of these shows that a person is there.
                    r.operator(OperatorAction::DiskReport, "99999999999");
                    r.operator(OperatorAction::ConfigChanged, "abc");
                }
                r.slice();
            },
            mend: |r| quiet(r, 1, 100),
        },
        Case {
            name: "operator_pause",
            latches: false,
            trip: |r| drop(r.operator(OperatorAction::PauseEntries, "")),
            mend: |r| drop(r.operator(OperatorAction::ResumeEntries, "")),
        },
        Case {
            name: "operator_inactivity",
            latches: false,
            trip: |r| {
                for _ in 0..100 {
                    r.hour(&[100]);
                    // What an agent does is no sign of a person.
                    r.operator_as("agent", OperatorAction::Reduce, "0 C0 sell 1 market k");
                }
            },
            mend: |r| drop(r.operator(OperatorAction::Heartbeat, "")),
        },
        Case {
            name: "kill_switch",
            latches: true,
            trip: |r| drop(r.operator(OperatorAction::Kill, "")),
            mend: same,
        },
        Case {
            name: "daily_loss",
            latches: true,
            trip: |r| {
                buy_at(r, 100);
                quiet(r, 1, 100);
                quiet(r, 1, 89);
            },
            mend: |r| quiet(r, 30, 100),
        },
        Case {
            name: "order_velocity",
            latches: false,
            trip: |r| drop(r.slice()),
            mend: |r| {
                buy_at(r, 100);
                quiet(r, 2, 100);
            },
        },
        Case {
            name: "exchange_error",
            latches: true,
            trip: |r| {
                for _ in 0..2 {
                    for o in support::market_orders(r.open()) {
                        r.end(&o, OrderEnd::TickRejected);
                    }
                    r.now = r.now.plus(TsDiff::secs(1));
                    r.kernel.replay(&Fact::Order(fake_order(r))).unwrap();
                }
                r.send(EventBody::Timer(TimerKind::Heartbeat));
            },
            mend: |r| quiet(r, 3, 100),
        },
        Case {
            name: "max_exposure",
            latches: false,
            trip: |r| {
                buy_at(r, 100);
                quiet(r, 1, 100);
                // Money leaves: the same position weighs more.
                r.transfer(0, -6_000);
                r.send(EventBody::Timer(TimerKind::Heartbeat));
            },
            mend: |r| {
                r.transfer(0, 6_000);
                quiet(r, 1, 100);
            },
        },
        Case {
            name: "drawdown",
            latches: true,
            trip: |r| {
                buy_at(r, 100);
                for px in (55..=100).rev() {
                    quiet(r, 1, px);
                }
            },
            mend: |r| quiet(r, 1, 120),
        },
        Case { name: "data_fault", latches: true, trip: |r| reconcile(r, 1), mend: |r| reconcile(r, 0) },
        Case {
            name: "disk_budget",
            latches: false,
            trip: |r| drop(r.operator(OperatorAction::DiskReport, "no number")),
            mend: |r| drop(r.operator(OperatorAction::DiskReport, "99999999999")),
        },
        Case {
            name: "fee_burn",
            latches: false,
            trip: |r| {
                r.slice();
                buy_at(r, 100);
                r.send(EventBody::Timer(TimerKind::Heartbeat));
            },
            mend: |r| quiet(r, 26, 100),
        },
        Case {
            name: "auto_off",
            latches: false,
            trip: |r| drop(r.operator(OperatorAction::AutoOff, "")),
            mend: |r| drop(r.operator(OperatorAction::AutoOn, "")),
        },
        Case {
            name: "flattening",
            latches: false,
            trip: |r| {
                buy_at(r, 100);
                r.operator(OperatorAction::Flatten, "");
                r.send(EventBody::Timer(TimerKind::Heartbeat));
            },
            mend: |r| {
                buy_at(r, 100);
                r.send(EventBody::Timer(TimerKind::Heartbeat));
            },
        },
    ]
}

/// An order whose id no decision has: to have something that the venue can refuse.
fn fake_order(r: &Rig) -> zero_kernel::OrderFact {
    let mut o =
        r.facts.iter().find_map(|f| if let Fact::Order(o) = f { Some(o.clone()) } else { None }).unwrap();
    o.intent.id = zero_core::OrderId([r.now.as_ns() as u8 ^ r.open().len() as u8; 16]);
    o
}

/// Nothing but what the breaker watches may be needed to open it, and every breaker of the table has a case.
#[test]
fn every_breaker_opens_on_what_it_watches_and_closes_as_it_says() {
    let cases = cases();
    assert_eq!(
        cases.iter().map(|c| c.name).collect::<Vec<_>>(),
        BREAKERS.iter().map(|b| b.name()).collect::<Vec<_>>(),
        "a breaker without a case here is not tested"
    );
    for (case, b) in cases.iter().zip(BREAKERS) {
        assert_eq!(b.latches(), case.latches, "{}", case.name);
        let mut rig = rig();
        assert!(!rig.breaker(case.name), "{} is open from the start", case.name);
        (case.trip)(&mut rig);
        assert!(rig.breaker(case.name), "{} did not open", case.name);
        (case.mend)(&mut rig);
        assert_eq!(rig.breaker(case.name), case.latches, "{} after what it watches was mended", case.name);
        if case.latches {
            let facts = rig.operator(OperatorAction::ClearLatch, case.name);
            let told = facts.iter().find_map(|f| if let Fact::Breaker(c) = f { Some(c) } else { None });
            let told = told.expect("who reads changes of breakers reads this one");
            assert_eq!((told.name.as_str(), told.open), (case.name, false));
            assert!(told.reason.starts_with("cleared by "), "{}", told.reason);
            assert!(!rig.breaker(case.name), "{} after an operator cleared it", case.name);
            quiet(&mut rig, 1, 100);
            assert!(!rig.breaker(case.name), "{} opened again by itself", case.name);
        }
    }
}

/// F19: a halt outlives midnight, a restart from facts, a restart from a snapshot, and an upgrade that keeps the facts.
#[test]
fn a_latched_halt_outlives_restart_snapshot_and_midnight() {
    for case in cases().iter().filter(|c| c.latches) {
        let mut rig = rig();
        (case.trip)(&mut rig);
        (case.mend)(&mut rig);
        quiet(&mut rig, 49, 100);
        assert!(rig.breaker(case.name), "{}", case.name);
        let new =
            || Kernel::new(cfg(), support::universe(1), support::stack(&[support::erratic(1)])).unwrap();
        let at = breakers::find(case.name).unwrap();
        let mut restored = new();
        let bytes = rig.kernel.snapshot().to_bytes();
        restored.restore(KernelSnapshot::from_bytes(&bytes).unwrap()).unwrap();
        assert!(restored.state().breakers[at].open, "{} after a snapshot", case.name);
        if case.name != "exchange_error" {
            let mut replayed = new();
            for f in &rig.facts {
                replayed.replay(f).unwrap();
            }
            assert_eq!(replayed.state(), rig.kernel.state());
        }
    }
}

/// The table of breakers only grows: what was kept before one was added is restored with that one closed, and it opens as it does.
#[test]
fn a_snapshot_of_a_shorter_table_is_restored_and_its_missing_breakers_are_closed() {
    let mut rig = rig();
    buy_at(&mut rig, 100);
    rig.operator(OperatorAction::PauseEntries, "");
    for known in 0..=BREAKERS.len() {
        let mut old = rig.kernel.snapshot();
        old.state.breakers.truncate(known);
        let shown: Vec<bool> = breakers::states(&old.state).map(|(_, s)| s.open).collect();
        assert_eq!(shown.len(), BREAKERS.len(), "all of them are shown");
        let mut kernel =
            Kernel::new(cfg(), support::universe(1), support::stack(&[support::erratic(1)])).unwrap();
        kernel.restore(KernelSnapshot::from_bytes(&old.to_bytes()).unwrap()).unwrap();
        let mut folded = old.state;
        for b in BREAKERS {
            let change = support::opened(b.name(), rig.now);
            kernel.replay(&change.clone()).unwrap();
            zero_kernel::apply(&mut folded, &cfg(), &change).unwrap();
        }
        assert_eq!(kernel.state().open_breakers().count_ones() as usize, BREAKERS.len(), "{known}");
        assert_eq!(kernel.state(), &folded);
    }
    let mut longer = rig.kernel.snapshot();
    longer.state.breakers.push(zero_kernel::breaker::BreakerState::CLOSED);
    let mut kernel =
        Kernel::new(cfg(), support::universe(1), support::stack(&[support::erratic(1)])).unwrap();
    assert!(kernel.restore(longer).is_err(), "of a later program");
}

/// No new risk behind any open breaker, and the trace says which.
#[test]
fn no_candidate_passes_an_open_breaker() {
    for (i, b) in BREAKERS.iter().enumerate() {
        let mut rig = Rig::new(cfg(), 1, &[always(enter(Side::Buy, fixed(10)))]);
        let change = support::opened(b.name(), rig.now);
        rig.kernel.replay(&change).unwrap();
        if b.latches() {
            assert!(orders(&rig.hour(&[100])).is_empty(), "{}", b.name());
            let t = &rig.traces.0[0];
            assert_eq!(rig.failing(t), ["breakers"]);
            assert_eq!(t.open_breakers, 1 << i);
        }
    }
}

/// An unmeasurable breaker is an open one.
#[test]
fn unknown_opens() {
    let mut rig = Rig::new(cfg(), 1, &[always(enter(Side::Buy, fixed(10)))]);
    rig.send(EventBody::Timer(TimerKind::Heartbeat));
    assert!(rig.breaker("stale_market_data"), "nothing was ever seen");
    // The recorded NaN is the same NaN after a replay.
    let mut replica =
        Kernel::new(cfg(), support::universe(1), support::stack(&[support::erratic(1)])).unwrap();
    for f in &rig.facts {
        replica.replay(f).unwrap();
    }
    assert_eq!(replica.state(), rig.kernel.state());
}

#[test]
fn names_are_unique_and_every_change_is_recorded_once() {
    let mut names: Vec<_> = BREAKERS.iter().map(|b| b.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), BREAKERS.len());
    let mut rig = rig();
    for _ in 0..3 {
        rig.operator(OperatorAction::PauseEntries, "");
        rig.hour(&[100]);
    }
    let changes = |rig: &Rig| {
        let is_pause = |f: &&Fact| matches!(f, Fact::Breaker(b) if b.name == "operator_pause");
        rig.facts.iter().filter(is_pause).count()
    };
    assert_eq!(changes(&rig), 1);
    rig.operator(OperatorAction::ResumeEntries, "");
    assert_eq!(changes(&rig), 2);
}

/// Clearing what is not open would move its base: a peak or a day's loss would be forgotten without a halt.
#[test]
fn clearing_a_breaker_that_is_not_open_moves_no_base() {
    let mut rig = rig();
    quiet(&mut rig, 30, 100);
    quiet(&mut rig, 2, 99);
    let before = rig.kernel.state().accounts.clone();
    for name in ["drawdown", "daily_loss"] {
        assert!(!rig.breaker(name));
        rig.operator(OperatorAction::ClearLatch, name);
    }
    assert_eq!(rig.kernel.state().accounts, before);
}
