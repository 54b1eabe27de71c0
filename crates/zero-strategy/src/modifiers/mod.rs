//! Size modifiers.

mod correlation;
mod drawdown;
mod kelly;
mod vol_target;

pub use correlation::CorrelationModifier;
pub use drawdown::DrawdownModifier;
pub use kelly::{KellyModifier, Z80};
pub use vol_target::VolTargetModifier;
