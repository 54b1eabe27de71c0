//! What a reader holds of the latest records: those that were durable when it was taken.

use crate::recent::{Kept, Kind, Segment};
use crate::record::{self, Body};
use crate::view::SeenCandidate;
use zero_kernel::record::CandidateTrace;

/// The latest records.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    /// By kind: its records, and whether there were more.
    kinds: [(Vec<Segment>, bool); Kind::ALL.len()],
}

impl Latest {
    pub(crate) const fn new(kinds: [(Vec<Segment>, bool); Kind::ALL.len()]) -> Self {
        Self { kinds }
    }

    /// The last `limit` candidates that `wanted` keeps, oldest first.
    #[must_use]
    pub fn last(&self, limit: usize, wanted: impl Fn(&CandidateTrace) -> bool) -> Vec<SeenCandidate> {
        self.last_of(Kind::Candidate, 0, limit, |kept, body| seen(kept, body, &wanted))
    }

    /// The last `limit` refused candidates that `wanted` keeps, oldest first.
    #[must_use]
    pub fn last_refused(&self, limit: usize, wanted: impl Fn(&CandidateTrace) -> bool) -> Vec<SeenCandidate> {
        self.last_of(Kind::Refused, 0, limit, |kept, body| seen(kept, body, &wanted))
    }

    /// What `pick` makes of the last `limit` records that it takes, oldest first.
    #[must_use]
    pub fn last_events<T>(&self, limit: usize, pick: impl Fn(u64, &Body) -> Option<T>) -> Vec<T> {
        self.last_of(Kind::Event, 0, limit, |kept, body| pick(kept.seq, &body))
    }

    /// What `pick` makes of the last `limit` acts and rulings that it takes, oldest first.
    #[must_use]
    pub fn last_acts<T>(&self, limit: usize, pick: impl Fn(u64, &Body) -> Option<T>) -> Vec<T> {
        let first = self.acts_since();
        self.last_of(Kind::Act, first, limit, |kept, body| pick(kept.seq, &body))
    }

    /// Seq from which on every act and ruling of the journal is here.
    #[must_use]
    pub fn acts_since(&self) -> u64 {
        let newest_first = self.newest_first(Kind::Act);
        // As many as any reader has, whatever it holds beside them.
        let mut oldest = newest_first.skip(Kind::Act.kept() - 1).map(|kept| kept.seq);
        match oldest.next() {
            Some(seq) if oldest.next().is_some() || !self.has_all(Kind::Act) => seq,
            _ => 0,
        }
    }

    /// Were there never more records of the kind than are here?
    pub(crate) fn has_all(&self, kind: Kind) -> bool {
        self.kinds.get(kind as usize).is_none_or(|(_, more)| !more)
    }

    pub(crate) fn segments(&self, kind: Kind) -> &[Segment] {
        self.kinds.get(kind as usize).map_or(&[], |(segments, _)| segments)
    }

    fn newest_first(&self, kind: Kind) -> impl Iterator<Item = &Kept> {
        self.segments(kind).iter().rev().flat_map(|s| s.iter().rev())
    }

    fn last_of<T>(
        &self,
        kind: Kind,
        first: u64,
        limit: usize,
        mut pick: impl FnMut(&Kept, Body) -> Option<T>,
    ) -> Vec<T> {
        let kept = self.newest_first(kind).take_while(|kept| kept.seq >= first);
        let picked = kept.filter_map(|kept| pick(kept, record::decode(&kept.bytes).ok()?));
        let mut out: Vec<T> = picked.take(limit).collect();
        out.reverse();
        out
    }
}

fn seen(kept: &Kept, body: Body, wanted: impl Fn(&CandidateTrace) -> bool) -> Option<SeenCandidate> {
    match body {
        Body::Candidate(trace) if wanted(&trace) => {
            let key = kept.key.as_deref().map(str::to_owned);
            Some(SeenCandidate { seq: kept.seq, trace: *trace, key })
        }
        _ => None,
    }
}
