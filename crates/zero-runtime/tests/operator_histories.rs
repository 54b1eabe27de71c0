//! Scripted operators get the stated label, vector and level; `tests/oracles/operator_state.py` says the same from the
//! recorded facts; and at every level a reduction goes through at once while an increase meets what the level asks for.
//! Needs `python3`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use zero_core::{AccountId, BookId, CoinId, Digest32, Json as _, OrderId, Px, Sz, Ts, TsDiff, Usd};
use zero_kernel::operator::{Level, Verdict, friction};
use zero_kernel::{DigestSink, Executed, Fact, Judged, Kernel};
use zero_market::event::{OperatorAction, OperatorEvent};
use zero_market::{Event, EventBody, Fill, FillCause, Instrument, Liquidity, Side, Universe, VenueEvent};
use zero_paper::PaperConfig;
use zero_runtime::RunSpec;
use zero_runtime::project::{self, Reading};
use zero_runtime::record::Manifest;
use zero_runtime::view::RunView;
use zero_strategy::registry::StrategyChoice;

const HISTORIES: &str = include_str!("fixtures/operator_histories.txt");
const START: i64 = 1_756_900_800;

struct Rig {
    kernel: Kernel,
    manifest: Arc<Manifest>,
    facts: Vec<Fact>,
    tid: u64,
    judged: u128,
}

fn minute(m: i64) -> Ts {
    Ts::from_ns((START + m * 60) * 1_000_000_000)
}

impl Rig {
    fn new() -> Self {
        let universe = Universe::new(vec![Instrument::new("BTC", 3, 50)]);
        let books = [("ema", StrategyChoice::EmaCross(10, 20, Sz::parse("0.01").unwrap()))];
        let spec = RunSpec::standard(
            universe,
            Usd::whole(1_000_000),
            PaperConfig::standard(zero_paper::FeeModel::HYPERLIQUID_BASE),
            &books,
        );
        let manifest = Manifest::of(&spec, Digest32::ZERO, Digest32::ZERO, "script", minute(0)).unwrap();
        let kernel = spec.engine().unwrap().into_parts().0;
        Self { kernel, manifest: Arc::new(manifest), facts: Vec::new(), tid: 0, judged: 0 }
    }

    fn send(&mut self, at: Ts, body: EventBody) -> Vec<Fact> {
        let mut out = Vec::new();
        self.kernel.step(&Event::at(at, body), &mut DigestSink, &mut out).unwrap();
        self.facts.extend(out.iter().cloned());
        out
    }

    fn act(&mut self, at: Ts, who: &str, action: OperatorAction, subject: &str) -> Vec<Fact> {
        let act = OperatorEvent {
            action,
            subject: subject.into(),
            operator: who.into(),
            reason: "script".into(),
            at,
        };
        self.send(at, EventBody::Operator(Box::new(act)))
    }

    /// Buys one coin at 100 and sells it again.
    fn round_trip(&mut self, at: Ts, out: i32) {
        for (side, px) in [(Side::Buy, 100), (Side::Sell, out)] {
            self.tid += 1;
            let mut order = [7; 16];
            order[8..].copy_from_slice(&self.tid.to_be_bytes());
            let (px, sz) = (Px::whole(px), Sz::whole(1));
            let fill = Fill {
                tid: self.tid,
                order: OrderId(order),
                account: AccountId(0),
                book: BookId(0),
                coin: CoinId(0),
                side,
                px,
                sz,
                notional: px.notional(sz).unwrap(),
                fee: Usd::ZERO,
                liquidity: Liquidity::Taker,
                cause: FillCause::Order,
                time: at,
                remaining: Sz::ZERO,
            };
            self.send(at, EventBody::Venue(VenueEvent::Fill(fill)));
        }
        // The loop shows it: without a loss this says nothing.
        self.act(at, "zero", OperatorAction::LossSeen, "");
    }

    /// Gates refused an order of the operator's own.
    fn verdict(&mut self, at: Ts) {
        self.judged += 1;
        let key = Digest32::of(&self.judged.to_be_bytes());
        let order = OrderId(self.judged.to_be_bytes());
        let judged = Judged::Gates;
        let fact = Executed { key, body: key, at, order, judged, gates: 1, breakers: 0, refused: None };
        let fact = Fact::Execution(Box::new(fact));
        self.kernel.replay(&fact).unwrap();
        self.facts.push(fact);
    }

    fn state_at(&self, at: Ts) -> Value {
        let view = RunView {
            manifest: Arc::clone(&self.manifest),
            state: self.kernel.state().clone(),
            next_seq: 0,
            snapshot_seq: None,
            start: None,
            ended: None,
            torn: false,
            place: None,
            regime: None,
        };
        let r = Reading::of_files(Path::new(""), Arc::new(view), None, at);
        serde_json::to_value(project::operator_state(&r)).unwrap()
    }
}

struct History {
    name: &'static str,
    /// Minute, place in the script, what.
    steps: Vec<(i64, usize, &'static str)>,
}

fn histories() -> Vec<History> {
    let mut all: Vec<History> = Vec::new();
    for (n, line) in HISTORIES.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix("== ") {
            all.push(History { name, steps: Vec::new() });
            continue;
        }
        let steps = &mut all.last_mut().unwrap().steps;
        let words: Vec<&str> = line.splitn(7, ' ').collect();
        match words[0] {
            "every" => {
                let (step, from, to): (i64, i64, i64) =
                    (words[1].parse().unwrap(), words[3].parse().unwrap(), words[5].parse().unwrap());
                steps.extend((from..=to).step_by(step as usize).map(|m| (m, n, words[6])));
            }
            "at" => {
                let (m, want) = line[3..].split_once(' ').unwrap();
                steps.push((m.parse().unwrap(), usize::MAX, want));
            }
            m => steps.push((m.parse().unwrap(), n, line.split_once(' ').unwrap().1)),
        }
    }
    for h in &mut all {
        h.steps.sort_by_key(|s| (s.0, s.1));
    }
    all
}

/// Plays a history; every stated moment with what was stated and what the program says, and the facts for the oracle.
fn play(h: &History, lines: &mut String) -> (Rig, Vec<(i64, &'static str, Value)>) {
    let mut rig = Rig::new();
    let mut seen = Vec::new();
    let mut written = 0;
    for (m, n, what) in &h.steps {
        let at = minute(*m);
        if *n == usize::MAX {
            for fact in &rig.facts[written..] {
                writeln!(lines, "{}", fact.to_json()).unwrap();
            }
            written = rig.facts.len();
            writeln!(lines, "{{\"at\":\"{at}\"}}").unwrap();
            seen.push((*m, *what, rig.state_at(at)));
            continue;
        }
        match *what {
            "loss" => rig.round_trip(at, 90),
            "gain" => rig.round_trip(at, 110),
            "verdict" => rig.verdict(at),
            act => {
                let (who, act) = act.strip_prefix("program ").map_or(("ana", act), |a| ("zero", a));
                let (name, subject) = act.split_once(' ').unwrap_or((act, ""));
                let action = OperatorAction::from_name(name).unwrap_or_else(|| panic!("{name}"));
                let subject = subject.replace("latest", &OrderId(rig.judged.to_be_bytes()).to_string());
                rig.act(at, who, action, &subject);
            }
        }
    }
    (rig, seen)
}

fn at_path<'a>(v: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(v, |v, key| &v[key])
}

#[test]
fn every_scripted_operator_gets_the_stated_label_vector_and_level_and_a_second_implementation_agrees() {
    let all = histories();
    assert!(all.len() >= 20, "{}", all.len());
    let (mut lines, mut ours, mut wrong) = (String::new(), Vec::new(), Vec::new());
    for h in &all {
        let (_, seen) = play(h, &mut lines);
        assert!(!seen.is_empty(), "{} states nothing", h.name);
        for (m, want, state) in seen {
            let place = format!("{} at {m}: {state}", h.name);
            let mut words = want.split(' ');
            for key in ["label", "standing_friction"] {
                let want = words.next().unwrap();
                if state[key] != want {
                    wrong.push(format!("{key} is not {want}: {place}"));
                }
            }
            for pair in words {
                let (key, value) = pair.split_once('=').unwrap();
                let value: Value = serde_json::from_str(value).unwrap();
                if at_path(&state["vector"], key) != &value {
                    wrong.push(format!("{key} is not {value}: {place}"));
                }
            }
            ours.push((place, state));
        }
        let end = lines.trim_end().len();
        // The last moment of a history ends it for the oracle too.
        let last = lines[..end].rfind('\n').map_or(0, |i| i + 1);
        let reset = lines[last..end].replace('}', ",\"reset\":true}");
        lines.replace_range(last..end, &reset);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("facts.jsonl");
    std::fs::write(&file, lines).unwrap();
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/operator_state.py");
    let ran = Command::new("python3").arg(oracle).arg(&file).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let theirs: Vec<Value> =
        String::from_utf8(ran.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(theirs.len(), ours.len());
    for ((place, mine), other) in ours.iter().zip(&theirs) {
        for key in ["label", "standing_friction", "points", "causes", "vector"] {
            assert_eq!(mine[key], other[key], "{key}: {place}");
        }
        for key in ["level", "label", "verdict", "causes"] {
            assert_eq!(mine["next_request"][key], other["next_request"][key], "next {key}: {place}");
        }
    }
}

/// What the gate must say to a first, an early, a timely and a confirmed request at a level.
fn meets_friction(rig: &mut Rig, at: Ts, level: Level, place: &str) {
    let ask = friction(level);
    let resume = |rig: &mut Rig, at: Ts| {
        rig.act(at, "ana", OperatorAction::ResumeEntries, "");
        let ruling = rig.kernel.state().conduct.ruling.clone().unwrap();
        assert_eq!(ruling.admits(), !rig.kernel.state().paused, "a ruling and its effect differ: {place}");
        ruling
    };
    let first = resume(rig, at);
    // The request itself may raise the level, as a re-entry does; it never lowers it.
    assert!(first.level >= level, "{place}");
    let ask = if first.level == level { ask } else { friction(first.level) };
    if ask.refuses {
        assert_eq!(first.verdict, Verdict::Refused, "{place}");
        return;
    }
    if ask.pause == TsDiff::ZERO {
        assert_eq!(first.verdict, Verdict::Admitted, "{place}");
        return;
    }
    assert_eq!(first.verdict, Verdict::Held, "{place}");
    let early = resume(rig, first.not_before.minus(TsDiff::secs(1)));
    assert_eq!(early.verdict, Verdict::TooEarly, "{place}");
    if ask.phrase {
        let missing = resume(rig, first.not_before);
        assert_eq!(missing.verdict, Verdict::PhraseMissing, "{place}");
        rig.act(first.not_before, "ana", OperatorAction::Confirm, "resume entries 000000");
        assert_eq!(resume(rig, first.not_before).verdict, Verdict::PhraseMissing, "a wrong phrase: {place}");
        rig.act(first.not_before, "ana", OperatorAction::Confirm, &first.phrase);
    }
    let last = resume(rig, first.not_before.plus(TsDiff::secs(1)));
    assert_eq!(last.verdict, Verdict::Admitted, "{place}");
    // One confirmation, one increase.
    rig.act(last.time, "ana", OperatorAction::PauseEntries, "");
    let again = resume(rig, last.time);
    assert!(matches!(again.verdict, Verdict::Held | Verdict::Refused), "{place}");
}

#[test]
fn at_every_level_a_reduction_is_instant_and_an_increase_meets_what_the_level_asks_for() {
    let mut levels = std::collections::BTreeSet::new();
    for h in histories() {
        let (mut rig, seen) = play(&h, &mut String::new());
        let (m, _, state) = seen.last().unwrap();
        let level = Level::from_name(state["standing_friction"].as_str().unwrap()).unwrap();
        levels.insert(level);
        let at = minute(*m).max(rig.kernel.state().now);
        for (action, holds) in [
            (OperatorAction::AutoOff, (|s| s.auto_off) as fn(&zero_kernel::State) -> bool),
            (OperatorAction::PauseEntries, |s| s.paused),
            (OperatorAction::Flatten, |s| s.flattening || s.is_flat()),
        ] {
            let facts = rig.act(at, "ana", action, "");
            assert!(holds(rig.kernel.state()), "{}: {} waits at {level:?}", h.name, action.name());
            let noted = facts.iter().any(|f| matches!(f, Fact::Friction(_)));
            assert!(!noted, "{}: {} met friction", h.name, action.name());
        }
        if !rig.kernel.state().conduct.vector(at).on_break {
            meets_friction(&mut rig, at, level, h.name);
        }
        // Rulings are facts: recovery folds them and arrives at the same state.
        let mut again = Rig::new();
        for fact in &rig.facts {
            again.kernel.replay(fact).unwrap();
        }
        assert_eq!(again.kernel.state(), rig.kernel.state(), "{}", h.name);
    }
    assert_eq!(levels.len(), 5, "a level that no history reaches is not tested: {levels:?}");
}

/// A client that reads the state and then asks meets what it read, after every act of every script.
#[test]
fn the_friction_that_is_served_is_what_the_gate_then_asks_for() {
    let (mut moments, mut raised, mut breaks, mut raised_then) = (0, 0, 0, 0);
    for h in histories() {
        for n in 1..=h.steps.len() {
            let so_far = History { name: h.name, steps: h.steps[..n].to_vec() };
            let (mut rig, _) = play(&so_far, &mut String::new());
            let at = minute(so_far.steps[n - 1].0);
            let served = rig.state_at(at);
            // The program's own act tells nothing about the person.
            rig.act(at, "zero", OperatorAction::PauseEntries, "");
            rig.act(at, "ana", OperatorAction::ResumeEntries, "");
            let ruling = rig.kernel.state().conduct.ruling.as_ref().unwrap();
            let place = format!("{} after {n}: {served}", h.name);
            assert_eq!(served["friction"], ruling.level.name(), "{place}");
            let next = &served["next_request"];
            assert_eq!(next["level"], ruling.level.name(), "{place}");
            assert_eq!(next["label"], ruling.label.name(), "{place}");
            assert_eq!(next["verdict"], ruling.verdict.name(), "{place}");
            assert_eq!(next["not_before"], ruling.not_before.to_string(), "{place}");
            assert_eq!(next["phrase"], !ruling.phrase.is_empty(), "{place}");
            let causes: Vec<&str> = ruling.causes.iter().map(|c| c.name()).collect();
            assert_eq!(next["causes"], serde_json::json!(causes), "{place}");
            if ruling.verdict == Verdict::OnBreak {
                let (mut rig, _) = play(&so_far, &mut String::new());
                rig.act(at, "zero", OperatorAction::PauseEntries, "");
                rig.act(ruling.not_before, "ana", OperatorAction::ResumeEntries, "");
                let then = rig.kernel.state().conduct.ruling.clone().unwrap();
                let pause = then.not_before.since(then.time).as_ns() / 1_000_000_000;
                assert_eq!(
                    next["after_break"],
                    serde_json::json!({
                        "at": ruling.not_before.to_string(),
                        "level": then.level.name(),
                        "verdict": then.verdict.name(),
                        "pause_s": pause,
                        "phrase": !then.phrase.is_empty(),
                    }),
                    "{place}"
                );
                breaks += 1;
                raised_then += u32::from(pause > 0);
            } else {
                assert_eq!(next["after_break"], Value::Null, "{place}");
            }
            let shown = zero_runtime::project::ruling(ruling);
            let time = |t: &str| Ts::parse_iso(t).unwrap();
            assert!(time(&shown.time) <= time(&shown.not_before), "{place}");
            assert!(time(&shown.not_before) <= time(&shown.until), "{place}: {shown:?}");
            moments += 1;
            raised += u32::from(served["friction"] != served["standing_friction"]);
        }
    }
    assert!(moments > 700 && raised > 20, "{moments} moments, {raised} of them above the standing level");
    assert!(breaks > 0 && raised_then > 0, "{breaks} breaks, {raised_then} of them with a pause behind");
}

/// A record that says something else than the acts lead to belongs to another run, or was made up.
#[test]
fn a_ruling_that_the_acts_do_not_lead_to_is_refused_at_recovery() {
    let all = histories();
    let h = all.iter().find(|h| h.name == "two fast re-entries").unwrap();
    let (mut rig, _) = play(h, &mut String::new());
    let at = minute(56);
    rig.act(at, "ana", OperatorAction::PauseEntries, "");
    let facts = rig.act(at, "ana", OperatorAction::ResumeEntries, "");
    assert!(facts.iter().any(|f| matches!(f, Fact::Friction(r) if r.level == Level::L3)), "{facts:?}");
    let mut again = Rig::new();
    for fact in &rig.facts {
        let mut fact = fact.clone();
        if let Fact::Friction(r) = &mut fact {
            r.verdict = Verdict::Admitted;
            assert!(again.kernel.replay(&fact).is_err());
            return;
        }
        again.kernel.replay(&fact).unwrap();
    }
    panic!("no ruling was recorded");
}

#[test]
fn during_a_declared_break_an_increase_is_refused_at_any_level_and_a_reduction_is_not() {
    let mut rig = Rig::new();
    rig.act(minute(0), "ana", OperatorAction::PauseEntries, "");
    rig.act(minute(1), "ana", OperatorAction::Break, "20");
    rig.act(minute(5), "ana", OperatorAction::Focus, "");
    rig.act(minute(6), "ana", OperatorAction::ResumeEntries, "");
    assert_eq!(rig.kernel.state().conduct.ruling.as_ref().unwrap().verdict, Verdict::OnBreak);
    rig.act(minute(7), "ana", OperatorAction::AutoOff, "");
    assert!(rig.kernel.state().paused && rig.kernel.state().auto_off);
    rig.act(minute(21), "ana", OperatorAction::ResumeEntries, "");
    assert!(!rig.kernel.state().paused, "the break is over");
}
