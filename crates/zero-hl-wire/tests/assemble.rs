//! The assembly against a model venue, without sockets: order, completeness, no repeats, whatever the feed does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the test harness stops the test when it breaks")]
mod common;

use common::{HOUR_MS, T0_MS, candle_frame, candle_json, funding_json, hour};
use proptest::prelude::*;
use zero_core::{CoinId, Ts, TsDiff};
use zero_hl_wire::decode::{Notes, candle, funding};
use zero_hl_wire::live::assemble::{Assembler, Now, Want};
use zero_hl_wire::{Interval, LiveConfig, Streams, WireError};
use zero_market::{Event, EventBody, Instrument, Universe};

const COINS: [&str; 3] = ["BTC", "ETH", "SOL"];
/// A candle changes this often: six updates an hour.
const MARK_MS: i64 = HOUR_MS / 6;

struct Bench {
    asm: Assembler,
    now_ms: i64,
    conn: u64,
    connected: bool,
    rest_failures: usize,
    holes: Vec<(usize, i64)>,
    events: Vec<Event>,
}

impl Bench {
    fn new(change: impl FnOnce(&mut LiveConfig)) -> Self {
        let mut config = LiveConfig::new("ws://x", "http://x", &COINS, Interval::HOUR);
        change(&mut config);
        let universe = Universe::new(COINS.iter().map(|c| Instrument::new(c, 2, 10)).collect());
        let now_ms = T0_MS + 5 * 60_000;
        let asm = Assembler::new(config, universe, common::ms(now_ms));
        Self { asm, now_ms, conn: 0, connected: false, rest_failures: 0, holes: vec![], events: vec![] }
    }

    fn now(&self) -> Now {
        let t = common::ms(self.now_ms);
        Now { venue: t, local: t }
    }

    fn frame(&mut self, text: &str) -> Result<bool, WireError> {
        let got = self.asm.on_frame(text, self.conn, self.now());
        self.pump();
        got
    }

    /// Updates of the candle so far: one at the open and one at every mark.
    fn trades_at(now_ms: i64, h: i64) -> u64 {
        ((now_ms - T0_MS - h * HOUR_MS) / MARK_MS + 1).clamp(0, 6) as u64
    }

    fn current_hour(&self) -> i64 {
        (self.now_ms - T0_MS).div_euclid(HOUR_MS)
    }

    fn connect(&mut self) {
        self.conn += 1;
        self.connected = true;
        self.asm.connected(self.now());
        self.feed_current();
    }

    fn disconnect(&mut self) {
        self.connected = false;
        self.asm.disconnected();
    }

    fn feed_current(&mut self) {
        let h = self.current_hour();
        for (i, coin) in COINS.iter().enumerate() {
            if !self.holes.contains(&(i, h)) {
                let text = candle_frame(coin, h, Self::trades_at(self.now_ms, h));
                self.frame(&text).unwrap();
            }
        }
    }

    /// Passes time mark by mark, feeding every update while connected.
    fn pass(&mut self, ms: i64) {
        let end = self.now_ms + ms;
        while self.now_ms < end {
            let next_mark = (self.now_ms - T0_MS).div_euclid(MARK_MS) * MARK_MS + MARK_MS + T0_MS;
            self.now_ms = next_mark.min(end).min(self.now_ms + 4_000);
            if self.now_ms == next_mark && self.connected {
                self.feed_current();
            }
            self.pump();
        }
    }

    fn pump(&mut self) {
        for _ in 0..100_000 {
            let moved = self.asm.advance(self.now());
            while let Some(e) = self.asm.pop() {
                self.events.push(e);
            }
            let want = self.asm.next_want(self.now());
            if let Some(want) = want {
                self.answer(want);
            } else if !moved {
                return;
            }
        }
        panic!("the assembly does not come to rest");
    }

    fn answer(&mut self, want: Want) {
        let fails = self.rest_failures > 0;
        self.rest_failures = self.rest_failures.saturating_sub(1);
        let error = WireError::RateLimited { request: "test", retry_after: None };
        let now = self.now();
        match want {
            Want::Candles(id, from, to) => {
                let answer = if fails { Err(error) } else { Ok(self.candles(id, from, to)) };
                self.asm.on_candles(want, answer, now);
            }
            Want::Funding(id, from, to) => {
                let answer = if fails { Err(error) } else { Ok(self.funding(id, from, to)) };
                self.asm.on_funding(want, answer, now);
            }
        }
    }

    fn candles(&self, id: CoinId, from: Ts, to: Ts) -> Vec<candle::Candle> {
        let first = (from.as_ms() - T0_MS).div_euclid(HOUR_MS);
        let last = (to.as_ms().min(self.now_ms) - T0_MS).div_euclid(HOUR_MS);
        (first..=last)
            .filter(|h| !self.holes.contains(&(id.index(), *h)))
            .map(|h| candle_json(COINS[id.index()], h, Self::trades_at(self.now_ms, h)))
            .map(|text| candle::candle(&text, &mut Notes::default()).unwrap())
            .collect()
    }

    fn funding(&self, id: CoinId, from: Ts, to: Ts) -> Vec<funding::FundingRecord> {
        let hours = (from.as_ms() - T0_MS).div_euclid(HOUR_MS)..=(to.as_ms() - T0_MS).div_euclid(HOUR_MS);
        let all: Vec<String> = hours
            .filter(|h| {
                let t = T0_MS + h * HOUR_MS + 37;
                t >= from.as_ms() && t <= to.as_ms().min(self.now_ms)
            })
            .map(|h| funding_json(COINS[id.index()], h))
            .collect();
        funding::funding_history(&format!("[{}]", all.join(",")), &mut Notes::default()).unwrap()
    }

    fn assert_ordered(&self) {
        for w in self.events.windows(2) {
            let (a, b) = (w[0].key(), w[1].key());
            let repeatable =
                matches!(w[0].body, EventBody::Trade(_) | EventBody::Mark(_) | EventBody::Oracle(_));
            assert!(a < b || (a == b && repeatable), "{:?}\n{:?}", w[0], w[1]);
        }
    }

    fn count(&self, pick: impl Fn(&EventBody) -> bool) -> usize {
        self.events.iter().filter(|e| pick(&e.body)).count()
    }

    /// Every instant from the second hour to `last` has, for every coin, one open, one close with the final
    /// volume, one funding print, and one timer; and nothing else came.
    fn assert_complete(&self, first: i64, last: i64) {
        self.assert_ordered();
        for h in first..=last {
            for i in 0..COINS.len() {
                let id = CoinId(i as u16);
                let opens = self.count(
                    |b| matches!(b, EventBody::BarOpened(o) if o.coin == id && o.open_time == hour(h - 1, 0)),
                );
                assert_eq!(opens, 1, "open of coin {i} in hour {h}");
                let closes: Vec<_> = self
                    .events
                    .iter()
                    .filter_map(|e| match &e.body {
                        EventBody::BarClosed(b) if b.coin == id && b.open_time == hour(h - 1, 0) => {
                            Some((e.time, *b))
                        }
                        _ => None,
                    })
                    .collect();
                assert_eq!(closes.len(), 1, "closes of coin {i} in hour {h}");
                assert_eq!(closes[0].0, hour(h, 0));
                assert_eq!(closes[0].1.volume.to_string(), "6.25", "coin {i} hour {h} closed before its end");
                let prints = self.count(|b| matches!(b, EventBody::Funding(f) if f.coin == id));
                assert_eq!(prints as i64, last - first + 1);
            }
        }
        let timers: Vec<Ts> =
            self.events.iter().filter(|e| matches!(e.body, EventBody::Timer(_))).map(|e| e.time).collect();
        assert_eq!(timers, (first..=last).map(|h| hour(h, 0)).collect::<Vec<_>>());
        assert_eq!(self.count(|b| matches!(b, EventBody::Gap(_))), 0);
    }
}

#[test]
fn an_instant_comes_out_as_closes_funding_timer_opens_in_coin_order() {
    let mut b = Bench::new(|_| {});
    b.connect();
    b.pass(HOUR_MS);
    b.assert_complete(1, 1);
    let at: Vec<(&str, Option<CoinId>)> =
        b.events.iter().filter(|e| e.time == hour(1, 0)).map(|e| (e.body.kind(), e.body.coin())).collect();
    let each = |kind| (0..3).map(move |i| (kind, Some(CoinId(i))));
    let expected: Vec<_> = each("bar_closed")
        .chain(each("funding"))
        .chain([("timer", None)])
        .chain(each("bar_opened"))
        .collect();
    assert_eq!(at, expected);
    assert_eq!(b.asm.counts().closed_by_successor, 3);
}

#[test]
fn a_repeated_frame_gives_no_second_event_and_an_older_state_is_refused() {
    let mut b = Bench::new(|_| {});
    b.connect();
    b.pass(30 * 60_000);
    let newest = candle_frame("BTC", 0, 4);
    assert_eq!(b.frame(&newest), Ok(true));
    assert_eq!(b.asm.counts().duplicates, 1);
    let older = candle_frame("BTC", 0, 2);
    assert!(matches!(b.frame(&older), Err(WireError::OutOfOrder { .. })));
    b.pass(HOUR_MS);
    let before = b.events.len();
    for h in [-3, 0] {
        let closed = candle_frame("BTC", h, 6);
        assert!(matches!(b.frame(&closed), Err(WireError::OutOfOrder { .. })), "hour {h}");
    }
    assert_eq!(b.events.len(), before);
    b.assert_complete(1, 1);
}

#[test]
fn a_candle_of_the_future_is_refused_and_closes_nothing() {
    let mut b = Bench::new(|_| {});
    b.connect();
    let events = b.events.len();
    assert!(matches!(b.frame(&candle_frame("BTC", 2, 1)), Err(WireError::Implausible { .. })));
    assert_eq!(b.events.len(), events);
    b.pass(HOUR_MS);
    b.assert_complete(1, 1);
}

#[test]
fn a_close_seen_across_a_reconnect_is_confirmed_by_rest_and_not_taken_from_the_last_frame() {
    let mut b = Bench::new(|_| {});
    b.connect();
    b.pass(30 * 60_000);
    b.disconnect();
    b.pass(40 * 60_000);
    b.connect();
    b.pass(60_000);
    b.assert_complete(1, 1);
    assert_eq!(b.asm.counts().closed_by_successor, 0);
}

#[test]
fn a_429_during_an_outage_is_neither_a_gap_nor_an_empty_hour() {
    let mut b = Bench::new(|_| {});
    b.connect();
    b.pass(30 * 60_000);
    b.disconnect();
    b.rest_failures = usize::MAX;
    b.pass(10 * HOUR_MS);
    assert_eq!(
        b.count(|x| matches!(x, EventBody::Timer(_) | EventBody::Gap(_) | EventBody::BarClosed(_))),
        0
    );
    b.rest_failures = 0;
    b.connect();
    b.pass(2 * 60_000);
    b.assert_complete(1, 10);
}

#[test]
fn a_machine_that_slept_while_connected_asks_before_it_names_a_gap() {
    let mut b = Bench::new(|_| {});
    b.connect();
    b.pass(30 * 60_000);
    b.now_ms += 20 * HOUR_MS;
    b.rest_failures = 4;
    b.pump();
    b.pass(3 * 60_000);
    b.assert_complete(1, 20);
}

#[test]
fn a_clock_that_jumps_while_a_bar_is_awaited_asks_before_it_names_a_gap() {
    let mut b = Bench::new(|c| c.funding = false);
    b.connect();
    b.pass(54 * 60_000);
    // The connection stands, but the successor's frame is still under way.
    b.connected = false;
    b.now_ms = T0_MS + HOUR_MS + 1_000;
    b.pump();
    b.now_ms += 20 * HOUR_MS;
    b.pump();
    b.pass(60_000);
    b.assert_ordered();
    assert_eq!(b.count(|x| matches!(x, EventBody::Gap(_))), 0);
    assert_eq!(b.count(|x| matches!(x, EventBody::BarClosed(_))), 21 * 3);
}

#[test]
fn a_bar_the_venue_does_not_have_is_named_as_a_gap_and_the_others_decide() {
    let mut b = Bench::new(|_| {});
    b.holes = vec![(1, 1)];
    b.connect();
    b.pass(3 * HOUR_MS);
    b.assert_ordered();
    let gaps: Vec<_> = b
        .events
        .iter()
        .filter_map(|e| if let EventBody::Gap(g) = &e.body { Some(*g) } else { None })
        .collect();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].coin, gaps[0].from, gaps[0].to), (CoinId(1), hour(1, 0), hour(2, 0)));
    assert_eq!(b.count(|x| matches!(x, EventBody::Timer(_))), 3);
    assert_eq!(b.count(|x| matches!(x, EventBody::BarClosed(_))), 8);
}

#[test]
fn a_history_from_before_the_start_comes_out_in_the_same_order_as_live() {
    let mut b = Bench::new(|c| c.from = Some(hour(-30, 0)));
    b.pass(60_000);
    b.connect();
    b.pass(HOUR_MS);
    b.assert_complete(-29, 1);
}

#[test]
fn side_streams_never_run_ahead_of_an_instant_that_is_not_complete() {
    let mut b =
        Bench::new(|c| c.streams = Streams { asset_ctx: true, trades: true, book: Some(TsDiff::ZERO) });
    b.connect();
    b.pass(54 * 60_000);
    b.disconnect();
    b.conn += 1;
    b.now_ms = T0_MS + HOUR_MS + 500;
    b.asm.connected(b.now());
    let trade = |ms: i64, tid: u64| {
        format!(
            r#"{{"channel":"trades","data":[{{"coin":"BTC","side":"A","px":"5","sz":"1","time":{ms},"hash":"0x","tid":{tid},"users":[]}}]}}"#
        )
    };
    for (at, tid) in [
        (T0_MS + HOUR_MS + 100, 1),
        (T0_MS + HOUR_MS, 2),
        (T0_MS + HOUR_MS - 100, 3),
        (T0_MS + HOUR_MS + 100, 1),
    ] {
        b.frame(&trade(at, tid)).unwrap();
    }
    let emitted = b.count(|x| matches!(x, EventBody::Trade(_)));
    assert_eq!(emitted, 1, "only the trade before the instant may come out before its bars");
    b.connected = true;
    b.pass(60_000);
    b.assert_ordered();
    let tids: Vec<u64> = b
        .events
        .iter()
        .filter_map(|e| if let EventBody::Trade(t) = &e.body { Some(t.tid) } else { None })
        .collect();
    assert_eq!(tids, [3, 2, 1]);
    let timer = b.events.iter().position(|e| matches!(e.body, EventBody::Timer(_))).unwrap();
    let held = b.events.iter().position(|e| matches!(&e.body, EventBody::Trade(t) if t.tid == 2)).unwrap();
    assert!(held < timer, "a trade at the instant comes before its timer");
}

#[test]
fn order_books_of_a_coin_go_on_no_more_often_than_asked_for_and_one_from_the_future_holds_none_up() {
    let mut b = Bench::new(|c| c.streams.book = Some(TsDiff::secs(60)));
    b.connect();
    let book = |ms: i64| {
        format!(
            r#"{{"channel":"l2Book","data":{{"coin":"BTC","time":{ms},"levels":[[{{"px":"5","sz":"1","n":1}}],[{{"px":"6","sz":"1","n":1}}]]}}}}"#
        )
    };
    let start = b.now_ms;
    assert!(b.frame(&book(start + 3_600_000)).is_err(), "not yet");
    for i in 0..1_200 {
        b.now_ms = start + i * 500;
        b.frame(&book(b.now_ms)).unwrap();
    }
    let times: Vec<_> =
        b.events.iter().filter(|e| matches!(e.body, EventBody::Book(_))).map(|e| e.time).collect();
    assert_eq!(times.len(), 10, "ten minutes: {times:?}");
    assert!(times.is_sorted_by(|a, b| b.since(*a) >= TsDiff::ms(59_999)), "{times:?}");
}

#[test]
fn waiting_side_events_are_bounded_and_what_does_not_fit_is_counted() {
    let mut b = Bench::new(|c| {
        c.streams.trades = true;
        c.held_max = 10;
    });
    b.now_ms = T0_MS + HOUR_MS + 500;
    b.conn = 1;
    for tid in 0..50 {
        let t = T0_MS + HOUR_MS + 400;
        let text = format!(
            r#"{{"channel":"trades","data":[{{"coin":"BTC","side":"A","px":"5","sz":"1","time":{t},"tid":{tid}}}]}}"#
        );
        let now = b.now();
        b.asm.on_frame(&text, 1, now).unwrap();
    }
    assert!(b.asm.held() <= 10);
    assert_eq!(b.asm.counts().side_dropped, 40);
}

#[test]
fn funding_that_comes_late_is_paid_when_known_and_only_once() {
    let mut b = Bench::new(|c| c.patience.gap_after = TsDiff::secs(20));
    b.connect();
    b.pass(55 * 60_000);
    b.rest_failures = 9;
    b.pass(3 * 60_000);
    b.assert_ordered();
    let slice = b.events.iter().position(|e| matches!(e.body, EventBody::Timer(_))).unwrap();
    let prints: Vec<usize> =
        (0..b.events.len()).filter(|i| matches!(b.events[*i].body, EventBody::Funding(_))).collect();
    assert_eq!(prints.len(), 3);
    assert!(prints.iter().all(|p| *p > slice));
    assert_eq!(b.asm.counts().late_funding, 3);
    assert_eq!(b.asm.counts().funding_lost, 0);
}

#[derive(Clone, Debug)]
enum Op {
    Pass(i64),
    Repeat(usize),
    Older(usize, i64),
    Garbage(String),
    Disconnect,
    Connect,
    RestFails(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (1i64..3_000_000).prop_map(Op::Pass),
        2 => (0usize..3).prop_map(Op::Repeat),
        2 => (0usize..3, 0i64..4).prop_map(|(c, h)| Op::Older(c, h)),
        1 => ".{0,20}".prop_map(Op::Garbage),
        1 => Just(Op::Disconnect),
        2 => Just(Op::Connect),
        1 => (0usize..4).prop_map(Op::RestFails),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    /// Reconnects, repeats, old states, garbage and failing requests: each bar, print and timer comes out once,
    /// complete and in order.
    #[test]
    fn reconnects_lose_and_repeat_nothing(ops in proptest::collection::vec(op(), 1..40)) {
        let mut b = Bench::new(|_| {});
        b.connect();
        for op in ops {
            match op {
                Op::Pass(ms) => b.pass(ms),
                Op::Repeat(coin) if b.connected => {
                    let h = b.current_hour();
                    let _ = b.frame(&candle_frame(COINS[coin], h, Bench::trades_at(b.now_ms, h)));
                }
                Op::Older(coin, back) if b.connected => {
                    let h = b.current_hour() - back;
                    let trades = Bench::trades_at(b.now_ms, h);
                    if trades > 1 {
                        prop_assert!(b.frame(&candle_frame(COINS[coin], h, trades - 1)).is_err());
                    }
                }
                Op::Garbage(text) => { let _ = b.frame(&text); }
                Op::Disconnect if b.connected => b.disconnect(),
                Op::Connect if !b.connected => b.connect(),
                Op::RestFails(n) => b.rest_failures = n,
                _ => {}
            }
        }
        if !b.connected {
            b.connect();
        }
        b.rest_failures = 0;
        b.pass(3 * 60_000);
        let last = b.current_hour() - i64::from((b.now_ms - T0_MS) % HOUR_MS < 60_000);
        if last >= 1 {
            let upto = b.count(|x| matches!(x, EventBody::Timer(_))) as i64;
            prop_assert!(upto >= last);
            b.assert_complete(1, upto);
        }
    }
}
