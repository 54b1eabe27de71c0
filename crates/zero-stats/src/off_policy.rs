//! What another policy would have earned, from records of this one: inverse propensity scoring, its self-normalised form, the direct method
//! and the doubly robust estimate of Dudik, Langford and Li (ICML 2011).

use crate::error::{StatsError, in_range};

/// A recorded occasion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occasion {
    /// Probability with which the recording policy took the action that the other policy takes, above 0.
    pub propensity: f64,
    /// The reward where it did take it; `None` where it did not, and the reward is unknown.
    pub reward: Option<f64>,
    /// A model's guess of the reward of that action.
    pub modelled: f64,
}

/// The estimates of the mean reward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OffPolicy {
    /// Inverse propensity: unbiased with true propensities, wild with small ones.
    pub ips: f64,
    /// Self-normalised: bounded by the rewards, slightly biased. `None` when no action was taken.
    pub snips: Option<f64>,
    /// The model's mean: as good as the model.
    pub direct: f64,
    /// Doubly robust: unbiased when either propensities or model are right.
    pub doubly_robust: f64,
    /// Occasions on which the action was taken.
    pub taken: u64,
    /// (sum of weights)^2 over sum of squared weights: how many evenly weighted occasions tell as much.
    pub effective_n: f64,
    /// Occasions whose weight was cut to the cap; when it is not 0 the estimates are biased towards what they left out.
    pub capped: u64,
}

/// Estimates with weights `1 / propensity`, none above `cap` (infinite for none).
pub fn off_policy(occasions: &[Occasion], cap: f64) -> Result<OffPolicy, StatsError> {
    if occasions.is_empty() {
        return Err(StatsError::TooFew { needed: 1, got: 0 });
    }
    // NaN fails too.
    let cap_fits = cap >= 1.0;
    if !cap_fits {
        return Err(StatsError::BadParameter { name: "cap", rule: "at least 1" });
    }
    let n = occasions.len() as f64;
    let (mut ips, mut weights, mut squares, mut direct, mut correction) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let (mut taken, mut capped) = (0, 0);
    for (index, o) in occasions.iter().enumerate() {
        if !(o.propensity > 0.0 && o.propensity <= 1.0) {
            return Err(StatsError::Outside { index, rule: "a propensity above 0 and at most 1" });
        }
        if !(o.modelled.is_finite() && o.reward.is_none_or(f64::is_finite)) {
            return Err(StatsError::NotFinite { index });
        }
        direct += o.modelled;
        let Some(reward) = o.reward else { continue };
        let weight = (1.0 / o.propensity).min(cap);
        taken += 1;
        capped += u64::from(1.0 / o.propensity > cap);
        ips += weight * reward;
        weights += weight;
        squares += weight * weight;
        correction += weight * (reward - o.modelled);
    }
    Ok(OffPolicy {
        ips: in_range(ips / n)?,
        snips: (taken > 0).then(|| ips / weights),
        direct: in_range(direct / n)?,
        doubly_robust: in_range((direct + correction) / n)?,
        taken,
        effective_n: if taken > 0 { weights * weights / squares } else { 0.0 },
        capped,
    })
}
