//! Correlation: the more of the volatility budget is in use, and the more the candidate moves with what uses it, the smaller.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::modifier::{Modifier, Shrink};

/// Factor at a correlation of one with a budget that is used up.
const LEAST: f64 = 0.5;

/// The modifier.
#[derive(Clone, Copy, Debug)]
pub struct CorrelationModifier(());

impl CorrelationModifier {
    /// Declares its input: the cross-section.
    #[must_use]
    pub const fn new(plan: &mut FeaturePlan) -> Self {
        plan.need_cross();
        Self(())
    }
}

impl Modifier for CorrelationModifier {
    fn name(&self) -> &'static str {
        "correlation"
    }

    /// `1 - (1 - 1/2) * max(rho, 0) * min(used, 1)`. A hedge is not rewarded.
    fn shrink(&self, ctx: &CandidateCtx<'_>) -> Shrink {
        let (rho, used) = (ctx.risk.correlation, ctx.risk.used);
        if rho.is_nan() || used.is_nan() {
            return Shrink::ALL;
        }
        Shrink::new(1.0 - (1.0 - LEAST) * rho.clamp(0.0, 1.0) * used.clamp(0.0, 1.0))
    }
}
