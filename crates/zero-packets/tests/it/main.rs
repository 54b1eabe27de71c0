//! Hazards of packets: what a strict client cannot decode, and what the registry of errors lacks.

mod contract;
mod errors;
mod examples;
mod rules;
