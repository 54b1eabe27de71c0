//! Components of a hostile author: each is refused when it is loaded, or abstains with its reason, always in the same way.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use support::{NOW, Rig, TREND, assemble, held, mute, view, with_explain, with_propose};
use zero_core::obs::Fresh;
use zero_core::prng::Prng;
use zero_core::{Sz, TsDiff};
use zero_strategy::{Abstention, FeatureBank, FeaturePlan, Proposal, Strategy, Unanswered};
use zero_wasm::{COMPONENT_MAX, Component, ComponentStrategy, FUEL, Fault, LoadError};

/// Answers `nothing`.
const NOTHING: &str = "(i32.store8 (i32.const 512) (i32.const 0)) (i32.const 512)";

fn withheld(why: Unanswered, code: u16) -> Proposal {
    Proposal::Withheld(Abstention { why, code })
}

/// Asks twice, in two loads of the component: the fault must be the same, and it must be an abstention that is counted and
/// named.
#[track_caller]
fn faults(beside: &str, body: &str, expected: Fault) {
    let bytes = with_propose(beside, body);
    for _ in 0..2 {
        let rig = Rig::new(&bytes, 2.0, 0.01);
        assert_eq!(rig.strategy.ask(&rig.view(), None), Err(expected));
        assert_eq!(rig.strategy.ask(&rig.view(), Some(&held(-1))), Err(expected));
        assert_eq!(rig.strategy.propose(&rig.view(), None), withheld(expected.why(), 0));
        let counted: Vec<_> = rig.component.counted().into_iter().filter(|(_, n)| *n > 0).collect();
        assert_eq!(counted, [(expected, 1)]);
        let named = rig.strategy.inputs(&rig.view());
        let last = named.last().unwrap();
        assert_eq!(last.name, expected.name());
        assert!(matches!(last.seen, Fresh::Missing(_)));
    }
}

#[test]
fn an_infinite_loop_runs_out_of_fuel() {
    faults("", "(loop $again (br $again)) (i32.const 512)", Fault::OutOfFuel);
}

#[test]
fn a_memory_bomb_is_stopped_at_the_limit_however_it_grows() {
    let bomb = "(loop $again (drop (memory.grow (i32.const 8))) (br $again)) (i32.const 512)";
    faults("", bomb, Fault::TooMuchMemory);
    faults("", "(drop (memory.grow (i32.const 65535))) (i32.const 512)", Fault::TooMuchMemory);
    // Exactly up to the limit is allowed: 64 pages of 64 KiB, of which one is there.
    let bytes = with_propose("", &format!("(drop (memory.grow (i32.const 63))) {NOTHING}"));
    let rig = Rig::new(&bytes, 2.0, 0.01);
    assert_eq!(rig.strategy.ask(&rig.view(), None).unwrap().unwrap().proposal, Proposal::Nothing);
}

#[test]
fn a_table_bomb_is_stopped_at_the_limit() {
    let beside = "(table $t 1 funcref)";
    let bomb = "(drop (table.grow $t (ref.null func) (i32.const 100000))) (i32.const 512)";
    faults(beside, bomb, Fault::TooMuchMemory);
}

#[test]
fn a_component_that_begins_with_too_much_memory_or_too_large_a_table_cannot_say_what_it_is() {
    for (from, to) in [
        ("(memory (export \"memory\") 1)", "(memory (export \"memory\") 65)"),
        ("(memory (export \"memory\") 1)", "(memory (export \"memory\") 1) (table 5000 funcref)"),
    ] {
        let bytes = assemble(&TREND.replacen(from, to, 1));
        assert_eq!(Component::load(&bytes).unwrap_err(), LoadError::Mute(Fault::TooMuchMemory));
    }
    let loops =
        TREND.replacen(";; -- propose", "(func $s (loop $again (br $again))) (start $s) ;; -- propose", 1);
    assert_eq!(Component::load(&assemble(&loops)).unwrap_err(), LoadError::Mute(Fault::OutOfFuel));
}

#[test]
fn deep_recursion_ends_at_the_stack_limit() {
    let beside = "(func $down (param i32) (result i32)
        (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";
    faults(beside, "(drop (call $down (i32.const 0))) (i32.const 512)", Fault::TooDeep);
}

#[test]
fn traps_are_abstentions() {
    for body in [
        "(unreachable)",
        "(drop (i32.load (i32.const -4))) (i32.const 512)",
        "(i32.div_u (i32.const 1) (i32.const 0))",
        "(drop (i32.trunc_f64_s (f64.const nan))) (i32.const 512)",
    ] {
        faults("", body, Fault::Trapped);
    }
}

#[test]
fn answers_that_cannot_be_read_or_acted_on_are_abstentions() {
    let enter = |side: &str, score: &str, stop: &str| {
        format!(
            "(drop (call $enter (i32.const {side}) (f64.const {score}) (f64.const {stop}))) (i32.const 512)"
        )
    };
    for (side, score, stop) in [
        ("0", "nan", "0.1"),
        ("0", "nan:0x123", "0.1"),
        ("0", "inf", "0.1"),
        ("0", "1", "0"),
        ("1", "1", "-0.1"),
        ("0", "1", "nan"),
        ("0", "1", "inf"),
    ] {
        faults("", &enter(side, score, stop), Fault::OutOfRange);
    }
    // Sized by risk, and without a stop.
    let no_stop = format!(
        "{} (i32.store8 (i32.const 536) (i32.const 0))",
        "(drop (call $enter (i32.const 0) (f64.const 1) (f64.const 1)))"
    );
    faults("", &format!("{no_stop} (i32.const 512)"), Fault::OutOfRange);
    let no_case = "(i32.store8 (i32.const 512) (i32.const 9)) (i32.const 512)";
    for body in [no_case, "(i32.const -8)", "(i32.const 513)", "(i32.const 65528)"] {
        faults("", body, Fault::Unreadable);
    }
    faults("", &enter("7", "1", "0.1"), Fault::Unreadable);
    let rig = Rig::new(&with_propose("", &enter("0", "1", "0.1")), 0.0, 0.01);
    let asked = rig.strategy.ask(&rig.view(), None).unwrap().unwrap();
    assert!(matches!(asked.proposal, Proposal::Enter(_)), "the same answer in range is taken: {asked:?}");
}

#[test]
fn nothing_that_a_component_writes_outlives_a_call() {
    // Counts its calls in a global and in memory, and enters from the second on.
    let beside = "(global $calls (mut i32) (i32.const 0))";
    let body = format!(
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
         (i32.store (i32.const 8192) (i32.add (i32.load (i32.const 8192)) (i32.const 1)))
         (if (i32.or (i32.gt_u (global.get $calls) (i32.const 1)) (i32.gt_u (i32.load (i32.const 8192)) (i32.const 1)))
           (then (return (call $enter (i32.const 0) (f64.const 1) (f64.const 0.1)))))
         {NOTHING}"
    );
    let rig = Rig::new(&with_propose(beside, &body), 2.0, 0.01);
    for _ in 0..20 {
        assert_eq!(rig.strategy.propose(&rig.view(), None), Proposal::Nothing);
    }
    // The count itself works: a call that begins at one enters.
    let planted = format!("(global.set $calls (i32.const 1)) {body}");
    let rig = Rig::new(&with_propose(beside, &planted), 2.0, 0.01);
    assert!(matches!(rig.strategy.propose(&rig.view(), None), Proposal::Enter(_)));
}

#[test]
fn fuel_is_the_same_for_the_same_view_and_counts_the_work() {
    let bytes = with_propose(
        "",
        &format!(
            "(local $i i32)
             (local.set $i (i32.trunc_f64_s (f64.load (local.get $inputs))))
             (loop $again
               (local.set $i (i32.sub (local.get $i) (i32.const 1)))
               (br_if $again (i32.gt_s (local.get $i) (i32.const 0))))
             {NOTHING}"
        ),
    );
    let fuel = |t: f64| {
        let rig = Rig::new(&bytes, t, 0.01);
        let first = rig.strategy.ask(&rig.view(), None).unwrap().unwrap().fuel;
        assert_eq!(rig.strategy.ask(&rig.view(), None).unwrap().unwrap().fuel, first);
        first
    };
    let (a, b, c) = (fuel(1_000.0), fuel(2_000.0), fuel(3_000.0));
    assert!(a < b && b - a == c - b, "{a} {b} {c}");
    assert_eq!((b - a) / 1_000, 8, "instructions of one turn of the loop");
    let rig = Rig::new(&bytes, 1e6, 0.01);
    assert_eq!(rig.strategy.ask(&rig.view(), None), Err(Fault::OutOfFuel), "{FUEL} is the limit");
}

#[test]
fn one_instruction_that_writes_much_costs_as_much() {
    let fill = "(memory.fill (i32.const 8192) (i32.const 1) (i32.const 50000))";
    let rig = Rig::new(&with_propose("", &format!("{fill} {NOTHING}")), 2.0, 0.01);
    let fuel = rig.strategy.ask(&rig.view(), None).unwrap().unwrap().fuel;
    assert!((50_000..60_000).contains(&fuel), "{fuel}");
    faults("", &format!("(loop $again {fill} (br $again)) (i32.const 512)"), Fault::OutOfFuel);
}

#[test]
fn the_bits_of_a_nan_say_nothing_of_the_machine() {
    // Makes NaNs in several ways, from operands with payloads and signs, and trades on their bits: a score of 1 where they
    // are the canonical ones.
    let made = |expr: &str| {
        let body = format!(
            "(if (i64.eq (i64.reinterpret_f64 {expr}) (i64.const 0x7ff8000000000000))
               (then (return (call $enter (i32.const 0) (f64.const 1) (f64.const 0.1)))))
             {NOTHING}"
        );
        let rig = Rig::new(&with_propose("", &body), 2.0, 0.01);
        rig.strategy.propose(&rig.view(), None)
    };
    for expr in [
        "(f64.add (f64.load (local.get $inputs)) (f64.const nan:0x4000000000123))",
        "(f64.mul (f64.const -nan:0xfffffffffffff) (f64.load (local.get $inputs)))",
        "(f64.div (f64.const 0) (f64.sub (f64.load (local.get $inputs)) (f64.load (local.get $inputs))))",
        "(f64.sqrt (f64.neg (f64.load (local.get $inputs))))",
        "(f64.sub (f64.const inf) (f64.mul (f64.load (local.get $inputs)) (f64.const inf)))",
        "(f64.min (f64.load (local.get $inputs)) (f64.const -nan:0x8000000000001))",
        "(f64.promote_f32 (f32.div (f32.const 0) (f32.const 0)))",
    ] {
        assert!(matches!(made(expr), Proposal::Enter(_)), "{expr} is another NaN");
    }
    // The comparison can fail: a NaN that is only moved keeps its bits.
    assert_eq!(made("(f64.const nan:0x123)"), Proposal::Nothing);
}

#[test]
fn clocks_randomness_and_files_cannot_be_imported() {
    for (name, item) in [
        ("wasi:clocks/wall-clock@0.2.0", "(instance (export \"now\" (func (result u64))))"),
        ("wasi:random/random@0.2.0", "(instance (export \"get-random-u64\" (func (result u64))))"),
        ("wasi:filesystem/preopens@0.2.0", "(instance (export \"x\" (func (result u32))))"),
        ("tell", "(func (param \"x\" u64))"),
    ] {
        let text = TREND.replacen("(component\n", &format!("(component (import \"{name}\" {item})\n"), 1);
        let e = Component::load(&assemble(&text)).unwrap_err();
        assert_eq!(e, LoadError::Imports(name.into()));
        assert_eq!(e.code(), "ZERO-STR-021");
        assert!(e.to_string().contains(name));
    }
}

#[test]
fn a_component_of_another_world_is_refused_and_told_what_differs() {
    for (from, to, says) in [
        ("(case \"abstain\" $abstention)", "(case \"pass\" $abstention)", "propose has `pass("),
        ("(field \"score\" f64)", "(field \"score\" f32)", "has `score: another type"),
        (
            "(func (export \"describe\") (result $description)",
            "(func (export \"tell\") (result $description)",
            "does not export describe",
        ),
    ] {
        let text = TREND.replacen(from, to, 1);
        assert_ne!(text, TREND, "{from}");
        let e = Component::load(&assemble(&text)).unwrap_err();
        assert!(matches!(&e, LoadError::OtherWorld(w) if w.contains(says)), "{e}");
    }
    for bytes in [assemble("(component)"), assemble("(module)"), Vec::new(), b"\0asm".to_vec()] {
        assert!(Component::load(&bytes).is_err());
    }
}

#[test]
fn a_description_that_is_not_possible_is_refused_with_its_field() {
    for (from, to, says) in [
        ("(i32.const 128) \"trend\"", "(i32.const 128) \"Tr!nd\"", "name"),
        ("\"trend_t(168, 48)\"", "\"trend_x(168, 48)\"", "inputs"),
        ("\"trend_t(168, 48)\"", "\"close[1] > open \"", "inputs"),
        ("\"trend_t(168, 48)\"", "\"close[-1]       \"", "inputs"),
        ("(i32.const 44) (i32.const 168)", "(i32.const 44) (i32.const 0)", "horizon-hours"),
        ("(i32.const 44) (i32.const 168)", "(i32.const 44) (i32.const 8761)", "horizon-hours"),
        ("(i32.const 40) (i32.const 2)", "(i32.const 40) (i32.const 0)", "inputs"),
        ("(i32.const 52) (i32.const 0)", "(i32.const 52) (i32.const 1)", "sizing"),
    ] {
        let text = TREND.replacen(from, to, 1);
        assert_ne!(text, TREND, "{from}");
        match Component::load(&assemble(&text)).unwrap_err() {
            LoadError::Description(what) => assert!(what.starts_with(says), "{what}"),
            other => panic!("{to}: {other}"),
        }
    }
    // The host does not copy lists that are longer than a description can be.
    let bomb = TREND.replacen("(i32.const 40) (i32.const 2)", "(i32.const 40) (i32.const 7000)", 1);
    assert_eq!(Component::load(&assemble(&bomb)).unwrap_err(), LoadError::Mute(Fault::Unreadable));
}

#[test]
fn a_huge_component_is_refused_before_it_is_read() {
    let mut bytes = assemble(TREND);
    let fill = COMPONENT_MAX + 1 - bytes.len();
    bytes.extend(std::iter::repeat_n(0, fill));
    assert_eq!(Component::load(&bytes).unwrap_err(), LoadError::TooLarge(COMPONENT_MAX + 1));
    let data = format!("(data (i32.const 8192) \"{}\")", "a".repeat(COMPONENT_MAX));
    let e = Component::load(&with_propose(&data, NOTHING)).unwrap_err();
    assert!(matches!(e, LoadError::TooLarge(_)), "{e}");
}

#[test]
fn threads_vectors_and_other_proposals_do_not_compile() {
    for beside in [
        "(func (drop (v128.const i64x2 1 2)))",
        "(func (drop (f32x4.relaxed_madd (v128.const i64x2 1 2) (v128.const i64x2 1 2) (v128.const i64x2 1 2))))",
        "(memory $shared 1 1 shared)",
        "(func (drop (i32.atomic.load (i32.const 0))))",
    ] {
        let e = Component::load(&with_propose(beside, NOTHING)).unwrap_err();
        assert!(matches!(e, LoadError::NotAComponent(_)), "{beside}: {e}");
        assert_eq!(e.code(), "ZERO-STR-020");
    }
}

#[test]
fn mutated_bytes_are_refused_or_answer_within_their_limits() {
    const EXECUTIONS: u64 = 3_000;
    let good = assemble(TREND);
    let (mut loaded, mut faulty) = (0, 0);
    for i in 0..EXECUTIONS {
        let mut draw = Prng::new(1, i);
        let mut bytes = good.clone();
        for _ in 0..=draw.below(3) {
            let at = draw.below(bytes.len() as u64) as usize;
            let value = draw.below(256) as u8;
            match draw.below(8) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes.insert(at, value),
                2 | 3 => bytes[at] = value,
                _ => bytes[at] ^= 1 << (value % 8),
            }
        }
        let Ok(component) = Component::load(&bytes) else { continue };
        loaded += 1;
        let mut plan = FeaturePlan::new();
        let strategy = ComponentStrategy::new(component, &mut plan);
        let mut bank = FeatureBank::new(&plan);
        for spec in plan.specs().to_vec() {
            bank.set(plan.need(spec), 2.0, NOW);
        }
        let first = strategy.ask(&view(&bank), None);
        assert_eq!(strategy.ask(&view(&bank), None), first);
        faulty += u32::from(first.is_err());
    }
    assert!(loaded > 100 && faulty > 5, "the mutations reach the inside: {loaded} loaded, {faulty} faulty");
}

#[test]
fn a_missing_or_stale_input_is_never_shown_to_the_component() {
    // It would enter on anything.
    let bytes = with_propose("", "(call $enter (i32.const 0) (f64.const 1) (f64.const 0.1))");
    let mut rig = Rig::new(&bytes, 2.0, 0.01);
    assert!(matches!(rig.strategy.propose(&rig.view(), None), Proposal::Enter(_)));
    rig.bank.age_less(TsDiff::HOUR.times(-2));
    assert_eq!(rig.strategy.propose(&rig.view(), None), withheld(Unanswered::Input, 0));
    assert_eq!(
        rig.component.counted().iter().map(|(_, n)| n).sum::<u64>(),
        0,
        "an abstention without a fault"
    );
}

#[test]
fn a_component_sees_its_position_as_a_document_does() {
    // Enters with the return of the position as score, and the hours held as target.
    let body = "(drop (call $enter (local.get $side) (local.get $unrealised) (f64.const 0.1)))
        (i32.store8 (i32.const 552) (i32.const 1)) (f64.store (i32.const 560) (local.get $hours)) (i32.const 512)";
    let rig = Rig::new(&with_propose("", body), 2.0, 0.01);
    let mut short = held(-1);
    short.cost = zero_core::Usd::whole(-125);
    let Some(asked) = rig.strategy.ask(&rig.view(), Some(&short)).unwrap() else { panic!() };
    let Proposal::Enter(e) = asked.proposal else { panic!("{asked:?}") };
    assert_eq!((e.side.sign(), e.target), (-1, Some(1.0)));
    assert!((e.score - 0.2).abs() < 1e-15, "sold at 125, now 100: {}", e.score);
    assert_eq!(short.szi, Sz::whole(-1));
}

#[test]
fn what_a_component_says_of_its_silence_is_a_reason_and_a_code_and_nothing_else() {
    let silent = |why: u32, code: u32| {
        format!(
            "(i32.store8 (i32.const 512) (i32.const 1)) (i32.store8 (i32.const 520) (i32.const {why}))
             (i32.store16 (i32.const 522) (i32.const {code})) (i32.const 512)"
        )
    };
    let stated = Unanswered::ALL.iter().filter(|w| w.is_stated());
    for (i, why) in stated.enumerate() {
        for code in [0u16, 7, u16::MAX] {
            let rig = Rig::new(&with_propose("", &silent(i as u32, u32::from(code))), 2.0, 0.01);
            assert_eq!(rig.strategy.propose(&rig.view(), None), withheld(*why, code));
            assert_eq!(rig.component.counted().iter().map(|(_, n)| n).sum::<u64>(), 0, "it is no fault");
        }
    }
    faults("", &silent(5, 0), Fault::Unreadable);
}

/// A condition at 640 by its bytes, and a list of it at 624.
fn told(
    name: (u32, u32),
    side: u32,
    value: &str,
    threshold: &str,
    above: u32,
    unit: u32,
    length: u32,
) -> String {
    format!(
        "(i32.store (i32.const 640) (i32.const {})) (i32.store (i32.const 644) (i32.const {}))
         (i32.store8 (i32.const 648) (i32.const {side})) (f64.store (i32.const 656) (f64.const {value}))
         (f64.store (i32.const 664) (f64.const {threshold})) (i32.store8 (i32.const 672) (i32.const {above}))
         (i32.store8 (i32.const 673) (i32.const {unit}))
         (i32.store (i32.const 624) (i32.const 640)) (i32.store (i32.const 628) (i32.const {length})) (i32.const 624)",
        name.0, name.1
    )
}

#[test]
fn an_explanation_that_contradicts_what_the_component_does_is_not_told() {
    let name = (304, 7);
    // At 2 it enters long: the condition of a long entry holds, and there is none of a short one.
    let rig = Rig::new(&with_explain(&told(name, 0, "2", "1", 1, 2, 1)), 2.0, 0.01);
    let all = rig.strategy.explain(&rig.view()).unwrap();
    assert_eq!((all[0].name.as_str(), all[0].unit, all[0].holds()), ("trend_t", "sigmas", true));
    assert_eq!(rig.strategy.conditions(&rig.view())[0].text, "trend_t >= 1 sigmas");
    for (what, lie) in [
        ("a condition that does not hold, where it enters", told(name, 0, "2", "3", 1, 2, 1)),
        ("another side", told(name, 1, "2", "1", 1, 2, 1)),
        ("nothing, where it enters", told(name, 0, "2", "1", 1, 2, 0)),
        ("a number that is none", told(name, 0, "nan", "1", 1, 2, 1)),
        ("a threshold that is none", told(name, 0, "2", "inf", 1, 2, 1)),
        ("a name that is none", told((272, 16), 0, "2", "1", 1, 2, 1)),
        ("a side that is none", told(name, 3, "2", "1", 1, 2, 1)),
        ("a unit that is none", told(name, 0, "2", "1", 1, 9, 1)),
        ("more than a list holds", told(name, 0, "2", "1", 1, 2, 33)),
        ("for ever", "(loop $again (br $again)) (i32.const 624)".to_owned()),
        ("a trap", "(unreachable)".to_owned()),
    ] {
        let rig = Rig::new(&with_explain(&lie), 2.0, 0.01);
        let told = rig.strategy.explain(&rig.view()).unwrap_err();
        assert_eq!(told.code, "ZERO-STR-027", "{what}: {told:?}");
        assert_eq!(rig.strategy.explain(&rig.view()).unwrap_err(), told, "{what}: twice");
        assert!(rig.strategy.reach(&rig.view()).is_empty(), "{what}");
        assert!(rig.strategy.conditions(&rig.view()).is_empty(), "{what}");
        // It trades all the same: nothing that decides asks for an explanation.
        assert!(matches!(rig.strategy.propose(&rig.view(), None), Proposal::Enter(_)), "{what}");
    }
    // Flat at 0.5, and every condition of a long entry is said to hold.
    let rig = Rig::new(&with_explain(&told(name, 0, "2", "1", 1, 2, 1)), 0.5, 0.01);
    assert_eq!(rig.strategy.explain(&rig.view()).unwrap_err().code, "ZERO-STR-027");
}

#[test]
fn a_component_without_an_explanation_says_so_and_one_of_another_type_is_refused() {
    let rig = Rig::new(&mute(), 2.0, 0.01);
    assert_eq!(rig.strategy.explain(&rig.view()).unwrap_err().code, "ZERO-STR-026");
    assert_eq!(Strategy::explains(&rig.strategy, &rig.view()).unwrap_err().code, "ZERO-STR-026");
    assert!(matches!(rig.strategy.propose(&rig.view(), None), Proposal::Enter(_)));
    let text = TREND.replacen("(field \"above\" bool)", "(field \"above\" u8)", 1);
    let e = Component::load(&assemble(&text)).unwrap_err();
    assert!(matches!(&e, LoadError::OtherWorld(w) if w.starts_with("explain has `above: u8")), "{e}");
}
