//! What the loop's thread and the server's thread have in common.

use crate::answer::fault;
use crate::apart::Apart;
use crate::guard::Who;
use crate::held::Held;
use crate::kept::Kept;
use crate::last_made::LastMade;
use crate::metrics::Requests;
use crate::metrics_parts::SteadyParts;
use crate::public::{Delayed, Quota};
use crate::refusal::Refusal;
use crate::streams::Streams;
use arc_swap::ArcSwap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;
use zero_core::TsDiff;
use zero_market::OwnOrder;
use zero_packets::audit::Audit;
use zero_packets::evidence::LiveEvidence;
use zero_packets::notify::SinkTally;
use zero_runtime::clock::Clock;
use zero_runtime::command::Commands;
use zero_runtime::hosts::Hosts;
use zero_runtime::publish::Published;
use zero_runtime::replica::Replica;

/// How far the public snapshot is behind where nothing else is said.
const DELAY: TsDiff = TsDiff::secs(900);

/// The loop stores, readers load; neither waits for the other.
pub struct Shared {
    published: ArcSwap<Published>,
    stopping: AtomicBool,
    pub(crate) streams: Streams,
    pub(crate) requests: Requests,
    pub(crate) kept: Kept,
    pub(crate) apart: Apart,
    pub(crate) last_audit: LastMade<usize, Audit>,
    pub(crate) last_evidence: LastMade<Who, LiveEvidence>,
    pub(crate) held: Held,
    pub(crate) steady: SteadyParts,
    pub(crate) clock: ClockBox,
    pub(crate) operator: String,
    /// The way into the loop, where it takes acts.
    pub(crate) commands: Option<Commands>,
    pub(crate) delayed: Delayed,
    pub(crate) quota: Quota,
    /// Gives the last recorded parity's text.
    recorded: Option<Recorded>,
    /// Asked what the loop's kernel would say; brought to the latest publication when it is asked.
    replica: Mutex<Option<Replica>>,
    notices: OnceLock<Notices>,
    hosts: Hosts,
}

/// Gives a text that was recorded outside the loop, as it is now.
pub struct Recorded(pub Box<dyn Fn() -> Option<String> + Send + Sync>);

impl std::fmt::Debug for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorded")
    }
}
/// Gives how the ways to a person fare.
pub type Notices = Box<dyn Fn() -> Vec<SinkTally> + Send + Sync>;

/// The kernel beside the loop, as one question sees it.
pub(crate) struct Asking<'a>(MutexGuard<'a, Option<Replica>>);

impl Asking<'_> {
    pub(crate) fn get(&self) -> Result<&Replica, Refusal> {
        self.0.as_ref().ok_or_else(|| fault("it was not built"))
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("operator", &self.operator).finish_non_exhaustive()
    }
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
            kept: Kept::default(),
            apart: Apart::default(),
            last_audit: LastMade::default(),
            last_evidence: LastMade::default(),
            held: Held::default(),
            steady: SteadyParts::default(),
            clock: ClockBox(clock),
            operator,
            commands: None,
            delayed: Delayed::new(DELAY),
            quota: Quota::default(),
            recorded: None,
            replica: Mutex::new(None),
            notices: OnceLock::new(),
            hosts: Hosts::default(),
        }
    }

    /// These hosted parts are at hand when the kernel is rebuilt for questions.
    #[must_use]
    pub fn with_hosts(self, hosts: Hosts) -> Self {
        Self { hosts, ..self }
    }

    /// The keys of these orders are taken: friction held them before this process, each so long ago.
    #[must_use]
    pub fn with_held(self, orders: &[(OwnOrder, Duration)]) -> Self {
        let now = self.clock.0.monotonic();
        for (order, age) in orders {
            self.held.bind(&order.key, order.body_digest(false), (now, *age));
        }
        self
    }

    /// Acts are handed to this loop.
    #[must_use]
    pub fn with_commands(self, commands: Commands) -> Self {
        Self { commands: Some(commands), ..self }
    }

    /// How far the public snapshot is behind at least.
    #[must_use]
    pub fn with_delay(self, delay: TsDiff) -> Self {
        Self { delayed: Delayed::new(delay), ..self }
    }

    /// Where the last recorded parity is read.
    #[must_use]
    pub fn with_parity(self, recorded: Recorded) -> Self {
        Self { recorded: Some(recorded), ..self }
    }

    pub(crate) fn parity(&self) -> Option<String> {
        self.recorded.as_ref().and_then(|r| (r.0)())
    }

    /// Asks this for how the ways to a person fare. The first counts.
    pub fn tell_notices(&self, notices: Notices) {
        let _ = self.notices.set(notices);
    }

    pub(crate) fn notices(&self) -> Vec<SinkTally> {
        self.notices.get().map_or_else(Vec::new, |n| n())
    }

    /// Replaces what readers see.
    pub fn publish(&self, now: Published) {
        self.delayed.keep(&now);
        self.published.store(Arc::new(now));
        self.streams.ring();
    }

    /// The kernel as it was published. The server's thread alone asks, so nobody waits here.
    pub(crate) fn replica(&self, p: &Published) -> Result<Asking<'_>, Refusal> {
        let mut held = self.replica.lock().map_err(fault)?;
        let mut replica = match held.take() {
            Some(r) => r,
            None => Replica::before_events_hosting((*p.view.manifest).clone(), &self.hosts).map_err(fault)?,
        };
        replica.follow(p).map_err(fault)?;
        *held = Some(replica);
        Ok(Asking(held))
    }

    /// The loop was told to stop: readiness says so while the rest is answered.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.streams.ring();
    }

    /// Was it told to stop?
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// What readers see now.
    #[must_use]
    pub fn load(&self) -> Arc<Published> {
        self.published.load_full()
    }
}
