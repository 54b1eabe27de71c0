//! What trading cost: the parts sum to the whole, agree with the ledger, and a model of them predicts what is not yet seen.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "tests"
)]

mod support;

use support::{events, free, manifest, market, paper, run};
use zero_core::{Rate, TsDiff};
use zero_data::Dataset;
use zero_kernel::Fact;
use zero_learn::cost::{self, Cell, Sample};
use zero_learn::execution::{Executions, HORIZONS, Recorder, Shortfall, markouts};
use zero_market::{Event, EventBody, Purpose, VenueEvent};
use zero_paper::PaperConfig;
use zero_runtime::RunSpec;
use zero_strategy::registry::StrategyChoice;
use zero_strategy::strategies::TrendParams;

fn random(rate_bps: i32) -> StrategyChoice {
    let exits = TrendParams { stop_sigmas: Rate::bps(5_000), horizon_hours: 12, ..TrendParams::standard() };
    StrategyChoice::RandomEntry(3, Rate::bps(rate_bps), exits)
}

fn recorded(spec: &RunSpec, facts: &[Fact]) -> Executions {
    let mut recorder = Recorder::default();
    recorder.start(&manifest(spec));
    facts.iter().for_each(|f| recorder.fact(f));
    recorder.finish()
}

fn traded(data: &Dataset, paper: PaperConfig, rate_bps: i32) -> (RunSpec, Vec<Fact>, Executions) {
    let spec = free(data, paper, random(rate_bps));
    let (_, facts) = run(&spec, &events(data));
    let all = recorded(&spec, &facts);
    (spec, facts, all)
}

/// A venue on which everything happens: late arrival, impact, orders filled in part.
fn rough() -> PaperConfig {
    PaperConfig { latency: TsDiff::secs(200), participation: Some(Rate::bps(300)), ..paper() }
}

#[test]
fn the_parts_of_a_shortfall_sum_to_the_whole() {
    let (_, _, all) = traded(&market(5, &["BTC", "DOGE", "INJ", "SUI"], 1_500), rough(), 1_500);
    let (mut n, mut partial) = (0, 0);
    for e in all.judged() {
        let Some(s) = Shortfall::of(e) else { continue };
        assert_eq!(s.parts().iter().sum::<i128>(), s.total, "{e:?}");
        let parts: f64 = s.parts().iter().map(|p| s.bps(*p)).sum();
        assert!((parts - s.bps(s.total)).abs() < 1e-9, "{e:?}");
        // The whole, from the money that moved and in other words: real cash against the paper portfolio's.
        let sign = e.side.sign() as f64;
        let (d, whole) = (e.decision_px.to_f64(), e.sz.to_f64());
        let cash: f64 = e.fills.iter().map(|f| -sign * f.notional.to_f64() - f.fee.to_f64()).sum();
        let last = e.end_px.map_or(d, |p| p.to_f64());
        let left = whole - e.filled().to_f64();
        let paper = -sign * d * e.filled().to_f64() + sign * (last - d) * left;
        let shortfall = paper - cash + e.funding.to_f64();
        let want = shortfall / (d * whole) * 1e4;
        assert!((s.bps(s.total) - want).abs() < 1e-6, "{} {want} {e:?}", s.bps(s.total));
        n += 1;
        partial += usize::from(e.is_partial());
    }
    assert!(n > 500 && partial > 20, "{n} {partial}");
}

#[test]
fn a_market_without_friction_shows_only_delay_fees_and_funding() {
    let data = market(5, &["BTC", "DOGE", "SUI"], 800);
    let (_, _, all) = traded(&data, PaperConfig::frictionless(paper().fees), 1_500);
    for e in all.judged() {
        let s = Shortfall::of(e).unwrap();
        // Values are rounded to 1e-8 USD once per fill.
        assert!(s.half_spread == 0 && s.impact.abs() <= 100_000_000 && s.opportunity == 0, "{e:?} {s:?}");
        assert!(e.is_trigger || s.timing == 0);
    }
}

#[test]
fn fees_and_funding_of_all_orders_are_those_of_the_ledger() {
    let data = market(5, &["BTC", "DOGE", "SUI"], 1_200);
    let (_, facts, all) = traded(&data, paper(), 1_500);
    let (mut fees, mut funding) = (0, 0);
    for fact in &facts {
        match fact {
            Fact::Event(Event { body: EventBody::Venue(VenueEvent::Fill(f)), .. }) => fees += f.fee.raw(),
            Fact::Event(Event { body: EventBody::Venue(VenueEvent::Funding(p)), .. }) => {
                funding -= p.amount.raw();
            }
            _ => {}
        }
    }
    let sum = |f: fn(&zero_learn::execution::Execution) -> i64| all.list.iter().map(f).sum::<i64>();
    assert_eq!(sum(|e| e.fills.iter().map(|f| f.fee.raw()).sum()), fees);
    assert_eq!(sum(|e| e.funding.raw()), funding);
    assert!(fees > 0 && funding != 0 && all.foreign_fills == 0);
}

#[test]
fn a_markout_is_the_close_that_many_bars_after_the_open_of_the_fills_bar() {
    let data = market(5, &["BTC", "DOGE", "SUI"], 800);
    let (_, _, all) = traded(&data, paper(), 1_500);
    let (_, end) = data.span().unwrap();
    let mut known = [0; HORIZONS.len()];
    for e in &all.list {
        for f in &e.fills {
            assert!(f.bar <= f.time && f.time < f.bar.plus(f.interval));
            for (h, bars) in HORIZONS.iter().enumerate() {
                let when = f.bar.plus(f.interval.times(i64::from(*bars)));
                let bar = data
                    .series(e.coin)
                    .unwrap()
                    .bars
                    .iter()
                    .find(|b| b.open_time.plus(data.interval()) == when);
                assert_eq!(f.closes[h], bar.map(|b| b.close), "{when} {end}");
                known[h] += usize::from(f.closes[h].is_some());
            }
        }
    }
    assert!(known.iter().all(|n| *n > 200), "{known:?}");
    let one = markouts(&all).find(|m| m.bps[0].is_some()).unwrap();
    let sign = all.list.iter().find(|e| e.fills.contains(&one.fill)).unwrap().side.sign() as f64;
    let close = one.fill.closes[0].unwrap().to_f64();
    let px = one.fill.px.to_f64();
    assert!((one.bps[0].unwrap() - sign * (close - px) / px * 1e4).abs() < 1e-6);
}

#[test]
fn an_unfilled_order_is_charged_its_opportunity_and_an_idle_stop_nothing() {
    let (_, _, all) = traded(&market(5, &["BTC", "DOGE", "INJ"], 1_500), rough(), 1_500);
    let idle = all.list.iter().filter(|e| e.is_idle() && e.is_over());
    assert!(idle.clone().count() > 50);
    for e in idle {
        assert_eq!(Shortfall::of(e), None);
        assert_eq!(e.purpose, Purpose::Stop);
    }
    for e in all.judged().filter(|e| e.is_partial()) {
        let s = Shortfall::of(e).unwrap();
        let moved = (e.end_px.unwrap().raw() - e.decision_px.raw()) * e.side.sign();
        assert_eq!(s.opportunity.signum() as i64, moved.signum(), "{e:?}");
    }
}

/// A cell that only chance sets apart leans on its parent; one that really differs keeps its own mean.
#[test]
fn shrinkage_believes_a_difference_only_as_far_as_it_exceeds_chance() {
    use zero_core::prng::Prng;
    use zero_core::{CoinId, Ts};
    let mut draw = Prng::new(1, 0);
    let mut samples = |dear: f64, each: u32| -> Vec<Sample> {
        let mut out = Vec::new();
        for coin in 0..6u16 {
            for i in 0..each {
                let extra = if coin == 5 { dear } else { 0.0 };
                let cell = Cell { coin: Some(CoinId(coin)), hour: Some((i % 3) as u8), size: Some(0) };
                out.push(Sample { cell, time: Ts::from_ns(i64::from(i)), bps: 3.0 + extra + draw.normal() });
            }
        }
        out
    };
    let at = |m: &cost::CostModel, coin: u16| {
        let cell = Cell { coin: Some(CoinId(coin)), hour: None, size: None };
        (m.cells[&cell].mean_bps, m.cells[&cell].bps)
    };
    let real = cost::fit(&samples(4.0, 60)).unwrap();
    let (mean, shrunk) = at(&real, 5);
    assert!((mean - shrunk).abs() < 0.1 && shrunk > 6.0, "{mean} {shrunk}");
    let chance = cost::fit(&samples(0.0, 6)).unwrap();
    let whole = chance.cells[&Cell::default()].bps;
    let spread = |pick: fn((f64, f64)) -> f64| {
        (0..6).map(|c| (pick(at(&chance, c)) - whole).abs()).fold(0.0, f64::max)
    };
    assert!(spread(|x| x.1) < 0.6 * spread(|x| x.0), "{} {}", spread(|x| x.1), spread(|x| x.0));
    // What was never seen is the nearest parent that was.
    let unseen = Cell { coin: Some(CoinId(5)), hour: Some(23), size: Some(3) };
    assert_eq!(real.predict(unseen), at(&real, 5).1);
    assert_eq!(real.predict(Cell { coin: Some(CoinId(77)), ..unseen }), real.cells[&Cell::default()].bps);
    assert_eq!(cost::fit(&[]), None);
}

/// Fitted on every other day, held against the days between: realised less predicted is on average nothing.
#[test]
fn the_cost_model_is_calibrated_on_days_that_it_has_not_seen() {
    let coins = ["BTC", "DOGE", "INJ", "SUI"];
    let all = traded(&market(5, &coins, 4_000), paper(), 1_500).2;
    let (known, fresh): (Vec<Sample>, Vec<Sample>) =
        cost::samples(&all).partition(|s| s.time.floor(TsDiff::DAY).as_ns() / TsDiff::DAY.as_ns() % 2 == 0);
    let model = cost::fit(&known).unwrap();
    let sd = model.sd_bps.unwrap();
    let mean = |predict: &dyn Fn(&Sample) -> f64| {
        let z = fresh.iter().map(|s| (s.time.floor(TsDiff::DAY), (s.bps - predict(s)) / sd));
        zero_learn::cluster::mean(z, &zero_learn::cluster::Draws::standard(0))
    };
    let z = mean(&|s| model.predict(s.cell));
    println!("calibration: {} fitted, {} fresh, mean z {z:?}, sd {sd:.3} bp", known.len(), fresh.len());
    assert!(z.n > 1_000 && z.mean.unwrap().abs() < 0.1 && z.p.unwrap() > 0.01, "{z:?}");
    // The model in force before, half a spread and no more, is not.
    let flat = mean(&|_| 1.0);
    assert!(flat.p.unwrap() < 0.01 && flat.mean.unwrap() > 0.3, "{flat:?}");
}
