//! Many e-values: e-BH for a batch (Wang and Ramdas, JRSS B 84, 2022) and e-LOND for a stream (Xu and Ramdas, 2024). Both hold the false
//! discovery rate under any dependence: proposals that share a market are never independent.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{StatsError, check_each, check_open_unit, check_work};

/// The outcome for a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchDiscoveries {
    /// Which are discoveries, in the order of the input.
    pub discovered: Vec<bool>,
    /// The value that a discovery had to reach; `None` when there is none.
    pub threshold: Option<f64>,
}

/// e-BH: the largest k such that k of the n e-values reach n / (k level).
pub fn e_bh(e: &[f64], level: f64) -> Result<BatchDiscoveries, StatsError> {
    check_e_values(e)?;
    check_open_unit("level", level)?;
    let mut sorted = e.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let bar = |k: usize| e.len() as f64 / (k as f64 * level);
    let threshold = (1..=e.len()).rev().find(|&k| sorted[k - 1] >= bar(k)).map(bar);
    Ok(BatchDiscoveries {
        discovered: e.iter().map(|&x| threshold.is_some_and(|t| x >= t)).collect(),
        threshold,
    })
}

/// One proposal of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamDecision {
    /// What its e-value had to reach: 1 over the level leased to it.
    pub threshold: f64,
    /// Whether it did.
    pub discovered: bool,
}

/// How the level is spread over a stream. Proposal t = 1, 2, ... gets the share 6 / (pi^2 t^2); the shares sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// e-LOND: the share times (discoveries so far + 1). Controls the false discovery rate.
    FalseDiscoveryRate,
    /// The share alone. Controls the probability of any false discovery.
    AnyFalseDiscovery,
}

/// Decides over a stream of e-values in their order of arrival, at most a million.
pub fn e_lond(e: &[f64], level: f64, spending: Spending) -> Result<Vec<StreamDecision>, StatsError> {
    check_e_values(e)?;
    let mut stream = EStream::new(level, spending)?;
    let mut out = vec![StreamDecision { threshold: 0.0, discovered: false }; e.len()];
    for (to, &x) in out.iter_mut().zip(e) {
        *to = stream.next(x)?;
    }
    Ok(out)
}

/// The running state over a stream, to lease a level before the evidence is in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EStream {
    level: f64,
    spending: Spending,
    seen: u64,
    discoveries: u64,
}

impl EStream {
    /// Nothing seen yet. `level` strictly between 0 and 1.
    pub fn new(level: f64, spending: Spending) -> Result<Self, StatsError> {
        check_open_unit("level", level)?;
        Ok(Self { level, spending, seen: 0, discoveries: 0 })
    }

    /// What the next proposal must reach.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        let t = (self.seen + 1) as f64;
        let share = 6.0 / (core::f64::consts::PI * core::f64::consts::PI * t * t);
        let bonus = match self.spending {
            Spending::FalseDiscoveryRate => (self.discoveries + 1) as f64,
            Spending::AnyFalseDiscovery => 1.0,
        };
        1.0 / (self.level * share * bonus)
    }

    /// Decides the next proposal. An infinite e-value is a proof; NaN and negative values are errors.
    pub fn next(&mut self, e: f64) -> Result<StreamDecision, StatsError> {
        check_e_values(&[e])?;
        let threshold = self.threshold();
        let discovered = e >= threshold;
        self.seen += 1;
        self.discoveries += u64::from(discovered);
        Ok(StreamDecision { threshold, discovered })
    }
}

fn check_e_values(e: &[f64]) -> Result<(), StatsError> {
    if e.is_empty() {
        return Err(StatsError::TooFew { needed: 1, got: 0 });
    }
    check_work(e.len() as u64, 1_000_000)?;
    check_each(e, "an e-value of at least 0", |x| x >= 0.0)
}
