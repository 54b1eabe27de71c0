//! How fast requests are answered: a bucket of tokens that refills steadily.

use std::sync::Mutex;
use std::time::Duration;

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    state: Mutex<(f64, Duration)>,
}

impl Bucket {
    pub(crate) fn new(per_second: u32, now: Duration) -> Self {
        let per_second = f64::from(per_second);
        Self { per_second, state: Mutex::new((per_second, now)) }
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&self, now: Duration) -> bool {
        let Ok(mut state) = self.state.lock() else { return false };
        let (left, last) = *state;
        let refilled = (left + now.saturating_sub(last).as_secs_f64() * self.per_second).min(self.per_second);
        let ok = refilled >= 1.0;
        *state = (if ok { refilled - 1.0 } else { refilled }, now.max(last));
        ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_answered_then_only_the_stated_rate() {
        let b = Bucket::new(10, Duration::ZERO);
        assert_eq!((0..100).filter(|_| b.take(Duration::ZERO)).count(), 10);
        assert_eq!((0..100).filter(|i| b.take(Duration::from_millis(i * 10))).count(), 9);
        assert!(!b.take(Duration::ZERO), "a clock that steps back refills nothing");
    }
}
