//! Loaders, the point-in-time store and the synthetic market.
//!
//! Files go through one [`import`](import::import): parsed exactly, held against every [`Rule`], published whole as a
//! [`Store`] or not at all. A [`Store`], a [`Dataset`] in memory and a [`synth`] market give the same stream of events.
#![forbid(unsafe_code)]

pub mod dataset;
pub mod describe;
pub mod equity;
pub mod error;
pub mod format;
pub mod import;
mod merge;
pub mod range;
pub mod row;
pub mod rule;
mod rules;
pub mod store;
pub mod synth;

pub use dataset::{CoinSeries, Dataset};
pub use describe::{Description, describe, describe_dataset};
pub use error::{DataError, Finding, Refusal};
pub use format::{Format, TimeUnit};
pub use import::{ImportOptions, ImportReport, LastBar, import};
pub use range::EventRange;
pub use row::{BarRow, FundingRow, Kind};
pub use rule::Rule;
pub use store::Store;
pub use store::manifest::Manifest;
pub use store::write::Existing;
