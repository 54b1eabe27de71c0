//! Hazards of configuration, partitions and logs, from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

mod config;
mod docs;
mod home;
mod log;
