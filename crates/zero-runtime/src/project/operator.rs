//! What an operator's acts left in force.

use super::{Reading, seconds};
use crate::past::past;
use crate::record::Body;
use crate::runner::RunError;
use std::path::Path;
use zero_core::{Ts, TsDiff};
use zero_journal::Disk;
use zero_kernel::Fact;
use zero_kernel::operator::{
    Cause, Conduct, Control, HOLDS_MAX, Label, Level, Request, Vector as Measured, Verdict, assess, friction,
    limits, moment,
};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{Event, EventBody};
use zero_packets::operator::AutoState;
use zero_packets::operator_state::{
    AfterBreak, Deviation, FrictionContract, LevelTerms, LossReaction, NextRequest, OperatorState, ReEntry,
    Ruling, Session, SleepProxy, Threshold, Vector, Velocity, Waiting,
};

/// The packet of the switch for automatic entries.
#[must_use]
pub fn auto_state(r: &Reading) -> AutoState {
    let off = r.view.state.auto_off;
    let others: Vec<String> = r.open_breakers().into_iter().filter(|b| b != "auto_off").collect();
    AutoState {
        schema_version: Default::default(),
        state: if off { "off" } else { "on" }.into(),
        simulated: true,
        reason: (!others.is_empty()).then(|| format!("open breakers: {}", others.join(", "))),
        journal_path: r.path.clone(),
        journal_seq: r.view.next_seq,
    }
}

/// The operator as an increase would meet them at the reader's wall time.
#[must_use]
pub fn operator_state(r: &Reading) -> OperatorState {
    state_of(&r.view.state.conduct, r.wall, (&r.path, r.view.next_seq))
}

/// The same at another time on the operator's clock. Of a time before the latest act it is folded again from the journal's
/// first record, up to the first act that is later.
///
/// # Errors
/// [`RunError`], such as [`RunError::Pruned`] where the beginning is gone.
pub fn operator_state_at<D: Disk>(
    (disk, dir): (&D, &Path),
    r: &Reading,
    at: Ts,
) -> Result<OperatorState, RunError> {
    if at >= r.view.state.conduct.now {
        return Ok(state_of(&r.view.state.conduct, at, (&r.path, r.view.next_seq)));
    }
    let then = past(disk, dir, |_, body| acted(body).is_some_and(|t| t > at))?;
    Ok(state_of(&then.state.conduct, at, (&r.path, then.next_seq)))
}

/// Where an act moves the operator's clock to.
fn acted(body: &Body) -> Option<Ts> {
    match body {
        Body::Fact(Fact::Event(Event { time, body: EventBody::Operator(act), .. })) => moment(act, *time),
        _ => None,
    }
}

/// At a time that is no earlier than the latest act in it.
fn state_of(c: &Conduct, at: Ts, (path, seq): (&str, u64)) -> OperatorState {
    let at = at.max(c.now);
    let v = c.vector(at);
    let a = assess(&v);
    let next = next_request(c, at);
    OperatorState {
        schema_version: Default::default(),
        label: a.label.name().into(),
        friction: next.level.clone(),
        standing_friction: a.level.name().into(),
        next_request: next,
        vector: vector(&v),
        as_of: at.to_string(),
        version: c.version,
        points: a.points,
        causes: names(&a.causes),
        waiting: waiting(c, a.level, at),
        last_ruling: c.ruling.as_ref().map(ruling),
        break_until: (at < c.break_until).then(|| c.break_until.to_string()),
        session: Some(c.session.clone()).filter(|s| !s.is_empty()),
        journal_path: path.to_owned(),
        journal_seq: seq,
    }
}

fn next_request(c: &Conduct, at: Ts) -> NextRequest {
    let r = c.next_request(at);
    let (pause_s, phrase) = demands(&r);
    let after_break = (r.verdict == Verdict::OnBreak).then(|| {
        let then = c.next_request(r.not_before);
        let (pause_s, phrase) = demands(&then);
        AfterBreak {
            at: r.not_before.to_string(),
            level: then.level.name().into(),
            verdict: then.verdict.name().into(),
            pause_s,
            phrase,
        }
    });
    NextRequest {
        level: r.level.name().into(),
        label: r.label.name().into(),
        verdict: r.verdict.name().into(),
        causes: names(&r.causes),
        pause_s,
        phrase,
        not_before: r.not_before.to_string(),
        after_break,
    }
}

/// Pause and phrase of a request that is held; of every other there is none.
fn demands(r: &zero_kernel::operator::Ruling) -> (u32, bool) {
    let ask = terms(r.level);
    if r.verdict == Verdict::Held { (ask.pause_s, ask.phrase) } else { (0, false) }
}

fn vector(v: &Measured) -> Vector {
    Vector {
        velocity: Velocity {
            last_1h: v.last_1h,
            last_4h: v.last_4h,
            last_24h: v.last_24h,
            baseline_1h: v.twice_baseline_1h.map(|b| f64::from(b) / 2.0),
        },
        deviation: Deviation {
            overrides_last_10: v.overrides_last_10,
            verdicts_last_10: v.verdicts_last_10,
            overrides_last_50: v.overrides_last_50,
            verdicts_last_50: v.verdicts_last_50,
        },
        session: Session {
            active_duration_ms: ms(v.active),
            longest_focus_ms: ms(v.longest_focus),
            since_last_break_ms: ms(v.since_break),
        },
        loss_reaction: LossReaction {
            median_last_10_ms: v.reaction_median.map_or(0, ms),
            fastest_session_ms: v.reaction_fastest.map_or(0, ms),
            baseline_ms: v.reaction_baseline.map(ms),
            samples: v.reactions,
        },
        re_entry: ReEntry {
            within_15m: v.re_entry_15m,
            within_30m: v.re_entry_30m,
            within_2h: v.re_entry_2h,
            recent_15m: v.re_entry_recent,
            reflexes: v.reflexes,
        },
        sleep_proxy: SleepProxy { hours_since_rest_ended: v.awake.map(|d| seconds(d) / 3_600.0) },
        on_break: v.on_break,
    }
}

fn ms(d: TsDiff) -> u64 {
    (d.as_ns().max(0) / 1_000_000).unsigned_abs()
}

fn names(causes: &[Cause]) -> Vec<String> {
    causes.iter().map(|c| c.name().to_owned()).collect()
}

fn waiting(c: &Conduct, level: Level, at: Ts) -> Vec<Waiting> {
    let ask = friction(level);
    // No increase is admitted in a break: what it could be repeated in begins after it, and ends in time or not at all.
    let first = at.max(c.break_until);
    let of = |h: &zero_kernel::operator::Hold| {
        let paused = h.since.plus(ask.pause);
        let until = paused.plus(ask.window);
        let not_before = if c.break_until > at { paused.max(c.break_until) } else { paused };
        (first <= until).then(|| Waiting {
            phrase: h.phrase.clone(),
            typed: h.typed,
            since: h.since.to_string(),
            not_before: not_before.to_string(),
            until: until.to_string(),
        })
    };
    c.holds.iter().filter_map(of).collect()
}

/// A ruling as packets show it.
#[must_use]
pub fn ruling(r: &zero_kernel::operator::Ruling) -> Ruling {
    Ruling {
        time: r.time.to_string(),
        control: r.control.name().into(),
        subject: r.subject.clone(),
        verdict: r.verdict.name().into(),
        level: r.level.name().into(),
        label: r.label.name().into(),
        causes: names(&r.causes),
        not_before: r.not_before.to_string(),
        // Nothing waits during a break, and the record has no window of it.
        until: r.until.max(r.not_before).to_string(),
        phrase: Some(r.phrase.clone()).filter(|p| !p.is_empty()),
        code: refusal_code(r.verdict).map(str::to_owned),
        hint: refusal_code(r.verdict).and_then(zero_packets::errors::find).map(|e| e.hint.into()),
    }
}

/// Code of a verdict that does not admit, as every surface says it.
const fn refusal_code(v: zero_kernel::operator::Verdict) -> Option<&'static str> {
    use zero_kernel::operator::Verdict as V;
    match v {
        V::Admitted => None,
        V::Held | V::TooEarly | V::PhraseMissing => Some("ZERO-OPR-001"),
        V::Refused | V::OnBreak => Some("ZERO-OPR-002"),
    }
}

/// The verdict in words. Only what can be asked again says when: a refusal lasts as long as what it rests on.
#[must_use]
pub fn ruling_text(r: &zero_kernel::operator::Ruling) -> String {
    let (level, from, until) = (r.level.name(), r.not_before, r.until);
    match r.verdict {
        Verdict::Admitted => format!("admitted at {level}"),
        Verdict::Held => format!("held at {level}: ask again from {from} to {until}"),
        Verdict::TooEarly => format!("too early at {level}: ask again from {from} to {until}"),
        Verdict::PhraseMissing => {
            format!(
                "its phrase was not typed, at {level}: confirm {:?} and ask again up to {until}",
                r.phrase
            )
        }
        Verdict::OnBreak => format!("a declared break goes on until {from}"),
        Verdict::Refused => {
            let rests = names(&r.causes).join(", ");
            format!("refused at {level}: {rests}; /operator/state shows when it changes")
        }
    }
}

/// What stands before an increase, level by level: the terms that the kernel is built with.
#[must_use]
pub fn friction_contract() -> FrictionContract {
    let free = |a: &&OperatorAction| {
        let act = OperatorEvent {
            action: **a,
            subject: String::new(),
            operator: String::new(),
            reason: String::new(),
            at: Ts::ZERO,
        };
        matches!(Request::of(&act, true), Request::Free(_))
    };
    FrictionContract {
        schema_version: Default::default(),
        levels: Level::ALL.iter().map(|l| terms(*l)).collect(),
        gated: Control::ALL.iter().map(|c| c.name().to_owned()).collect(),
        never_gated: OperatorAction::ALL.iter().filter(free).map(|a| a.name().to_owned()).collect(),
        labels: Label::ALL.iter().map(|l| l.name().to_owned()).collect(),
        causes: names(Cause::ALL),
        thresholds: thresholds(),
        procedure: [
            "ask: the first request is held, and its pause begins",
            "where a phrase is stated, type it with `zero operator confirm`",
            "ask again, in the same words, after the pause and within the window: it is judged at the level of then",
        ]
        .map(str::to_owned)
        .to_vec(),
        waiting_max: HOLDS_MAX as u32,
    }
}

fn terms(level: Level) -> LevelTerms {
    let f = friction(level);
    let s = |d: TsDiff| (d.as_ns() / 1_000_000_000) as u32;
    LevelTerms {
        level: level.name().into(),
        pause_s: s(f.pause),
        phrase: f.phrase,
        refuses: f.refuses,
        window_s: s(f.window),
    }
}

fn thresholds() -> Vec<Threshold> {
    let row = |name: &str, value: u64, unit: &str, meaning: &str| Threshold {
        name: name.into(),
        value,
        unit: unit.into(),
        meaning: meaning.into(),
    };
    let time = |name: &str, d: TsDiff, meaning: &str| row(name, ms(d) / 1_000, "s", meaning);
    let count = |name: &str, n: u32, meaning: &str| row(name, u64::from(n), "count", meaning);
    let [one, two, three] = limits::OVERRIDES;
    vec![
        time("re_entry", limits::RE_ENTRY, "an increase this soon after a loss is one sign of haste"),
        count("re_entries_counted", limits::RE_ENTRIES_COUNTED, "fast re-entries that count, at most"),
        time("re_entry_weighs", limits::WEIGHS, "how long a fast re-entry counts"),
        time("reflex", limits::REFLEX, "one this soon is a further sign, for an hour"),
        count("velocity", limits::VELOCITY, "decisions in an hour at three times the usual: one sign"),
        count(
            "velocity_high",
            limits::VELOCITY_HIGH,
            "decisions in an hour at six times the usual: two signs",
        ),
        count("velocity_anyway", limits::VELOCITY_ANYWAY, "decisions in an hour whatever is usual: one sign"),
        count("overrides_1", one, "overrides among the last ten verdicts: one sign"),
        count("overrides_2", two, "overrides among the last ten verdicts: two signs"),
        count("overrides_3", three, "overrides among the last ten verdicts: three signs"),
        count("signs_l1", 1, "signs of haste for level 1, label elevated"),
        count("signs_l2", 2, "signs of haste for level 2, label elevated"),
        count("signs_l3", 3, "signs of haste for level 3, label tilt"),
        count("signs_l4", 5, "signs of haste for level 4, label tilt"),
        time("no_break", limits::NO_BREAK, "without a break: level 1, label fatigued"),
        time("long_activity", limits::LONG_ACTIVITY, "activity: level 2, label fatigued"),
        time("too_long_activity", limits::TOO_LONG_ACTIVITY, "activity: level 3"),
        time("no_rest", limits::NO_REST, "since the last rest: level 2"),
        time("no_rest_long", limits::NO_REST_LONG, "since the last rest: level 3"),
        time("no_rest_too_long", limits::NO_REST_TOO_LONG, "since the last rest: level 4"),
        time(
            "recovery",
            limits::RECOVERY,
            "after the last tilt, without a rest since: level 1, label recovery",
        ),
        time("break_silent", limits::BREAK_SILENT, "silence that is a break"),
        time("break_declared", limits::BREAK_DECLARED, "shortest declared break that counts as one"),
        time("activity_ends", limits::ACTIVITY_ENDS, "silence that ends a stretch of activity"),
        time("rest", limits::REST, "silence that is a rest"),
        time("fresh", limits::FRESH, "activity shorter than this is fresh"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the contract says is gated is what the engine gates, act by act.
    #[test]
    fn the_contract_names_every_act_once_as_gated_or_free() {
        let c = friction_contract();
        assert_eq!(c.levels.len(), 5);
        for a in OperatorAction::ALL {
            let gated = Control::of_action(*a).is_some_and(|k| c.gated.iter().any(|g| g == k.name()));
            let free = c.never_gated.iter().any(|g| g == a.name());
            assert!(gated != free, "{}", a.name());
        }
        for reducing in ["pause_entries", "flatten", "kill", "auto_off", "break", "rest"] {
            assert!(c.never_gated.iter().any(|g| g == reducing), "{reducing}");
        }
        let pauses: Vec<(u32, bool, bool)> =
            c.levels.iter().map(|l| (l.pause_s, l.phrase, l.refuses)).collect();
        assert_eq!(
            pauses,
            [(0, false, false), (10, false, false), (60, true, false), (300, true, false), (0, false, true)]
        );
    }
}
