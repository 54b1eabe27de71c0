//! Covariance matrices: the sample's, exponentially weighted, and shrunk towards a target. All are row-major and symmetric.
//!
//! Shrinkage: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices" (J. Multivariate Analysis 88,
//! 2004) to a multiple of the identity; "Honey, I shrunk the sample covariance matrix" (J. Portfolio Management 30, 2004) to constant
//! correlation; oracle approximating shrinkage of Chen, Wiesel, Eldar and Hero (IEEE Trans. Signal Processing 58, 2010).

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{StatsError, check, check_open_unit, check_work, in_range};
use crate::moments::is_rounding_noise;
use crate::panel::Panel;

/// The most rows times squared columns.
const MOST_WORK: u64 = 5_000_000_000;

/// What the sample covariance is shrunk towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The mean variance times the identity (Ledoit and Wolf 2004a).
    Identity,
    /// The sample variances with the mean correlation everywhere (Ledoit and Wolf 2004b).
    ConstantCorrelation,
    /// The identity again, with the intensity that is optimal for normal data (Chen and others 2010).
    OracleApproximating,
}

/// A shrunk covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct Shrunk {
    /// Row-major.
    pub matrix: Vec<f64>,
    /// Weight of the target, 0 to 1.
    pub intensity: f64,
}

/// The sample covariance with divisor `n` (as the shrinkage formulas take it).
pub fn sample_covariance(panel: &Panel<'_>) -> Result<Vec<f64>, StatsError> {
    panel.need_rows(2)?;
    bounded(panel)?;
    let n = panel.rows() as f64;
    let out = second_moments(&panel.deviations(), panel.columns(), 1.0 / n);
    finite(&out)?;
    Ok(out)
}

/// Exponentially weighted variance of one series about 0: it starts at the first square and moves by `1 - decay` of the distance to each
/// further one (RiskMetrics 1996 with decay 0.94 for daily data).
pub fn ewma_variance(xs: &[f64], decay: f64) -> Result<f64, StatsError> {
    check(xs, 1)?;
    check_open_unit("decay", decay)?;
    let mut squares = xs.iter().map(|x| x * x);
    let first = squares.next().unwrap_or(0.0);
    in_range(squares.fold(first, |v, q| decay * v + (1.0 - decay) * q))
}

/// Exponentially weighted covariance about 0, started like [`ewma_variance`], which is its diagonal.
pub fn ewma_covariance(panel: &Panel<'_>, decay: f64) -> Result<Vec<f64>, StatsError> {
    check_open_unit("decay", decay)?;
    bounded(panel)?;
    let k = panel.columns();
    let mut out = vec![0.0; k * k];
    for (t, row) in panel.each_row().enumerate() {
        let (old, new) = if t == 0 { (0.0, 1.0) } else { (decay, 1.0 - decay) };
        for i in 0..k {
            for j in 0..k {
                out[i * k + j] = old * out[i * k + j] + new * row[i] * row[j];
            }
        }
    }
    finite(&out)?;
    Ok(out)
}

/// The decay with which a weight halves in `half_life` periods.
pub fn decay_of_half_life(half_life: f64) -> Result<f64, StatsError> {
    crate::error::check_positive("half_life", half_life)?;
    Ok(libm::exp2(-1.0 / half_life))
}

/// The correlation matrix of a covariance matrix. A series without variance is an error.
pub fn correlation_of(covariance: &[f64], order: usize) -> Result<Vec<f64>, StatsError> {
    check(covariance, 1)?;
    if order * order != covariance.len() {
        return Err(StatsError::BadParameter { name: "order", rule: "the root of the number of entries" });
    }
    let sds: Vec<f64> = (0..order).map(|i| libm::sqrt(covariance[i * order + i])).collect();
    if !sds.iter().all(|s| *s > 0.0) {
        return Err(StatsError::NoVariation);
    }
    let out: Vec<f64> = (0..order * order)
        .map(|c| {
            let (i, j) = (c / order, c % order);
            if i == j { 1.0 } else { (covariance[c] / (sds[i] * sds[j])).clamp(-1.0, 1.0) }
        })
        .collect();
    finite(&out)?;
    Ok(out)
}

/// The sample covariance shrunk towards a target. Needs two rows; a series that does not vary is an error.
pub fn shrunk_covariance(panel: &Panel<'_>, target: Target) -> Result<Shrunk, StatsError> {
    let sample = sample_covariance(panel)?;
    let k = panel.columns();
    for j in 0..k {
        if is_rounding_noise(&panel.column(j), libm::sqrt(sample[j * k + j])) {
            return Err(StatsError::NoVariation);
        }
    }
    let (target_matrix, intensity) = match target {
        Target::Identity => {
            let goal = identity_target(&sample, k);
            let intensity = identity_intensity(panel, &sample, &goal);
            (goal, intensity)
        }
        Target::OracleApproximating => {
            let goal = identity_target(&sample, k);
            let intensity = oracle_intensity(panel.rows(), &sample, k);
            (goal, intensity)
        }
        Target::ConstantCorrelation => constant_correlation(panel, &sample),
    };
    let intensity = in_range(intensity)?.clamp(0.0, 1.0);
    let matrix: Vec<f64> =
        sample.iter().zip(&target_matrix).map(|(s, t)| (1.0 - intensity) * s + intensity * t).collect();
    finite(&matrix)?;
    Ok(Shrunk { matrix, intensity })
}

fn identity_target(sample: &[f64], k: usize) -> Vec<f64> {
    let mu = (0..k).map(|i| sample[i * k + i]).sum::<f64>() / k as f64;
    (0..k * k).map(|c| if c / k == c % k { mu } else { 0.0 }).collect()
}

/// The ratio of the summed variance of the entries of the sample covariance to its squared distance from the target.
fn identity_intensity(panel: &Panel<'_>, sample: &[f64], goal: &[f64]) -> f64 {
    let distance: f64 = sample.iter().zip(goal).map(|(s, g)| (s - g) * (s - g)).sum();
    if distance == 0.0 {
        return 1.0;
    }
    (entry_variances(panel, sample).iter().sum::<f64>() / panel.rows() as f64).min(distance) / distance
}

/// n times the variance of each entry: the mean of (x_i x_j)^2 less the squared entry.
fn entry_variances(panel: &Panel<'_>, sample: &[f64]) -> Vec<f64> {
    let k = panel.columns();
    let n = panel.rows() as f64;
    let mut out: Vec<f64> = sample.iter().map(|s| -s * s).collect();
    for row in panel.deviations().chunks_exact(k) {
        for i in 0..k {
            for j in 0..k {
                let q = row[i] * row[j];
                out[i * k + j] += q * q / n;
            }
        }
    }
    out
}

/// The large-p form: terms of order 2/p of the paper's equation 23 are left out, as the usual implementations do.
fn oracle_intensity(n: usize, sample: &[f64], k: usize) -> f64 {
    let p = k as f64;
    let alpha = sample.iter().map(|s| s * s).sum::<f64>() / (p * p);
    let mu = (0..k).map(|i| sample[i * k + i]).sum::<f64>() / p;
    let numerator = alpha + mu * mu;
    let denominator = (n as f64 + 1.0) * (alpha - mu * mu / p);
    if denominator <= 0.0 { 1.0 } else { (numerator / denominator).min(1.0) }
}

fn constant_correlation(panel: &Panel<'_>, sample: &[f64]) -> (Vec<f64>, f64) {
    let k = panel.columns();
    let n = panel.rows() as f64;
    let sds: Vec<f64> = (0..k).map(|i| libm::sqrt(sample[i * k + i])).collect();
    if k == 1 {
        return (sample.to_vec(), 0.0);
    }
    let pairs = (k * (k - 1)) as f64;
    let mean_correlation =
        (0..k * k).filter(|c| c / k != c % k).map(|c| sample[c] / (sds[c / k] * sds[c % k])).sum::<f64>()
            / pairs;
    let goal: Vec<f64> = (0..k * k)
        .map(|c| if c / k == c % k { sample[c] } else { mean_correlation * sds[c / k] * sds[c % k] })
        .collect();
    let pi = entry_variances(panel, sample);
    // n times the covariance of each variance's estimate with that of the entry.
    let mut theta = vec![0.0; k * k];
    for row in panel.deviations().chunks_exact(k) {
        for i in 0..k {
            let own = row[i] * row[i] - sample[i * k + i];
            for j in 0..k {
                theta[i * k + j] += own * (row[i] * row[j] - sample[i * k + j]) / n;
            }
        }
    }
    let mut rho: f64 = (0..k).map(|i| pi[i * k + i]).sum();
    for i in 0..k {
        for j in (0..k).filter(|j| *j != i) {
            rho += mean_correlation * sds[j] / sds[i] * theta[i * k + j];
        }
    }
    let gamma: f64 = sample.iter().zip(&goal).map(|(s, g)| (s - g) * (s - g)).sum();
    if gamma == 0.0 {
        return (goal, 1.0);
    }
    let kappa = (pi.iter().sum::<f64>() - rho) / gamma;
    (goal, (kappa / n).clamp(0.0, 1.0))
}

fn second_moments(deviations: &[f64], k: usize, weight: f64) -> Vec<f64> {
    let mut out = vec![0.0; k * k];
    for row in deviations.chunks_exact(k) {
        for i in 0..k {
            for j in 0..k {
                out[i * k + j] += weight * row[i] * row[j];
            }
        }
    }
    out
}

fn bounded(panel: &Panel<'_>) -> Result<(), StatsError> {
    let k = panel.columns() as u64;
    check_work((panel.rows() as u64).saturating_mul(k * k), MOST_WORK)
}

fn finite(matrix: &[f64]) -> Result<(), StatsError> {
    if matrix.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(StatsError::OutOfRange) }
}
