//! The two clocks the source needs, as a parameter, and the flag that ends its waits.

use std::fmt::Debug;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use zero_core::{Ts, TsDiff};

/// Where the source reads time. The rim implements it; tests set it by hand.
pub trait Clock: Send + Sync + Debug {
    /// Time of day. May step either way.
    fn wall(&self) -> Ts;
    /// A time of arbitrary origin that never goes back: for budgets, timeouts and back-off.
    fn mono(&self) -> Ts;
}

/// A shared flag that wakes every wait when it is set.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets it, for good.
    pub fn set(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Is it set?
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits at most `d`; true when stopped.
    #[must_use]
    pub fn wait(&self, d: TsDiff) -> bool {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let timeout = duration(d);
        let (guard, _) = self
            .0
            .1
            .wait_timeout_while(guard, timeout, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        *guard
    }
}

/// As a standard duration; negative is zero.
#[must_use]
pub fn duration(d: TsDiff) -> Duration {
    Duration::from_nanos(u64::try_from(d.as_ns()).unwrap_or(0))
}
