//! A kernel rebuilt from the journal is the kernel that ran: its features are the same to the bit, and every slice that it
//! decides again gives the judgements that were recorded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use zero_core::{Canon, CoinId, Digest32, Ts, TsDiff, Usd};
use zero_data::{EventRange, synth, synth::SynthSpec};
use zero_journal::{Options, RealDisk};
use zero_kernel::record::CandidateTrace;
use zero_market::{Event, EventBody};
use zero_paper::PaperConfig;
use zero_runtime::hosts::Hosts;
use zero_runtime::project::{self, Reading};
use zero_runtime::record::Manifest;
use zero_runtime::replica::Replica;
use zero_runtime::runner::{RunError, Runner};
use zero_runtime::view::{RunView, last_candidates};
use zero_runtime::{Driver, OperatorPolicy, RunSpec};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

const CODE: Digest32 = Digest32([7; 32]);

fn spec() -> RunSpec {
    let mut s = RunSpec::standard(
        SynthSpec::seeded(6).universe(),
        Usd::whole(10_000),
        PaperConfig::standard(zero_paper::FeeModel::HYPERLIQUID_BASE),
        &[
            ("trend", StrategyChoice::Trend(TrendParams::standard())),
            ("carry", StrategyChoice::Carry(CarryParams::standard())),
        ],
    );
    s.policy = OperatorPolicy::UNATTENDED;
    s.kernel.limits.max_open_positions = 5;
    s.kernel.limits.max_gross_leverage = zero_core::Rate::bps(8_000);
    s
}

fn market() -> impl Iterator<Item = Event> {
    let market = SynthSpec { bars: Some(24 * 80), ..SynthSpec::seeded(6) };
    synth::stream_range(&market, &EventRange::all()).unwrap().map(Result::unwrap)
}

/// A run that writes below `dir`; a snapshot every `every` records.
fn begin(dir: &Path, every: u64) -> Runner<RealDisk> {
    let key = zero_runtime::parity::scratch_key();
    let options = Options::new("zero.test/replica", dir.join("second"), "test", key);
    let manifest = Manifest::of(&spec(), CODE, Digest32::ZERO, "synthetic", Ts::ZERO).unwrap();
    let driver = spec().driver().unwrap();
    Runner::open(RealDisk, &dir.join("journal"), options, driver, manifest, every).unwrap().0
}

/// Runs so many events into a journal; a snapshot every `every` records. Closes in order where asked.
fn run(dir: &Path, events: usize, every: u64, close: bool) -> Driver {
    run_of(dir, events, every, close, |_| true)
}

/// As [`run`], of the events at the times that are kept.
fn run_of(dir: &Path, events: usize, every: u64, close: bool, kept: impl Fn(Ts) -> bool) -> Driver {
    let mut runner = begin(dir, every);
    for event in market().take(events) {
        if !kept(event.time) {
            continue;
        }
        runner.feed(&event).unwrap();
        if runner.is_full() {
            runner.commit().unwrap();
        }
    }
    runner.commit().unwrap();
    if close {
        return runner.close("test", Ts::ZERO).unwrap();
    }
    // Dropped without an end, as a killed process leaves it.
    let mut again = spec().driver().unwrap();
    zero_runtime::snapshot::RunSnapshot::of(runner.driver(), runner.manifest().clone())
        .restore(&mut again, true)
        .unwrap();
    again
}

#[test]
fn at_the_end_state_and_features_are_the_runs_own_with_and_without_a_snapshot() {
    for (every, close, code) in
        [(0, false, CODE), (2_000, false, CODE), (2_000, true, CODE), (2_000, true, Digest32([8; 32]))]
    {
        let dir = tempfile::tempdir().unwrap();
        let driver = run(dir.path(), 20_000, every, close);
        let journal = dir.path().join("journal");
        let (view, features) = RunView::load_with_features(&RealDisk, &journal).unwrap();
        assert_eq!(features.is_some(), every > 0 || close);
        let want = driver.engine().kernel().snapshot();
        // With the features that were found with the view, and looking for them.
        for features in [features, None] {
            let at = (&view, features);
            let replica = Replica::at_end_hosting(&RealDisk, &journal, at, code, &Hosts::default()).unwrap();
            assert_eq!(
                replica.kernel.snapshot().to_bytes(),
                want.to_bytes(),
                "snapshots every {every}, closed {close}"
            );
            assert!(replica.absent.iter().all(Option::is_none));
        }
    }
}

#[test]
fn what_a_loop_wrote_behind_the_view_is_not_in_the_features_even_where_a_snapshot_ends_with_the_view() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, mut runner, mut ends) = (dir.path().join("journal"), begin(dir.path(), 500), 0);
    let mut events = market().peekable();
    while ends < 6 {
        let event = events.next().unwrap();
        runner.feed(&event).unwrap();
        // Before the first close of an instant: a feature follows at once.
        let is_close = |e: &&Event| e.time > event.time && matches!(e.body, EventBody::BarClosed(_));
        if events.peek().filter(is_close).is_none() {
            continue;
        }
        runner.commit().unwrap();
        let (view, features) = RunView::load_with_features(&RealDisk, &journal).unwrap();
        let snapshot = journal.join(format!("snapshot/{:020}.snap", view.next_seq));
        if !snapshot.is_file() {
            continue;
        }
        let want = runner.driver().engine().kernel().snapshot().to_bytes();
        // The loop goes on while somebody looks.
        runner.feed(&events.next().unwrap()).unwrap();
        runner.commit().unwrap();
        for features in [features, None] {
            let at = (&view, features);
            let replica = Replica::at_end_hosting(&RealDisk, &journal, at, CODE, &Hosts::default()).unwrap();
            assert_eq!(replica.pending, None);
            assert!(replica.kernel.snapshot().to_bytes() == want, "at {}", view.next_seq);
            ends += 1;
        }
    }
}

#[test]
fn features_of_a_snapshot_of_another_epoch_are_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 20_000, 2_000, true);
    let mut spec = spec();
    let of = TrendParams::standard();
    spec.strategies[0] = StrategyChoice::Trend(TrendParams { lookback: of.lookback + 1, ..of });
    let key = zero_runtime::parity::scratch_key();
    let options = Options::new("zero.test/replica", dir.path().join("second"), "test", key);
    let manifest = Manifest::of(&spec, CODE, Digest32::ZERO, "synthetic", Ts::ZERO).unwrap();
    let journal = dir.path().join("journal");
    let driver = spec.driver().unwrap();
    let (runner, recovered) = Runner::open(RealDisk, &journal, options, driver, manifest, 0).unwrap();
    assert!(recovered.new_epoch);
    let (view, features) = RunView::load_with_features(&RealDisk, &journal).unwrap();
    assert!(features.is_some(), "those of the former epoch");
    let at = (&view, features);
    let replica = Replica::at_end_hosting(&RealDisk, &journal, at, CODE, &Hosts::default()).unwrap();
    let want = runner.driver().engine().kernel().snapshot();
    assert_eq!(replica.kernel.snapshot().to_bytes(), want.to_bytes());
}

#[test]
fn within_an_instant_features_of_a_later_snapshot_are_not_those_before_it() {
    let mut within = 0;
    for length in 20_000..20_024 {
        let dir = tempfile::tempdir().unwrap();
        run(dir.path(), length, 2_000, true);
        let journal = dir.path().join("journal");
        let (view, features) = RunView::load_with_features(&RealDisk, &journal).unwrap();
        let built = [features, None].map(|features| {
            let at = (&view, features);
            Replica::at_end_hosting(&RealDisk, &journal, at, CODE, &Hosts::default()).unwrap()
        });
        let [given, found] = built.map(|r| (r.now, r.pending, r.next_seq, r.kernel.snapshot().to_bytes()));
        assert!(given == found, "{length} events");
        within += usize::from(found.1.is_some());
    }
    assert!((5..24).contains(&within), "{within} of 24 ended within an instant");
}

#[test]
fn every_slice_decided_again_gives_the_recorded_judgements() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 40_000, 3_000, true);
    let journal = dir.path().join("journal");
    let mut slices: BTreeMap<Ts, Vec<CandidateTrace>> = BTreeMap::new();
    for s in last_candidates(&RealDisk, &journal, 100_000, |_| true).unwrap() {
        slices.entry(s.trace.time).or_default().push(s.trace);
    }
    assert!(slices.values().any(|s| s.len() > 2) && slices.len() > 30, "{} slices", slices.len());
    // Spread over the run, and those with an admission, which are rare once the account is full.
    let admitting = slices.iter().filter(|(_, s)| s.iter().any(|t| t.admitted)).take(12);
    let some: Vec<_> = slices.iter().step_by(slices.len() / 40).chain(admitting).collect();
    let (mut admitted, mut rejected) = (0, 0);
    for (i, (time, recorded)) in some.into_iter().enumerate() {
        // With the features of a snapshot, and with those of the whole history.
        let code = if i % 2 == 0 { CODE } else { Digest32::ZERO };
        let mut replica = Replica::before_slice(&RealDisk, &journal, Some(*time), code).unwrap();
        assert_eq!(replica.now, *time);
        let again: Vec<_> = replica.kernel.decide_again(*time).unwrap().into_iter().map(|(_, t)| t).collect();
        // By bytes: a measure that is unknown is no number, and equals itself in its bytes only.
        let bytes = |traces: &[CandidateTrace]| traces.iter().map(Canon::to_bytes).collect::<Vec<_>>();
        assert_eq!(bytes(&again), bytes(recorded), "at {time}");
        admitted += recorded.iter().filter(|t| t.admitted).count();
        rejected += recorded.iter().filter(|t| !t.admitted).count();
    }
    assert!(admitted > 5 && rejected > 5, "{admitted} {rejected}");
}

#[test]
fn the_last_slice_is_the_same_from_a_snapshot_and_from_the_beginning() {
    for length in [19_990, 20_000, 20_011, 20_500] {
        let dir = tempfile::tempdir().unwrap();
        run(dir.path(), length, 2_000, true);
        let journal = dir.path().join("journal");
        let near = Replica::before_slice(&RealDisk, &journal, None, CODE).unwrap();
        let held: Vec<_> = std::fs::read_dir(journal.join("snapshot")).unwrap().collect();
        assert_eq!(held.len(), 2, "two snapshots are there to begin from");
        std::fs::remove_dir_all(journal.join("snapshot")).unwrap();
        let far = Replica::before_slice(&RealDisk, &journal, None, CODE).unwrap();
        assert_eq!((near.now, near.next_seq, near.decided_from), (far.now, far.next_seq, far.decided_from));
        assert_eq!(near.kernel.snapshot().to_bytes(), far.kernel.snapshot().to_bytes(), "{length} events");
    }
}

#[test]
fn a_moment_before_the_first_slice_has_no_answer_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 500, 0, true);
    let asked =
        Replica::before_slice(&RealDisk, &dir.path().join("journal"), Some(Ts::from_ns(1)), Digest32::ZERO);
    assert!(matches!(asked, Err(RunError::NoSlice)), "{asked:?}");
}

#[test]
fn a_moment_after_the_end_of_the_run_is_not_answered_with_its_last_slice() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 2_000, 0, true);
    let journal = dir.path().join("journal");
    let last = Replica::before_slice(&RealDisk, &journal, None, Digest32::ZERO).unwrap().now;
    let within =
        Replica::before_slice(&RealDisk, &journal, Some(last.plus(TsDiff::secs(3_599))), Digest32::ZERO)
            .unwrap();
    assert_eq!(within.now, last, "the hour of the last slice is not over");
    let after = last.plus(TsDiff::HOUR);
    let asked = Replica::before_slice(&RealDisk, &journal, Some(after), Digest32::ZERO).unwrap_err();
    assert_eq!(
        (asked.code(), asked.to_string().contains(&last.to_string())),
        ("ZERO-RUN-011", true),
        "{asked}"
    );
}

#[test]
fn a_moment_in_a_gap_is_told_which_slice_answers_and_how_old_it_is() {
    let hours = |n| TsDiff::HOUR.times(n);
    let whole = tempfile::tempdir().unwrap();
    run(whole.path(), 500, 0, true);
    let first = Replica::before_slice(&RealDisk, &whole.path().join("journal"), None, CODE).unwrap().now;
    // Twelve hours of which nothing came.
    let (from, to) = (first.plus(hours(20)), first.plus(hours(32)));
    let dir = tempfile::tempdir().unwrap();
    run_of(dir.path(), 6_000, 0, true, |t| t <= from || t >= to);
    let journal = dir.path().join("journal");
    let view = Arc::new(RunView::load(&RealDisk, &journal).unwrap());
    let r = Reading::of_files(&journal, view, None, Ts::ZERO);
    let why = |at: Option<Ts>| {
        let mut replica = Replica::before_slice(&RealDisk, &journal, at, CODE).unwrap();
        project::why(&r, &mut replica, CoinId(0), &[], &[]).unwrap()
    };
    for (n, gap) in [(0, false), (1, true), (7, true), (11, true)] {
        let at = from.plus(hours(n));
        let p = why(Some(at));
        assert_eq!((p.slice, p.asked_at), (from.to_string(), Some(at.to_string())));
        assert_eq!((p.slice_age_s, p.close_age_s), (Some(3_600.0 * n as f64), Some(3_600.0 * n as f64)));
        assert_eq!(p.gap.is_some(), gap, "{n} hours into it: {:?}", p.gap);
        if let Some(said) = p.gap {
            assert!(said.contains(&from.to_string()) && said.contains(&format!("{} s", 3_600 * n)), "{said}");
            assert!(p.answer.starts_with(&said), "{}", p.answer);
        }
    }
    // Inside a bar there is a slice for every moment, however near its end.
    let p = why(Some(from.plus(TsDiff::secs(3_599))));
    assert_eq!((p.gap, p.slice_age_s), (None, Some(3_599.0)));
    let p = why(Some(to.plus(hours(3))));
    assert_eq!((p.gap, p.slice_age_s), (None, Some(0.0)));
    let p = why(None);
    assert_eq!((p.gap, p.asked_at, p.slice_age_s), (None, None, None));
}
