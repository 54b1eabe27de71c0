//! The account's measures: transfers are no profit and no loss, windows roll, reconciliation sees every difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use proptest::prelude::*;
use support::{Rig, always, config, enter, fixed};
use zero_core::{AccountId, CoinId, Px, Rate, Sz, TsDiff, Usd};
use zero_kernel::state::ReconState;
use zero_market::event::{OperatorAction, PxPrint, Reconciled, ReportedPosition, TimerKind};
use zero_market::{EventBody, Side};

fn held(sz: i32) -> Rig {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(sz)))]);
    rig.hour(&[100]);
    rig.fill_market(100);
    rig
}

fn drawdown(rig: &Rig) -> f64 {
    let a = &rig.kernel.state().accounts[0];
    1.0 - a.equity.unwrap().to_f64() / a.peak.to_f64()
}

fn heartbeat(rig: &mut Rig) {
    rig.send(EventBody::Timer(TimerKind::Heartbeat));
}

proptest! {
    /// F5: a deposit is no profit, a withdrawal is no loss, and neither moves a drawdown or the day's loss, also while
    /// a position is open and before the next timer.
    #[test]
    fn a_transfer_changes_no_ratio(px in 60i32..140, usd in -3_000i32..20_000) {
        let mut rig = held(50);
        rig.hour(&[px]);
        let (before, loss) = (drawdown(&rig), day_loss(&rig));
        rig.transfer(0, usd);
        prop_assert!((drawdown(&rig) - before).abs() < 1e-9, "{} {before}", drawdown(&rig));
        prop_assert!((day_loss(&rig) - loss).abs() < 1e-9);
        heartbeat(&mut rig);
        prop_assert!((drawdown(&rig) - before).abs() < 1e-9);
        prop_assert!((day_loss(&rig) - loss).abs() < 1e-9);
    }

    #[test]
    fn no_transfer_and_no_price_can_break_the_measures(px in 1i32..2_000_000, usd: i32, again: i32) {
        let mut rig = held(50);
        rig.transfer(0, usd / 3);
        rig.hour(&[px]);
        rig.transfer(0, again / 3);
        heartbeat(&mut rig);
        let a = &rig.kernel.state().accounts[0];
        prop_assert!(a.peak >= a.equity.unwrap());
    }
}

fn day_loss(rig: &Rig) -> f64 {
    let a = &rig.kernel.state().accounts[0];
    1.0 - a.equity.unwrap().to_f64() / a.samples[0].equity.to_f64()
}

/// A deposit must not open the breakers in the cycle between the transfer and the next timer.
#[test]
fn a_deposit_opens_no_breaker() {
    let mut rig = held(1);
    rig.hour(&[100]);
    rig.transfer(0, 100_000);
    rig.operator(OperatorAction::Heartbeat, "");
    assert!(!rig.breaker("drawdown") && !rig.breaker("daily_loss"));
}

/// The window is 24 hours that roll, not a calendar day: midnight forgives nothing, the 25th hour does.
#[test]
fn the_days_loss_is_measured_against_the_equity_24_hours_ago() {
    let mut rig = held(50);
    rig.hour(&[100]);
    rig.hour(&[98]);
    let at_once = day_loss(&rig);
    assert!(at_once > 0.009, "{at_once}");
    for _ in 0..22 {
        rig.hour(&[98]);
        assert!(day_loss(&rig) > 0.009);
    }
    rig.hour(&[98]);
    rig.hour(&[98]);
    assert!(day_loss(&rig).abs() < 1e-3, "{}", day_loss(&rig));
    assert!(rig.kernel.state().accounts[0].samples.len() <= 97);
}

#[test]
fn samples_are_bounded_however_often_the_timer_fires() {
    let mut rig = held(1);
    for _ in 0..5_000 {
        rig.now = rig.now.plus(TsDiff::secs(60));
        heartbeat(&mut rig);
    }
    assert!(rig.kernel.state().accounts[0].samples.len() <= 98);
}

/// A held coin without a mark is unknown equity, and unknown equity admits nothing.
#[test]
fn a_held_coin_without_a_mark_is_unknown_equity() {
    let mut rig = Rig::new(config(&[0]), 2, &[always(enter(Side::Buy, fixed(1)))]);
    rig.hour(&[100]);
    let mut o = support::market_orders(rig.open()).remove(0);
    rig.fill(&o.clone(), 100);
    o.coin = CoinId(1);
    rig.fill(&o, 100);
    heartbeat(&mut rig);
    assert_eq!(rig.kernel.state().accounts[0].equity, None);
    assert!(rig.breaker("drawdown") && rig.breaker("daily_loss") && rig.breaker("max_exposure"));
    rig.send(EventBody::Mark(PxPrint { coin: CoinId(1), px: Px::whole(100) }));
    heartbeat(&mut rig);
    assert!(rig.kernel.state().accounts[0].equity.is_some());
    assert!(!rig.breaker("max_exposure"));
}

/// `gross` is admission's own measure: per coin the larger of the legs, entries that may fill included.
#[test]
fn gross_counts_open_entries_and_does_not_count_a_hedge_twice() {
    let buy = always(enter(Side::Buy, fixed(3)));
    let sell = always(enter(Side::Sell, fixed(2)));
    let mut rig = Rig::new(config(&[0, 0]), 1, &[buy, sell]);
    rig.hour(&[100]);
    heartbeat(&mut rig);
    assert_eq!(rig.kernel.state().accounts[0].gross, Usd::whole(300), "two entries that may fill");
    rig.fill_market(100);
    heartbeat(&mut rig);
    assert_eq!(rig.kernel.state().accounts[0].gross, Usd::whole(300), "long 3 and short 2");
}

fn reconciled(rig: &mut Rig, account: u16, equity: Usd, positions: &[(u16, Sz)]) {
    let positions =
        positions.iter().map(|(c, szi)| ReportedPosition { coin: CoinId(*c), szi: *szi }).collect();
    let r = Reconciled { account: AccountId(account), equity, positions };
    rig.send(EventBody::Reconciled(Box::new(r)));
}

/// F5, F6: money that does not add up, a ghost, an orphan, a doubled position, an unknown coin: each freezes new risk.
#[test]
fn every_difference_from_the_venue_is_a_data_fault() {
    let equity = |rig: &Rig| rig.kernel.state().accounts[0].equity.unwrap();
    let two = Sz::whole(2);
    type Case<'a> = (&'a str, i64, &'a [(u16, Sz)]);
    let cases: [Case<'_>; 6] = [
        ("a cent", 1_000_000, &[(0, two)]),
        ("a ghost: ours, not theirs", 0, &[]),
        ("an orphan: theirs, not ours", 0, &[(0, two), (1, Sz::whole(1))]),
        ("doubled", 0, &[(0, Sz::whole(4))]),
        ("the other side", 0, &[(0, Sz::whole(-2))]),
        ("a coin outside the run", 0, &[(0, two), (77, Sz::whole(1))]),
    ];
    for (name, off, positions) in cases {
        let mut rig = Rig::new(config(&[0]), 2, &[always(enter(Side::Buy, fixed(2)))]);
        rig.hour(&[100]);
        rig.fill_market(100);
        heartbeat(&mut rig);
        let e = equity(&rig);
        reconciled(&mut rig, 0, e, &[(0, two)]);
        assert!(!rig.breaker("data_fault") && !rig.breaker("reconciliation"), "{name}");
        reconciled(&mut rig, 0, Usd::from_raw(e.raw() + off), positions);
        assert!(rig.breaker("data_fault") && rig.breaker("reconciliation"), "{name}");
        // Agreement closes the one; the other waits for a person.
        reconciled(&mut rig, 0, e, &[(0, two)]);
        assert!(rig.breaker("data_fault") && !rig.breaker("reconciliation"), "{name}");
    }
}

/// One account's agreement says nothing about another's difference.
#[test]
fn accounts_are_reconciled_each_for_itself() {
    let idle = support::script(|_, _| zero_strategy::Proposal::Nothing);
    let mut rig = Rig::new(config(&[0, 1]), 1, &[idle.clone(), idle]);
    rig.hour(&[100]);
    reconciled(&mut rig, 0, Usd::whole(9_999), &[]);
    reconciled(&mut rig, 1, Usd::whole(10_000), &[]);
    assert!(rig.breaker("reconciliation"));
    assert_eq!(rig.kernel.state().accounts[0].recon, ReconState::Differs);
    assert_eq!(rig.kernel.state().accounts[1].recon, ReconState::Agrees);
}

#[test]
fn events_about_another_run_are_refused() {
    let mut rig = held(1);
    let coin = CoinId(9);
    for body in [
        EventBody::Mark(PxPrint { coin, px: Px::ONE }),
        EventBody::Funding(zero_market::event::FundingPrint { coin, rate: Rate::ZERO, premium: Rate::ZERO }),
        EventBody::BarClosed(support::bar(9, rig.now, Px::ONE)),
        EventBody::Reconciled(Box::new(Reconciled {
            account: AccountId(9),
            equity: Usd::ZERO,
            positions: vec![],
        })),
        EventBody::Transfer(Box::new(zero_market::event::Transfer {
            account: AccountId(9),
            book: zero_core::BookId(0),
            amount: Usd::ONE,
        })),
    ] {
        assert!(rig.try_send(body).is_err());
    }
}

#[test]
fn an_operators_word_about_nothing_known_changes_nothing() {
    let mut rig = held(1);
    rig.operator(OperatorAction::Kill, "");
    let before = rig.kernel.state().breakers.clone();
    for name in ["", "kill_switch ", "KILL_SWITCH", "nothing"] {
        rig.operator(OperatorAction::ClearLatch, name);
        assert_eq!(rig.kernel.state().breakers, before);
        assert!(rig.kernel.state().killed);
    }
}
