//! The hourly premium: a skewed autoregressive level plus rare shocks; the rate follows by the venue's formula.

use super::spec::CoinSpec;
use crate::row::FundingRow;
use zero_core::fixed::div_half_even;
use zero_core::prng::Prng;
use zero_core::{Rate, Ts};
use zero_market::funding::hourly_rate;

/// Hourly autocorrelation of the level.
const PERSISTENCE: f64 = 0.965;
/// `sqrt(1 - PERSISTENCE^2)`: unit variance of the level.
const INNOVATION: f64 = 0.262_249_880_838_865_5;
/// Skew of the level: the upper tail of recorded premiums is about three times as long as the lower one.
const SKEW: f64 = 0.65;
/// Chance of a shock in an hour, and what of it is left an hour later.
const SHOCK_CHANCE: f64 = 6e-4;
const SHOCK_DECAY: f64 = 0.5;
/// The venue publishes ten decimals.
const PUBLISHED_STEP: i128 = 100;

/// An autoregressive level of unit variance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Level(f64);

impl Level {
    pub(crate) fn step(&mut self, draws: &mut Prng) -> f64 {
        self.0 = PERSISTENCE * self.0 + INNOVATION * draws.normal();
        self.0
    }
}

/// One coin's premium.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Premium {
    level: Level,
    shock: f64,
    last: f64,
}

impl Premium {
    pub(crate) fn crash(&mut self, c: &CoinSpec) {
        self.shock += c.crash_premium;
    }

    /// Distance of the last premium from its median in units of its scale.
    pub(crate) fn signal(&self, c: &CoinSpec) -> f64 {
        if c.premium_scale > 0.0 { (self.last - c.premium) / c.premium_scale } else { 0.0 }
    }

    pub(crate) fn step(&mut self, time: Ts, c: &CoinSpec, common: f64, draws: &mut Prng) -> FundingRow {
        // Half of the level's variance is common to all coins.
        let level = std::f64::consts::FRAC_1_SQRT_2 * (common + self.level.step(draws));
        let skewed = (libm::exp(SKEW * level.clamp(-6.0, 6.0)) - 1.0) / SKEW;
        if draws.uniform() < SHOCK_CHANCE {
            let size = 2.5e-3 * libm::exp(0.7 * draws.normal().clamp(-3.0, 3.0));
            self.shock += if draws.uniform() < 0.8 { -size } else { size };
        }
        self.last = c.premium + c.premium_scale * skewed + self.shock;
        self.shock *= SHOCK_DECAY;
        let premium = published(Rate::from_f64_nearest(self.last).unwrap_or(Rate::ZERO));
        FundingRow { time, rate: published(hourly_rate(premium)), premium }
    }
}

fn published(r: Rate) -> Rate {
    Rate::from_raw((div_half_even(i128::from(r.raw()), PUBLISHED_STEP) * PUBLISHED_STEP) as i64)
}
