//! Latency costs, and costs more the longer it is; what arrives after a whole bar waits for the next one.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use zero_core::{AccountId, BookId, CoinId, OrderId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_market::event::{BarOpen, TimerKind};
use zero_market::order::MarketTerms;
use zero_market::{
    Bar, Event, EventBody, Fill, Instrument, OrderIntent, OrderKind, Purpose, Side, Universe, VenueEvent,
};
use zero_paper::{FeeModel, PaperConfig, PaperVenue};

const HOUR: TsDiff = TsDiff::HOUR;

fn bar(i: i64, close: i32) -> Bar {
    let px = |p: i32| Px::whole(p);
    Bar {
        coin: CoinId(0),
        open_time: Ts::from_ns(i * HOUR.as_ns()),
        interval: HOUR,
        open: px(100),
        high: px(close.max(100)),
        low: px(close.min(100)),
        close: px(close),
        volume: Sz::whole(1_000),
    }
}

/// The fill of one market buy that is decided at the third close.
fn fill(latency: TsDiff) -> Fill {
    let cfg = PaperConfig { latency, impact: Rate::ZERO, ..PaperConfig::standard(FeeModel::NONE) };
    let universe = Universe::new(vec![Instrument::new("X", 2, 10)]);
    let mut venue = PaperVenue::new(cfg, universe, &[(AccountId(0), Usd::whole(10_000))]);
    let mut out = Vec::new();
    for i in 0..9 {
        let b = bar(i, if i % 2 == 0 { 102 } else { 98 });
        let opened = BarOpen { coin: b.coin, open_time: b.open_time, interval: HOUR, open: b.open };
        venue.on_market(&Event::at(b.open_time, EventBody::BarOpened(opened)), &mut out).unwrap();
        venue.on_market(&Event::at(b.close_time(), EventBody::BarClosed(b)), &mut out).unwrap();
        venue.on_market(&Event::at(b.close_time(), EventBody::Timer(TimerKind::BarSlice)), &mut out).unwrap();
        if i == 2 {
            let intent = OrderIntent {
                id: OrderId([7; 16]),
                account: AccountId(0),
                book: BookId(0),
                coin: CoinId(0),
                side: Side::Buy,
                sz: Sz::whole(1),
                kind: OrderKind::Market(MarketTerms { worst_px: None }),
                reduce_only: false,
                purpose: Purpose::Entry,
                decided_at: b.close_time(),
                reference_px: b.close,
            };
            venue.submit(&intent, &mut out).unwrap();
        }
    }
    let fills: Vec<Fill> = out
        .iter()
        .filter_map(|e| match e {
            VenueEvent::Fill(f) => Some(*f),
            _ => None,
        })
        .collect();
    assert_eq!(fills.len(), 1, "{out:?}");
    fills[0]
}

#[test]
fn an_order_that_arrives_inside_a_bar_pays_for_the_delay() {
    let (none, short, long) = (fill(TsDiff::ZERO), fill(TsDiff::ms(250)), fill(TsDiff::secs(1_800)));
    assert_eq!(none.time, Ts::from_ns(3 * HOUR.as_ns()));
    assert_eq!(none.px, Px::parse("100.01").unwrap(), "open and half a spread, on the grid");
    assert_eq!(short.time, none.time.plus(TsDiff::ms(250)));
    assert!(none.px < short.px && short.px < long.px, "{} {} {}", none.px, short.px, long.px);
}

#[test]
fn an_order_that_arrives_after_the_whole_bar_waits_for_the_next_open() {
    let late = fill(HOUR.times(2));
    assert_eq!(late.time, Ts::from_ns(5 * HOUR.as_ns()));
}
