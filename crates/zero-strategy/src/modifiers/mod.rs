//! Size modifiers. A part is a file of this folder, a row here and a fixture.

use crate::registry::{ModifierMaker, parts};
use alloc::boxed::Box;

parts! {
    /// Every modifier, in the order of its factor in a trace.
    MODIFIERS: ModifierMaker;
    vol_target => VolTargetModifier,
    drawdown => DrawdownModifier,
    correlation => CorrelationModifier,
    kelly => KellyModifier,
}

pub use kelly::Z80;
