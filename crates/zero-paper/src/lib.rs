//! The paper venue: a pure fold over market events and commands, whose whole state is in the snapshot.
//!
//! What it assumes, in one place:
//! - a market order fills at the open of the bar in which it arrives; half a spread and the square-root impact worse, and
//!   one standard deviation of the price over the latency worse where it arrives after that open, on the venue's grid;
//! - a resting stop that the open has jumped over fills at the open, otherwise at its trigger, both worsened by spread
//!   and impact; stops come before targets when one bar touches both;
//! - inside a bar all coins move together from the open to the extreme that is adverse to the account, in equal
//!   fractions; stops and liquidation happen in the order in which that path meets them;
//! - funding is charged at the recorded print on the position held at the stamp, on the oracle proxy
//!   `last close / (1 + premium)`;
//! - at most a stated share of the previous bar's volume can be taken; the rest of a market order is cancelled.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod config;
mod intrabar;
mod margin;
mod pricing;
pub mod state;
pub mod venue;

pub use config::{FeeModel, MarginMode, PaperConfig};
pub use state::PaperState;
pub use venue::PaperVenue;
