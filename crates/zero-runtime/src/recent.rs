//! The latest records of a run in memory, for readers that must not look through the journal: judged candidates, those of them
//! that were refused, events, and acts of a person. A start takes them from its snapshot and what came after it. What is staged
//! becomes visible when it is durable; what was visible is shared, never copied.

use crate::carried::{Bytes, Carried, CarriedRecord};
use crate::latest::Latest;
use crate::own_keys::asked;
use crate::project::{is_act, is_told};
use crate::record::{self, Body};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use zero_journal::Record;
use zero_kernel::Fact;

/// Records of a kind that are kept at least, once there were so many. An act brings its ruling, so there are twice as many.
pub const KEPT: usize = 512;

/// What a record is kept as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A judged candidate.
    Candidate,
    /// One that was refused: rare in some runs, nearly all in others.
    Refused,
    /// What a pulse tells.
    Event,
    /// An act of a person or a ruling: rare among the events, and asked for by itself.
    Act,
}

impl Kind {
    /// In the order of the rings.
    pub(crate) const ALL: [Self; 4] = [Self::Candidate, Self::Refused, Self::Event, Self::Act];

    /// Records that are kept at least.
    pub(crate) const fn kept(self) -> usize {
        match self {
            Self::Act => 2 * KEPT,
            _ => KEPT,
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A record that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) seq: u64,
    pub(crate) bytes: Arc<[u8]>,
    /// Of a candidate that judges the operator's own order: that order's key.
    pub(crate) key: Option<Arc<str>>,
}

/// Records that became durable together, oldest first.
pub(crate) type Segment = Arc<Vec<Kept>>;

/// What is kept while the loop runs.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    rings: [Ring; Kind::ALL.len()],
}

/// The last records of a kind.
#[derive(Clone, Debug, Default)]
struct Ring {
    durable: VecDeque<Segment>,
    /// Records in `durable`.
    count: usize,
    staged: VecDeque<Kept>,
    /// There were more than are here.
    more: bool,
}

impl Recent {
    /// Beginning with what a snapshot carried.
    #[must_use]
    pub(crate) fn carried(carried: Carried) -> Self {
        let mut out = Self::default();
        for CarriedRecord { seq, rings, bytes, key } in carried.records {
            let record = Kept { seq, bytes: bytes.0, key: key.map(Arc::from) };
            for kind in Kind::ALL.into_iter().filter(|k| rings & k.bit() != 0) {
                out.push(kind, record.clone());
            }
        }
        for (kind, ring) in Kind::ALL.into_iter().zip(&mut out.rings) {
            ring.more |= carried.more & kind.bit() != 0;
        }
        out.settle();
        out
    }

    /// For a snapshot: as many of each kind as are kept at least. To be asked when nothing is staged.
    pub(crate) fn carry(&self) -> Carried {
        let (mut records, mut more) = (BTreeMap::new(), 0);
        for (kind, ring) in Kind::ALL.into_iter().zip(&self.rings) {
            let beyond = ring.count.saturating_sub(kind.kept());
            more |= if ring.more || beyond > 0 { kind.bit() } else { 0 };
            for r in ring.durable.iter().flat_map(|s| s.iter()).skip(beyond) {
                let record = || CarriedRecord {
                    seq: r.seq,
                    rings: 0,
                    bytes: Bytes(Arc::clone(&r.bytes)),
                    key: r.key.as_deref().map(str::to_owned),
                };
                records.entry(r.seq).or_insert_with(record).rings |= kind.bit();
            }
        }
        Carried { records: records.into_values().collect(), more }
    }

    /// A trace was staged. Only candidates are kept.
    pub(crate) fn staged(&mut self, seq: u64, bytes: &[u8]) {
        if !record::is_candidate(bytes) {
            return;
        }
        let kept = Kept { seq, bytes: bytes.into(), key: None };
        if record::is_refused(bytes) {
            self.push(Kind::Refused, kept.clone());
        }
        self.push(Kind::Candidate, kept.clone());
        self.push(Kind::Event, kept);
    }

    /// A fact was staged. Kept where it is told as an event.
    pub(crate) fn staged_fact(&mut self, seq: u64, fact: &Fact, bytes: &[u8]) {
        self.staged_key(fact);
        if !is_told(fact) {
            return;
        }
        let kept = Kept { seq, bytes: bytes.into(), key: None };
        if is_act(fact) {
            self.push(Kind::Act, kept.clone());
        }
        self.push(Kind::Event, kept);
    }

    /// A record of the journal was folded: a trace, or with its body.
    pub(crate) fn folded(&mut self, r: &Record<'_>, body: Option<&Body>) {
        match body {
            Some(body) => self.staged_body(r.seq, body, r.bytes),
            None => self.staged(r.seq, r.bytes),
        }
    }

    /// A record that is no trace was staged.
    pub(crate) fn staged_body(&mut self, seq: u64, body: &Body, bytes: &[u8]) {
        match body {
            Body::Fact(fact) => self.staged_fact(seq, fact, bytes),
            Body::Manifest(_) | Body::Settings(_) | Body::End(_) | Body::Approval(_) => {
                self.push(Kind::Event, Kept { seq, bytes: bytes.into(), key: None });
            }
            Body::Candidate(_) | Body::Cycle(_) | Body::Abstained(_) | Body::Trial(_) => {}
        }
    }

    /// The key of an order of the operator's own goes beside its judgement: of a tick, traces are staged before facts.
    fn staged_key(&mut self, fact: &Fact) {
        let Fact::Event(event) = fact else { return };
        let Some((order, key)) = asked(event) else { return };
        let key: Arc<str> = key.into();
        for kind in [Kind::Candidate, Kind::Refused] {
            let Some(kept) = self.ring(kind).and_then(|r| r.staged.back_mut()) else { continue };
            if matches!(record::decode(&kept.bytes), Ok(Body::Candidate(t)) if t.decision == order) {
                kept.key = Some(Arc::clone(&key));
            }
        }
    }

    fn ring(&mut self, kind: Kind) -> Option<&mut Ring> {
        self.rings.get_mut(kind as usize)
    }

    fn push(&mut self, kind: Kind, record: Kept) {
        if let Some(ring) = self.ring(kind) {
            ring.push(record, kind.kept());
        }
    }

    /// Everything staged is durable now.
    pub(crate) fn settle(&mut self) {
        for (kind, ring) in Kind::ALL.into_iter().zip(&mut self.rings) {
            ring.settle(kind.kept());
        }
    }

    /// For a reader.
    #[must_use]
    pub fn latest(&self) -> Latest {
        Latest::new(Kind::ALL.map(|kind| {
            let ring = self.rings.get(kind as usize);
            ring.map_or_else(Default::default, |r| (r.durable.iter().cloned().collect(), r.more))
        }))
    }
}

impl Ring {
    /// No more are held back than a reader could be shown.
    fn push(&mut self, record: Kept, kept: usize) {
        if self.staged.len() == kept {
            self.staged.pop_front();
            self.more = true;
        }
        self.staged.push_back(record);
    }

    fn settle(&mut self, kept: usize) {
        if self.staged.is_empty() {
            return;
        }
        self.count += self.staged.len();
        self.durable.push_back(Arc::new(self.staged.drain(..).collect()));
        while let Some(oldest) = self.durable.front()
            && self.count - oldest.len() >= kept
        {
            self.count -= oldest.len();
            self.durable.pop_front();
            self.more = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zero_core::Canon as _;

    // Heads of records, with a body that the ring does not look at.
    const CANDIDATE: &[u8] = &[0x82, 0x01, 0x82, 0x03, 0x00];
    const CYCLE: &[u8] = &[0x82, 0x01, 0x82, 0x04, 0x00];

    fn shown(r: &Recent, kind: Kind) -> usize {
        r.latest().segments(kind).iter().map(|s| s.len()).sum()
    }

    #[test]
    fn what_is_staged_is_not_shown_before_it_is_durable_and_the_ring_stays_bounded() {
        let mut r = Recent::default();
        r.staged(1, CANDIDATE);
        assert_eq!(shown(&r, Kind::Candidate), 0, "not durable yet");
        r.settle();
        assert_eq!(shown(&r, Kind::Candidate), 1);
        r.staged(2, CYCLE);
        r.settle();
        assert_eq!(shown(&r, Kind::Candidate), 1, "a cycle is no candidate");
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
        for kind in [Kind::Candidate, Kind::Event] {
            assert!((KEPT..2 * KEPT).contains(&shown(&r, kind)), "{}", shown(&r, kind));
        }
        assert!(r.rings.iter().all(|r| r.count == r.durable.iter().map(|s| s.len()).sum::<usize>()));
    }

    #[test]
    fn a_snapshot_carries_as_many_as_are_kept_and_says_whether_there_were_more() {
        for (written, more) in [(KEPT - 1, false), (KEPT, false), (KEPT + 1, true), (5 * KEPT, true)] {
            let mut r = Recent::default();
            for i in 0..written {
                r.staged(i as u64, CANDIDATE);
                if i % 100 == 99 {
                    r.settle();
                }
            }
            r.settle();
            let carried = Carried::from_bytes(&r.carry().to_bytes()).unwrap();
            let seqs: Vec<u64> = carried.records.iter().map(|r| r.seq).collect();
            let last: Vec<u64> = (written.saturating_sub(KEPT) as u64..written as u64).collect();
            assert_eq!(seqs, last, "{written}");
            assert_eq!(carried.more & Kind::Candidate.bit() != 0, more, "{written}");
            let again = Recent::carried(carried.clone());
            assert_eq!(again.carry(), carried, "{written}: carried on unchanged");
            assert_eq!(shown(&again, Kind::Event), last.len());
            assert_eq!(again.latest().has_all(Kind::Candidate), !more);
        }
    }
}
