//! One coin's part of the cross-section.

use super::dependence::Dependence;
use super::pack::{Pack, count, instant, maybe, series};
use super::regime::Posterior;
use alloc::vec::Vec;
use zero_core::{Ts, TsDiff};

/// Half-life of the volatility, in steps.
const VOL_HALF_LIFE: f64 = 48.0;
/// Returns before there is a volatility.
const VOL_WARM_UP: u32 = 48;
/// Longest look back, in steps: a week of hours.
pub const LOOK_BACK: usize = 168;
/// Every how many steps the volatility is kept for its percentile.
const SAMPLE_EVERY: u32 = 4;
/// Samples kept: 90 days of hours.
const SAMPLES: usize = 540;
/// Samples before there is a percentile: two weeks.
const SAMPLES_MIN: usize = 84;
/// Steps without a return after which a coin is new again.
const MISSED_MAX: u32 = 24;

/// What is known of one coin beside the others.
#[derive(Clone, Debug)]
pub struct Track {
    /// The two latest closes on the grid: time and logarithm.
    last: (Ts, f64),
    before: (Ts, f64),
    /// Logarithms of closes, a ring of one more than [`LOOK_BACK`]; NaN where there was none.
    closes: Vec<f64>,
    /// This step's return.
    pub(crate) ret: Option<f64>,
    /// Its multiple of the volatility before it.
    pub(crate) z: Option<f64>,
    missed: u32,
    seen: u32,
    variance: f64,
    samples: Vec<f64>,
    sampled: u32,
    percentile: Option<f64>,
    pub(crate) dependence: Dependence,
    pub(crate) serial: Posterior,
}

/// What a step did to a coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Live,
    Absent,
    /// Absent for so long that nothing of it is kept.
    New,
}

impl Track {
    pub(crate) fn new() -> Self {
        Self {
            last: (Ts::ZERO, f64::NAN),
            before: (Ts::ZERO, f64::NAN),
            closes: alloc::vec![f64::NAN; LOOK_BACK + 1],
            ret: None,
            z: None,
            missed: 0,
            seen: 0,
            variance: 0.0,
            samples: alloc::vec![f64::NAN; SAMPLES],
            sampled: 0,
            percentile: None,
            dependence: Dependence::default(),
            serial: Posterior::UNKNOWN,
        }
    }

    /// A close on the grid.
    pub(crate) fn close(&mut self, time: Ts, close: f64) {
        if time > self.last.0 {
            self.before = core::mem::replace(&mut self.last, (time, libm::log(close)));
        }
    }

    /// No return may reach across what is missing.
    pub(crate) const fn gap(&mut self) {
        self.last = (Ts::ZERO, f64::NAN);
        self.before = self.last;
    }

    /// Time of the latest close.
    pub(crate) const fn time(&self) -> Ts {
        self.last.0
    }

    /// The step at `time`, the `slot`-th of the ring.
    pub(crate) fn step(&mut self, time: Ts, step: TsDiff, slot: usize, sampling: u32) -> Step {
        let here = self.last.0 == time;
        let joined = here && self.before.0 == time.minus(step);
        let previous = if slot == 0 { LOOK_BACK } else { slot - 1 };
        if joined && let Some(p) = self.closes.get_mut(previous) {
            // A bar that came after its own step is known from now on.
            *p = self.before.1;
        }
        if let Some(c) = self.closes.get_mut(slot) {
            *c = if here { self.last.1 } else { f64::NAN };
        }
        let ret = self.last.1 - self.before.1;
        self.ret = (joined && ret.is_finite()).then_some(ret);
        self.z = None;
        let Some(r) = self.ret else {
            self.missed = self.missed.saturating_add(1);
            if self.missed == MISSED_MAX {
                let (last, before) = (self.last, self.before);
                *self = Self { last, before, missed: self.missed, ..Self::new() };
                return Step::New;
            }
            self.dependence.step(None);
            return Step::Absent;
        };
        self.missed = 0;
        if let Some(sigma) = self.sigma()
            && sigma > 0.0
        {
            self.z = Some(r / sigma);
        }
        self.seen = self.seen.saturating_add(1);
        let a = (1.0 - libm::exp2(-1.0 / VOL_HALF_LIFE)).max(1.0 / f64::from(self.seen));
        self.variance += a * (r * r - self.variance);
        self.dependence.step(Some(r));
        if sampling.is_multiple_of(SAMPLE_EVERY) {
            self.sample();
        }
        Step::Live
    }

    fn sample(&mut self) {
        let Some(sigma) = self.sigma() else { return };
        let kept = (self.sampled as usize).min(SAMPLES);
        let below = self.samples.iter().take(kept).filter(|s| **s < sigma).count();
        self.percentile = (kept >= SAMPLES_MIN).then(|| below as f64 / kept as f64);
        if let Some(slot) = self.samples.get_mut(self.sampled as usize % SAMPLES) {
            *slot = sigma;
        }
        self.sampled = self.sampled.saturating_add(1);
    }

    /// EWMA volatility per step.
    #[must_use]
    pub fn sigma(&self) -> Option<f64> {
        (self.seen >= VOL_WARM_UP).then(|| libm::sqrt(self.variance))
    }

    /// Share of the last 90 days' volatilities below the present one.
    #[must_use]
    pub const fn percentile(&self) -> Option<f64> {
        self.percentile
    }

    /// Variance ratio over `q` steps and its robust z.
    #[must_use]
    pub fn variance_ratio(&self, q: usize) -> Option<(f64, f64)> {
        self.dependence.ratio(q)
    }

    /// Posterior of the coin's serial dependence.
    #[must_use]
    pub const fn serial(&self) -> &Posterior {
        &self.serial
    }

    /// Was there a return at the latest step?
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.ret.is_some()
    }

    /// Log return over the last `k` steps up to the `slot`-th of the ring.
    pub(crate) fn change(&self, slot: usize, k: usize) -> Option<f64> {
        if k > LOOK_BACK {
            return None;
        }
        let then = (slot + LOOK_BACK + 1 - k) % (LOOK_BACK + 1);
        let d = self.closes.get(slot)? - self.closes.get(then)?;
        d.is_finite().then_some(d)
    }

    /// [`Track::change`] in units of the volatility over `k` steps.
    pub(crate) fn momentum(&self, slot: usize, k: usize) -> Option<f64> {
        let sigma = self.sigma().filter(|s| *s > 0.0)?;
        Some(self.change(slot, k)? / (sigma * libm::sqrt(k as f64)))
    }

    /// A past as if it had been: for a state without history.
    pub(crate) fn assume(&mut self, time: Ts, sigma: f64) {
        self.seen = VOL_WARM_UP;
        self.variance = sigma * sigma;
        self.last = (time, 0.0);
        self.ret = Some(0.0);
        self.percentile = Some(0.5);
        self.closes.fill(0.0);
    }
}

impl Pack for Track {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        for (t, x) in [&mut self.last, &mut self.before] {
            instant(t, visit);
            series(core::slice::from_mut(x), visit);
        }
        series(&mut self.closes, visit);
        maybe(&mut self.ret, visit);
        maybe(&mut self.z, visit);
        for n in [&mut self.missed, &mut self.seen, &mut self.sampled] {
            count(n, visit);
        }
        visit(&mut self.variance);
        series(&mut self.samples, visit);
        maybe(&mut self.percentile, visit);
        self.dependence.pack(visit);
        self.serial.pack(visit);
    }
}
