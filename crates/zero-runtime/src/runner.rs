//! A journalled run: every tick is staged whole, and nothing is acknowledged before its batch is durable.

use crate::approval::{Admitted, ApprovalError, Approvals, Approvers, Authority, Presented};
use crate::carried::ForReaders;
use crate::driver::Driver;
use crate::engine::EngineError;
use crate::recent::Recent;
use crate::record::{self, Body, Manifest, RunEnd, SettingsChange, is_kept, is_kept_fact, synthetic_market};
pub use crate::recover::Recovered;
use crate::recover::recover;
use crate::rim::Rim;
use crate::session::Fold;
use crate::snapshot::RunSnapshot;
use std::path::Path;
use thiserror::Error;
use zero_core::cbor::CborError;
use zero_core::{Canon, CoinId, Digest32, Hasher, Ts};
use zero_journal::{Class, Committed, Disk, Journal, JournalError, NewRecord, Options};
use zero_kernel::record::{Abstained, CandidateTrace};
use zero_kernel::{Cycle, Fact, TraceSink};
use zero_market::event::{Gap, OperatorEvent};
use zero_market::{Event, EventBody};

/// A batch is committed when it has grown to this many bytes, whatever else.
const BATCH_BYTES: usize = 256 << 10;

/// Why a run stopped or could not start.
#[derive(Debug, Error)]
pub enum RunError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A record that this program cannot read.
    #[error("record {seq} cannot be read: {source}")]
    Record {
        /// Its number.
        seq: u64,
        /// Why.
        source: CborError,
    },
    /// The journal belongs to a run of another shape.
    #[error("the journal belongs to other books or instruments ({found}) than this run ({wanted})")]
    OtherRun {
        /// What the journal holds.
        found: String,
        /// What was asked for.
        wanted: String,
    },
    /// Something is held at prices of a synthetic market, and the run would mark it at another's; or the other way round.
    #[error("the journal holds positions or orders of another market ({found}) than this run's ({wanted})")]
    OtherMarket {
        /// What the journal's last run traded.
        found: String,
        /// What was asked for.
        wanted: String,
    },
    /// There is no run in the journal.
    #[error("the journal holds no run")]
    NoRun,
    /// No slice was decided up to the moment that was asked about.
    #[error("no slice was decided up to that moment")]
    NoSlice,
    /// The run had ended before the moment that was asked about.
    #[error("nothing ran at {asked}: the latest slice was decided at {last}")]
    Over {
        /// The moment.
        asked: Ts,
        /// The latest slice of the journal.
        last: Ts,
    },
    /// The moment that was asked about needs records that retention removed.
    #[error("the beginning of the journal was pruned, so the state at an earlier moment cannot be folded")]
    Pruned,
    /// An increase of risk came to a live-capable run without a verified approval.
    #[error("an increase of risk came to a live-capable run without a verified approval")]
    Unapproved,
    /// A run of a journal that is or was live-capable was to clear halts by itself.
    #[error(
        "a journal that is or was live-capable clears no halt by itself: that is an increase of risk that nobody approved"
    )]
    Unattended,
}

impl RunError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(e) => e.code(),
            Self::Journal(e) => e.code(),
            Self::Record { .. } => "ZERO-RUN-004",
            Self::OtherRun { .. } => "ZERO-RUN-005",
            Self::NoRun => "ZERO-RUN-006",
            Self::NoSlice | Self::Over { .. } => "ZERO-RUN-011",
            Self::Pruned => "ZERO-RUN-012",
            Self::Unapproved => "ZERO-RUN-013",
            Self::Unattended => "ZERO-RUN-014",
            Self::OtherMarket { .. } => "ZERO-RUN-015",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Engine(e) => e.hint().to_owned(),
            Self::Journal(e) => e.hint().to_string(),
            Self::Record { .. } => {
                "it was written by a newer program, or it is damaged: run `zero journal verify`".into()
            }
            Self::OtherRun { .. } => {
                "give the run a journal of its own, or go back to the former books and coins".into()
            }
            Self::OtherMarket { .. } => {
                "go on with the former market until nothing is held (`zero flatten`), or give this one a journal of its own"
                    .into()
            }
            Self::NoRun => "start one with `zero run` or `zero demo`".into(),
            Self::NoSlice => "name a later moment with --at, or let the run see its first bars close".into(),
            Self::Over { last, .. } => {
                format!("name a moment up to {last} with --at, or leave it out for the latest slice")
            }
            Self::Pruned => {
                "ask about the present, or use a copy of the journal from before it was pruned".into()
            }
            Self::Unapproved => "report it: this is a fault of the program; nothing was done".into(),
            Self::Unattended => "leave out --clear-halts-after, and clear each halt with an approval".into(),
        }
    }
}

/// Is this run's market another than the former's? A synthetic one is known by how it is made; real ones, recorded or live, have
/// the same prices.
fn is_other_market(former: &Manifest, now: &Manifest) -> bool {
    synthetic_market(&former.source) != synthetic_market(&now.source)
}

/// A run with its journal.
#[derive(Debug)]
pub struct Runner<D: Disk> {
    disk: D,
    driver: Driver,
    journal: Journal<D>,
    manifest: Manifest,
    sink: StageSink,
    facts: Vec<Fact>,
    buffer: Vec<u8>,
    snapshot_every: u64,
    last_snapshot: u64,
    recent: Recent,
    sessions: Option<Fold>,
    rim: Rim,
    authority: Authority,
}

impl<D: Disk> Runner<D> {
    /// Opens the journal, recovers the state that it holds, and records this start.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn open(
        disk: D,
        dir: &Path,
        options: Options,
        driver: Driver,
        manifest: Manifest,
        snapshot_every: u64,
    ) -> Result<(Self, Recovered), RunError> {
        let fresh = identity(&options.origin, &manifest);
        let (journal, opened) = Journal::open(disk.clone(), dir, options)?;
        let mut driver = driver;
        let mut recovered = Recovered {
            opened,
            from_snapshot: None,
            facts: 0,
            new_epoch: false,
            former: None,
            approvals: Approvals::none(),
            recent: Recent::default(),
            sessions: Some(Fold::beginning(true)),
        };
        if !recovered.opened.created {
            recover(&disk, dir, &journal, &mut driver, &manifest, &mut recovered)?;
        }
        let is_elsewhere = recovered.former.as_ref().is_some_and(|f| is_other_market(f, &manifest));
        // What is held was bought at a market's prices and may only be marked at them.
        if is_elsewhere && !driver.engine().kernel().state().is_flat() {
            let found = recovered.former.map(|f| f.source).unwrap_or_default();
            return Err(RunError::OtherMarket { found, wanted: manifest.source });
        }
        let mut manifest = manifest;
        if let Some(former) = &recovered.former {
            manifest.epoch_number = former.epoch_number + u64::from(recovered.new_epoch);
        }
        manifest.journal = recovered.former.as_ref().map_or(fresh, |f| f.journal);
        manifest.guarded = manifest.live_capable || recovered.former.as_ref().is_some_and(|f| f.guarded);
        if manifest.guarded && manifest.policy.clear_latches_after.is_some() {
            return Err(RunError::Unattended);
        }
        let table = recovered.approvals.clone();
        let authority = Authority::new(manifest.guarded, manifest.journal, table);
        let last_snapshot = recovered.from_snapshot.unwrap_or(0);
        let mut runner = Self {
            disk,
            driver,
            journal,
            manifest,
            sink: StageSink::default(),
            facts: Vec::new(),
            buffer: Vec::new(),
            snapshot_every,
            last_snapshot,
            recent: core::mem::take(&mut recovered.recent),
            sessions: recovered.sessions.take(),
            rim: Rim::default(),
            authority,
        };
        let body = Body::Manifest(Box::new(runner.manifest.clone()));
        runner.note(&body)?;
        if is_elsewhere {
            runner.begin_market()?;
        }
        runner.commit()?;
        Ok((runner, recovered))
    }

    /// No feature may reach from one market's prices into another's.
    fn begin_market(&mut self) -> Result<(), RunError> {
        let now = self.driver.engine().kernel().state().now;
        if now == Ts::ZERO {
            return Ok(());
        }
        for i in 0..self.manifest.universe.len() {
            let gap = Gap { coin: CoinId(i as u16), from: now, to: now };
            self.take(&Event { time: now, received: now, body: EventBody::Gap(gap) })?;
        }
        Ok(())
    }

    /// One source event with all that follows, staged as one.
    ///
    /// # Errors
    /// [`RunError`]: the run must stop; what is not committed never happened.
    pub fn feed(&mut self, event: &Event) -> Result<(), RunError> {
        if let EventBody::Operator(act) = &event.body
            && !self.authority.is_free(act)
        {
            return Err(RunError::Unapproved);
        }
        self.take(event).map(drop)
    }

    /// These keys may approve increases from now on.
    pub fn trust(&mut self, keys: Box<dyn Approvers>) {
        self.authority.trust(keys);
    }

    /// Lets an act of the operator in; see [`Authority::admit`].
    ///
    /// # Errors
    /// [`ApprovalError`].
    pub fn admit(
        &mut self,
        act: OperatorEvent,
        presented: Option<&Presented>,
        now: Ts,
    ) -> Result<Admitted, ApprovalError> {
        self.authority.admit(act, presented, now)
    }

    /// An act of the operator at the run's own time, staged in one with the record of its approval; the number of the act's record.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn operate(&mut self, admitted: Admitted) -> Result<u64, RunError> {
        let (act, used) = admitted.into_parts();
        if let Some(used) = used {
            self.note(&Body::Approval(Box::new(used)))?;
        }
        let time = self.driver.engine().kernel().state().now;
        self.take(&Event::at(time, EventBody::Operator(Box::new(act))))
    }

    /// The number of the event's own record; of the next, where it is told by none.
    fn take(&mut self, event: &Event) -> Result<u64, RunError> {
        if let Some(sessions) = &mut self.sessions {
            let kernel = self.driver.engine().kernel();
            sessions.before(event, kernel.state(), kernel.config());
        }
        self.driver.feed(
            event,
            &mut Judged { stage: &mut self.sink, rim: &mut self.rim },
            &mut self.facts,
        )?;
        // A cycle in which nothing was judged, done or tripped is told by its event alone.
        if let Some(cycle) = self.driver.told() {
            self.sink.cycle(cycle);
        }
        let mut from = 0;
        for end in self.sink.ends.drain(..) {
            let bytes = self.sink.bytes.get(from..end).unwrap_or(&[]);
            self.recent.staged(staged_seq(&self.journal), bytes);
            self.journal.stage(NewRecord { class: Class::Trace, keep: false, bytes })?;
            from = end;
        }
        self.sink.bytes.clear();
        let mut at = None;
        for fact in self.facts.drain(..) {
            let mut buffer = core::mem::take(&mut self.buffer);
            buffer.clear();
            self.buffer = record::encode_fact(&fact, buffer);
            let keep = is_kept_fact(&fact);
            let seq = staged_seq(&self.journal);
            if matches!(fact, Fact::Event(_)) {
                at.get_or_insert(seq);
            }
            self.recent.staged_fact(seq, &fact, &self.buffer);
            if let Some(sessions) = &mut self.sessions {
                sessions.take_fact(seq, &fact)?;
            }
            self.journal.stage(NewRecord { class: Class::Fact, keep, bytes: &self.buffer })?;
        }
        if let Some(sessions) = &mut self.sessions {
            sessions.after();
        }
        Ok(at.unwrap_or_else(|| staged_seq(&self.journal)))
    }

    /// Must the batch be committed before more is staged?
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.journal.staged_bytes() >= BATCH_BYTES
    }

    /// Is something staged?
    #[must_use]
    pub fn has_staged(&self) -> bool {
        self.journal.staged() > 0
    }

    /// Makes everything staged durable, in one batch. A snapshot follows when it is due.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn commit(&mut self) -> Result<Committed, RunError> {
        let committed = self.journal.commit()?;
        self.recent.settle();
        if self.snapshot_every > 0 && committed.range.end >= self.last_snapshot + self.snapshot_every {
            self.snapshot()?;
        }
        Ok(committed)
    }

    /// Writes a snapshot of everything committed.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn snapshot(&mut self) -> Result<(), RunError> {
        let approvals = self.authority.table().clone();
        let run = RunSnapshot::of(&self.driver, self.manifest.clone());
        self.snapshot_as(&RunSnapshot { approvals, ..run })
    }

    pub(crate) fn snapshot_as(&mut self, snap: &RunSnapshot) -> Result<(), RunError> {
        let sessions = self.sessions.as_ref().and_then(Fold::carry);
        if sessions.is_none() {
            self.sessions = None;
        }
        let beside = ForReaders { recent: self.recent.carry(), sessions };
        let seq = self.journal.next_seq();
        self.journal.write_snapshot_with(seq, &snap.to_bytes(), &beside.to_bytes())?;
        self.last_snapshot = seq;
        Ok(())
    }

    /// Stages a record that is no fact of the kernel.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn note(&mut self, body: &Body) -> Result<(), RunError> {
        let mut buffer = core::mem::take(&mut self.buffer);
        buffer.clear();
        self.buffer = record::encode(body, buffer);
        self.recent.staged_body(staged_seq(&self.journal), body, &self.buffer);
        self.journal.stage(NewRecord { class: Class::Fact, keep: is_kept(body), bytes: &self.buffer })?;
        Ok(())
    }

    /// Records a change of settings.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn note_settings(&mut self, change: SettingsChange) -> Result<(), RunError> {
        self.note(&Body::Settings(Box::new(change)))
    }

    /// An orderly end: its reason is recorded, a snapshot and a checkpoint are left behind.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn close(mut self, reason: &str, time: Ts) -> Result<Driver, RunError> {
        // The snapshot first: a reader that folds from it then meets the end.
        if self.has_staged() {
            self.journal.commit()?;
            self.recent.settle();
        }
        self.snapshot()?;
        self.note(&Body::End(RunEnd { time, reason: reason.to_owned() }))?;
        self.journal.commit()?;
        self.journal.close()?;
        Ok(self.driver)
    }

    /// The latest records.
    #[must_use]
    pub const fn recent(&self) -> &Recent {
        &self.recent
    }

    /// What the loop measured of itself.
    #[must_use]
    pub const fn rim(&self) -> &Rim {
        &self.rim
    }

    pub(crate) const fn rim_mut(&mut self) -> &mut Rim {
        &mut self.rim
    }

    /// The driver.
    #[must_use]
    pub const fn driver(&self) -> &Driver {
        &self.driver
    }

    /// The journal.
    #[must_use]
    pub const fn journal(&self) -> &Journal<D> {
        &self.journal
    }

    /// The disk that the journal lies on.
    #[must_use]
    pub const fn disk(&self) -> &D {
        &self.disk
    }

    /// The manifest of this start.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

/// Number of the record that is staged next.
fn staged_seq<D: Disk>(journal: &Journal<D>) -> u64 {
    journal.next_seq() + journal.staged() as u64
}

/// A new journal's identity: no other start has it.
fn identity(origin: &str, manifest: &Manifest) -> Digest32 {
    let mut h = Hasher::new();
    h.update(b"zero.journal.v1\n");
    h.update(origin.as_bytes());
    h.update(&manifest.started.as_ns().to_be_bytes());
    h.update(&manifest.epoch.code.0);
    h.update(&manifest.settings.0);
    h.finish()
}

/// Encodes traces as they are made, until they are staged.
#[derive(Debug, Default)]
struct StageSink {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Stages a candidate and counts what refused it.
struct Judged<'a> {
    stage: &'a mut StageSink,
    rim: &'a mut Rim,
}

impl TraceSink for Judged<'_> {
    fn candidate(&mut self, trace: &CandidateTrace) {
        self.rim.judged(trace);
        self.stage.bytes = record::encode_candidate(trace, core::mem::take(&mut self.stage.bytes));
        self.stage.ends.push(self.stage.bytes.len());
    }

    fn abstained(&mut self, what: &Abstained) {
        self.stage.bytes = record::encode_abstained(what, core::mem::take(&mut self.stage.bytes));
        self.stage.ends.push(self.stage.bytes.len());
    }
}

impl StageSink {
    fn cycle(&mut self, cycle: &Cycle) {
        self.bytes = record::encode_cycle(cycle, core::mem::take(&mut self.bytes));
        self.ends.push(self.bytes.len());
    }
}
