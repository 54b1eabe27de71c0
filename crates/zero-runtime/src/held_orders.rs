//! Orders that friction held, among the acts of a journal: nothing was done under their keys, so the state does not know them, and
//! yet a key belongs to the order that it was first sent with, in the next process too.

use crate::record::Body;
use std::time::Duration;
use zero_core::Ts;
use zero_kernel::Fact;
use zero_kernel::operator::Control;
use zero_market::event::OperatorAction;
use zero_market::{EventBody, OwnOrder};

/// The held orders of the last `within` among acts and rulings in the journal's order, oldest first, each with its age at `now`.
#[must_use]
pub fn held_orders(acts: &[(u64, Body)], within: Duration, now: Ts) -> Vec<(OwnOrder, Duration)> {
    // The ruling follows what it rules on at once.
    let pairs = acts.windows(2).filter_map(|w| match w {
        [(_, Body::Fact(Fact::Event(e))), (_, Body::Fact(Fact::Friction(r)))]
            if r.control == Control::Execute && !r.admits() =>
        {
            match &e.body {
                EventBody::Operator(o) if o.action == OperatorAction::Execute => {
                    Some((o.at, OwnOrder::parse(&o.subject)?))
                }
                _ => None,
            }
        }
        _ => None,
    });
    let aged = pairs.filter_map(|(at, order)| {
        let age = Duration::from_nanos(u64::try_from(now.since(at).as_ns()).unwrap_or(0));
        (age < within).then_some((order, age))
    });
    aged.collect()
}
