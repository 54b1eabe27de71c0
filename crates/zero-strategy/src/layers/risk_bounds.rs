//! Risk bounds on the portfolio *after* the order, in exact fixed point.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::layer::{Judgement, Layer};
use zero_core::{Rate, Truth, Usd};

/// The layer.
#[derive(Clone, Copy, Debug)]
pub struct RiskBoundsLayer;

impl RiskBoundsLayer {
    /// Has no inputs of its own to declare.
    #[must_use]
    pub const fn new(_plan: &mut FeaturePlan) -> Self {
        Self
    }
}

/// `amount <= equity * share`, decided in fixed point; the f64 fields are for the trace only.
fn bound(amount: Usd, equity: Usd, share: Rate) -> Judgement {
    let limit = share.to_f64();
    if equity.raw() <= 0 {
        return Judgement { truth: Truth::False, value: f64::INFINITY, limit };
    }
    let value = amount.to_f64() / equity.to_f64();
    let allowed = i128::from(equity.raw()) * i128::from(share.raw());
    let truth = Truth::from(i128::from(amount.raw()) * i128::from(Rate::ONE_RAW) <= allowed);
    Judgement { truth, value, limit }
}

impl Layer for RiskBoundsLayer {
    fn name(&self) -> &'static str {
        "risk_bounds"
    }

    fn gates(&self) -> &'static [&'static str] {
        &["gross_leverage", "position_share", "open_positions"]
    }

    fn judge(&self, ctx: &CandidateCtx<'_>, push: &mut dyn FnMut(Judgement)) {
        let (after, limits) = (ctx.after, ctx.limits);
        push(bound(after.gross, after.equity, limits.max_gross_leverage));
        push(bound(after.coin, after.equity, limits.max_position_share));
        push(Judgement::at_most(f64::from(after.open), f64::from(limits.max_open_positions)));
    }
}
