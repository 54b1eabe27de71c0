//! The latest records are the same wherever they are looked at: in the loop that writes them, in its files beside it, after an
//! end in order, after a cut, in the process that continues; and they are what looking back through the journal finds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::path::Path;
use zero_core::{Digest32, Sz, Ts, TsDiff, Usd};
use zero_data::{EventRange, synth, synth::SynthSpec};
use zero_journal::{Options, RealDisk};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{Event, OwnOrder, Side};
use zero_paper::PaperConfig;
use zero_runtime::at_rest::AtRest;
use zero_runtime::latest::Latest;
use zero_runtime::project::{is_act, is_told};
use zero_runtime::record::{Body, Manifest};
use zero_runtime::runner::Runner;
use zero_runtime::session::{Session, Settlement, sessions};
use zero_runtime::view::{RunView, SeenCandidate, Tail, last_bodies, last_candidates};
use zero_runtime::{OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

/// More than any kind is kept.
const MANY: usize = 300;

fn open(dir: &Path, code: u8, every: u64) -> Runner<RealDisk> {
    let paper = PaperConfig::standard(zero_paper::FeeModel::HYPERLIQUID_BASE);
    let trend = [("trend", StrategyChoice::Trend(TrendParams::standard()))];
    let spec = RunSpec::standard(SynthSpec::seeded(6).universe(), Usd::whole(10_000), paper, &trend);
    let mut spec = spec.with_own_book();
    spec.policy = OperatorPolicy::UNATTENDED;
    // Some are refused for this.
    spec.kernel.limits.max_open_positions = 3;
    let options =
        Options::new("zero.test/latest", dir.join("second"), "test", zero_runtime::parity::scratch_key());
    let code = Digest32([code; 32]);
    let manifest = Manifest::of(&spec, code, Digest32::ZERO, "synthetic", Ts::ZERO).unwrap();
    Runner::open(RealDisk, &dir.join("journal"), options, spec.driver().unwrap(), manifest, every).unwrap().0
}

fn market(bars: u64) -> Vec<Event> {
    let mut market = SynthSpec::seeded(6);
    market.bars = Some(bars);
    synth::stream_range(&market, &EventRange::all()).unwrap().map(Result::unwrap).collect()
}

fn does(runner: &mut Runner<RealDisk>, action: OperatorAction, subject: &str, at: Ts) {
    let (subject, operator, reason) = (subject.to_owned(), "ana".to_owned(), String::new());
    let act = OperatorEvent { action, subject, operator, reason, at };
    let admitted = runner.admit(act, None, at).unwrap();
    runner.operate(admitted).unwrap();
}

/// Feeds them, and every so often does what a person does: an order of their own, then a word.
fn go_on(runner: &mut Runner<RealDisk>, events: &[Event], acts_every: usize) {
    let universe = SynthSpec::seeded(6).universe();
    let (coin, symbol) = universe.iter().map(|(id, i)| (id, i.symbol.clone())).next().unwrap();
    for (i, event) in events.iter().enumerate() {
        runner.feed(event).unwrap();
        if i % acts_every == acts_every - 1 {
            let number = runner.journal().next_seq() + runner.journal().staged() as u64;
            let at = event.time.plus(TsDiff::ns(i as i64));
            if i % (4 * acts_every) == acts_every - 1 {
                // What follows it is held.
                does(runner, OperatorAction::Break, "30", at);
            }
            let order = OwnOrder {
                coin,
                symbol: symbol.clone(),
                side: Side::Buy,
                sz: Sz::whole(100),
                worst_px: None,
                key: format!("key-{number}"),
            };
            does(runner, OperatorAction::Execute, &order.subject(), at);
            does(runner, OperatorAction::Follow, &format!("at {number}"), at);
        }
        if runner.is_full() {
            runner.commit().unwrap();
        }
    }
    runner.commit().unwrap();
}

fn texts(seen: &[SeenCandidate]) -> Vec<String> {
    seen.iter().map(|s| format!("{} {:?} {:?}", s.seq, s.key, s.trace)).collect()
}

fn bodies(found: &[(u64, Body)]) -> Vec<String> {
    found.iter().map(|(seq, body)| format!("{seq} {body:?}")).collect()
}

/// Everything that can be asked of the latest records.
fn asked(latest: &Latest) -> [Vec<String>; 5] {
    let any = |seq, body: &Body| Some((seq, body.clone()));
    [
        texts(&latest.last(MANY, |_| true)),
        texts(&latest.last_refused(MANY, |_| true)),
        bodies(&latest.last_events(MANY, any)),
        bodies(&latest.last_acts(2 * MANY, any)),
        vec![latest.acts_since().to_string()],
    ]
}

/// The same by looking back through the journal.
fn looked_for(dir: &Path) -> [Vec<String>; 4] {
    let journal = dir.join("journal");
    let tail = |limit| Tail { limit, only: None, reach: u64::MAX };
    let told = |seq, body: &Body| {
        let is = match body {
            Body::Fact(fact) => is_told(fact),
            other => matches!(
                other,
                Body::Candidate(_) | Body::Manifest(_) | Body::Settings(_) | Body::End(_) | Body::Approval(_)
            ),
        };
        is.then(|| (seq, body.clone()))
    };
    let act = |seq, body: &Body| matches!(body, Body::Fact(f) if is_act(f)).then(|| (seq, body.clone()));
    [
        texts(&last_candidates(&RealDisk, &journal, MANY, |_| true).unwrap()),
        texts(&last_candidates(&RealDisk, &journal, MANY, |t| !t.admitted).unwrap()),
        bodies(&last_bodies(&RealDisk, &journal, tail(MANY), told).unwrap()),
        bodies(&last_bodies(&RealDisk, &journal, tail(2 * MANY), act).unwrap()),
    ]
}

fn all_agree(runner: Option<&Runner<RealDisk>>, dir: &Path, when: &str) -> [Vec<String>; 5] {
    let at_rest = AtRest::load(&RealDisk, &dir.join("journal")).unwrap();
    let files = asked(&at_rest.latest);
    // What is read without them begins at the same snapshot.
    let (alone, view) = (RunView::load(&RealDisk, &dir.join("journal")).unwrap(), &at_rest.view);
    assert_eq!((alone.snapshot_seq, alone.next_seq), (view.snapshot_seq, view.next_seq), "{when}");
    assert_eq!((&alone.state, alone.regime), (&view.state, view.regime), "{when}");
    if let Some(runner) = runner {
        assert!(asked(&runner.recent().latest()) == files, "{when}: the loop tells something else");
    }
    assert!(looked_for(dir)[..] == files[..4], "{when}: the journal tells something else");
    files
}

#[test]
fn the_latest_records_are_the_same_in_the_loop_in_its_files_and_in_the_next_process() {
    let events = market(24 * 120);
    let (first, rest) = events.split_at(events.len() / 2);
    let (second, third) = rest.split_at(rest.len() / 2);
    for every in [0, 700, 10_000] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let mut runner = open(dir, 1, every);
        all_agree(Some(&runner), dir, "at the start");
        go_on(&mut runner, first, 450);
        let [candidates, refused, told, acts, since] = all_agree(Some(&runner), dir, "on the way");
        assert!(
            candidates.len() == MANY && refused.len() > 20 && told.len() == MANY,
            "{} {} {}",
            candidates.len(),
            refused.len(),
            told.len()
        );
        assert!(acts.len() > 100 && acts.iter().any(|a| a.contains("Friction")), "{acts:?}");
        assert!(candidates.iter().any(|c| c.contains("key-")), "own orders are among them");
        assert_eq!(since, ["0"]);
        // Killed: what a snapshot did not carry is folded.
        drop(runner);
        all_agree(None, dir, "after a cut");
        let mut runner = open(dir, 1, every);
        all_agree(Some(&runner), dir, "in the next process");
        go_on(&mut runner, second, 3);
        let [.., acts, since] = all_agree(Some(&runner), dir, "after many acts");
        assert_eq!(acts.len(), 2 * MANY);
        assert_ne!(since, ["0"], "there are more acts than are kept");
        // What is not durable yet is made so by the end.
        does(&mut runner, OperatorAction::Follow, "to the end", second.last().unwrap().time);
        runner.close("test", Ts::ZERO).unwrap();
        all_agree(None, dir, "after an end in order");
        // Another program: features are made anew from the beginning, the latest records with them.
        let mut runner = open(dir, 2, every);
        go_on(&mut runner, third, 1_000);
        all_agree(Some(&runner), dir, "in another epoch");
    }
}

#[test]
fn what_is_too_rare_among_the_latest_is_looked_for_in_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut runner = open(dir, 1, 5_000);
    go_on(&mut runner, &market(24 * 60), 1_000_000);
    let journal = dir.join("journal");
    let at_rest = AtRest::load(&RealDisk, &journal).unwrap();
    let first = last_candidates(&RealDisk, &journal, usize::MAX, |_| true).unwrap();
    let oldest = first.first().unwrap();
    let is_oldest = |t: &zero_kernel::record::CandidateTrace| t.decision == oldest.trace.decision;
    assert!(at_rest.latest.last(1, is_oldest).is_empty(), "it is not among the latest");
    let found = at_rest.last_candidates((&RealDisk, &journal), 1, is_oldest).unwrap();
    assert_eq!(texts(&found), texts(&first[..1]));
    let refused = first.iter().find(|s| !s.trace.admitted).unwrap();
    let is_first = |t: &zero_kernel::record::CandidateTrace| t.decision == refused.trace.decision;
    let found = at_rest.last_refused((&RealDisk, &journal), 1, is_first).unwrap();
    assert_eq!(texts(&found), texts(std::slice::from_ref(refused)));
    assert!(
        at_rest.last_refused((&RealDisk, &journal), 1, |t| t.admitted).unwrap().is_empty(),
        "none that was admitted"
    );
    let starts = |seq, body: &Body| matches!(body, Body::Manifest(_)).then_some(seq);
    assert_eq!(at_rest.last_events((&RealDisk, &journal), 5, starts).unwrap(), [0]);
}

#[test]
fn where_what_lies_beside_a_snapshot_is_damaged_the_same_is_told_from_an_older_one() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let mut runner = open(dir, 1, 2_000);
    does(&mut runner, OperatorAction::SessionStart, "one flatten - first", Ts::ZERO);
    go_on(&mut runner, &market(24 * 60), 200);
    drop(runner);
    let journal = dir.join("journal");
    let told = |what: &str| {
        let at_rest = AtRest::load(&RealDisk, &journal).unwrap();
        let from = at_rest.view.snapshot_seq;
        (asked(&at_rest.latest), sessions_of(dir, what), at_rest.view.state.clone(), from)
    };
    let mut names: Vec<_> =
        std::fs::read_dir(journal.join("snapshot")).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    let (latest, found, state, mut from) = told("whole");
    for name in names.iter().rev() {
        let mut bytes = std::fs::read(name).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(name, bytes).unwrap();
        let (again, sessions, same, older) = told("damaged");
        assert!(again == latest && sessions == found && same == state);
        assert!(older < from, "{older:?} is not older than {from:?}");
        from = older;
        assert!(
            RunView::load(&RealDisk, &journal).unwrap().snapshot_seq > older,
            "the state itself is whole"
        );
    }
    assert_eq!(from, None, "from the first record in the end");
    let runner = open(dir, 1, 2_000);
    assert!(asked(&runner.recent().latest())[0] == latest[0], "a start tells it too");
}

/// The sessions of a journal: as they are read, and folded from its first record, which is the same.
fn sessions_of(dir: &Path, when: &str) -> Vec<Session> {
    let bare = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(dir.join("journal")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), bare.path().join(entry.file_name())).unwrap();
        }
    }
    let (read, folded) =
        (sessions(&RealDisk, &dir.join("journal")).unwrap(), sessions(&RealDisk, bare.path()).unwrap());
    assert_eq!(read, folded, "{when}");
    read
}

#[test]
fn sessions_that_a_snapshot_carries_are_those_of_every_record() {
    use OperatorAction::{SessionEnd, SessionSave, SessionStart};
    let events = market(24 * 40);
    let parts: Vec<&[Event]> = events.chunks(events.len() / 6).collect();
    for every in [0, 300, 10_000] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let at = |part: usize| parts[part].last().unwrap().time;
        let mut runner = open(dir, 1, every);
        go_on(&mut runner, parts[0], 50);
        assert_eq!(sessions_of(dir, "before any"), []);
        does(&mut runner, SessionStart, "one flatten - first", at(0));
        go_on(&mut runner, parts[1], 50);
        let open_one = sessions_of(dir, "while one is open");
        assert!(open_one[0].totals.fills > 0 && open_one[0].totals.acts > 0, "{open_one:?}");
        // Killed within the session, and gone on with by another program.
        drop(runner);
        let mut runner = open(dir, 2, every);
        go_on(&mut runner, parts[2], 50);
        assert!(sessions_of(dir, "in the next process")[0].totals.fills > open_one[0].totals.fills);
        does(&mut runner, SessionEnd, "one", at(2));
        runner.commit().unwrap();
        let ended = sessions_of(dir, "at its end");
        go_on(&mut runner, parts[3], 50);
        let settled = sessions_of(dir, "when it has settled");
        assert_eq!(settled[0].settlement, Settlement::Flat, "{settled:?}");
        assert!(settled[0].totals.fills >= ended[0].totals.fills);
        // What comes later is not counted to it.
        runner.close("test", Ts::ZERO).unwrap();
        let mut runner = open(dir, 2, every);
        does(&mut runner, SessionSave, "one renamed", at(3));
        does(&mut runner, SessionStart, "two protected one", at(3));
        go_on(&mut runner, parts[4], 50);
        let two = sessions_of(dir, "in a second");
        assert_eq!((&*two[0].label, &two[0].totals), ("renamed", &settled[0].totals));
        assert_eq!((&*two[1].origin, two[1].hands_over), ("one", true));
        does(&mut runner, SessionStart, "one flatten -", at(4));
        go_on(&mut runner, parts[5], 50);
        let three = sessions_of(dir, "when the first goes on and the second was left");
        assert_eq!((three[0].parts, three.len()), (2, 2));
        assert!(three[0].is_open() && !three[1].is_open());
        runner.close("test", Ts::ZERO).unwrap();
        assert_eq!(sessions_of(dir, "after the end").len(), 2);
    }
}
