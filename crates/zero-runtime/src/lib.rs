//! Drives the kernel: sources, journal writer, venue, recovery, backtests, parity.
