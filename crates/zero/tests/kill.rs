//! SIGKILL at random moments loses nothing that was acknowledged and repeats nothing. A seeded fraction of the campaign
//! that `zero-bench campaign kills` runs in full.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

#[path = "../../zero-bench/src/kill.rs"]
mod kill;

use std::path::Path;

const KILLS: u64 = 12;

#[test]
fn a_kill_at_any_moment_loses_nothing_acknowledged_and_repeats_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_zero"));
    let report = kill::kill_campaign(program, dir.path(), 1, KILLS).unwrap_or_else(|e| panic!("{e}"));
    println!("{report:?}");
    // Kills that meet no work prove nothing.
    assert_eq!(report.kills, KILLS);
    assert!(report.acknowledged > 5_000 && report.fills > 20 && report.segments > 10, "{report:?}");
}
