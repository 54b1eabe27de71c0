//! Regime: entries are refused in the states that the limits declare, and while it is unknown whether one of them holds.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::layer::{Judgement, Layer};
use zero_market::cross::{Correlation, Posterior, Volatility};

/// The layer.
#[derive(Clone, Copy, Debug)]
pub struct RegimeLayer(());

impl RegimeLayer {
    /// Declares its input: the cross-section.
    #[must_use]
    pub const fn new(plan: &mut FeaturePlan) -> Self {
        plan.need_cross();
        Self(())
    }
}

/// One when the refused state holds, zero when another does, unknown when none is known. What is not refused is not asked.
fn judge(refuse: bool, state: Option<u8>, refused: u8) -> Judgement {
    match (refuse, state) {
        (false, _) => Judgement::at_most(0.0, 0.0),
        (true, None) => Judgement::unknown(0.0),
        (true, Some(s)) => Judgement::at_most(f64::from(u8::from(s == refused)), 0.0),
    }
}

impl Layer for RegimeLayer {
    fn name(&self) -> &'static str {
        "regime"
    }

    fn gates(&self) -> &'static [&'static str] {
        &["not_turbulent", "not_one_bet", "not_illiquid"]
    }

    fn judge(&self, ctx: &CandidateCtx<'_>, push: &mut dyn FnMut(Judgement)) {
        let l = ctx.limits;
        let asks = !ctx.is_exit;
        let cross = ctx.view.cross_section().ok();
        let state = |of: fn(&zero_market::cross::CrossMarket) -> Option<Posterior>| {
            cross.and_then(of).and_then(|p| p.state)
        };
        push(judge(
            asks && l.refuse_turbulent,
            state(|c| Some(*c.volatility())),
            Volatility::Turbulent as u8,
        ));
        push(judge(asks && l.refuse_one_bet, state(|c| Some(*c.correlation())), Correlation::OneBet as u8));
        // Thin is the last state, as in every dimension.
        push(judge(asks && l.refuse_illiquid, state(|c| c.liquidity().ok()), 2));
    }
}
