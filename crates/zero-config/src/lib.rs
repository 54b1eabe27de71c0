//! Layered typed configuration with provenance, operator partitions, key files and bounded logs.
//!
//! Every key is declared once, in [`sections`] and [`books`]; parsing, the generated reference, the JSON Schema and
//! `explain` come from that declaration. This crate holds no kernel or strategy types: the binary converts.
#![forbid(unsafe_code)]

pub mod books;
pub mod diff;
pub mod docs;
pub mod effective;
pub mod home;
pub mod key;
pub mod keys;
pub mod layer;
pub mod load;
pub mod log;
pub mod problem;
mod read;
mod rules;
pub mod secret;
pub mod sections;
mod suggest;
pub mod value;

pub use books::{BookConfig, CarryConfig, DocumentConfig, StrategyConfig, StrategyKind, TrendConfig};
pub use diff::{Change, RiskDirection, diff};
pub use effective::Effective;
pub use home::{Home, HomeError, InitReport, OperatorId, Partition};
pub use key::{KeySpec, RiskRule};
pub use keys::{KeyError, KeyRing, Purpose};
pub use layer::{FileText, Layer, Place, Sources};
pub use load::{Config, Explanation, Resolved, check, load};
pub use log::{Level, LogLine, Loggable, RotatingLog};
pub use problem::{Problem, ProblemKind, Problems};
pub use secret::Secret;
pub use value::{Kind, Value};
