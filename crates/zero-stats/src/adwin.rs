//! Adaptive windowing: Bifet and Gavalda, "Learning from time-changing data with adaptive windowing" (SDM 2007). The window is kept as an
//! exponential histogram, so memory grows with the logarithm of its length, and its old part is dropped whenever two parts have means that
//! differ by more than chance allows.

use alloc::vec::Vec;

use crate::error::{StatsError, check_open_unit};

/// Buckets of one size before the two oldest merge.
const BUCKETS: usize = 5;
/// Parts shorter than this are not compared.
const SHORTEST_PART: f64 = 5.0;
/// Windows up to this length are not cut.
const GRACE: f64 = 10.0;

/// A window over a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Adwin {
    delta: f64,
    every: u64,
    seen: u64,
    /// By size 2^i: oldest first.
    levels: Vec<Vec<Bucket>>,
    width: f64,
    total: f64,
    /// Summed squared deviations from the mean.
    spread: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    total: f64,
    spread: f64,
}

impl Adwin {
    /// `delta` is the confidence of each comparison; cuts are looked for at every `every`th observation (32 is customary).
    pub fn new(delta: f64, every: u64) -> Result<Self, StatsError> {
        check_open_unit("delta", delta)?;
        if every == 0 {
            return Err(StatsError::BadParameter { name: "every", rule: "at least 1" });
        }
        Ok(Self { delta, every, seen: 0, levels: Vec::new(), width: 0.0, total: 0.0, spread: 0.0 })
    }

    /// Takes an observation and says whether the window was cut. A value that is not finite is refused and changes nothing.
    pub fn observe(&mut self, x: f64) -> Result<bool, StatsError> {
        if !x.is_finite() {
            return Err(StatsError::NotFinite { index: usize::try_from(self.seen).unwrap_or(usize::MAX) });
        }
        self.seen += 1;
        self.insert(x);
        if !self.seen.is_multiple_of(self.every) || self.width <= GRACE {
            return Ok(false);
        }
        let mut cut = false;
        while self.has_a_cut() {
            self.drop_oldest();
            cut = true;
        }
        Ok(cut)
    }

    /// Observations in the window.
    #[must_use]
    pub fn width(&self) -> u64 {
        self.width as u64
    }

    /// Their mean; `None` when there is none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.width > 0.0).then(|| self.total / self.width)
    }

    /// Their variance (divisor n); `None` when there is none.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.width > 0.0).then(|| self.spread / self.width)
    }

    fn insert(&mut self, x: f64) {
        if self.width > 0.0 {
            let off = x - self.total / self.width;
            self.spread += self.width * off * off / (self.width + 1.0);
        }
        self.width += 1.0;
        self.total += x;
        let mut carried = Some(Bucket { total: x, spread: 0.0 });
        let mut level = 0;
        let mut size = 1.0;
        while let Some(bucket) = carried.take() {
            if level == self.levels.len() {
                self.levels.push(Vec::with_capacity(BUCKETS + 1));
            }
            let buckets = &mut self.levels[level];
            buckets.push(bucket);
            if buckets.len() > BUCKETS {
                let (a, b) = (buckets[0], buckets[1]);
                buckets.drain(..2);
                carried = Some(Bucket {
                    total: a.total + b.total,
                    spread: a.spread + b.spread + between(size, a.total, size, b.total),
                });
            }
            level += 1;
            size *= 2.0;
        }
    }

    /// Whether some place in the window parts it into two with different means, looked for from its oldest end.
    fn has_a_cut(&self) -> bool {
        if self.width <= 1.0 {
            return false;
        }
        let (mut n0, mut u0) = (0.0, 0.0);
        for (level, buckets) in self.levels.iter().enumerate().rev() {
            let size = libm::ldexp(1.0, level as i32);
            for bucket in buckets {
                n0 += size;
                u0 += bucket.total;
                let (n1, u1) = (self.width - n0, self.total - u0);
                if n0 >= SHORTEST_PART && n1 >= SHORTEST_PART && self.differs(n0, n1, u0 / n0 - u1 / n1) {
                    return true;
                }
            }
        }
        false
    }

    /// The paper's bound with the variance of the window (its theorem 3.2's practical form).
    fn differs(&self, n0: f64, n1: f64, gap: f64) -> bool {
        let log_term = libm::log(2.0 * libm::log(self.width) / self.delta);
        let reciprocal = 1.0 / (n0 - SHORTEST_PART + 1.0) + 1.0 / (n1 - SHORTEST_PART + 1.0);
        let variance = self.spread.max(0.0) / self.width;
        let bound = libm::sqrt(2.0 * reciprocal * variance * log_term) + 2.0 / 3.0 * log_term * reciprocal;
        gap.abs() > bound
    }

    fn drop_oldest(&mut self) {
        while self.levels.last().is_some_and(Vec::is_empty) {
            self.levels.pop();
        }
        let Some(level) = self.levels.len().checked_sub(1) else { return };
        let size = libm::ldexp(1.0, level as i32);
        let bucket = self.levels[level].remove(0);
        self.width -= size;
        self.total -= bucket.total;
        if self.width > 0.0 {
            let apart = between(size, bucket.total, self.width, self.total);
            self.spread = (self.spread - bucket.spread - apart).max(0.0);
        } else {
            self.spread = 0.0;
        }
        if self.levels[level].is_empty() {
            self.levels.pop();
        }
    }
}

/// What joining two groups adds to the summed squared deviations.
fn between(n0: f64, total0: f64, n1: f64, total1: f64) -> f64 {
    let gap = total0 / n0 - total1 / n1;
    n0 * n1 * gap * gap / (n0 + n1)
}
