//! Layers permit. They are gates, not votes: a layer never adds conviction.

use crate::candidate::CandidateCtx;
use zero_core::Truth;

/// A gate's outcome with its distance: how far the measured value is from the limit, in the gate's own unit,
/// positive when there is room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// Permitted, refused, or not known.
    pub truth: Truth,
    /// What was measured; NaN when unknown.
    pub value: f64,
    /// What it was held against.
    pub limit: f64,
}

impl Judgement {
    /// Permitted when `value <= limit`; a NaN is Unknown.
    #[must_use]
    pub fn at_most(value: f64, limit: f64) -> Self {
        let truth = if value <= limit {
            Truth::True
        } else if value > limit {
            Truth::False
        } else {
            Truth::Unknown
        };
        Self { truth, value, limit }
    }

    /// Unknown, with the limit it would have been held against.
    #[must_use]
    pub const fn unknown(limit: f64) -> Self {
        Self { truth: Truth::Unknown, value: f64::NAN, limit }
    }

    /// Room left: `limit - value`.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.limit - self.value
    }
}

/// A permission. It may judge several bounds; each is a gate of its own in the trace.
pub trait Layer: core::fmt::Debug + Send {
    /// Registry name.
    fn name(&self) -> &'static str;

    /// Names of its gates, fixed at construction.
    fn gates(&self) -> &'static [&'static str];

    /// Judges every bound, in the order of [`Layer::gates`], without short-circuit.
    fn judge(&self, ctx: &CandidateCtx<'_>, push: &mut dyn FnMut(Judgement));
}
