//! The first principal component of a correlation matrix, by power iteration with a bound.

use alloc::vec::Vec;

/// Most multiplications by the matrix. Where they do not suffice the two largest eigenvalues are nearly equal, and any
/// direction between theirs explains nearly as much.
const ROUNDS_MAX: usize = 64;
const TOLERANCE: f64 = 1e-10;

/// The component.
#[derive(Clone, Debug, Default)]
pub struct Principal {
    /// Its share of the whole variance; NaN for a matrix of nothing.
    pub share: f64,
    /// Loadings with unit length, their sum not negative.
    pub loadings: Vec<f64>,
    next: Vec<f64>,
}

impl Principal {
    /// Of a positive semidefinite matrix, by row. Starts from equal loadings, so that the result depends on nothing else.
    pub fn of(&mut self, matrix: &[f64], n: usize) {
        let trace: f64 = matrix.iter().step_by(n + 1).sum();
        self.loadings.clear();
        self.loadings.extend(matrix.iter().step_by(n + 1).map(|d| if *d > 0.0 { 1.0 } else { 0.0 }));
        // A perturbation that no symmetry of a matrix is orthogonal to.
        for (i, v) in self.loadings.iter_mut().enumerate() {
            *v *= 1.0 + 1e-3 / (i as f64 + 1.0);
        }
        normalise(&mut self.loadings);
        let mut value = 0.0;
        for _ in 0..ROUNDS_MAX {
            self.next.clear();
            self.next.extend(matrix.chunks_exact(n).map(|row| dot(row, &self.loadings)));
            let now = dot(&self.next, &self.loadings);
            core::mem::swap(&mut self.loadings, &mut self.next);
            normalise(&mut self.loadings);
            let done = libm::fabs(now - value) <= TOLERANCE * libm::fabs(now);
            value = now;
            if done {
                break;
            }
        }
        if self.loadings.iter().sum::<f64>() < 0.0 {
            self.loadings.iter_mut().for_each(|v| *v = -*v);
        }
        self.share = if trace > 0.0 { (value / trace).clamp(0.0, 1.0) } else { f64::NAN };
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn normalise(v: &mut [f64]) {
    let length = libm::sqrt(dot(v, v));
    if length > 0.0 {
        v.iter_mut().for_each(|x| *x /= length);
    }
}
