//! Drawdowns: how far and how long equity lies below its running peak.

use alloc::vec::Vec;

use crate::error::{StatsError, check, in_range};

/// The deepest drawdown of an equity series. Positions count from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawdown {
    /// Depth as a fraction of the peak: 0.25 is a fall by a quarter, above 1 when equity went negative.
    pub depth_fraction: f64,
    /// Depth in the unit of the series.
    pub depth: f64,
    /// Where the peak stands that the fall started from.
    pub start: usize,
    /// Where the deepest point stands.
    pub trough: usize,
    /// The first point at or above the peak again; `None` when the series ends before that.
    pub recovery: Option<usize>,
}

/// How much of the time equity lies below its running peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnderWater {
    /// The share of points strictly below the running peak, 0 to 1.
    pub share: f64,
    /// The longest run of such points, in periods.
    pub longest: usize,
}

/// The deepest drawdown by fraction of the peak; the earliest of equal ones. Needs one point, the first positive.
pub fn max_drawdown(equity: &[f64]) -> Result<Drawdown, StatsError> {
    check_equity(equity)?;
    let mut worst = Drawdown { depth_fraction: 0.0, depth: 0.0, start: 0, trough: 0, recovery: Some(0) };
    let mut peak = 0;
    for (i, &e) in equity.iter().enumerate() {
        if e > equity[peak] {
            peak = i;
        }
        let depth = equity[peak] - e;
        if depth / equity[peak] > worst.depth_fraction {
            let depth_fraction = depth / equity[peak];
            worst = Drawdown { depth_fraction, depth, start: peak, trough: i, recovery: None };
        }
    }
    if worst.depth_fraction > 0.0 {
        let level = equity[worst.start];
        worst.recovery = equity[worst.trough..].iter().position(|&e| e >= level).map(|k| worst.trough + k);
    }
    Ok(worst)
}

/// The depth fraction of the deepest drawdown of the path that simple returns make from 1.0.
pub fn max_drawdown_of_returns(returns: &[f64]) -> Result<f64, StatsError> {
    check(returns, 1)?;
    let (mut equity, mut peak, mut worst) = (1.0f64, 1.0f64, 0.0f64);
    for r in returns {
        equity *= 1.0 + r;
        peak = peak.max(equity);
        // Compared without a division, which would be most of the cost of a bootstrap of this figure.
        if peak - equity > worst * peak {
            worst = (peak - equity) / peak;
        }
    }
    in_range(worst)
}

/// The drawdown at every point as a fraction of the running peak, 0 at a peak.
pub fn drawdown_series(equity: &[f64]) -> Result<Vec<f64>, StatsError> {
    check_equity(equity)?;
    let mut peak = f64::NEG_INFINITY;
    Ok(equity
        .iter()
        .map(|&e| {
            peak = peak.max(e);
            (peak - e) / peak
        })
        .collect())
}

/// The time under water. Needs one point, the first positive.
pub fn under_water(equity: &[f64]) -> Result<UnderWater, StatsError> {
    let depths = drawdown_series(equity)?;
    let (mut below, mut run, mut longest) = (0usize, 0usize, 0usize);
    for d in &depths {
        run = if *d > 0.0 { run + 1 } else { 0 };
        below += usize::from(*d > 0.0);
        longest = longest.max(run);
    }
    Ok(UnderWater { share: below as f64 / depths.len() as f64, longest })
}

/// The running peak is positive everywhere exactly when the first point is.
fn check_equity(equity: &[f64]) -> Result<(), StatsError> {
    check(equity, 1)?;
    if equity[0] <= 0.0 { Err(StatsError::NonPositive { index: 0 }) } else { Ok(()) }
}
