//! Bounds on the account's risk after the order: volatility, common exposures, concentration, tail and stress.

use crate::candidate::CandidateCtx;
use crate::feature::FeaturePlan;
use crate::layer::{Judgement, Layer};

/// The layer.
#[derive(Clone, Copy, Debug)]
pub struct PortfolioLayer(());

impl PortfolioLayer {
    /// Declares its input: the cross-section.
    #[must_use]
    pub const fn new(plan: &mut FeaturePlan) -> Self {
        plan.need_cross();
        Self(())
    }
}

impl Layer for PortfolioLayer {
    fn name(&self) -> &'static str {
        "portfolio"
    }

    fn gates(&self) -> &'static [&'static str] {
        &[
            "portfolio_vol",
            "beta_exposure",
            "factor_exposure",
            "risk_share",
            "expected_shortfall",
            "correlated_vol",
            "crash_loss",
        ]
    }

    /// Each measure against its limit; one that is not known permits nothing. A close makes every one of them smaller.
    fn judge(&self, ctx: &CandidateCtx<'_>, push: &mut dyn FnMut(Judgement)) {
        let (r, l) = (ctx.risk, ctx.limits);
        for (value, limit) in [
            (r.vol, l.max_portfolio_vol),
            (r.beta, l.max_beta_exposure),
            (r.factor, l.max_factor_exposure),
            (r.share, l.max_risk_share),
            (r.shortfall, l.max_shortfall),
            (r.correlated_vol, l.max_correlated_vol),
            (r.crash, l.max_crash_loss),
        ] {
            push(Judgement::at_most(if ctx.is_exit { 0.0 } else { value }, limit.to_f64()));
        }
    }
}
