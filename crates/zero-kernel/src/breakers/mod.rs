//! The breaker table: the ten names of the `/immune` contract, then ours.

mod account;
mod feed;
mod operator;
mod venue;

pub use account::{DailyLoss, Drawdown, FeeBurn, MaxExposure};
pub use feed::{DataFault, DiskBudget, StaleMarketData};
pub use operator::{AutoOff, DeadMan, Flattening, KillSwitch, OperatorInactivity, OperatorPause};
pub use venue::{ExchangeError, OrderVelocity, Reconciliation};

use crate::breaker::{Breaker, BreakerState, Watches};
use crate::state::State;

/// Every breaker. The place in this table is its bit in a trace and its index in the state: append only.
pub const BREAKERS: &[&dyn Breaker] = &[
    &StaleMarketData,
    &Reconciliation,
    &DeadMan,
    &OperatorPause,
    &OperatorInactivity,
    &KillSwitch,
    &DailyLoss,
    &OrderVelocity,
    &ExchangeError,
    &MaxExposure,
    &Drawdown,
    &DataFault,
    &DiskBudget,
    &FeeBurn,
    &AutoOff,
    &Flattening,
];

/// Every breaker with its state, in the order of the table. One that a state does not know yet, because it was kept before the
/// table grew, is closed.
pub fn states(state: &State) -> impl DoubleEndedIterator<Item = (&'static dyn Breaker, &BreakerState)> {
    let of = |i| state.breakers.get(i).unwrap_or(&BreakerState::CLOSED);
    BREAKERS.iter().enumerate().map(move |(i, b)| (*b, of(i)))
}

/// Those that stand open, in the order of the table.
pub fn standing(state: &State) -> impl DoubleEndedIterator<Item = (&'static dyn Breaker, &BreakerState)> {
    states(state).filter(|(_, now)| now.open)
}

/// A bit per breaker that watches this.
pub(crate) fn that_watch(what: Watches) -> u32 {
    let watch = BREAKERS.iter().enumerate().filter(|(_, b)| b.watches() == what);
    watch.fold(0, |bits, (i, _)| bits | 1 << i)
}

/// A breaker's bit in a trace; none for a name that is not in the table.
pub(crate) fn bit(name: &str) -> u32 {
    find(name).map_or(0, |i| 1 << i)
}

/// The index of a name.
#[must_use]
pub fn find(name: &str) -> Option<usize> {
    BREAKERS.iter().position(|b| b.name() == name)
}
