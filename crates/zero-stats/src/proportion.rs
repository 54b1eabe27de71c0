//! Intervals for a proportion.

use crate::error::{StatsError, check_open_unit};
use crate::measured::Interval;
use crate::normal::normal_quantile;

/// The Wilson score interval for `successes` of `n` at `level` (Wilson 1927). It assumes independent trials; overlapping
/// trades make it too narrow.
pub fn wilson(successes: u64, n: u64, level: f64) -> Result<Interval, StatsError> {
    check_open_unit("level", level)?;
    if n == 0 {
        return Err(StatsError::TooFew { needed: 1, got: 0 });
    }
    if successes > n {
        return Err(StatsError::BadParameter { name: "successes", rule: "at most n" });
    }
    let (k, n) = (successes as f64, n as f64);
    let z = normal_quantile(0.5 + level / 2.0);
    let (p, z2) = (k / n, z * z);
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * libm::sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n));
    Ok(Interval { lo: (centre - half).max(0.0), hi: (centre + half).min(1.0), level })
}
