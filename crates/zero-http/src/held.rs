//! Keys of orders that friction holds: the kernel keeps a key once its order is made, so until then it is kept here for which
//! order it was asked. Like the kernel's keys they last a day, the latest 4096 of them; a process that continues a journal is
//! given those of the one before it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use zero_core::Digest32;

/// How long a key is kept.
pub const KEPT_FOR: Duration = Duration::from_secs(86_400);
/// Most keys.
const KEYS_MAX: usize = 4_096;

/// The keys, each with its order's digest and until when it is kept.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<HashMap<String, (Digest32, Duration)>>);

impl Held {
    /// Is the key that of another order?
    pub(crate) fn is_of_another(&self, key: &str, order: Digest32, now: Duration) -> bool {
        let Ok(all) = self.0.lock() else { return false };
        all.get(key).is_some_and(|(of, until)| *of != order && now < *until)
    }

    /// The key belongs to the order, since `age` ago; one that it belonged to less than a day ago stays.
    pub(crate) fn bind(&self, key: &str, order: Digest32, (now, age): (Duration, Duration)) {
        let Ok(mut all) = self.0.lock() else { return };
        if all.get(key).is_some_and(|(_, until)| now < *until) {
            return;
        }
        if all.len() >= KEYS_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, (_, until))| *until).map(|(k, _)| k.clone())
        {
            all.remove(&oldest);
        }
        all.insert(key.to_owned(), (order, now + KEPT_FOR.saturating_sub(age)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_with_its_first_order_for_a_day_and_no_more_are_kept_than_may_be() {
        let (held, one, two) = (Held::default(), Digest32::of(b"1"), Digest32::of(b"2"));
        let at = Duration::from_secs;
        let new = |s| (at(s), Duration::ZERO);
        held.bind("k", one, new(0));
        held.bind("k", two, new(1));
        assert!(held.is_of_another("k", two, at(86_399)));
        assert!(!held.is_of_another("k", one, at(86_399)));
        assert!(!held.is_of_another("k", two, at(86_400)), "a day is over");
        held.bind("k", two, new(86_400));
        assert!(held.is_of_another("k", one, at(86_401)));
        for i in 0..KEYS_MAX as u64 {
            held.bind(&format!("n{i}"), one, new(90_000 + i));
        }
        assert_eq!(held.0.lock().unwrap().len(), KEYS_MAX);
        assert!(!held.is_of_another("k", one, at(90_000)), "the oldest gave way");
        held.bind("old", one, (at(99_000), at(86_300)));
        assert!(held.is_of_another("old", two, at(99_099)), "it began before this process");
        assert!(!held.is_of_another("old", two, at(99_100)));
    }
}
