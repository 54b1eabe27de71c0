//! The whole live source against a venue on loopback that drops, garbles, repeats, stalls and refuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the test harness stops the test when it breaks")]
mod common;

use common::venue::{Act, Fault, Served, Venue};
use common::{HOUR_MS, T0_MS, TestClock, candle_frame, hour};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use zero_core::{CoinId, Ts, TsDiff};
use zero_hl_wire::backoff::ConnectLimits;
use zero_hl_wire::{Interval, LiveConfig, LiveHandle, LiveSource, RateBudget, SourceStatus, Stop, WireError};
use zero_market::{Event, EventBody};

const COINS: [&str; 2] = ["BTC", "ETH"];
const WAIT: Duration = Duration::from_secs(20);

fn config(venue: &Venue) -> LiveConfig {
    let mut c = LiveConfig::new(&venue.ws_url(), &venue.rest_url(), &COINS, Interval::HOUR);
    c.connect = ConnectLimits {
        first_wait: TsDiff::ms(5),
        longest_wait: TsDiff::ms(40),
        healthy_after: TsDiff::secs(1),
        attempts_max: 1_000,
        window: TsDiff::secs(60),
    };
    c.rest.first_wait = TsDiff::ms(5);
    c.rest.longest_wait = TsDiff::ms(20);
    c
}

fn setup(change: impl FnOnce(&mut LiveConfig)) -> (Venue, LiveHandle) {
    let venue = Venue::start(Arc::new(TestClock::at(hour(0, 300_000))));
    let mut c = config(&venue);
    change(&mut c);
    let handle = start(&venue, c);
    (venue, handle)
}

/// Starts with a wide budget, so that a 429 costs the test milliseconds and not seconds of refilling.
fn start(venue: &Venue, config: LiveConfig) -> LiveHandle {
    let budget = RateBudget::with_limit(10_000_000, venue.clock.clone());
    LiveSource::start_with(config, venue.clock.clone(), budget, Stop::new()).unwrap()
}

/// Receives until the predicate holds of what came so far.
fn receive(handle: &LiveHandle, done: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    while !done(&events) {
        match handle.recv_timeout(WAIT).unwrap() {
            Some(e) => events.push(e),
            None => panic!("nothing came; {} events so far, {:#?}", events.len(), handle.status()),
        }
    }
    events
}

fn until(handle: &LiveHandle, what: &str, holds: impl Fn(&SourceStatus) -> bool) -> SourceStatus {
    for _ in 0..4_000 {
        let status = handle.status();
        if holds(&status) {
            return status;
        }
        // The wait for an event paces this loop; tests that call it expect none.
        if let Some(e) = handle.recv_timeout(Duration::from_millis(5)).unwrap() {
            panic!("unexpected {e:?} while waiting for {what}");
        }
    }
    panic!("{what} never held: {:#?}", handle.status());
}

fn slices(events: &[Event]) -> usize {
    events.iter().filter(|e| matches!(e.body, EventBody::Timer(_))).count()
}

fn opens(events: &[Event]) -> usize {
    events.iter().filter(|e| matches!(e.body, EventBody::BarOpened(_))).count()
}

fn closes(events: &[Event]) -> Vec<(CoinId, Ts)> {
    let close = |e: &Event| match &e.body {
        EventBody::BarClosed(b) => Some((b.coin, b.open_time)),
        _ => None,
    };
    events.iter().filter_map(close).collect()
}

fn frames(venue: &Venue, h: i64, trades: u64) {
    for coin in COINS {
        venue.text(candle_frame(coin, h, trades));
    }
}

fn assert_ordered(events: &[Event]) {
    assert!(events.windows(2).all(|w| w[0].key() < w[1].key()), "{events:#?}");
}

#[test]
fn a_session_of_recorded_shape_becomes_opens_closes_funding_and_one_timer_an_hour() {
    let (venue, handle) = setup(|_| {});
    assert_eq!(handle.universe().symbol(CoinId(1)), "ETH");
    frames(&venue, 0, 9);
    let mut all = receive(&handle, |e| opens(e) == 2);
    for h in 1..=3 {
        venue.clock.set(hour(h, 4_000));
        frames(&venue, h, 1);
        all.extend(receive(&handle, |e| slices(e) == 1 && opens(e) == 2));
        frames(&venue, h, 9);
    }
    assert_ordered(&all);
    assert_eq!(closes(&all).len(), 6);
    assert_eq!(all.iter().filter(|e| matches!(e.body, EventBody::Funding(_))).count(), 6);
    let status = handle.status();
    assert!(status.connected && status.reconnects == 0 && status.confirmed == 2, "{status:#?}");
    assert_eq!(status.counts.decode_errors, 0);
}

/// Failure mode F10: an error in handling must never reach the connection.
#[test]
fn f10_a_hundred_handler_errors_leave_one_connection() {
    let (venue, handle) = setup(|_| {});
    for i in 0..100 {
        venue.text(match i % 4 {
            0 => "{not json".to_owned(),
            1 => candle_frame("BTC", 0, 9).replace("\"o\":\"", "\"o\":\"x"),
            2 => candle_frame("NOSUCH", 0, 9),
            _ => r#"{"channel":"candle"}"#.to_owned(),
        });
    }
    let status = until(&handle, "100 decode errors", |s| s.counts.decode_errors == 100);
    assert_eq!(venue.connections(), 1);
    assert_eq!((status.connection, status.attempts), (1, 1));
    assert_eq!(status.problems.len(), 32, "problems are surfaced and bounded");
    frames(&venue, 0, 9);
    assert_eq!(opens(&receive(&handle, |e| opens(e) == 2)), 2);
    assert_eq!(venue.connections(), 1);
}

#[test]
fn f10_a_venue_that_refuses_connections_is_not_stormed() {
    let (venue, handle) = setup(|c| {
        c.connect.attempts_max = 3;
        c.connect.window = TsDiff::secs(3_600);
    });
    until(&handle, "connected", |s| s.connected);
    venue.state.refuse_sockets.store(true, Ordering::SeqCst);
    venue.act(Act::Drop);
    let status = until(&handle, "breaker open", |s| s.breaker_open);
    assert_eq!(status.attempts, 3);
    assert!(!status.connected);
    // The thread now sleeps out the window; a stop must still be prompt.
    handle.stop();
    assert_eq!(venue.connections(), 3);
}

#[test]
fn reconnect_loses_nothing_and_repeats_nothing() {
    for fault in [Act::Drop, Act::DropMidFrame] {
        let (venue, handle) = setup(|_| {});
        frames(&venue, 0, 4);
        let mut all = receive(&handle, |e| opens(e) == 2);
        venue.act(fault);
        until(&handle, "reconnected", |s| s.reconnects == 1 && s.connected && s.confirmed == 2);
        venue.clock.set(hour(5, 30_000));
        frames(&venue, 5, 1);
        frames(&venue, 5, 1);
        all.extend(receive(&handle, |e| slices(e) == 5 && opens(e) == 10));
        assert_ordered(&all);
        let expected: Vec<_> =
            (0..5).flat_map(|h| [(CoinId(0), hour(h, 0)), (CoinId(1), hour(h, 0))]).collect();
        assert_eq!(closes(&all), expected);
        assert!(!all.iter().any(|e| matches!(e.body, EventBody::Gap(_))));
        assert!(handle.recv_timeout(Duration::from_millis(60)).unwrap().is_none());
    }
}

#[test]
fn a_backfill_that_meets_429_500_garbage_and_a_cut_answer_still_loses_nothing() {
    let (venue, handle) = setup(|_| {});
    frames(&venue, 0, 4);
    let mut all = receive(&handle, |e| opens(e) == 2);
    for fault in [
        Fault::TooMany(None),
        Fault::Status(500),
        Fault::CutOff,
        Fault::TooMany(Some(0)),
        Fault::Body("[]x".to_owned()),
        Fault::Body("null".to_owned()),
    ] {
        venue.fault("candleSnapshot", fault.clone());
        venue.fault("fundingHistory", fault);
    }
    venue.act(Act::Drop);
    venue.clock.set(hour(3, 30_000));
    let mut next = 40_000;
    while slices(&all) < 3 {
        match handle.recv_timeout(Duration::from_millis(50)).unwrap() {
            Some(e) => all.push(e),
            // Failed requests are made again later on the venue's time.
            None => {
                next += 6_000;
                assert!(next < HOUR_MS / 2, "{:#?}", handle.status());
                venue.clock.set(hour(3, next));
            }
        }
    }
    assert_eq!(closes(&all).len(), 6);
    assert!(!all.iter().any(|e| matches!(e.body, EventBody::Gap(_))), "a refusal is not an empty hour");
    assert!(handle.status().counts.rest_errors >= 2);
}

#[test]
fn repeated_and_reordered_frames_give_one_event_each() {
    let (venue, handle) = setup(|_| {});
    for trades in [3, 3, 5, 4, 5, 3, 9] {
        frames(&venue, 0, trades);
    }
    let mut all = receive(&handle, |e| opens(e) == 2);
    venue.clock.set(hour(1, 4_000));
    frames(&venue, 1, 1);
    frames(&venue, 0, 9);
    frames(&venue, 1, 1);
    all.extend(receive(&handle, |e| slices(e) == 1 && opens(e) == 2));
    frames(&venue, 0, 9);
    let status = until(&handle, "refusals", |s| s.counts.frames >= 3 + 14 + 6 + 2);
    assert_ordered(&all);
    assert_eq!(closes(&all).len(), 2);
    assert!(status.counts.duplicates >= 4 && status.counts.out_of_order >= 6, "{:?}", status.counts);
}

#[test]
fn a_frame_that_arrives_in_two_halves_is_one_frame() {
    let (venue, handle) = setup(|_| {});
    until(&handle, "connected", |s| s.confirmed == 2);
    venue.act(Act::HalfText(r#"{"channel":"someNewChannel","data":{"a":1}}"#.to_owned()));
    let status = until(&handle, "unknown channel", |s| s.notes.unknown_channels == 1);
    assert_eq!((status.counts.decode_errors, venue.connections()), (0, 1));
}

#[test]
fn a_silent_connection_is_noticed_said_to_be_stale_and_replaced() {
    let (venue, handle) = setup(|c| {
        c.keep_alive.ping_every = TsDiff::ms(40);
        c.keep_alive.dead_after = TsDiff::ms(200);
        c.keep_alive.stale_after = TsDiff::ms(100);
    });
    until(&handle, "pinged", |s| s.confirmed == 2 && venue.state.pings.load(Ordering::SeqCst) > 3);
    assert_eq!(venue.connections(), 1, "pongs alone keep a quiet connection");
    assert!(handle.status().is_stale, "pongs are not market data");
    frames(&venue, 0, 2);
    receive(&handle, |e| opens(e) == 2);
    venue.act(Act::Stall);
    let status = until(&handle, "replaced", |s| s.reconnects == 1 && s.confirmed == 2);
    assert!(status.problems.iter().any(|p| p.code() == "ZERO-WIR-006"));
}

#[test]
fn a_slow_consumer_makes_the_source_wait_in_bounded_memory_and_loses_nothing() {
    let (venue, handle) = setup(|c| {
        c.queue_max = 2;
        c.streams.trades = true;
    });
    const TRADES: usize = 3_000;
    frames(&venue, 0, 2);
    for tid in 0..TRADES {
        let t = T0_MS + 300_000 + tid as i64 / 100;
        venue.text(format!(
            r#"{{"channel":"trades","data":[{{"coin":"BTC","side":"B","px":"5","sz":"1","time":{t},"tid":{tid}}}]}}"#
        ));
    }
    for _ in 0..2_000 {
        if handle.status().counts.queue_waits > 20 {
            break;
        }
        std::thread::yield_now();
        let _ = venue.connections();
        std::thread::park_timeout(Duration::from_millis(2));
    }
    assert!(handle.status().counts.queue_waits > 20, "the full queue made it wait");
    let trades = |e: &[Event]| e.iter().filter(|e| matches!(e.body, EventBody::Trade(_))).count();
    let all = receive(&handle, |e| trades(e) == TRADES);
    let tids: Vec<u64> = all
        .iter()
        .filter_map(|e| if let EventBody::Trade(t) = &e.body { Some(t.tid) } else { None })
        .collect();
    assert!(tids.iter().copied().eq(0..TRADES as u64));
    assert_eq!((venue.connections(), handle.status().counts.side_dropped), (1, 0));
}

#[test]
fn clocks_that_are_far_apart_refuse_to_start_and_a_small_skew_closes_no_bar_early() {
    let venue = Venue::start(Arc::new(TestClock::at(hour(0, 300_000))));
    venue.state.date_ahead_ms.store(-120_000, Ordering::SeqCst);
    let refused = LiveSource::start(config(&venue), venue.clock.clone());
    assert!(matches!(refused, Err(WireError::ClockSkew { skew_ms: 118_000..=122_000, .. })));

    // Our clock is 20 s ahead: at its 01:00:10 the venue's hour still has 10 s to go.
    venue.state.date_ahead_ms.store(-20_000, Ordering::SeqCst);
    let handle = LiveSource::start(config(&venue), venue.clock.clone()).unwrap();
    frames(&venue, 0, 2);
    let mut all = receive(&handle, |e| opens(e) == 2);
    venue.clock.set(hour(1, 10_000));
    frames(&venue, 0, 5);
    until(&handle, "frames", |s| s.counts.frames >= 7);
    assert_eq!(venue.requests("candleSnapshot"), 0, "nothing is due on the venue's clock");
    venue.clock.set(hour(1, 26_000));
    all.extend(receive(&handle, |e| slices(e) == 1));
    assert_eq!(closes(&all).len(), 2);
    assert!(handle.status().clock_skew.is_some_and(|s| s > TsDiff::secs(18)));
}

#[test]
fn a_candle_is_complete_by_the_venues_clock_at_the_answer_and_not_by_ours() {
    let (venue, handle) = setup(|c| {
        c.funding = false;
        c.coins.truncate(1);
    });
    venue.text(candle_frame("BTC", 0, 2));
    receive(&handle, |e| opens(e) == 1);
    // Our clock has run ahead since the start: the venue's hour still has 15 s to go.
    venue.state.date_ahead_ms.store(-20_000, Ordering::SeqCst);
    venue.clock.set(hour(1, 5_000));
    for _ in 0..40 {
        assert_eq!(handle.recv_timeout(Duration::from_millis(10)).unwrap(), None);
    }
    assert!(venue.requests("candleSnapshot") >= 1);
    venue.clock.set(hour(1, 40_000));
    assert_eq!(closes(&receive(&handle, |e| slices(e) == 1)).len(), 1);
}

#[test]
fn percent_funding_is_refused_and_the_hour_goes_on_without_a_made_up_rate() {
    let (venue, handle) = setup(|c| {
        c.patience.gap_after = TsDiff::secs(20);
        c.rest.attempts_max = 1;
    });
    frames(&venue, 0, 9);
    receive(&handle, |e| opens(e) == 2);
    for _ in 0..50 {
        let t = T0_MS + HOUR_MS + 40;
        venue.fault(
            "fundingHistory",
            Fault::Body(format!(
                r#"[{{"coin":"BTC","fundingRate":"0.00125","premium":"0.0001","time":{t}}}]"#
            )),
        );
    }
    venue.clock.set(hour(1, 4_000));
    frames(&venue, 1, 1);
    let mut all = Vec::new();
    let mut at = 4_000;
    while slices(&all) == 0 {
        match handle.recv_timeout(Duration::from_millis(50)).unwrap() {
            Some(e) => all.push(e),
            None => {
                at += 6_000;
                assert!(at < HOUR_MS / 2, "{:#?}", handle.status());
                venue.clock.set(hour(1, at));
            }
        }
    }
    assert!(!all.iter().any(|e| matches!(e.body, EventBody::Funding(_))));
    let problems = handle.status().problems;
    assert!(
        problems.iter().any(|p| matches!(p, WireError::Implausible { field: "fundingRate", .. })),
        "{problems:?}"
    );
}

#[test]
fn stop_is_prompt_while_a_request_hangs_and_ends_the_stream() {
    let (venue, handle) = setup(|c| c.rest.request_timeout = TsDiff::secs(600));
    frames(&venue, 0, 9);
    receive(&handle, |e| opens(e) == 2);
    for _ in 0..4 {
        venue.fault("fundingHistory", Fault::Hang);
        venue.fault("candleSnapshot", Fault::Hang);
    }
    venue.clock.set(hour(1, 10_000));
    for _ in 0..2_000 {
        if venue.requests("candleSnapshot") + venue.requests("fundingHistory") > 0 {
            break;
        }
        let _ = handle.recv_timeout(Duration::from_millis(5)).unwrap();
    }
    // Without the detached request thread this would take ten minutes.
    handle.stop();
}

#[test]
fn a_tls_address_is_tried_with_tls_and_a_plain_answer_is_a_problem_and_not_a_panic() {
    let (_venue, handle) = setup(|c| {
        c.ws_url = c.ws_url.replace("ws://", "wss://");
        c.keep_alive.connect_timeout = TsDiff::ms(300);
    });
    let status = until(&handle, "two failed attempts", |s| s.attempts >= 2);
    assert!(!status.connected && status.connection == 0);
    assert!(status.problems.iter().all(|p| p.code() == "ZERO-WIR-006"), "{:?}", status.problems);
}

#[test]
fn impossible_configurations_are_refused_before_any_request() {
    let venue = Venue::start(Arc::new(TestClock::at(hour(0, 0))));
    let cases: [fn(&mut LiveConfig); 6] = [
        |c| c.coins.clear(),
        |c| c.coins.push("BTC".to_owned()),
        |c| c.ws_url = "http://x".to_owned(),
        |c| c.queue_max = 0,
        |c| c.keep_alive.ping_every = TsDiff::secs(60),
        |c| c.coins = (0..1_001).map(|i| format!("C{i}")).collect(),
    ];
    for change in cases {
        let mut c = config(&venue);
        change(&mut c);
        assert!(matches!(LiveSource::start(c, venue.clock.clone()), Err(WireError::Config(_))));
    }
    assert_eq!(venue.requests("meta"), 0);
    let mut c = config(&venue);
    c.coins.push("MATIC".to_owned());
    let delisted = LiveSource::start(c, venue.clock.clone());
    assert_eq!(delisted.err(), Some(WireError::UnknownCoin("MATIC".to_owned())));
}

/// The recorded panel, served in the wire's shapes.
#[derive(Debug)]
struct Panel {
    candles: Vec<(String, Vec<serde_json::Value>)>,
    funding: Vec<(String, Vec<serde_json::Value>)>,
}

impl Panel {
    fn wire(coin: &str, c: &serde_json::Value) -> String {
        let t = c["t"].as_i64().unwrap();
        format!(
            r#"{{"t":{t},"T":{},"s":"{coin}","i":"1h","o":"{}","c":"{}","h":"{}","l":"{}","v":"{}","n":5}}"#,
            t + HOUR_MS - 1,
            c["o"],
            c["c"],
            c["h"],
            c["l"],
            c["v"]
        )
    }
}

impl Served for Panel {
    fn candles(&self, coin: &str, start: i64, end: i64, now: i64) -> String {
        let rows = &self.candles.iter().find(|(c, _)| c == coin).unwrap().1;
        let all: Vec<String> = rows
            .iter()
            .filter(|c| (start..=end.min(now)).contains(&c["t"].as_i64().unwrap()))
            .map(|c| Self::wire(coin, c))
            .collect();
        format!("[{}]", all.join(","))
    }

    fn funding(&self, coin: &str, start: i64, end: i64, now: i64) -> String {
        let rows = &self.funding.iter().find(|(c, _)| c == coin).unwrap().1;
        let all: Vec<String> = rows
            .iter()
            .filter(|c| (start..=end.min(now)).contains(&c["t"].as_i64().unwrap()))
            .take(500)
            .map(|c| {
                format!(
                    r#"{{"coin":"{coin}","fundingRate":"{}","premium":"{}","time":{}}}"#,
                    c["rate"], c["premium"], c["t"]
                )
            })
            .collect();
        format!("[{}]", all.join(","))
    }
}

#[test]
fn the_recorded_panel_comes_through_the_wire_bar_for_bar() {
    let Ok(folder) = std::env::var("ZERO_SHARED_DATA") else {
        println!("left out: the recorded panel over the wire (ZERO_SHARED_DATA is not set)");
        return;
    };
    const BARS: usize = 2_000;
    let read = |name: String, key: &str| -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(format!("{folder}/hyperliquid/{name}")).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value[key].as_array().unwrap().clone()
    };
    let rows = |kind: &str, key: &str| -> Vec<(String, Vec<serde_json::Value>)> {
        COINS.iter().map(|c| ((*c).to_owned(), read(format!("{c}_{kind}.json"), key))).collect()
    };
    let panel = Arc::new(Panel { candles: rows("1h", "candles"), funding: rows("funding", "entries") });
    let last = BARS as i64;
    let venue = Venue::start(Arc::new(TestClock::at(hour(last, 60_000))));
    *venue.state.script.lock().unwrap() = Some(panel.clone());
    let mut c = config(&venue);
    c.from = Some(hour(0, 0));
    c.queue_max = 64;
    let handle = start(&venue, c);
    let all = receive(&handle, |e| slices(e) == BARS);
    assert_ordered(&all);
    for (i, (coin, rows)) in panel.candles.iter().enumerate() {
        let got: Vec<_> = all
            .iter()
            .filter_map(|e| match &e.body {
                EventBody::BarClosed(b) if b.coin == CoinId(i as u16) => Some(*b),
                _ => None,
            })
            .collect();
        assert_eq!(got.len(), BARS, "{coin}");
        for (bar, row) in got.iter().zip(rows) {
            assert_eq!(bar.close, zero_core::Px::parse(&row["c"].to_string()).unwrap());
            assert_eq!(bar.low, zero_core::Px::parse(&row["l"].to_string()).unwrap());
        }
    }
    let prints = all.iter().filter(|e| matches!(e.body, EventBody::Funding(_))).count();
    assert_eq!(prints, 2 * BARS);
    let status = handle.status();
    assert_eq!((status.counts.gaps, status.counts.funding_off_formula), (0, 0), "{status:#?}");
}
