//! How unusual the present funding rate is in its own past: crowding.

use crate::feature::{FeatureMemory, Restorable};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use zero_core::Rate;

/// The last hourly rate less the mean of the window that it ends, over the window's standard deviation (divided by n).
///
/// Rates are integers of 1e-12, so the running sums are exact: nothing drifts, and a restore gives the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct FundingZ {
    n: u32,
    rates: VecDeque<i64>,
    sum: i128,
    squares: i128,
}

impl FundingZ {
    /// Over `n` prints, at least two.
    #[must_use]
    pub fn new(n: usize) -> Self {
        let n = n.max(2);
        Self { n: n as u32, rates: VecDeque::with_capacity(n), sum: 0, squares: 0 }
    }

    /// Prints that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.n as usize
    }

    /// Takes a rate per hour. A window in which nothing changes has no z: NaN.
    pub fn step(&mut self, rate: Rate) -> Option<f64> {
        if self.rates.len() == self.n as usize
            && let Some(old) = self.rates.pop_front()
        {
            self.sum -= i128::from(old);
            self.squares -= i128::from(old) * i128::from(old);
        }
        self.push(rate.raw());
        if self.rates.len() < self.n as usize {
            return None;
        }
        let n = i128::from(self.n);
        // n times the deviation, and n^2 times the variance: integers.
        let deviation = n * i128::from(rate.raw()) - self.sum;
        let variance = n * self.squares - self.sum * self.sum;
        Some(if variance > 0 { deviation as f64 / libm::sqrt(variance as f64) } else { f64::NAN })
    }

    fn push(&mut self, raw: i64) {
        self.rates.push_back(raw);
        self.sum += i128::from(raw);
        self.squares += i128::from(raw) * i128::from(raw);
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.rates.clear();
        (self.sum, self.squares) = (0, 0);
    }
}

impl Restorable for FundingZ {
    /// Rates below the venue's cap are far below 2^53 of their unit: exact as f64.
    fn memory(&self) -> FeatureMemory {
        let window: Vec<f64> = self.rates.iter().map(|r| *r as f64).collect();
        FeatureMemory { seen: 0, value: 0.0, last_close: None, window }
    }

    fn restore(&mut self, m: &FeatureMemory) {
        self.reset();
        m.window.iter().for_each(|r| self.push(*r as i64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rate_that_never_changes_has_no_z_rather_than_a_zero_one() {
        let mut f = FundingZ::new(3);
        let last = (0..5).map(|_| f.step(Rate::from_raw(12_500_000))).last().flatten();
        assert!(last.is_some_and(f64::is_nan));
    }

    proptest! {
        #[test]
        fn the_running_z_is_that_of_the_window(rates in prop::collection::vec(-40_000_000_000i64..40_000_000_000, 12..60), cut in 0usize..60) {
            const N: usize = 9;
            let mut f = FundingZ::new(N);
            for (i, r) in rates.iter().enumerate() {
                if i == cut {
                    let m = f.memory();
                    f = FundingZ::new(N);
                    f.restore(&m);
                }
                let got = f.step(Rate::from_raw(*r));
                prop_assert_eq!(got.is_some(), i + 1 >= N);
                if let Some(z) = got {
                    let w: Vec<f64> = rates[i + 1 - N..=i].iter().map(|x| *x as f64).collect();
                    let mean = w.iter().sum::<f64>() / N as f64;
                    let sd = libm::sqrt(w.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / N as f64);
                    prop_assert!((z - (*r as f64 - mean) / sd).abs() < 1e-9, "{z}");
                }
            }
        }
    }
}
