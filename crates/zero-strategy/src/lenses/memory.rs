//! Memory context: what recorded outcomes in like circumstances say. There is no memory yet, so it abstains and says why.

use crate::feature::FeaturePlan;
use crate::lens::{Lens, LensOut};
use crate::view::CoinView;
use zero_core::MissingReason;
use zero_market::Side;

/// The lens.
#[derive(Clone, Copy, Debug)]
pub struct MemoryLens;

impl MemoryLens {
    /// Has no inputs of its own to declare.
    #[must_use]
    pub const fn new(_plan: &mut FeaturePlan) -> Self {
        Self
    }
}

impl Lens for MemoryLens {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn evaluate(&self, _view: &CoinView<'_>, _side: Side) -> LensOut {
        LensOut::Abstain(MissingReason::NeverSeen)
    }
}
