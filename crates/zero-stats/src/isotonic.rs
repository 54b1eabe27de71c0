//! Isotonic regression by pooling adjacent violators (Ayer and others, Annals of Mathematical Statistics 26, 1955): the best nondecreasing
//! map from score to probability. It follows noise below about a thousand points.

use alloc::vec::Vec;

use crate::error::{StatsError, check, check_same_length, in_range};

/// A fitted nondecreasing map: linear between its knots, constant beyond them.
#[derive(Clone, Debug, PartialEq)]
pub struct Isotonic {
    /// Distinct scores in ascending order: the ends of each flat piece.
    pub knots: Vec<f64>,
    /// The value at each knot.
    pub values: Vec<f64>,
}

impl Isotonic {
    /// Least squares under monotonicity. Observations with equal scores are averaged first. Needs one observation.
    pub fn fit(scores: &[f64], targets: &[f64]) -> Result<Self, StatsError> {
        check(scores, 1)?;
        check(targets, 1)?;
        check_same_length(scores.len(), targets.len())?;
        let mut blocks: Vec<Block> = Vec::new();
        for point in averaged(scores, targets) {
            blocks.push(point);
            while let [.., before, last] = blocks.as_slice() {
                if before.mean() < last.mean() {
                    break;
                }
                let merged = Block {
                    low: before.low,
                    high: last.high,
                    sum: before.sum + last.sum,
                    n: before.n + last.n,
                };
                blocks.truncate(blocks.len() - 2);
                blocks.push(merged);
            }
        }
        let mut out = Self { knots: Vec::new(), values: Vec::new() };
        for block in &blocks {
            let value = in_range(block.mean())?;
            out.knots.push(block.low);
            out.values.push(value);
            if block.high > block.low {
                out.knots.push(block.high);
                out.values.push(value);
            }
        }
        Ok(out)
    }

    /// The map at a score; `None` for NaN.
    #[must_use]
    pub fn at(&self, score: f64) -> Option<f64> {
        if score.is_nan() {
            return None;
        }
        let above = self.knots.partition_point(|k| *k < score);
        let last = self.values.last().copied();
        match (above.checked_sub(1), self.knots.get(above)) {
            (None, _) => self.values.first().copied(),
            (Some(_), None) => last,
            (Some(below), Some(&right)) => {
                let (left, from, to) = (self.knots[below], self.values[below], self.values[above]);
                // Rounding must not lead past a knot's value: a probability of 1 would become more than 1.
                Some((from + (to - from) * (score - left) / (right - left)).clamp(from, to))
            }
        }
    }
}

struct Block {
    low: f64,
    high: f64,
    sum: f64,
    n: f64,
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.n
    }
}

fn averaged(scores: &[f64], targets: &[f64]) -> Vec<Block> {
    let mut pairs: Vec<(f64, f64)> = scores.iter().copied().zip(targets.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<Block> = Vec::new();
    for (s, t) in pairs {
        match out.last_mut().filter(|b| b.low == s) {
            Some(block) => {
                block.sum += t;
                block.n += 1.0;
            }
            None => out.push(Block { low: s, high: s, sum: t, n: 1.0 }),
        }
    }
    out
}
