//! Streaming features over a window of the last values. Every result is computed afresh from the window: a running sum
//! would drift, and would differ after a restore. Prices, volumes and returns only; no feature is money.

use crate::feature::{FeatureMemory, Restorable, Rma};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// The last `cap` values, oldest first.
#[derive(Clone, Debug, PartialEq)]
struct Window {
    cap: usize,
    values: VecDeque<f64>,
}

impl Window {
    fn new(cap: usize) -> Self {
        let cap = cap.max(1);
        Self { cap, values: VecDeque::with_capacity(cap) }
    }

    /// Takes a value; true when the window is full.
    fn push(&mut self, x: f64) -> bool {
        if self.values.len() == self.cap {
            self.values.pop_front();
        }
        self.values.push_back(x);
        self.values.len() == self.cap
    }

    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.cap as f64
    }

    /// Mean and population standard deviation.
    fn moments(&self) -> (f64, f64) {
        let mean = self.mean();
        let square = self.values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
        (mean, libm::sqrt(square / self.cap as f64))
    }

    fn memory(&self) -> FeatureMemory {
        let window = self.values.iter().copied().collect();
        FeatureMemory { seen: 0, value: 0.0, last_close: None, window }
    }

    fn restore(&mut self, m: &FeatureMemory) {
        self.values = m.window.iter().copied().collect();
    }
}

/// What is computed from the last values of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The oldest of the window: the value `n - 1` steps ago.
    Oldest,
    /// Arithmetic mean.
    Mean,
    /// `x / oldest - 1`: the simple return over `n - 1` steps.
    Return,
    /// `(x - mean) / sd`, population sd; undefined for a constant window.
    Zscore,
    /// `(x - (mean - 2 sd)) / (4 sd)`: Bollinger's %b with population sd; undefined for a constant window.
    PercentB,
    /// Share of the window below the value, ties counted half: 0 to 1.
    Rank,
    /// `x / mean`; undefined for a zero mean.
    RatioToMean,
}

/// A statistic of the last `n` values, the newest included.
#[derive(Clone, Debug, PartialEq)]
pub struct Windowed {
    over: Over,
    window: Window,
}

impl Windowed {
    /// Of `n` values; a length of zero is taken as one.
    #[must_use]
    pub fn new(over: Over, n: usize) -> Self {
        Self { over, window: Window::new(n) }
    }

    /// Values that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.window.cap
    }

    /// Takes a value. NaN where the statistic is undefined.
    pub fn step(&mut self, x: f64) -> Option<f64> {
        if !self.window.push(x) {
            return None;
        }
        let oldest = self.window.values.front().copied()?;
        Some(match self.over {
            Over::Oldest => oldest,
            Over::Mean => self.window.mean(),
            Over::Return => x / oldest - 1.0,
            Over::Zscore => {
                let (mean, sd) = self.window.moments();
                if sd > 0.0 { (x - mean) / sd } else { f64::NAN }
            }
            Over::PercentB => {
                let (mean, sd) = self.window.moments();
                if sd > 0.0 { (x - (mean - 2.0 * sd)) / (4.0 * sd) } else { f64::NAN }
            }
            Over::Rank => {
                let below = self.window.values.iter().filter(|v| **v < x).count() as f64;
                let ties = self.window.values.iter().filter(|v| **v == x).count() as f64;
                (below + 0.5 * ties) / self.window.cap as f64
            }
            Over::RatioToMean => {
                let mean = self.window.mean();
                if mean > 0.0 { x / mean } else { f64::NAN }
            }
        })
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.window.values.clear();
    }
}

impl Restorable for Windowed {
    fn memory(&self) -> FeatureMemory {
        self.window.memory()
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.window.restore(m);
    }
}

/// Highest or lowest of `n` values that ended `lag` steps ago: one side of a Donchian channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Extreme {
    n: usize,
    highest: bool,
    window: Window,
}

impl Extreme {
    /// Of `n` values, `lag` steps back; a length of zero is taken as one.
    #[must_use]
    pub fn new(highest: bool, n: usize, lag: usize) -> Self {
        let n = n.max(1);
        Self { n, highest, window: Window::new(n + lag) }
    }

    /// Values that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.window.cap
    }

    /// Takes a value.
    pub fn step(&mut self, x: f64) -> Option<f64> {
        if !self.window.push(x) {
            return None;
        }
        let old = self.window.values.iter().take(self.n);
        old.copied().reduce(|a, b| if self.highest { a.max(b) } else { a.min(b) })
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.window.values.clear();
    }
}

impl Restorable for Extreme {
    fn memory(&self) -> FeatureMemory {
        self.window.memory()
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.window.restore(m);
    }
}

/// Wilder's relative strength index, 0 to 100: `100 * gain / (gain + loss)` of the [`Rma`] of rises and of falls
/// (Wilder 1978). Without any move it is undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct Rsi {
    n: usize,
    gain: Rma,
    loss: Rma,
    last: Option<f64>,
}

impl Rsi {
    /// Of `n` changes; a length of zero is taken as one.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { n: n.max(1), gain: Rma::new(n), loss: Rma::new(n), last: None }
    }

    /// Closes that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.n + 1
    }

    /// Takes a close.
    pub fn step(&mut self, close: f64) -> Option<f64> {
        let last = self.last.replace(close)?;
        let change = close - last;
        let gain = self.gain.step(change.max(0.0));
        let loss = self.loss.step((-change).max(0.0))?;
        let gain = gain?;
        Some(if gain + loss > 0.0 { 100.0 * gain / (gain + loss) } else { f64::NAN })
    }

    /// Forgets everything.
    pub const fn reset(&mut self) {
        self.gain.reset();
        self.loss.reset();
        self.last = None;
    }
}

impl Restorable for Rsi {
    fn memory(&self) -> FeatureMemory {
        let (gain, loss) = (self.gain.memory(), self.loss.memory());
        FeatureMemory {
            seen: gain.seen,
            value: gain.value,
            last_close: self.last,
            window: alloc::vec![loss.value],
        }
    }
    fn restore(&mut self, m: &FeatureMemory) {
        let part = |value: f64| FeatureMemory { seen: m.seen, value, last_close: None, window: Vec::new() };
        self.gain.restore(&part(m.value));
        self.loss.restore(&part(m.window.first().copied().unwrap_or(0.0)));
        self.last = m.last_close;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zero_core::Canon as _;

    const OVER: [Over; 7] =
        [Over::Oldest, Over::Mean, Over::Return, Over::Zscore, Over::PercentB, Over::Rank, Over::RatioToMean];

    fn closes() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(1.0f64..1e5, 40..120)
    }

    /// The batch formula over the last `n` values, written from the definition.
    fn batch(over: Over, w: &[f64]) -> f64 {
        let (n, x) = (w.len() as f64, w[w.len() - 1]);
        let mean = w.iter().sum::<f64>() / n;
        // From the differences of all pairs: the mean of squares less the square of the mean loses what near prices differ by.
        let pairs: f64 = w.iter().flat_map(|a| w.iter().map(move |b| (a - b) * (a - b))).sum();
        let sd = (pairs / 2.0).sqrt() / n;
        match over {
            Over::Oldest => w[0],
            Over::Mean => mean,
            Over::Return => (x - w[0]) / w[0],
            Over::Zscore => (x - mean) / sd,
            Over::PercentB => (x - mean + 2.0 * sd) / (4.0 * sd),
            Over::Rank => {
                let mut s = w.to_vec();
                s.sort_by(f64::total_cmp);
                let below = s.partition_point(|v| *v < x);
                let upto = s.partition_point(|v| *v <= x);
                (below + upto) as f64 / 2.0 / n
            }
            Over::RatioToMean => x / mean,
        }
    }

    proptest! {
        #[test]
        fn stream_equals_batch_and_nothing_comes_before_the_warm_up(xs in closes(), n in 2usize..12, lag in 0usize..9) {
            for over in OVER {
                let mut f = Windowed::new(over, n);
                for (i, x) in xs.iter().enumerate() {
                    let got = f.step(*x);
                    prop_assert_eq!(got.is_some(), i + 1 >= f.warm_up());
                    if let Some(g) = got {
                        let want = batch(over, &xs[i + 1 - n..=i]);
                        prop_assert!((g - want).abs() <= 1e-6 * want.abs().max(1.0), "{:?} {} {}", over, g, want);
                    }
                }
            }
            for high in [true, false] {
                let mut f = Extreme::new(high, n, lag);
                for (i, x) in xs.iter().enumerate() {
                    let got = f.step(*x);
                    prop_assert_eq!(got.is_some(), i + 1 >= n + lag);
                    if let Some(g) = got {
                        let mut w = xs[i + 1 - n - lag..=i - lag].to_vec();
                        w.sort_by(f64::total_cmp);
                        prop_assert_eq!(g, if high { w[n - 1] } else { w[0] });
                    }
                }
            }
        }

        #[test]
        fn a_restored_window_continues_with_the_same_bits(xs in closes(), cut in 1usize..39) {
            macro_rules! check { ($make:expr) => {{
                let mut whole = $make;
                let full: Vec<Option<u64>> = xs.iter().map(|x| whole.step(*x).map(f64::to_bits)).collect();
                let mut first = $make;
                for x in &xs[..cut] { first.step(*x); }
                let mut second = $make;
                second.restore(&FeatureMemory::from_bytes(&first.memory().to_bytes()).unwrap());
                let rest: Vec<Option<u64>> = xs[cut..].iter().map(|x| second.step(*x).map(f64::to_bits)).collect();
                prop_assert_eq!(&full[cut..], &rest[..]);
            }}}
            for over in OVER {
                check!(Windowed::new(over, 7));
            }
            check!(Extreme::new(true, 5, 3));
            check!(Rsi::new(9));
        }

        #[test]
        fn rsi_does_not_change_with_the_scale_of_prices_and_mirrors_when_they_do(xs in closes()) {
            let (mut a, mut b, mut c) = (Rsi::new(14), Rsi::new(14), Rsi::new(14));
            for x in &xs {
                match (a.step(*x), b.step(x * 2.0), c.step(-x)) {
                    (Some(p), Some(q), Some(m)) => {
                        prop_assert!((p - q).abs() < 1e-9 && (p + m - 100.0).abs() < 1e-9);
                    }
                    (None, None, None) => {}
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }
    }

    /// The published worked example of a 14-day RSI (StockCharts' "cs-rsi" sheet): 70.53, 66.32, 66.55, 69.41.
    #[test]
    fn rsi_gives_the_published_worked_example() {
        let closes = [
            44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826,
            45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116,
        ];
        let mut f = Rsi::new(14);
        let got: Vec<f64> = closes.iter().filter_map(|x| f.step(*x)).collect();
        for (g, w) in got.iter().zip([70.53, 66.32, 66.55, 69.41]) {
            assert!((g - w).abs() < 0.01, "{got:?}");
        }
        assert_eq!(got.len(), 4);
    }

    #[test]
    fn a_constant_window_has_no_score_rather_than_a_zero_one() {
        for over in [Over::Zscore, Over::PercentB] {
            let mut f = Windowed::new(over, 3);
            assert!((0..5).filter_map(|_| f.step(7.0)).all(f64::is_nan));
        }
        let mut f = Rsi::new(3);
        assert!((0..9).filter_map(|_| f.step(7.0)).all(f64::is_nan));
    }
}
