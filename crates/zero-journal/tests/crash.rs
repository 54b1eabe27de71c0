//! Crash-and-recover campaigns on the simulated disk; the full size runs from `examples/crash_campaign.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

use zero_journal::campaign::crash_campaign;
use zero_journal::disk::Bug;

#[test]
fn no_acknowledged_record_is_lost_and_none_invented() {
    let report = crash_campaign(1, 3_000, None);
    assert_eq!(report.failure, None, "{report:?}");
    // A campaign that tears nothing proves nothing.
    assert!(report.torn_tails > 20 && report.failed_commits > 100, "{report:?}");
    assert!(report.recovered_unacknowledged > 20 && report.snapshots > 20, "{report:?}");
}

#[test]
fn every_planted_bug_is_caught() {
    for bug in Bug::ALL {
        let report = crash_campaign(2, 20_000, Some(bug));
        let failure = report.failure.unwrap_or_else(|| panic!("{bug:?} survived {} cycles", report.cycles));
        println!("{bug:?}: caught at cycle {} of seed 2: {}", failure.cycle, failure.what);
    }
}

#[test]
fn the_same_seed_gives_the_same_history() {
    assert_eq!(crash_campaign(3, 300, None), crash_campaign(3, 300, None));
    assert_ne!(crash_campaign(3, 300, None).digest, crash_campaign(4, 300, None).digest);
}
