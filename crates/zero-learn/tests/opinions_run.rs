//! Opinions that are measured, through the kernel: learnt from one market, in force on another.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, dead_code, reason = "tests")]

mod support;

use std::sync::Arc;
use support::{events, manifest, market, paper};
use zero_core::prng::Prng;
use zero_core::{BookId, CoinId, MissingReason, Px, Rate, Truth, Ts, TsDiff, Usd};
use zero_data::Dataset;
use zero_kernel::{CandidateTrace, Fact, Stack, TraceSink};
use zero_learn::opinions::{fit, live};
use zero_learn::{Learner, Learnt};
use zero_market::event::TimerKind;
use zero_market::{Event, EventBody, Side};
use zero_runtime::record::Manifest;
use zero_runtime::{Driver, RunSpec};
use zero_strategy::lens::{Opinion, Provenance};
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;
use zero_strategy::{CoinView, Entry, FeaturePlan, Lens, LensOut, Limits, OpinionModel, Opinions, Sizing};

const COINS: [&str; 3] = ["BTC", "DOGE", "SUI"];
const HOURS: u32 = 12;

/// A lens that was planted: it sees the move over the coming hours, blurred, or says noise of the same size.
#[derive(Debug)]
struct Oracle {
    data: Arc<Dataset>,
    knows: bool,
}

impl Lens for Oracle {
    fn name(&self) -> &'static str {
        "oracle"
    }

    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        let bars = &self.data.series(view.coin).unwrap().bars;
        let at = bars.partition_point(|b| b.open_time < view.now);
        let (Some(now), Some(then)) = (bars.get(at), bars.get(at + HOURS as usize)) else {
            return LensOut::Abstain(MissingReason::NeverSeen);
        };
        let mut draws = Prng::at(3, u64::from(view.coin.0), view.now.as_ns() as u64);
        let blur = draws.normal();
        let moved = (then.close.to_f64() / now.open.to_f64()).ln() / 0.03;
        let said = if self.knows { moved.clamp(-3.0, 3.0) + blur } else { 1.4 * blur };
        let mean = said * side.sign() as f64;
        LensOut::Opinion(Opinion { mean, stderr: 1.0, provenance: Provenance::Assumed })
    }
}

/// A lens whose input is missing.
#[derive(Debug)]
struct Deaf(Box<dyn Lens>);

impl Lens for Deaf {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn version(&self) -> u16 {
        self.0.version()
    }

    fn evaluate(&self, _: &CoinView<'_>, _: Side) -> LensOut {
        LensOut::Abstain(MissingReason::Gap)
    }
}

fn spec(data: &Dataset) -> RunSpec {
    let exits =
        TrendParams { stop_sigmas: Rate::bps(8_000), horizon_hours: HOURS, ..TrendParams::standard() };
    let choice = StrategyChoice::RandomEntry(3, Rate::bps(3_000), exits);
    let cash = Usd::whole(1_000_000);
    let mut spec = RunSpec::standard(data.universe().clone(), cash, paper(), &[("only", choice)]);
    let risk = spec.kernel.limits.risk_per_trade;
    spec.kernel.limits = Limits { risk_per_trade: risk, ..Limits::unbounded() };
    spec
}

/// The run's stack with the planted lens, the lenses at `deaf` without their inputs, and a model in force.
fn stack(spec: &RunSpec, data: &Dataset, knows: bool, deaf: &[usize], model: Option<&OpinionModel>) -> Stack {
    let choices = spec.strategies.clone();
    let mut stack =
        Stack::standard(|plan: &mut FeaturePlan| choices.into_iter().map(|c| c.build(plan)).collect());
    stack.lenses.push(Box::new(Oracle { data: Arc::new(data.clone()), knows }));
    let wrap = |(i, l): (usize, Box<dyn Lens>)| -> Box<dyn Lens> {
        if deaf.contains(&i) { Box::new(Deaf(l)) } else { l }
    };
    stack.lenses = stack.lenses.into_iter().enumerate().map(wrap).collect();
    match model {
        Some(m) => stack.with_opinions(Opinions::new(m.clone()).unwrap()).unwrap(),
        None => stack,
    }
}

fn told(spec: &RunSpec, stack: &Stack, model: Option<&OpinionModel>) -> Manifest {
    let mut m = manifest(spec);
    m.lenses = stack.lenses.iter().map(|l| l.name().to_owned()).collect();
    m.lens_versions = stack.lenses.iter().map(|l| l.version()).collect();
    m.gates = stack.gates().iter().map(|g| (*g).to_owned()).collect();
    m.opinion_model = model.cloned().map(Box::new);
    m
}

struct Both<'a>(&'a mut Learner, Vec<CandidateTrace>);

impl TraceSink for Both<'_> {
    fn candidate(&mut self, t: &CandidateTrace) {
        self.0.candidate(t);
        self.1.push(t.clone());
    }
}

fn run(
    data: &Dataset,
    knows: bool,
    model: Option<&OpinionModel>,
) -> (Learnt, Vec<CandidateTrace>, Vec<String>) {
    let spec = spec(data);
    let stack = stack(&spec, data, knows, &[], model);
    let manifest = told(&spec, &stack, model);
    let mut learner = Learner::new(core::slice::from_ref(&manifest));
    let mut driver = Driver::new(spec.engine_with(stack).unwrap(), spec.policy);
    let (mut facts, mut traces) = (Vec::new(), Vec::new());
    for event in &events(data) {
        let mut sink = Both(&mut learner, core::mem::take(&mut traces));
        driver.feed(event, &mut sink, &mut facts).unwrap();
        traces = sink.1;
        learner.event(event);
        facts.clear();
    }
    (learner.finish(), traces, manifest.gates)
}

fn learn(seed: u64, knows: bool) -> zero_learn::opinions::Fitted {
    let (learnt, ..) = run(&market(seed, &COINS, 1_500), knows, None);
    fit(&learnt, 0.05).unwrap()
}

#[test]
fn an_edge_that_was_planted_in_a_market_is_found_sized_and_seen_to_last() {
    let found = learn(5, true);
    let m = &found.model;
    assert!(found.shown, "{:?}", m.evidence.gain);
    let oracle = m.lenses.last().unwrap();
    assert!(m.lenses.iter().all(|l| l.weight.abs() <= oracle.weight), "the one that knows weighs most");

    let data = market(6, &COINS, 1_500);
    let (learnt, traces, gates) = run(&data, true, Some(m));
    let gate = gates.iter().position(|g| g == "expected_value").unwrap();
    let (mut admitted, mut refused) = (0, 0);
    for t in &traces {
        let f = t.forecast.as_ref().unwrap();
        let low = f.expected_lower.unwrap();
        assert_eq!(t.gates[gate].truth, Truth::from(low > 0.0));
        assert_eq!(f.contributions.len(), t.lenses.len());
        let spoke = t.lenses.iter().filter(|l| l.opinion.is_some()).count() as f64;
        assert!(f.effective_lenses <= spoke + 1e-9 && f.p_lower <= f.p);
        for (c, l) in f.contributions.iter().zip(&t.lenses) {
            assert_eq!(c.is_some(), l.opinion.is_some());
        }
        // The last modifier is Kelly: a quarter of the lower bound over the variance, never more than the wish.
        let kelly = *t.factors.last().unwrap();
        if low <= 0.0 {
            assert!(!t.admitted && kelly == 0.0);
            refused += 1;
        } else {
            let bars = f64::from(HOURS);
            let sigma = t.sigma.unwrap();
            let fraction = 0.25 * low * t.stop.unwrap() / (sigma * sigma * bars);
            assert!(kelly <= 1.0 && kelly > 0.0 && fraction > 0.0);
            admitted += usize::from(t.admitted);
        }
    }
    assert!(admitted > 20 && refused > 20, "{admitted} admitted, {refused} refused");

    let so_far = live(&learnt, &Opinions::new(m.clone()).unwrap());
    let whole = so_far.whole.unwrap();
    assert!(
        so_far.resolved > 200 && whole.brier < whole.uncertainty,
        "{} {}",
        whole.brier,
        whole.uncertainty
    );
    let r = |good: bool| {
        let of: Vec<f64> =
            learnt.cases.iter().filter(|c| c.admitted == good).filter_map(|c| c.fate.r()).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert!(r(true) > r(false), "what was admitted did better: {} {}", r(true), r(false));
}

#[test]
fn a_lens_that_says_noise_is_not_believed() {
    for seed in [5, 6] {
        let noise = learn(seed, false);
        assert!(
            !noise.shown,
            "seed {seed}: gain {} p {}",
            noise.model.evidence.gain, noise.model.evidence.gain_p
        );
    }
}

#[test]
fn a_model_whose_lower_bound_is_negative_admits_nothing_and_does_not_start() {
    let mut m = learn(5, true).model;
    m.win.mean = 0.01;
    let data = market(6, &COINS, 700);
    let (_, traces, _) = run(&data, true, Some(&m));
    assert!(traces.len() > 100 && traces.iter().all(|t| !t.admitted && t.final_sz.raw() == 0));
    // The start-up proof says so before the first order.
    let spec = spec(&data);
    let start = |m: &OpinionModel| {
        let engine = spec.engine_with(stack(&spec, &data, true, &[], Some(m))).unwrap();
        let prices: Vec<Option<Px>> = (0..COINS.len())
            .map(|c| data.series(CoinId(c as u16)).unwrap().bars.first().map(|b| b.close))
            .collect();
        let now = data.span().unwrap().0;
        engine.kernel().witness(&prices, TsDiff::HOUR, now).map(|_| ())
    };
    assert!(format!("{:?}", start(&m).unwrap_err()).contains("expected_value"));
    assert_eq!(start(&learn(5, true).model), Ok(()));
}

#[test]
fn a_model_of_other_lenses_is_refused_by_the_stack() {
    let m = learn(5, true).model;
    let data = market(6, &COINS, 100);
    let spec = spec(&data);
    let try_on = |m: OpinionModel| {
        stack(&spec, &data, true, &[], None).with_opinions(Opinions::new(m).unwrap()).map(|_| ())
    };
    assert_eq!(try_on(m.clone()), Ok(()));
    let (mut newer, mut renamed, mut swapped) = (m.clone(), m.clone(), m);
    newer.lenses[1].version += 1;
    renamed.lenses[1].name = "other".into();
    swapped.lenses.swap(0, 1);
    for m in [newer, renamed, swapped] {
        assert!(try_on(m).is_err());
    }
}

/// Two kernels in the same state, one of them without a lens's input: asked the same questions at every slice.
#[test]
fn dropping_a_feed_never_raises_the_lower_bound_nor_the_admitted_quantity() {
    let m = learn(5, true).model;
    let data = market(6, &COINS, 600);
    let spec = spec(&data);
    let n = m.lenses.len();
    for deaf in [vec![n - 1], vec![0], vec![0, 3, n - 1]] {
        let engine = |deaf: &[usize]| spec.engine_with(stack(&spec, &data, true, deaf, Some(&m))).unwrap();
        let (mut hears, mut misses) = (Driver::new(engine(&[]), spec.policy), engine(&deaf));
        let mut facts: Vec<Fact> = Vec::new();
        let (mut smaller, mut asked) = (0, 0);
        for event in &events(&data) {
            hears.feed(event, &mut zero_kernel::DigestSink, &mut facts).unwrap();
            misses.replay(&facts).unwrap();
            facts.clear();
            if !is_slice(event) {
                continue;
            }
            for (coin, side) in (0..3).flat_map(|c| [Side::Buy, Side::Sell].map(|s| (CoinId(c), s))) {
                let judge = |k: &zero_kernel::Kernel| {
                    let q = k.question(BookId(0), coin, entry(side), event.time);
                    k.judge(&q).unwrap()
                };
                let (full, less) = (judge(hears.engine().kernel()), judge(misses.kernel()));
                let (f, l) = (full.forecast.unwrap(), less.forecast.unwrap());
                assert!(l.p_lower <= f.p_lower, "{deaf:?} {} {}", l.p_lower, f.p_lower);
                assert!(less.final_sz <= full.final_sz, "{deaf:?}");
                assert!(!less.admitted || full.admitted);
                asked += 1;
                smaller += usize::from(less.final_sz < full.final_sz);
            }
        }
        assert!(asked > 3_000 && smaller > 20, "{deaf:?}: smaller in {smaller} of {asked}");
    }
}

fn is_slice(event: &Event) -> bool {
    matches!(event.body, EventBody::Timer(TimerKind::BarSlice)) && event.time > Ts::ZERO
}

fn entry(side: Side) -> Entry {
    Entry {
        side,
        stop: Some(0.03),
        target: None,
        horizon: TsDiff::HOUR.times(i64::from(HOURS)),
        score: 0.0,
        sizing: Sizing::Risk,
    }
}
