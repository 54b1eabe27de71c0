//! When to try again: exponential back-off with jitter, and the breaker that bounds connection attempts.
//!
//! This knows nothing about frames or their handling, so that no fault there can cause an attempt here.

use std::collections::VecDeque;
use zero_core::prng::Prng;
use zero_core::{Ts, TsDiff};

/// Exponential back-off: attempt `n` waits a uniform draw from `[cap/2, cap]`, `cap = min(first * 2^n, longest)`.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: TsDiff,
    longest: TsDiff,
    attempt: u32,
    prng: Prng,
}

impl Backoff {
    /// With its jitter's seed.
    #[must_use]
    pub const fn new(first: TsDiff, longest: TsDiff, seed: u64) -> Self {
        Self { first, longest, attempt: 0, prng: Prng::new(seed, 0) }
    }

    /// The wait before the next attempt.
    pub fn next_wait(&mut self) -> TsDiff {
        let factor = 1i64 << self.attempt.min(30);
        self.attempt = self.attempt.saturating_add(1);
        let cap = self.first.times(factor).as_ns().clamp(2, self.longest.as_ns().max(2));
        let half = cap / 2;
        TsDiff::ns(half + self.prng.below(half.unsigned_abs() + 1) as i64)
    }

    /// After a success that lasted.
    pub const fn reset(&mut self) {
        self.attempt = 0;
    }
}

/// Limits of connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectLimits {
    /// First wait after a failure.
    pub first_wait: TsDiff,
    /// Longest wait after failures.
    pub longest_wait: TsDiff,
    /// A connection that lived this long resets the back-off.
    pub healthy_after: TsDiff,
    /// At most this many attempts in `window`; the venue's own limit is 30 new connections a minute.
    pub attempts_max: usize,
    /// The window of `attempts_max`.
    pub window: TsDiff,
}

impl Default for ConnectLimits {
    fn default() -> Self {
        Self {
            first_wait: TsDiff::ms(500),
            longest_wait: TsDiff::secs(60),
            healthy_after: TsDiff::secs(60),
            attempts_max: 6,
            window: TsDiff::secs(60),
        }
    }
}

/// Decides when the next connection attempt may start.
#[derive(Debug)]
pub struct ConnectPolicy {
    limits: ConnectLimits,
    backoff: Backoff,
    attempts: VecDeque<Ts>,
    connected_at: Option<Ts>,
    not_before: Option<Ts>,
}

impl ConnectPolicy {
    /// With its jitter's seed.
    #[must_use]
    pub fn new(limits: ConnectLimits, seed: u64) -> Self {
        Self {
            limits,
            backoff: Backoff::new(limits.first_wait, limits.longest_wait, seed),
            attempts: VecDeque::with_capacity(limits.attempts_max.max(1)),
            connected_at: None,
            not_before: None,
        }
    }

    /// Starts an attempt, or says how long to wait first.
    ///
    /// # Errors
    /// The time after which to ask again.
    pub fn try_attempt(&mut self, now: Ts) -> Result<(), TsDiff> {
        if let Some(at) = self.not_before.filter(|at| now < *at) {
            return Err(at.since(now));
        }
        while self.attempts.front().is_some_and(|t| now.since(*t) >= self.limits.window) {
            self.attempts.pop_front();
        }
        if self.attempts.len() >= self.limits.attempts_max.max(1) {
            let oldest = self.attempts.front().copied().unwrap_or(now);
            return Err(oldest.plus(self.limits.window).since(now));
        }
        self.attempts.push_back(now);
        Ok(())
    }

    /// The handshake succeeded.
    pub const fn connected(&mut self, now: Ts) {
        self.connected_at = Some(now);
    }

    /// The attempt failed or the connection ended.
    pub fn failed(&mut self, now: Ts) {
        let lived = self.connected_at.take().map(|t| now.since(t));
        if lived.is_some_and(|d| d >= self.limits.healthy_after) {
            self.backoff.reset();
        }
        self.not_before = Some(now.plus(self.backoff.next_wait()));
    }

    /// Is the breaker open, so that even a due attempt must wait for the window?
    #[must_use]
    pub fn is_open(&self, now: Ts) -> bool {
        let recent = self.attempts.iter().filter(|t| now.since(**t) < self.limits.window).count();
        recent >= self.limits.attempts_max.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Failure mode F10: whatever fails and however fast, attempts stay under the limit.
        #[test]
        fn f10_no_pattern_of_failures_makes_a_connection_storm(
            seed: u64,
            lives in proptest::collection::vec(prop_oneof![4 => 0i64..200, 1 => 60_000i64..61_000], 1..200)
        ) {
            let limits = ConnectLimits::default();
            let mut policy = ConnectPolicy::new(limits, seed);
            let mut now = Ts::ZERO;
            let mut attempts: Vec<Ts> = Vec::new();
            for life in lives {
                while let Err(wait) = policy.try_attempt(now) {
                    prop_assert!(wait > TsDiff::ZERO);
                    now = now.plus(wait);
                }
                attempts.push(now);
                let recent = attempts.iter().filter(|t| now.since(**t) < limits.window).count();
                prop_assert!(recent <= limits.attempts_max);
                if life > 100 {
                    policy.connected(now);
                    now = now.plus(TsDiff::ms(life));
                }
                policy.failed(now);
            }
        }

        #[test]
        fn a_wait_stays_between_half_the_cap_and_the_cap(seed: u64) {
            let mut b = Backoff::new(TsDiff::ms(500), TsDiff::secs(60), seed);
            for n in 0..40u32 {
                let cap = (500i64 << n.min(20)).min(60_000) * 1_000_000;
                let wait = b.next_wait().as_ns();
                prop_assert!(wait >= cap / 2 && wait <= cap, "{n}: {wait}");
            }
        }
    }

    #[test]
    fn a_connection_that_flaps_does_not_reset_the_back_off() {
        let mut policy = ConnectPolicy::new(ConnectLimits::default(), 1);
        let mut now = Ts::ZERO;
        let mut last = TsDiff::ZERO;
        for _ in 0..6 {
            while let Err(wait) = policy.try_attempt(now) {
                now = now.plus(wait);
                last = wait;
            }
            policy.connected(now);
            now = now.plus(TsDiff::secs(1));
            policy.failed(now);
        }
        assert!(last >= TsDiff::secs(4), "{last:?}");
    }
}
