//! The regime's statistics on markets in which the truth is known: seeded, with the figures printed.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

use zero_core::prng::Prng;
use zero_core::{CoinId, MissingReason, Px, Sz, Ts, TsDiff};
use zero_market::cross::{BOOKS_WARM_UP, CrossMarket, Dependent, Liquidity, Volatility, cost_of_taking};
use zero_market::event::{Book, Level};
use zero_market::{Bar, Instrument, Universe};

const START: Ts = Ts::from_ns(1_756_900_800_000_000_000);

fn market(coins: usize) -> CrossMarket {
    CrossMarket::new(&Universe::new((0..coins).map(|i| Instrument::new(&format!("C{i}"), 2, 50)).collect()))
}

fn hour(cross: &mut CrossMarket, t: i64, px: &mut [f64], r: &[f64]) {
    let close = START.plus(TsDiff::HOUR.times(t));
    for (i, (x, r)) in px.iter_mut().zip(r).enumerate() {
        *x *= r.exp();
        let px = Px::from_f64_nearest(*x).unwrap();
        cross.on_bar(&Bar {
            coin: CoinId(i as u16),
            open_time: close.minus(TsDiff::HOUR),
            interval: TsDiff::HOUR,
            open: px,
            high: px,
            low: px,
            close: px,
            volume: Sz::ONE,
        });
    }
    cross.on_slice(close);
}

/// Student t with four degrees of freedom and variance one.
fn t4(p: &mut Prng) -> f64 {
    let z = p.normal();
    let chi: f64 = (0..4).map(|_| p.normal()).map(|x| x * x).sum();
    z / (chi / 4.0).sqrt() / 2.0f64.sqrt()
}

/// Noise has no trend: at most one coin-day in twenty is called dependent, on iid t4 and on GARCH.
#[test]
fn noise_is_called_dependent_in_at_most_a_twentieth() {
    for garch in [false, true] {
        let (mut called, mut all) = (0u32, 0u32);
        for seed in 0..20 {
            let mut p = Prng::new(seed, 7);
            let (mut cross, mut px) = (market(6), [100.0; 6]);
            let (mut h, mut last) = (1.0f64, 0.0f64);
            for t in 0..2_400 {
                if garch {
                    h = 0.05 + 0.1 * last * last * h + 0.85 * h;
                }
                last = t4(&mut p);
                let r: Vec<f64> =
                    (0..6).map(|_| 0.008 * h.sqrt() * (0.8 * last + 0.6 * t4(&mut p))).collect();
                hour(&mut cross, t, &mut px, &r);
                if t % 24 == 23 {
                    for s in (0..6).filter_map(|c| cross.track(CoinId(c)).unwrap().serial().state) {
                        all += 1;
                        called += u32::from(s != Dependent::Nothing as u8);
                    }
                }
            }
        }
        let rate = f64::from(called) / f64::from(all);
        println!("garch {garch}: {rate:.4} of {all} coin-days");
        assert!(all > 1_000 && rate <= 0.05, "{rate} of {all}");
    }
}

/// How long a switch to several times the volatility stays unseen, and how often nothing is taken for one.
#[test]
fn a_switch_to_turbulence_is_detected_within_a_day() {
    let (mut delays, mut wrong, mut unknown, mut hours) = (Vec::new(), 0u32, 0u32, 0u32);
    for seed in 0..40 {
        let mut p = Prng::new(seed, 11);
        let (mut cross, mut px) = (market(3), [100.0; 3]);
        let mut found = None;
        for t in 0..1_060 {
            let scale = if t >= 1_000 { 0.03 } else { 0.008 };
            let common = t4(&mut p);
            let r = [0, 1, 2].map(|_| scale * (0.9 * common + 0.43 * t4(&mut p)));
            hour(&mut cross, t, &mut px, &r);
            let state = cross.volatility().state;
            let turbulent = state == Some(Volatility::Turbulent as u8);
            if t > 200 && t < 1_000 {
                hours += 1;
                wrong += u32::from(turbulent);
                unknown += u32::from(state.is_none());
            }
            if t >= 1_000 && turbulent && found.is_none() {
                found = Some(t - 999);
            }
        }
        delays.push(found.unwrap_or(999));
    }
    delays.sort_unstable();
    let (wrong, unknown) = (f64::from(wrong) / f64::from(hours), f64::from(unknown) / f64::from(hours));
    println!(
        "delay in hours: median {}, 90 % {}; {wrong:.4} turbulent, {unknown:.4} unknown",
        delays[20], delays[36]
    );
    assert!(delays[20] <= 24, "{delays:?}");
    assert!(wrong <= 0.05, "{wrong}");
}

#[test]
fn a_restored_cross_section_continues_with_the_same_bits() {
    let run = |cut: i64| {
        let mut p = Prng::new(3, 1);
        let (mut a, mut px) = (market(4), [100.0; 4]);
        for t in 0..300 {
            if t == cut {
                let mut b = market(4);
                assert!(b.restore(&a.memory()) && !market(3).restore(&a.memory()));
                a = b;
            }
            hour(&mut a, t, &mut px, &[0, 1, 2, 3].map(|_| 0.01 * t4(&mut p)));
        }
        a
    };
    let (a, whole) = (run(150), run(-1));
    assert_eq!(a.memory(), whole.memory());
    assert_eq!(a.covariance().covariance, whole.covariance().covariance);
    assert_eq!(a.principal().loadings, whole.principal().loadings);
}

/// A book around 100 whose levels hold `depth` USD each.
fn book(coin: u16, depth: f64) -> Book {
    let level = |px: f64| Level {
        px: Px::from_f64_nearest(px).unwrap(),
        sz: Sz::from_f64_nearest(depth / px).unwrap(),
    };
    let side = |sign: f64| (0..20).map(|i| level(100.0 + sign * (0.01 + 0.02 * f64::from(i)))).collect();
    Book { coin: CoinId(coin), bids: side(-1.0), asks: side(1.0) }
}

#[test]
fn the_cost_of_taking_is_that_of_walking_the_levels() {
    // 4,000 a level: two whole levels and half of the third.
    let cost = cost_of_taking(&book(0, 4_000.0)).unwrap();
    let by_hand = (0.4 * 0.01 + 0.4 * 0.03 + 0.2 * 0.05) / 100.0;
    assert!((cost - by_hand).abs() < 2e-7, "{cost} {by_hand}");
    // What the book does not hold counts as taken at its end.
    let shallow = cost_of_taking(&book(0, 1.0)).unwrap();
    assert!((shallow - 0.39 / 100.0).abs() < 1e-5, "{shallow}");
    let mut last = f64::INFINITY;
    for depth in [1.0, 100.0, 500.0, 1_000.0, 5_000.0, 20_000.0] {
        let cost = cost_of_taking(&book(0, depth)).unwrap();
        assert!(cost > 0.0 && cost <= last, "a deeper book is never dearer");
        last = cost;
    }
    let (full, mut crossed) = (book(0, 10.0), book(0, 10.0));
    crossed.bids.swap_with_slice(&mut crossed.asks);
    let without = |b: bool| {
        if b { Book { bids: vec![], ..full.clone() } } else { Book { asks: vec![], ..full.clone() } }
    };
    for b in [crossed, without(true), without(false)] {
        assert_eq!(cost_of_taking(&b), None, "{b:?}");
    }
}

/// Feeds hours with books whose depth falls to `thin` of the usual from hour `at` on; what is known at each.
fn depths(seed: u64, at: i64, thin: f64, hours: i64) -> Vec<Result<Option<u8>, MissingReason>> {
    let mut p = Prng::new(seed, 13);
    let (mut cross, mut px) = (market(3), [100.0; 3]);
    (0..hours)
        .map(|t| {
            let factor = if t >= at { thin } else { 1.0 };
            let common = t4(&mut p);
            for coin in 0..3 {
                let depth = 2_000.0 * factor * (0.25 * common + 0.2 * t4(&mut p)).exp();
                cross.on_book(&book(coin, depth));
            }
            hour(&mut cross, t, &mut px, &[0.0; 3].map(|_: f64| 0.008 * t4(&mut p)));
            cross.liquidity().map(|p| p.state)
        })
        .collect()
}

#[test]
fn books_that_only_vary_are_thin_in_at_most_a_twentieth_and_a_loss_of_depth_is_seen_within_a_day() {
    let (mut delays, mut wrong, mut hours) = (Vec::new(), 0u32, 0u32);
    for seed in 0..40 {
        let states = depths(seed, 900, 0.2, 960);
        let thin = |s: &Result<Option<u8>, _>| *s == Ok(Some(Liquidity::Thin as u8));
        wrong += states[..900].iter().filter(|s| thin(s)).count() as u32;
        hours += states[..900].iter().filter(|s| matches!(s, Ok(Some(_)))).count() as u32;
        delays.push(states[900..].iter().position(thin).unwrap_or(999));
    }
    delays.sort_unstable();
    let rate = f64::from(wrong) / f64::from(hours);
    println!("{rate:.4} of {hours} hours thin; delay in hours: median {}, 90 % {}", delays[20], delays[36]);
    assert!(hours > 10_000 && rate <= 0.05, "{rate} of {hours}");
    assert!(delays[36] <= 24, "{delays:?}");
}

#[test]
fn liquidity_is_unknown_before_a_week_of_books_without_them_and_while_most_coins_have_none() {
    let states = depths(1, 900, 1.0, 200);
    let known = states.iter().position(Result::is_ok).unwrap();
    assert_eq!(known as u32 + 1, BOOKS_WARM_UP);
    assert!(states[..known].iter().all(|s| *s == Err(MissingReason::WarmUp)));

    let mut p = Prng::new(2, 13);
    let (mut cross, mut px) = (market(3), [100.0; 3]);
    let mut told = Vec::new();
    for t in 0..400 {
        // All coins, then one of three, then all again; books of the first hours never come.
        let coins = if t < 100 {
            0
        } else if (300..310).contains(&t) {
            1
        } else {
            3
        };
        for coin in 0..coins {
            cross.on_book(&book(coin, 2_000.0 * (0.3 * t4(&mut p)).exp()));
        }
        hour(&mut cross, t, &mut px, &[0.0; 3].map(|_: f64| 0.008 * t4(&mut p)));
        told.push(cross.liquidity().map(|p| p.state.is_some()));
    }
    assert!(told[..100].iter().all(|s| *s == Err(MissingReason::NeverSeen)));
    assert!(told[280..300].contains(&Ok(true)));
    assert!(told[300..310].iter().all(|s| *s == Err(MissingReason::Gap)));
    assert!(told[310].is_ok(), "the past is still there");
}

#[test]
fn a_book_counts_for_its_own_step_and_a_restored_state_goes_on_with_the_same_bits() {
    let run = |cut: i64| {
        let mut p = Prng::new(5, 13);
        let (mut a, mut px) = (market(3), [100.0; 3]);
        let mut said = Vec::new();
        for t in 0..260 {
            for coin in 0..3 {
                a.on_book(&book(coin, 2_000.0 * (0.3 * t4(&mut p)).exp()));
                // In the middle of a step: what was gathered so far must come along.
                if t == cut && coin == 1 {
                    let mut b = market(3);
                    assert!(b.restore(&a.memory()));
                    a = b;
                }
            }
            hour(&mut a, t, &mut px, &[0.0; 3].map(|_: f64| 0.008 * t4(&mut p)));
            said.push(a.liquidity().map(|p| p.p.map(f64::to_bits)));
        }
        said
    };
    let whole = run(-1);
    for cut in [0, 100, 168, 200] {
        assert_eq!(run(cut), whole, "cut at {cut}");
    }
}
