//! Volatility target: a position's notional times its annualised volatility stays within a share of equity.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::modifier::{Modifier, Shrink};

const DAYS_PER_YEAR: f64 = 365.0;

/// The modifier.
#[derive(Clone, Copy, Debug)]
pub struct VolTargetModifier;

impl VolTargetModifier {
    /// Has no inputs of its own to declare.
    #[must_use]
    pub const fn new(_plan: &mut FeaturePlan) -> Self {
        Self
    }
}

impl Modifier for VolTargetModifier {
    fn name(&self) -> &'static str {
        "vol_target"
    }

    fn shrink(&self, ctx: &CandidateCtx<'_>) -> Shrink {
        let limit = ctx.limits.vol_target_annual.to_f64();
        let notional = ctx.notional.to_f64();
        let Some(sigma) = ctx.sigma else {
            return Shrink::ALL;
        };
        let annual = sigma * libm::sqrt(ctx.view.bars_per_day() * DAYS_PER_YEAR);
        if notional <= 0.0 || annual <= 0.0 {
            return Shrink::NONE;
        }
        Shrink::new(limit * ctx.before.equity.to_f64() / (notional * annual))
    }
}
