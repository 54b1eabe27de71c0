//! Keys of the operator's own orders beside the judgements of them. A judgement records no key; the act that asked for the order
//! does, in the same tick, and the order's id follows from that act alone.

use crate::record::Body;
use crate::runner::RunError;
use crate::view::SeenCandidate;
use std::collections::HashMap;
use std::path::Path;
use zero_core::{OrderId, Ts, TsDiff};
use zero_journal::{Class, Disk, Item, Reader};
use zero_kernel::Fact;
use zero_kernel::record::CandidateTrace;
use zero_market::event::OperatorAction;
use zero_market::{Event, EventBody, OwnOrder};

/// The order that an act asks for, with its key; `None` for what no candidate can come of.
pub(crate) fn asked(event: &Event) -> Option<(OrderId, String)> {
    let EventBody::Operator(o) = &event.body else { return None };
    // What may only reduce passes no gate, so there is no judgement of it.
    if o.action != OperatorAction::Execute {
        return None;
    }
    let order = OwnOrder::parse(&o.subject)?;
    Some((order.id(false, event.time), order.key))
}

/// Could it be of a person's order? That has no horizon and no modifiers; of the rest the id decides.
pub(crate) fn may_be_own(t: &CandidateTrace) -> bool {
    t.horizon == TsDiff::ZERO && t.factors.is_empty()
}

/// Finds the keys of candidates, which come oldest first, in the journal in `dir`. Its records are passed once, and decoded only
/// right behind such a candidate.
///
/// # Errors
/// [`RunError`].
pub(crate) fn find<D: Disk>(disk: &D, dir: &Path, seen: &mut [SeenCandidate]) -> Result<(), RunError> {
    let own: Vec<(u64, Ts)> =
        seen.iter().filter(|s| may_be_own(&s.trace)).map(|s| (s.seq, s.trace.time)).collect();
    let Some((first, _)) = own.first() else { return Ok(()) };
    let mut records = Reader::open(disk.clone(), dir)?.records_near(*first)?;
    let (mut keys, mut behind, mut until) = (HashMap::new(), 0, None);
    while let Some(item) = records.next()? {
        let Item::Record(r) = item else { continue };
        while let Some((_, time)) = own.get(behind).filter(|(seq, _)| *seq < r.seq) {
            (behind, until) = (behind + 1, Some(*time));
        }
        let Some(last) = until.filter(|_| r.class == Class::Fact) else { continue };
        let body =
            crate::record::decode(r.bytes).map_err(|source| RunError::Record { seq: r.seq, source })?;
        let Body::Fact(Fact::Event(e)) = body else { continue };
        if e.time > last {
            until = None;
            if behind == own.len() {
                break;
            }
            continue;
        }
        keys.extend(asked(&e));
    }
    for s in seen {
        s.key = keys.remove(&s.trace.decision);
    }
    Ok(())
}
