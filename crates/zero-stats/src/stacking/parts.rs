//! A fitted stack as plain numbers, so that it can be written down, and judged alike wherever it comes back.

use alloc::vec;
use alloc::vec::Vec;

use super::{MOST_LENSES, Model, Stack};
use crate::error::{StatsError, check_each, check_positive, check_same_length, check_work};
use crate::linear::symmetric_eigenvalues;
use crate::logistic::{Logistic, logistic};
use crate::recalibration::BetaMap;

/// Everything that [`Stack::combine`] reads.
#[derive(Clone, Debug, PartialEq)]
pub struct StackParts {
    /// Log-odds with every lens silent.
    pub intercept: f64,
    /// Log-odds per unit of each lens.
    pub weights: Vec<f64>,
    /// The unit of each lens: its root mean square where it spoke; 0 for one that said nothing.
    pub scales: Vec<f64>,
    /// Covariance of intercept and weights, row-major, intercept first.
    pub covariance: Vec<f64>,
    /// Mean product of two lenses' units where both spoke, row-major.
    pub moments: Vec<f64>,
    /// The calibration map and the rows it was fitted on.
    pub map: Option<(BetaMap, u64)>,
    /// Largest opinion that counts, in units.
    pub clip: f64,
    /// Standard errors between the central log-odds and the lower bound.
    pub z: f64,
    /// Weight of the uncalibrated probability, in rows.
    pub prior_rows: f64,
}

impl Stack {
    /// The stack as numbers.
    #[must_use]
    pub fn parts(&self) -> StackParts {
        StackParts {
            intercept: self.model.logistic.intercept,
            weights: self.model.logistic.weights.clone(),
            scales: self.model.scales.clone(),
            covariance: self.model.covariance.clone(),
            moments: self.model.moments.clone(),
            map: self.map.map(|(map, n)| (map, n as u64)),
            clip: self.clip,
            z: self.z,
            prior_rows: self.prior_rows,
        }
    }

    /// The stack of these numbers. Shapes that do not fit, numbers that are not finite, a covariance that is none and a map that falls are
    /// errors.
    pub fn from_parts(parts: StackParts) -> Result<Self, StatsError> {
        let k = parts.weights.len();
        if k == 0 {
            return Err(StatsError::BadParameter { name: "lenses", rule: "at least 1" });
        }
        check_work(k as u64, MOST_LENSES)?;
        check_same_length(parts.scales.len(), k)?;
        check_same_length(parts.covariance.len(), (k + 1) * (k + 1))?;
        check_same_length(parts.moments.len(), k * k)?;
        let finite = |x: f64| x.is_finite();
        check_each(&[parts.intercept], "a finite number", finite)?;
        for list in [&parts.weights, &parts.covariance, &parts.moments] {
            check_each(list, "a finite number", finite)?;
        }
        check_each(&parts.scales, "a finite number of at least 0", |x| x.is_finite() && x >= 0.0)?;
        check_covariance(&parts.covariance, k + 1)?;
        check_positive("clip", parts.clip)?;
        check_each(&[parts.z, parts.prior_rows], "a finite number of at least 0", |x| {
            x.is_finite() && x >= 0.0
        })?;
        if let Some((map, n)) = &parts.map {
            check_each(&[map.a, map.b], "a map that does not fall", |x| x.is_finite() && x >= 0.0)?;
            check_each(&[map.c], "a finite number", finite)?;
            check_positive("rows of the map", *n as f64)?;
        }
        Ok(Self {
            model: Model {
                logistic: Logistic { intercept: parts.intercept, weights: parts.weights },
                scales: parts.scales,
                covariance: parts.covariance,
                moments: parts.moments,
            },
            clip: parts.clip,
            z: parts.z,
            prior_rows: parts.prior_rows,
            map: parts.map.map(|(map, n)| (map, n as usize)),
        })
    }

    /// The probability with one lens saying this much in log-odds and every other silent, calibrated.
    pub fn alone(&self, contribution: f64) -> Result<f64, StatsError> {
        self.calibrated(logistic(self.model.logistic.intercept + contribution))
    }

    /// Per lens, the most that it may say for the event; `None` for one that was never heard.
    #[must_use]
    pub fn most_favourable(&self) -> Vec<Option<f64>> {
        let said =
            |(w, s): (&f64, &f64)| (*s > 0.0).then(|| if *w < 0.0 { -self.clip * s } else { self.clip * s });
        self.model.logistic.weights.iter().zip(&self.model.scales).map(said).collect()
    }

    /// How many independent lenses those that spoke amount to: `k^2` over the sum of the squared cosines of their units. 0 of none.
    #[must_use]
    pub fn effective(&self, opinions: &[Option<f64>]) -> f64 {
        let k = self.model.scales.len();
        let size = |i: usize| self.model.moments[i * k + i];
        let heard: Vec<usize> =
            (0..k.min(opinions.len())).filter(|i| opinions[*i].is_some() && size(*i) > 0.0).collect();
        let pairs = heard.iter().flat_map(|&i| heard.iter().map(move |&j| (i, j)));
        let squares: f64 = pairs
            .map(|(i, j)| self.model.moments[i * k + j] * self.model.moments[i * k + j] / (size(i) * size(j)))
            .sum();
        let n = heard.len() as f64;
        if squares > 0.0 { n * n / squares } else { 0.0 }
    }
}

/// Symmetric, with no direction of negative variance beyond rounding.
fn check_covariance(cells: &[f64], d: usize) -> Result<(), StatsError> {
    let wrong =
        StatsError::BadParameter { name: "covariance", rule: "symmetric and without negative variance" };
    let size = cells.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let mut mean = vec![0.0; d * d];
    for (i, j) in (0..d).flat_map(|i| (0..d).map(move |j| (i, j))) {
        if (cells[i * d + j] - cells[j * d + i]).abs() > 1e-9 * size {
            return Err(wrong);
        }
        mean[i * d + j] = 0.5 * (cells[i * d + j] + cells[j * d + i]);
    }
    let values = symmetric_eigenvalues(&mean, d)?;
    if values.iter().any(|v| *v < -1e-9 * size) { Err(wrong) } else { Ok(()) }
}
