//! Layers.

mod cost;
mod freshness;
mod portfolio;
mod regime;
mod risk_bounds;

pub use cost::CostLayer;
pub use freshness::FreshnessLayer;
pub use portfolio::PortfolioLayer;
pub use regime::RegimeLayer;
pub use risk_bounds::RiskBoundsLayer;
