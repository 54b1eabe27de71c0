//! Drawdown control: size falls linearly to nothing as the drawdown reaches its limit (Grossman and Zhou, 1993).

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::modifier::{Modifier, Shrink};

/// The modifier.
#[derive(Clone, Copy, Debug)]
pub struct DrawdownModifier;

impl DrawdownModifier {
    /// Has no inputs of its own to declare.
    #[must_use]
    pub const fn new(_plan: &mut FeaturePlan) -> Self {
        Self
    }
}

impl Modifier for DrawdownModifier {
    fn name(&self) -> &'static str {
        "drawdown"
    }

    fn shrink(&self, ctx: &CandidateCtx<'_>) -> Shrink {
        let (equity, peak) = (ctx.before.equity.to_f64(), ctx.before.peak.to_f64());
        let limit = ctx.limits.max_drawdown.to_f64();
        if peak <= 0.0 || limit <= 0.0 {
            return Shrink::ALL;
        }
        Shrink::new(1.0 - ((peak - equity) / peak).max(0.0) / limit)
    }
}
