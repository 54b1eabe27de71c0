//! `zero run` on a venue served on loopback: warm-up from history without a decision, restart without a repetition.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs, reason = "tests")]

#[path = "../../zero-hl-wire/tests/common/mod.rs"]
mod common;

use common::TestClock;
use common::venue::Venue;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use zero_core::{CoinId, Ts};
use zero_journal::{Item, Reader, RealDisk};
use zero_kernel::Fact;
use zero_market::event::TimerKind;
use zero_market::{EventBody, MarketKey};
use zero_runtime::clock::{Clock as _, SystemClock};
use zero_runtime::record::{self, Body};

fn run(venue: &Venue, home: &Path, events: u32) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zero"))
        .env("ZERO_HOME", home.join("zero"))
        .args(["run", "--source", "venue", "--events", &events.to_string()])
        .args(["--set", "fees.taker=0.00045", "--set", "fees.maker=0.00015"])
        .args(["--set", &format!("venue.ws_url={}", venue.ws_url())])
        .args(["--set", &format!("venue.rest_url={}", venue.rest_url())])
        .args(["--set", "data.coins=BTC,ETH"])
        .output()
        .unwrap()
}

/// Market events of the journal in order, and the number of candidates that were judged.
fn journal(home: &Path) -> (Vec<(MarketKey, EventBody, Ts)>, usize) {
    let reader = Reader::open(RealDisk, &home.join("zero/operators/default/journal/run")).unwrap();
    let mut records = reader.records(0).unwrap();
    let (mut events, mut candidates) = (Vec::new(), 0);
    while let Some(item) = records.next().unwrap() {
        let Item::Record(r) = item else { panic!("pruned") };
        match record::decode(r.bytes).unwrap() {
            Body::Fact(Fact::Event(e)) if zero_runtime::driver::is_market(&e.body) => {
                events.push((e.key(), e.body, e.received));
            }
            Body::Candidate(_) => candidates += 1,
            _ => {}
        }
    }
    (events, candidates)
}

#[test]
fn history_warms_up_without_a_decision_and_a_restart_repeats_nothing() {
    let home = tempfile::tempdir().unwrap();
    let venue = Venue::start(Arc::new(TestClock::at(SystemClock.now())));
    let first = run(&venue, home.path(), 700);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let (events, candidates) = journal(home.path());
    assert!(events.len() >= 600, "{}", events.len());
    assert!(events.windows(2).all(|w| w[0].0 < w[1].0), "in order, each once");
    let bars = |coin: u16| {
        events
            .iter()
            .filter(|(_, b, _)| matches!(b, EventBody::BarClosed(b) if b.coin == CoinId(coin)))
            .count()
    };
    assert!(bars(0) >= 90 && bars(1) >= 90, "{} {}", bars(0), bars(1));
    let timers: Vec<TimerKind> = events
        .iter()
        .filter_map(|(_, b, _)| match b {
            EventBody::Timer(kind) => Some(*kind),
            _ => None,
        })
        .collect();
    // The test may start just after an hour: then that hour's own slice is in time.
    let decided = timers.iter().filter(|t| **t == TimerKind::BarSlice).count();
    assert!(timers.len() >= 90 && decided <= 1, "{} slices, {decided} decided", timers.len());
    assert_eq!(candidates, 0, "nothing is decided on hours that are long over");

    let second = run(&venue, home.path(), 150);
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    let (after, _) = journal(home.path());
    assert!(after.len() >= events.len());
    assert_eq!(
        after.get(..events.len()).unwrap().iter().map(|e| e.0).collect::<Vec<_>>(),
        events.iter().map(|e| e.0).collect::<Vec<_>>()
    );
    assert!(after.windows(2).all(|w| w[0].0 < w[1].0), "a restart repeats nothing");
}

#[test]
fn a_venue_that_is_not_there_is_an_error_and_not_an_empty_market() {
    let home = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_zero"))
        .env("ZERO_HOME", home.path().join("zero"))
        .args(["run", "--source", "venue", "--events", "10"])
        .args(["--set", "fees.taker=0.00045", "--set", "fees.maker=0.00015"])
        .args(["--set", "venue.ws_url=ws://127.0.0.1:9/ws", "--set", "venue.rest_url=http://127.0.0.1:9"])
        .args(["--set", "data.coins=BTC"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(5), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(text.contains("ZERO-WIR-") && text.contains("hint:"), "{text}");
}
