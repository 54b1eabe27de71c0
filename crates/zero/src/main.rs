//! The program: parse, wire, choose an exit code.

fn main() {}
