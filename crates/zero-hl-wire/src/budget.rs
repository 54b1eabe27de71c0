//! The venue's weighted request budget, one per IP address, shared by all callers in order of priority.
//!
//! The venue allows 1,200 weight per minute and address. A token bucket of capacity `c` and refill `r` per minute can
//! grant `c + r` in one minute after a pause, so the two are chosen to *sum* to the limit: no rolling minute exceeds it.

use crate::clock::{Clock, Stop};
use crate::error::WireError;
use std::sync::{Arc, Mutex, PoisonError};
use zero_core::{Ts, TsDiff};

/// The venue's limit over REST per minute and IP address.
pub const VENUE_WEIGHT_PER_MINUTE: u32 = 1_200;
/// The venue's limit of client messages over WebSocket per minute and IP address.
pub const VENUE_MESSAGES_PER_MINUTE: u32 = 2_000;
/// Fixed-point scale of a token: refills of less than one token per tick are not lost.
const MILLI: i64 = 1_000;
const MINUTE_NS: i128 = 60_000_000_000;

/// Who asks. A lower priority leaves a reserve for the ones above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// History for study: leaves half of the bucket.
    Research,
    /// The running loop's reads: leaves a tenth.
    Reads,
    /// What protects a position: may use everything.
    Protection,
}

impl Priority {
    const fn reserve_percent(self) -> i64 {
        match self {
            Self::Research => 50,
            Self::Reads => 10,
            Self::Protection => 0,
        }
    }
}

/// A token bucket. Time is a parameter.
#[derive(Debug)]
pub struct TokenBucket {
    capacity_milli: i64,
    refill_per_minute: u32,
    level_milli: i64,
    as_of: Option<Ts>,
    blocked_until: Option<Ts>,
    /// Part of a milli-token that the last refill left over, in units of `1/MINUTE_NS`.
    fraction: i128,
}

impl TokenBucket {
    /// A full bucket for a limit per minute: a fifth as capacity, four fifths as refill.
    #[must_use]
    pub fn per_minute(limit: u32) -> Self {
        let capacity = limit / 5;
        Self {
            capacity_milli: i64::from(capacity) * MILLI,
            refill_per_minute: limit - capacity,
            level_milli: i64::from(capacity) * MILLI,
            as_of: None,
            blocked_until: None,
            fraction: 0,
        }
    }

    /// Takes `weight` or says how long to wait. A weight above what the priority may ever use is charged against
    /// the full bucket and lets it run negative, so that no single request starves for ever.
    ///
    /// # Errors
    /// The time after which to ask again.
    pub fn try_take(&mut self, weight: u32, priority: Priority, now: Ts) -> Result<(), TsDiff> {
        self.refill(now);
        if let Some(until) = self.blocked_until {
            if now < until {
                return Err(until.since(now));
            }
            self.blocked_until = None;
        }
        let reserve = self.capacity_milli * priority.reserve_percent() / 100;
        let want = i64::from(weight) * MILLI;
        let need = (want + reserve).min(self.capacity_milli);
        if self.level_milli >= need {
            self.level_milli -= want;
            return Ok(());
        }
        let missing = i128::from(need - self.level_milli);
        let per_minute = i128::from(self.refill_per_minute.max(1)) * i128::from(MILLI);
        Err(TsDiff::ns((missing * MINUTE_NS / per_minute) as i64 + 1))
    }

    /// The venue says the budget is gone: nothing passes for `wait`, and the bucket starts empty.
    pub fn penalise(&mut self, wait: TsDiff, now: Ts) {
        self.refill(now);
        self.level_milli = self.level_milli.min(0);
        let until = now.plus(wait);
        self.blocked_until = Some(self.blocked_until.map_or(until, |b| b.max(until)));
    }

    /// Whole tokens that are left.
    pub fn left(&mut self, now: Ts) -> u32 {
        self.refill(now);
        u32::try_from(self.level_milli.max(0) / MILLI).unwrap_or(0)
    }

    fn refill(&mut self, now: Ts) {
        let Some(then) = self.as_of else {
            self.as_of = Some(now);
            return;
        };
        if now <= then {
            return;
        }
        self.as_of = Some(now);
        let rate = i128::from(self.refill_per_minute) * i128::from(MILLI);
        let gained = i128::from(now.since(then).as_ns()) * rate + self.fraction;
        self.fraction = gained % MINUTE_NS;
        let level = i128::from(self.level_milli) + gained / MINUTE_NS;
        if level >= i128::from(self.capacity_milli) {
            self.fraction = 0;
        }
        self.level_milli = level.min(i128::from(self.capacity_milli)) as i64;
    }
}

/// The bucket that all callers on one IP address share.
#[derive(Clone, Debug)]
pub struct RateBudget {
    bucket: Arc<Mutex<TokenBucket>>,
    clock: Arc<dyn Clock>,
}

impl RateBudget {
    /// The venue's REST budget.
    #[must_use]
    pub fn rest(clock: Arc<dyn Clock>) -> Self {
        Self::with_limit(VENUE_WEIGHT_PER_MINUTE, clock)
    }

    /// Another limit per minute.
    #[must_use]
    pub fn with_limit(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        Self { bucket: Arc::new(Mutex::new(TokenBucket::per_minute(per_minute))), clock }
    }

    /// Waits for the weight.
    ///
    /// # Errors
    /// [`WireError::Stopped`].
    pub fn take(&self, weight: u32, priority: Priority, stop: &Stop) -> Result<(), WireError> {
        loop {
            match self.try_take(weight, priority) {
                Ok(()) => return Ok(()),
                Err(wait) if stop.wait(wait) => return Err(WireError::Stopped),
                Err(_) => {}
            }
        }
    }

    /// Takes the weight if it is there now.
    ///
    /// # Errors
    /// The time after which to ask again.
    pub fn try_take(&self, weight: u32, priority: Priority) -> Result<(), TsDiff> {
        let now = self.clock.mono();
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).try_take(weight, priority, now)
    }

    /// After a 429: nothing passes for `wait`.
    pub fn penalise(&self, wait: TsDiff) {
        let now = self.clock.mono();
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).penalise(wait, now);
    }

    /// Weight that is left now.
    #[must_use]
    pub fn left(&self) -> u32 {
        let now = self.clock.mono();
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).left(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Ts {
        Ts::from_ms(ms).unwrap()
    }

    proptest! {
        #[test]
        fn no_rolling_minute_ever_exceeds_the_venues_limit(
            steps in proptest::collection::vec((0i64..20_000, 1u32..110, 0u8..3), 1..300)
        ) {
            let mut bucket = TokenBucket::per_minute(VENUE_WEIGHT_PER_MINUTE);
            let mut granted: Vec<(i64, u32)> = Vec::new();
            let mut now = 1_000;
            for (gap, weight, p) in steps {
                now += if gap > 10_000 { (gap - 10_000) * 10 } else { gap / 50 };
                let p = [Priority::Research, Priority::Reads, Priority::Protection][p as usize];
                if bucket.try_take(weight, p, at(now)).is_ok() {
                    granted.push((now, weight));
                    let minute: u32 = granted.iter().filter(|(t, _)| *t > now - 60_000).map(|(_, w)| w).sum();
                    prop_assert!(minute <= VENUE_WEIGHT_PER_MINUTE, "{minute} in the minute to {now}");
                }
            }
        }

        #[test]
        fn the_wait_it_names_is_enough_and_not_twice_too_long(drain in 1u32..240, weight in 1u32..110) {
            let mut bucket = TokenBucket::per_minute(VENUE_WEIGHT_PER_MINUTE);
            bucket.try_take(drain, Priority::Protection, at(0)).unwrap();
            if let Err(wait) = bucket.try_take(weight, Priority::Reads, at(0)) {
                let half = Ts::ZERO.plus(TsDiff::ns(wait.as_ns() / 2));
                prop_assert!(bucket.try_take(weight, Priority::Reads, half).is_err());
                prop_assert!(bucket.try_take(weight, Priority::Reads, Ts::ZERO.plus(wait)).is_ok());
            }
        }
    }

    #[test]
    fn research_cannot_starve_protection() {
        let mut bucket = TokenBucket::per_minute(VENUE_WEIGHT_PER_MINUTE);
        while bucket.try_take(20, Priority::Research, at(0)).is_ok() {}
        assert!(bucket.left(at(0)) >= 120);
        while bucket.try_take(20, Priority::Reads, at(0)).is_ok() {}
        assert!(bucket.try_take(20, Priority::Protection, at(0)).is_ok());
    }

    #[test]
    fn a_request_heavier_than_its_priority_may_hold_does_not_wait_for_ever() {
        let mut bucket = TokenBucket::per_minute(VENUE_WEIGHT_PER_MINUTE);
        assert!(bucket.try_take(200, Priority::Research, at(0)).is_ok());
        let wait = bucket.try_take(200, Priority::Research, at(0)).unwrap_err();
        assert!(bucket.try_take(200, Priority::Research, Ts::ZERO.plus(wait)).is_ok());
    }

    #[test]
    fn a_429_empties_the_bucket_for_every_caller_even_protection() {
        let mut bucket = TokenBucket::per_minute(VENUE_WEIGHT_PER_MINUTE);
        bucket.penalise(TsDiff::secs(7), at(0));
        assert_eq!(bucket.try_take(2, Priority::Protection, at(1_000)), Err(TsDiff::secs(6)));
        assert!(bucket.try_take(2, Priority::Protection, at(7_000)).is_ok());
    }

    #[test]
    fn a_clock_that_stands_or_steps_back_refills_nothing() {
        let mut bucket = TokenBucket::per_minute(VENUE_WEIGHT_PER_MINUTE);
        bucket.try_take(240, Priority::Protection, at(60_000)).unwrap();
        assert!(bucket.try_take(1, Priority::Protection, at(60_000)).is_err());
        assert!(bucket.try_take(1, Priority::Protection, at(0)).is_err());
        assert_eq!(bucket.left(at(120_000)), 240);
    }
}
