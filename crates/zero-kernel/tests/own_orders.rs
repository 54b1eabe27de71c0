//! Orders of the operator's own: one per key, through every gate where they may enlarge risk, and never gated where they close.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "helpers of tests may panic")]

mod support;

use proptest::prelude::*;
use support::{Rig, always, config, enter, fixed, orders, script};
use zero_core::{BookId, Canon as _, CoinId, Rate, Sz, TsDiff};
use zero_kernel::{Executed, Fact, Judged, Kernel, KernelConfig};
use zero_market::event::OperatorAction::{
    self, AutoOff, Break, Close, Execute, Flatten, Kill, PauseEntries, Reduce,
};
use zero_market::order::OrderIntent;
use zero_market::own_order::key_digest;
use zero_market::venue::OrderEnd;
use zero_market::{Purpose, Side};
use zero_strategy::Proposal;

/// A strategy's book and the operator's own, on one account.
fn cfg() -> KernelConfig {
    let mut cfg = config(&[0, 0]);
    cfg.own_book = Some(BookId(1));
    cfg
}

fn quiet() -> Rig {
    let nothing = script(|_, _| Proposal::Nothing);
    let mut rig = Rig::new(cfg(), 2, &[nothing.clone(), nothing]);
    rig.hour(&[100, 100]);
    rig
}

fn send(rig: &mut Rig, action: OperatorAction, words: &str) -> Vec<OrderIntent> {
    orders(&rig.operator(action, words))
}

fn of(rig: &Rig, key: &str) -> Option<Executed> {
    rig.kernel.state().executions.find(key_digest(key)).cloned()
}

#[test]
fn one_key_is_one_order_whatever_comes_again_under_it() {
    let mut rig = quiet();
    let first = send(&mut rig, Execute, "0 C0 buy 3 market k1");
    assert_eq!(first.len(), 1);
    let o = &first[0];
    assert_eq!((o.book, o.side, o.sz, o.purpose), (BookId(1), Side::Buy, Sz::whole(3), Purpose::Entry));
    assert_eq!(of(&rig, "k1").unwrap().order, o.id);
    for again in ["0 C0 buy 3 market k1", "0 C0 buy 9 market k1", "1 C1 sell 3 market k1"] {
        assert!(send(&mut rig, Execute, again).is_empty(), "{again}");
    }
    assert_eq!(of(&rig, "k1").unwrap().body, {
        zero_market::OwnOrder::parse("0 C0 buy 3 market k1").unwrap().body_digest(false)
    });
    let second = send(&mut rig, Execute, "0 C0 buy 3 market k2");
    assert_ne!(second[0].id, o.id, "at the same instant, of the same coin");
    rig.fill_market(100);
    assert_eq!(rig.position(1, 0), Sz::whole(6));
    assert_eq!(rig.position(0, 0), Sz::ZERO);
    rig.hour(&[101, 100]);
    assert_eq!(rig.position(1, 0), Sz::whole(6), "nothing leaves by itself what a person opened");
}

#[test]
fn every_gate_is_judged_and_the_ones_that_fail_are_named() {
    let mut rig = quiet();
    // 20,000 USD, at most one time equity in a coin.
    assert!(send(&mut rig, Execute, "0 C0 buy 201 market big").is_empty());
    let x = of(&rig, "big").unwrap();
    assert_eq!((x.judged, x.is_taken()), (Judged::Gates, false));
    assert_eq!(x.gates, 1 << rig.gate("position_share"));
    assert_eq!(rig.traces.0.last().unwrap().decision, x.order, "with its measures in the journal");
    assert!(send(&mut rig, Execute, "0 C0 buy 0.05 market small").is_empty());
    assert_eq!(of(&rig, "small").unwrap().gates, 1 << rig.gate("min_notional"));
    assert!(send(&mut rig, Execute, "0 C0 buy 0.001 market fine").is_empty());
    assert_eq!(of(&rig, "fine").unwrap().judged, Judged::OffGrid, "nothing is rounded for a person");
    rig.now = rig.now.plus(TsDiff::DAY);
    assert!(send(&mut rig, Execute, "0 C0 buy 3 market old").is_empty());
    assert_eq!(of(&rig, "old").unwrap().gates & 1 << rig.gate("data_fresh"), 1 << rig.gate("data_fresh"));
}

/// The largest value that money can say is about 92 billion USD, at a price of 100 about 922 million coins.
#[test]
fn an_order_whose_value_no_number_here_can_say_is_refused_as_that_and_not_judged_as_an_order_of_nothing() {
    const LOT: i64 = 1_000_000;
    let mut rig = quiet();
    let most = i64::MAX / 100;
    for (n, raw) in [(0, most), (1, most + LOT), (2, i64::MAX)] {
        let (key, sz) = (format!("k{n}"), Sz::from_raw(raw / LOT * LOT));
        let (seen, candidates) = (rig.traces.0.len(), rig.kernel.state().counters.candidates);
        assert!(send(&mut rig, Execute, &format!("0 C0 buy {sz} market {key}")).is_empty());
        let x = of(&rig, &key).unwrap();
        if n == 0 {
            assert_eq!((x.judged, rig.traces.0.len()), (Judged::Gates, seen + 1), "{sz}");
            assert_eq!(rig.traces.0.last().unwrap().final_sz, sz, "judged as it was asked for");
            assert_eq!(x.gates >> rig.gate("gross_leverage") & 1, 1);
        } else {
            assert_eq!((x.judged, x.gates, rig.traces.0.len()), (Judged::TooLarge, 0, seen), "{sz}");
            assert_eq!(rig.kernel.state().counters.candidates, candidates);
        }
    }
    assert_eq!(send(&mut rig, Execute, "0 C0 buy 3 market after").len(), 1, "the run goes on");
}

#[test]
fn a_mark_that_has_run_ahead_of_the_close_counts_too() {
    let mut rig = quiet();
    rig.send(zero_market::EventBody::BarOpened(zero_market::event::BarOpen {
        coin: CoinId(0),
        open_time: rig.now,
        interval: TsDiff::HOUR,
        open: zero_core::Px::whole(200),
    }));
    let sz = Sz::whole(800_000_000);
    assert!(send(&mut rig, Execute, &format!("0 C0 buy {sz} market k")).is_empty());
    assert_eq!(of(&rig, "k").unwrap().judged, Judged::TooLarge);
}

#[test]
fn what_was_taken_but_not_filled_counts_against_the_limits() {
    let mut rig = quiet();
    assert_eq!(send(&mut rig, Execute, "0 C0 buy 120 market a").len(), 1);
    assert!(send(&mut rig, Execute, "0 C0 buy 120 market b").is_empty(), "both may fill");
    assert_eq!(of(&rig, "b").unwrap().gates, 1 << rig.gate("position_share"));
}

#[test]
fn auto_off_stops_strategies_alone_and_every_other_breaker_stops_a_person_too() {
    let enters = always(enter(Side::Buy, fixed(1)));
    let mut rig = Rig::new(cfg(), 1, &[enters, script(|_, _| Proposal::Nothing)]);
    rig.operator(AutoOff, "");
    assert!(orders(&rig.hour(&[100])).is_empty());
    assert_eq!(send(&mut rig, Execute, "0 C0 buy 1 market a").len(), 1);
    rig.operator(PauseEntries, "");
    assert!(send(&mut rig, Execute, "0 C0 buy 1 market b").is_empty());
    let x = of(&rig, "b").unwrap();
    assert_eq!(x.gates, 1 << rig.gate("breakers"));
    assert_eq!(x.breakers, 1 << zero_kernel::breakers::find("operator_pause").unwrap());
}

/// What is being closed is closed for a person too: an entry now would be closed with the rest at the next timer.
#[test]
fn nothing_is_opened_while_everything_or_its_coin_is_being_closed() {
    let mut rig = quiet();
    send(&mut rig, Execute, "0 C0 buy 5 market a");
    rig.fill_market(100);
    rig.operator(Close, "coin 0");
    assert!(send(&mut rig, Execute, "0 C0 buy 1 market b").is_empty());
    assert_eq!(of(&rig, "b").unwrap().judged, Judged::Closing);
    assert_eq!(send(&mut rig, Execute, "1 C1 buy 1 market c").len(), 1, "another coin");
    rig.fill_market(100);
    rig.hour(&[100, 100]);
    assert_eq!(send(&mut rig, Execute, "0 C0 buy 5 market d").len(), 1, "out of it: open again");
    rig.fill_market(100);

    rig.operator(Flatten, "");
    for (coin, key) in [(0, "e"), (1, "f")] {
        assert!(send(&mut rig, Execute, &format!("{coin} C{coin} buy 1 market {key}")).is_empty());
        let x = of(&rig, key).unwrap();
        assert_eq!((x.judged, x.gates), (Judged::Gates, 1 << rig.gate("breakers")), "{key}");
        assert_eq!(x.breakers, 1 << zero_kernel::breakers::find("flattening").unwrap());
    }
    assert!(send(&mut rig, Reduce, "0 C0 sell 1 market g").is_empty(), "all of it is on its way out");
    rig.fill_market(100);
    rig.hour(&[100, 100]);
    assert!(rig.kernel.state().is_flat());
    assert_eq!(send(&mut rig, Execute, "0 C0 buy 1 market h").len(), 1);

    let mut flat = quiet();
    flat.operator(Flatten, "");
    assert_eq!(send(&mut flat, Execute, "0 C0 buy 1 market a").len(), 1, "nothing was to be flattened");
}

#[test]
fn an_order_that_closes_meets_no_gate_and_no_friction() {
    let mut rig = quiet();
    send(&mut rig, Execute, "0 C0 buy 5 market a");
    rig.fill_market(100);
    rig.operator(PauseEntries, "");
    rig.operator(Break, "60");
    let before = rig.kernel.state().conduct.rulings;
    for (action, key) in [(Execute, "b"), (Reduce, "c")] {
        let sent = send(&mut rig, action, &format!("0 C0 sell 2 market {key}"));
        assert_eq!((sent.len(), sent[0].reduce_only, sent[0].purpose), (1, true, Purpose::Exit), "{key}");
        assert!(of(&rig, key).unwrap().is_taken());
    }
    assert_eq!(rig.kernel.state().conduct.rulings, before, "friction was not asked");
    // Four of five are on their way out: two more would pass zero.
    assert!(send(&mut rig, Reduce, "0 C0 sell 2 market d").is_empty());
    assert_eq!(of(&rig, "d").unwrap().judged, Judged::NotAReduction);
    assert!(send(&mut rig, Execute, "0 C0 sell 2 market e").is_empty());
    assert!(of(&rig, "e").is_none(), "an increase, and a break goes on");
    assert_eq!(rig.kernel.state().conduct.rulings, before + 1);
    rig.fill_market(100);
    assert_eq!(rig.position(1, 0), Sz::whole(1));
}

#[test]
fn an_order_that_closes_a_part_or_at_a_price_holds_up_neither_flatten_nor_kill() {
    for (order, all) in [("2 market", false), ("5 0.01", false), ("5 market", true)] {
        for action in [Flatten, Kill] {
            let mut rig = quiet();
            send(&mut rig, Execute, "0 C0 buy 5 market a");
            rig.fill_market(100);
            assert_eq!(send(&mut rig, Reduce, &format!("0 C0 sell {order} b")).len(), 1);
            let sent = orders(&rig.operator(action, ""));
            let closes = sent.iter().filter(|i| i.purpose == Purpose::Emergency).count();
            assert_eq!(closes, usize::from(!all), "{order} {action:?}");
        }
    }
}

#[test]
fn a_close_that_would_open_the_accounts_other_leg_is_gated() {
    let shorts = always(enter(Side::Sell, fixed(4)));
    let mut rig = Rig::new(cfg(), 1, &[shorts, script(|_, _| Proposal::Nothing)]);
    rig.hour(&[100]);
    rig.fill_market(100);
    assert_eq!(rig.position(0, 0), Sz::whole(-4));
    send(&mut rig, Execute, "0 C0 buy 4 market a");
    rig.fill_market(100);
    assert!(send(&mut rig, Reduce, "0 C0 sell 4 market b").is_empty());
    assert_eq!(of(&rig, "b").unwrap().judged, Judged::EnlargesAccount, "the account would be short again");
    let rulings = rig.kernel.state().conduct.rulings;
    assert_eq!(send(&mut rig, Execute, "0 C0 sell 4 market c").len(), 1, "with every gate it may");
    assert_eq!(rig.kernel.state().conduct.rulings, rulings, "but closing one's own is never slowed");
    assert_eq!(rig.traces.0.last().unwrap().kind, zero_kernel::record::DecisionKind::GatedExit);
}

#[test]
fn friction_holds_an_increase_and_its_key_stays_free_until_it_is_judged() {
    let mut rig = quiet();
    rig.speed = 1;
    rig.operator(Break, "30");
    let held = rig.operator(Execute, "0 C0 buy 3 market k");
    assert!(orders(&held).is_empty() && of(&rig, "k").is_none());
    assert!(held.iter().any(|f| matches!(f, Fact::Friction(r) if r.subject == "C0 buy 3")), "{held:?}");
    rig.hour(&[100, 100]);
    assert_eq!(send(&mut rig, Execute, "0 C0 buy 3 market k").len(), 1, "the break is over");
}

#[test]
fn a_killed_run_takes_nothing_and_a_line_that_is_no_order_does_nothing() {
    let mut rig = quiet();
    for line in ["", "0 C1 buy 1 market k", "7 C7 buy 1 market k", "0 C0 buy 0 market k", "0 C0 buy 1 market"]
    {
        assert!(send(&mut rig, Execute, line).is_empty(), "{line:?}");
    }
    assert!(rig.kernel.state().executions.latest.is_empty());
    rig.operator(Kill, "");
    assert!(send(&mut rig, Execute, "0 C0 buy 1 market k").is_empty());
    assert_eq!(of(&rig, "k").unwrap().judged, Judged::Gates);
}

#[test]
fn a_run_without_a_book_for_them_takes_none() {
    let nothing = script(|_, _| Proposal::Nothing);
    let mut rig = Rig::new(config(&[0]), 1, &[nothing]);
    rig.hour(&[100]);
    let facts = rig.operator(Execute, "0 C0 buy 1 market k");
    assert!(orders(&facts).is_empty() && of(&rig, "k").is_none());
}

#[test]
fn a_refusal_of_the_venue_is_in_the_answer_and_a_later_end_is_not() {
    let mut rig = quiet();
    let a = send(&mut rig, Execute, "0 C0 buy 1 market a").remove(0);
    rig.end(&a, OrderEnd::TooManyOpenOrders);
    assert_eq!(of(&rig, "a").unwrap().refused, Some(OrderEnd::TooManyOpenOrders));
    let b = send(&mut rig, Execute, "0 C0 buy 1 99 b").remove(0);
    rig.accept(&b);
    let told = of(&rig, "b");
    rig.end(&b, OrderEnd::MarginRejected);
    assert_eq!(of(&rig, "b"), told, "what a client was told stays so");
}

/// One step: the act, its order, and whether the market fills what is open.
type Step = (bool, u16, bool, i32, u8, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((any::<bool>(), 0u16..2, any::<bool>(), 1..60i32, 0u8..40, any::<bool>()), 1..60)
}

fn drive(rig: &mut Rig, steps: &[Step], mut seen: impl FnMut(&mut Rig, OperatorAction, &[OrderIntent])) {
    for (reduce, coin, buy, sz, key, fills) in steps {
        let action = if *reduce { Reduce } else { Execute };
        let side = if *buy { "buy" } else { "sell" };
        let sent = send(rig, action, &format!("{coin} C{coin} {side} {sz} market k{key}"));
        seen(rig, action, &sent);
        if *fills {
            rig.fill_market(100);
            rig.hour(&[100, 100]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_act_that_may_only_reduce_never_enlarges_what_the_account_or_the_book_holds(s in steps(), short: bool) {
        let side = if short { Side::Sell } else { Side::Buy };
        let nothing = script(|_, _| Proposal::Nothing);
        let mut rig = Rig::new(cfg(), 2, &[always(enter(side, fixed(20))), nothing]);
        rig.hour(&[100, 100]);
        rig.fill_market(100);
        drive(&mut rig, &s, |rig, action, sent| {
            for o in sent.iter().filter(|_| action == Reduce) {
                // Whatever of the orders that close fills first, all of them together pass no zero.
                let closing = |book: Option<BookId>| {
                    rig.open().iter().filter(|w| {
                        w.intent.purpose == Purpose::Exit && w.intent.coin == o.coin && w.intent.side == o.side
                            && book.is_none_or(|b| b == w.intent.book)
                    }).fold(0, |sum, w| sum + w.open_sz().raw())
                };
                let net = rig.kernel.state().ledger.account_net(o.account, o.coin);
                assert!(o.reduce_only && net.signum() == -o.side.sign() && net.abs().raw() >= closing(None));
                let held = rig.position(1, o.coin.0);
                assert!(held.signum() == -o.side.sign() && held.abs().raw() >= closing(Some(BookId(1))));
            }
        });
    }

    #[test]
    fn folding_the_facts_gives_the_same_keys_and_the_same_state(s in steps()) {
        let mut cfg = cfg();
        cfg.limits.orders_per_hour = 1_000;
        cfg.limits.max_gross_leverage = Rate::whole(3);
        let nothing = script(|_, _| Proposal::Nothing);
        let mut rig = Rig::new(cfg.clone(), 2, &[nothing.clone(), nothing.clone()]);
        rig.hour(&[100, 100]);
        let mut made = 0;
        drive(&mut rig, &s, |_, _, sent| made += sent.len());
        let taken = rig.facts.iter().filter(|f| matches!(f, Fact::Execution(x) if x.is_taken())).count();
        prop_assert_eq!(made, taken, "an order for each key that was taken, and no other");
        let mut again = Kernel::new(cfg, support::universe(2), support::stack(&[nothing.clone(), nothing])).unwrap();
        for f in &rig.facts {
            again.replay(f).unwrap();
        }
        prop_assert_eq!(again.state().to_bytes(), rig.kernel.state().to_bytes());
        prop_assert!(again.state().ledger.books.iter().all(|b| b.trial_balance() == 0));
        prop_assert_eq!(again.state().ledger.account_net(zero_core::AccountId(0), CoinId(0)), rig.position(1, 0));
    }
}
