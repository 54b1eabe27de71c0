//! Lenses. A part is a file of this folder, a row here and a fixture.

use crate::registry::{LensMaker, parts};
use alloc::boxed::Box;

parts! {
    /// Every lens, in the order of its opinion in a trace.
    LENSES: LensMaker;
    trend => TrendLens,
    carry => CarryLens,
    ladder => LadderLens,
    reversion => ReversionLens,
    cross_momentum => CrossMomentumLens,
    crowding => CrowdingLens,
    volatility => VolatilityLens,
    breadth => BreadthLens,
    memory => MemoryLens,
}
