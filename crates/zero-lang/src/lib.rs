//! Strategy documents as files: TOML around the expressions of `zero_strategy::lang`, the documents that ship with the
//! program, their fixtures, and the JSON Schema that editors use.
#![forbid(unsafe_code)]

pub mod bundled;
pub mod file;
pub mod fixture;
pub mod fuzz;
mod printable;
pub mod schema;

pub use bundled::{BUNDLED, bundled};
pub use file::{FILE_MAX, FileError, StrategyFile, read, read_cases};
pub use fixture::{Case, Outcome};
pub use printable::{one_line, steers};
