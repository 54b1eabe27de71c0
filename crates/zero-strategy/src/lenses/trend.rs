//! Trend lens: a small prior in the direction of the week's trend t-statistic.

use crate::feature::{FeaturePlan, FeatureSpec, Slot};
use crate::lens::{Lens, LensOut, Opinion, Provenance};
use crate::view::CoinView;
use zero_core::MissingReason;
use zero_core::obs::Fresh;
use zero_market::Side;

/// Expected return per unit of t: an assumption, not a measurement, until outcomes are recorded. Published
/// time-series momentum is of this order at best; on 196 days of this venue none can be shown.
const SLOPE: f64 = 0.03;
/// Its standard error, wide enough to contain zero at any t below 3.
const STDERR: f64 = 0.1;
const T_MAX: f64 = 3.0;

/// The lens.
#[derive(Clone, Debug)]
pub struct TrendLens {
    trend: Slot,
}

impl TrendLens {
    /// Declares its inputs.
    #[must_use]
    pub fn new(plan: &mut FeaturePlan) -> Self {
        Self { trend: plan.need(FeatureSpec::TrendT { k: 168, half_life: 48 }) }
    }
}

impl Lens for TrendLens {
    fn name(&self) -> &'static str {
        "trend"
    }

    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        match view.feature(self.trend) {
            Fresh::Live(t) => LensOut::Opinion(Opinion {
                mean: SLOPE * t.clamp(-T_MAX, T_MAX) * side.sign() as f64,
                stderr: STDERR,
                provenance: Provenance::Assumed,
            }),
            Fresh::Stale(..) => LensOut::Abstain(MissingReason::Gap),
            Fresh::Missing(why) => LensOut::Abstain(why),
        }
    }
}
