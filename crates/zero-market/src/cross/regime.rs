//! Regimes: posteriors over risk-relevant states, filtered online, with hysteresis, a minimum dwell, and Unknown.

use super::pack::{Pack, count};

/// Probability at which a state is entered.
pub const ENTER: f64 = 0.7;
/// Probability below which it is left.
pub const LEAVE: f64 = 0.4;
/// Updates that a state lasts at least.
pub const DWELL: u32 = 6;
/// Entropy, as a share of the largest possible, from which nothing is said.
pub const ENTROPY_MAX: f64 = 0.9;

/// Most states of a dimension.
pub const STATES: usize = 3;

/// A filtered posterior and the state that decisions may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    /// Probability by state; the last is the one that risk fears.
    pub p: [f64; STATES],
    /// The state, by index; `None` is Unknown.
    pub state: Option<u8>,
    /// Updates since it was entered.
    pub steps: u32,
    /// How often a known state was left.
    pub flips: u32,
    /// Updates after which a state was known: with the flips, how often it is left.
    pub known: u32,
}

impl Posterior {
    /// Nothing known.
    pub const UNKNOWN: Self =
        Self { p: [1.0 / STATES as f64; STATES], state: None, steps: 0, flips: 0, known: 0 };

    /// Shannon entropy over the largest possible, in [0, 1].
    #[must_use]
    pub fn entropy(&self) -> f64 {
        let h: f64 = self.p.iter().filter(|p| **p > 0.0).map(|p| -p * libm::log(*p)).sum();
        h / libm::log(STATES as f64)
    }

    /// Takes a new posterior. The state changes only by the rules of the module.
    pub fn update(&mut self, p: [f64; STATES]) {
        self.judge(p);
        self.known = self.known.saturating_add(u32::from(self.state.is_some()));
    }

    fn judge(&mut self, p: [f64; STATES]) {
        self.p = p;
        self.steps = self.steps.saturating_add(1);
        let (best, top) =
            p.iter().enumerate().fold((0, -1.0), |b, (i, x)| if *x > b.1 { (i, *x) } else { b });
        let vague = self.entropy() > ENTROPY_MAX;
        let now = match self.state {
            Some(s) => {
                let own = p.get(usize::from(s)).copied().unwrap_or(0.0);
                if self.steps < DWELL || (own >= LEAVE && !vague) {
                    return;
                }
                (top >= ENTER).then_some(best as u8)
            }
            None => (top >= ENTER).then_some(best as u8),
        };
        if now != self.state {
            self.flips = self.flips.saturating_add(u32::from(self.state.is_some()));
            (self.state, self.steps) = (now, 0);
        }
    }

    /// Updates until the state may be another: at least one, and as many as the dwell still asks for.
    #[must_use]
    pub fn updates_to_leave(&self) -> u32 {
        if self.state.is_some() { DWELL.saturating_sub(self.steps).max(1) } else { 1 }
    }

    /// An input is missing: nothing is known until it is back.
    pub const fn lose(&mut self) {
        *self = Self { flips: self.flips, known: self.known, ..Self::UNKNOWN };
    }
}

impl Pack for Posterior {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.p.iter_mut().for_each(&mut *visit);
        let mut code = self.state.map_or(0, |s| u32::from(s) + 1);
        count(&mut code, visit);
        self.state = code.checked_sub(1).map(|s| s as u8);
        count(&mut self.steps, visit);
        count(&mut self.flips, visit);
        count(&mut self.known, visit);
    }
}

/// States of the volatility of the market's common return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// Half of the usual.
    Calm,
    /// The usual.
    Normal,
    /// Several times the usual.
    Turbulent,
}

/// Scale of the common return in each state, over its long-run volatility.
pub const SCALES: [f64; STATES] = [0.5, 1.0, 2.5];
/// Probability of a step from a state (row) to another: expected dwells of 120, 100 and 36 steps, neighbours only.
pub const TRANSITIONS: [[f64; STATES]; STATES] =
    [[1.0 - 1.0 / 120.0, 1.0 / 120.0, 0.0], [0.006, 0.99, 0.004], [0.0, 1.0 / 36.0, 1.0 - 1.0 / 36.0]];
/// Probabilities a step later, by [`TRANSITIONS`].
pub(crate) fn predicted(p: &[f64; STATES]) -> [f64; STATES] {
    let mut out = [0.0; STATES];
    for (from, row) in p.iter().zip(&TRANSITIONS) {
        for (to, t) in out.iter_mut().zip(row) {
            *to += from * t;
        }
    }
    out
}

/// Steps before the filter is believed: one week.
const FILTER_WARM_UP: u32 = 168;
/// Half-life of the long-run variance, in steps: 30 days.
const LONG_HALF_LIFE: f64 = 720.0;

/// A Hamilton (1989) filter on the scale of the common return, with Student-t emissions of four degrees of freedom
/// (Hamilton and Susmel, 1994). Its parameters are fixed and stated, not fitted: nothing in it has seen the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleFilter {
    seen: u32,
    variance: f64,
    p: [f64; STATES],
    alpha: f64,
}

impl Default for ScaleFilter {
    fn default() -> Self {
        Self { seen: 0, variance: 0.0, p: [0.25, 0.65, 0.1], alpha: 1.0 - libm::exp2(-1.0 / LONG_HALF_LIFE) }
    }
}

impl ScaleFilter {
    /// Takes the common return of a step; the filtered probabilities, once there are any. They use nothing later than `r`.
    pub fn step(&mut self, r: f64) -> Option<[f64; STATES]> {
        if self.seen >= FILTER_WARM_UP / 2 && self.variance > 0.0 {
            let z2 = r * r / self.variance;
            let mut p = predicted(&self.p);
            let mut sum = 0.0;
            for (p, s) in p.iter_mut().zip(&SCALES) {
                // Density of a t with four degrees of freedom and variance s^2, up to a constant.
                let a = 1.0 + z2 / (2.0 * s * s);
                *p *= 1.0 / (s * a * a * libm::sqrt(a));
                sum += *p;
            }
            if sum > 0.0 && sum.is_finite() {
                self.p = p.map(|x| x / sum);
            }
        }
        self.seen = self.seen.saturating_add(1);
        // What is extreme enough to be another state may not move the yardstick by more than a state does.
        let capped = if self.seen > FILTER_WARM_UP { (r * r).min(25.0 * self.variance) } else { r * r };
        let a = self.alpha.max(1.0 / f64::from(self.seen));
        self.variance += a * (capped - self.variance);
        (self.seen >= FILTER_WARM_UP && self.variance > 0.0).then_some(self.p)
    }

    /// Long-run volatility of the common return per step.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        libm::sqrt(self.variance)
    }
}

impl Pack for ScaleFilter {
    fn pack(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        count(&mut self.seen, visit);
        visit(&mut self.variance);
        self.p.iter_mut().for_each(visit);
    }
}

/// States of the correlation between coins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correlation {
    /// Several bets.
    Diverse,
    /// A common factor beside own movements.
    Common,
    /// One bet.
    OneBet,
}

/// Shares of the first component between the states.
pub const SHARES: [f64; 2] = [0.5, 0.9];
/// Fourth moments of hourly returns make the share vary more than a Gaussian's would: its variance times this.
const KURTOSIS: f64 = 3.0;

/// Posterior of the correlation state. Error model: the logit of the share is normal around the truth with variance
/// `3 * 2/n * p/(p-1)`, which for Gaussian returns (without the 3) follows from the limit law of eigenvalues (Anderson, 1963).
#[must_use]
pub fn correlation(share: f64, coins: u32, effective: f64) -> Option<[f64; STATES]> {
    match coins {
        0 => None,
        // One coin is one bet.
        1 => Some([0.0, 0.0, 1.0]),
        _ if share > 0.0 && effective > 0.0 => {
            let p = f64::from(coins);
            let sd = libm::sqrt(KURTOSIS * 2.0 / effective * p / (p - 1.0));
            let at = logit(share.min(1.0 - 1e-12));
            let below =
                |limit: f64| 0.5 * libm::erfc((at - logit(limit)) / sd * core::f64::consts::FRAC_1_SQRT_2);
            let [low, high] = SHARES.map(below);
            Some([low, high - low, 1.0 - high])
        }
        _ => None,
    }
}

fn logit(p: f64) -> f64 {
    libm::log(p / (1.0 - p))
}

/// Serial dependence of a coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependent {
    /// Returns tend to be followed by their opposite.
    Reverting,
    /// None that can be shown: the usual.
    Nothing,
    /// Returns tend to be followed by their like.
    Trending,
}

/// Prior of either dependence.
const PRIOR: f64 = 0.05;
/// Scale of z under dependence: half-normal.
const SLAB: f64 = 3.0;

/// Posterior of [`Dependent`] given robust z at several horizons, each equally likely to be the one at which dependence
/// shows: `z ~ N(0,1)` without it, and `N(0, 1 + 3^2)` on its own side with it.
#[must_use]
pub fn dependence(zs: &[f64]) -> [f64; STATES] {
    let spread = 1.0 + SLAB * SLAB;
    let (mut up, mut down) = (0.0, 0.0);
    for z in zs {
        // Ratio of the densities; the half-normal has twice the density on its side.
        let k = 2.0 / libm::sqrt(spread) * libm::exp(0.5 * z * z * (1.0 - 1.0 / spread));
        if *z > 0.0 {
            up += k;
        } else {
            down += k;
        }
    }
    let n = (zs.len() as f64).max(1.0);
    let (up, down) = (PRIOR * up / n, PRIOR * down / n);
    let none = 1.0 - 2.0 * PRIOR;
    let sum = up + down + none;
    if sum.is_finite() {
        [down / sum, none / sum, up / sum]
    } else {
        [f64::from(u8::from(down > up)), 0.0, f64::from(u8::from(up >= down))]
    }
}
