//! What the loop's thread and the server's thread have in common.

use crate::metrics::Requests;
use crate::streams::Streams;
use arc_swap::ArcSwap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zero_runtime::clock::Clock;
use zero_runtime::publish::Published;

/// The loop stores, readers load; neither waits for the other.
#[derive(Debug)]
pub struct Shared {
    published: ArcSwap<Published>,
    stopping: AtomicBool,
    pub(crate) streams: Streams,
    pub(crate) requests: Requests,
    pub(crate) clock: ClockBox,
    pub(crate) operator: String,
}

/// The rim's clock.
pub(crate) struct ClockBox(pub(crate) Arc<dyn Clock>);

impl std::fmt::Debug for ClockBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl Shared {
    /// Beginning with the state at the start; `operator` is whose runtime it is.
    #[must_use]
    pub fn new(first: Published, clock: Arc<dyn Clock>, operator: String) -> Self {
        let requests = Requests::new(clock.now());
        let streams = Streams::new(format!("{:x}", clock.now().as_ns()));
        Self {
            published: ArcSwap::from_pointee(first),
            stopping: AtomicBool::new(false),
            streams,
            requests,
            clock: ClockBox(clock),
            operator,
        }
    }

    /// Replaces what readers see.
    pub fn publish(&self, now: Published) {
        self.published.store(Arc::new(now));
        self.streams.ring();
    }

    /// The loop was told to stop: readiness says so while the rest is answered.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.streams.ring();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn load(&self) -> Arc<Published> {
        self.published.load_full()
    }
}
