//! Hazards of configuration, partitions and logs, from outside.

mod config;
mod docs;
mod home;
mod log;
