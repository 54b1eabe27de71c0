//! What the public may see: counts of published states, kept until they are old enough, and how often they may be read.

use std::collections::VecDeque;
use std::sync::Mutex;
use zero_core::{Ts, TsDiff};
use zero_packets::intelligence::RateLimit;
use zero_runtime::project::Counted;
use zero_runtime::publish::Published;

/// States that are kept within one delay: a reading is behind by at most this part of the delay more.
const STEPS: i64 = 64;
/// Readings of one window, by everybody together.
const LIMIT: u64 = 600;
/// Seconds of a window.
const WINDOW_S: i64 = 60;
/// Who, and the window.
const POLICY: &str = "public;w=60";

/// Counts of published states, oldest first.
#[derive(Debug)]
pub(crate) struct Delayed {
    delay: TsDiff,
    kept: Mutex<VecDeque<Counted>>,
}

impl Delayed {
    pub(crate) const fn new(delay: TsDiff) -> Self {
        Self { delay, kept: Mutex::new(VecDeque::new()) }
    }

    pub(crate) const fn delay(&self) -> TsDiff {
        self.delay
    }

    /// A state was published. Where a reader looks at this moment the next one is kept instead: the loop waits for nobody.
    pub(crate) fn keep(&self, p: &Published) {
        let Ok(mut kept) = self.kept.try_lock() else { return };
        let step = TsDiff::ns(self.delay.as_ns() / STEPS);
        if kept.back().is_some_and(|last| p.at.since(last.at) < step) {
            return;
        }
        kept.push_back(Counted::of(&p.view, p.at));
        // One that is older than the delay is enough.
        while kept.get(1).is_some_and(|second| p.at.since(second.at) >= self.delay) {
            kept.pop_front();
        }
    }

    /// The newest state that was published a delay ago or earlier.
    pub(crate) fn seen(&self, now: Ts) -> Option<Counted> {
        let kept = self.kept.lock().ok()?;
        kept.iter().rev().find(|c| now.since(c.at) >= self.delay).copied()
    }
}

/// Readings of the present window.
#[derive(Debug, Default)]
pub(crate) struct Quota(Mutex<(i64, u64)>);

impl Quota {
    /// The limit as it stands; takes nothing.
    pub(crate) fn look(&self, now: Ts) -> RateLimit {
        self.turn(now, 0).1
    }

    /// Takes one reading.
    ///
    /// # Errors
    /// The limit, where none is left of this window.
    pub(crate) fn take(&self, now: Ts) -> Result<RateLimit, RateLimit> {
        let (took, limit) = self.turn(now, 1);
        if took { Ok(limit) } else { Err(limit) }
    }

    fn turn(&self, now: Ts, wanted: u64) -> (bool, RateLimit) {
        let window = now.as_ns().div_euclid(1_000_000_000 * WINDOW_S);
        let (took, used) = match self.0.lock() {
            Ok(mut held) => {
                if held.0 != window {
                    *held = (window, 0);
                }
                let fits = held.1 + wanted <= LIMIT;
                if fits {
                    held.1 += wanted;
                }
                (fits, held.1)
            }
            Err(_) => (false, LIMIT),
        };
        let reset = ((window + 1) * WINDOW_S).max(0).unsigned_abs();
        (took, RateLimit { limit: LIMIT, policy: POLICY.into(), remaining: LIMIT - used, reset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_its_readings_and_no_more_and_the_next_has_them_again() {
        let quota = Quota::default();
        let at = |s: i64| Ts::from_ns(s * 1_000_000_000);
        for n in 0..LIMIT {
            assert_eq!(quota.take(at(0)).unwrap().remaining, LIMIT - 1 - n);
        }
        let full = quota.take(at(WINDOW_S - 1)).unwrap_err();
        assert_eq!((full.remaining, full.reset), (0, WINDOW_S as u64));
        assert_eq!(quota.look(at(WINDOW_S)).remaining, LIMIT);
        assert_eq!(quota.take(at(WINDOW_S)).unwrap().reset, 2 * WINDOW_S as u64);
    }
}
