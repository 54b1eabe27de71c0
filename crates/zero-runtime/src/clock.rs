//! The rim's clock: the only place where the wall clock is read.

use std::time::Duration;
use zero_core::Ts;

/// A clock that can be waited on.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Ts;

    /// Time since an arbitrary start, never running backwards.
    fn monotonic(&self) -> Duration;

    /// Waits.
    fn sleep(&self, d: Duration);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
impl Clock for SystemClock {
    fn now(&self) -> Ts {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ts::from_ns(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }

    fn sleep(&self, d: Duration) {
        std::thread::sleep(d);
    }
}
