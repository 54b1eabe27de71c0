//! The standard normal distribution.

use core::f64::consts::{PI, SQRT_2};

/// The distribution function.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The quantile function: minus infinity at 0, infinity at 1, NaN outside 0..=1. A rational start (Abramowitz and
/// Stegun 26.2.23) polished by Halley steps on the distribution function.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if p > 0.5 {
        return -lower_half(1.0 - p);
    }
    lower_half(p)
}

fn lower_half(p: f64) -> f64 {
    let t = libm::sqrt(-2.0 * libm::log(p));
    let num = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let den = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut x = num / den - t;
    for _ in 0..3 {
        let density = libm::exp(-0.5 * x * x) / libm::sqrt(2.0 * PI);
        if density == 0.0 {
            break;
        }
        let u = (normal_cdf(x) - p) / density;
        x -= u / (1.0 + 0.5 * x * u);
    }
    x
}
