//! Hazards of packets: what a strict client cannot decode, and what the registry of errors lacks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

mod contract;
mod errors;
mod examples;
mod rules;
