//! Logistic regression with a ridge penalty, by Newton's method.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{StatsError, check, check_each, check_same_length, check_work};
use crate::linear::solve_positive;
use crate::panel::Panel;

/// A fitted model: `logit p = intercept + sum of weights times features`.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// Not penalised.
    pub intercept: f64,
    /// One for each feature.
    pub weights: Vec<f64>,
}

impl Logistic {
    /// Minimises the summed log loss plus `ridge / 2` times the squared weights. Targets lie in 0..=1; they may be smoothed outcomes.
    /// Each observation counts with its weight (at least 0). Without a penalty, classes that a line separates have no finite optimum: an error.
    pub fn fit(
        features: &Panel<'_>,
        targets: &[f64],
        observation_weights: Option<&[f64]>,
        ridge: f64,
    ) -> Result<Self, StatsError> {
        check(targets, 1)?;
        check_same_length(features.rows(), targets.len())?;
        check_each(targets, "a target from 0 to 1", |t| (0.0..=1.0).contains(&t))?;
        if let Some(w) = observation_weights {
            check_same_length(w.len(), targets.len())?;
            check_each(w, "a finite weight of at least 0", |w| w.is_finite() && w >= 0.0)?;
        }
        if !(ridge.is_finite() && ridge >= 0.0) {
            return Err(StatsError::BadParameter { name: "ridge", rule: "a finite number of at least 0" });
        }
        let d = features.columns() as u64 + 1;
        check_work(d, 128)?;
        check_work(features.rows() as u64 * d * d, 500_000_000)?;
        // The intercept is not penalised: with one class only it has no finite optimum, and certainty would be claimed.
        let counted = |i: usize| observation_weights.is_none_or(|w| w[i] > 0.0);
        let mut said = targets.iter().enumerate().filter(|(i, _)| counted(*i)).map(|(_, t)| *t);
        let first = said.next();
        if first.is_none_or(|f| (f == 0.0 || f == 1.0) && said.all(|t| t == f)) {
            return Err(StatsError::NoVariation);
        }
        Newton { features, targets, observation_weights, ridge }.minimise()
    }

    /// The covariance of intercept and weights (row-major, intercept first) in the normal approximation at the optimum: the inverse of the
    /// curvature, penalty included. Give what the model was fitted on.
    pub fn covariance(
        &self,
        features: &Panel<'_>,
        targets: &[f64],
        ridge: f64,
    ) -> Result<Vec<f64>, StatsError> {
        check_same_length(features.columns(), self.weights.len())?;
        check_same_length(features.rows(), targets.len())?;
        let beta: Vec<f64> = core::iter::once(self.intercept).chain(self.weights.iter().copied()).collect();
        let (_, hessian) = Newton { features, targets, observation_weights: None, ridge }.derivatives(&beta);
        let d = beta.len();
        let mut out = Vec::with_capacity(d * d);
        for i in 0..d {
            let unit: Vec<f64> = (0..d).map(|j| if i == j { 1.0 } else { 0.0 }).collect();
            out.extend(solve_positive(&hessian, &unit).ok_or(StatsError::NoVariation)?);
        }
        Ok(out)
    }

    /// The log-odds for a row of features; missing features at the end count as 0.
    #[must_use]
    pub fn logit(&self, features: &[f64]) -> f64 {
        self.intercept + self.weights.iter().zip(features).map(|(w, x)| w * x).sum::<f64>()
    }
}

/// 1 / (1 + e^-x) without overflow.
#[must_use]
pub fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

/// ln(p / (1 - p)); infinite at 0 and 1, NaN outside.
#[must_use]
pub fn logit(p: f64) -> f64 {
    libm::log(p) - libm::log1p(-p)
}

struct Newton<'a> {
    features: &'a Panel<'a>,
    targets: &'a [f64],
    observation_weights: Option<&'a [f64]>,
    ridge: f64,
}

impl Newton<'_> {
    fn minimise(&self) -> Result<Logistic, StatsError> {
        const STEPS: u32 = 100;
        let d = self.features.columns() + 1;
        let mut beta = vec![0.0; d];
        let mut loss = self.loss(&beta);
        let mut polished = 0;
        for _ in 0..STEPS {
            let (gradient, hessian) = self.derivatives(&beta);
            let Some(step) = solve_positive(&hessian, &gradient) else {
                return Err(StatsError::NoConvergence { steps: STEPS });
            };
            // Newton's decrement bounds how far the loss is from its least.
            let decrement: f64 = step.iter().zip(&gradient).map(|(s, g)| s * g).sum();
            // So near the optimum rounding hides any fall of the loss and whole steps converge quadratically.
            if decrement <= 1e-10 * (1.0 + loss) {
                beta.iter_mut().zip(&step).for_each(|(b, s)| *b -= s);
                polished += 1;
                if polished == 3 {
                    return self.settled(&beta);
                }
                continue;
            }
            let mut size = 1.0;
            loop {
                let trial: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b - size * s).collect();
                let trial_loss = self.loss(&trial);
                if trial_loss <= loss - 1e-4 * size * decrement {
                    (beta, loss) = (trial, trial_loss);
                    break;
                }
                size /= 2.0;
                if size < 1e-10 {
                    return Err(StatsError::NoConvergence { steps: STEPS });
                }
            }
        }
        Err(StatsError::NoConvergence { steps: STEPS })
    }

    /// Separable classes drive the loss to 0 and the weights without bound; what rounding stops there is no optimum.
    fn settled(&self, beta: &[f64]) -> Result<Logistic, StatsError> {
        let wide = self.rows().any(|(row, _, w)| w > 0.0 && at(beta, row).abs() > 30.0);
        let runaway = self.ridge == 0.0 && (wide || self.loss(beta) < 1e-6);
        match beta {
            [intercept, weights @ ..] if !runaway => {
                Ok(Logistic { intercept: *intercept, weights: weights.to_vec() })
            }
            _ => Err(StatsError::NoConvergence { steps: 100 }),
        }
    }

    fn rows(&self) -> impl Iterator<Item = (&[f64], f64, f64)> {
        let weight = |i: usize| self.observation_weights.map_or(1.0, |w| w[i]);
        self.features.each_row().zip(self.targets).enumerate().map(move |(i, (row, t))| (row, *t, weight(i)))
    }

    fn loss(&self, beta: &[f64]) -> f64 {
        let fit: f64 = self
            .rows()
            .map(|(row, t, w)| {
                let z = at(beta, row);
                // ln(1 + e^z) - t z
                w * (z.max(0.0) + libm::log1p(libm::exp(-z.abs())) - t * z)
            })
            .sum();
        let penalty: f64 = beta.iter().skip(1).map(|b| b * b).sum();
        fit + 0.5 * self.ridge * penalty
    }

    fn derivatives(&self, beta: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let d = beta.len();
        let mut gradient = vec![0.0; d];
        let mut hessian = vec![0.0; d * d];
        let mut x = vec![1.0; d];
        for (row, t, w) in self.rows() {
            x[1..].copy_from_slice(row);
            let p = logistic(at(beta, row));
            let (residual, curvature) = (w * (p - t), w * p * (1.0 - p));
            for i in 0..d {
                gradient[i] += residual * x[i];
                for j in 0..=i {
                    hessian[i * d + j] += curvature * x[i] * x[j];
                }
            }
        }
        for i in 1..d {
            gradient[i] += self.ridge * beta[i];
            hessian[i * d + i] += self.ridge;
        }
        for i in 0..d {
            for j in 0..i {
                hessian[j * d + i] = hessian[i * d + j];
            }
        }
        (gradient, hessian)
    }
}

fn at(beta: &[f64], row: &[f64]) -> f64 {
    match beta {
        [intercept, weights @ ..] => intercept + weights.iter().zip(row).map(|(w, x)| w * x).sum::<f64>(),
        [] => 0.0,
    }
}
