//! What becomes of a message that is not taken at once: tried again, never lost without being counted, and never in the way
//! of another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use zero_core::{Ts, TsDiff};
use zero_notify::{ATTEMPTS_MAX, Message, Outbox, Urgency, WAITING_MAX, What};

const T0: Ts = Ts::from_ns(1_756_857_600_000_000_000);

fn message(i: usize, urgency: Urgency) -> Message {
    Message {
        what: What::Alert,
        key: format!("key/{i}"),
        urgency,
        text: format!("message {i}"),
        count: 1,
        at: T0.to_string(),
    }
}

/// Lets time pass until something is due, and settles it; when that was, seconds after the start.
fn attempt(o: &mut Outbox, now: &mut Ts, ok: impl Fn(&Message) -> bool) -> Option<(f64, Message, bool)> {
    for _ in 0..10_000 {
        if let Some(m) = o.due(*now).cloned() {
            let fine = ok(&m);
            let at = now.since(T0).as_ns() as f64 / 1e9;
            let dead = o.settle(&m, fine, *now).is_some();
            return Some((at, m, dead));
        }
        if o.tally().waiting == 0 {
            return None;
        }
        *now = now.plus(TsDiff::ns(100_000_000));
    }
    panic!("nothing is due for ever");
}

#[test]
fn pauses_double_up_to_five_minutes_and_the_message_is_given_up_after_the_last_attempt() {
    let (mut o, mut now) = (Outbox::default(), T0);
    o.put(message(1, Urgency::Critical));
    let mut times = Vec::new();
    while let Some((at, _, dead)) = attempt(&mut o, &mut now, |_| false) {
        times.push(at);
        assert_eq!(dead, times.len() == ATTEMPTS_MAX as usize);
    }
    let pauses: Vec<f64> = times.windows(2).map(|w| (w[1] - w[0]).round()).collect();
    assert_eq!(pauses, [1., 2., 4., 8., 16., 32., 64., 128., 256., 300., 300., 300., 300., 300., 300.]);
    let t = o.tally();
    assert_eq!((t.failed, t.dead, t.waiting, t.delivered), (ATTEMPTS_MAX.into(), 1, 0, 0));
}

#[test]
fn a_receiver_that_comes_back_gets_everything_once_and_at_once() {
    let (mut o, mut now) = (Outbox::default(), T0);
    (0..20).for_each(|i| assert!(o.put(message(i, Urgency::Warning)).is_none()));
    for _ in 0..10 {
        attempt(&mut o, &mut now, |_| false).unwrap();
    }
    let (back, mut got) = (now, BTreeMap::<String, usize>::new());
    while let Some((_, m, _)) = attempt(&mut o, &mut now, |_| true) {
        *got.entry(m.key).or_default() += 1;
    }
    assert_eq!((got.len(), got.values().max()), (20, Some(&1)));
    assert!(now.since(back) <= TsDiff::secs(300), "one pause at most, not one for each");
    assert_eq!(o.next(), None);
}

#[test]
fn a_message_that_is_always_refused_holds_up_no_other() {
    let (mut o, mut now) = (Outbox::default(), T0);
    o.put(message(0, Urgency::Warning));
    let mut late = 0.0f64;
    for i in 1..=50 {
        o.put(message(i, Urgency::Critical));
        let put = now;
        loop {
            let (_, m, _) = attempt(&mut o, &mut now, |m| m.key != "key/0").unwrap();
            if m.key == format!("key/{i}") {
                break;
            }
        }
        late = late.max(now.since(put).as_ns() as f64 / 1e9);
    }
    assert!(late <= 2.0, "a message waited {late} s behind one that is refused");
}

#[test]
fn with_no_room_left_the_oldest_of_the_least_urgent_gives_way() {
    let mut o = Outbox::default();
    o.put(message(0, Urgency::Critical));
    (1..WAITING_MAX).for_each(|i| drop(o.put(message(i, Urgency::Warning))));
    assert_eq!(o.put(message(900, Urgency::Critical)).unwrap().message.key, "key/1");
    assert_eq!(
        o.put(message(901, Urgency::Info)).unwrap().message.key,
        "key/901",
        "itself, if it is the least"
    );
    assert_eq!((o.tally().waiting, o.tally().dead), (WAITING_MAX as u64, 2));
}

#[test]
fn a_clock_that_is_set_back_silences_nobody() {
    let mut o = Outbox::default();
    o.put(message(1, Urgency::Warning));
    let m = o.due(T0).unwrap().clone();
    o.settle(&m, false, T0);
    assert!(o.due(T0).is_none(), "it pauses");
    assert!(o.due(T0.minus(TsDiff::DAY)).is_some());
}

proptest! {
    /// The process dies at any moment, also between a delivery and writing it down. What was saved is what it knows.
    #[test]
    fn whatever_dies_when_every_message_is_delivered_or_counted_as_given_up(
        script in prop::collection::vec((0..4u8, any::<bool>()), 1..300)
    ) {
        let (mut o, mut now, mut saved) = (Outbox::default(), T0, String::from("{}"));
        let mut journal = Vec::new();
        // The place in the journal is saved with what waits.
        let (mut cursor, mut saved_cursor) = (0, 0);
        let (mut delivered, mut dead) = (BTreeMap::<String, usize>::new(), 0);
        let first = serde_json::to_string(&o).unwrap();
        saved.replace_range(.., &first);
        for (what, ok) in script {
            match what {
                0 => {
                    journal.push(message(journal.len(), if ok { Urgency::Critical } else { Urgency::Info }));
                }
                1 => {
                    while let Some(m) = journal.get(cursor) {
                        dead += usize::from(o.put(m.clone()).is_some());
                        cursor += 1;
                    }
                    saved = serde_json::to_string(&o).unwrap();
                    saved_cursor = cursor;
                }
                2 => {
                    now = now.plus(TsDiff::secs(40));
                    if let Some(m) = o.due(now).cloned() {
                        dead += usize::from(o.settle(&m, ok, now).is_some());
                        if ok {
                            *delivered.entry(m.key).or_default() += 1;
                        }
                    }
                }
                _ => {
                    o = serde_json::from_str::<Outbox>(&saved).unwrap().resumed();
                    cursor = saved_cursor;
                }
            }
        }
        while let Some(m) = journal.get(cursor) {
            dead += usize::from(o.put(m.clone()).is_some());
            cursor += 1;
        }
        while let Some((_, m, _)) = attempt(&mut o, &mut now, |_| true) {
            *delivered.entry(m.key).or_default() += 1;
        }
        prop_assert!(delivered.len() + dead >= journal.len(), "{} of {}", delivered.len(), journal.len());
    }
}
