//! Orders that friction held, read back from a journal: nothing was done under their keys, so the state does not know them, and
//! yet a key belongs to the order that it was first sent with, in the next process too.

use crate::record::Body;
use crate::runner::RunError;
use crate::view::{ACTS_REACH, Tail, last_bodies};
use std::path::Path;
use std::time::Duration;
use zero_core::Ts;
use zero_journal::{Class, Disk};
use zero_kernel::Fact;
use zero_kernel::operator::Control;
use zero_market::event::OperatorAction;
use zero_market::{EventBody, OwnOrder};

/// A step on the way to such an order.
enum Step {
    Asked(Ts, String),
    Held,
}

/// The held orders of the last `within`, oldest first, each with its age at `now`; the last `limit` of them.
///
/// # Errors
/// [`RunError`].
pub fn held_orders<D: Disk>(
    disk: &D,
    dir: &Path,
    (limit, within): (usize, Duration),
    now: Ts,
) -> Result<Vec<(OwnOrder, Duration)>, RunError> {
    let tail = Tail { limit: limit.saturating_mul(2), only: Some(Class::Fact), reach: ACTS_REACH };
    let steps = last_bodies(disk, dir, tail, |_, body| match body {
        Body::Fact(Fact::Event(e)) => match &e.body {
            EventBody::Operator(o) if o.action == OperatorAction::Execute => {
                Some(Step::Asked(o.at, o.subject.clone()))
            }
            _ => None,
        },
        Body::Fact(Fact::Friction(r)) if r.control == Control::Execute && !r.admits() => Some(Step::Held),
        _ => None,
    })?;
    // The ruling follows what it rules on at once.
    let pairs = steps.windows(2).filter_map(|w| match w {
        [Step::Asked(at, subject), Step::Held] => Some((*at, OwnOrder::parse(subject)?)),
        _ => None,
    });
    let aged = pairs.filter_map(|(at, order)| {
        let age = Duration::from_nanos(u64::try_from(now.since(at).as_ns()).unwrap_or(0));
        (age < within).then_some((order, age))
    });
    Ok(aged.collect())
}
