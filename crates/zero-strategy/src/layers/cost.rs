//! Cost: what the round trip and the expected funding take must be a small part of what is put at risk.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::layer::{Judgement, Layer};
use zero_core::obs::Fresh;
use zero_core::{MissingReason, TsDiff};

/// Longest hold over which the present funding rate is taken to last, in hours.
const FUNDING_HOURS_MAX: f64 = 24.0;

/// Prints come once an hour: one missed print is tolerated, two are not.
const FUNDING_AGE_MAX: TsDiff = TsDiff::HOUR.times(2);

/// The layer.
#[derive(Clone, Copy, Debug)]
pub struct CostLayer;

impl CostLayer {
    /// Has no inputs of its own to declare.
    #[must_use]
    pub const fn new(_plan: &mut FeaturePlan) -> Self {
        Self
    }
}

impl Layer for CostLayer {
    fn name(&self) -> &'static str {
        "cost"
    }

    fn gates(&self) -> &'static [&'static str] {
        &["cost_share"]
    }

    /// (round trip + funding paid) over the stop distance. Funding received is not credited: it may stop.
    fn judge(&self, ctx: &CandidateCtx<'_>, push: &mut dyn FnMut(Judgement)) {
        let limit = ctx.limits.max_cost_share.to_f64();
        let Some(stop) = ctx.entry.stop else {
            // Without a stop there is no risk unit to compare with; only validation strategies come here, and they
            // run with limits that never bind.
            push(Judgement::at_most(ctx.costs.round_trip(), limit));
            return;
        };
        push(match share_of(ctx, stop) {
            Some(share) => Judgement::at_most(share, limit),
            None => Judgement::unknown(limit),
        });
    }
}

/// What the round trip and the expected funding take of the stop distance; `None` without a stop or where the funding is not
/// known.
#[must_use]
pub fn cost_share(ctx: &CandidateCtx<'_>) -> Option<f64> {
    share_of(ctx, ctx.entry.stop?)
}

fn share_of(ctx: &CandidateCtx<'_>, stop: f64) -> Option<f64> {
    let hours = (ctx.entry.horizon.as_ns() as f64 / 3.6e12).min(FUNDING_HOURS_MAX);
    let paid = match ctx.view.funding.fresh(ctx.view.now, FUNDING_AGE_MAX) {
        Fresh::Live(rate) => (rate.to_f64() * ctx.entry.side.sign() as f64 * hours).max(0.0),
        // A market that has never printed funding charges none; one that has and went silent may.
        Fresh::Missing(MissingReason::NeverSeen) => 0.0,
        Fresh::Missing(_) | Fresh::Stale(..) => return None,
    };
    (stop > 0.0).then(|| (ctx.costs.round_trip() + paid) / stop)
}
