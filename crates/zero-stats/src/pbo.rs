//! The probability of backtest overfitting by combinatorially symmetric cross-validation: Bailey, Borwein, Lopez de Prado and Zhu,
//! J. Computational Finance 20 (2017). It measures a *selection process* on its trials, not one strategy, and under no skill at all it
//! is below 0.2 in one case of fourteen at twenty trials: a screen, never a proof.

use alloc::vec;
use alloc::vec::Vec;

use crate::combinations::{Combinations, choose};
use crate::error::{StatsError, check_work};
use crate::panel::Panel;

/// By which figure the trials are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialMetric {
    /// Mean over standard deviation (divisor n - 1); a trial without variation in a half is an error.
    Sharpe,
    /// The mean.
    Mean,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Overfitting {
    /// Share of splits in which the best in sample is at or below the median out of sample.
    pub pbo: f64,
    /// Logit of the chosen trial's relative rank out of sample, one for each split.
    pub logits: Vec<f64>,
    /// Share of splits in which the chosen trial loses out of sample (its metric is below 0).
    pub loss_share: f64,
    /// Slope of the chosen trial's metric out of sample on that in sample; `None` when the latter does not vary.
    pub slope: Option<f64>,
}

/// Rows are periods, columns trials (at least two), cut into `blocks` blocks of equal length (even, 2 to 20); rows that do not fill a
/// block are left out at the front, because old ones matter least. Ties in sample go to the first trial, ties out of sample
/// share their rank.
pub fn overfitting(panel: &Panel<'_>, blocks: usize, metric: TrialMetric) -> Result<Overfitting, StatsError> {
    if !(2..=20).contains(&blocks) || !blocks.is_multiple_of(2) {
        return Err(StatsError::BadParameter { name: "blocks", rule: "an even number from 2 to 20" });
    }
    if panel.columns() < 2 {
        return Err(StatsError::BadParameter { name: "trials", rule: "at least 2" });
    }
    let per_half = if metric == TrialMetric::Sharpe { 2 } else { 1 };
    panel.need_rows(blocks * per_half)?;
    let splits = choose(blocks, blocks / 2);
    check_work(splits * (panel.columns() * blocks) as u64, 2_000_000_000)?;
    let sums = block_sums(panel, blocks);
    let half = (panel.rows() / blocks * (blocks / 2)) as f64;
    let mut out =
        Overfitting { pbo: 0.0, logits: Vec::with_capacity(splits as usize), loss_share: 0.0, slope: None };
    let mut pairs = Vec::with_capacity(splits as usize);
    for chosen in Combinations::new(blocks, blocks / 2) {
        let inside = scores(&sums, |b| chosen.contains(&b), half, metric)?;
        let outside = scores(&sums, |b| !chosen.contains(&b), half, metric)?;
        let best = first_largest(&inside);
        let rank = mid_rank(&outside, outside[best]);
        let omega = rank / (panel.columns() + 1) as f64;
        out.logits.push(libm::log(omega / (1.0 - omega)));
        pairs.push((inside[best], outside[best]));
    }
    let n = out.logits.len() as f64;
    out.pbo = out.logits.iter().filter(|l| **l <= 0.0).count() as f64 / n;
    out.loss_share = pairs.iter().filter(|(_, o)| *o < 0.0).count() as f64 / n;
    out.slope = slope(&pairs);
    Ok(out)
}

/// Sums of a block and column, from which any half's mean and variance follow. Sums are of deviations from the column's mean, so that a
/// large mean costs the variance no digits.
struct BlockSums {
    /// By block, then column: sum and sum of squares of deviations.
    by_block: Vec<Vec<(f64, f64)>>,
    means: Vec<f64>,
}

fn block_sums(panel: &Panel<'_>, blocks: usize) -> BlockSums {
    let length = panel.rows() / blocks;
    let skip = panel.rows() - length * blocks;
    let means = panel.means();
    let mut by_block = vec![vec![(0.0, 0.0); panel.columns()]; blocks];
    for (i, row) in panel.each_row().skip(skip).enumerate() {
        for ((x, m), (s, q)) in row.iter().zip(&means).zip(&mut by_block[i / length]) {
            let d = x - m;
            *s += d;
            *q += d * d;
        }
    }
    BlockSums { by_block, means }
}

fn scores(
    sums: &BlockSums,
    wanted: impl Fn(usize) -> bool,
    n: f64,
    metric: TrialMetric,
) -> Result<Vec<f64>, StatsError> {
    let mut out = Vec::with_capacity(sums.means.len());
    for (j, mean) in sums.means.iter().enumerate() {
        let (mut s, mut q) = (0.0, 0.0);
        for block in sums.by_block.iter().enumerate().filter(|(b, _)| wanted(*b)).map(|(_, block)| block) {
            s += block[j].0;
            q += block[j].1;
        }
        let centre = mean + s / n;
        out.push(match metric {
            TrialMetric::Mean => centre,
            TrialMetric::Sharpe => {
                let variance = (q - s * s / n) / (n - 1.0);
                if variance <= 1e-26 * (mean * mean + q / n) || variance <= 0.0 {
                    return Err(StatsError::NoVariation);
                }
                centre / libm::sqrt(variance)
            }
        });
    }
    Ok(out)
}

fn first_largest(xs: &[f64]) -> usize {
    let mut best = 0;
    for (i, x) in xs.iter().enumerate() {
        if *x > xs[best] {
            best = i;
        }
    }
    best
}

/// Rank of `x` from 1 upwards; equal values share the mean of their ranks.
fn mid_rank(xs: &[f64], x: f64) -> f64 {
    let below = xs.iter().filter(|&&y| y < x).count() as f64;
    let equal = xs.iter().filter(|&&y| y == x).count() as f64;
    below + (equal + 1.0) / 2.0
}

fn slope(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (mx, my) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (mut sxy, mut sxx) = (0.0, 0.0);
    for (x, y) in pairs {
        sxy += (x - mx) * (y - my);
        sxx += (x - mx) * (x - mx);
    }
    (sxx > 0.0).then(|| sxy / sxx).filter(|s| s.is_finite())
}
