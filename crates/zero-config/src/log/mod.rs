//! Operational logs: leveled lines in bounded, rotating files. What was decided is in the journal, not here.

mod line;
mod rotate;

pub use line::{Level, LogLine, Loggable, Plain};
pub use rotate::{LINE_MAX, RotatingLog};
