//! "Why was there no trade" is answered truly: the change that is named leads to admission when it is really made, and one
//! step of its grid less does not. Each rejection is a real one; each change is made in a run of its own, and that run's
//! kernel judges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use support::{Rig, Scripted, config, script, universe};
use zero_core::prng::Prng;
use zero_core::{BookId, CoinId, Px, Rate, Sz, Ts, TsDiff, Usd};
use zero_kernel::record::CandidateTrace;
use zero_kernel::remedy::{Change, Lever, Remedies};
use zero_kernel::{Fact, Kernel, Question, Stack};
use zero_market::event::{FundingPrint, TimerKind, Transfer};
use zero_market::{Event, EventBody, Side};
use zero_strategy::{Entry, Proposal, Sizing, Strategy};

/// Beyond the warm-up of the cross-section, so that portfolio gates have something to judge.
const HOURS: u64 = 200;
/// Gates whose answer depends on the present inputs only, not on what happened before.
const STATELESS: &[&str] = &[
    "cost_share",
    "gross_leverage",
    "position_share",
    "open_positions",
    "portfolio_vol",
    "beta_exposure",
    "factor_exposure",
    "risk_share",
    "expected_shortfall",
    "correlated_vol",
    "crash_loss",
    "min_notional",
    "margin",
];

/// A random situation in which book 0 wants to enter coin 0 at the last hour, while book 1 holds coin 1.
#[derive(Clone, Debug)]
struct Case {
    seed: u64,
    entry: Entry,
    limits: zero_strategy::Limits,
    cash: Usd,
    other: Sz,
    funding: Rate,
    deposit: Usd,
}

fn case(seed: u64) -> Case {
    let mut r = Prng::at(seed, 17, 4);
    let mut u = |lo: f64, hi: f64| lo + (hi - lo) * r.uniform();
    let rate = |v: f64| Rate::from_f64_nearest(v).unwrap();
    let mut limits = zero_strategy::Limits::standard();
    limits.max_gross_leverage = rate(u(0.05, 2.0));
    limits.max_position_share = rate(u(0.01, 0.8));
    limits.max_open_positions = u(0.0, 3.0) as u32;
    limits.max_cost_share = rate(u(0.002, 0.2));
    limits.risk_per_trade = rate(10f64.powf(u(-5.0, -1.7)));
    limits.vol_target_annual = rate(u(0.05, 3.0));
    limits.max_portfolio_vol = rate(10f64.powf(u(-2.0, 0.5)));
    limits.max_beta_exposure = rate(10f64.powf(u(-1.5, 0.5)));
    limits.max_factor_exposure = rate(10f64.powf(u(-1.5, 0.5)));
    limits.max_risk_share = rate(10f64.powf(u(-1.0, 0.5)));
    limits.max_shortfall = rate(10f64.powf(u(-3.5, -1.0)));
    limits.max_correlated_vol = rate(10f64.powf(u(-2.0, 0.5)));
    limits.max_crash_loss = rate(10f64.powf(u(-1.5, 0.5)));
    let sizing = match (u(0.0, 3.0)) as u32 {
        0 => Sizing::Fixed(Sz::from_f64_nearest(10f64.powf(u(-2.5, 2.8))).unwrap()),
        1 => Sizing::Share(rate(u(0.001, 1.5))),
        _ => Sizing::Risk,
    };
    let side = if u(0.0, 1.0) < 0.5 { Side::Buy } else { Side::Sell };
    let entry = Entry {
        side,
        stop: Some(rate(u(0.002, 0.2)).to_f64()),
        target: None,
        horizon: TsDiff::DAY,
        score: 1.0,
        sizing,
    };
    Case {
        seed,
        entry,
        limits,
        cash: Usd::from_f64_nearest(u(30.0, 5_000.0)).unwrap(),
        other: Sz::from_f64_nearest(u(0.0, 20.0))
            .map(|s| Sz::from_raw(s.raw() / 1_000_000 * 1_000_000))
            .unwrap(),
        funding: rate(u(-2e-4, 2e-4)),
        deposit: Usd::ZERO,
    }
}

impl Case {
    /// The situation as a change makes it.
    fn with(&self, c: &Change) -> Self {
        let mut x = self.clone();
        let l = &mut x.limits;
        let rate = Rate::from_raw(c.to);
        match c.lever {
            Lever::Size => x.entry.sizing = Sizing::Fixed(Sz::from_raw(c.to)),
            Lever::Deposit => x.deposit = Usd::from_raw(c.to),
            Lever::Stop => x.entry.stop = Some(rate.to_f64()),
            Lever::GrossLeverage => l.max_gross_leverage = rate,
            Lever::PositionShare => l.max_position_share = rate,
            Lever::OpenPositions => l.max_open_positions = c.to as u32,
            Lever::CostShare => l.max_cost_share = rate,
            Lever::RiskPerTrade => l.risk_per_trade = rate,
            Lever::VolTarget => l.vol_target_annual = rate,
            Lever::OrdersPerHour => l.orders_per_hour = c.to as u32,
            Lever::StaleAfter => l.stale_after = TsDiff::ns(c.to),
            Lever::PortfolioVol => l.max_portfolio_vol = rate,
            Lever::BetaExposure => l.max_beta_exposure = rate,
            Lever::FactorExposure => l.max_factor_exposure = rate,
            Lever::RiskShare => l.max_risk_share = rate,
            Lever::Shortfall => l.max_shortfall = rate,
            Lever::CorrelatedVol => l.max_correlated_vol = rate,
            Lever::CrashLoss => l.max_crash_loss = rate,
            Lever::CloseTime | Lever::Wait => panic!("no remedy of a stateless gate"),
        }
        x
    }

    fn stack(&self) -> Stack {
        let (entry, other, last) =
            (self.entry, self.other, support::START.plus(TsDiff::HOUR.times(HOURS as i64)));
        Stack::standard(move |_| {
            let first = script(move |v, h| match h {
                None if v.coin == CoinId(0) && v.now == last => Proposal::Enter(entry),
                _ => Proposal::Nothing,
            });
            let held = Entry { sizing: Sizing::Fixed(other), stop: Some(0.5), score: 0.0, ..entry };
            let second = script(move |v, h| match h {
                None if v.coin == CoinId(1) && v.now < last && other.raw() > 0 => Proposal::Enter(held),
                _ => Proposal::Nothing,
            });
            vec![
                Box::new(Scripted("a".into(), first)) as Box<dyn Strategy>,
                Box::new(Scripted("b".into(), second)) as Box<dyn Strategy>,
            ]
        })
    }

    fn config(&self) -> zero_kernel::KernelConfig {
        let mut cfg = config(&[0, 0]);
        cfg.limits = self.limits;
        for b in &mut cfg.books {
            b.initial = self.cash;
        }
        cfg
    }

    /// The whole run; what the last slice said about book 0.
    fn run(&self) -> (Rig, Option<CandidateTrace>) {
        let mut rig = Rig::with(self.config(), universe(2), self.stack());
        let mut walk = Prng::at(self.seed, 3, 9);
        let mut px = [97.0, 31.0];
        for hour in 1..=HOURS {
            rig.now = rig.now.plus(TsDiff::HOUR);
            for (coin, px) in px.iter_mut().enumerate() {
                *px *= 1.0 + 0.01 * (walk.uniform() - 0.5);
                let close = Px::from_f64_nearest(*px).unwrap();
                rig.send(EventBody::BarClosed(support::bar(coin as u16, rig.now, close)));
            }
            for coin in [CoinId(0), CoinId(1)] {
                let rate = self.funding;
                rig.send(EventBody::Funding(FundingPrint { coin, rate, premium: Rate::ZERO }));
            }
            rig.slice();
            if hour < HOURS {
                for o in support::market_orders(rig.open()) {
                    let f = rig.make_fill(&o, o.sz, rig.kernel.state().mark(o.coin).unwrap(), Sz::ZERO);
                    rig.venue(zero_market::VenueEvent::Fill(f));
                }
            }
        }
        let now = rig.now;
        let trace = rig.traces.0.iter().find(|t| t.book == BookId(0) && t.time == now).cloned();
        (rig, trace)
    }

    /// The kernel that recovers from recorded facts with this situation's limits, strategies and deposit.
    fn recovered(&self, facts: &[Fact]) -> Kernel {
        let mut kernel = Kernel::new(self.config(), universe(2), self.stack()).unwrap();
        for fact in facts {
            kernel.replay(fact).unwrap();
        }
        kernel
    }

    /// Really makes the change, in the history of the case that was rejected: a restart with it, and then the slice.
    fn admits(&self, r: &Rejected) -> bool {
        let mut kernel = self.recovered(&r.facts[..r.timer]);
        let (mut sink, mut out) = (support::Traces::default(), Vec::new());
        if self.deposit.raw() > 0 {
            let t = Transfer { account: zero_core::AccountId(0), book: BookId(0), amount: self.deposit };
            kernel
                .step(&Event::at(r.question.now, EventBody::Transfer(Box::new(t))), &mut sink, &mut out)
                .unwrap();
        }
        kernel
            .step(&Event::at(r.question.now, EventBody::Timer(TimerKind::BarSlice)), &mut sink, &mut out)
            .unwrap();
        sink.0.iter().any(|t| t.book == BookId(0) && t.admitted)
    }
}

struct Rejected {
    case: Case,
    facts: Vec<Fact>,
    /// Place of the last slice's timer among the facts.
    timer: usize,
    kernel: Kernel,
    question: Question,
    trace: CandidateTrace,
}

/// Rejections by stateless gates, and only by those.
fn rejections(want: usize) -> Vec<Rejected> {
    let mut out = Vec::new();
    for seed in 0..4_000 {
        let case = case(seed);
        let (rig, recorded) = case.run();
        let Some(recorded) = recorded.filter(|t| !t.admitted) else { continue };
        let names = rig.kernel.stack().gates();
        if !recorded.failing().all(|g| STATELESS.contains(&names[usize::from(g.gate)])) {
            continue;
        }
        let is_timer =
            |f: &Fact| matches!(f, Fact::Event(e) if e.body == EventBody::Timer(TimerKind::BarSlice));
        let timer = rig.facts.iter().rposition(is_timer).unwrap();
        let breakers = rig.facts[timer + 1..].iter().take_while(|f| matches!(f, Fact::Breaker(_))).count();
        let before = || case.recovered(&rig.facts[..=timer + breakers]);
        let mut kernel = before();
        let again = kernel.decide_again(rig.now).unwrap();
        let (question, trace) = again.into_iter().find(|(q, _)| q.book == BookId(0)).unwrap();
        assert_eq!(trace, recorded, "a slice decided again gives the recorded judgement");
        assert_eq!(kernel.state(), before().state(), "and leaves the state as it was");
        out.push(Rejected { facts: rig.facts, timer, kernel, question, trace, case });
        if out.len() == want {
            break;
        }
    }
    assert_eq!(out.len(), want);
    out
}

#[test]
fn of_200_random_rejections_the_named_change_admits_and_one_step_less_does_not() {
    let (mut single, mut joint, mut gates, mut levers) =
        (0, 0, std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    for r in rejections(200) {
        let found = r.kernel.remedies(&r.question, &r.trace).unwrap();
        assert!(!found.together.is_empty(), "no remedy: {:?} {:?}", r.case, r.trace);
        for g in r.trace.failing() {
            *gates.entry(r.kernel.stack().gates()[usize::from(g.gate)]).or_insert(0) += 1;
            assert!(
                found.ways.iter().any(|w| w.gate == g.gate),
                "no way past gate {}: {:?}",
                g.gate,
                r.trace
            );
        }
        let whole = found.together.iter().fold(r.case.clone(), |c, change| c.with(change));
        assert!(whole.admits(&r), "{:?} does not admit in {:?}", found.together, r.case);
        for i in 0..found.together.len() {
            let mut less = found.together.clone();
            less[i] = less[i].smaller();
            let less = less.iter().fold(r.case.clone(), |c, change| c.with(change));
            assert!(
                !less.admits(&r),
                "one step less of {:?} still admits in {:?}",
                found.together[i],
                r.case
            );
        }
        for way in found.ways.iter().filter(|w| w.admits) {
            *levers.entry(way.change.lever.name()).or_insert(0) += 1;
            assert!(r.case.with(&way.change).admits(&r), "{way:?} in {:?}", r.case);
            assert!(!r.case.with(&way.change.smaller()).admits(&r), "one step less: {way:?} in {:?}", r.case);
        }
        if found.together.len() == 1 { single += 1 } else { joint += 1 }
    }
    println!("{single} by one change, {joint} by several; gates {gates:?}; levers {levers:?}");
    assert!(single > 20 && joint > 20, "both kinds occur: {single} {joint}");
    assert!(STATELESS.iter().all(|g| gates.get(g).is_some_and(|n| *n >= 5)), "{gates:?}");
}

/// The check can fail: an answer that names a little too much, or too little, is caught.
#[test]
fn a_planted_answer_that_is_one_step_off_is_caught() {
    let mut caught = 0;
    for r in rejections(20) {
        let Remedies { together, .. } = r.kernel.remedies(&r.question, &r.trace).unwrap();
        let short = together.iter().fold(r.case.clone(), |c, x| c.with(&x.smaller()));
        assert!(!short.admits(&r), "too little is not enough");
        let more = Change { to: together[0].to + together[0].step, ..together[0] };
        let rest = &together[1..];
        let less = rest.iter().fold(r.case.with(&more.smaller()), |c, x| c.with(x));
        caught += u32::from(less.admits(&r));
    }
    assert_eq!(caught, 20, "a change that is one step too large still admits one step smaller");
}

#[test]
fn what_cannot_be_judged_has_no_invented_remedy() {
    // Without volatility the modifiers leave nothing of the size, and no change of a limit gives one.
    let case = Case { entry: Entry { sizing: Sizing::Risk, ..case(1).entry }, ..case(1) };
    let mut rig = Rig::with(case.config(), universe(2), case.stack());
    rig.hour(&[97, 31]);
    let q = rig.kernel.question(BookId(0), CoinId(0), case.entry, rig.now);
    let trace = rig.kernel.judge(&q).unwrap();
    assert!(!trace.admitted && trace.final_sz == Sz::ZERO);
    let found = rig.kernel.remedies(&q, &trace).unwrap();
    assert!(found.together.is_empty(), "{found:?}");
}

/// Another kernel with the same history, one slice later at `at`; does the gate pass for coin 0?
fn passes_at(
    rig: &Rig,
    cfg: &zero_kernel::KernelConfig,
    scripts: &[support::Script],
    gate: &str,
    at: Ts,
) -> bool {
    let mut kernel = Kernel::new(cfg.clone(), universe(2), support::stack(scripts)).unwrap();
    for fact in &rig.facts {
        kernel.replay(fact).unwrap();
    }
    let (mut sink, mut out) = (support::Traces::default(), Vec::new());
    let bar = EventBody::BarClosed(support::bar(0, at, Px::whole(100)));
    for body in [bar, EventBody::Timer(TimerKind::BarSlice)] {
        kernel.step(&Event::at(at, body), &mut sink, &mut out).unwrap();
    }
    let index = kernel.stack().gates().iter().position(|g| *g == gate).unwrap();
    let trace = sink.0.iter().find(|t| t.coin == CoinId(0)).expect("a candidate");
    trace.gates[index].truth.is_true()
}

#[test]
fn a_cooldown_an_order_rate_and_a_passing_breaker_end_at_the_named_time_and_not_a_nanosecond_before() {
    let entry = support::enter(Side::Buy, support::fixed(5));
    let leave_at = support::START.plus(TsDiff::HOUR.times(2));
    for gate in ["cooldown", "order_rate", "breakers"] {
        let mut cfg = config(&[0]);
        cfg.limits.cooldown = TsDiff::secs(if gate == "cooldown" { 5_000 } else { 0 });
        cfg.limits.orders_per_hour = if gate == "cooldown" { 60 } else { 1 };
        let scripts = [script(move |v, h| match h {
            Some(_) if v.now >= leave_at => Proposal::Exit(zero_strategy::ExitWhy::Signal),
            Some(_) => Proposal::Nothing,
            None if v.coin == CoinId(1) && gate == "cooldown" => Proposal::Nothing,
            None => Proposal::Enter(entry),
        })];
        let mut rig = Rig::with(cfg.clone(), universe(2), support::stack(&scripts));
        rig.hour(if gate == "cooldown" { &[100, 50] } else { &[100] });
        rig.fill_market(100);
        rig.hour(&[100]);
        rig.fill_market(100);
        if gate != "cooldown" {
            // Out of coin 0 again, and into coin 1 within the hour: the only order that the hour allows.
            rig.now = rig.now.plus(TsDiff::secs(600));
            rig.close(1, 50);
            rig.slice();
            rig.fill_market(50);
            // The breaker sees the full hour at the next timer.
            rig.now = rig.now.plus(TsDiff::secs(60));
            rig.slice();
        }
        let q = rig.kernel.question(BookId(0), CoinId(0), entry, rig.now);
        let trace = rig.kernel.judge(&q).unwrap();
        assert!(rig.failing(&trace).contains(&gate), "{gate}: {:?}", rig.failing(&trace));
        let found = rig.kernel.remedies(&q, &trace).unwrap();
        let wait = found
            .ways
            .iter()
            .find(|w| usize::from(w.gate) == rig.gate(gate) && w.change.lever == Lever::Wait)
            .unwrap_or_else(|| panic!("{gate}: {found:?}"));
        let at = Ts::from_ns(wait.change.to);
        assert!(passes_at(&rig, &cfg, &scripts, gate, at), "{gate} at {at}");
        assert!(!passes_at(&rig, &cfg, &scripts, gate, at.minus(TsDiff::ns(1))), "{gate} before {at}");
    }
}
