//! Breadth and the common factor: when most coins rise together, each is expected to follow a little, the more the stronger
//! the factor and the coin's part in it.

use crate::feature::FeaturePlan;
use crate::lens::{Lens, LensOut, Opinion, Provenance};
use crate::view::CoinView;
use zero_core::MissingReason;
use zero_market::Side;

/// An assumption, not a measurement.
const SLOPE: f64 = 0.02;
const STDERR: f64 = 0.1;
const FACTOR_MAX: f64 = 2.0;

/// The lens.
#[derive(Clone, Copy, Debug)]
pub struct BreadthLens(());

impl BreadthLens {
    /// Declares its input: the cross-section.
    #[must_use]
    pub const fn new(plan: &mut FeaturePlan) -> Self {
        plan.need_cross();
        Self(())
    }
}

impl Lens for BreadthLens {
    fn name(&self) -> &'static str {
        "breadth"
    }

    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        let cross = match view.cross_section() {
            Ok(c) => c,
            Err(why) => return LensOut::Abstain(why),
        };
        if !cross.is_usable(view.coin) {
            return LensOut::Abstain(cross.missing(view.coin));
        }
        let (share, factor) = (cross.principal().share, cross.factor(view.coin));
        let Some(breadth) = cross.breadth().filter(|_| !share.is_nan() && !factor.is_nan()) else {
            return LensOut::Abstain(MissingReason::Undefined);
        };
        let lean = (2.0 * breadth - 1.0) * share * factor.clamp(-FACTOR_MAX, FACTOR_MAX);
        LensOut::Opinion(Opinion {
            mean: SLOPE * lean * side.sign() as f64,
            stderr: STDERR,
            provenance: Provenance::Assumed,
        })
    }
}
