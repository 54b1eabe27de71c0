//! The learner over a journal. Takes no lock and writes nothing.

use crate::execution::{Executions, Recorder};
use crate::learner::{Learner, Learnt};
use std::path::Path;
use zero_journal::{Disk, Item, Reader};
use zero_kernel::Fact;
use zero_runtime::hosts::Hosts;
use zero_runtime::record::{Body, Manifest, decode};
use zero_runtime::runner::RunError;

/// Most epochs of a journal that strategies are followed for; later ones are read with the last of them.
pub const EPOCHS_MAX: usize = 32;

/// How much of a journal is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every candidate in a shadow book, and every order.
    Shadows,
    /// Orders and counts; candidates are `not_asked` for an outcome.
    Orders,
}

/// What a journal teaches.
#[derive(Debug)]
pub struct Lesson {
    /// The latest manifest.
    pub manifest: Manifest,
    /// Candidates and their outcomes.
    pub learnt: Learnt,
    /// Orders and their cost.
    pub executions: Executions,
    /// Events folded.
    pub cycles: u64,
    /// Seq after the last record read.
    pub next_seq: u64,
}

/// Reads a journal from its first record. `hosts` names the hosted parts that are at hand for a manifest: a journal does not
/// hold them.
///
/// # Errors
/// [`RunError`].
pub fn journal<D: Disk>(
    disk: &D,
    dir: &Path,
    depth: Depth,
    hosts: impl Fn(&Manifest) -> Hosts,
) -> Result<Lesson, RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let manifests = manifests(&reader)?;
    let Some(latest) = manifests.last() else { return Err(RunError::NoRun) };
    let mut learner = match depth {
        Depth::Shadows => Learner::hosting(&manifests, hosts),
        Depth::Orders => Learner::counting(),
    };
    let mut recorder = Recorder::default();
    let mut records = reader.records(0)?;
    let (mut next_seq, mut cycles) = (0, 0);
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        next_seq = r.seq + 1;
        match decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })? {
            Body::Manifest(m) => {
                learner.start(&m);
                recorder.start(&m);
            }
            Body::Candidate(t) => learner.candidate(&t),
            Body::Fact(fact) => {
                recorder.fact(&fact);
                if let Fact::Event(e) = &fact {
                    cycles += 1;
                    learner.event(e);
                }
            }
            Body::Cycle(_)
            | Body::Trial(_)
            | Body::Settings(_)
            | Body::End(_)
            | Body::Approval(_)
            | Body::Abstained(_) => {}
        }
    }
    Ok(Lesson {
        manifest: latest.clone(),
        learnt: learner.finish(),
        executions: recorder.finish(),
        cycles,
        next_seq,
    })
}

/// One manifest per epoch in the order of their first appearance; the latest start's last.
fn manifests<D: Disk>(reader: &Reader<D>) -> Result<Vec<Manifest>, RunError> {
    let mut out: Vec<Manifest> = Vec::new();
    let mut records = reader.records(0)?.facts_only();
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        let body = decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        if let Body::Manifest(m) = body {
            out.retain(|known| known.epoch != m.epoch);
            if out.len() < EPOCHS_MAX {
                out.push(*m);
            }
        }
    }
    Ok(out)
}
