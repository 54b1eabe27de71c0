//! Drives the kernel: an event comes in, the venue and the kernel answer each other until both are quiet, and what
//! happened comes out as facts. Backtest, paper run and replay are this one engine with different sources and sinks.

pub mod approval;
pub mod at_rest;
pub mod backtest;
mod carried;
pub mod clock;
pub mod collect;
pub mod command;
pub mod drills;
pub mod driver;
pub mod engine;
pub mod features;
mod fold;
pub mod held_orders;
pub mod hosts;
pub mod inbox;
pub mod late;
pub mod latest;
pub mod lookahead;
pub mod looping;
mod own_keys;
pub mod parity;
pub mod project;
pub mod publish;
pub mod recent;
pub mod record;
mod recover;
pub mod reopen;
pub mod replica;
pub mod retention;
pub mod rim;
pub mod runner;
mod seen_market;
pub mod session;
pub mod snapshot;
pub mod source;
pub mod spec;
pub mod study;
pub mod sweep;
pub mod tearsheet;
pub mod view;

pub use collect::{Collected, Collector};
pub use driver::{Driver, OperatorPolicy};
pub use engine::{Engine, EngineError, Venue};
pub use spec::{Epoch, RunSpec};
