//! From a latent path to a bar on the venue's grid.

use super::spec::CoinSpec;
use crate::row::BarRow;
use zero_core::prng::Prng;
use zero_core::{Px, Sz, Ts};
use zero_market::Instrument;

/// Latent log prices of a bar, relative to the coin's start price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
}

impl Path {
    /// A Brownian bridge from open to close: maximum and minimum are drawn from their exact distributions given the end
    /// points (inverse of `P(max > m) = exp(-2 m (m - r) / v)`), so range estimators agree with close-to-close ones.
    pub(crate) fn bridge(open: f64, ret: f64, variance: f64, draws: &mut Prng) -> Self {
        let mut reach = || {
            let u = 1.0 - draws.uniform();
            libm::sqrt(ret * ret - 2.0 * variance * libm::log(u))
        };
        let (up, down) = (reach(), reach());
        Self { open, high: open + 0.5 * (ret + up), low: open + 0.5 * (ret - down), close: open + ret }
    }

    /// The crash bar: straight down to the stated low, then back to the stated close.
    pub(crate) fn crash(open: f64, last_close: f64, c: &CoinSpec) -> Self {
        let close = last_close + libm::log(1.0 + c.crash_close);
        let low = last_close + libm::log(1.0 + c.crash_low);
        Self { open, high: open.max(close) + 0.002, low: low.min(open).min(close), close }
    }

    /// On the venue's grid: each price to the nearest tick, volume to a lot.
    pub(crate) fn on_grid(&self, open_time: Ts, c: &CoinSpec, volume: f64) -> BarRow {
        let px = |x: f64| nearest(&c.instrument, c.start.to_f64() * libm::exp(x.clamp(-6.0, 6.0)));
        let (open, close) = (px(self.open), px(self.close));
        let sz = Sz::from_f64_nearest(volume).unwrap_or(Sz::ZERO);
        BarRow {
            open_time,
            open,
            // Rounding is monotone, so these only guard the crash bar's stated shape.
            high: px(self.high).max(open).max(close),
            low: px(self.low).min(open).min(close),
            close,
            volume: c.instrument.quantise_down(sz).max(c.instrument.lot()),
        }
    }
}

fn nearest(ins: &Instrument, price: f64) -> Px {
    let raw = Px::from_f64_nearest(price).map_or(1, Px::raw).max(1);
    let tick = ins.tick(Px::from_raw(raw)).raw();
    Px::from_raw(((raw + tick / 2) / tick * tick).max(tick))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_generated_price_is_on_the_grid(price in 1e-6f64..1e7, d in 0u8..=5) {
            let ins = Instrument::new("X", d, 10);
            prop_assert!(ins.is_valid_px(nearest(&ins, price)), "{}", nearest(&ins, price));
        }

        #[test]
        fn a_bridge_encloses_its_ends(ret in -0.1f64..0.1, sd in 1e-6f64..0.1, seed: u64) {
            let p = Path::bridge(0.3, ret, sd * sd, &mut Prng::new(seed, 0));
            prop_assert!(p.low <= p.open.min(p.close) + 1e-15 && p.high >= p.open.max(p.close) - 1e-15);
        }
    }
}
