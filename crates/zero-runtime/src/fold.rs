//! Records of a journal in order: decoded, facts in chunks.

use crate::record::{self, Body};
use crate::runner::RunError;
use zero_journal::{Class, Disk, Item, Record, Records};
use zero_kernel::Fact;
use zero_market::EventBody;

/// Facts folded at a time.
const CHUNK: usize = 4_096;

/// What folding hands out: facts in chunks that end with a source event, everything else one by one.
pub(crate) enum FoldItem<'a> {
    Facts(&'a [Fact]),
    Other(Body),
}

/// Reads records that are no traces and hands them out in order.
pub(crate) fn fold<D: Disk>(
    records: Records<D>,
    take: impl FnMut(FoldItem<'_>) -> Result<(), RunError>,
) -> Result<(), RunError> {
    fold_looking(&mut records.facts_only(), |_, _| Ok(()), take)
}

/// As [`fold`], with a look at every record as it comes; a trace is looked at without being decoded.
pub(crate) fn fold_looking<D: Disk>(
    records: &mut Records<D>,
    mut look: impl FnMut(&Record<'_>, Option<&Body>) -> Result<(), RunError>,
    mut take: impl FnMut(FoldItem<'_>) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let mut chunk: Vec<Fact> = Vec::with_capacity(CHUNK);
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        if r.class == Class::Trace {
            look(&r, None)?;
            continue;
        }
        let body = record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        look(&r, Some(&body))?;
        match body {
            Body::Fact(fact) => {
                // A chunk ends with a source event, so that what the venue said before it is in the same chunk.
                let is_source = matches!(&fact, Fact::Event(e) if !matches!(e.body, EventBody::Venue(_)));
                chunk.push(fact);
                if is_source && chunk.len() >= CHUNK {
                    take(FoldItem::Facts(&chunk))?;
                    chunk.clear();
                }
            }
            other => {
                if !chunk.is_empty() {
                    take(FoldItem::Facts(&chunk))?;
                    chunk.clear();
                }
                take(FoldItem::Other(other))?;
            }
        }
    }
    if !chunk.is_empty() {
        take(FoldItem::Facts(&chunk))?;
    }
    Ok(())
}
