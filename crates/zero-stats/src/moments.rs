//! Sample moments.

use crate::error::{StatsError, check, in_range};

/// The sum, compensated (Neumaier 1974), so that a million small returns lose no digits to a large one.
#[must_use]
pub fn sum(xs: &[f64]) -> f64 {
    let (mut total, mut lost) = (0.0f64, 0.0f64);
    for &x in xs {
        let t = total + x;
        lost += if total.abs() >= x.abs() { (total - t) + x } else { (x - t) + total };
        total = t;
    }
    total + lost
}

/// The arithmetic mean. Needs one observation.
pub fn mean(xs: &[f64]) -> Result<f64, StatsError> {
    check(xs, 1)?;
    in_range(sum(xs) / xs.len() as f64)
}

/// The unbiased variance (divisor n - 1). Needs two observations.
pub fn variance(xs: &[f64]) -> Result<f64, StatsError> {
    check(xs, 2)?;
    in_range(central(xs, 2) * xs.len() as f64 / (xs.len() - 1) as f64)
}

/// The standard deviation (divisor n - 1). Needs two observations.
pub fn sd(xs: &[f64]) -> Result<f64, StatsError> {
    Ok(libm::sqrt(variance(xs)?))
}

/// The skewness g1 = m3 / m2^1.5 with population moments (no bias correction).
pub fn skewness(xs: &[f64]) -> Result<f64, StatsError> {
    let m2 = spread(xs)?;
    in_range(central(xs, 3) / (m2 * libm::sqrt(m2)))
}

/// The kurtosis b2 = m4 / m2^2 with population moments; 3 for a normal sample (not the excess).
pub fn kurtosis(xs: &[f64]) -> Result<f64, StatsError> {
    let m2 = spread(xs)?;
    in_range(central(xs, 4) / (m2 * m2))
}

/// Whether `sd` is only the rounding noise of equal observations: a ratio to it would be a huge meaningless number.
pub(crate) fn is_rounding_noise(xs: &[f64], sd: f64) -> bool {
    let largest = xs.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    sd <= 1e-13 * largest
}

fn spread(xs: &[f64]) -> Result<f64, StatsError> {
    check(xs, 2)?;
    let m2 = central(xs, 2);
    if is_rounding_noise(xs, libm::sqrt(m2)) { Err(StatsError::NoVariation) } else { Ok(m2) }
}

/// The population central moment of order 2, 3 or 4, on an already checked slice.
fn central(xs: &[f64], order: u32) -> f64 {
    let n = xs.len() as f64;
    let m = sum(xs) / n;
    let mut total = 0.0;
    for &x in xs {
        let d = x - m;
        total += match order {
            2 => d * d,
            3 => d * d * d,
            _ => (d * d) * (d * d),
        };
    }
    total / n
}
