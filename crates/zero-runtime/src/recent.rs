//! The latest judged candidates in memory, for readers that must not read the journal. What is staged becomes visible
//! when it is durable; what was visible is shared, never copied.

use crate::record::{self, Body};
use crate::view::SeenCandidate;
use std::collections::VecDeque;
use std::sync::Arc;
use zero_kernel::record::CandidateTrace;

/// Candidates that are kept at least, once there were so many.
pub const KEPT: usize = 512;

/// Encoded candidates that became durable together, oldest first.
type Segment = Arc<Vec<(u64, Box<[u8]>)>>;

/// What is kept while the loop runs.
#[derive(Debug, Default)]
pub struct Recent {
    durable: VecDeque<Segment>,
    /// Candidates in `durable`.
    count: usize,
    staged: VecDeque<(u64, Box<[u8]>)>,
}

/// What a reader holds: the candidates that were durable when it was taken.
#[derive(Clone, Debug, Default)]
pub struct Latest(Vec<Segment>);

impl Recent {
    /// Beginning with these, oldest first.
    #[must_use]
    pub fn beginning_with(seen: &[SeenCandidate]) -> Self {
        let mut out = Self::default();
        for s in seen {
            out.staged(s.seq, &record::encode_candidate(&s.trace, Vec::new()));
        }
        out.settle();
        out
    }

    /// A trace was staged. Only candidates are kept, and of those no more than a reader could be shown.
    pub(crate) fn staged(&mut self, seq: u64, bytes: &[u8]) {
        if !record::is_candidate(bytes) {
            return;
        }
        if self.staged.len() == KEPT {
            self.staged.pop_front();
        }
        self.staged.push_back((seq, bytes.into()));
    }

    /// Everything staged is durable now.
    pub fn settle(&mut self) {
        if self.staged.is_empty() {
            return;
        }
        self.count += self.staged.len();
        self.durable.push_back(Arc::new(self.staged.drain(..).collect()));
        while let Some(oldest) = self.durable.front()
            && self.count - oldest.len() >= KEPT
        {
            self.count -= oldest.len();
            self.durable.pop_front();
        }
    }

    /// For a reader.
    #[must_use]
    pub fn latest(&self) -> Latest {
        Latest(self.durable.iter().cloned().collect())
    }
}

impl Latest {
    /// The last `limit` candidates that `wanted` keeps, oldest first.
    #[must_use]
    pub fn last(&self, limit: usize, wanted: impl Fn(&CandidateTrace) -> bool) -> Vec<SeenCandidate> {
        let newest_first = self.0.iter().rev().flat_map(|s| s.iter().rev());
        let mut out: Vec<SeenCandidate> = newest_first
            .filter_map(|(seq, bytes)| match record::decode(bytes) {
                Ok(Body::Candidate(trace)) if wanted(&trace) => {
                    Some(SeenCandidate { seq: *seq, trace: *trace })
                }
                _ => None,
            })
            .take(limit)
            .collect();
        out.reverse();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Heads of records, with a body that the ring does not look at.
    const CANDIDATE: &[u8] = &[0x82, 0x01, 0x82, 0x03, 0x00];
    const CYCLE: &[u8] = &[0x82, 0x01, 0x82, 0x04, 0x00];

    #[test]
    fn what_is_staged_is_not_shown_before_it_is_durable_and_the_ring_stays_bounded() {
        let mut r = Recent::default();
        r.staged(1, CANDIDATE);
        assert_eq!(r.latest().0.len(), 0, "not durable yet");
        r.settle();
        assert_eq!(r.latest().0.len(), 1);
        r.staged(2, CYCLE);
        r.settle();
        assert_eq!(r.count, 1, "a cycle is no candidate");
        for i in 0..3 * KEPT {
            r.staged(i as u64, CANDIDATE);
            if i % 7 == 0 {
                r.settle();
            }
        }
        for _ in 0..2 * KEPT {
            r.staged(9, CANDIDATE);
        }
        r.settle();
        assert!((KEPT..2 * KEPT).contains(&r.count), "{}", r.count);
        assert_eq!(r.count, r.durable.iter().map(|s| s.len()).sum::<usize>());
    }
}
