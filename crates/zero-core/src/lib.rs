//! The ground floor: units, ids, time, three-valued logic, canonical encoding and counter-based randomness.
//!
//! Everything here is `no_std`: a clock, a file or `f64::ln` does not compile on this floor, so the same inputs
//! give the same bits on every machine.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod canon;
pub mod cbor;
pub mod fixed;
pub mod hash;
pub mod ids;
pub mod kleene;
pub mod obs;
pub mod prng;
pub mod time;
pub mod units;

pub use canon::{Canon, Json};
pub use hash::{Digest32, Hasher};
pub use ids::{AccountId, BookId, CoinId, OrderId};
pub use kleene::{Interval, Truth};
pub use obs::{MissingReason, Observation};
pub use time::{Ts, TsDiff};
pub use units::{Overflow, Px, Rate, Sz, Usd};
