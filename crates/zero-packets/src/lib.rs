//! Wire packets: what `--json` prints and what the surfaces serve. Holds no runtime types.
//!
//! Conventions, held by tests:
//! - every packet begins with `schema_version`, which can only hold that packet's id;
//! - amounts, prices, sizes and rates are [`Dec`]: JSON numbers rendered from fixed point text, never through f64;
//! - a statistic carries its sample size and window, a performance figure its interval ([`Stat`]);
//! - of an alias pair (`symbol`/`coin`, `side`/`direction`, ...) an object has one;
//! - a field that a client decodes as non-null is left out rather than null.
//! - a field that ends in `_hash` covers canonical bytes, never JSON text; see [`canonical`].
#![forbid(unsafe_code)]

pub mod account;
pub mod approval;
pub mod audit;
pub mod brief;
pub mod canary;
pub mod canonical;
pub mod canonical_bytes;
pub mod config;
pub mod control;
pub mod cycle;
pub mod data;
pub mod dec;
pub mod decision_stack;
pub mod decisions;
pub mod deployment;
pub mod doctor;
pub mod document;
pub mod error;
pub mod errors;
pub mod evaluation;
pub mod evidence;
pub mod evolve;
pub mod exchange;
pub mod execute;
pub mod execution;
pub mod gateway;
pub mod genesis;
pub mod hash;
pub mod health;
pub mod id;
pub mod immune;
pub mod init;
pub mod intelligence;
pub mod journal;
pub mod keys;
pub mod learn;
pub mod lenses;
pub mod live;
pub mod mcp;
pub mod memory;
pub mod metrics;
pub mod network;
pub mod notify;
pub mod operator;
pub mod operator_state;
pub mod parity;
mod part;
pub mod positions;
pub mod raw;
pub mod readiness;
pub mod rejections;
pub mod report;
pub mod research;
pub mod risk;
pub mod session;
pub mod snapshot;
pub mod stack;
pub mod stat;
pub mod stats;
pub mod status;
pub mod strategy;
pub mod stream;
pub mod surface;
pub mod sweep;
pub mod views;
pub mod why;

pub use dec::{Dec, NotANumber};
pub use error::{ErrorKind, ErrorPacket};
pub use errors::{ErrorSpec, errors_markdown};
pub use id::{Packet, Source};
pub use raw::RawJson;
pub use stat::Stat;
