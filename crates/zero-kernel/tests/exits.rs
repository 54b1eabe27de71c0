//! Leaving: protection follows every entry fill, reductions are never gated, an unfinished close is tried again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use support::{Rig, always, cancels, config, enter, fixed, market_orders, orders, script};
use zero_core::{CoinId, Px, Rate, Sz, TsDiff};
use zero_kernel::OrderPhase;
use zero_kernel::breakers::BREAKERS;
use zero_market::event::{OperatorAction, TimerKind};
use zero_market::venue::OrderEnd;
use zero_market::{EventBody, OrderKind, Purpose, Side, VenueEvent};
use zero_strategy::{Entry, ExitWhy, Proposal};

fn stops(rig: &Rig) -> Vec<(Side, Sz, Px)> {
    let stop = |o: &zero_kernel::OpenOrder| match o.intent.kind {
        OrderKind::Trigger(t) if t.is_stop => Some((o.intent.side, o.intent.sz, t.px)),
        _ => None,
    };
    rig.open().iter().filter_map(stop).collect()
}

/// A rig whose book 0 holds 2 coins bought at 100, stop at 95.
fn held() -> Rig {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(2)))]);
    rig.hour(&[100]);
    rig.fill_market(100);
    assert_eq!(rig.position(0, 0), Sz::whole(2));
    rig
}

/// F4: no moment between an entry fill and its stop.
#[test]
fn an_entry_fill_is_answered_by_its_stop_in_the_same_cycle() {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(2)))]);
    let entry = orders(&rig.hour(&[100])).remove(0);
    let facts = rig.fill(&entry, 100);
    let stop = orders(&facts).remove(0);
    assert_eq!(
        (stop.purpose, stop.side, stop.sz, stop.reduce_only),
        (Purpose::Stop, Side::Sell, Sz::whole(2), true)
    );
    assert!(matches!(stop.kind, OrderKind::Trigger(t) if t.px == Px::whole(95) && t.is_stop));
}

/// F4, F7: each part that fills is covered by a stop of its own, with an id of its own.
#[test]
fn partial_fills_are_covered_part_by_part() {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(4)))]);
    let entry = orders(&rig.hour(&[100])).remove(0);
    for (sz, left) in [(1, 3), (2, 1), (1, 0)] {
        let f = rig.make_fill(&entry, Sz::whole(sz), Px::whole(100), Sz::whole(left));
        rig.venue(VenueEvent::Fill(f));
        let covered: i64 = stops(&rig).iter().map(|(_, sz, _)| sz.raw()).sum();
        assert_eq!(covered, rig.position(0, 0).raw());
    }
    let mut ids: Vec<_> = rig.open().iter().map(|o| o.intent.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

/// F7: an order that was cancelled, and filled all the same, is protected like any other.
#[test]
fn a_late_fill_after_the_cancel_is_booked_and_protected() {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(2)))]);
    let entry = orders(&rig.hour(&[100])).remove(0);
    let late = rig.make_fill(&entry, Sz::whole(2), Px::whole(100), Sz::ZERO);
    rig.end(&entry, OrderEnd::Cancelled);
    rig.venue(VenueEvent::Fill(late));
    assert_eq!(rig.position(0, 0), Sz::whole(2));
    assert_eq!(stops(&rig), [(Side::Sell, Sz::whole(2), Px::whole(95))]);
    assert!(rig.kernel.state().thesis(zero_core::BookId(0), zero_core::CoinId(0)).plan.is_some());
}

/// F7, F28: what a venue repeats is booked once and answered once.
#[test]
fn a_repeated_fill_is_neither_booked_nor_protected_again() {
    let mut rig = held();
    let o = rig.open()[0].intent.clone();
    let mut entry = o;
    (entry.side, entry.purpose) = (Side::Buy, Purpose::Entry);
    let mut again = rig.make_fill(&entry, Sz::whole(2), Px::whole(100), Sz::ZERO);
    again.tid = 1;
    let before = rig.kernel.state().ledger.clone();
    let facts = rig.venue(VenueEvent::Fill(again));
    assert!(orders(&facts).is_empty());
    assert_eq!(rig.kernel.state().ledger, before);
    assert_eq!(rig.kernel.state().counters.refused_fills, 1);
}

/// F6: a venue's trade ids need not be in order; each is booked once in whatever order they come.
#[test]
fn fills_out_of_order_are_each_booked_once() {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(4)))]);
    let entry = orders(&rig.hour(&[100])).remove(0);
    let mut fills: Vec<_> =
        (0..4).map(|i| rig.make_fill(&entry, Sz::whole(1), Px::whole(100), Sz::whole(3 - i))).collect();
    for (f, tid) in fills.iter_mut().zip([90, 7, 55, 8]) {
        f.tid = tid;
    }
    for f in fills.iter().chain(fills.iter().rev()) {
        rig.venue(VenueEvent::Fill(*f));
    }
    assert_eq!(rig.position(0, 0), Sz::whole(4));
    assert_eq!((rig.kernel.state().counters.fills, rig.kernel.state().counters.refused_fills), (4, 4));
}

#[test]
fn the_stop_is_cancelled_when_the_position_is_gone() {
    let mut rig = held();
    rig.operator(OperatorAction::Flatten, "");
    let close = market_orders(rig.open()).remove(0);
    assert_eq!(cancels(&rig.fill(&close, 101)), 1);
}

/// A stop of the old side would fire against a later position.
#[test]
fn protection_of_the_old_side_is_cancelled_when_a_fill_crosses_zero() {
    let mut rig = held();
    let stop = rig.open()[0].intent.clone();
    let mut sell = stop;
    (sell.purpose, sell.id) = (Purpose::Entry, zero_core::OrderId([9; 16]));
    let f = rig.make_fill(&sell, Sz::whole(5), Px::whole(100), Sz::ZERO);
    let facts = rig.venue(VenueEvent::Fill(f));
    assert_eq!(rig.position(0, 0), Sz::whole(-3));
    assert_eq!(cancels(&facts), 1);
    // And what it opened is covered on its own side.
    assert_eq!(
        orders(&facts).iter().map(|o| (o.side, o.sz)).collect::<Vec<_>>(),
        [(Side::Buy, Sz::whole(3))]
    );
}

/// F4: a distance that the grid cannot express leaves no naked position.
#[test]
fn a_position_that_cannot_be_protected_is_closed() {
    let entry = Entry { stop: Some(1e-9), ..enter(Side::Buy, fixed(2)) };
    let mut cfg = config(&[0]);
    cfg.limits.max_cost_share = Rate::whole(9_000_000);
    let mut rig = Rig::new(cfg, 1, &[always(entry)]);
    let entry = orders(&rig.hour(&[100])).remove(0);
    let answer = orders(&rig.fill(&entry, 100)).remove(0);
    assert_eq!((answer.purpose, answer.side, answer.sz), (Purpose::Emergency, Side::Sell, Sz::whole(2)));
}

/// F16: an entry that never fills says nothing about the position that is there.
#[test]
fn a_refused_reversal_leaves_the_old_barriers() {
    let turn = script(|view, h| match h {
        None => Proposal::Enter(enter(Side::Buy, fixed(2))),
        Some(_) if view.now.since(support::START) < TsDiff::HOUR.times(3) => {
            Proposal::Enter(Entry { stop: Some(0.2), ..enter(Side::Sell, fixed(2)) })
        }
        Some(_) => Proposal::Nothing,
    });
    let mut rig = Rig::new(config(&[0]), 1, &[turn]);
    rig.hour(&[100]);
    rig.fill_market(100);
    let plan = rig.kernel.state().thesis(zero_core::BookId(0), zero_core::CoinId(0)).plan;
    let facts = rig.hour(&[100]);
    assert_eq!(orders(&facts).len(), 2, "an exit and an entry");
    for o in orders(&facts) {
        rig.end(&o, OrderEnd::MarginRejected);
    }
    assert_eq!(rig.kernel.state().thesis(zero_core::BookId(0), zero_core::CoinId(0)).plan, plan);
    assert!(plan.is_some());
}

/// F15: the deadline fixed at entry ends the thesis, whatever the strategy says.
#[test]
fn the_deadline_closes_the_position() {
    let mut rig = held();
    for _ in 0..23 {
        assert!(orders(&rig.hour(&[100])).is_empty());
    }
    let exit = orders(&rig.hour(&[100])).remove(0);
    assert_eq!((exit.purpose, exit.sz, exit.reduce_only), (Purpose::Exit, Sz::whole(2), true));
}

/// F15: an entry of unknown fate blocks increases on its coin, an exit it never blocks.
#[test]
fn an_unknown_order_blocks_increases_on_its_coin_and_nothing_else() {
    let leave = script(|view, h| match h {
        None => Proposal::Enter(enter(Side::Buy, fixed(2))),
        Some(_) if view.now.since(support::START) > TsDiff::HOUR => Proposal::Exit(ExitWhy::Signal),
        Some(_) => Proposal::Nothing,
    });
    // Book 0 holds; book 1's entry on the same coin gets no understandable answer.
    let late = script(|view, h| match h {
        None if view.now.since(support::START) > TsDiff::HOUR => Proposal::Enter(enter(Side::Buy, fixed(3))),
        _ => Proposal::Nothing,
    });
    let mut rig = Rig::new(config(&[0, 0, 0]), 2, &[leave, always(enter(Side::Buy, fixed(1))), late]);
    rig.hour(&[100, 100]);
    for o in market_orders(rig.open()) {
        if o.book.0 == 1 && o.coin.0 == 0 {
            rig.end(&o, OrderEnd::Unknown)
        } else {
            rig.fill(&o, 100)
        };
    }
    let unknown = rig.open().into_iter().find(|o| o.phase == OrderPhase::Unknown).unwrap();
    let facts = rig.hour(&[100, 100]);
    let exits: Vec<_> = orders(&facts).into_iter().filter(|o| o.purpose == Purpose::Exit).collect();
    assert_eq!(exits.len(), 2, "both positions of book 0 leave");
    let entries: Vec<_> = orders(&facts).into_iter().filter(|o| o.purpose == Purpose::Entry).collect();
    assert_eq!(entries.iter().map(|o| (o.book.0, o.coin.0)).collect::<Vec<_>>(), [(2, 1)]);
    assert!(rig.traces.0.iter().any(|t| rig.failing(t) == ["unknown_order"]));
    // An exit of unknown fate is sent again: reduce-only, it can only close.
    rig.end(&exits[0], OrderEnd::Unknown);
    let again = orders(&rig.hour(&[100, 100]));
    assert!(
        again.iter().any(|o| o.purpose == Purpose::Exit && o.coin == exits[0].coin && o.id != exits[0].id)
    );
    // Once all is known, the book may enter again.
    rig.end(&unknown.intent, OrderEnd::Cancelled);
    rig.end(&exits[0], OrderEnd::IocCancelled);
    assert!(orders(&rig.hour(&[100, 100])).iter().any(|o| o.book.0 == 1 && o.coin.0 == 0));
}

/// F3: two books that leave in one batch do not together take the account past zero.
#[test]
fn two_exits_of_one_batch_are_judged_together() {
    let leave = |side| {
        script(move |view, h| match h {
            None if view.now.since(support::START) == TsDiff::HOUR => Proposal::Enter(enter(side, fixed(1))),
            Some(h) if h.szi.raw() > 0 => Proposal::Exit(ExitWhy::Signal),
            _ => Proposal::Nothing,
        })
    };
    let mut rig = Rig::new(config(&[0, 0, 0]), 1, &[leave(Side::Buy), leave(Side::Buy), leave(Side::Sell)]);
    rig.hour(&[100]);
    rig.fill_market(100);
    // Net is +1. The first exit makes it 0, the second would make it -1: that one needs permission.
    rig.operator(OperatorAction::PauseEntries, "");
    rig.traces.0.clear();
    let facts = rig.hour(&[100]);
    assert_eq!(orders(&facts).len(), 1);
    assert_eq!(rig.traces.0.len(), 1);
    assert_eq!(rig.failing(&rig.traces.0[0]), ["breakers"]);
}

/// The other side is not entered with an order that in truth closes the position.
#[test]
fn a_reversal_waits_for_an_exit_that_needs_permission() {
    let turn = script(|view, h| match h {
        None => Proposal::Enter(enter(Side::Buy, fixed(1))),
        Some(_) if view.now.since(support::START) > TsDiff::HOUR => {
            Proposal::Enter(enter(Side::Sell, fixed(1)))
        }
        Some(_) => Proposal::Nothing,
    });
    let mut rig = Rig::new(config(&[0, 0]), 1, &[turn, always(enter(Side::Sell, fixed(1)))]);
    rig.hour(&[100]);
    rig.fill_market(100);
    let facts = rig.hour(&[100]);
    assert_eq!(orders(&facts).iter().map(|o| o.purpose).collect::<Vec<_>>(), [Purpose::Exit]);
}

/// Idea 4, F2: with every breaker open, exit, stop and flatten still go out.
/// The latch says whether trading may go on; that everything goes was asked for, and is done.
#[test]
fn a_kill_that_is_cleared_early_closes_everything_all_the_same() {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(4)))]);
    rig.hour(&[100]);
    rig.fill_market(100);
    rig.operator(OperatorAction::Kill, "");
    assert!(rig.breaker("kill_switch") && rig.breaker("flattening"));
    rig.operator(OperatorAction::ClearLatch, "kill_switch");
    assert!(!rig.breaker("kill_switch") && rig.breaker("flattening"));
    // Cut off by the venue: the rest is tried again, and nothing is entered meanwhile.
    for o in market_orders(rig.open()) {
        rig.end(&o, OrderEnd::IocCancelled);
    }
    let again = orders(&rig.hour(&[100]));
    assert_eq!(again.iter().map(|o| o.purpose).collect::<Vec<_>>(), [Purpose::Emergency]);
    let told = rig.fill(&again[0], 100);
    assert_eq!(rig.position(0, 0), Sz::ZERO);
    let closed = |f: &zero_kernel::Fact| matches!(f, zero_kernel::Fact::Breaker(b) if b.name == "flattening" && !b.open);
    assert!(told.iter().any(closed), "at the fill, not at the next timer");
    assert!(!orders(&rig.hour(&[100])).is_empty(), "and trading goes on");
}

#[test]
fn reductions_are_never_gated() {
    let leave = script(|view, h| match h {
        None => Proposal::Enter(enter(Side::Buy, fixed(2))),
        Some(_) if view.now.since(support::START) > TsDiff::HOUR => Proposal::Exit(ExitWhy::Signal),
        Some(_) => Proposal::Nothing,
    });
    let mut rig = Rig::new(config(&[0]), 2, &[leave]);
    rig.hour(&[100, 100]);
    let entries = market_orders(rig.open());
    for b in BREAKERS {
        let open = support::opened(b.name(), rig.now);
        rig.kernel.replay(&open).unwrap();
    }
    assert_eq!(rig.kernel.state().open_breakers().count_ones() as usize, BREAKERS.len());
    // Stops, at the fills.
    for o in &entries {
        assert_eq!(orders(&rig.fill(o, 100)).remove(0).purpose, Purpose::Stop);
    }
    // Exits, at a slice in which breakers that nothing closes are still open.
    rig.now = rig.now.plus(TsDiff::HOUR);
    rig.close(0, 100);
    let facts = rig.slice();
    let exits: Vec<_> = orders(&facts).into_iter().map(|o| o.purpose).collect();
    assert_eq!(exits, [Purpose::Exit, Purpose::Exit]);
    assert!(rig.kernel.state().open_breakers() != 0);
    for o in market_orders(rig.open()) {
        rig.end(&o, OrderEnd::IocCancelled);
    }
    // Flatten.
    let flat = orders(&rig.operator(OperatorAction::Flatten, ""));
    assert_eq!(flat.iter().map(|o| o.purpose).collect::<Vec<_>>(), [Purpose::Emergency, Purpose::Emergency]);
}

/// F7: a close that filled in part is not a close.
#[test]
fn flatten_and_kill_try_again_until_everything_is_flat() {
    for action in [OperatorAction::Flatten, OperatorAction::Kill] {
        let mut rig = held();
        rig.operator(OperatorAction::PauseEntries, "");
        let mut close = orders(&rig.operator(action, "")).remove(0);
        let mut tries = 1;
        while rig.position(0, 0).raw() != 0 {
            let part = Sz::from_raw((close.sz.raw() / 2).max(Sz::ONE_RAW / 2));
            let f = rig.make_fill(&close, part, Px::whole(100), Sz::from_raw(close.sz.raw() - part.raw()));
            rig.venue(VenueEvent::Fill(f));
            rig.end(&close, OrderEnd::IocCancelled);
            rig.now = rig.now.plus(TsDiff::secs(60));
            let retry = orders(&rig.send(EventBody::Timer(TimerKind::Heartbeat)));
            if rig.position(0, 0).raw() == 0 {
                assert!(retry.is_empty());
                break;
            }
            close = retry.into_iter().next().expect("an unfinished close is tried again");
            assert_eq!(close.sz, rig.position(0, 0));
            tries += 1;
            assert!(tries < 10);
        }
        assert!(tries > 1);
        assert!(!rig.kernel.state().flattening);
    }
}

/// Two books hold two coins each; one coin is closed, in parts, and nothing enters it before both are out of it.
#[test]
fn a_closed_coin_leaves_every_book_until_it_is_out_and_no_other_coin_is_touched() {
    let mut rig = Rig::new(
        config(&[0, 0]),
        2,
        &[always(enter(Side::Buy, fixed(2))), always(enter(Side::Buy, fixed(2)))],
    );
    rig.hour(&[100, 100]);
    rig.fill_market(100);
    let held = |rig: &Rig, coin| [rig.position(0, coin), rig.position(1, coin)].map(|p| p.raw());
    let whole = [Sz::whole(2).raw(); 2];
    assert_eq!((held(&rig, 0), held(&rig, 1)), (whole, whole));
    let mut closes = orders(&rig.operator(OperatorAction::Close, "C1 1"));
    let mut tries = 0;
    while held(&rig, 1) != [0, 0] {
        assert!(
            closes.iter().all(|o| o.coin == CoinId(1) && o.reduce_only && o.side == Side::Sell),
            "{closes:?}"
        );
        for close in &closes {
            let part = Sz::from_raw((close.sz.raw() / 2).max(Sz::ONE_RAW / 2));
            let f = rig.make_fill(close, part, Px::whole(100), Sz::from_raw(close.sz.raw() - part.raw()));
            rig.venue(VenueEvent::Fill(f));
            rig.end(close, OrderEnd::IocCancelled);
        }
        // A slice in which the strategies would enter it again.
        closes = orders(&rig.hour(&[100, 100]));
        tries += 1;
        assert!(tries < 10 && held(&rig, 0) == whole);
    }
    assert!(tries > 1);
    let again = orders(&rig.hour(&[100, 100]));
    assert!(rig.kernel.state().closing.is_empty());
    let entered = closes.iter().chain(&again).filter(|o| o.purpose == Purpose::Entry && o.coin == CoinId(1));
    assert_eq!(entered.count(), 2, "each book by its rules, once it is out: {closes:?} {again:?}");
}

#[test]
fn a_close_cancels_the_entries_of_its_coin_alone_and_names_that_are_no_coins_close_nothing() {
    let mut rig = Rig::new(config(&[0]), 2, &[always(enter(Side::Buy, fixed(2)))]);
    let entries = orders(&rig.hour(&[100, 100]));
    assert_eq!(entries.len(), 2);
    for none in ["", "C1", "C1 2", "C1 x", "1"] {
        let facts = rig.operator(OperatorAction::Close, none);
        assert_eq!((cancels(&facts), orders(&facts).len()), (0, 0), "{none:?}");
        assert!(rig.kernel.state().closing.is_empty());
    }
    let facts = rig.operator(OperatorAction::Close, "C1 1");
    assert_eq!((cancels(&facts), orders(&facts).len()), (1, 0));
    let late = entries.iter().find(|o| o.coin == CoinId(1)).unwrap();
    rig.fill(late, 100);
    rig.now = rig.now.plus(TsDiff::secs(60));
    let close = orders(&rig.send(EventBody::Timer(TimerKind::Heartbeat)));
    assert_eq!(
        close.iter().map(|o| (o.purpose, o.coin)).collect::<Vec<_>>(),
        [(Purpose::Emergency, CoinId(1))]
    );
}

#[test]
fn flatten_cancels_entries_that_may_still_fill_and_closes_what_fills_late() {
    let mut rig = Rig::new(config(&[0]), 1, &[always(enter(Side::Buy, fixed(2)))]);
    let entry = orders(&rig.hour(&[100])).remove(0);
    let facts = rig.operator(OperatorAction::Flatten, "");
    assert_eq!((cancels(&facts), orders(&facts).len()), (1, 0));
    rig.fill(&entry, 100);
    rig.now = rig.now.plus(TsDiff::secs(60));
    let close = orders(&rig.send(EventBody::Timer(TimerKind::Heartbeat)));
    assert_eq!(close.iter().map(|o| o.purpose).collect::<Vec<_>>(), [Purpose::Emergency]);
}

/// An entry that was sent before the pause would open a position after it.
#[test]
fn whoever_stops_entries_stops_those_under_way_and_closes_nothing() {
    for action in [OperatorAction::PauseEntries, OperatorAction::AutoOff] {
        let mut rig = Rig::new(config(&[0]), 2, &[always(enter(Side::Buy, fixed(2)))]);
        let entries = orders(&rig.hour(&[100, 100]));
        rig.fill(&entries[0], 100);
        let facts = rig.operator(action, "");
        assert_eq!((cancels(&facts), orders(&facts).len()), (1, 0), "{}", action.name());
        // What fills all the same, before the venue has the cancel, is protected.
        let late = rig.fill(&entries[1], 100);
        assert_eq!(orders(&late).iter().map(|o| o.purpose).collect::<Vec<_>>(), [Purpose::Stop]);
        assert!(orders(&rig.hour(&[100, 100])).is_empty(), "nothing more is entered");
    }
}

/// An entry under way makes nothing less protected: it is taken back, and what stops cover is left as the policy says.
#[test]
fn a_session_that_hands_over_takes_back_its_entries_and_leaves_what_is_protected() {
    for (policy, closes) in [("protected", 0), ("flatten", 1)] {
        let mut rig = Rig::new(config(&[0]), 2, &[always(enter(Side::Buy, fixed(2)))]);
        rig.operator(OperatorAction::SessionStart, &format!("a {policy} -"));
        let entries = orders(&rig.hour(&[100, 100]));
        rig.fill(&entries[0], 100);
        let facts = rig.operator(OperatorAction::SessionEnd, "a");
        let closing = orders(&facts).iter().filter(|o| o.purpose == Purpose::Emergency).count();
        assert_eq!((cancels(&facts), closing), (1, closes), "{policy}");
        assert_eq!(rig.kernel.state().flattening, closes > 0, "{policy}");
    }
}

#[test]
fn a_killed_run_opens_nothing_more() {
    let mut rig = held();
    rig.operator(OperatorAction::Kill, "");
    rig.fill_market(100);
    for _ in 0..30 {
        assert!(orders(&rig.hour(&[100])).is_empty());
    }
    assert!(rig.breaker("kill_switch"));
}

/// Nothing is entered while automatic entries are off; what is held still leaves, and its stop still lies there.
#[test]
fn auto_off_blocks_entries_and_lets_exits_and_stops_go_on() {
    let wish = script(|view, held| match held {
        None => Proposal::Enter(enter(Side::Buy, fixed(2))),
        Some(_) if view.now.since(support::START) < TsDiff::HOUR.times(4) => Proposal::Nothing,
        Some(_) => Proposal::Exit(ExitWhy::Signal),
    });
    let mut rig = Rig::new(config(&[0]), 1, &[wish]);
    rig.operator(OperatorAction::AutoOff, "");
    assert!(orders(&rig.hour(&[100])).is_empty(), "an entry while automatic entries are off");
    rig.operator(OperatorAction::AutoOn, "");
    assert_eq!(orders(&rig.hour(&[100])).len(), 1);
    rig.operator(OperatorAction::AutoOff, "");
    rig.fill_market(100);
    assert_eq!(stops(&rig).len(), 1, "a fill is covered whatever is off");
    assert!(orders(&rig.hour(&[100])).is_empty(), "already held, and nothing may be added");
    let exits = orders(&rig.hour(&[100]));
    assert_eq!(exits.len(), 1);
    assert_eq!((exits[0].purpose, exits[0].side), (Purpose::Exit, Side::Sell));
    assert!(rig.kernel.state().auto_off, "leaving turns nothing on");
    // A resume ends a pause, not this.
    rig.operator(OperatorAction::ResumeEntries, "");
    assert!(rig.breaker("auto_off"));
}

/// The end of a session closes everything, or leaves what a stop covers whole; either way nothing is entered after it.
#[test]
fn a_session_ends_flat_or_handed_over_with_a_stop_on_all_that_is_held() {
    for (policy, stops_gone, flat) in
        [("flatten", false, true), ("protected", false, false), ("protected", true, true)]
    {
        let mut rig = held();
        rig.operator(OperatorAction::SessionStart, &format!("s1 {policy} - night"));
        if stops_gone {
            for o in rig.open() {
                rig.end(&o.intent, OrderEnd::Cancelled);
            }
        }
        let closing = orders(&rig.operator(OperatorAction::SessionEnd, "s1"));
        assert_eq!(!closing.is_empty(), flat, "{policy}, stops gone: {stops_gone}");
        rig.fill_market(100);
        assert_eq!(rig.position(0, 0) == Sz::ZERO, flat, "{policy}, stops gone: {stops_gone}");
        if !flat {
            assert_eq!(stops(&rig).iter().map(|(_, sz, _)| sz.raw()).sum::<i64>(), rig.position(0, 0).raw());
        }
        rig.hour(&[100]);
        assert!(rig.kernel.state().auto_off && rig.kernel.state().conduct.session.is_empty());
        assert!(orders(&rig.hour(&[100])).iter().all(|o| o.purpose != Purpose::Entry), "{policy}");
        // A second end ends nothing.
        rig.operator(OperatorAction::AutoOn, "");
        rig.operator(OperatorAction::SessionEnd, "s1");
        assert!(!rig.kernel.state().auto_off);
    }
}
