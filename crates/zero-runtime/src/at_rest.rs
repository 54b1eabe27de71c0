//! A journal's files looked at once, beside a running loop or at rest: the folded run with its latest records.

use crate::carried::ForReaders;
use crate::features::Features;
use crate::fold::{FoldItem, fold_looking};
use crate::latest::Latest;
use crate::recent::{Kind, Recent};
use crate::record::Body;
use crate::replica::Past;
use crate::runner::RunError;
use crate::seen_market::SeenMarket;
use crate::snapshot::RunSnapshot;
use crate::view::{RunView, SeenCandidate, Start, Tail, last_bodies, last_candidates, whole_until};
use std::path::Path;
use std::sync::Arc;
use zero_core::{Canon, Digest32};
use zero_journal::{Disk, Reader, Record, Trust};
use zero_kernel::breakers::BREAKERS;
use zero_kernel::record::CandidateTrace;
use zero_kernel::{State, apply};

/// A journal's files, looked at once.
#[derive(Clone, Debug)]
pub struct AtRest {
    /// The folded run.
    pub view: Arc<RunView>,
    /// The latest records, as the run that wrote them shows them.
    pub latest: Latest,
    /// Head of the hash chain at the view's sequence.
    pub head: Digest32,
    /// Features of the snapshot that the view was folded from.
    pub features: Option<Features>,
}

impl AtRest {
    /// Folds the journal in `dir`.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn load<D: Disk>(disk: &D, dir: &Path) -> Result<Self, RunError> {
        let mut recent = Recent::default();
        let (view, head, features) = folded((disk, dir), Some(&mut recent))?;
        recent.settle();
        Ok(Self { view: Arc::new(view), latest: recent.latest(), head, features })
    }

    /// The last `limit` judged candidates that `wanted` keeps, newest last: of the latest records, and looked for in the journal
    /// in `dir` where those are too few.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn last_candidates<D: Disk>(
        &self,
        (disk, dir): (&D, &Path),
        limit: usize,
        wanted: impl Fn(&CandidateTrace) -> bool,
    ) -> Result<Vec<SeenCandidate>, RunError> {
        let found = self.latest.last(limit, &wanted);
        self.or_else(Kind::Candidate, found, limit, || last_candidates(disk, dir, limit, &wanted))
    }

    /// As [`Self::last_candidates`], of those that were refused.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn last_refused<D: Disk>(
        &self,
        (disk, dir): (&D, &Path),
        limit: usize,
        wanted: impl Fn(&CandidateTrace) -> bool,
    ) -> Result<Vec<SeenCandidate>, RunError> {
        let found = self.latest.last_refused(limit, &wanted);
        self.or_else(Kind::Refused, found, limit, || {
            last_candidates(disk, dir, limit, |t| !t.admitted && wanted(t))
        })
    }

    /// What `pick` makes of the last `limit` events that it takes, newest last, found in the same way.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn last_events<D: Disk, T>(
        &self,
        (disk, dir): (&D, &Path),
        limit: usize,
        pick: impl Fn(u64, &Body) -> Option<T>,
    ) -> Result<Vec<T>, RunError> {
        let found = self.latest.last_events(limit, &pick);
        let tail = Tail { limit, only: None, reach: u64::MAX };
        self.or_else(Kind::Event, found, limit, || last_bodies(disk, dir, tail, &pick))
    }

    /// What was found, or what is looked for where there may be more.
    fn or_else<T>(
        &self,
        kind: Kind,
        found: Vec<T>,
        limit: usize,
        look: impl FnOnce() -> Result<Vec<T>, RunError>,
    ) -> Result<Vec<T>, RunError> {
        if found.len() >= limit || self.latest.has_all(kind) { Ok(found) } else { look() }
    }
}

/// The folded run alone, of a journal's files, with the features of the snapshot that it was folded from: the latest records are
/// neither read nor made.
pub(crate) fn view<D: Disk>(disk: &D, dir: &Path) -> Result<(RunView, Option<Features>), RunError> {
    folded((disk, dir), None).map(|(view, _, features)| (view, features))
}

/// The run with the head of its chain and the features of its snapshot; the latest records go into `recent`, where that is given, and are not settled.
fn folded<D: Disk>(
    (disk, dir): (&D, &Path),
    mut recent: Option<&mut Recent>,
) -> Result<(RunView, Digest32, Option<Features>), RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let claimed = reader.claimed();
    let snapshot = reader.find_snapshot(Trust::Unsigned, |s, beside| {
        let run = RunSnapshot::from_bytes(&s.bytes).ok()?;
        if let Some(recent) = &mut recent {
            **recent = Recent::carried(ForReaders::from_bytes(&beside.read()?).ok()?.recent);
        }
        Some((s.anchor, run))
    })?;
    let (mut seen, mut features) = (SeenMarket::default(), None);
    let (mut manifest, mut state, snapshot_seq, place, mut records) = match snapshot {
        Some((anchor, snap)) => {
            let (records, place) = (reader.records_after(anchor)?, snap.place);
            let (Past { manifest, state, next_seq }, found) = Features::of(anchor, snap);
            seen.continued(&manifest, found.cross.as_ref());
            features = Some(found);
            (Some(manifest), Some(state), Some(next_seq), place, records)
        }
        None => (None, None, None, None, reader.records(0)?),
    };
    let (mut ended, mut start) = (None, None);
    if recent.is_none() {
        records = records.facts_only();
    }
    let look = |r: &Record<'_>, body: Option<&Body>| {
        if let Some(recent) = &mut recent {
            recent.folded(r, body);
        }
        Ok(())
    };
    fold_looking(&mut records, look, |item| {
        match item {
            FoldItem::Facts(facts) => {
                let (Some(m), Some(s)) = (&manifest, &mut state) else { return Err(RunError::NoRun) };
                for fact in facts {
                    apply(s, &m.kernel, fact).map_err(crate::engine::EngineError::from)?;
                    seen.fold(fact);
                }
            }
            FoldItem::Other(Body::Manifest(m)) => {
                if state.is_none() {
                    state = Some(State::new(&m.kernel, m.universe.len(), BREAKERS.len()));
                    seen.begin(&m);
                }
                seen.epoch(&m);
                start = state.as_ref().map(Start::of);
                manifest = Some(*m);
                ended = None;
            }
            FoldItem::Other(Body::End(e)) => ended = Some(e),
            FoldItem::Other(_) => {}
        }
        Ok(())
    })?;
    let end = records.end();
    // A journal of which the beginning is gone holds no run either: damage is said first.
    if let (Some(claimed), Some(end)) = (&claimed, &end) {
        claimed.hold(end)?;
    }
    let (Some(manifest), Some(state)) = (manifest, state) else { return Err(RunError::NoRun) };
    let view = RunView {
        manifest: Arc::new(manifest),
        regime: seen.regime(whole_until(&state)),
        state,
        next_seq: end.as_ref().map_or(0, |e| e.anchor.seq),
        snapshot_seq,
        start,
        ended,
        torn: end.as_ref().is_some_and(|e| e.torn.is_some()),
        place,
    };
    let head = end.map_or(Digest32::ZERO, |e| e.anchor.chain);
    Ok((view, head, features))
}
