//! Serial dependence of one coin's returns: the variance ratio of Lo and MacKinlay (1988) with its
//! heteroskedasticity-robust z, streaming and exponentially weighted.
//!
//! `VR(q) - 1 = 2 sum_j (1 - j/q) rho_j`. With weights `w_t` the numerator is `sum_j c_j A_j`, `A_j = sum_t w_t x_t x_{t-j}`.
//! Under martingale differences its terms are uncorrelated whatever the volatility does, so its variance is
//! `sum_j c_j^2 B_j`, `B_j = sum_t w_t^2 x_t^2 x_{t-j}^2`: the robust z is their ratio. With equal weights it is the published
//! statistic.

use super::pack::{Pack, count, series};
use alloc::vec::Vec;

/// Horizons tested, in steps.
pub const HORIZONS: [usize; 3] = [4, 24, 72];
/// Lags kept: one less than the longest horizon.
const LAGS: usize = 71;
/// Half-life of the evidence in steps: six weeks of hours.
const HALF_LIFE: f64 = 1_000.0;
/// Returns before anything is said: the longest horizon then fits fourteen times.
const WARM_UP: u32 = 1_000;

/// The streaming statistic.
#[derive(Clone, Debug)]
pub struct Dependence {
    decay: f64,
    seen: u32,
    /// Weighted sums of 1, x and x^2.
    weight: f64,
    sum: f64,
    square: f64,
    /// By lag, the longest first, as the window is.
    products: Vec<f64>,
    squares: Vec<f64>,
    /// The last returns, written twice so that a window is always in one piece.
    window: Vec<f64>,
    at: u32,
}

impl Default for Dependence {
    fn default() -> Self {
        Self::with_half_life(HALF_LIFE)
    }
}

impl Dependence {
    /// Evidence that halves in `half_life` steps; infinite for equal weights, as in the published statistic.
    #[must_use]
    pub fn with_half_life(half_life: f64) -> Self {
        Self {
            decay: libm::exp2(-1.0 / half_life),
            seen: 0,
            weight: 0.0,
            sum: 0.0,
            square: 0.0,
            products: alloc::vec![0.0; LAGS],
            squares: alloc::vec![0.0; LAGS],
            window: alloc::vec![0.0; 2 * LAGS],
            at: 0,
        }
    }

    /// Takes the step's return. A step without one leaves the products that would need it out.
    pub fn step(&mut self, r: Option<f64>) {
        let at = self.at as usize;
        if let Some(x) = r {
            let (d, d2) = (self.decay, self.decay * self.decay);
            let x2 = x * x;
            self.seen = self.seen.saturating_add(1);
            self.weight = d * self.weight + 1.0;
            self.sum = d * self.sum + x;
            self.square = d * self.square + x2;
            if let Some(past) = self.window.get(at..at + LAGS) {
                for ((a, b), w) in self.products.iter_mut().zip(&mut self.squares).zip(past) {
                    *a = d * *a + x * w;
                    *b = d2 * *b + x2 * (w * w);
                }
            }
        }
        // Absent is absent from every product: a zero adds nothing to a sum.
        let kept = r.unwrap_or(0.0);
        for place in [at, at + LAGS] {
            if let Some(slot) = self.window.get_mut(place) {
                *slot = kept;
            }
        }
        self.at = if at + 1 == LAGS { 0 } else { self.at + 1 };
    }

    /// Variance ratio over `q` steps and its robust z. `None` before the warm-up, for `q` outside 2..=72, and where nothing
    /// moves.
    #[must_use]
    pub fn ratio(&self, q: usize) -> Option<(f64, f64)> {
        if self.seen < WARM_UP || !(2..=LAGS + 1).contains(&q) {
            return None;
        }
        let mean = self.sum / self.weight;
        let variance = self.square - mean * self.sum;
        let (mut top, mut error) = (0.0, 0.0);
        let skip = LAGS + 1 - q;
        for (i, (a, b)) in self.products.iter().zip(&self.squares).enumerate().skip(skip) {
            let lag = (LAGS - i) as f64;
            let c = 2.0 * (1.0 - lag / q as f64);
            top += c * (a - mean * self.sum);
            error += c * c * b;
        }
        (variance > 0.0 && error > 0.0).then(|| (1.0 + top / variance, top / libm::sqrt(error)))
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        let d = self.decay;
        *self = Self { decay: d, ..Self::default() };
    }
}

impl Pack for Dependence {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        count(&mut self.seen, visit);
        count(&mut self.at, visit);
        for x in [&mut self.weight, &mut self.sum, &mut self.square] {
            visit(x);
        }
        series(&mut self.products, visit);
        series(&mut self.squares, visit);
        series(&mut self.window, visit);
    }
}

/// Two-sided p of a standard normal z.
#[must_use]
pub fn p_of_z(z: f64) -> f64 {
    libm::erfc(libm::fabs(z) * core::f64::consts::FRAC_1_SQRT_2)
}

/// The largest p that Benjamini and Hochberg (1995) reject at level `alpha`; `None` when they reject none. Sorts `ps`.
#[must_use]
pub fn fdr_cut(ps: &mut [f64], alpha: f64) -> Option<f64> {
    ps.sort_unstable_by(f64::total_cmp);
    let n = ps.len() as f64;
    ps.iter().enumerate().rev().find(|(i, p)| **p <= alpha * (*i as f64 + 1.0) / n).map(|(_, p)| *p)
}
