//! Cross-sectional momentum: a coin's week, in units of its volatility, less the mean week of all coins.

use crate::feature::FeaturePlan;
use crate::lens::{Lens, LensOut, Opinion, Provenance};
use crate::view::CoinView;
use zero_core::MissingReason;
use zero_market::Side;

/// An assumption, not a measurement.
const SLOPE: f64 = 0.02;
const STDERR: f64 = 0.1;
const Z_MAX: f64 = 3.0;
/// Coins below which there is no cross-section.
const COINS_MIN: usize = 3;

/// The lens.
#[derive(Clone, Copy, Debug)]
pub struct CrossMomentumLens(());

impl CrossMomentumLens {
    /// Declares its input: the cross-section.
    #[must_use]
    pub const fn new(plan: &mut FeaturePlan) -> Self {
        plan.need_cross();
        Self(())
    }
}

impl Lens for CrossMomentumLens {
    fn name(&self) -> &'static str {
        "cross_momentum"
    }

    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut {
        let cross = match view.cross_section() {
            Ok(c) => c,
            Err(why) => return LensOut::Abstain(why),
        };
        let Some(own) = cross.week(view.coin) else {
            return LensOut::Abstain(cross.missing(view.coin));
        };
        let Some(mean) = cross.mean_week().filter(|_| cross.coins_with_week() >= COINS_MIN) else {
            return LensOut::Abstain(MissingReason::Undefined);
        };
        LensOut::Opinion(Opinion {
            mean: SLOPE * (own - mean).clamp(-Z_MAX, Z_MAX) * side.sign() as f64,
            stderr: STDERR,
            provenance: Provenance::Assumed,
        })
    }
}
