//! Kept answers against answers rendered anew at every request: what is given must have been true of the same publication, for
//! the same question and the same role, within the bound. The same check is made of keepers that forget one thing each, and
//! must find every one.

use super::{BYTES_MAX, ENTRIES_MAX, Kept, QUESTION_MAX};
use crate::answer::{Answer, Question, answer, fresh};
use crate::guard::Who;
use crate::refusal::Refusal;
use crate::test_run::TestRun;
use axum::body::Bytes;
use axum::http::Uri;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use zero_capability::{Capability, MOMENT, TABLE};
use zero_core::prng::Prng;
use zero_packets::notify::SinkTally;
use zero_runtime::clock::Clock as _;
use zero_runtime::publish::Published;

const ROLES: [Who; 4] = [
    Who { role: "anonymous", source: "none" },
    Who { role: "observer", source: "token" },
    Who { role: "agent", source: "token" },
    Who { role: "operator", source: "token" },
];

fn question(row: &'static Capability, who: Who, uri: &Uri) -> Question {
    Question { row, who, uri: uri.clone(), wants_text: false, came: Duration::ZERO }
}

/// The server's answer to a request that came at `came`.
fn answered(
    run: &TestRun,
    row: &'static Capability,
    who: Who,
    uri: &Uri,
    wants_text: bool,
    came: Duration,
) -> Result<Answer, Refusal> {
    answer(&run.shared, &Question { wants_text, came, ..question(row, who, uri) })
}

/// A keeper that forgets one thing, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forgets {
    Nothing,
    Role,
    Query,
    Publication,
    Age,
}

/// What is checked: the server's own path, or a keeper of the test's.
enum Keeper {
    Own,
    Test { kept: Kept, forgets: Forgets, first: Arc<Published> },
}

impl Keeper {
    fn ask(&self, run: &TestRun, row: &'static Capability, who: Who, uri: &Uri) -> Bytes {
        let now = run.hand.monotonic();
        let Self::Test { kept, forgets, first } = self else {
            return answered(run, row, who, uri, false, now).unwrap().body;
        };
        let current = run.shared.load();
        let published = if *forgets == Forgets::Publication { first } else { &current };
        let text =
            if *forgets == Forgets::Query { uri.path() } else { uri.path_and_query().unwrap().as_str() };
        let key = if *forgets == Forgets::Role { ROLES[0] } else { who };
        let at = if *forgets == Forgets::Age { Duration::ZERO } else { now };
        kept.find(published, text, key, at).unwrap_or_else(|| {
            let body = fresh(&run.shared, &current, &question(row, who, uri)).unwrap().body;
            kept.put(published, text, key, (at, row.reuse), &body);
            body
        })
    }
}

fn questions() -> Vec<(&'static Capability, Uri)> {
    let paths = [
        ("status", "/v2/status"),
        ("positions", "/positions"),
        ("positions", "/positions?coin=BTC"),
        ("decisions", "/journal?limit=3"),
        ("decisions", "/journal?limit=7"),
        ("operator.context", "/operator/context"),
        ("live.cockpit", "/live/cockpit"),
        ("decision-stack", "/decision/stack?coin=ETH"),
        ("decision-stack", "/decision/stack"),
        ("evaluate", "/evaluate/BTC"),
        ("evaluate", "/evaluate/ETH"),
        ("pulse", "/pulse?limit=2"),
        ("brief", "/brief"),
        ("audit.export", "/audit/export?limit=3"),
    ];
    let row = |id: &str| TABLE.iter().find(|c| c.id == id).unwrap();
    paths.iter().map(|(id, path)| (row(id), path.parse().unwrap())).collect()
}

/// How many answers were kept ones, or the first that was wrong.
fn check(keeper: impl Fn(&TestRun) -> Keeper) -> Result<usize, String> {
    let mut run = TestRun::begin();
    run.go_on(3_000);
    let keeper = keeper(&run);
    let questions = questions();
    // What was true when, by publication, question and role.
    type Truths = Vec<(Duration, Bytes)>;
    let mut truths: HashMap<(usize, usize, &str), Truths> = HashMap::new();
    let (mut publication, mut kept) = (0, 0);
    let mut draws = Prng::new(11, 0);
    for step in 0..9_000 {
        run.hand.turn(Duration::from_micros(draws.below(2_000)));
        if draws.below(30) == 0 {
            run.go_on(40);
            publication += 1;
        }
        let q = draws.below(questions.len() as u64) as usize;
        let (row, uri) = &questions[q];
        let who = ROLES[draws.below(4) as usize];
        let now = run.hand.monotonic();
        let truth = fresh(&run.shared, &run.shared.load(), &question(row, who, uri)).unwrap().body;
        let told = keeper.ask(&run, row, who, uri);
        kept += usize::from(told != truth);
        let of = truths.entry((publication, q, who.role)).or_default();
        of.push((now, truth));
        if !of.iter().any(|(at, t)| now - *at < row.reuse && *t == told) {
            return Err(format!("step {step}: {uri} told {} what was not true", who.role));
        }
    }
    Ok(kept)
}

#[test]
fn what_is_told_was_true_of_this_publication_for_this_question_and_role_within_the_bound() {
    let kept = check(|_| Keeper::Own).unwrap();
    assert!(kept > 100, "only {kept} of the answers were kept ones whose age had moved: nothing was shown");
}

#[test]
fn a_keeper_that_forgets_role_query_publication_or_age_is_found() {
    let of = |forgets| check(|run| Keeper::Test { kept: Kept::default(), forgets, first: run.shared.load() });
    assert!(of(Forgets::Nothing).is_ok());
    for forgets in [Forgets::Role, Forgets::Query, Forgets::Publication, Forgets::Age] {
        assert!(of(forgets).is_err(), "{forgets:?}");
    }
}

/// Readings that can be asked here with no more than a coin: one needs a question of its own, one always refuses, and of one
/// every reading counts.
fn readings() -> Vec<(&'static Capability, Uri)> {
    let asked = TABLE.iter().filter(|c| !matches!(c.id, "quote" | "hl.account" | "intelligence.snapshots"));
    let get =
        |c: &'static Capability| c.http.filter(|h| h.method == "GET" && h.stream.is_none()).map(|h| (c, h));
    asked.filter_map(get).map(|(c, h)| (c, h.path.replace("{coin}", "BTC").parse().unwrap())).collect()
}

#[test]
fn what_the_table_does_not_allow_is_rendered_for_every_request() {
    let run = TestRun::begin();
    let mut moved = Vec::new();
    for (row, uri) in readings() {
        let ask = || answered(&run, row, ROLES[0], &uri, false, run.hand.monotonic()).unwrap().body;
        let first = ask();
        run.hand.turn(Duration::from_millis(1));
        // A socket is opened: `health` and `metrics` count it.
        let place = run.shared.streams.enter(crate::streams::Sort::Socket).unwrap();
        let second = ask();
        drop(place);
        if first != second {
            moved.push(row.id);
        }
        let found = run.shared.kept.find(&run.shared.load(), uri.path(), ROLES[0], run.hand.monotonic());
        assert_eq!(found.is_some(), !row.reuse.is_zero(), "{}", row.id);
        run.hand.turn(MOMENT);
    }
    moved.sort_unstable();
    // `livez` says the same for ever, and `readyz` tells ages in tenths of a second.
    assert_eq!(moved, ["health", "root"], "the others were kept");
}

#[test]
fn of_what_may_be_given_again_the_counters_of_the_server_alone_move_within_a_publication() {
    let run = TestRun::begin();
    let (mut moved, mut rows) = (Vec::new(), 0);
    for (row, uri) in readings().into_iter().filter(|(row, _)| !row.reuse.is_zero()) {
        let published = run.shared.load();
        let render = || fresh(&run.shared, &published, &question(row, ROLES[3], &uri)).unwrap().body;
        let first = render();
        // What the server does meanwhile, at the same instant of the clock.
        let place = run.shared.streams.enter(crate::streams::Sort::Socket).unwrap();
        run.shared.requests.count(
            &axum::http::Method::GET,
            Some(0),
            200,
            Duration::from_millis(3),
            run.hand.now(),
        );
        if first != render() {
            moved.push(row.id);
        }
        drop(place);
        rows += 1;
    }
    assert!(rows > 30, "{rows} readings were looked at");
    assert_eq!(moved, ["metrics"], "these must be rendered anew");
}

#[test]
fn metrics_as_text_are_rendered_for_every_request() {
    let run = TestRun::begin();
    let (row, uri) = readings().into_iter().find(|(row, _)| row.id == "metrics").unwrap();
    let ask = || answered(&run, row, ROLES[0], &uri, true, run.hand.monotonic()).unwrap();
    let json = answered(&run, row, ROLES[0], &uri, false, run.hand.monotonic()).unwrap();
    let first = ask();
    assert_ne!(first.media_type, json.media_type);
    run.shared.requests.count(
        &axum::http::Method::GET,
        Some(0),
        200,
        Duration::from_millis(3),
        run.hand.now(),
    );
    assert_ne!(first.body, ask().body);
}

#[test]
fn a_refusal_is_not_kept() {
    let run = TestRun::begin();
    let (row, _) = questions().swap_remove(1);
    let uri: Uri = "/positions?coin=NOPE".parse().unwrap();
    for _ in 0..2 {
        assert!(answered(&run, row, ROLES[0], &uri, false, Duration::ZERO).is_err());
    }
    assert_eq!(run.shared.kept.size(), (0, 0));
}

#[test]
fn however_many_questions_are_asked_what_is_kept_is_bounded_and_an_old_publication_is_let_go() {
    let mut run = TestRun::begin();
    let (kept, first, now) = (Kept::default(), run.shared.load(), (Duration::ZERO, MOMENT));
    let mut most = (0, 0);
    for i in 0..5_000usize {
        let body = Bytes::from(vec![0; (i * 7_919) % 100_000]);
        kept.put(&first, &format!("/x?{i}"), ROLES[i % 4], now, &body);
        // The same question again takes the place of the first.
        kept.put(&first, &format!("/x?{i}"), ROLES[i % 4], now, &body);
        let size = kept.size();
        most = (most.0.max(size.0), most.1.max(size.1));
    }
    assert!(most.0 <= ENTRIES_MAX && most.1 <= BYTES_MAX, "{most:?}");
    assert!(most.1 > BYTES_MAX / 2, "{most:?}");
    let before = kept.size();
    kept.put(&first, &"q".repeat(QUESTION_MAX + 1), ROLES[0], now, &Bytes::new());
    kept.put(&first, "/big", ROLES[0], now, &vec![0; BYTES_MAX].into());
    assert_eq!(kept.size(), before);
    run.shared.kept.put(&first, "/x", ROLES[0], now, &Bytes::new());
    run.go_on(50);
    let weak = Arc::downgrade(&first);
    drop((first, kept));
    assert!(weak.upgrade().is_none(), "nobody holds what was published before");
}

#[test]
fn a_message_that_reached_nobody_is_in_the_status_within_the_bound() {
    let run = TestRun::begin();
    let dead = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&dead);
    run.shared.tell_notices(Box::new(move || {
        let (name, dead) = ("webhook".to_owned(), counted.load(Ordering::Relaxed));
        vec![SinkTally { name, delivered: 9, failed: 0, waiting: 0, dead, next_attempt: None }]
    }));
    let (row, uri) = questions().swap_remove(0);
    let said = || {
        let body = answered(&run, row, ROLES[0], &uri, false, run.hand.monotonic()).unwrap().body;
        String::from_utf8(body.to_vec()).unwrap()
    };
    assert!(!said().contains("not delivered"), "nothing was lost");
    dead.store(3, Ordering::Relaxed);
    run.hand.turn(MOMENT);
    assert!(said().contains("notifications not delivered: webhook: 0 wait, 3 given up"), "{}", said());
}
