//! Is the best of several alternatives better than the benchmark, given that it was picked as the best? White's reality check
//! (Econometrica 68, 2000) and Hansen's test for superior predictive ability (JBES 23, 2005).

use alloc::vec;
use alloc::vec::Vec;

use zero_core::prng::Prng;

use crate::bootstrap::{Scheme, resample};
use crate::error::{StatsError, check_work, in_range};
use crate::moments::is_rounding_noise;
use crate::panel::Panel;

/// How the test is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuperiorAbility {
    /// The mean block length of the stationary bootstrap, in periods, at least 1.
    pub block_length: f64,
    /// Resamples, 100 to 100,000.
    pub replicates: u32,
    /// Whether each alternative's mean is divided by its standard error. Hansen's test does; the reality check does not, and there
    /// one noisy alternative drowns the others.
    pub studentized: bool,
    /// The seed of the draws.
    pub seed: u64,
}

/// The outcome. All p-values are (1 + resamples at or above the statistic) / (resamples + 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Superiority {
    /// The largest (studentised) mean times the root of n, at least 0.
    pub statistic: f64,
    /// The alternative that attains it.
    pub best: usize,
    /// Alternatives worse than the benchmark are taken as worse: liberal.
    pub p_lower: f64,
    /// Those that are worse beyond doubt are taken as worse: Hansen's.
    pub p_consistent: f64,
    /// All are taken as equal to the benchmark: White's, conservative; poor alternatives make it more so.
    pub p_upper: f64,
}

/// Rows are periods, columns the *gains of each alternative over the benchmark* in that period (benchmark's loss less its own). Needs
/// eight rows; an alternative whose gain never varies has no standard error and is an error.
pub fn superior_ability(panel: &Panel<'_>, how: &SuperiorAbility) -> Result<Superiority, StatsError> {
    if !(how.block_length.is_finite() && how.block_length >= 1.0) {
        return Err(StatsError::BadParameter { name: "block length", rule: "a finite number of at least 1" });
    }
    if !(100..=100_000).contains(&how.replicates) {
        return Err(StatsError::BadParameter { name: "replicates", rule: "from 100 to 100,000" });
    }
    panel.need_rows(8)?;
    check_work(
        u64::from(how.replicates) * (panel.rows() as u64 + 8) * panel.columns() as u64,
        20_000_000_000,
    )?;
    let (n, k) = (panel.rows(), panel.columns());
    let means = panel.means();
    let deviations = panel.deviations();
    let omega = long_run_sds(&deviations, panel, how.block_length)?;
    let root_n = libm::sqrt(n as f64);
    let scale: Vec<f64> = omega.iter().map(|w| if how.studentized { root_n / w } else { root_n }).collect();
    let (mut best, mut statistic) = (0, 0.0f64);
    for (j, (m, s)) in means.iter().zip(&scale).enumerate() {
        if m * s > statistic {
            (best, statistic) = (j, m * s);
        }
    }
    let doubt = libm::sqrt(2.0 * libm::log(libm::log(n as f64)));
    // What stays of a column's mean under each null, from the most to the least generous to poor alternatives.
    let kept = |j: usize| {
        let consistent = if root_n * means[j] / omega[j] >= -doubt { 0.0 } else { means[j] };
        [means[j].min(0.0), consistent, 0.0]
    };
    let kept: Vec<[f64; 3]> = (0..k).map(kept).collect();
    let reached = replicates(&deviations, panel, how, &scale, &kept, in_range(statistic)?);
    let p = |count: u32| f64::from(count + 1) / f64::from(how.replicates + 1);
    Ok(Superiority {
        statistic,
        best,
        p_lower: p(reached[0]),
        p_consistent: p(reached[1]),
        p_upper: p(reached[2]),
    })
}

/// How many resamples reach the statistic, under each of the three nulls.
fn replicates(
    deviations: &[f64],
    panel: &Panel<'_>,
    how: &SuperiorAbility,
    scale: &[f64],
    kept: &[[f64; 3]],
    statistic: f64,
) -> [u32; 3] {
    let (n, k) = (panel.rows(), panel.columns());
    let rows: Vec<u32> = (0..n as u32).collect();
    let block_length = how.block_length.min(n as f64);
    let mut drawn = vec![0u32; n];
    let mut times = vec![0u32; n];
    let mut sums = vec![0.0; k];
    let mut reached = [0u32; 3];
    for r in 0..how.replicates {
        let mut draws = Prng::at(how.seed, 0, u64::from(r) << 32);
        resample(Scheme::Stationary, &rows, block_length, &mut draws, &mut drawn);
        times.fill(0);
        drawn.iter().for_each(|&i| times[i as usize] += 1);
        sums.fill(0.0);
        for (row, &t) in deviations.chunks_exact(k).zip(&times).filter(|(_, t)| **t > 0) {
            for (s, d) in sums.iter_mut().zip(row) {
                *s += f64::from(t) * d;
            }
        }
        for (null, count) in reached.iter_mut().enumerate() {
            let mut largest = 0.0f64;
            for ((s, scale), kept) in sums.iter().zip(scale).zip(kept) {
                largest = largest.max((s / n as f64 + kept[null]) * scale);
            }
            *count += u32::from(largest >= statistic);
        }
    }
    reached
}

/// The square root of each column's long-run variance, in the form that the stationary bootstrap implies (Politis and Romano 1994,
/// lemma 1).
fn long_run_sds(deviations: &[f64], panel: &Panel<'_>, block_length: f64) -> Result<Vec<f64>, StatsError> {
    let (n, k) = (panel.rows(), panel.columns());
    let mut total = covariances_at(deviations, n, k, 0);
    for (j, v) in total.iter().enumerate() {
        if is_rounding_noise(&panel.column(j), libm::sqrt(*v)) {
            return Err(StatsError::NoVariation);
        }
    }
    let log_keep = libm::log1p(-1.0 / block_length);
    let length = n as f64;
    for lag in 1..n {
        let share = lag as f64 / length;
        let kernel = (1.0 - share) * libm::exp(log_keep * lag as f64)
            + share * libm::exp(log_keep * (length - lag as f64));
        // Below this no lag adds to the sum's digits; it skips the middle of a long series.
        if kernel < 1e-12 {
            continue;
        }
        for (t, c) in total.iter_mut().zip(covariances_at(deviations, n, k, lag)) {
            *t += 2.0 * kernel * c;
        }
    }
    if total.iter().all(|v| *v > 0.0) {
        Ok(total.into_iter().map(libm::sqrt).collect())
    } else {
        Err(StatsError::NoVariation)
    }
}

fn covariances_at(deviations: &[f64], n: usize, k: usize, lag: usize) -> Vec<f64> {
    let mut out = vec![0.0; k];
    for (a, b) in deviations[lag * k..].chunks_exact(k).zip(deviations.chunks_exact(k)) {
        for ((o, x), y) in out.iter_mut().zip(a).zip(b) {
            *o += x * y / n as f64;
        }
    }
    out
}
