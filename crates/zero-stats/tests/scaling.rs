//! Scaling exponents: against numpy, against the sampling errors a reference measured, and against series whose memory is known.
#![allow(clippy::unwrap_used, reason = "tests")]

use zero_core::prng::Prng;
use zero_stats::*;

fn mean_and_sd(seeds: u64, n: usize, draw: fn(&mut Prng) -> f64, of: fn(&[f64]) -> f64) -> (f64, f64) {
    let found: Vec<f64> = (0..seeds)
        .map(|seed| {
            let mut prng = Prng::new(seed, 7);
            of(&(0..n).map(|_| draw(&mut prng)).collect::<Vec<_>>())
        })
        .collect();
    (mean(&found).unwrap(), sd(&found).unwrap())
}

fn alpha(xs: &[f64]) -> f64 {
    fluctuation_exponent(xs).unwrap()
}

fn waves() -> Vec<f64> {
    (0..1_000).map(f64::from).map(|i| (0.7 * i * i).sin() + 0.3 * (0.05 * i).sin()).collect()
}

/// Computed with numpy: least squares by `polyfit`, gamma functions by the standard library.
#[test]
fn both_exponents_are_those_of_another_program() {
    let range = rescaled_range(&waves()).unwrap();
    for (got, want) in [
        (alpha(&waves()), 0.769_978_860_253_867_2),
        (range.raw, 0.588_036_259_900_554_2),
        (range.corrected, 0.543_615_962_563_898_9),
    ] {
        assert!((got - want).abs() < 1e-9, "{got} against {want}");
    }
}

/// The reference's sampling error of the exponent on independent draws with four degrees of freedom.
#[test]
fn a_short_window_cannot_tell_memory_from_none() {
    for (n, seeds, want) in [(100, 600, 0.148), (500, 300, 0.058), (2_000, 100, 0.034), (4_000, 100, 0.029)] {
        let (m, s) = mean_and_sd(seeds, n, |p| p.student_t(4), alpha);
        assert!((s - want).abs() < 0.03 && (s / want - 1.0).abs() < 0.2, "{n}: {s} against {want}");
        assert!((m - 0.5).abs() < 0.03, "{n}: mean {m}");
    }
}

#[test]
fn the_raw_rescaled_range_claims_memory_that_is_not_there_and_the_corrected_does_not() {
    let (m, s) = mean_and_sd(1_000, 100, Prng::normal, |x| rescaled_range(x).unwrap().raw);
    assert!((m - 0.578).abs() < 0.03 && (s - 0.114).abs() < 0.03, "{m}, {s}");
    let (m, _) = mean_and_sd(1_000, 100, Prng::normal, |x| rescaled_range(x).unwrap().corrected);
    assert!((m - 0.5).abs() < 0.015, "{m}");
}

#[test]
fn persistence_is_seen_and_shuffling_takes_it_away() {
    let (mut prng, mut x) = (Prng::new(3, 3), 0.0);
    let walk: Vec<f64> = (0..2_000)
        .map(|_| {
            x = 0.98 * x + prng.normal();
            x
        })
        .collect();
    let seen = against_shuffles(&walk, 99, 1, fluctuation_exponent).unwrap();
    assert!(seen.value > 0.9 && (seen.mean - 0.5).abs() < 0.02 && seen.p <= 0.01, "{seen:?}");
    let back: Vec<f64> = walk.windows(2).map(|w| w[1] - w[0]).collect();
    let below = against_shuffles(&back, 99, 1, fluctuation_exponent).unwrap();
    assert!(below.value < 0.45 && below.p <= 0.02, "{below:?}");
}

/// Of a permutation test without effect, one in twenty falls below 0.05.
#[test]
fn independent_draws_are_called_dependent_at_the_stated_rate() {
    let low = (0..200)
        .filter(|seed| {
            let mut prng = Prng::new(*seed, 9);
            let xs: Vec<f64> = (0..120).map(|_| prng.normal()).collect();
            against_shuffles(&xs, 39, *seed, fluctuation_exponent).unwrap().p <= 0.05
        })
        .count();
    assert!((2..=19).contains(&low), "{low} of 200");
}

#[test]
fn what_has_no_exponent_is_refused() {
    let bad = |xs: &[f64]| (fluctuation_exponent(xs).unwrap_err(), rescaled_range(xs).unwrap_err());
    assert_eq!(bad(&[1.0; 59]).0, StatsError::TooFew { needed: 60, got: 59 });
    assert_eq!(bad(&[1.0; 100]), (StatsError::NoVariation, StatsError::NoVariation));
    let mut hole = waves();
    hole[17] = f64::NAN;
    assert_eq!(bad(&hole).1, StatsError::NotFinite { index: 17 });
    assert!(against_shuffles(&waves(), 1, 1, fluctuation_exponent).is_err());
    assert!(against_shuffles(&waves(), 1_000_000_000, 1, fluctuation_exponent).is_err());
}
