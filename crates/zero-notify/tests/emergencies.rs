//! What is told of emergency orders: the sum of a coin's, and the end with the last of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use zero_core::{AccountId, BookId, CoinId, Digest32, OrderId, Px, Sz, Ts, Usd};
use zero_kernel::record::CycleClose;
use zero_kernel::{Fact, OrderFact};
use zero_market::order::MarketTerms;
use zero_market::venue::{OrderEnd, OrderEnded};
use zero_market::{
    Event, EventBody, Fill, FillCause, Liquidity, OrderIntent, OrderKind, Purpose, Side, VenueEvent,
};
use zero_notify::{Emergencies, Notice};

const NOW: Ts = Ts::from_ns(1_000);

fn order(id: u8, coin: u16, side: Side, sz: i32, purpose: Purpose) -> Fact {
    let intent = OrderIntent {
        id: OrderId([id; 16]),
        account: AccountId(0),
        book: BookId(u16::from(id)),
        coin: CoinId(coin),
        side,
        sz: Sz::whole(sz),
        kind: OrderKind::Market(MarketTerms { worst_px: None }),
        reduce_only: true,
        purpose,
        decided_at: NOW,
        reference_px: Px::whole(1),
    };
    Fact::Order(OrderFact { decision: intent.id, intent, plan: None, strategy: Digest32::ZERO, exit: None })
}

fn venue(body: VenueEvent) -> Fact {
    Fact::Event(Event { time: NOW, received: NOW, body: EventBody::Venue(body) })
}

fn fill(id: u8, coin: u16, sz: i32, remaining: i32) -> Fact {
    venue(VenueEvent::Fill(Fill {
        tid: u64::from(id),
        order: OrderId([id; 16]),
        account: AccountId(0),
        book: BookId(u16::from(id)),
        coin: CoinId(coin),
        side: Side::Sell,
        px: Px::whole(1),
        sz: Sz::whole(sz),
        notional: Usd::whole(sz),
        fee: Usd::ZERO,
        liquidity: Liquidity::Taker,
        cause: FillCause::Order,
        time: NOW,
        remaining: Sz::whole(remaining),
    }))
}

fn cut(id: u8, unfilled: i32) -> Fact {
    venue(VenueEvent::Ended(OrderEnded {
        order: OrderId([id; 16]),
        account: AccountId(0),
        coin: CoinId(0),
        why: OrderEnd::IocCancelled,
        unfilled: Sz::whole(unfilled),
    }))
}

fn cycle() -> Fact {
    Fact::Cycle(CycleClose { time: NOW, candidates: 0, admitted: 0, orders: 0, digest: Digest32::ZERO })
}

/// Keys, texts, and whether each is an end.
fn told(e: &mut Emergencies, facts: &[Fact]) -> Vec<(String, bool)> {
    let coin = |i: usize| format!("C{i}");
    let notices: Vec<Notice> = facts.iter().flat_map(|f| e.take(f, coin)).collect();
    assert!(notices.iter().all(|n| n.protects && n.key().starts_with("protection/C")));
    notices.into_iter().map(|n| (n.text, n.ends)).collect()
}

#[test]
fn the_orders_of_a_cycle_are_told_as_their_sum_and_ended_with_the_last_fill() {
    let mut e = Emergencies::default();
    let sent = [
        order(1, 0, Side::Sell, 3, Purpose::Emergency),
        order(2, 0, Side::Sell, 4, Purpose::Emergency),
        order(3, 1, Side::Buy, 5, Purpose::Emergency),
        order(4, 0, Side::Sell, 9, Purpose::Exit),
    ];
    assert!(told(&mut e, &sent).is_empty(), "not before all of them are known");
    let under_way = "emergency orders to close are under way";
    assert_eq!(
        told(&mut e, &[cycle()]),
        [(format!("C0: {under_way}: sell 7"), false), (format!("C1: {under_way}: buy 5"), false)]
    );
    assert!(told(&mut e, &[cycle(), fill(4, 0, 9, 0), fill(1, 0, 2, 1), fill(2, 0, 4, 0)]).is_empty());
    // What a restart finds is what was left.
    let mut e: Emergencies = serde_json::from_slice(&serde_json::to_vec(&e).unwrap()).unwrap();
    let ends = told(&mut e, &[fill(1, 0, 1, 0), fill(1, 0, 1, 0)]);
    assert_eq!(ends, [("C0: what the emergency orders were to close is closed".to_owned(), true)], "once");
    assert_eq!(told(&mut e, &[fill(3, 1, 5, 0)]).len(), 1);
    assert_eq!(e, Emergencies::default());
}

#[test]
fn a_book_whose_order_was_cut_off_keeps_the_alert_open_though_the_other_books_is_filled() {
    let mut e = Emergencies::default();
    let sent = [
        order(1, 0, Side::Sell, 3, Purpose::Emergency),
        order(2, 0, Side::Sell, 4, Purpose::Emergency),
        cycle(),
    ];
    told(&mut e, &sent);
    assert!(told(&mut e, &[fill(1, 0, 1, 2), cut(1, 2), fill(2, 0, 4, 0)]).is_empty(), "two are still held");
    let again = told(&mut e, &[order(1, 0, Side::Sell, 2, Purpose::Emergency), cycle()]);
    assert_eq!(again[0].0, "C0: emergency orders to close are under way: sell 2");
    assert_eq!(told(&mut e, &[fill(1, 0, 2, 0)]).len(), 1);

    // A stop closed the rest: of that no emergency order tells.
    told(&mut e, &[order(1, 0, Side::Sell, 3, Purpose::Emergency), cycle(), cut(1, 3)]);
    let flat = zero_kernel::BreakerChange {
        name: zero_kernel::Breaker::name(&zero_kernel::breakers::Flattening).into(),
        open: false,
        value: 0.0,
        limit: 1.0,
        time: NOW,
        reason: String::new(),
    };
    assert_eq!(told(&mut e, &[Fact::Breaker(flat)]).len(), 1);
    assert_eq!(e, Emergencies::default());
}

#[test]
fn an_order_that_the_venue_refused_ends_no_alert_and_the_one_that_follows_does() {
    let mut e = Emergencies::default();
    told(&mut e, &[order(1, 0, Side::Sell, 3, Purpose::Emergency), cycle()]);
    assert!(told(&mut e, &[cut(1, 3)]).is_empty(), "it is still held");
    let again = told(&mut e, &[order(1, 0, Side::Sell, 3, Purpose::Emergency), cycle()]);
    assert_eq!(again, [("C0: emergency orders to close are under way: sell 3".to_owned(), false)]);
    assert_eq!(told(&mut e, &[fill(1, 0, 3, 0)]).len(), 1);
}
