//! A run's kernel rebuilt from its journal, for questions: at the end of what is written, or right before a slice was
//! decided. Takes no lock and writes nothing.

use crate::features::Features;
use crate::hosts::Hosts;
pub use crate::past::{Past, past};
use crate::past::{each, onward};
use crate::project::Reading;
use crate::publish::Published;
use crate::record::{Body, Manifest};
use crate::reopen;
use crate::runner::RunError;
use crate::slice::Slice;
use crate::snapshot::RunSnapshot;
use crate::view::{RunView, pending};
use std::path::Path;
use std::sync::Arc;
use zero_core::{BookId, Canon, Digest32, Ts, TsDiff};
use zero_journal::{Anchor, Disk, Reader, Trust};
use zero_kernel::{Fact, Kernel, KernelSnapshot, State};
use zero_strategy::{StrategySpec, Unexplained};

/// A rebuilt kernel.
#[derive(Debug)]
pub struct Replica {
    /// It stands where the journal stood at `next_seq`.
    pub kernel: Kernel,
    /// Manifest in force.
    pub manifest: Manifest,
    /// Event time that questions are asked at.
    pub now: Ts,
    /// Seq of the record after the last one folded.
    pub next_seq: u64,
    /// Seq from which what was decided next is recorded.
    pub decided_from: u64,
    /// By book: why the strategy that the run used cannot be asked; none where it can.
    pub absent: Vec<Option<Unexplained>>,
    /// Event time of the latest event that is known of, at or after `now`.
    pub latest: Ts,
    /// Seq of the record after the last one that is known of: at `next_seq`, or behind it while an instant is pending.
    pub latest_seq: u64,
    /// The instant that has begun and is not decided yet: the kernel stands right before it.
    pub pending: Option<Ts>,
    /// The moment that was asked for, where one was: `now` is the latest slice at or before it, however long before.
    pub asked: Option<Ts>,
}

impl Replica {
    /// At the end of a view; where that lies between the closes of an instant and its slice, right before that instant: the
    /// state of the last decision with what came since, and no part of what the next one will see. What stops new risk is that of
    /// the view all the same: an act waits for no market. `code` is this program:
    /// features of a snapshot count for the epoch that wrote it and no other.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn at_end<D: Disk>(disk: &D, dir: &Path, view: &RunView, code: Digest32) -> Result<Self, RunError> {
        Self::at_end_hosting(disk, dir, (view, None), code, &Hosts::default())
    }

    /// [`Self::at_end`] with these hosted parts at hand, and the features that were found with the view.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn at_end_hosting<D: Disk>(
        disk: &D,
        dir: &Path,
        (view, features): (&RunView, Option<Features>),
        code: Digest32,
        hosts: &Hosts,
    ) -> Result<Self, RunError> {
        let pending = pending(&view.state);
        let before = pending.map(|at| before(disk, dir, at)).transpose()?.flatten();
        let is_before = before.is_some();
        let past = before.unwrap_or_else(|| {
            let (manifest, state) = ((*view.manifest).clone(), view.state.clone());
            (Past { manifest, state, next_seq: view.next_seq }, features)
        });
        let now = past.0.state.now;
        let mut built = Self::build((disk, dir, hosts), past, now, code)?;
        if is_before {
            built.kernel.stop_as(&view.state);
        }
        Ok(Self {
            latest: view.state.now,
            latest_seq: view.next_seq,
            pending: pending.filter(|_| is_before),
            ..built
        })
    }

    /// What surrounds the answers of this kernel: the reading that it was made for, as of its own state.
    #[must_use]
    pub fn reading(&self, r: &Reading) -> Reading {
        let view = if self.next_seq == r.view.next_seq {
            Arc::clone(&r.view)
        } else {
            let state = self.kernel.state().clone();
            Arc::new(RunView { state, next_seq: self.next_seq, ..(*r.view).clone() })
        };
        let (holder, drills) = (r.holder.clone(), Arc::clone(&r.drills));
        Reading { view, holder, wall: r.wall, path: r.path.clone(), drills }
    }

    /// Right before the latest slice at or before `time` was decided: its timer and the breaker changes of its cycle are
    /// folded, its orders are not. `None`: the latest slice of all. `code` is this program, as for [`Self::at_end`].
    ///
    /// # Errors
    /// [`RunError::NoSlice`] where there is none, [`RunError::Over`] where the moment lies a bar or more behind the last one; else
    /// as the journal says.
    pub fn before_slice<D: Disk>(
        disk: &D,
        dir: &Path,
        time: Option<Ts>,
        code: Digest32,
    ) -> Result<Self, RunError> {
        Self::before_slice_hosting(disk, dir, (time, code), |_| Hosts::default())
    }

    /// [`Self::before_slice`] with the hosted parts at hand that `hosts` names for the manifest in force then.
    ///
    /// # Errors
    /// As [`Self::before_slice`].
    pub fn before_slice_hosting<D: Disk>(
        disk: &D,
        dir: &Path,
        (time, code): (Option<Ts>, Digest32),
        hosts: impl FnOnce(&Manifest) -> Hosts,
    ) -> Result<Self, RunError> {
        let reader = Reader::open(disk.clone(), dir)?;
        // The newest snapshot behind which a slice lies at or before the moment, else the beginning.
        let found = find(&reader, |anchor, snap| {
            let is_behind = time.is_none_or(|t| snap.kernel.state.now <= t);
            is_behind.then(|| Slice::find(&reader, Some((anchor, snap)), time).transpose()).flatten()
        })?
        .transpose()?;
        let slice = match found {
            Some(slice) => slice,
            None => Slice::find(&reader, None, time)?.ok_or(RunError::NoSlice)?,
        };
        let Slice { past, decided_from, now, is_latest } = slice;
        if let Some(asked) = time.filter(|t| is_latest && t.since(now) >= bar(&past.0.state)) {
            return Err(RunError::Over { asked, last: now });
        }
        let hosts = hosts(&past.0.manifest);
        Ok(Self { asked: time, decided_from, ..Self::build((disk, dir, &hosts), past, now, code)? })
    }

    /// The kernel of a run before its first event.
    ///
    /// # Errors
    /// [`RunError`] where the manifest describes no kernel.
    pub fn before_events(manifest: Manifest) -> Result<Self, RunError> {
        Self::before_events_hosting(manifest, &Hosts::default())
    }

    /// [`Self::before_events`] with these hosted parts at hand.
    ///
    /// # Errors
    /// As [`Self::before_events`].
    pub fn before_events_hosting(manifest: Manifest, hosts: &Hosts) -> Result<Self, RunError> {
        let (kernel, _) = reopen::run_spec_hosting(&manifest, hosts).engine()?.into_parts();
        let built = &kernel.stack().digests;
        // Without one of its lenses a run's judgements cannot be made again, whichever strategy wants something.
        let lens = hosts.missing_lens(&manifest.hosted_lenses);
        let why = |(b, spec): (usize, &StrategySpec)| {
            let own = (built.get(b) != Some(&spec.digest())).then(|| hosts.absence(spec));
            own.or_else(|| lens.clone())
        };
        let absent = manifest.strategies.iter().enumerate().map(why).collect();
        let (now, latest) = (Ts::ZERO, Ts::ZERO);
        Ok(Self {
            kernel,
            manifest,
            now,
            next_seq: 0,
            decided_from: 0,
            absent,
            latest,
            latest_seq: 0,
            pending: None,
            asked: None,
        })
    }

    /// Brings the kernel to what the loop of the same run published: the market of the kernel's last copy, under the stops of now.
    ///
    /// # Errors
    /// [`RunError`] where the publication is another run's.
    pub fn follow(&mut self, p: &Published) -> Result<(), RunError> {
        let mind = &p.mind;
        let mut is_new = self.latest_seq != p.view.next_seq;
        (self.latest, self.latest_seq) = (p.view.state.now, p.view.next_seq);
        self.pending = pending(&p.view.state).filter(|at| mind.view.state.now < *at);
        if self.next_seq != mind.view.next_seq {
            let state = mind.view.state.clone();
            self.now = state.now;
            let snap = KernelSnapshot { state, banks: mind.banks.clone(), cross: mind.cross.clone() };
            self.kernel.restore(snap).map_err(crate::engine::EngineError::from)?;
            (self.next_seq, self.decided_from) = (mind.view.next_seq, mind.view.next_seq);
            is_new = true;
        }
        if is_new {
            self.kernel.stop_as(&p.view.state);
        }
        Ok(())
    }

    fn build<D: Disk>(
        (disk, dir, hosts): (&D, &Path, &Hosts),
        (past, features): (Past, Option<Features>),
        now: Ts,
        code: Digest32,
    ) -> Result<Self, RunError> {
        let Past { manifest, state, next_seq } = past;
        let Self { mut kernel, manifest, absent, .. } = Self::before_events_hosting(manifest, hosts)?;
        let reader = Reader::open(disk.clone(), dir)?;
        // The features of a stand-in are not those that the run kept.
        let whole = absent.iter().all(Option::is_none);
        let usable = if code == manifest.epoch.code && whole {
            let fit = |f: &Features| f.fit(&manifest, next_seq);
            match features.filter(fit) {
                Some(features) => Some(features),
                None => find(&reader, |anchor, snap| Some(Features::of(anchor, snap).1).filter(fit))?,
            }
        } else {
            None
        };
        let (begun, records) = match usable {
            Some(Features { anchor, banks, cross, .. }) => {
                (KernelSnapshot { state, banks, cross }, reader.records_after(anchor)?)
            }
            None => (KernelSnapshot { state, ..kernel.snapshot() }, reader.records(0)?),
        };
        kernel.restore(begun).map_err(crate::engine::EngineError::from)?;
        // What is fed touches nothing but features.
        each(records.facts_only(), |seq, body| {
            if let Body::Fact(Fact::Event(e)) = &body
                && seq < next_seq
            {
                kernel.feed_features(e);
            }
            Ok(seq + 1 < next_seq)
        })?;
        Ok(Self {
            kernel,
            manifest,
            now,
            next_seq,
            decided_from: next_seq,
            absent,
            latest: now,
            latest_seq: next_seq,
            pending: None,
            asked: None,
        })
    }

    /// How long before the moment asked for the slice was, where that is a bar or more: slices are missing then, and no slice
    /// says what the moment would have seen. A slice has the time of its bar's close, so none is late by its own time.
    #[must_use]
    pub fn gap(&self) -> Option<TsDiff> {
        let age = self.asked?.since(self.now);
        (age >= bar(self.kernel.state())).then_some(age)
    }

    /// Can the book's strategy be asked?
    #[must_use]
    pub fn is_known(&self, book: BookId) -> bool {
        self.absent.get(book.index()).is_some_and(Option::is_none)
    }

    /// Why the book's strategy cannot be asked; `None` where it can.
    #[must_use]
    pub fn absence(&self, book: BookId) -> Option<&Unexplained> {
        self.absent.get(book.index())?.as_ref()
    }
}

/// The longest bar of the run's coins: from one slice to the next where nothing is missing.
fn bar(state: &State) -> TsDiff {
    state.coins.iter().map(|c| c.interval).max().unwrap_or(TsDiff::HOUR)
}

/// What `pick` makes of the newest readable snapshot that it takes.
pub(crate) fn find<D: Disk, T>(
    reader: &Reader<D>,
    mut pick: impl FnMut(Anchor, RunSnapshot) -> Option<T>,
) -> Result<Option<T>, RunError> {
    Ok(reader
        .find_snapshot(Trust::Unsigned, |s, _| pick(s.anchor, RunSnapshot::from_bytes(&s.bytes).ok()?))?)
}

/// The run right before an instant, from the newest snapshot that is older, else from the beginning; `None` where neither is
/// there or nothing came before.
fn before<D: Disk>(disk: &D, dir: &Path, at: Ts) -> Result<Option<(Past, Option<Features>)>, RunError> {
    let reached = |_: u64, body: &Body| matches!(body, Body::Fact(Fact::Event(e)) if e.time >= at);
    let reader = Reader::open(disk.clone(), dir)?;
    let older =
        find(&reader, |anchor, snap| (snap.kernel.state.now < at).then(|| Features::of(anchor, snap)))?;
    let found = match older {
        Some((from, features)) => {
            let records = reader.records_after(features.anchor)?.facts_only();
            Some((onward(records, Some(from), reached)?, Some(features)))
        }
        None => match past(disk, dir, reached) {
            Err(RunError::Pruned) => None,
            other => Some((other?, None)),
        },
    };
    Ok(found.filter(|(p, _)| p.state.now != Ts::ZERO))
}
