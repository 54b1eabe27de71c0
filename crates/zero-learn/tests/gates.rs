//! The value of gates: nothing is claimed of gates that are worth nothing, a planted harm is found, a planted good is not
//! blamed.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "tests"
)]

mod support;

use support::{events, free, paper, run};
use zero_core::prng::Prng;
use zero_core::{BookId, CoinId, OrderId, Px, Rate, Sz, Truth, Ts, TsDiff, Usd};
use zero_data::synth::{Edge, EdgeKind, SynthSpec, generate};
use zero_kernel::GateTrace;
use zero_learn::gates::judge;
use zero_learn::{Case, Closed, ExitCause, Fate, Learnt, Verdict};
use zero_market::Side;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

const GATES: u8 = 11;
const ALPHA: f64 = 0.05;

/// A candidate that the gates in `failing` rejected and that would have made `r`.
fn case(n: u64, at: (CoinId, i64), failing: &[u8], r: Option<f64>) -> Case {
    let mut id = [0u8; 16];
    id[..8].copy_from_slice(&n.to_le_bytes());
    let time = Ts::from_ns(1_700_006_400_000_000_000).plus(TsDiff::HOUR.times(at.1));
    let closed = |r: f64| Closed {
        entered: time,
        left: time.plus(TsDiff::HOUR.times(6)),
        entry_px: Px::ONE,
        sz: Sz::ONE,
        net: Usd::from_f64_nearest(100.0 * r).unwrap(),
        fees: Usd::ZERO,
        funding: Usd::ZERO,
        risk: Some(Usd::whole(100)),
        cause: ExitCause::Horizon,
    };
    Case {
        decision: OrderId(id),
        time,
        book: BookId(0),
        coin: at.0,
        side: Side::Buy,
        admitted: failing.is_empty(),
        gates: (0..GATES)
            .map(|g| {
                let fails = failing.contains(&g);
                let truth = if fails { Truth::False } else { Truth::True };
                GateTrace { gate: g, truth, value: f64::from(u8::from(fails)), limit: 0.5 }
            })
            .collect(),
        fate: r.map_or(Fate::Unresolved, |r| Fate::Closed(closed(r))),
        said: Default::default(),
    }
}

fn names() -> Vec<String> {
    (0..GATES).map(|g| format!("gate {g}")).collect()
}

/// A skewed outcome with mean `mean`: most lose one unit of risk, a third makes two, and a coin's day moves all alike.
fn outcome(draw: &mut Prng, common: f64, mean: f64) -> f64 {
    let own = if draw.uniform() < 1.0 / 3.0 { 2.0 } else { -1.0 };
    own + common + mean
}

/// `days` days of four coins, which move apart; every gate alone rejects three candidates of each coin-day in turn.
fn history(seed: u64, days: i64, mean: impl Fn(u8) -> f64) -> Learnt {
    let mut draw = Prng::new(seed, 0);
    let mut cases = Vec::new();
    for day in 0..days {
        for coin in 0..4u16 {
            for gate in 0..GATES {
                let common = draw.normal();
                for k in 0..3i64 {
                    let r = outcome(&mut draw, common, mean(gate));
                    let n = cases.len() as u64;
                    cases.push(case(n, (CoinId(coin), 24 * day + 2 * k), &[gate], Some(r)));
                }
            }
        }
    }
    Learnt { cases, gates: names(), ..Learnt::default() }
}

#[test]
fn of_gates_that_are_worth_nothing_at_most_alpha_of_the_runs_say_anything() {
    let runs = 200u64;
    let (mut any, mut blamed) = (0, 0);
    for seed in 0..runs {
        let report = judge(&history(seed, 12, |_| 0.0), ALPHA);
        any += u64::from(report.gates.iter().any(|g| g.verdict != Verdict::NotShown));
        blamed += u64::from(report.gates.iter().any(|g| g.verdict == Verdict::Harmful));
    }
    println!("of {runs} runs of {GATES} gates worth nothing: any verdict {any}, harmful {blamed}");
    // Three standard errors of a rate of alpha over the runs.
    let slack = 3.0 * (ALPHA * (1.0 - ALPHA) / runs as f64).sqrt();
    assert!(any as f64 / runs as f64 <= ALPHA + slack, "{any} of {runs}");
}

/// The planted bug: outcomes counted as if each stood alone. The rate above must then break.
#[test]
fn without_clusters_worthless_gates_would_be_judged_far_too_often() {
    let runs = 60u64;
    let mut any = 0;
    for seed in 0..runs {
        let mut learnt = history(seed, 12, |_| 0.0);
        for (i, c) in learnt.cases.iter_mut().enumerate() {
            // Each candidate in a stretch of time of its own.
            c.time = Ts::from_ns(1_700_006_400_000_000_000).plus(TsDiff::DAY.times(i as i64));
        }
        let report = judge(&learnt, ALPHA);
        any += u64::from(report.gates.iter().any(|g| g.verdict != Verdict::NotShown));
    }
    println!("without clusters: {any} of {runs}");
    assert!(any as f64 / runs as f64 > 2.0 * ALPHA, "{any} of {runs}");
}

#[test]
fn a_planted_harmful_gate_is_found_and_a_planted_good_one_is_not_blamed() {
    let (mut found, mut useful, mut others) = (0, 0, 0);
    for seed in 0..20 {
        let worth = |g| match g {
            3 => 0.6,
            7 => -0.6,
            _ => 0.0,
        };
        let report = judge(&history(seed, 30, worth), ALPHA);
        for g in &report.gates {
            match (g.gate, g.verdict) {
                (3, Verdict::Harmful) => found += 1,
                (7, Verdict::Harmful) => panic!("the good gate is blamed: {g:?}"),
                (7, Verdict::Useful) => useful += 1,
                (3 | 7, _) | (_, Verdict::NotShown) => {}
                _ => others += 1,
            }
        }
    }
    println!("of 20: harmful found {found}, good found {useful}, verdicts on others {others}");
    assert!(found >= 18 && useful >= 18, "{found} {useful}");
}

#[test]
fn a_candidate_that_two_gates_rejected_is_no_evidence_on_either() {
    let mut cases: Vec<Case> =
        (0..60).map(|i| case(i, (CoinId(0), 24 * i as i64), &[2, 5], Some(3.0))).collect();
    cases.push(case(60, (CoinId(0), 0), &[2], None));
    cases.push(case(61, (CoinId(0), 0), &[], Some(1.0)));
    let report = judge(&Learnt { cases, gates: names(), ..Learnt::default() }, ALPHA);
    let g = &report.gates[2];
    assert_eq!((g.rejected, g.alone, g.without_outcome, g.value.n), (61, 1, 1, 0));
    assert_eq!((g.value.mean, g.q, g.verdict), (None, None, Verdict::NotShown));
    assert_eq!((report.admitted.n, report.admitted.mean), (1, Some(1.0)));
}

/// A limit of no position at all, on a market whose trend pays: the gate keeps profit out, and its own outcomes say so.
#[test]
fn a_gate_that_keeps_a_planted_edge_out_is_harmful_and_one_that_keeps_noise_out_is_not() {
    let verdict = |edge: Option<Edge>, seed| {
        let mut spec = SynthSpec::seeded(seed).only(&["BTC", "ETH", "SOL", "DOGE", "SUI", "INJ"]);
        spec.bars = Some(24 * 120);
        spec.edges = edge.into_iter().collect();
        let data = generate(&spec).unwrap();
        let trend = TrendParams {
            lookback: 24,
            entry_z: Rate::ONE,
            stop_sigmas: Rate::whole(1),
            horizon_hours: 24,
            ..TrendParams::standard()
        };
        let mut spec = free(&data, paper(), StrategyChoice::Trend(trend));
        spec.kernel.limits.max_open_positions = 0;
        let (learnt, _) = run(&spec, &events(&data));
        let manifest = support::manifest(&spec);
        let report = judge(&learnt, ALPHA);
        let at = manifest.gates.iter().position(|g| g == "open_positions").unwrap();
        let g = report.gates[at].clone();
        println!(
            "{:?} n {} clusters {} mean {:?} q {:?}",
            g.verdict, g.value.n, g.value.clusters, g.value.mean, g.q
        );
        assert_eq!(report.gates.iter().filter(|o| o.gate != g.gate && o.alone > 0).count(), 0);
        g.verdict
    };
    assert_eq!(
        verdict(
            Some(Edge {
                kind: EdgeKind::Momentum,
                coins: Vec::new(),
                from_bar: 0,
                to_bar: None,
                lookback: 24,
                strength: 0.2,
            }),
            1
        ),
        Verdict::Harmful
    );
    assert_ne!(verdict(None, 1), Verdict::Harmful);
}

/// The whole engine on markets without any edge, gates binding as they come: rejected candidates of ten coins that move
/// together and are held for days. A proposal here is a false one.
#[test]
fn on_markets_without_an_edge_at_most_alpha_of_the_runs_propose_anything() {
    let runs = if std::env::var_os("ZERO_FULL_CAMPAIGNS").is_some() { 60u64 } else { 12 };
    let (mut proposing, mut by_coin_alone, mut tested) = (0, 0, 0);
    for seed in 0..runs {
        let mut market = SynthSpec::seeded(1_000 + seed);
        market.bars = Some(24 * 150);
        let data = generate(&market).unwrap();
        let books = [
            ("trend", StrategyChoice::Trend(TrendParams::standard())),
            ("carry", StrategyChoice::Carry(zero_strategy::strategies::CarryParams::standard())),
        ];
        let mut spec =
            zero_runtime::RunSpec::standard(data.universe().clone(), Usd::whole(10_000), paper(), &books);
        spec.policy = zero_runtime::OperatorPolicy::UNATTENDED;
        spec.kernel.limits.max_open_positions = 4;
        let (learnt, _) = run(&spec, &events(&data));
        let report = judge(&learnt, ALPHA);
        proposing += u64::from(report.gates.iter().any(|g| g.verdict == Verdict::Harmful));
        tested += report.gates.iter().filter(|g| g.q.is_some()).count();
        // What coin-days alone would say.
        let naive = report.gates.iter().any(|g| {
            let alone = learnt.cases.iter().filter(|c| c.only_failing().is_some_and(|f| f.gate == g.gate));
            let days = alone.filter_map(|c| Some(((c.coin, c.time.floor(TsDiff::DAY)), c.fate.r()?)));
            let m = zero_learn::cluster::mean(days, &zero_learn::cluster::Draws::standard(1));
            m.p.is_some_and(|p| p * report.gates.len() as f64 <= ALPHA) && m.mean.unwrap() > 0.0
        });
        by_coin_alone += u64::from(naive);
    }
    println!(
        "of {runs} runs without an edge, {tested} gates tested: proposing {proposing}; coin-days {by_coin_alone}"
    );
    let slack = 3.0 * (ALPHA * (1.0 - ALPHA) / runs as f64).sqrt();
    assert!(proposing as f64 / runs as f64 <= ALPHA + slack, "{proposing} of {runs}");
}
