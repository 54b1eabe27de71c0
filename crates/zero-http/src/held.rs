//! Keys of orders that friction holds: the kernel keeps a key once its order is made, so until then it is kept here for which
//! order it was asked. Like the kernel's keys they last a day, the latest 4096 of them; unlike those, only as long as the
//! process, for nothing was done under them.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use zero_core::Digest32;

/// How long a key is kept.
const KEPT_FOR: Duration = Duration::from_secs(86_400);
/// Most keys.
const KEYS_MAX: usize = 4_096;

/// The keys, each with its order's digest and when it was first held.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<HashMap<String, (Digest32, Duration)>>);

impl Held {
    /// Is the key that of another order?
    pub(crate) fn is_of_another(&self, key: &str, order: Digest32, now: Duration) -> bool {
        let Ok(all) = self.0.lock() else { return false };
        all.get(key).is_some_and(|(of, at)| *of != order && now.saturating_sub(*at) < KEPT_FOR)
    }

    /// The key belongs to the order; one that it belonged to less than a day ago stays.
    pub(crate) fn bind(&self, key: &str, order: Digest32, now: Duration) {
        let Ok(mut all) = self.0.lock() else { return };
        if all.get(key).is_some_and(|(_, at)| now.saturating_sub(*at) < KEPT_FOR) {
            return;
        }
        if all.len() >= KEYS_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, (_, at))| *at).map(|(k, _)| k.clone())
        {
            all.remove(&oldest);
        }
        all.insert(key.to_owned(), (order, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_with_its_first_order_for_a_day_and_no_more_are_kept_than_may_be() {
        let (held, one, two) = (Held::default(), Digest32::of(b"1"), Digest32::of(b"2"));
        let at = Duration::from_secs;
        held.bind("k", one, at(0));
        held.bind("k", two, at(1));
        assert!(held.is_of_another("k", two, at(86_399)));
        assert!(!held.is_of_another("k", one, at(86_399)));
        assert!(!held.is_of_another("k", two, at(86_400)), "a day is over");
        held.bind("k", two, at(86_400));
        assert!(held.is_of_another("k", one, at(86_401)));
        for i in 0..KEYS_MAX as u64 {
            held.bind(&format!("n{i}"), one, at(90_000 + i));
        }
        assert_eq!(held.0.lock().unwrap().len(), KEYS_MAX);
        assert!(!held.is_of_another("k", one, at(90_000)), "the oldest gave way");
    }
}
