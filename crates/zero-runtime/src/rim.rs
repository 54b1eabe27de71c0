//! What a running loop measures of itself with the wall's clock: how long its work took, which gates refused, how its feed
//! is. It begins anew with every start and is in no digest and in no record.

use std::time::Duration;
use zero_core::Truth;
use zero_kernel::record::CandidateTrace;

/// Upper edges of the histograms, nanoseconds: from a decision of one coin to a disk that stalls.
pub const EDGES_NS: [u64; 14] = [
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    50_000_000,
    200_000_000,
    1_000_000_000,
];

/// How often something took how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Up to each edge of [`EDGES_NS`], and beyond the last. Not cumulative.
    pub counts: [u64; EDGES_NS.len() + 1],
    /// All of it together, nanoseconds.
    pub sum_ns: u64,
}

impl Histogram {
    /// It took this long, once more.
    pub fn took(&mut self, time: Duration) {
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let place = EDGES_NS.partition_point(|edge| *edge < ns);
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        self.sum_ns = self.sum_ns.saturating_add(ns);
    }

    /// How often in all.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// How a live feed is. Recorded and synthetic markets have none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeedHealth {
    /// Is there a connection?
    pub connected: bool,
    /// Connections after the first.
    pub reconnects: u64,
    /// Since the last frame; `None` before the first.
    pub frame_age: Option<Duration>,
    /// Weight that the venue's rate budget has left.
    pub rate_budget_left: Option<u64>,
}

/// Everything measured since the start of the process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rim {
    /// From a source's event to all records that follow from it.
    pub decide: Histogram,
    /// Writing a batch and syncing it.
    pub sync: Histogram,
    /// Records in those batches.
    pub synced_records: u64,
    /// Candidates refused by each gate, in the order of the gate table. A candidate may fail at several.
    pub refused: Vec<u64>,
    /// The feed, where there is one.
    pub feed: Option<FeedHealth>,
}

impl Rim {
    /// A candidate was judged.
    pub(crate) fn judged(&mut self, trace: &CandidateTrace) {
        for gate in trace.gates.iter().filter(|g| g.truth != Truth::True) {
            let place = usize::from(gate.gate);
            if self.refused.len() <= place {
                self.refused.resize(place + 1, 0);
            }
            if let Some(count) = self.refused.get_mut(place) {
                *count += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_at_the_first_edge_that_it_does_not_exceed() {
        let mut h = Histogram::default();
        for ns in [0, 5_000, 5_001, 1_000_000_000, 1_000_000_001] {
            h.took(Duration::from_nanos(ns));
        }
        assert_eq!((h.counts[0], h.counts[1], h.counts[13], h.counts[14]), (2, 1, 1, 1));
        assert_eq!(h.count(), 5);
        assert_eq!(h.sum_ns, 2_000_010_002);
        h.took(Duration::MAX);
        assert_eq!(h.sum_ns, u64::MAX, "a sum that is full stays full");
    }
}
