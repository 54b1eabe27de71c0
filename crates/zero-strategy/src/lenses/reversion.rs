//! Mean reversion: the distance of the price from its daily average in units of its volatility, against its direction.

use crate::feature::{FeaturePlan, FeatureSpec, Slot};
use crate::lens::{Lens, LensOut, Opinion, Provenance};
use crate::view::CoinView;
use zero_core::MissingReason;
use zero_core::obs::Fresh;
use zero_market::Side;

const N: u16 = 24;
/// An assumption: no reversion can be shown on hourly data of this venue, so it is small and its error wide.
const SLOPE: f64 = 0.02;
const STDERR: f64 = 0.1;
const Z_MAX: f64 = 3.0;

/// The lens.
#[derive(Clone, Debug)]
pub struct ReversionLens {
    average: Slot,
    sigma: Slot,
}

impl ReversionLens {
    /// Declares its inputs.
    #[must_use]
    pub fn new(plan: &mut FeaturePlan) -> Self {
        Self {
            average: plan.need(FeatureSpec::Ema { n: N }),
            sigma: plan.need(FeatureSpec::EwmaVol { half_life: 48 }),
        }
    }
}

impl Lens for ReversionLens {
    fn name(&self) -> &'static str {
        "reversion"
    }

    /// `-(P - EMA) / (sigma P sqrt(n))`, bounded.
    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        let close = view.close.fresh(view.now, view.interval);
        let (average, sigma, close) = match (view.feature(self.average), view.feature(self.sigma), close) {
            (Fresh::Live(a), Fresh::Live(s), Fresh::Live(c)) if s > 0.0 && c.raw() > 0 => (a, s, c.to_f64()),
            (Fresh::Missing(why), ..) | (_, Fresh::Missing(why), _) | (.., Fresh::Missing(why)) => {
                return LensOut::Abstain(why);
            }
            (Fresh::Stale(..), ..) | (_, Fresh::Stale(..), _) | (.., Fresh::Stale(..)) => {
                return LensOut::Abstain(MissingReason::Gap);
            }
            _ => return LensOut::Abstain(MissingReason::Undefined),
        };
        let z = (average - close) / (sigma * close * libm::sqrt(f64::from(N)));
        LensOut::Opinion(Opinion {
            mean: SLOPE * z.clamp(-Z_MAX, Z_MAX) * side.sign() as f64,
            stderr: STDERR,
            provenance: Provenance::Assumed,
        })
    }
}
