//! Data freshness: no new risk on old data.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::layer::{Judgement, Layer};
use zero_core::Observation;

/// The layer.
#[derive(Clone, Copy, Debug)]
pub struct FreshnessLayer;

impl FreshnessLayer {
    /// Has no inputs of its own to declare.
    #[must_use]
    pub const fn new(_plan: &mut FeaturePlan) -> Self {
        Self
    }
}

impl Layer for FreshnessLayer {
    fn name(&self) -> &'static str {
        "freshness"
    }

    fn gates(&self) -> &'static [&'static str] {
        &["data_fresh"]
    }

    /// Age of the last close in seconds against the limit.
    fn judge(&self, ctx: &CandidateCtx<'_>, push: &mut dyn FnMut(Judgement)) {
        let limit = ctx.limits.stale_after.as_ns() as f64 / 1e9;
        push(match ctx.view.close {
            Observation::At { time, .. } if time <= ctx.view.now => {
                Judgement::at_most(ctx.view.now.since(time).as_ns() as f64 / 1e9, limit)
            }
            _ => Judgement::unknown(limit),
        });
    }
}
