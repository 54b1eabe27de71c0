//! The REST client against a faulty venue on loopback: a failure is an error, never an empty answer.
#![allow(clippy::unwrap_used, reason = "the test harness stops the test when it breaks")]
mod common;

use common::venue::{Fault, Venue};
use common::{TestClock, hour};
use std::sync::Arc;
use zero_core::TsDiff;
use zero_hl_wire::budget::VENUE_WEIGHT_PER_MINUTE;
use zero_hl_wire::{Clock, Interval, Priority, RateBudget, RestClient, RestConfig, Stop, WireError};

fn setup(change: impl FnOnce(&mut RestConfig)) -> (Venue, RestClient) {
    // A wide budget, so that a 429 costs the test milliseconds and not seconds of refilling.
    setup_with(10_000_000, change)
}

fn setup_with(weight_per_minute: u32, change: impl FnOnce(&mut RestConfig)) -> (Venue, RestClient) {
    let clock = Arc::new(TestClock::at(hour(10, 1_000)));
    let venue = Venue::start(clock.clone());
    let mut config = RestConfig::new(&venue.rest_url());
    config.first_wait = TsDiff::ms(2);
    config.longest_wait = TsDiff::ms(8);
    config.attempts_max = 3;
    change(&mut config);
    let clock: Arc<dyn Clock> = clock;
    let rest =
        RestClient::new(config, RateBudget::with_limit(weight_per_minute, clock.clone()), clock).unwrap();
    // Without a reserve that would have to refill first.
    (venue, rest.with_priority(Priority::Protection))
}

#[test]
fn f10_a_429_is_not_zero_depth_and_not_an_empty_history() {
    let (venue, rest) = setup(|c| c.attempts_max = 1);
    let stop = Stop::new();
    for kind in ["l2Book", "candleSnapshot", "fundingHistory", "allMids", "meta"] {
        venue.fault(kind, Fault::TooMany(None));
    }
    let refused = |e: Option<WireError>| matches!(e, Some(WireError::RateLimited { retry_after: None, .. }));
    assert!(refused(rest.book("BTC", &stop).err()));
    assert!(refused(rest.candles("BTC", Interval::HOUR, hour(1, 0), hour(3, 0), &stop).err()));
    assert!(refused(rest.funding("BTC", hour(1, 0), hour(3, 0), &stop).err()));
    assert!(refused(rest.all_mids(&stop).err()));
    assert!(refused(rest.meta(&stop).err()));
    // The same questions, answered.
    assert_eq!(rest.book("BTC", &stop).unwrap().bids.len(), 1);
    assert_eq!(rest.candles("BTC", Interval::HOUR, hour(1, 0), hour(3, 0), &stop).unwrap().value.len(), 3);
}

#[test]
fn a_429_pauses_every_caller_for_as_long_as_the_venue_asks() {
    let (venue, rest) = setup_with(VENUE_WEIGHT_PER_MINUTE, |c| {
        c.attempts_max = 1;
        c.patience = TsDiff::secs(2);
    });
    let stop = Stop::new();
    venue.fault("meta", Fault::TooMany(Some(3_600)));
    assert_eq!(
        rest.meta(&stop).err(),
        Some(WireError::RateLimited { request: "meta", retry_after: Some(TsDiff::secs(3_600)) })
    );
    let other = rest.with_priority(Priority::Protection);
    assert!(matches!(other.all_mids(&stop), Err(WireError::BudgetExhausted { .. })));
    assert_eq!(venue.requests("allMids"), 0, "no request may leave while the venue asks for quiet");
    assert!(rest.budget().left() < 40, "the bucket starts again from empty");
}

#[test]
fn transient_failures_are_retried_and_a_refusal_is_not() {
    let (venue, rest) = setup(|_| {});
    let stop = Stop::new();
    venue.fault("meta", Fault::Status(500));
    venue.fault("meta", Fault::CutOff);
    assert_eq!(rest.meta(&stop).unwrap().assets.len(), 5);
    assert_eq!(venue.requests("meta"), 3);
    venue.fault("allMids", Fault::Status(422));
    assert!(matches!(rest.all_mids(&stop), Err(WireError::Status { status: 422, .. })));
    assert_eq!(venue.requests("allMids"), 1);
    for _ in 0..3 {
        venue.fault("l2Book", Fault::Status(503));
    }
    assert!(matches!(rest.book("BTC", &stop), Err(WireError::Status { status: 503, .. })));
    assert_eq!(venue.requests("l2Book"), 3);
}

#[test]
fn an_oversized_answer_is_refused_and_a_hanging_one_ends() {
    let (venue, rest) = setup(|c| {
        c.body_max_bytes = 10_000;
        c.request_timeout = TsDiff::ms(200);
        c.attempts_max = 1;
    });
    let stop = Stop::new();
    venue.fault("meta", Fault::Oversized(200_000));
    assert_eq!(rest.meta(&stop), Err(WireError::BodyTooLarge { request: "meta", limit_bytes: 10_000 }));
    venue.fault("meta", Fault::Hang);
    assert!(matches!(rest.meta(&stop), Err(WireError::Transport { .. })));
    assert!(rest.meta(&stop).is_ok());
}

#[test]
fn an_answer_about_something_else_is_refused() {
    let (venue, rest) = setup(|_| {});
    let stop = Stop::new();
    let ask = || rest.candles("BTC", Interval::HOUR, hour(1, 0), hour(2, 0), &stop);
    for body in [common::candle_json("ETH", 1, 1), common::candle_json("BTC", 9, 1)] {
        venue.fault("candleSnapshot", Fault::Body(format!("[{body}]")));
        assert!(matches!(ask(), Err(WireError::Malformed { .. })), "{body}");
    }
    venue.fault("candleSnapshot", Fault::Body("null".to_owned()));
    assert!(matches!(ask(), Err(WireError::Malformed { .. })));
    venue.fault("l2Book", Fault::Body("null".to_owned()));
    assert_eq!(rest.book("NOPE", &stop), Err(WireError::UnknownCoin("NOPE".to_owned())));
    assert_eq!(ask().unwrap().value.len(), 2);
}

#[test]
fn funding_over_several_pages_is_complete_and_without_repeats() {
    let (venue, rest) = setup(|_| {});
    venue.clock.set(hour(1_300, 0));
    let got = rest.funding("BTC", hour(0, 0), hour(1_199, 1_000), &Stop::new()).unwrap().value;
    assert_eq!(got.len(), 1_200);
    assert!(got.windows(2).all(|w| w[0].time < w[1].time));
    assert_eq!(venue.requests("fundingHistory"), 3);
}

#[test]
fn a_stop_ends_a_wait_for_the_budget() {
    let (_venue, rest) = setup(|_| {});
    rest.budget().penalise(TsDiff::secs(50));
    let stop = Stop::new();
    let (inner, flag) = (rest, stop.clone());
    let waiting = std::thread::spawn(move || inner.meta(&flag));
    stop.set();
    assert_eq!(waiting.join().unwrap(), Err(WireError::Stopped));
}

#[test]
fn real_addresses_get_tls_and_a_plain_answer_to_it_is_an_error_and_not_a_panic() {
    let (venue, _) = setup(|_| {});
    let clock: Arc<dyn Clock> = venue.clock.clone();
    let mut config = RestConfig::new(&venue.rest_url().replace("http", "https"));
    config.attempts_max = 1;
    config.request_timeout = TsDiff::secs(2);
    let rest = RestClient::new(config, RateBudget::rest(clock.clone()), clock.clone()).unwrap();
    assert!(matches!(rest.meta(&Stop::new()), Err(WireError::Transport { .. })));
    assert!(matches!(
        RestClient::new(RestConfig::new("ftp://x"), RateBudget::rest(clock.clone()), clock),
        Err(WireError::Config(_))
    ));
}
