//! Subscriptions to resources: which can be had, how many, and how often a client is told that one changed.
//!
//! A client is told after a publication of the loop, or after the journal grew, and no more often than [`LOOK_EVERY`]; what
//! happened in between is one notification. It is told that a resource changed, never what it holds: that is read.

use crate::backend::Backend;
use crate::catalog::TEMPLATES;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use zero_capability::by_resource;

/// Shortest time between two notifications about one resource.
pub const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Resources that one client may subscribe to.
pub const URIS_MAX: usize = 32;
/// Clients that may listen at a time.
pub const LISTENERS_MAX: usize = 16;
/// Longest address that is looked at, bytes.
const URI_MAX: usize = 256;

/// Does what this resource holds change while a run goes on? Pages, catalogs and a range of records do not.
#[must_use]
pub fn changes(uri: &str) -> bool {
    if uri.len() > URI_MAX {
        return false;
    }
    if let Some(row) = by_resource(uri) {
        return row.max_age_s.is_some();
    }
    let of_coin = |t: &str| t.strip_suffix("{coin}").is_some_and(|head| named(uri, head));
    TEMPLATES.iter().any(|t| of_coin(t.uri))
}

fn named(uri: &str, head: &str) -> bool {
    let coin = uri.strip_prefix(head).unwrap_or("");
    !coin.is_empty() && coin.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Rings when what resources show may have changed.
#[derive(Debug)]
pub(crate) struct Bell {
    backend: Arc<dyn Backend>,
    seen: Option<u64>,
}

impl Bell {
    pub(crate) fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, seen: None }
    }

    /// Waits for the next change; `false` when nothing more will come. Changes before the first call are not told.
    pub(crate) async fn rings(&mut self) -> bool {
        loop {
            if self.seen.is_some() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            let backend = Arc::clone(&self.backend);
            // A look at files blocks.
            let look = tokio::task::spawn_blocking(move || backend.stamp());
            let Ok(Some(stamp)) = look.await else { return false };
            if self.seen.replace(stamp).is_some_and(|before| before != stamp) {
                return true;
            }
        }
    }
}

/// What the client of one long connection subscribed to, before the protocol had streams of their own for it.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    uris: BTreeSet<String>,
    /// Somebody tells them.
    told: bool,
}

impl Watched {
    /// Adds one. `Some(true)` where a teller must be started, `None` where there are too many.
    pub(crate) fn add(&mut self, uri: String) -> Option<bool> {
        if self.uris.len() >= URIS_MAX && !self.uris.contains(&uri) {
            return None;
        }
        self.uris.insert(uri);
        Some(!std::mem::replace(&mut self.told, true))
    }

    pub(crate) fn remove(&mut self, uri: &str) {
        self.uris.remove(uri);
    }

    /// What to tell; with nothing left the teller ends.
    pub(crate) fn due(&mut self) -> Vec<String> {
        self.told = !self.uris.is_empty();
        self.uris.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::Trouble;
    use serde_json::{Map, Value};
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn what_never_changes_or_does_not_exist_cannot_be_subscribed_to() {
        for uri in ["zero://runtime/status", "zero://rejections/audit", "zero://position/BTC"] {
            assert!(changes(uri), "{uri}");
        }
        for uri in [
            "",
            "zero://docs/strategy-plugin",
            "zero://safety/catalog",
            "zero://position/",
            "zero://position/../../x",
            "zero://journal/range/0/10",
            "zero://nothing",
            &format!("zero://position/{}", "B".repeat(URI_MAX)),
        ] {
            assert!(!changes(uri), "{uri}");
        }
    }

    #[test]
    fn a_client_that_subscribes_without_end_is_stopped_and_one_teller_is_enough() {
        let mut w = Watched::default();
        assert_eq!(w.add("a".into()), Some(true));
        for i in 1..URIS_MAX {
            assert_eq!(w.add(format!("{i}")), Some(false), "a teller runs");
        }
        assert_eq!(w.add("one more".into()), None);
        assert_eq!(w.add("a".into()), Some(false), "again the same");
        assert_eq!(w.due().len(), URIS_MAX);
        let all = w.due();
        all.iter().for_each(|u| w.remove(u));
        assert!(w.due().is_empty());
        assert_eq!(w.add("b".into()), Some(true), "the former teller has ended");
    }

    #[derive(Debug, Default)]
    struct Counter(AtomicU64);

    impl Backend for Counter {
        fn tool(&self, _: &str, _: Option<&Map<String, Value>>) -> Result<Value, Trouble> {
            Ok(Value::Null)
        }
        fn resource(&self, _: &str) -> Result<Value, Trouble> {
            Ok(Value::Null)
        }
        fn complete(&self, _: &str, _: &str) -> Result<Vec<String>, Trouble> {
            Ok(Vec::new())
        }
        fn stamp(&self) -> Option<u64> {
            Some(self.0.load(Ordering::Relaxed)).filter(|n| *n < 1_000_000)
        }
    }

    #[test]
    fn many_changes_between_two_looks_are_one_ring_and_the_end_is_told() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let source = Arc::new(Counter::default());
            let mut bell = Bell::new(Arc::clone(&source) as Arc<dyn Backend>);
            let quiet = tokio::time::timeout(LOOK_EVERY * 3, bell.rings()).await;
            assert!(quiet.is_err(), "nothing changed");
            for _ in 0..1_000 {
                source.0.fetch_add(1, Ordering::Relaxed);
            }
            assert!(bell.rings().await);
            let again = tokio::time::timeout(LOOK_EVERY * 3, bell.rings()).await;
            assert!(again.is_err(), "a thousand changes rang twice");
            source.0.store(1_000_000, Ordering::Relaxed);
            assert!(!bell.rings().await, "it is over");
        });
    }
}
