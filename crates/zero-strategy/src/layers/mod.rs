//! Layers.

mod cost;
mod freshness;
mod risk_bounds;

pub use cost::CostLayer;
pub use freshness::FreshnessLayer;
pub use risk_bounds::RiskBoundsLayer;
