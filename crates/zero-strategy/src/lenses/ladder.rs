//! Trend over several horizons: the mean of three trend t-statistics, a day, three days and a week, each bounded.

use crate::feature::{FeaturePlan, FeatureSpec, Slot};
use crate::lens::{Lens, LensOut, Opinion, Provenance};
use crate::view::CoinView;
use zero_core::MissingReason;
use zero_core::obs::Fresh;
use zero_market::Side;

const HORIZONS: [u16; 3] = [24, 72, 168];
/// As of the trend lens: an assumption, not a measurement.
const SLOPE: f64 = 0.03;
const STDERR: f64 = 0.1;
const T_MAX: f64 = 3.0;

/// The lens.
#[derive(Clone, Debug)]
pub struct LadderLens {
    rungs: [Slot; 3],
}

impl LadderLens {
    /// Declares its inputs.
    #[must_use]
    pub fn new(plan: &mut FeaturePlan) -> Self {
        Self { rungs: HORIZONS.map(|k| plan.need(FeatureSpec::TrendT { k, half_life: 48 })) }
    }
}

impl Lens for LadderLens {
    fn name(&self) -> &'static str {
        "ladder"
    }

    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        let mut sum = 0.0;
        for rung in self.rungs {
            match view.feature(rung) {
                Fresh::Live(t) => sum += t.clamp(-T_MAX, T_MAX),
                Fresh::Stale(..) => return LensOut::Abstain(MissingReason::Gap),
                Fresh::Missing(why) => return LensOut::Abstain(why),
            }
        }
        LensOut::Opinion(Opinion {
            mean: SLOPE * sum / HORIZONS.len() as f64 * side.sign() as f64,
            stderr: STDERR,
            provenance: Provenance::Assumed,
        })
    }
}
