//! Pure statistics: returns, intervals by block bootstrap, drawdowns. no_std.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
