//! The venue wire: public data over WebSocket and REST, with its rate budget. Nothing here can sign or order.
#![forbid(unsafe_code)]

pub mod backoff;
pub mod budget;
pub mod clock;
pub mod decode;
pub mod error;
pub mod live;
pub mod rest;

pub use budget::{Priority, RateBudget};
pub use clock::{Clock, Stop};
pub use decode::Interval;
pub use error::WireError;
pub use live::{LiveConfig, LiveHandle, LiveSource, SourceStatus, Streams};
pub use rest::{RestClient, RestConfig};
