//! Small symmetric systems: the Cholesky solve of a Newton step and the eigenvalues of a covariance.

use alloc::vec::Vec;

use crate::error::{StatsError, check, check_work};

/// The largest order of a matrix whose eigenvalues are taken.
const MOST_ORDER: u64 = 512;

/// Solves `a x = b` for a symmetric positive definite `a` (row-major, order of `b`); `None` when it is not.
pub(crate) fn solve_positive(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    let n = b.len();
    let mut l = a.to_vec();
    for i in 0..n {
        for j in 0..=i {
            let mut s = l[i * n + j];
            for k in 0..j {
                s -= l[i * n + k] * l[j * n + k];
            }
            if i == j {
                // Written so that NaN fails too.
                let definite = s > 1e-14 * a[i * n + i].abs();
                if !definite || !s.is_finite() {
                    return None;
                }
                l[i * n + i] = libm::sqrt(s);
            } else {
                l[i * n + j] = s / l[j * n + j];
            }
        }
    }
    let mut x = b.to_vec();
    for i in 0..n {
        for k in 0..i {
            x[i] -= l[i * n + k] * x[k];
        }
        x[i] /= l[i * n + i];
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            x[i] -= l[k * n + i] * x[k];
        }
        x[i] /= l[i * n + i];
    }
    Some(x)
}

/// The eigenvalues of a symmetric matrix (row-major, at most order 512) in descending order, by cyclic Jacobi rotations (Golub and Van
/// Loan, "Matrix Computations", 8.5). An asymmetric matrix is an error.
pub fn symmetric_eigenvalues(matrix: &[f64], order: usize) -> Result<Vec<f64>, StatsError> {
    check(matrix, 1)?;
    check_work(order as u64, MOST_ORDER)?;
    if order * order != matrix.len() {
        return Err(StatsError::BadParameter { name: "order", rule: "the root of the number of entries" });
    }
    let largest = matrix.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    for i in 0..order {
        for j in 0..i {
            if (matrix[i * order + j] - matrix[j * order + i]).abs() > 1e-12 * largest {
                return Err(StatsError::Outside { index: i * order + j, rule: "equal to its mirror image" });
            }
        }
    }
    let mut a = matrix.to_vec();
    const SWEEPS: u32 = 64;
    for sweep in 0..=SWEEPS {
        let off = off_diagonal(&a, order);
        if off <= 1e-15 * largest {
            break;
        }
        if sweep == SWEEPS {
            return Err(StatsError::NoConvergence { steps: SWEEPS });
        }
        for p in 0..order {
            for q in p + 1..order {
                rotate(&mut a, order, p, q);
            }
        }
    }
    let mut values: Vec<f64> = (0..order).map(|i| a[i * order + i]).collect();
    values.sort_unstable_by(|x, y| y.total_cmp(x));
    Ok(values)
}

/// The rotation that makes the entry at (p, q) vanish.
fn rotate(a: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    let t = if theta.is_finite() {
        libm::copysign(1.0, theta) / (theta.abs() + libm::hypot(theta, 1.0))
    } else {
        0.0
    };
    let c = 1.0 / libm::hypot(t, 1.0);
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
    }
}

fn off_diagonal(a: &[f64], n: usize) -> f64 {
    let mut most = 0.0f64;
    for i in 0..n {
        for j in 0..i {
            most = most.max(a[i * n + j].abs());
        }
    }
    most
}
