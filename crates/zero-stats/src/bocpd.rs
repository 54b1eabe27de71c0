//! Bayesian online change-point detection: Adams and MacKay (2007), for normal observations with a known variance and an unknown mean that
//! is drawn anew at each change. Only filtered probabilities are given: they use nothing after their observation.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{StatsError, check_open_unit, check_positive, check_work};

/// What is assumed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePointModel {
    /// Probability of a change before each observation, strictly between 0 and 1; 1 over the mean run.
    pub hazard: f64,
    /// Mean of the prior of a run's mean.
    pub prior_mean: f64,
    /// Its variance.
    pub prior_variance: f64,
    /// Variance of the observations about a run's mean.
    pub noise_variance: f64,
    /// Longest run that is told apart; longer ones count as this long. 1 to 100,000: one step costs as much.
    pub longest_run: usize,
}

/// The posterior over the length of the current run.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangePoints {
    model: ChangePointModel,
    n: usize,
    /// By run length: probability, and mean and variance of the run's mean.
    runs: Vec<RunState>,
    log_evidence: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct RunState {
    log_p: f64,
    mean: f64,
    variance: f64,
}

impl ChangePoints {
    /// Before the first observation: the run length is 0.
    pub fn new(model: ChangePointModel) -> Result<Self, StatsError> {
        check_open_unit("hazard", model.hazard)?;
        check_positive("prior_variance", model.prior_variance)?;
        check_positive("noise_variance", model.noise_variance)?;
        if !model.prior_mean.is_finite() {
            return Err(StatsError::BadParameter { name: "prior_mean", rule: "a finite number" });
        }
        check_work(model.longest_run as u64, 100_000)?;
        if model.longest_run == 0 {
            return Err(StatsError::BadParameter { name: "longest_run", rule: "at least 1" });
        }
        Ok(Self { model, n: 0, runs: vec![fresh(&model, 0.0)], log_evidence: 0.0 })
    }

    /// Takes an observation. A value that is not finite is refused and changes nothing.
    pub fn observe(&mut self, x: f64) -> Result<(), StatsError> {
        if !x.is_finite() {
            return Err(StatsError::NotFinite { index: self.n });
        }
        let (log_hazard, log_stay) = (libm::log(self.model.hazard), libm::log1p(-self.model.hazard));
        let noise = self.model.noise_variance;
        // Each run that goes on has its mean moved by the observation; `joint` is the run's probability with the observation.
        let mut moved = Vec::with_capacity(self.runs.len() + 1);
        for run in &self.runs {
            let predictive = run.variance + noise;
            let off = x - run.mean;
            let density = -0.5 * (libm::log(core::f64::consts::TAU * predictive) + off * off / predictive);
            let gain = run.variance / predictive;
            moved.push(RunState {
                log_p: run.log_p + density,
                mean: run.mean + gain * off,
                variance: run.variance * noise / predictive,
            });
        }
        let evidence = log_sum_exp(moved.iter().map(|r| r.log_p));
        if !evidence.is_finite() {
            return Err(StatsError::OutOfRange);
        }
        for run in &mut moved {
            run.log_p += log_stay - evidence;
        }
        moved.insert(0, fresh(&self.model, log_hazard));
        self.merge_longest(&mut moved);
        self.runs = moved;
        self.log_evidence += evidence;
        self.n += 1;
        Ok(())
    }

    /// Runs beyond the longest that is told apart join it: probabilities add, the likelier one's parameters stay.
    fn merge_longest(&self, runs: &mut Vec<RunState>) {
        while runs.len() > self.model.longest_run + 1 {
            if let (Some(longer), Some(kept)) = (runs.pop(), runs.last_mut()) {
                let log_p = log_sum_exp([longer.log_p, kept.log_p].into_iter());
                if longer.log_p > kept.log_p {
                    (kept.mean, kept.variance) = (longer.mean, longer.variance);
                }
                kept.log_p = log_p;
            }
        }
    }

    /// Probability of each run length 0, 1, ...; they sum to 1. Run length r means that the last r observations belong to the current run.
    #[must_use]
    pub fn run_lengths(&self) -> Vec<f64> {
        self.runs.iter().map(|r| libm::exp(r.log_p)).collect()
    }

    /// Probability that the current run is at most `length` observations old.
    #[must_use]
    pub fn changed_within(&self, length: usize) -> f64 {
        self.runs.iter().take(length.saturating_add(1)).map(|r| libm::exp(r.log_p)).sum::<f64>().min(1.0)
    }

    /// The likeliest run length.
    #[must_use]
    pub fn likeliest_run(&self) -> usize {
        let mut best = 0;
        for (i, run) in self.runs.iter().enumerate() {
            if run.log_p > self.runs[best].log_p {
                best = i;
            }
        }
        best
    }

    /// Natural logarithm of the probability density of all observations.
    #[must_use]
    pub const fn log_evidence(&self) -> f64 {
        self.log_evidence
    }
}

fn fresh(model: &ChangePointModel, log_p: f64) -> RunState {
    RunState { log_p, mean: model.prior_mean, variance: model.prior_variance }
}

fn log_sum_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY { most } else { most + libm::log(logs.map(|l| libm::exp(l - most)).sum()) }
}
