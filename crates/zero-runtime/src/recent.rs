//! The latest judged candidates and events in memory, for readers that must not read the journal. What is staged becomes visible
//! when it is durable; what was visible is shared, never copied.

use crate::own_keys::asked;
use crate::project::{is_act, is_told};
use crate::record::{self, Body};
use crate::view::SeenCandidate;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use zero_kernel::Fact;
use zero_kernel::record::CandidateTrace;

/// Candidates, and events, that are kept at least, once there were so many.
pub const KEPT: usize = 512;

/// Encoded records that became durable together, oldest first.
type Segment = Arc<Vec<(u64, Arc<[u8]>)>>;

/// What is kept while the loop runs.
#[derive(Debug, Default)]
pub struct Recent {
    /// Keys of the operator's own orders, by the seq of the candidate.
    keys: Ring,
    candidates: Ring,
    events: Ring,
    /// Acts of a person, and rulings on them: rare among the events, and asked for by themselves.
    acts: Ring,
}

/// The last records of a kind.
#[derive(Debug, Default)]
struct Ring {
    durable: VecDeque<Segment>,
    /// Records in `durable`.
    count: usize,
    staged: VecDeque<(u64, Arc<[u8]>)>,
}

/// What a reader holds: the records that were durable when it was taken.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    keys: Vec<Segment>,
    candidates: Vec<Segment>,
    events: Vec<Segment>,
    acts: Vec<Segment>,
}

impl Recent {
    /// Beginning with these candidates, these events and these acts, oldest first.
    #[must_use]
    pub fn beginning_with(seen: &[SeenCandidate], events: &[(u64, Body)], acts: &[(u64, Body)]) -> Self {
        let mut out = Self::default();
        for s in seen {
            if let Some(key) = &s.key {
                out.keys.push(s.seq, key.as_bytes().into());
            }
            out.candidates.push(s.seq, record::encode_candidate(&s.trace, Vec::new()).into());
        }
        for (seq, body) in events {
            out.events.push(*seq, record::encode(body, Vec::new()).into());
        }
        for (seq, body) in acts {
            out.acts.push(*seq, record::encode(body, Vec::new()).into());
        }
        out.settle();
        out
    }

    /// A trace was staged. Only candidates are kept.
    pub(crate) fn staged(&mut self, seq: u64, bytes: &[u8]) {
        if !record::is_candidate(bytes) {
            return;
        }
        let bytes: Arc<[u8]> = bytes.into();
        self.candidates.push(seq, Arc::clone(&bytes));
        self.events.push(seq, bytes);
    }

    /// A fact was staged. Kept where it is told as an event.
    pub(crate) fn staged_fact(&mut self, seq: u64, fact: &Fact, bytes: &[u8]) {
        self.staged_key(fact);
        if !is_told(fact) {
            return;
        }
        let bytes: Arc<[u8]> = bytes.into();
        if is_act(fact) {
            self.acts.push(seq, Arc::clone(&bytes));
        }
        self.events.push(seq, bytes);
    }

    /// The key of an order of the operator's own goes beside its judgement: of a tick, traces are staged before facts.
    fn staged_key(&mut self, fact: &Fact) {
        let Fact::Event(event) = fact else { return };
        let Some((order, key)) = asked(event) else { return };
        let Some((seq, bytes)) = self.candidates.staged.back() else { return };
        if matches!(record::decode(bytes), Ok(Body::Candidate(t)) if t.decision == order) {
            self.keys.push(*seq, key.as_bytes().into());
        }
    }

    /// Everything staged is durable now.
    pub fn settle(&mut self) {
        self.keys.settle();
        self.candidates.settle();
        self.events.settle();
        self.acts.settle();
    }

    /// For a reader.
    #[must_use]
    pub fn latest(&self) -> Latest {
        let all = |r: &Ring| r.durable.iter().cloned().collect();
        Latest {
            keys: all(&self.keys),
            candidates: all(&self.candidates),
            events: all(&self.events),
            acts: all(&self.acts),
        }
    }
}

impl Ring {
    /// No more are held back than a reader could be shown.
    fn push(&mut self, seq: u64, bytes: Arc<[u8]>) {
        if self.staged.len() == KEPT {
            self.staged.pop_front();
        }
        self.staged.push_back((seq, bytes));
    }

    fn settle(&mut self) {
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
}

impl Latest {
    /// The last `limit` candidates that `wanted` keeps, oldest first.
    #[must_use]
    pub fn last(&self, limit: usize, wanted: impl Fn(&CandidateTrace) -> bool) -> Vec<SeenCandidate> {
        let mut keys: HashMap<u64, &[u8]> =
            self.keys.iter().flat_map(|s| s.iter()).map(|(seq, key)| (*seq, &**key)).collect();
        last_of(&self.candidates, limit, |seq, body| match body {
            Body::Candidate(trace) if wanted(&trace) => {
                let key = keys.remove(&seq).map(|k| String::from_utf8_lossy(k).into_owned());
                Some(SeenCandidate { seq, trace: *trace, key })
            }
            _ => None,
        })
    }

    /// What `pick` makes of the last `limit` records that it takes, oldest first.
    #[must_use]
    pub fn last_events<T>(&self, limit: usize, pick: impl Fn(u64, &Body) -> Option<T>) -> Vec<T> {
        last_of(&self.events, limit, |seq, body| pick(seq, &body))
    }

    /// What `pick` makes of the last `limit` acts and rulings that it takes, oldest first.
    #[must_use]
    pub fn last_acts<T>(&self, limit: usize, pick: impl Fn(u64, &Body) -> Option<T>) -> Vec<T> {
        last_of(&self.acts, limit, |seq, body| pick(seq, &body))
    }
}

fn last_of<T>(segments: &[Segment], limit: usize, mut pick: impl FnMut(u64, Body) -> Option<T>) -> Vec<T> {
    let newest_first = segments.iter().rev().flat_map(|s| s.iter().rev());
    let mut out: Vec<T> =
        newest_first.filter_map(|(seq, bytes)| pick(*seq, record::decode(bytes).ok()?)).take(limit).collect();
    out.reverse();
    out
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
        assert_eq!(r.latest().candidates.len(), 0, "not durable yet");
        r.settle();
        assert_eq!(r.latest().candidates.len(), 1);
        r.staged(2, CYCLE);
        r.settle();
        assert_eq!(r.candidates.count, 1, "a cycle is no candidate");
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
        for ring in [&r.candidates, &r.events] {
            assert!((KEPT..2 * KEPT).contains(&ring.count), "{}", ring.count);
            assert_eq!(ring.count, ring.durable.iter().map(|s| s.len()).sum::<usize>());
        }
    }
}
