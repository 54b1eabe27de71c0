//! What a start finds: the state after the last durable tick, out of a snapshot and what follows it.

use crate::approval::Approvals;
use crate::carried::ForReaders;
use crate::driver::Driver;
use crate::fold::{FoldItem, fold, fold_looking};
use crate::recent::Recent;
use crate::record::{Body, Manifest};
use crate::runner::RunError;
use crate::session::Fold;
use crate::snapshot::RunSnapshot;
use std::path::Path;
use zero_core::Canon;
use zero_journal::{Disk, Journal, Opened, Reader, Record};
use zero_kernel::Fact;

/// What recovery found.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// What the journal said when it was opened.
    pub opened: Opened,
    /// Where the state came from.
    pub from_snapshot: Option<u64>,
    /// Facts folded after it.
    pub facts: u64,
    /// The epoch changed since the last run: decisions before and after are not claimed to be comparable.
    pub new_epoch: bool,
    /// Manifest of the last start, if there was one.
    pub former: Option<Box<Manifest>>,
    /// Approvals that may not be used again.
    pub(crate) approvals: Approvals,
    /// The latest records.
    pub(crate) recent: Recent,
    /// The sessions; `None` where there are more than are carried.
    pub(crate) sessions: Option<Fold>,
}

/// Brings the driver to the state after the last durable tick.
pub(crate) fn recover<D: Disk>(
    disk: &D,
    dir: &Path,
    journal: &Journal<D>,
    driver: &mut Driver,
    manifest: &Manifest,
    out: &mut Recovered,
) -> Result<(), RunError> {
    let reader = Reader::open(disk.clone(), dir)?;
    let snapshot = journal.find_snapshot(|s, beside| {
        let run = RunSnapshot::from_bytes(&s.bytes).ok()?;
        Some((s.anchor, run, ForReaders::from_bytes(&beside.read()?).ok()?))
    })?;
    let pruned = !reader.pruned()?.is_empty();
    let mut former: Option<Manifest> = None;
    // What is carried for readers counts whatever the epoch: it is taken up behind `carried_to`.
    let (carried_to, mut recent, mut sessions, snapshot) = match snapshot {
        Some((anchor, run, ForReaders { recent, sessions })) => {
            let sessions = sessions.map(|s| Fold::resumed(s, &run));
            (anchor.seq, Recent::carried(recent), sessions, Some((anchor, run)))
        }
        None => (0, Recent::default(), Some(Fold::beginning(!pruned)), None),
    };
    let mut records = match snapshot {
        // The feature cache in a snapshot counts for the epoch that wrote it and for no other.
        Some((anchor, snap)) if snap.manifest.epoch == manifest.epoch || pruned => {
            let same = snap.manifest.epoch == manifest.epoch;
            former = Some(snap.manifest.clone());
            out.approvals = snap.approvals.clone();
            check_shape(&snap.manifest, manifest)?;
            snap.restore(driver, same)?;
            if !same {
                rebuild_features(&reader, driver)?;
            }
            out.from_snapshot = Some(anchor.seq);
            reader.records_after(anchor)?
        }
        _ => reader.records(0)?,
    };
    let look = |r: &Record<'_>, body: Option<&Body>| {
        if r.seq < carried_to {
            return Ok(());
        }
        recent.folded(r, body);
        match (body, &mut sessions) {
            (Some(body), Some(sessions)) => sessions.take(r.seq, body),
            _ => Ok(()),
        }
    };
    fold_looking(&mut records, look, |item| match item {
        FoldItem::Facts(facts) => {
            out.facts += facts.len() as u64;
            Ok(driver.replay(facts)?)
        }
        FoldItem::Other(Body::Manifest(m)) => {
            check_shape(&m, manifest)?;
            former = Some(*m);
            Ok(())
        }
        FoldItem::Other(Body::Approval(used)) => {
            out.approvals.note(*used);
            Ok(())
        }
        FoldItem::Other(_) => Ok(()),
    })?;
    recent.settle();
    if let Some(sessions) = &mut sessions {
        sessions.after();
    }
    (out.recent, out.sessions) = (recent, sessions);
    if let Some(former) = former {
        out.new_epoch = former.epoch != manifest.epoch;
        out.former = Some(Box::new(former));
    }
    Ok(())
}

/// Features of another epoch's journal: fed from every market record that is still there, without folding anything.
fn rebuild_features<D: Disk>(reader: &Reader<D>, driver: &mut Driver) -> Result<(), RunError> {
    fold(reader.records(0)?, |item| {
        if let FoldItem::Facts(facts) = item {
            for fact in facts {
                if let Fact::Event(e) = fact {
                    driver.feed_features(e);
                }
            }
        }
        Ok(())
    })
}

/// Books and instruments must be the same: ids in the journal are places in those lists.
fn check_shape(found: &Manifest, wanted: &Manifest) -> Result<(), RunError> {
    let shape = |m: &Manifest| {
        let books: Vec<&str> = m.kernel.books.iter().map(|b| b.name.as_str()).collect();
        let coins: Vec<&str> = m.universe.iter().map(|i| i.symbol.as_str()).collect();
        format!("books {}; coins {}", books.join(", "), coins.join(", "))
    };
    let (found, wanted) = (shape(found), shape(wanted));
    if found == wanted { Ok(()) } else { Err(RunError::OtherRun { found, wanted }) }
}
