//! Streaming features: pure step functions with a warm-up length. The same function serves stream and batch, so they
//! cannot differ; what a test checks is that feeding bar by bar, in pieces or after a restore gives the same bits.
//!
//! Every feature returns `None` until it has seen its warm-up length. Inputs are f64: features never become money.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use zero_core::canon_struct;

/// Exponential moving average, `alpha = 2 / (n + 1)`, seeded with the first value (the convention of pandas' and
/// NautilusTrader's `ewm(adjust=False)`).
#[derive(Clone, Debug, PartialEq)]
pub struct Ema {
    alpha: f64,
    warm_up: u32,
    seen: u32,
    value: f64,
}

impl Ema {
    /// Of `n` bars; a length of zero is taken as one.
    #[must_use]
    pub fn new(n: usize) -> Self {
        let n = n.max(1);
        Self { alpha: 2.0 / (n as f64 + 1.0), warm_up: n as u32, seen: 0, value: 0.0 }
    }

    /// Values that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.warm_up as usize
    }

    /// Takes a value.
    #[inline]
    pub fn step(&mut self, x: f64) -> Option<f64> {
        self.value = if self.seen == 0 { x } else { self.alpha * x + (1.0 - self.alpha) * self.value };
        self.seen = self.seen.saturating_add(1);
        (self.seen >= self.warm_up).then_some(self.value)
    }

    /// Forgets everything.
    pub const fn reset(&mut self) {
        self.seen = 0;
        self.value = 0.0;
    }
}

/// Wilder's running moving average, `alpha = 1 / n`, seeded with the mean of the first `n` values.
#[derive(Clone, Debug, PartialEq)]
pub struct Rma {
    n: u32,
    seen: u32,
    value: f64,
}

impl Rma {
    /// Of `n` values; a length of zero is taken as one.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { n: n.max(1) as u32, seen: 0, value: 0.0 }
    }

    /// Values that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.n as usize
    }

    /// Takes a value.
    #[inline]
    pub fn step(&mut self, x: f64) -> Option<f64> {
        let n = f64::from(self.n);
        if self.seen < self.n {
            // A plain sum until the seed is complete, then one division: the mean does not depend on the order.
            self.value += x;
            self.seen += 1;
            if self.seen < self.n {
                return None;
            }
            self.value /= n;
        } else {
            self.value += (x - self.value) / n;
        }
        Some(self.value)
    }

    /// Forgets everything.
    pub const fn reset(&mut self) {
        self.seen = 0;
        self.value = 0.0;
    }
}

/// Wilder's average true range: the [`Rma`] of `max(H - L, |H - C'|, |L - C'|)`, where the first bar has no previous
/// close and counts its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Atr {
    rma: Rma,
    last_close: Option<f64>,
}

impl Atr {
    /// Of `n` bars.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { rma: Rma::new(n), last_close: None }
    }

    /// Bars that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.rma.warm_up()
    }

    /// Takes a bar.
    #[inline]
    pub fn step(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let range = match self.last_close {
            Some(c) => (high - low).max(libm::fabs(high - c)).max(libm::fabs(low - c)),
            None => high - low,
        };
        self.last_close = Some(close);
        self.rma.step(range)
    }

    /// Forgets everything.
    pub const fn reset(&mut self) {
        self.rma.reset();
        self.last_close = None;
    }
}

/// EWMA volatility of log returns around zero: `v = d * v + (1 - d) * r^2` with `d = 2^(-1/half_life)`, seeded with the
/// mean square of the first `half_life` returns (RiskMetrics' recursion with a stated seed).
#[derive(Clone, Debug, PartialEq)]
pub struct EwmaVol {
    decay: f64,
    warm_up: u32,
    seen: u32,
    variance: f64,
    last_close: Option<f64>,
}

impl EwmaVol {
    /// With a half-life in bars, at least one.
    #[must_use]
    pub fn new(half_life: f64) -> Self {
        let h = if half_life >= 1.0 { half_life } else { 1.0 };
        Self {
            decay: libm::exp2(-1.0 / h),
            warm_up: libm::ceil(h) as u32,
            seen: 0,
            variance: 0.0,
            last_close: None,
        }
    }

    /// Closes that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.warm_up as usize + 1
    }

    /// Takes a close.
    #[inline]
    pub fn step(&mut self, close: f64) -> Option<f64> {
        let last = self.last_close.replace(close)?;
        self.step_return(libm::log(close / last))
    }

    /// Takes a log return.
    #[inline]
    pub fn step_return(&mut self, r: f64) -> Option<f64> {
        if self.seen < self.warm_up {
            self.variance += r * r;
            self.seen += 1;
            if self.seen < self.warm_up {
                return None;
            }
            self.variance /= f64::from(self.warm_up);
        } else {
            self.variance = self.decay * self.variance + (1.0 - self.decay) * r * r;
        }
        Some(libm::sqrt(self.variance))
    }

    /// Forgets everything.
    pub const fn reset(&mut self) {
        self.seen = 0;
        self.variance = 0.0;
        self.last_close = None;
    }
}

/// Trend t-statistic: the sum of the last `k` log returns over `sigma * sqrt(k)`, `sigma` an [`EwmaVol`].
///
/// The sum telescopes to `ln(C_t / C_{t-k})`, so nothing accumulates rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendT {
    k: u32,
    vol: EwmaVol,
    closes: VecDeque<f64>,
}

impl TrendT {
    /// Over `k` returns with a volatility of this half-life.
    #[must_use]
    pub fn new(k: usize, half_life: f64) -> Self {
        let k = k.max(1);
        Self { k: k as u32, vol: EwmaVol::new(half_life), closes: VecDeque::with_capacity(k + 1) }
    }

    /// Closes that must be seen before there is a result.
    #[must_use]
    pub fn warm_up(&self) -> usize {
        (self.k as usize + 1).max(self.vol.warm_up())
    }

    /// Takes a close.
    #[inline]
    pub fn step(&mut self, close: f64) -> Option<f64> {
        let sigma = self.vol.step(close);
        self.closes.push_back(close);
        if self.closes.len() <= self.k as usize {
            return None;
        }
        let first = if self.closes.len() > self.k as usize + 1 {
            self.closes.pop_front();
            self.closes.front().copied()?
        } else {
            self.closes.front().copied()?
        };
        let sigma = sigma?;
        // A zero volatility has no t-statistic; NaN is reported as undefined, never as "no trend".
        let t = libm::log(close / first) / (sigma * libm::sqrt(f64::from(self.k)));
        Some(if sigma > 0.0 { t } else { f64::NAN })
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.vol.reset();
        self.closes.clear();
    }
}

/// Mean of the last `n` hourly funding rates.
#[derive(Clone, Debug, PartialEq)]
pub struct FundingMean {
    n: u32,
    rates: VecDeque<f64>,
}

impl FundingMean {
    /// Over `n` prints.
    #[must_use]
    pub fn new(n: usize) -> Self {
        let n = n.max(1);
        Self { n: n as u32, rates: VecDeque::with_capacity(n) }
    }

    /// Prints that must be seen before there is a result.
    #[must_use]
    pub const fn warm_up(&self) -> usize {
        self.n as usize
    }

    /// Takes a rate per hour.
    pub fn step(&mut self, rate: f64) -> Option<f64> {
        if self.rates.len() == self.n as usize {
            self.rates.pop_front();
        }
        self.rates.push_back(rate);
        // Summed afresh each hour: a running sum would drift and differ after a restore.
        (self.rates.len() == self.n as usize).then(|| self.rates.iter().sum::<f64>() / f64::from(self.n))
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.rates.clear();
    }
}

canon_struct! {
    /// The restorable part of a feature: the numbers that its recursion carries, bit for bit.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FeatureMemory {
        /// Values seen, up to the warm-up length.
        pub seen: u32,
        /// The recursion's value.
        pub value: f64,
        /// Previous close.
        pub last_close: Option<f64>,
        /// A window, oldest first.
        pub window: Vec<f64>,
    }
}

/// A feature whose memory can be put into a snapshot and back.
pub trait Restorable {
    /// What the recursion carries.
    fn memory(&self) -> FeatureMemory;
    /// Puts it back. The parameters stay those of `self`.
    fn restore(&mut self, m: &FeatureMemory);
}

impl Restorable for Ema {
    fn memory(&self) -> FeatureMemory {
        FeatureMemory { seen: self.seen, value: self.value, last_close: None, window: Vec::new() }
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.seen = m.seen;
        self.value = m.value;
    }
}

impl Restorable for Rma {
    fn memory(&self) -> FeatureMemory {
        FeatureMemory { seen: self.seen, value: self.value, last_close: None, window: Vec::new() }
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.seen = m.seen;
        self.value = m.value;
    }
}

impl Restorable for Atr {
    fn memory(&self) -> FeatureMemory {
        FeatureMemory { last_close: self.last_close, ..self.rma.memory() }
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.rma.restore(m);
        self.last_close = m.last_close;
    }
}

impl Restorable for EwmaVol {
    fn memory(&self) -> FeatureMemory {
        FeatureMemory {
            seen: self.seen,
            value: self.variance,
            last_close: self.last_close,
            window: Vec::new(),
        }
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.seen = m.seen;
        self.variance = m.value;
        self.last_close = m.last_close;
    }
}

impl Restorable for TrendT {
    fn memory(&self) -> FeatureMemory {
        FeatureMemory { window: self.closes.iter().copied().collect(), ..self.vol.memory() }
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.vol.restore(m);
        self.closes = m.window.iter().copied().collect();
    }
}

impl Restorable for FundingMean {
    fn memory(&self) -> FeatureMemory {
        FeatureMemory { seen: 0, value: 0.0, last_close: None, window: self.rates.iter().copied().collect() }
    }
    fn restore(&mut self, m: &FeatureMemory) {
        self.rates = m.window.iter().copied().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zero_core::Canon as _;

    fn closes() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(1.0f64..1e5, 40..120)
    }

    fn all(n: usize) -> (Ema, Rma, Atr, EwmaVol, TrendT) {
        (Ema::new(n), Rma::new(n), Atr::new(n), EwmaVol::new(n as f64), TrendT::new(n, 12.0))
    }

    #[test]
    fn nothing_is_reported_before_the_warm_up_length_and_always_after_it() {
        let (mut e, mut r, mut a, mut v, mut t) = all(5);
        for i in 1..=30usize {
            let x = 100.0 + (i * i % 7) as f64;
            assert_eq!(e.step(x).is_some(), i >= e.warm_up(), "ema {i}");
            assert_eq!(r.step(x).is_some(), i >= r.warm_up(), "rma {i}");
            assert_eq!(a.step(x + 1.0, x - 1.0, x).is_some(), i >= a.warm_up(), "atr {i}");
            assert_eq!(v.step(x).is_some(), i >= v.warm_up(), "vol {i}");
            assert_eq!(t.step(x).is_some(), i >= t.warm_up(), "trend {i}");
        }
        let mut f = FundingMean::new(3);
        let got: Vec<_> = [1.0, 2.0, 3.0, 7.0].map(|x| f.step(x)).to_vec();
        assert_eq!(got, [None, None, Some(2.0), Some(4.0)]);
    }

    #[test]
    fn a_flat_market_has_no_trend_statistic_rather_than_a_zero_one() {
        let mut t = TrendT::new(3, 2.0);
        let last = (0..10).filter_map(|_| t.step(50.0)).last().unwrap();
        assert!(last.is_nan());
    }

    proptest! {
        #[test]
        fn a_restored_feature_continues_with_the_same_bits(xs in closes(), cut in 1usize..39) {
            macro_rules! check { ($make:expr, $step:expr) => {{
                let mut whole = $make;
                let full: Vec<Option<u64>> = xs.iter().map(|x| $step(&mut whole, *x).map(f64::to_bits)).collect();
                let mut first = $make;
                for x in &xs[..cut] { let _: Option<f64> = $step(&mut first, *x); }
                let bytes = first.memory().to_bytes();
                let mut second = $make;
                second.restore(&FeatureMemory::from_bytes(&bytes).unwrap());
                let rest: Vec<Option<u64>> = xs[cut..].iter().map(|x| $step(&mut second, *x).map(f64::to_bits)).collect();
                prop_assert_eq!(&full[cut..], &rest[..]);
            }}}
            check!(Ema::new(7), |f: &mut Ema, x| f.step(x));
            check!(Rma::new(7), |f: &mut Rma, x| f.step(x));
            check!(Atr::new(7), |f: &mut Atr, x: f64| f.step(x * 1.01, x * 0.99, x));
            check!(EwmaVol::new(9.0), |f: &mut EwmaVol, x| f.step(x));
            check!(TrendT::new(11, 9.0), |f: &mut TrendT, x| f.step(x));
            check!(FundingMean::new(5), |f: &mut FundingMean, x| f.step(x));
        }

        #[test]
        fn scale_of_prices_does_not_change_returns_statistics(xs in closes()) {
            // Doubling is exact in binary, so the statistics must agree to the last few bits.
            let (mut a, mut b) = (TrendT::new(10, 8.0), TrendT::new(10, 8.0));
            for x in &xs {
                match (a.step(*x), b.step(x * 2.0)) {
                    (Some(p), Some(q)) => prop_assert!((p - q).abs() <= 1e-9 * p.abs().max(1.0)),
                    (p, q) => prop_assert_eq!(p.is_some(), q.is_some()),
                }
            }
        }

        #[test]
        fn stream_equals_the_textbook_batch_formulas(xs in closes()) {
            let n = 6usize;
            let mut ema = Ema::new(n);
            let mut want = xs[0];
            for (i, x) in xs.iter().enumerate() {
                if i > 0 { want += (x - want) * 2.0 / (n as f64 + 1.0); }
                if let Some(got) = ema.step(*x) {
                    prop_assert!((got - want).abs() <= 1e-9 * want.abs());
                }
            }
            let mut rma = Rma::new(n);
            let stream: Vec<f64> = xs.iter().filter_map(|x| rma.step(*x)).collect();
            let mut batch = vec_mean(&xs[..n]);
            prop_assert!((stream[0] - batch).abs() <= 1e-9 * batch);
            for (x, got) in xs[n..].iter().zip(&stream[1..]) {
                batch = (batch * (n as f64 - 1.0) + x) / n as f64;
                prop_assert!((got - batch).abs() <= 1e-9 * batch);
            }
        }
    }

    fn vec_mean(xs: &[f64]) -> f64 {
        xs.iter().sum::<f64>() / xs.len() as f64
    }
}
