//! Returns from an equity series, and back.

use alloc::vec::Vec;

use crate::error::{StatsError, check};

/// Simple returns `e[t] / e[t-1] - 1`. Needs two points; every point that a return is taken *on* must be positive, the
/// last may be anything (a wiped-out account has the return -1 or below and then no further one).
pub fn simple_returns(equity: &[f64]) -> Result<Vec<f64>, StatsError> {
    check(equity, 2)?;
    each_pair(equity, |a, b| (b - a) / a)
}

/// Log returns `ln(e[t] / e[t-1])`. Needs two points, all positive.
pub fn log_returns(equity: &[f64]) -> Result<Vec<f64>, StatsError> {
    check(equity, 2)?;
    if let Some(index) = equity.iter().position(|&e| e <= 0.0) {
        return Err(StatsError::NonPositive { index });
    }
    each_pair(equity, |a, b| libm::log(b / a))
}

/// The equity path of simple returns from 1.0; one point longer than `returns`.
#[must_use]
pub fn equity_of_returns(returns: &[f64]) -> Vec<f64> {
    let mut equity = Vec::with_capacity(returns.len() + 1);
    let mut e = 1.0;
    equity.push(e);
    for r in returns {
        e *= 1.0 + r;
        equity.push(e);
    }
    equity
}

fn each_pair(equity: &[f64], f: impl Fn(f64, f64) -> f64) -> Result<Vec<f64>, StatsError> {
    let mut out = Vec::with_capacity(equity.len() - 1);
    for (index, w) in equity.windows(2).enumerate() {
        if w[0] <= 0.0 {
            return Err(StatsError::NonPositive { index });
        }
        out.push(f(w[0], w[1]));
    }
    Ok(out)
}
