//! Lenses score a candidate; they never create one and never size one.

use crate::abstention::Abstention;
use crate::view::CoinView;
use zero_core::{MissingReason, canon_struct, canon_tag};
use zero_market::Side;

canon_tag! {
    /// Where an opinion's numbers come from. Only measured ones may ever reach sizing.
    pub enum Provenance {
        /// A prior stated by the author.
        0 "assumed" Assumed,
        /// Calibrated on recorded outcomes.
        1 "measured" Measured,
    }
}

canon_struct! {
    /// An opinion: expected return over the horizon in units of the horizon's volatility, in the candidate's direction.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Opinion {
        /// Expected return over sigma.
        pub mean: f64,
        /// Standard error of it.
        pub stderr: f64,
        /// Where the numbers come from.
        pub provenance: Provenance,
    }
}

/// What a lens says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LensOut {
    /// Nothing, and why.
    Abstain(MissingReason),
    /// An opinion.
    Opinion(Opinion),
    /// A hosted lens has no answer, and why.
    Withheld(Abstention),
}

/// A lens: pure, versioned, declares its inputs when it is built. How old an input may be is part of the view: a feature one
/// bar, a funding feature two hours, the cross-section one of its steps. Over it the lens abstains.
pub trait Lens: core::fmt::Debug + Send {
    /// Registry name.
    fn name(&self) -> &str;

    /// Version of its meaning; a change of meaning changes it.
    fn version(&self) -> u16 {
        1
    }

    /// Scores a candidate on `side`.
    fn evaluate(&self, view: &CoinView<'_>, side: Side) -> LensOut;
}
