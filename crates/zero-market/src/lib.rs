//! What can happen in a market and at a venue, as types; the venue's own rules; the funding formula; streaming
//! features. `no_std`: nothing here can read a clock, a file or a random number.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod cost_table;
pub mod cross;
pub mod event;
pub mod feature;
pub mod funding;
pub mod funding_z;
pub mod instrument;
pub mod order;
pub mod own_order;
pub mod venue;
pub mod window;

pub use cost_table::CostTable;
pub use event::{Bar, BarOpen, Event, EventBody, MarketKey};
pub use instrument::{Instrument, MarginTier, Universe};
pub use order::{OrderIntent, OrderKind, Purpose, Side, Tif};
pub use own_order::OwnOrder;
pub use venue::{Fill, FillCause, FundingPayment, Liquidity, VenueEvent};
