//! Size modifiers.

mod drawdown;
mod vol_target;

pub use drawdown::DrawdownModifier;
pub use vol_target::VolTargetModifier;
