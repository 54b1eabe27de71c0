//! The regime's statistics on markets in which the truth is known: seeded, with the figures printed.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

use zero_core::prng::Prng;
use zero_core::{CoinId, Px, Sz, Ts, TsDiff};
use zero_market::cross::{CrossMarket, Dependent, Volatility};
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
