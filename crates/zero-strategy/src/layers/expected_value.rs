//! Expected value: the lower bound of what the measured model expects, net of costs, must be above zero. Part of a stack only
//! where a model is in force: without one no expected value is known, and none is asked for.

use crate::candidate::CandidateCtx;
use crate::layer::{Judgement, Layer};
use zero_core::Truth;

/// The layer.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedValueLayer;

impl Layer for ExpectedValueLayer {
    fn name(&self) -> &'static str {
        "expected_value"
    }

    fn gates(&self) -> &'static [&'static str] {
        &["expected_value"]
    }

    /// What the lower bound lacks to zero, in units of risk: below zero it passes, at zero it does not.
    fn judge(&self, ctx: &CandidateCtx<'_>, push: &mut dyn FnMut(Judgement)) {
        if ctx.is_exit {
            push(Judgement::at_most(0.0, 0.0));
            return;
        }
        push(match ctx.forecast.and_then(|f| f.expected_lower) {
            Some(low) => Judgement { truth: Truth::from(low > 0.0), value: -low, limit: 0.0 },
            None => Judgement::unknown(0.0),
        });
    }
}
