//! What was made last for a publication, for rows that hold the same and are asked together: it is the dearest part of each.

use std::sync::{Arc, Mutex, Weak};
use zero_capability::MOMENT;
use zero_core::{Ts, TsDiff};
use zero_runtime::publish::Published;

/// One thing, with what it was made of and when.
#[derive(Debug)]
struct Made<K, T> {
    of: Weak<Published>,
    at: Ts,
    key: K,
    what: Arc<T>,
}

/// The last one.
#[derive(Debug)]
pub(crate) struct LastMade<K, T>(Mutex<Option<Made<K, T>>>);

impl<K, T> Default for LastMade<K, T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<K: PartialEq, T> LastMade<K, T> {
    /// What `make` makes of this publication and `key`, less than [`MOMENT`] older than the answer at `now` that holds it.
    pub(crate) fn get(&self, (of, now): (&Arc<Published>, Ts), key: K, make: impl FnOnce() -> T) -> Arc<T> {
        let kept_for = TsDiff::ns(MOMENT.as_nanos() as i64);
        let is_this = |m: &Made<K, T>| {
            let age = now.since(m.at);
            let is_young = age >= TsDiff::ZERO && age < kept_for;
            is_young && std::ptr::eq(m.of.as_ptr(), Arc::as_ptr(of)) && m.key == key
        };
        let held = self
            .0
            .lock()
            .ok()
            .and_then(|held| held.as_ref().filter(|m| is_this(m)).map(|m| Arc::clone(&m.what)));
        if let Some(what) = held {
            return what;
        }
        let what = Arc::new(make());
        if let Ok(mut held) = self.0.lock() {
            *held = Some(Made { of: Arc::downgrade(of), at: now, key, what: Arc::clone(&what) });
        }
        what
    }
}
