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
