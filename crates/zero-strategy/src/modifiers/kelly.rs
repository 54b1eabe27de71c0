//! Fractional Kelly on a lower bound: `f = kappa * mu / sigma^2` with `mu` the lower 80 % bound of what was measured.
//!
//! Kelly on claimed numbers is dangerous, so only an opinion measured on recorded outcomes counts. While there is none the
//! modifier does not apply and says 1: what bounds the size then is the risk unit and the other modifiers.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::modifier::{Modifier, Shrink};

/// Share of full Kelly.
const KAPPA: f64 = 0.25;
/// Standard normal quantile of 80 %.
pub const Z80: f64 = 0.841_621_233_572_914_3;

/// The modifier.
#[derive(Clone, Copy, Debug)]
pub struct KellyModifier;

impl KellyModifier {
    /// Has no inputs of its own to declare.
    #[must_use]
    pub const fn new(_plan: &mut FeaturePlan) -> Self {
        Self
    }
}

impl Modifier for KellyModifier {
    fn name(&self) -> &'static str {
        "kelly"
    }

    fn shrink(&self, ctx: &CandidateCtx<'_>) -> Shrink {
        let Some(o) = ctx.evidence else { return Shrink::NONE };
        let Some(sigma) = ctx.sigma.filter(|s| *s > 0.0) else { return Shrink::ALL };
        let bars = ctx.entry.horizon.as_ns() as f64 / ctx.view.interval.as_ns() as f64;
        let over = sigma * libm::sqrt(bars);
        // Mean and error are in units of the horizon's volatility: mu / sigma^2 = (mu / sigma) / sigma.
        let fraction = KAPPA * (o.mean - Z80 * o.stderr) / over;
        let wanted = ctx.notional.to_f64() / ctx.before.equity.to_f64();
        if wanted > 0.0 { Shrink::new(fraction / wanted) } else { Shrink::ALL }
    }
}
