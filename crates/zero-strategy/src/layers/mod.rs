//! Layers.

mod cost;
mod expected_value;
mod freshness;
mod portfolio;
mod regime;
mod risk_bounds;

pub use cost::{CostLayer, cost_share};
pub use expected_value::ExpectedValueLayer;
pub use freshness::FreshnessLayer;
pub use portfolio::PortfolioLayer;
pub use regime::RegimeLayer;
pub use risk_bounds::RiskBoundsLayer;
