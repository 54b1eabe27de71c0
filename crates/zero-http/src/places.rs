//! The places of open connections. Whoever comes is let in: where all places are taken, the stranger's connection that was
//! silent longest gives way. No number of strangers, silent or slow, holds out whoever has a token.

use crate::streams::Cut;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Connections at a time.
const CONNECTIONS_MAX: usize = 256;
/// Connections of one role that keep their places; more of them count as strangers' until they ask again. The roles together
/// have fewer than all places, so that there is always a connection that gives way.
const KEPT_PER_ROLE: usize = 64;
/// A connection that has yet asked nothing counts as heard so much later than it came: its first request is on its way.
const HEAD_START: Duration = Duration::from_secs(1);

/// All places of a server.
#[derive(Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    taken: Mutex<Vec<Option<Taken>>>,
}

/// A place that is taken.
#[derive(Debug)]
struct Taken {
    heard: Instant,
    /// Whose token a request on it bore and was let in with.
    role: Option<&'static str>,
    gives_way: bool,
    cut: Cut,
}

/// A connection's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) mark: Mark,
    _place: OwnedSemaphorePermit,
}

/// What a request says to the place of its connection.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    places: Arc<Places>,
    at: usize,
}

impl Places {
    pub(crate) fn new() -> Arc<Self> {
        let taken = std::iter::repeat_with(|| None).take(CONNECTIONS_MAX).collect();
        Arc::new(Self { free: Arc::new(Semaphore::new(CONNECTIONS_MAX)), taken: Mutex::new(taken) })
    }

    /// A place for a connection that came, which `cut` ends. `None` if there is none, which no client can bring about.
    pub(crate) async fn take(self: &Arc<Self>, cut: &Cut) -> Option<Seat> {
        let free = Arc::clone(&self.free);
        let place = match Arc::clone(&free).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                self.make_room();
                // What was cut ends the next time that it is looked at.
                free.acquire_owned().await.ok()?
            }
        };
        let mut taken = self.taken.lock().ok()?;
        let at = taken.iter().position(Option::is_none)?;
        let heard = Instant::now() + HEAD_START;
        *taken.get_mut(at)? = Some(Taken { heard, role: None, gives_way: false, cut: cut.clone() });
        Some(Seat { mark: Mark { places: Arc::clone(self), at }, _place: place })
    }

    fn make_room(&self) {
        let Ok(mut taken) = self.taken.lock() else { return };
        let strangers = taken.iter_mut().flatten().filter(|t| t.role.is_none() && !t.gives_way);
        if let Some(silent) = strangers.min_by_key(|t| t.heard) {
            silent.gives_way = true;
            silent.cut.0.notify_one();
        }
    }

    /// Every connection has ended.
    pub(crate) async fn all_free(&self) {
        let _ = self.free.acquire_many(CONNECTIONS_MAX as u32).await;
    }
}

impl Mark {
    /// A request came.
    pub(crate) fn heard(&self) {
        self.with(|taken, at| {
            if let Some(Some(t)) = taken.get_mut(at) {
                t.heard = Instant::now();
            }
        });
    }

    /// A request was let in with the token of this role.
    pub(crate) fn known(&self, role: &'static str) {
        self.with(|taken, at| {
            let kept = taken.iter().flatten().filter(|t| t.role == Some(role)).count();
            if let Some(Some(t)) = taken.get_mut(at)
                && t.role.is_none()
                && kept < KEPT_PER_ROLE
            {
                t.role = Some(role);
            }
        });
    }

    fn with(&self, what: impl FnOnce(&mut [Option<Taken>], usize)) {
        if let Ok(mut taken) = self.places.taken.lock() {
            what(&mut taken, self.at);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.mark.with(|taken, at| {
            if let Some(place) = taken.get_mut(at) {
                *place = None;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    /// Who sits there and how it is told to go.
    struct Guest(Seat, Cut);

    async fn come(places: &Arc<Places>) -> Guest {
        let cut = Cut::default();
        Guest(places.take(&cut).await.unwrap(), cut)
    }

    async fn is_cut(guest: &Guest) -> bool {
        timeout(Duration::from_millis(1), guest.1.0.notified()).await.is_ok()
    }

    fn paused() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn the_stranger_silent_longest_gives_way_and_nobody_with_a_token_does() {
        paused().block_on(async {
            let places = Places::new();
            let mut guests = Vec::new();
            for _ in 0..CONNECTIONS_MAX {
                guests.push(come(&places).await);
            }
            guests[0].0.mark.known("operator");
            let soon = Duration::from_millis(5);
            assert!(timeout(soon, come(&places)).await.is_err(), "the place is given only once it is free");
            assert!(is_cut(&guests[1]).await);
            guests.remove(1);
            guests.push(timeout(soon, come(&places)).await.unwrap());
            for g in &guests {
                assert!(!is_cut(g).await, "one newcomer, one that gave way");
            }
        });
    }

    #[test]
    fn no_role_keeps_so_many_places_that_none_gives_way() {
        paused().block_on(async {
            let places = Places::new();
            let mut guests = Vec::new();
            for i in 0..CONNECTIONS_MAX {
                let guest = come(&places).await;
                guest.0.mark.known(["observer", "agent", "operator"][i % 3]);
                guests.push(guest);
            }
            let soon = Duration::from_millis(5);
            assert!(timeout(soon, come(&places)).await.is_err());
            let kept = 3 * KEPT_PER_ROLE;
            assert!(kept < CONNECTIONS_MAX);
            assert!(is_cut(&guests[kept]).await, "the first above what its role keeps");
        });
    }
}
