//! The walls of the house, as functions that name every breach. The tests run them on this workspace, and on planted
//! breaches that they must find.
#![forbid(unsafe_code)]

pub mod graph;
pub mod source;
