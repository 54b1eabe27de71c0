//! Carry lens: the funding expected over a day in units of a day's volatility, with its sign.
//!
//! Expected carry shrinks the trailing mean half-way to the venue's baseline: `H * (mean/2 + baseline/2)`.

use crate::feature::{FeaturePlan, FeatureSpec, Slot};
use crate::lens::{Lens, LensOut, Opinion, Provenance};
use crate::view::CoinView;
use zero_core::MissingReason;
use zero_core::obs::Fresh;
use zero_market::Side;

/// The venue's hourly baseline rate.
const BASELINE: f64 = 1.25e-5;
const HOURS: f64 = 24.0;

/// The lens.
#[derive(Clone, Debug)]
pub struct CarryLens {
    funding: Slot,
    sigma: Slot,
}

impl CarryLens {
    /// Declares its inputs.
    #[must_use]
    pub fn new(plan: &mut FeaturePlan) -> Self {
        Self {
            funding: plan.need(FeatureSpec::FundingMean { hours: 24 }),
            sigma: plan.need(FeatureSpec::EwmaVol { half_life: 48 }),
        }
    }
}

impl Lens for CarryLens {
    fn name(&self) -> &'static str {
        "carry"
    }

    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        let (funding, sigma) = match (view.funding_feature(self.funding), view.feature(self.sigma)) {
            (Fresh::Live(f), Fresh::Live(s)) if s > 0.0 => (f, s),
            (Fresh::Missing(why), _) | (_, Fresh::Missing(why)) => return LensOut::Abstain(why),
            (Fresh::Stale(..), _) | (_, Fresh::Stale(..)) => return LensOut::Abstain(MissingReason::Gap),
            _ => return LensOut::Abstain(MissingReason::Undefined),
        };
        let received = -(side.sign() as f64) * HOURS * 0.5 * (funding + BASELINE);
        let day_sigma = sigma * libm::sqrt(view.bars_per_day());
        LensOut::Opinion(Opinion {
            mean: received / day_sigma,
            stderr: libm::sqrt(HOURS) * libm::fabs(funding) / day_sigma,
            provenance: Provenance::Assumed,
        })
    }
}
