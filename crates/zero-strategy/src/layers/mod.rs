//! Layers. A part is a file of this folder, a row here and a fixture.

use crate::registry::{LayerMaker, parts};
use alloc::boxed::Box;

parts! {
    /// Every layer, in the order of its gates in a trace.
    LAYERS: LayerMaker;
    freshness => FreshnessLayer,
    cost => CostLayer,
    risk_bounds => RiskBoundsLayer,
    portfolio => PortfolioLayer,
    regime => RegimeLayer,
}

// In no table: part of a stack exactly while an opinion model is in force.
mod expected_value;
pub use cost::cost_share;
pub use expected_value::ExpectedValueLayer;
