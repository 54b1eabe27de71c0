//! The population stability index: the symmetrised Kullback-Leibler divergence between a reference and a current distribution over bins. The
//! customary marks .1 and .25 are folklore, so bins and counts are given with it.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{StatsError, check, check_each, check_same_length, in_range};
use crate::quantile::quantile_sorted;

/// The index of two samples with what it was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The index; 0 for equal shares.
    pub psi: f64,
    /// Upper edges of all bins but the last; a value equal to an edge lies below it.
    pub edges: Vec<f64>,
    /// Reference observations in each bin.
    pub reference: Vec<u64>,
    /// Current observations in each bin.
    pub current: Vec<u64>,
}

/// The index of two lists of shares: sum of (c - r) ln(c / r). Each list must be positive and sum to 1 within 1e-9.
pub fn stability_index(reference: &[f64], current: &[f64]) -> Result<f64, StatsError> {
    check(reference, 2)?;
    check_same_length(reference.len(), current.len())?;
    for shares in [reference, current] {
        check_each(shares, "a positive share", |s| s > 0.0 && s <= 1.0)?;
        if (shares.iter().sum::<f64>() - 1.0).abs() > 1e-9 {
            return Err(StatsError::BadParameter { name: "shares", rule: "positive numbers that sum to 1" });
        }
    }
    in_range(reference.iter().zip(current).map(|(r, c)| (c - r) * libm::log(c / r)).sum())
}

/// The index of two samples over `bins` (2 to 1,000) bins of about equal reference count. Half an observation is added to every bin of both, so
/// that an empty one has a finite weight. The reference must have at least as many distinct quantiles as make two bins.
pub fn stability_of_samples(reference: &[f64], current: &[f64], bins: u32) -> Result<Stability, StatsError> {
    check(reference, 2)?;
    check(current, 1)?;
    if !(2..=1_000).contains(&bins) {
        return Err(StatsError::BadParameter { name: "bins", rule: "from 2 to 1,000" });
    }
    let mut sorted = reference.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut edges = Vec::new();
    for b in 1..bins {
        let edge = quantile_sorted(&sorted, f64::from(b) / f64::from(bins))?;
        let beyond = edges.last().is_none_or(|last| edge > *last);
        if beyond && sorted.last().is_some_and(|most| edge < *most) {
            edges.push(edge);
        }
    }
    if edges.is_empty() {
        return Err(StatsError::NoVariation);
    }
    let (reference, current) = (counts(reference, &edges), counts(current, &edges));
    let psi = stability_index(&smoothed(&reference), &smoothed(&current))?;
    Ok(Stability { psi, edges, reference, current })
}

fn counts(xs: &[f64], edges: &[f64]) -> Vec<u64> {
    let mut out = vec![0; edges.len() + 1];
    for x in xs {
        out[edges.partition_point(|e| e < x)] += 1;
    }
    out
}

fn smoothed(counts: &[u64]) -> Vec<f64> {
    let total: f64 = counts.iter().map(|c| *c as f64 + 0.5).sum();
    counts.iter().map(|c| (*c as f64 + 0.5) / total).collect()
}
