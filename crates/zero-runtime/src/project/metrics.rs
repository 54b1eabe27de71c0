//! The kernel's part of `zero.metrics.v1`.

use super::{Reading, counters, usd};
use zero_packets::metrics::EngineMetrics;

/// What the kernel did.
#[must_use]
pub fn engine_metrics(r: &Reading) -> EngineMetrics {
    let c = &r.view.state.counters;
    EngineMetrics {
        decisions: c.candidates,
        fills: c.fills,
        rejections: c.candidates - c.admitted,
        open_positions: crate::view::held_coins(&r.view.state) as u32,
        acceptance_rate: (c.candidates > 0).then(|| c.admitted as f64 / c.candidates as f64),
        equity: r.equity().map(usd),
        counters: counters(c),
    }
}
