//! A shadow book is the real one: what was admitted comes out the same to the unit, and what was not is never guessed.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use support::{events, free, market, paper, run};
use zero_core::{CoinId, OrderId, Rate, TsDiff, Usd};
use zero_kernel::Fact;
use zero_learn::{ExitCause, Fate, Unjudged};
use zero_market::{Event, EventBody, Side, VenueEvent};
use zero_strategy::lang::{Document, Field};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{CarryParams, TrendParams};

/// Net result of every closed position of a one-book run, by the order that opened it.
fn booked(facts: &[Fact]) -> BTreeMap<OrderId, Usd> {
    let mut out = BTreeMap::new();
    let mut open: BTreeMap<CoinId, (OrderId, i64, i64)> = BTreeMap::new();
    for fact in facts {
        let Fact::Event(Event { body: EventBody::Venue(v), .. }) = fact else { continue };
        match v {
            VenueEvent::Fill(f) => {
                let slot = open.entry(f.coin).or_insert((f.order, 0, 0));
                slot.1 += f.side.sign() * f.sz.raw();
                slot.2 -= f.side.sign() * f.notional.raw() + f.fee.raw();
                if slot.1 == 0 {
                    out.insert(slot.0, Usd::from_raw(slot.2));
                    open.remove(&f.coin);
                }
            }
            VenueEvent::Funding(p) => {
                if let Some(slot) = open.get_mut(&p.coin) {
                    slot.2 += p.amount.raw();
                }
            }
            _ => {}
        }
    }
    out
}

/// A document that leaves in every way that a strategy can claim, and never turns at once: a real exit and entry would share
/// what the bar can fill.
fn leaver() -> StrategyChoice {
    let fields = [
        ("entry.long", "rsi(14) < 40"),
        ("entry.short", "rsi(14) > 60"),
        ("exit.stop", "3 * daily_vol()"),
        ("exit.horizon", "30h"),
        ("exit.kill", "unrealised < -2%"),
        ("exit.trail_long", "hours_held >= 12h and unrealised > 1%"),
        ("exit.trail_short", "hours_held >= 12h and unrealised > 1%"),
        ("exit.signal_long", "rsi(14) > 50"),
        ("exit.signal_short", "rsi(14) < 50"),
    ];
    let document = Document::new("leaver", 1, &fields.map(|(key, text)| Field { key, text })).unwrap();
    StrategyChoice::Document(Arc::new(document))
}

fn choices() -> [StrategyChoice; 4] {
    let trend =
        TrendParams { lookback: 24, entry_z: Rate::bps(5_000), horizon_hours: 30, ..TrendParams::standard() };
    let tight = TrendParams { stop_sigmas: Rate::bps(5_000), horizon_hours: 12, ..trend };
    [
        StrategyChoice::Trend(trend),
        StrategyChoice::Carry(CarryParams {
            window_hours: 24,
            entry_annual: Rate::bps(300),
            horizon_hours: 24,
            ..CarryParams::standard()
        }),
        StrategyChoice::RandomEntry(3, Rate::bps(1_500), tight),
        leaver(),
    ]
}

#[test]
fn the_shadow_of_an_admitted_candidate_is_its_real_book_to_the_unit() {
    let data = market(11, &["BTC", "DOGE", "SUI"], 1_500);
    let mut causes = BTreeMap::new();
    let mut compared = 0;
    for late in [TsDiff::ZERO, TsDiff::secs(90)] {
        for choice in choices() {
            let mut venue = paper();
            venue.latency = late;
            let (learnt, facts) = run(&free(&data, venue, choice), &events(&data));
            let real = booked(&facts);
            let admitted = learnt.cases.iter().filter(|c| c.admitted);
            let (mut closed, mut open) = (0, 0);
            for case in admitted {
                match &case.fate {
                    Fate::Closed(c) => {
                        assert_eq!(real.get(&case.decision), Some(&c.net), "{case:?}");
                        *causes.entry(c.cause).or_insert(0) += 1;
                        closed += 1;
                    }
                    Fate::Unresolved => open += 1,
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(closed, real.len(), "every closed position has a shadow");
            assert!(open <= 3 && closed > 20, "{open} {closed}");
            compared += closed;
        }
    }
    assert!(compared > 400, "{compared}");
    for cause in [ExitCause::Stop, ExitCause::Kill, ExitCause::Trail, ExitCause::Horizon, ExitCause::Strategy]
    {
        assert!(causes.get(&cause).is_some_and(|n| *n > 10), "{causes:?}");
    }
}

#[test]
fn a_planted_error_in_the_shadow_fill_would_be_seen() {
    let data = market(11, &["BTC", "DOGE", "SUI"], 600);
    let spec = free(&data, paper(), choices()[2].clone());
    let (_, facts) = run(&spec, &events(&data));
    let mut cheaper = spec;
    cheaper.paper.half_spread = Rate::ZERO;
    let (learnt, _) = run(&cheaper, &events(&data));
    let real = booked(&facts);
    let differs = learnt
        .cases
        .iter()
        .filter_map(|c| Some((real.get(&c.decision)?, c.fate.closed()?.net)))
        .filter(|(real, shadow)| **real != *shadow)
        .count();
    assert!(differs > 20, "{differs}");
}

#[test]
fn a_rejected_candidate_is_filled_at_its_size_before_modifiers_and_leaves_by_its_own_exits() {
    let data = market(11, &["BTC", "DOGE", "SUI"], 900);
    let mut spec = free(&data, paper(), choices()[2].clone());
    spec.full_stack = true;
    // Nothing is admitted: no position of the run can be what the shadows lean on.
    spec.kernel.limits.max_open_positions = 0;
    let (learnt, facts) = run(&spec, &events(&data));
    assert!(booked(&facts).is_empty());
    let closed: Vec<_> = learnt.cases.iter().filter_map(|c| c.fate.closed()).collect();
    assert!(closed.len() > 100, "{}", closed.len());
    for c in &closed {
        assert!(c.risk.unwrap().raw() > 0 && c.fees.raw() > 0 && c.left >= c.entered);
    }
    // Beyond the horizon, a stop may find only what the exit's share of the volume left over.
    let stops = closed
        .iter()
        .filter(|c| c.cause == ExitCause::Stop && c.left < c.entered.plus(TsDiff::HOUR.times(12)));
    // A stop costs about one unit of risk, and with fees and spread never less than 0.9.
    for c in stops.clone() {
        assert!(c.r().unwrap() < -0.9, "{c:?}");
    }
    assert!(stops.count() > 20);
}

#[test]
fn a_candidate_whose_data_end_before_its_exit_is_unresolved_and_no_zero() {
    let data = market(11, &["BTC", "DOGE", "SUI"], 900);
    let spec = free(&data, paper(), choices()[2].clone());
    let all = events(&data);
    let (whole, _) = run(&spec, &all);
    let (cut, _) = run(&spec, &all[..all.len() / 2]);
    let unresolved = |l: &zero_learn::Learnt| l.cases.iter().filter(|c| c.fate == Fate::Unresolved).count();
    assert!(unresolved(&cut) > 0);
    for case in &cut.cases {
        let later = whole.cases.iter().find(|c| c.decision == case.decision).unwrap();
        match case.fate {
            Fate::Unresolved => assert_eq!(case.fate.r(), None),
            // The future changes nothing that is resolved.
            fate => assert_eq!(fate, later.fate),
        }
    }
}

#[test]
fn duplicate_candidates_change_nothing() {
    let data = market(11, &["BTC", "DOGE"], 500);
    let spec = free(&data, paper(), choices()[2].clone());
    let mut learner = zero_learn::Learner::new(&[support::manifest(&spec)]);
    let mut driver = spec.driver().unwrap();
    let mut facts = Vec::new();
    let mut seen = Vec::new();
    for event in &events(&data) {
        let mut sink = Keep(Vec::new());
        driver.feed(event, &mut sink, &mut facts).unwrap();
        for t in &sink.0 {
            learner.candidate(t);
            learner.candidate(t);
        }
        learner.event(event);
        seen.extend(sink.0);
    }
    for t in &seen {
        learner.candidate(t);
    }
    let twice = learner.finish();
    let (once, _) = run(&spec, &events(&data));
    assert_eq!(twice.cases, once.cases);
    assert_eq!(twice.duplicates, 2 * seen.len() as u64);
}

#[test]
fn a_candidate_without_size_or_with_an_unknown_strategy_is_named_and_not_simulated() {
    let data = market(11, &["BTC"], 300);
    let spec = free(&data, paper(), choices()[2].clone());
    let mut unknown = support::manifest(&spec);
    unknown.strategies[0].version = 99;
    unknown.epoch.strategies = zero_core::Digest32([7; 32]);
    let mut learner = zero_learn::Learner::new(&[unknown]);
    let mut trace = Keep(Vec::new());
    let mut driver = spec.driver().unwrap();
    for event in &events(&data) {
        driver.feed(event, &mut trace, &mut Vec::new()).unwrap();
    }
    learner.candidate(&trace.0[0]);
    assert_eq!(learner.finish().cases[0].fate, Fate::Unjudged(Unjudged::StrategyUnknown));
    let mut none = trace.0[0].clone();
    none.base_sz = zero_core::Sz::ZERO;
    let mut learner = zero_learn::Learner::new(&[support::manifest(&spec)]);
    learner.candidate(&none);
    assert_eq!(learner.finish().cases[0].fate, Fate::Unjudged(Unjudged::NoSize));
    assert!(none.side == Side::Buy || none.side == Side::Sell);
}

/// No shipped strategy sets a take-profit; a candidate may. Of one bar that touches both, the stop counts.
#[test]
fn a_candidate_with_a_take_profit_leaves_by_it_and_by_its_stop_where_one_bar_has_both() {
    let data = market(11, &["BTC", "DOGE", "SUI"], 900);
    let spec = free(&data, paper(), choices()[2].clone());
    let mut trace = Keep(Vec::new());
    let mut driver = spec.driver().unwrap();
    let all = events(&data);
    for event in &all {
        driver.feed(event, &mut trace, &mut Vec::new()).unwrap();
    }
    let learn = |target: f64| {
        let mut learner = zero_learn::Learner::new(&[support::manifest(&spec)]);
        let mut left = trace.0.iter().peekable();
        for event in &all {
            while let Some(t) = left.next_if(|t| t.time <= event.time) {
                let mut t = t.clone();
                t.target = t.stop.map(|s| target * s);
                learner.candidate(&t);
            }
            learner.event(event);
        }
        learner.finish().cases
    };
    let (wide, narrow) = (learn(1.5), learn(0.05));
    // Beyond the horizon, a barrier may find only what the exit's share of the volume left over.
    let early = |x: &zero_learn::Closed| x.left < x.entered.plus(TsDiff::HOUR.times(12));
    let by = |cases: &[zero_learn::Case], cause| -> Vec<f64> {
        let closed = cases.iter().filter_map(|c| c.fate.closed());
        closed.filter(|x| x.cause == cause && early(x)).filter_map(zero_learn::Closed::r).collect()
    };
    let targets = by(&wide, ExitCause::Target);
    assert!(targets.len() > 10, "{}", targets.len());
    // One and a half units of risk less the costs of both ways.
    assert!(targets.iter().all(|r| *r > 0.8 && *r < 1.6), "{targets:?}");
    // A target that nearly every bar touches: where the same bar has the stop, it is a loss all the same.
    assert!(by(&narrow, ExitCause::Target).len() > 3 * targets.len());
    assert!(
        by(&narrow, ExitCause::Stop).iter().all(|r| *r < -0.9) && !by(&narrow, ExitCause::Stop).is_empty()
    );
}

/// Two epochs name their gates in other places; a verdict must not be given to a neighbour.
#[test]
fn gates_keep_their_names_over_epochs_with_other_tables() {
    let data = market(11, &["BTC"], 300);
    let spec = free(&data, paper(), choices()[2].clone());
    let first = support::manifest(&spec);
    let mut second = first.clone();
    second.epoch.config = zero_core::Digest32([3; 32]);
    second.gates.rotate_left(1);
    let mut trace = Keep(Vec::new());
    let mut driver = spec.driver().unwrap();
    for event in &events(&data) {
        driver.feed(event, &mut trace, &mut Vec::new()).unwrap();
    }
    let mut learner = zero_learn::Learner::new(&[first.clone(), second.clone()]);
    learner.start(&first);
    learner.candidate(&trace.0[0]);
    learner.start(&second);
    learner.candidate(&trace.0[1]);
    let learnt = learner.finish();
    assert_eq!(learnt.gates, first.gates);
    let name = |case: usize, at: usize| learnt.gates[usize::from(learnt.cases[case].gates[at].gate)].clone();
    for at in 0..first.gates.len() {
        assert_eq!((name(0, at), name(1, at)), (first.gates[at].clone(), second.gates[at].clone()));
    }
}

struct Keep(Vec<zero_kernel::CandidateTrace>);

impl zero_kernel::TraceSink for Keep {
    fn candidate(&mut self, t: &zero_kernel::CandidateTrace) {
        self.0.push(t.clone());
    }
}
