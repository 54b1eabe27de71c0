//! The context of a backtest: what random entries leave by, and what a study says when it stops.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use zero_core::{Digest32, OrderId, Rate, TsDiff, Usd};
use zero_data::Dataset;
use zero_data::synth::{SynthSpec, generate};
use zero_paper::{FeeModel, PaperConfig};
use zero_runtime::study::{Study, StudyPlan, context, run};
use zero_runtime::{Collected, Collector, OperatorPolicy, RunSpec};
use zero_strategy::lang::{Document, Field, shipped};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::{TrendParams, exits_of};

fn market() -> Dataset {
    let mut spec = SynthSpec::seeded(5);
    spec.bars = Some(60 * 24);
    generate(&spec).unwrap()
}

fn document(name: &str, more: &[(&'static str, &str)]) -> StrategyChoice {
    let common = [("entry.long", "trend_t(72) >= 0.5"), ("entry.short", "trend_t(72) <= -0.5")];
    let fields: Vec<Field<'_>> = common.iter().chain(more).map(|(key, text)| Field { key, text }).collect();
    StrategyChoice::Document(Arc::new(Document::new(name, 1, &fields).unwrap()))
}

fn spec(data: &Dataset, books: &[(&str, StrategyChoice)]) -> RunSpec {
    let paper = PaperConfig::standard(FeeModel::HYPERLIQUID_BASE);
    let mut spec = RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper, books);
    spec.policy = OperatorPolicy::UNATTENDED;
    spec
}

fn collected(data: &Dataset, spec: &RunSpec) -> Collected {
    let mut driver = spec.driver().unwrap();
    let mut collector = Collector::new(driver.engine().kernel());
    run(data, &mut driver, &mut collector, |_| true).unwrap();
    collector.into_data()
}

fn study(data: &Dataset, spec: &RunSpec) -> Study {
    let plan = StudyPlan { random_seeds: 3, seed: 1, threads: 2 };
    let main = collected(data, spec);
    context(data, spec, &main, plan, &AtomicBool::new(false), &|_, _| ()).unwrap()
}

const QUICK: [(&str, &str); 3] =
    [("exit.stop", "2 * daily_vol()"), ("exit.target", "1%"), ("exit.horizon", "6h")];

#[test]
fn random_entries_leave_by_the_exits_of_the_documents_own_book() {
    let data = market();
    let quick = study(&data, &spec(&data, &[("mine", document("mine", &QUICK))]));
    let slow = [("exit.stop", "5 * daily_vol()"), ("exit.horizon", "14d")];
    let slow = study(&data, &spec(&data, &[("mine", document("mine", &slow))]));
    for (study, words) in [
        (&quick, "stop 2 * vol(48) * sqrt_bars_per_day, target 1%, horizon 6h of the document of mine"),
        (&slow, "horizon 336h of the document of mine"),
    ] {
        assert!(study.random_exits.ends_with(words), "{}", study.random_exits);
    }
    // Of the runs themselves: no position of the quick ones outlives its six hours by more than the exit's own bar.
    let exits = match document("mine", &QUICK) {
        StrategyChoice::Document(d) => exits_of(&d).unwrap(),
        _ => unreachable!(),
    };
    let choice = StrategyChoice::RandomDocument(1, quick.random_rate, Arc::new(exits));
    let alone = spec(&data, &[("random", choice)]);
    let random = collected(&data, &alone);
    assert_eq!(random.digest, quick.random[0].digest, "these are the runs of the study");
    assert!(random.trades.len() > 20, "{} trades", random.trades.len());
    let longest = random.trades.iter().map(|t| t.closed.since(t.opened)).max().unwrap();
    assert!(longest <= TsDiff::HOUR.times(8), "{} h", longest.as_ns() / TsDiff::HOUR.as_ns());
}

#[test]
fn random_entries_of_the_trend_follower_are_what_they_were_as_a_strategy_of_its_own() {
    let data = market();
    let exits = TrendParams { stop_sigmas: Rate::whole(2), horizon_hours: 30, ..TrendParams::standard() };
    let document = Arc::new(exits_of(&shipped::trend(&exits).unwrap()).unwrap());
    let rate = Rate::bps(300);
    let of = |choice| {
        let mut c = collected(&data, &spec(&data, &[("random", choice)]));
        c.digest = Digest32::ZERO;
        c.fills.iter_mut().for_each(|f| f.order = OrderId([0; 16]));
        c
    };
    let old = of(StrategyChoice::RandomEntry(9, rate, exits));
    assert!(old.fills.len() > 20, "{} fills", old.fills.len());
    assert_eq!(old, of(StrategyChoice::RandomDocument(9, rate, document)));
}

#[test]
fn of_several_books_the_one_that_traded_most_gives_the_exits_and_the_words_name_it() {
    let data = market();
    let never = [("regime.when", "trend_t(72) > 1000"), ("exit.stop", "9%"), ("exit.horizon", "48h")];
    let books = [("idle", document("idle", &never)), ("busy", document("busy", &QUICK))];
    let both = study(&data, &spec(&data, &books));
    assert!(both.random_exits.ends_with("of the document of busy"), "{}", both.random_exits);
    let none = study(&data, &spec(&data, &[("flat", StrategyChoice::Flat)]));
    assert!(none.random_exits.contains("shipped trend follower"), "{}", none.random_exits);
}

#[test]
fn an_interrupted_study_does_not_promise_to_continue_from_what_it_did_not_keep() {
    let data = market();
    let spec = spec(&data, &[("mine", document("mine", &QUICK))]);
    let plan = StudyPlan { random_seeds: 1, seed: 1, threads: 1 };
    let main = collected(&data, &spec);
    let stopped = context(&data, &spec, &main, plan, &AtomicBool::new(true), &|_, _| ()).unwrap_err();
    assert_eq!(stopped.code(), "ZERO-RUN-010");
    assert!(
        !stopped.hint().contains("continue") && stopped.hint().contains("beginning"),
        "{}",
        stopped.hint()
    );
}
