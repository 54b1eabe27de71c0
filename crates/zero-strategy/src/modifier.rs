//! Modifiers shrink a size; the type cannot say "more".

use crate::candidate::CandidateCtx;

/// A factor in [0, 1]. NaN becomes 0: an unknown modifier takes the whole size.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Shrink(f64);

impl Shrink {
    /// No change.
    pub const NONE: Self = Self(1.0);
    /// Nothing left.
    pub const ALL: Self = Self(0.0);

    /// Clamps into [0, 1].
    #[must_use]
    pub fn new(factor: f64) -> Self {
        if factor >= 1.0 {
            Self(1.0)
        } else if factor > 0.0 {
            Self(factor)
        } else {
            Self(0.0)
        }
    }

    /// The factor.
    #[must_use]
    pub const fn factor(self) -> f64 {
        self.0
    }
}

/// A size modifier.
pub trait Modifier: core::fmt::Debug + Send {
    /// Registry name.
    fn name(&self) -> &'static str;

    /// The factor for a candidate of base size.
    fn shrink(&self, ctx: &CandidateCtx<'_>) -> Shrink;
}
