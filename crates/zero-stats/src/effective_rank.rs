//! How many independent things a set of correlated ones amounts to.

use crate::error::{StatsError, check};

/// The exponential of the entropy of the normalised eigenvalues (Roy and Vetterli, "The effective rank", EUSIPCO 2007): n for the
/// identity, 1 for a single factor. Eigenvalues must not be negative beyond rounding and must not all vanish.
pub fn effective_rank(eigenvalues: &[f64]) -> Result<f64, StatsError> {
    let total = total(eigenvalues)?;
    let entropy: f64 =
        eigenvalues.iter().map(|l| l / total).filter(|p| *p > 0.0).map(|p| -p * libm::log(p)).sum();
    Ok(libm::exp(entropy))
}

/// The participation ratio (sum)^2 / sum of squares of the eigenvalues: between 1 and n, and never above [`effective_rank`]. On the
/// correlation matrix of lens outputs it is their effective number.
pub fn participation_ratio(eigenvalues: &[f64]) -> Result<f64, StatsError> {
    let total = total(eigenvalues)?;
    let shares = eigenvalues.iter().map(|l| (l / total) * (l / total));
    Ok(1.0 / shares.sum::<f64>())
}

fn total(eigenvalues: &[f64]) -> Result<f64, StatsError> {
    check(eigenvalues, 1)?;
    let largest = eigenvalues.iter().fold(0.0f64, |m, x| m.max(*x));
    if largest <= 0.0 {
        return Err(StatsError::NoVariation);
    }
    match eigenvalues.iter().position(|&l| l < -1e-9 * largest) {
        Some(index) => Err(StatsError::Outside { index, rule: "an eigenvalue of at least 0" }),
        None => Ok(eigenvalues.iter().sum()),
    }
}
