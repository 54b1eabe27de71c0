//! Lenses.

mod breadth;
mod carry;
mod cross_momentum;
mod crowding;
mod ladder;
mod memory;
mod reversion;
mod trend;
mod volatility;

pub use breadth::BreadthLens;
pub use carry::CarryLens;
pub use cross_momentum::CrossMomentumLens;
pub use crowding::CrowdingLens;
pub use ladder::LadderLens;
pub use memory::MemoryLens;
pub use reversion::ReversionLens;
pub use trend::TrendLens;
pub use volatility::VolatilityLens;
