//! Volatility state: a coin whose volatility is high in its own 90 days, in a market that is probably turbulent, is known
//! less about. It says no direction.

use crate::feature::FeaturePlan;
use crate::lens::{Lens, LensOut, Opinion, Provenance};
use crate::view::CoinView;
use zero_market::Side;

const STDERR: f64 = 0.1;

/// The lens.
#[derive(Clone, Copy, Debug)]
pub struct VolatilityLens(());

impl VolatilityLens {
    /// Declares its input: the cross-section.
    #[must_use]
    pub const fn new(plan: &mut FeaturePlan) -> Self {
        plan.need_cross();
        Self(())
    }
}

impl Lens for VolatilityLens {
    fn name(&self) -> &'static str {
        "volatility"
    }

    fn evaluate(&self, view: &CoinView<'_>, _side: Side) -> LensOut {
        let cross = match view.cross_section() {
            Ok(c) => c,
            Err(why) => return LensOut::Abstain(why),
        };
        let percentile = cross.track(view.coin).filter(|t| t.is_live()).and_then(|t| t.percentile());
        let (Some(percentile), Some(_)) = (percentile, cross.volatility().state) else {
            return LensOut::Abstain(cross.missing(view.coin));
        };
        let [.., turbulent] = cross.volatility().p;
        LensOut::Opinion(Opinion {
            mean: 0.0,
            stderr: STDERR * (1.0 + percentile + 2.0 * turbulent),
            provenance: Provenance::Assumed,
        })
    }
}
