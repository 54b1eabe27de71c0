//! What a run teaches: what its rejected candidates would have earned, what each gate is worth, how near the misses were,
//! and what trading really cost.
//!
//! Everything here is a projection of the journal (or of a backtest's events and traces): it can be thrown away and
//! rebuilt, it proposes, and it writes no weight, limit or setting.
#![forbid(unsafe_code)]

pub mod cluster;
pub mod cost;
pub mod execution;
pub mod gates;
pub mod learner;
pub mod misses;
pub mod opinions;
pub mod outcome;
pub mod project;
pub mod read;
mod scout;
mod shadow;

pub use gates::{GateReport, GateValue, Verdict};
pub use learner::{Case, Learner, Learnt, Said};
pub use outcome::{Closed, ExitCause, Fate, Unjudged};
