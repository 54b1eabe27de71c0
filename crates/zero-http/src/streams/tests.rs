//! Streams over a run in memory: what the steps add up to, who is cut off, what is kept.

use super::sse::{WAITING_MAX, events, feed};
use super::{Cut, RESTLESS, STEPS_BYTES, STREAMS_MAX, Sort, calm};
use crate::test_run::TestRun;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

fn since(run: &TestRun, at: Option<u64>) -> (Vec<String>, u64) {
    run.shared.streams.since(&run.shared, at).unwrap()
}

/// Name and data of an event.
fn read(event: &str) -> (String, Value) {
    let field = |name: &str| event.lines().find_map(|l| l.strip_prefix(name)).unwrap();
    let v: Value = serde_json::from_str(field("data: ")).unwrap();
    assert_eq!(v["id"], field("id: "));
    (field("event: ").to_owned(), v)
}

/// What a client knows after these events.
fn fold(known: &mut Value, events: &[String]) {
    for event in events {
        let (name, v) = read(event);
        if name == "snapshot" {
            *known = v;
            continue;
        }
        assert_eq!(v["from_seq"], known["journal_seq"], "a step continues where the client is");
        for (part, packet) in v["parts"].as_object().unwrap() {
            known["parts"][part] = packet.clone();
        }
        known["journal_seq"] = v["journal_seq"].clone();
    }
}

fn calmed(known: &Value) -> Value {
    let mut parts = known["parts"].clone();
    calm(&mut parts);
    parts
}

#[test]
fn whoever_comes_back_knows_in_the_end_what_a_newcomer_is_told() {
    let mut run = TestRun::begin();
    let mut clients: Vec<(Value, u64)> = Vec::new();
    let (mut lonely, mut dated) = (0, 0);
    for round in 0..60usize {
        run.go_on(1 + round * 37 % 400);
        let mut known = Value::Null;
        let (events, at) = since(&run, None);
        fold(&mut known, &events);
        // The regime is that of the latest slice, which its number says.
        for (name, part) in known["parts"].as_object().unwrap().iter().filter(|(name, _)| *name != "regime") {
            let of = part.get("journal_seq").and_then(Value::as_u64);
            assert!(of.is_none_or(|seq| seq == at), "{name} is of {of:?} in a snapshot of {at}");
            dated += usize::from(of.is_some());
        }
        clients.push((known, at));
        // A step that nobody asked for is told together with the next.
        if round % 3 == 0 {
            run.go_on(50);
            lonely += 1;
        }
    }
    assert!(lonely > 10 && dated > 60, "{lonely} {dated}");
    let (mut last, mut deltas) = (Value::Null, 0);
    fold(&mut last, &since(&run, None).0);
    for (known, at) in &mut clients {
        let (events, now) = since(&run, Some(*at));
        deltas += events.iter().filter(|e| read(e).0 == "delta").count();
        fold(known, &events);
        assert_eq!(known["journal_seq"], now);
        assert_eq!(calmed(known), calmed(&last));
    }
    assert!(deltas > 500, "{deltas}: most of them were continued and not begun anew");
    assert_ne!(calmed(&last)["positions"], Value::Null);
}

#[test]
fn what_is_kept_is_bounded_and_whoever_is_further_behind_begins_anew() {
    let mut run = TestRun::begin();
    let (_, first) = since(&run, None);
    let mut most = 0;
    for _ in 0..400 {
        run.go_on(30);
        since(&run, None);
        most = most.max(run.shared.streams.told.lock().unwrap().bytes);
    }
    assert!(most <= STEPS_BYTES && most > STEPS_BYTES / 2, "{most} bytes");
    let (events, _) = since(&run, Some(first));
    assert_eq!(events.iter().map(|e| read(e).0).collect::<Vec<_>>(), ["snapshot"]);
}

#[test]
fn an_id_of_another_run_is_never_continued() {
    let run = TestRun::begin();
    let streams = &run.shared.streams;
    assert_eq!(streams.number(&streams.id(7)), Some(7));
    for foreign in ["7", "7.0", ".", "", "x.y", "-1.1", "7.17979cfe362a0000x"] {
        assert_eq!(streams.number(foreign), None, "{foreign}");
    }
}

#[test]
fn a_part_in_which_only_times_changed_is_left_out() {
    let mut a: Value = serde_json::json!({"ts": "1", "journal_seq": 1, "x": [{"age_s": 1.0, "size": 2}], "generated_at": "y"});
    calm(&mut a);
    assert_eq!(a, serde_json::json!({"x": [{"size": 2}]}));
    assert!(!RESTLESS.contains(&"equity"));
}

#[test]
fn a_client_that_does_not_read_is_cut_off_and_nobody_waits_for_it() {
    let mut run = TestRun::begin();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (tell, unread) = tokio::sync::mpsc::channel(WAITING_MAX);
        let cut = Cut::default();
        let place = run.shared.streams.enter(Sort::Events).unwrap();
        let task = tokio::spawn(feed((Arc::clone(&run.shared), place), None, tell, cut.clone()));
        for _ in 0..WAITING_MAX + 4 {
            run.go_on(20);
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        tokio::time::timeout(Duration::from_secs(1), task).await.expect("it ended").unwrap();
        tokio::time::timeout(Duration::from_secs(1), cut.0.notified()).await.expect("the connection is cut");
        assert_eq!(run.shared.streams.dropped(), 1);
        assert_eq!(run.shared.streams.open(Sort::Events), 0, "its place is free");
        drop(unread);
    });
}

#[test]
fn a_full_house_is_an_answer() {
    let run = TestRun::begin();
    let streams = &run.shared.streams;
    let places: Vec<_> = (0..STREAMS_MAX).map(|_| streams.enter(Sort::Socket).unwrap()).collect();
    assert!(streams.enter(Sort::Events).is_err());
    drop(places);
    assert!(streams.enter(Sort::Events).is_ok());
}

/// Requests that come together are answered before the first of their streams has begun.
#[test]
fn of_streams_that_are_asked_for_at_once_none_beyond_the_last_place_is_let_in() {
    let run = TestRun::begin();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let none = axum::http::HeaderMap::new();
        let asked: Vec<_> =
            (0..STREAMS_MAX + 9).map(|_| events(&run.shared, &none, Cut::default()).is_ok()).collect();
        assert_eq!(asked.iter().filter(|ok| **ok).count(), STREAMS_MAX);
        assert_eq!(run.shared.streams.open(Sort::Events), STREAMS_MAX);
        // Nobody reads them: their places come free.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(run.shared.streams.open(Sort::Events), 0);
    });
}
