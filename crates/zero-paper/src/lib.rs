//! The paper venue: a pure fold over market events and commands, whose state is in the snapshot.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
