//! Crash and recover, over and over: the power goes at any operation, writes tear, syncs fail, and what was
//! acknowledged must be there at every start.

use super::model::Model;
use crate::disk::{Bug, BuggyDisk, Disk, SimDisk, SimFaults};
use crate::error::JournalError;
use crate::note::NoteKey;
use crate::options::{OpenCheck, Options};
use crate::proof::verify_inclusion_text;
use crate::reader::Reader;
use crate::record::NewRecord;
use crate::scan::Anchor;
use crate::snapshot::Trust;
use crate::writer::Journal;
use ed25519_dalek::SigningKey;
use std::path::Path;
use zero_core::prng::Prng;
use zero_core::{Digest32, Hasher};

/// Cycles on one disk before a fresh one, so that journals stay small and starts cheap.
const CYCLES_PER_DISK: u64 = 24;
const DIR: &str = "/data/journal";
const SECOND: &str = "/state/second";

type Sim = BuggyDisk<SimDisk>;

/// What went wrong, and how to see it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashFailure {
    /// Cycle, from 0.
    pub cycle: u64,
    /// Stream of the campaign's seed on which its disk was drawn.
    pub stream: u64,
    /// One sentence.
    pub what: String,
    /// What happened on that disk up to there.
    pub history: Vec<String>,
}

/// What a campaign did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrashReport {
    /// Crash-and-recover cycles completed.
    pub cycles: u64,
    /// Power cuts; the other cycles ended the process only.
    pub power_cuts: u64,
    /// Starts that cut a torn tail.
    pub torn_tails: u64,
    /// Commits that failed.
    pub failed_commits: u64,
    /// Starts that failed because the disk did.
    pub failed_opens: u64,
    /// Records acknowledged.
    pub acknowledged: u64,
    /// Records whose fate was unknown and that recovery found whole.
    pub recovered_unacknowledged: u64,
    /// Segments pruned.
    pub pruned: u64,
    /// Snapshots found and right.
    pub snapshots: u64,
    /// Inclusion proofs made and verified.
    pub proofs: u64,
    /// Times that reading went on from an anchor of an earlier life.
    pub anchors: u64,
    /// Hash over every chain hash seen: equal for equal seeds.
    pub digest: Option<Digest32>,
    /// The first failure, at which the campaign stopped.
    pub failure: Option<CrashFailure>,
}

/// Runs `cycles` crash-and-recover cycles drawn from `seed`, with a bug planted or none; stops at the first failure.
#[must_use]
pub fn crash_campaign(seed: u64, cycles: u64, bug: Option<Bug>) -> CrashReport {
    let mut report = CrashReport::default();
    let mut trace = Hasher::new();
    let mut stream = 0;
    while report.cycles < cycles && report.failure.is_none() {
        let mut episode = Episode::new(seed, stream, bug);
        for _ in 0..CYCLES_PER_DISK.min(cycles - report.cycles) {
            if let Err(what) = episode.cycle(&mut report, &mut trace) {
                let history = history(seed, stream, bug);
                report.failure = Some(CrashFailure { cycle: report.cycles, stream, what, history });
                break;
            }
            report.cycles += 1;
        }
        stream += 1;
    }
    report.digest = Some(trace.finish());
    report
}

/// The same disk once more, telling what happens.
fn history(seed: u64, stream: u64, bug: Option<Bug>) -> Vec<String> {
    let mut episode = Episode::new(seed, stream, bug);
    episode.log = Some(Vec::new());
    let (mut report, mut trace) = (CrashReport::default(), Hasher::new());
    for _ in 0..CYCLES_PER_DISK {
        if episode.cycle(&mut report, &mut trace).is_err() {
            break;
        }
    }
    episode.log.unwrap_or_default()
}

/// One disk and what was promised on it.
struct Episode {
    prng: Prng,
    sim: SimDisk,
    disk: Sim,
    key: SigningKey,
    model: Model,
    /// A place between two acknowledged batches, from which reading must go on whatever happened since.
    anchor: Option<Anchor>,
    big: bool,
    log: Option<Vec<String>>,
}

impl Episode {
    fn new(seed: u64, stream: u64, bug: Option<Bug>) -> Self {
        let sim = SimDisk::new(Prng::new(seed, 2 * stream + 1));
        let mut prng = Prng::new(seed, 2 * stream);
        let big = prng.below(8) == 0;
        let disk = BuggyDisk::new(sim.clone(), bug);
        let key = SigningKey::from_bytes(&[9; 32]);
        Self { prng, sim, disk, key, model: Model::default(), anchor: None, big, log: None }
    }

    fn options(&mut self) -> Options {
        let mut o = Options::new("zero.local/sim", SECOND, "campaign", Box::new(self.key.clone()));
        o.segment_bytes = 700 + self.prng.below(6000);
        o.ahead_bytes = if self.prng.below(3) == 0 { 0 } else { self.prng.below(3000) as u32 };
        o.checkpoint_every = 1 + self.prng.below(40);
        o.sync_checkpoint_every = 1 + self.prng.below(4);
        o.check = if self.prng.below(2) == 0 { OpenCheck::Full } else { OpenCheck::Tail };
        o
    }

    /// Start, check, work until something stops it, stop.
    fn cycle(&mut self, report: &mut CrashReport, trace: &mut Hasher) -> Result<(), String> {
        self.draw_faults();
        let options = self.options();
        let opened = Journal::open(self.disk.clone(), Path::new(DIR), options);
        match opened {
            Ok((mut journal, opened)) => {
                self.note(|| format!("opened at {}, torn {:?}", opened.next_seq, opened.torn));
                report.torn_tails += u64::from(opened.torn.is_some());
                report.recovered_unacknowledged +=
                    opened.next_seq.saturating_sub(self.model.acked.len() as u64);
                self.model.settle(opened.next_seq)?;
                let chain = self.check(&journal, report)?;
                if chain != opened.chain {
                    return Err("reader and writer disagree on the chain".to_owned());
                }
                trace.update(&chain.0);
                self.work(&mut journal, report)?;
            }
            Err(e @ JournalError::Io { .. }) => {
                self.note(|| format!("not opened: {e}"));
                report.failed_opens += 1;
            }
            Err(e) => return Err(e.to_string()),
        }
        // Otherwise only the process ends, and the page cache lives on.
        if self.sim.is_down() || self.prng.below(3) > 0 {
            self.note(|| "power cut".to_owned());
            report.power_cuts += 1;
            self.sim.reboot();
        }
        Ok(())
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            log.push(what());
        }
    }

    fn draw_faults(&mut self) {
        let mut rate = |most: u64| if self.prng.below(3) == 0 { self.prng.below(most) as u32 } else { 0 };
        self.sim.set_faults(SimFaults {
            short_write: rate(300_000),
            write_error: rate(30_000),
            no_space: rate(30_000),
            sync_error: rate(60_000),
            sync_dir_error: rate(30_000),
        });
        let most = if self.prng.below(4) == 0 { 12 } else { 120 };
        self.sim.cut_power_after(self.prng.below(most));
    }

    fn check<D: Disk>(&mut self, journal: &Journal<D>, report: &mut CrashReport) -> Result<Digest32, String> {
        let reader = Reader::open(self.disk.clone(), Path::new(DIR)).map_err(|e| e.to_string())?;
        let chain = self.model.compare(&reader, None)?;
        if let Some(anchor) = self.anchor {
            let on_from_there =
                self.model.compare(&reader, Some(anchor)).map_err(|e| format!("after an anchor: {e}"))?;
            if on_from_there != chain {
                return Err("reading on from an anchor ends in another chain".to_owned());
            }
            report.anchors += 1;
        }
        let keys = journal.options().keys();
        let found = reader.find_snapshot(Trust::Keys(&keys), |s, beside| Some((beside.read(), s)));
        if let Some((beside, s)) = found.map_err(|e| e.to_string())? {
            let seq = s.anchor.seq;
            if self.model.state_at(seq).as_ref() != Some(&s.bytes) || beside != Some(beside_of(seq)) {
                return Err(format!("the snapshot at {seq} is not of this journal"));
            }
            report.snapshots += 1;
        }
        if self.prng.below(4) == 0 {
            self.check_proof(&reader, &keys, report)?;
        }
        Ok(chain)
    }

    /// Whatever tiles the power cut tore, a record that a checkpoint covers can be proven.
    fn check_proof<D: Disk>(
        &mut self,
        reader: &Reader<D>,
        keys: &[NoteKey],
        report: &mut CrashReport,
    ) -> Result<(), String> {
        let (checkpoint, _) = reader.checkpoint(keys).map_err(|e| e.to_string())?;
        let seq = self.prng.below(checkpoint.size);
        match reader.prove(seq, keys) {
            Ok(proof) => {
                let leaf = self.model.acked.get(seq as usize).map_or(&[][..], |r| &r.bytes);
                verify_inclusion_text(&proof.text, leaf, keys).map_err(|e| e.to_string())?;
                report.proofs += 1;
                Ok(())
            }
            Err(JournalError::Pruned(_)) => Ok(()),
            Err(_) if checkpoint.size == 0 => Ok(()),
            Err(e) => Err(format!("no proof of record {seq}: {e}")),
        }
    }

    /// Commits batches until the disk fails or enough is done; an error is a broken promise.
    fn work(&mut self, journal: &mut Journal<Sim>, report: &mut CrashReport) -> Result<(), String> {
        for _ in 0..1 + self.prng.below(12) {
            let records = 1 + self.prng.below(if self.big { 60 } else { 6 });
            let batch: Vec<_> = (0..records).map(|_| Model::draw(&mut self.prng)).collect();
            for r in &batch {
                let record = NewRecord { class: r.class, keep: r.keep, bytes: &r.bytes };
                if journal.stage(record).is_err() {
                    // Poisoned by a checkpoint after the last acknowledged batch: nothing was staged.
                    return poisoned(journal);
                }
            }
            match journal.commit() {
                Ok(c) if c.range.end - c.range.start == records => {
                    self.note(|| format!("acknowledged {:?}", c.range));
                    report.acknowledged += records;
                    self.model.acked.extend(batch);
                    if self.prng.below(4) == 0 {
                        self.anchor = Some(journal.anchor());
                    }
                }
                Ok(c) => return Err(format!("{records} staged, {:?} acknowledged", c.range)),
                Err(e) => {
                    self.note(|| format!("{records} records not acknowledged: {e}"));
                    report.failed_commits += 1;
                    self.model.in_flight = batch;
                    return poisoned(journal);
                }
            }
            self.housekeeping(journal, report);
        }
        Ok(())
    }

    /// Failures here break no promise: the next commit or the next start must cope.
    fn housekeeping(&mut self, journal: &mut Journal<Sim>, report: &mut CrashReport) {
        match self.prng.below(24) {
            0 | 1 => {
                let seq = journal.next_seq();
                if let Some(state) = self.model.state_at(seq) {
                    let _ = journal.write_snapshot_with(seq, &state, &beside_of(seq));
                }
            }
            2 => {
                let _ = journal.checkpoint();
            }
            3 | 4 if self.big => {
                let before = self.prng.below(journal.next_seq() + 1);
                self.model.prunable = self.model.prunable.max(before);
                let pruned = journal.prune(before, &[]);
                self.note(|| format!("prune {before}: {pruned:?}"));
                if let Ok(r) = pruned {
                    report.pruned += r.removed.len() as u64;
                }
            }
            _ => {}
        }
    }
}

/// After a failure nothing is acknowledged any more.
fn poisoned(journal: &mut Journal<Sim>) -> Result<(), String> {
    match journal.commit() {
        Err(JournalError::Poisoned { .. }) => Ok(()),
        other => Err(format!("a failed journal answered {other:?}")),
    }
}

/// What lies beside the state of a snapshot: nothing, or more than fits in a sector.
fn beside_of(seq: u64) -> Vec<u8> {
    vec![seq as u8; (seq % 3 * 700) as usize]
}
