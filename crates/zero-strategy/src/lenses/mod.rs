//! Lenses.

mod carry;
mod trend;

pub use carry::CarryLens;
pub use trend::TrendLens;
