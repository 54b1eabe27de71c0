//! Evidence that may be looked at after every observation: a mixture of betting processes (Waudby-Smith and Ramdas, JRSS B 86, 2024; Shafer,
//! JRSS A 184, 2021) and the confidence sequence that comes from inverting it.
//!
//! Null: given the past, no observation has a positive mean. Observations are scaled by a bound that was fixed before each of them,
//! so that none is below -1. The wealth of a bet of the fraction l is the product of 1 + l x; the e-value is the mean of the wealths
//! over a fixed list of fractions. Under the null it reaches 1/a *at any time* with probability at most a.

use alloc::vec::Vec;

use crate::error::{StatsError, check, check_each, check_open_unit, check_work};
use crate::measured::Interval;

/// The fractions of the standing mixture.
pub const BET_FRACTIONS: [f64; 10] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9];

/// The most fractions of a mixture.
const MOST_FRACTIONS: usize = 64;
/// The most observations times fractions of a confidence sequence.
const MOST_WORK: u64 = 20_000_000;

/// A running mixture. The logarithms of the wealths are kept, so neither a long win nor a long loss leaves the range of a float.
#[derive(Clone, Debug, PartialEq)]
pub struct BettingMixture {
    fractions: Vec<f64>,
    log_wealth: Vec<f64>,
    n: u64,
    log_best: f64,
}

impl BettingMixture {
    /// No observation yet: the e-value is 1. One to 64 fractions, each strictly between 0 and 1.
    pub fn new(fractions: &[f64]) -> Result<Self, StatsError> {
        check(fractions, 1)?;
        check_work(fractions.len() as u64, MOST_FRACTIONS as u64)?;
        check_each(fractions, "a fraction strictly between 0 and 1", |l| l > 0.0 && l < 1.0)?;
        Ok(Self {
            fractions: fractions.to_vec(),
            log_wealth: alloc::vec![0.0; fractions.len()],
            n: 0,
            log_best: 0.0,
        })
    }

    /// Takes an observation in units of its bound, at least -1, and returns the e-value after it. A value below -1 breaches the
    /// bound that the guarantee rests on; it is refused and changes nothing.
    pub fn observe(&mut self, x: f64) -> Result<f64, StatsError> {
        if !(x.is_finite() && x >= -1.0) {
            let index = usize::try_from(self.n).unwrap_or(usize::MAX);
            return Err(StatsError::Outside { index, rule: "at least -1 in units of its bound" });
        }
        for (log_wealth, l) in self.log_wealth.iter_mut().zip(&self.fractions) {
            *log_wealth += libm::log1p(l * x);
        }
        self.n += 1;
        self.log_best = self.log_best.max(self.log_value());
        Ok(self.value())
    }

    /// The e-value now; infinite when it is beyond a float.
    #[must_use]
    pub fn value(&self) -> f64 {
        libm::exp(self.log_value())
    }

    /// Its natural logarithm.
    #[must_use]
    pub fn log_value(&self) -> f64 {
        log_mean_exp(&self.log_wealth)
    }

    /// The largest e-value so far, at least 1; 1 over it is a p-value that is valid at any time.
    #[must_use]
    pub fn best(&self) -> f64 {
        libm::exp(self.log_best)
    }

    /// The wealth of each fraction.
    #[must_use]
    pub fn wealths(&self) -> Vec<f64> {
        self.log_wealth.iter().map(|w| libm::exp(*w)).collect()
    }

    /// Observations taken.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.n
    }
}

/// An interval for the running mean that holds at all times at once: the means that neither bet, upwards from below or downwards from
/// above, has refuted at any time up to the last observation. Observations lie in `low..=high`, which must be true bounds known in
/// advance; each side spends half of `1 - level`. An end that nothing refutes is the bound itself.
pub fn confidence_sequence(
    xs: &[f64],
    low: f64,
    high: f64,
    level: f64,
    fractions: &[f64],
) -> Result<Interval, StatsError> {
    check(xs, 1)?;
    check_open_unit("level", level)?;
    BettingMixture::new(fractions)?;
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Err(StatsError::BadParameter { name: "bounds", rule: "finite, the lower below the upper" });
    }
    check_each(xs, "within its bounds", |x| (low..=high).contains(&x))?;
    check_work(xs.len() as u64 * fractions.len() as u64, MOST_WORK)?;
    let bar = -libm::log((1.0 - level) / 2.0);
    let lo = first_standing(low, high, |m| refuted(xs.iter().map(|x| (x - m) / (m - low)), fractions, bar));
    let hi = first_standing(high, low, |m| refuted(xs.iter().map(|x| (m - x) / (high - m)), fractions, bar));
    Ok(Interval { lo: lo.min(hi), hi: hi.max(lo), level })
}

/// Whether the mixture reaches the bar at any time.
fn refuted(scaled: impl Iterator<Item = f64>, fractions: &[f64], bar: f64) -> bool {
    let mut log_wealth: Vec<f64> = alloc::vec![0.0; fractions.len()];
    for x in scaled {
        for (w, l) in log_wealth.iter_mut().zip(fractions) {
            *w += libm::log1p(l * x.max(-1.0));
        }
        if log_mean_exp(&log_wealth) >= bar {
            return true;
        }
    }
    false
}

/// Where, going from `from` to `to`, means stop being refuted. Refutation is monotone: every wealth falls as the mean moves on.
fn first_standing(from: f64, to: f64, refuted: impl Fn(f64) -> bool) -> f64 {
    let (mut refuted_at, mut standing) = (from, to);
    for _ in 0..60 {
        let middle = refuted_at + (standing - refuted_at) / 2.0;
        if middle == refuted_at || middle == standing {
            break;
        }
        if refuted(middle) { refuted_at = middle } else { standing = middle }
    }
    // The end that is certainly refuted or the bound: the interval errs to the wide side.
    refuted_at
}

/// ln of the mean of exponentials, without overflow.
fn log_mean_exp(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    let total: f64 = logs.iter().map(|w| libm::exp(w - most)).sum();
    most + libm::log(total / logs.len() as f64)
}
