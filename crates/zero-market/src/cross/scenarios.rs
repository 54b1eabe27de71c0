//! Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper, 1999): the last standardised returns of all coins,
//! synchronised, to be scaled by the volatility of now.

use super::pack::{Pack, count, series};
use alloc::vec::Vec;

/// Scenarios kept: three weeks of hours.
pub const SCENARIOS: usize = 500;
/// Scenarios below which a 99 % tail has no member.
pub const SCENARIOS_MIN: usize = 100;

/// By coin, a ring of standardised returns; NaN where a coin had none.
#[derive(Clone, Debug)]
pub struct Scenarios {
    rings: Vec<Vec<f64>>,
    at: u32,
}

impl Scenarios {
    /// Of `n` coins, all absent.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { rings: alloc::vec![alloc::vec![f64::NAN; SCENARIOS]; n], at: 0 }
    }

    /// Takes a step's standardised returns.
    pub fn step(&mut self, zs: impl Iterator<Item = Option<f64>>) {
        let at = self.at as usize;
        for (ring, z) in self.rings.iter_mut().zip(zs) {
            if let Some(slot) = ring.get_mut(at) {
                *slot = z.unwrap_or(f64::NAN);
            }
        }
        self.at = if at + 1 == SCENARIOS { 0 } else { self.at + 1 };
    }

    /// One coin's; the same place is the same instant for every coin.
    #[must_use]
    pub fn of(&self, coin: usize) -> &[f64] {
        self.rings.get(coin).map_or(&[], Vec::as_slice)
    }

    /// Forgets a coin.
    pub fn forget(&mut self, coin: usize) {
        if let Some(ring) = self.rings.get_mut(coin) {
            ring.fill(f64::NAN);
        }
    }

    /// Writes a scenario as if it had happened: for a state without history.
    pub(crate) fn set(&mut self, coin: usize, at: usize, z: f64) {
        if let Some(slot) = self.rings.get_mut(coin).and_then(|r| r.get_mut(at)) {
            *slot = z;
        }
    }
}

impl Pack for Scenarios {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        count(&mut self.at, visit);
        for ring in &mut self.rings {
            series(ring, visit);
        }
    }
}

/// Adds to every scenario's loss what holding more of a coin may lose in it: `long` of it when the coin falls, `short` when
/// it rises, both as fractions times the volatility of now. A coin absent from a scenario makes its loss NaN.
pub fn add_losses(losses: &mut [f64], zs: &[f64], long: f64, short: f64) {
    for (loss, z) in losses.iter_mut().zip(zs) {
        *loss += loss_of(*z, long, short);
    }
}

#[inline]
fn loss_of(z: f64, long: f64, short: f64) -> f64 {
    if z < 0.0 { -long * z } else { short * z }
}

/// Mean of the worst hundredth of `losses` plus those of one more holding; NaN with fewer than [`SCENARIOS_MIN`] known.
#[must_use]
pub fn shortfall(losses: &[f64], zs: &[f64], long: f64, short: f64) -> f64 {
    const WORST: usize = SCENARIOS / 100;
    let mut worst = [f64::NEG_INFINITY; WORST];
    let mut least = f64::NEG_INFINITY;
    let mut known = 0usize;
    for (loss, z) in losses.iter().zip(zs) {
        let x = loss + loss_of(*z, long, short);
        known += usize::from(!x.is_nan());
        if x > least {
            // Insertion from the small end: it happens a few dozen times in a pass.
            let mut x = x;
            for w in &mut worst {
                if x > *w {
                    core::mem::swap(&mut x, w);
                }
            }
            least = worst.last().copied().unwrap_or(least);
        }
    }
    if known < SCENARIOS_MIN {
        return f64::NAN;
    }
    let m = known.div_ceil(100).min(WORST);
    worst.iter().take(m).sum::<f64>() / m as f64
}
