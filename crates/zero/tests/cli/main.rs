//! The built program, as an operator meets it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod admin;
mod answers;
mod audit;
mod conduct;
mod contract;
mod data;
mod documents;
mod exits;
mod journal;
mod operating;
mod references;
mod refusals;
mod said;
mod session;
#[path = "../shapes/mod.rs"]
mod shapes;
mod stats;
mod strategy_files;
mod support;
mod surface;
mod sweep;
mod watch;
