//! Covariance of synchronised returns: exponentially weighted, shrunk towards constant correlation.
//!
//! Beside the products themselves the recursion carries what the shrinkage intensity of Ledoit and Wolf ("Honey, I shrunk
//! the sample covariance matrix", 2004) asks for: `E[x_i^2 x_j^2]` and `E[x_i^3 x_j]`. Returns are taken around zero.

use super::pack::{Pack, count, series};
use alloc::vec::Vec;

/// The recursion. Until `1/k` falls below the weight of its half-life it is the plain mean of what was seen.
#[derive(Clone, Debug)]
pub struct Moments {
    n: usize,
    alpha: f64,
    seen: Vec<u32>,
    /// `E[x_i x_j]`, `E[x_i^2 x_j^2]`, `E[x_i^3 x_j]`, by row.
    second: Vec<f64>,
    fourth: Vec<f64>,
    cubed: Vec<f64>,
    x: Vec<f64>,
    /// The last step's coins, for the loops.
    live: Vec<bool>,
}

/// A covariance matrix and what is read off it. Rows of coins that are not usable are zero.
#[derive(Clone, Debug, Default)]
pub struct Shrunk {
    /// Shrunk covariance per step, by row.
    pub covariance: Vec<f64>,
    /// Shrunk correlation, by row.
    pub correlation: Vec<f64>,
    /// Volatility per step by coin.
    pub sigma: Vec<f64>,
    /// Weight of the target, in [0, 1]; zero with fewer than two usable coins.
    pub intensity: f64,
    /// Mean correlation of the usable pairs: the target.
    pub mean: f64,
    /// Usable coins.
    pub usable: u32,
}

impl Moments {
    /// Of `n` coins, with a half-life in steps (infinite for plain means).
    #[must_use]
    pub fn new(n: usize, half_life: f64) -> Self {
        let square = || alloc::vec![0.0; n * n];
        Self {
            n,
            alpha: 1.0 - libm::exp2(-1.0 / half_life),
            seen: alloc::vec![0; n],
            second: square(),
            fourth: square(),
            cubed: square(),
            x: alloc::vec![0.0; n],
            live: alloc::vec![false; n],
        }
    }

    /// Takes a step's returns; a coin without one keeps what is known of it.
    pub fn step(&mut self, returns: impl Iterator<Item = Option<f64>>) {
        for (((x, live), seen), r) in self.x.iter_mut().zip(&mut self.live).zip(&mut self.seen).zip(returns) {
            (*x, *live) = (r.unwrap_or(0.0), r.is_some());
            *seen = seen.saturating_add(u32::from(*live));
        }
        let all = self.live.iter().all(|l| *l);
        let Self { n, alpha, seen, second, fourth, cubed, x, live } = self;
        let rows =
            second.chunks_exact_mut(*n).zip(fourth.chunks_exact_mut(*n)).zip(cubed.chunks_exact_mut(*n));
        for (i, ((s, q), c)) in rows.enumerate() {
            let (Some(xi), Some(ki), Some(true)) = (x.get(i).copied(), seen.get(i).copied(), live.get(i))
            else {
                continue;
            };
            let x2 = xi * xi;
            let cells = s.iter_mut().zip(q).zip(c).zip(x.iter());
            if all && f64::from(ki) * *alpha > 1.0 && seen.iter().all(|k| *k >= ki) {
                // The usual case, without a branch in it.
                for (((s, q), c), xj) in cells {
                    let p = xi * xj;
                    *s += *alpha * (p - *s);
                    *q += *alpha * (p * p - *q);
                    *c += *alpha * (x2 * p - *c);
                }
                continue;
            }
            for ((((s, q), c), xj), (kj, lj)) in cells.zip(seen.iter().zip(live.iter())) {
                if *lj {
                    let a = alpha.max(1.0 / f64::from(ki.min(*kj)));
                    let p = xi * xj;
                    *s += a * (p - *s);
                    *q += a * (p * p - *q);
                    *c += a * (x2 * p - *c);
                }
            }
        }
    }

    /// Steps seen of a coin.
    #[must_use]
    pub fn seen(&self, coin: usize) -> u32 {
        self.seen.get(coin).copied().unwrap_or(0)
    }

    /// Independent observations that the weights amount to (Kish), at most those seen.
    #[must_use]
    pub fn effective(&self, seen: u32) -> f64 {
        f64::from(seen).min((2.0 - self.alpha) / self.alpha)
    }

    /// Forgets a coin.
    pub fn forget(&mut self, coin: usize) {
        if let Some(k) = self.seen.get_mut(coin) {
            *k = 0;
        }
        for m in [&mut self.second, &mut self.fourth, &mut self.cubed] {
            for (i, row) in m.chunks_exact_mut(self.n).enumerate() {
                for (j, x) in row.iter_mut().enumerate() {
                    if i == coin || j == coin {
                        *x = 0.0;
                    }
                }
            }
        }
    }

    /// Shrinks over the coins that are usable.
    pub fn shrink(&self, usable: &[bool], out: &mut Shrunk) {
        let n = self.n;
        for m in [&mut out.covariance, &mut out.correlation] {
            m.clear();
            m.resize(n * n, 0.0);
        }
        out.sigma.clear();
        out.sigma.extend((0..n).map(|i| {
            let on = usable.get(i).copied().unwrap_or(false);
            if on { libm::sqrt(self.second.get(i * n + i).copied().unwrap_or(0.0)) } else { 0.0 }
        }));
        let p = out.sigma.iter().filter(|s| **s > 0.0).count();
        out.usable = p as u32;
        let sigma = &out.sigma;
        // Correlations of usable pairs and their mean.
        let mut sum = 0.0;
        for ((row, s), si) in out.correlation.chunks_exact_mut(n).zip(self.second.chunks_exact(n)).zip(sigma)
        {
            for ((r, s), sj) in row.iter_mut().zip(s).zip(sigma) {
                let scale = si * sj;
                if scale > 0.0 {
                    *r = s / scale;
                    sum += *r;
                }
            }
        }
        let pairs = (p * p - p) as f64;
        (out.intensity, out.mean) = (0.0, 0.0);
        if p >= 2 {
            out.mean = (sum - p as f64) / pairs;
            let seen = self.seen.iter().zip(usable).filter(|(_, u)| **u).map(|(k, _)| *k).min();
            let t = self.effective(seen.unwrap_or(0)).max(1.0);
            out.intensity = self.intensity(sigma, out.mean, t);
        }
        let (d, mean) = (out.intensity, out.mean);
        let rows = out.correlation.chunks_exact_mut(n).zip(out.covariance.chunks_exact_mut(n));
        for (i, ((r, c), si)) in rows.zip(sigma).enumerate() {
            for (j, ((r, c), sj)) in r.iter_mut().zip(c).zip(sigma).enumerate() {
                if i == j {
                    *r = if *si > 0.0 { 1.0 } else { 0.0 };
                } else if si * sj > 0.0 {
                    *r = d * mean + (1.0 - d) * *r;
                }
                *c = *r * si * sj;
            }
        }
    }

    /// `clamp((pi - rho) / gamma / t, 0, 1)` in the paper's letters.
    fn intensity(&self, sigma: &[f64], mean: f64, t: f64) -> f64 {
        let n = self.n;
        let (mut pi, mut rho, mut gamma) = (0.0, 0.0, 0.0);
        let rows =
            self.second.chunks_exact(n).zip(self.fourth.chunks_exact(n)).zip(self.cubed.chunks_exact(n));
        for (i, (((s, q), c), si)) in rows.zip(sigma).enumerate() {
            if *si <= 0.0 {
                continue;
            }
            let var = si * si;
            for (j, (((s, q), c), sj)) in s.iter().zip(q).zip(c).zip(sigma).enumerate() {
                if *sj <= 0.0 {
                    continue;
                }
                let p = q - s * s;
                pi += p;
                if i == j {
                    rho += p;
                } else {
                    // The term with i and j exchanged comes when the loop does.
                    rho += mean * (sj / si) * (c - var * s);
                    let miss = mean * si * sj - s;
                    gamma += miss * miss;
                }
            }
        }
        if gamma > 0.0 { ((pi - rho) / gamma / t).clamp(0.0, 1.0) } else { 1.0 }
    }
}

impl Pack for Moments {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        for k in &mut self.seen {
            count(k, visit);
        }
        for m in [&mut self.second, &mut self.fourth, &mut self.cubed] {
            series(m, visit);
        }
    }
}
