//! Campaigns against the log: crashes on a simulated disk held against an independent model, and every one-bit
//! flip. They are library functions so that tests run a seeded fraction and a bench the full size.

mod crash;
mod flip;
mod model;

pub use crash::{CrashFailure, CrashReport, crash_campaign};
pub use flip::{FlipReport, batch_holds, flip_campaign};
