//! The classifier is monotone, and the gate lets one request through for one pause and one phrase.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use zero_core::prng::Prng;
use zero_core::{OrderId, Ts, TsDiff};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_operator::{
    Conduct, Control, Direction, HOLDS_MAX, Increase, Level, Request, Vector, Verdict, assess, direction,
    friction,
};

const START: Ts = Ts::from_ns(1_756_900_800_000_000_000);

fn at(seconds: i64) -> Ts {
    START.plus(TsDiff::secs(seconds))
}

fn act(action: OperatorAction, subject: &str) -> OperatorEvent {
    OperatorEvent {
        action,
        subject: subject.into(),
        operator: "ana".into(),
        reason: "test".into(),
        at: Ts::ZERO,
    }
}

fn any(p: &mut Prng) -> Vector {
    let hours = |p: &mut Prng| TsDiff::HOUR.times(p.below(30) as i64);
    let count = |p: &mut Prng| p.below(12) as u32;
    Vector {
        last_1h: p.below(40) as u32,
        last_4h: count(p),
        last_24h: count(p),
        twice_baseline_1h: (p.below(2) == 0).then(|| 1 + p.below(8) as u32),
        overrides_last_10: p.below(11) as u32,
        verdicts_last_10: 10,
        overrides_last_50: count(p),
        verdicts_last_50: 50,
        active: hours(p),
        longest_focus: hours(p),
        since_break: hours(p),
        reaction_median: (p.below(2) == 0).then(|| hours(p)),
        reaction_fastest: None,
        reaction_baseline: (p.below(2) == 0).then(|| hours(p)),
        reactions: count(p),
        re_entry_15m: count(p),
        re_entry_30m: count(p),
        re_entry_2h: count(p),
        re_entry_recent: p.below(5) as u32,
        reflexes: p.below(3) as u32,
        awake: (p.below(2) == 0).then(|| hours(p)),
        on_break: false,
        since_tilt: (p.below(3) == 0).then(|| hours(p)),
    }
}

fn longer(d: TsDiff) -> TsDiff {
    TsDiff::ns(d.as_ns() + TsDiff::HOUR.as_ns())
}

#[test]
fn more_of_any_sign_never_lowers_the_level_and_nothing_unknown_raises_it() {
    let mut p = Prng::new(7, 1);
    for _ in 0..20_000 {
        let v = any(&mut p);
        let level = assess(&v).level;
        let more = [
            Vector { last_1h: v.last_1h + 1, ..v },
            Vector { overrides_last_10: v.overrides_last_10 + 1, ..v },
            Vector { active: longer(v.active), ..v },
            Vector { since_break: longer(v.since_break), ..v },
            Vector { re_entry_recent: v.re_entry_recent + 1, ..v },
            Vector { reflexes: v.reflexes + 1, ..v },
            Vector { awake: v.awake.map(longer), ..v },
        ];
        for m in more {
            assert!(assess(&m).level >= level, "{v:?}\n{m:?}");
        }
        for less in [
            Vector { twice_baseline_1h: None, ..v },
            Vector { reaction_baseline: None, ..v },
            Vector { reaction_median: None, ..v },
            Vector { awake: None, ..v },
        ] {
            assert!(assess(&less).level <= level, "an unknown raised the level: {v:?}");
        }
    }
}

/// Overrides in a row: level 2 asks for a pause and a phrase.
fn hasty() -> Conduct {
    let mut c = Conduct::new();
    for i in 0..5 {
        c.act(&act(OperatorAction::Override, "verdict"), at(i));
    }
    assert_eq!(assess(&c.vector(at(5))).level, Level::L2);
    c
}

#[test]
fn a_phrase_is_for_one_request_and_one_time() {
    let mut c = hasty();
    let (a, b) =
        (Increase::new(Control::ClearLatch, "drawdown"), Increase::new(Control::ClearLatch, "daily_loss"));
    let held = c.request(&a, at(10), true);
    assert_eq!(held.verdict, Verdict::Held);
    c.request(&b, at(10), true);
    c.act(&act(OperatorAction::Confirm, &held.phrase), at(20));
    assert_eq!(c.request(&b, at(80), true).verdict, Verdict::PhraseMissing, "another's phrase");
    assert_eq!(c.request(&a, at(80), true).verdict, Verdict::Admitted);
    let again = c.request(&a, at(81), true);
    assert_eq!(again.verdict, Verdict::Held, "it was used");
    assert_ne!(again.phrase, held.phrase);
    c.act(&act(OperatorAction::Confirm, &held.phrase), at(82));
    assert_eq!(c.request(&a, at(150), true).verdict, Verdict::PhraseMissing, "the old phrase");
}

#[test]
fn a_held_request_lapses_and_begins_anew() {
    let mut c = hasty();
    let a = Increase::new(Control::AutoOn, "");
    let held = c.request(&a, at(10), true);
    c.act(&act(OperatorAction::Confirm, &held.phrase), at(20));
    let late = c.request(&a, held.until.plus(TsDiff::secs(1)), true);
    assert_eq!(late.verdict, Verdict::Held);
    assert_ne!(late.phrase, held.phrase, "what was typed for the lapsed one counts no more");
}

/// Asking again and again is one decision, and does not raise the level by itself.
#[test]
fn repeating_a_held_request_is_no_new_decision() {
    let mut c = hasty();
    let a = Increase::new(Control::ResumeEntries, "");
    for i in 0..50 {
        c.request(&a, at(10 + i), true);
    }
    assert_eq!(c.vector(at(61)).last_1h, 1);
}

#[test]
fn a_flood_of_requests_is_bounded() {
    let mut c = hasty();
    for i in 0..1_000 {
        c.request(&Increase::new(Control::Execute, &i.to_string()), at(10), true);
    }
    assert!(c.holds.len() <= HOLDS_MAX);
    for i in 0..10_000 {
        c.act(&act(OperatorAction::Command, "increases x"), at(11 + i));
        let id = OrderId(u128::from(i as u64).to_be_bytes());
        c.judged(id);
        c.act(&act(OperatorAction::Follow, &id.to_string()), at(11 + i));
    }
    assert!(
        c.decisions.len() <= 2_048 && c.answers.len() <= 50 && c.verdicts.len() <= 64 && c.hours.len() <= 168
    );
}

/// The clock of a machine may be set back; what a person waits for does not come sooner, nor never.
#[test]
fn a_clock_that_is_set_back_neither_shortens_nor_ends_a_pause() {
    let mut c = hasty();
    let a = Increase::new(Control::AutoOn, "");
    let held = c.request(&a, at(3_600), true);
    c.act(&act(OperatorAction::Confirm, &held.phrase), at(3_601));
    assert_eq!(c.request(&a, at(0), true).verdict, Verdict::TooEarly);
    assert_eq!(c.request(&a, held.not_before, true).verdict, Verdict::Admitted);
}

#[test]
fn only_what_increases_makes_a_request_and_only_where_it_changes_something() {
    for a in OperatorAction::ALL {
        let act = act(*a, "increases x");
        let gated = matches!(Request::of(&act, true), Request::Increase(_));
        assert!(!gated || direction(&act) == Direction::Increases, "{}", a.name());
        assert!(matches!(Request::of(&act, false), Request::Free(_)), "{}", a.name());
    }
    let mut last = TsDiff::ZERO;
    for level in [Level::L0, Level::L1, Level::L2, Level::L3] {
        let f = friction(level);
        assert!(f.pause >= last && !f.refuses);
        last = f.pause;
    }
    assert!(friction(Level::L4).refuses);
}

/// A loss that the loop has not shown yet is shown before it takes the next act.
#[test]
fn what_the_next_request_meets_knows_of_a_loss_that_is_not_shown_yet() {
    let mut c = Conduct::new();
    c.act(&act(OperatorAction::Heartbeat, ""), at(0));
    c.losses = 1;
    let foreseen = c.next_request(at(60));
    assert_eq!((c.losses_seen, c.rulings), (0, 0), "it was asked of a copy");
    assert_eq!((foreseen.level, foreseen.verdict), (Level::L2, Verdict::Held), "a re-entry, and a reflex");
    c.loss_seen(at(60));
    c.act(&act(OperatorAction::AutoOn, ""), at(60));
    assert_eq!(c.request(&Increase::new(Control::AutoOn, ""), at(60), true).level, foreseen.level);
}

fn verdict(n: u64) -> OrderId {
    OrderId(u128::from(n).to_be_bytes())
}

/// Whatever a person says, and however often: a level falls by what the engine judged and they followed, never by words.
#[test]
fn no_sequence_of_words_lowers_a_level_without_a_verdict_that_was_not_answered_before() {
    for seed in 0..300 {
        let mut p = Prng::new(seed, 3);
        let mut c = Conduct::new();
        for n in 0..20 {
            c.judged(verdict(n));
        }
        let mut answered = [false; 20];
        let mut level = Level::L0;
        for _ in 0..200 {
            let n = p.below(30);
            let named =
                [verdict(n).to_string(), format!("{} late", verdict(n)), format!("word {n}"), String::new()];
            let subject = &named[p.below(4) as usize];
            let overrides = p.below(3) == 0;
            let action = if overrides { OperatorAction::Override } else { OperatorAction::Follow };
            c.act(&act(action, subject), at(1));
            let now = assess(&c.vector(at(1))).level;
            let mut fresh = subject.starts_with(&verdict(n).to_string()) && n < 20;
            if fresh {
                fresh = !core::mem::replace(&mut answered[n as usize], true);
            }
            assert!(
                now >= level || (fresh && !overrides),
                "{level:?} fell to {now:?} by {action:?} {subject:?}"
            );
            level = now;
        }
        assert!(c.answers.iter().filter(|a| a.verdict.is_some()).count() <= 20);
    }
}

/// It was followed, then forgotten among newer ones: naming it again is a word about nothing.
#[test]
fn an_answer_is_not_counted_again_once_its_verdict_is_forgotten() {
    let mut c = Conduct::new();
    c.judged(verdict(0));
    c.act(&act(OperatorAction::Follow, &verdict(0).to_string()), at(0));
    for n in 1..100 {
        c.judged(verdict(n));
    }
    for _ in 0..20 {
        c.act(&act(OperatorAction::Follow, &verdict(0).to_string()), at(0));
    }
    assert_eq!(c.answers.len(), 1);
}
