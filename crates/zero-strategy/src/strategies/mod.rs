//! Strategies written in Rust.

mod carry;
mod ema_cross;
mod hold;
mod random_document;
mod random_entry;
mod trend;

pub use carry::{Carry, CarryParams};
pub use ema_cross::EmaCross;
pub use hold::{Flat, Hold};
pub use random_document::{RandomDocument, exits_of};
pub use random_entry::RandomEntry;
pub use trend::{Trend, TrendParams};
