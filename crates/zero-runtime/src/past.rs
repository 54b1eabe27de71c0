//! A run's state at some moment of its journal, folded from records.

use crate::record::{self, Body, Manifest};
use crate::runner::RunError;
use std::path::Path;
use zero_journal::{Disk, Item, Reader, Records};
use zero_kernel::breakers::BREAKERS;
use zero_kernel::{State, apply};

/// A run's state at some moment.
#[derive(Debug)]
pub struct Past {
    /// Manifest in force then.
    pub manifest: Manifest,
    /// The folded state.
    pub state: State,
    /// Seq of the record after the last one folded.
    pub next_seq: u64,
}

/// Folds a journal from its beginning until `stop` says so at a fact or another lasting record, which is then not folded.
///
/// # Errors
/// [`RunError::Pruned`] where the beginning is gone.
pub fn past<D: Disk>(disk: &D, dir: &Path, stop: impl FnMut(u64, &Body) -> bool) -> Result<Past, RunError> {
    onward(beginning_of(&Reader::open(disk.clone(), dir)?)?, None, stop)
}

/// Everything that lasts, from the first record.
pub(crate) fn beginning_of<D: Disk>(reader: &Reader<D>) -> Result<Records<D>, RunError> {
    if !reader.pruned()?.is_empty() {
        return Err(RunError::Pruned);
    }
    Ok(reader.records(0)?.facts_only())
}

/// Hands out records in order until `take` has enough.
pub(crate) fn each<D: Disk>(
    mut records: Records<D>,
    mut take: impl FnMut(u64, Body) -> Result<bool, RunError>,
) -> Result<(), RunError> {
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        let body = record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        if !take(r.seq, body)? {
            break;
        }
    }
    Ok(())
}

/// Folds records until `stop` says so, from what was folded before.
pub(crate) fn onward<D: Disk>(
    records: Records<D>,
    from: Option<Past>,
    mut stop: impl FnMut(u64, &Body) -> bool,
) -> Result<Past, RunError> {
    let mut folding = Folding::from(from);
    each(records, |seq, body| {
        if stop(seq, &body) {
            return Ok(false);
        }
        folding.take(seq, body)?;
        Ok(true)
    })?;
    folding.end()
}

/// What was folded so far.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    manifest: Option<Manifest>,
    state: Option<State>,
    /// Seq of the record after the last one folded.
    pub(crate) next_seq: u64,
}

impl From<Option<Past>> for Folding {
    fn from(past: Option<Past>) -> Self {
        past.map_or_else(Self::default, |Past { manifest, state, next_seq }| Self {
            manifest: Some(manifest),
            state: Some(state),
            next_seq,
        })
    }
}

impl Folding {
    /// The next record.
    pub(crate) fn take(&mut self, seq: u64, body: Body) -> Result<(), RunError> {
        self.next_seq = seq + 1;
        match body {
            Body::Fact(fact) => {
                let (Some(m), Some(s)) = (&self.manifest, &mut self.state) else {
                    return Err(RunError::NoRun);
                };
                apply(s, &m.kernel, &fact).map_err(crate::engine::EngineError::from)?;
            }
            Body::Manifest(m) => {
                if self.state.is_none() {
                    self.state = Some(State::new(&m.kernel, m.universe.len(), BREAKERS.len()));
                }
                self.manifest = Some(*m);
            }
            _ => {}
        }
        Ok(())
    }

    /// The run; none where no record began one.
    pub(crate) fn end(self) -> Result<Past, RunError> {
        match (self.manifest, self.state) {
            (Some(manifest), Some(state)) => Ok(Past { manifest, state, next_seq: self.next_seq }),
            _ => Err(RunError::NoRun),
        }
    }
}
