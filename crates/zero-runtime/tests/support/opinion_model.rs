//! An opinion model for tests that are not about fitting one: used by the tests of every crate that puts one in force.

use zero_core::{Digest32, Ts};
use zero_strategy::opinion_model::{LensWeight, Magnitude, ModelEvidence, OPINION_MODEL_VERSION, Score};
use zero_strategy::{FeaturePlan, OpinionModel, registry};

/// A model of the shipped lenses as if it had been learnt: it believes the trend and little else.
pub(crate) fn model() -> OpinionModel {
    let lenses = registry::lenses(&mut FeaturePlan::new());
    let k = lenses.len();
    let diagonal = |n: usize, v: f64| (0..n * n).map(|i| if i % (n + 1) == 0 { v } else { 0.0 }).collect();
    let score = Score {
        n: 500,
        base_rate: 0.5,
        brier: 0.24,
        uncertainty: 0.25,
        log_score: Some(0.68),
        bins: Vec::new(),
    };
    OpinionModel {
        version: OPINION_MODEL_VERSION,
        lenses: lenses
            .iter()
            .enumerate()
            .map(|(i, l)| LensWeight {
                name: l.name().into(),
                version: l.version(),
                scale: if l.name() == "memory" { 0.0 } else { 0.05 },
                weight: if i == 0 { 0.3 } else { 0.02 },
            })
            .collect(),
        intercept: 0.2,
        covariance: diagonal(k + 1, 0.001),
        moments: diagonal(k, 1.0),
        map: None,
        clip: 3.0,
        z: zero_strategy::modifiers::Z80,
        prior_rows: 200.0,
        win: Magnitude { mean: 1.6, stderr: 0.1, n: 250, clusters: 60 },
        loss: Magnitude { mean: 0.8, stderr: 0.05, n: 250, clusters: 60 },
        cost_share: 0.05,
        evidence: ModelEvidence {
            rows: 500,
            wins: 250,
            from: Ts::ZERO,
            to: Ts::ZERO,
            origin: Digest32::ZERO,
            folds: 6,
            ridge: 1.0,
            effective_lenses: 4.0,
            whole: score.clone(),
            calibrated: score,
            gain: 0.01,
            gain_p: 0.01,
            alpha: 0.05,
            lenses: vec![None; k],
        },
    }
}
