//! The mean of outcomes that come in clusters: interval and p-value by a studentised cluster bootstrap.
//!
//! Outcomes of one coin within one stretch of time share their market, so whole clusters are drawn, never single
//! outcomes. The statistic is studentised by the clusters' own standard error (Cameron, Gelbach and Miller, "Bootstrap-based
//! improvements for inference with clustered errors", Review of Economics and Statistics 90, 2008), because
//! outcomes in units of risk are skewed: a stop loses about one, a winner may make many.

use std::collections::BTreeMap;
use zero_core::prng::Prng;
use zero_stats::{Correction, correct, quantile_sorted};

/// Fewest clusters that an interval is claimed from.
pub const CLUSTERS_MIN: usize = 10;

/// How the draws are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draws {
    /// Resamples.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Stream: one per mean of a report.
    pub stream: u64,
    /// Nominal coverage of the interval.
    pub level: f64,
}

impl Draws {
    /// 2,000 resamples at 95 %.
    #[must_use]
    pub const fn standard(stream: u64) -> Self {
        Self { replicates: 2_000, seed: 0x4c45_4152, stream, level: 0.95 }
    }
}

/// A mean over clusters. Interval and p-value are absent below [`CLUSTERS_MIN`] clusters or without variation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterMean {
    /// The mean; `None` of nothing.
    pub mean: Option<f64>,
    /// Outcomes.
    pub n: u64,
    /// Clusters.
    pub clusters: u64,
    /// Standard error by clusters.
    pub stderr: Option<f64>,
    /// Lower and upper end of the interval.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p-value of a mean of zero; never below `2 / (replicates + 1)`.
    pub p: Option<f64>,
}

/// Sum and count of one cluster.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    sum: f64,
    n: f64,
}

/// The mean of outcomes with their clusters' keys.
#[must_use]
pub fn mean<K: Ord>(outcomes: impl IntoIterator<Item = (K, f64)>, draws: &Draws) -> ClusterMean {
    let mut by_key: BTreeMap<K, Cell> = BTreeMap::new();
    for (key, value) in outcomes {
        let cell = by_key.entry(key).or_default();
        cell.sum += value;
        cell.n += 1.0;
    }
    let cells: Vec<Cell> = by_key.into_values().collect();
    let n: f64 = cells.iter().map(|c| c.n).sum();
    let mut out = ClusterMean {
        mean: None,
        n: n as u64,
        clusters: cells.len() as u64,
        stderr: None,
        interval: None,
        p: None,
    };
    let Some((mean, stderr)) = estimate(&cells) else {
        return ClusterMean { mean: (n > 0.0).then(|| cells.iter().map(|c| c.sum).sum::<f64>() / n), ..out };
    };
    (out.mean, out.stderr) = (Some(mean), Some(stderr));
    if cells.len() >= CLUSTERS_MIN && stderr > 0.0 {
        let t = studentised(&cells, mean, draws);
        let tail = (1.0 - draws.level) / 2.0;
        if let (Ok(low), Ok(high)) = (quantile_sorted(&t, tail), quantile_sorted(&t, 1.0 - tail)) {
            out.interval = Some((mean - high * stderr, mean - low * stderr));
            let t0 = mean / stderr;
            let below = t.iter().filter(|v| **v <= t0).count() + 1;
            let above = t.iter().filter(|v| **v >= t0).count() + 1;
            out.p = Some((2.0 * below.min(above) as f64 / (t.len() + 1) as f64).min(1.0));
        }
    }
    out
}

/// Mean and standard error; `None` of fewer than two clusters.
fn estimate(cells: &[Cell]) -> Option<(f64, f64)> {
    let g = cells.len() as f64;
    if cells.len() < 2 {
        return None;
    }
    let (mut sum, mut n) = (0.0, 0.0);
    for c in cells {
        sum += c.sum;
        n += c.n;
    }
    let mean = sum / n;
    let mut squares = 0.0;
    for c in cells {
        let e = c.sum - mean * c.n;
        squares += e * e;
    }
    Some((mean, (g / (g - 1.0) * squares).sqrt() / n))
}

/// `(resampled mean - mean) / resampled standard error`, ascending. A resample without variation has no such value; a
/// sample of ten clusters that vary almost never gives one.
fn studentised(cells: &[Cell], mean: f64, draws: &Draws) -> Vec<f64> {
    let mut out = Vec::with_capacity(draws.replicates as usize);
    let mut drawn = vec![Cell::default(); cells.len()];
    for r in 0..draws.replicates {
        // 2^32 counter steps per replicate: far more than it can use, so replicates share no draw.
        let mut draw = Prng::at(draws.seed, draws.stream, u64::from(r) << 32);
        for slot in &mut drawn {
            if let Some(c) = cells.get(draw.below(cells.len() as u64) as usize) {
                *slot = *c;
            }
        }
        if let Some((m, se)) = estimate(&drawn).filter(|(_, se)| *se > 0.0) {
            out.push((m - mean) / se);
        }
    }
    out.sort_unstable_by(f64::total_cmp);
    out
}

/// Adjusted p-values of Benjamini and Hochberg, "Controlling the false discovery rate" (JRSS B 57, 1995), in the order
/// given.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    // Without a test nothing is adjusted, and a p that is none lets no other pass.
    correct(p, Correction::BenjaminiHochberg, 0.5).map_or_else(|_| vec![1.0; p.len()], |c| c.adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: `p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "BH")`.
    #[test]
    fn adjusted_p_values_are_those_of_the_published_procedure() {
        let got = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005, 0.5]);
        for (g, w) in got.iter().zip([0.025, 0.05, 0.05, 0.025, 0.5]) {
            assert!((g - w).abs() < 1e-12, "{got:?}");
        }
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    #[test]
    fn repeating_every_outcome_within_its_cluster_makes_no_mean_more_certain() {
        let one: Vec<(u32, f64)> = (0..40).map(|i| (i, f64::from(i % 7) - 2.0)).collect();
        let many: Vec<(u32, f64)> = one.iter().flat_map(|x| [*x; 9]).collect();
        let (a, b) = (mean(one, &Draws::standard(0)), mean(many, &Draws::standard(0)));
        assert_eq!((a.n, b.n, a.clusters, b.clusters), (40, 360, 40, 40));
        assert!((a.stderr.unwrap() - b.stderr.unwrap()).abs() < 1e-12);
        assert_eq!(a.p, b.p);
    }

    #[test]
    fn too_few_clusters_claim_neither_interval_nor_p_value() {
        let few = mean((0..9).map(|i| (i, f64::from(i))), &Draws::standard(0));
        assert_eq!((few.mean, few.interval, few.p), (Some(4.0), None, None));
        let none = mean(Vec::<(u32, f64)>::new(), &Draws::standard(0));
        assert_eq!((none.mean, none.n), (None, 0));
        let constant = mean((0..50).map(|i| (i, 1.0)), &Draws::standard(0));
        assert_eq!((constant.mean, constant.p), (Some(1.0), None));
    }
}
