//! What a running loop lets its readers see: the durable state at a moment, shared and never changed.

use crate::latest::Latest;
use crate::project::{Drills, Holder, Reading, volatility_name};
use crate::record::Manifest;
use crate::rim::Rim;
use crate::runner::Runner;
use crate::view::{RunView, Start, pending, whole_until};
use std::sync::Arc;
use zero_core::{Digest32, Ts, TsDiff};
use zero_journal::{Checkpoint, Disk};
use zero_kernel::KernelSnapshot;
use zero_market::cross::CrossMemory;
use zero_strategy::feature::BankMemory;

/// Shortest wall time between two copies of the whole kernel.
const MIND_EVERY: TsDiff = TsDiff::ns(250_000_000);

/// The durable state of a loop at a moment.
#[derive(Clone, Debug)]
pub struct Published {
    /// The state as a reader of the journal would fold it.
    pub view: Arc<RunView>,
    /// The latest judged candidates and events.
    pub latest: Latest,
    /// What the loop measured of itself.
    pub rim: Rim,
    /// Wall time of the publication.
    pub at: Ts,
    /// Head of the journal's hash chain at the state's sequence.
    pub head: Digest32,
    /// The newest signed checkpoint of the journal.
    pub checkpoint: Option<Checkpoint>,
    pub(crate) mind: Arc<Mind>,
    holder: Holder,
    path: String,
    drills: Drills,
}

/// The kernel at a moment, at most [`MIND_EVERY`] before the publication: enough to ask it again elsewhere. With the
/// features of many coins it costs more to copy than the state.
#[derive(Debug)]
pub(crate) struct Mind {
    pub(crate) view: Arc<RunView>,
    pub(crate) at: Ts,
    pub(crate) banks: Vec<BankMemory>,
    pub(crate) cross: Option<CrossMemory>,
}

/// Makes publications of one run: keeps what does not change between them.
#[derive(Debug)]
pub struct Publisher {
    manifest: Arc<Manifest>,
    start: Option<Start>,
    holder: Holder,
    path: String,
    drills: Drills,
    mind: Option<Arc<Mind>>,
}

impl Publisher {
    /// Of this run, as it starts. `holder` is how the process names itself.
    #[must_use]
    pub fn new<D: Disk>(runner: &Runner<D>, holder: String) -> Self {
        let state = runner.driver().engine().kernel().state();
        Self {
            manifest: Arc::new(runner.manifest().clone()),
            start: Some(Start::of(state)),
            holder: Holder { text: holder },
            path: runner.journal().dir().display().to_string(),
            drills: Drills::default(),
            mind: None,
        }
    }

    /// Is the kernel that readers may ask behind the journal, and old enough to be copied anew? Never within an instant whose
    /// slice has not come: readers ask a whole one.
    #[must_use]
    pub fn is_behind<D: Disk>(&self, runner: &Runner<D>, at: Ts) -> bool {
        let state = runner.driver().engine().kernel().state();
        self.mind.as_ref().is_none_or(|m| {
            if pending(state).is_some() {
                return false;
            }
            let age = at.since(m.at).as_ns().unsigned_abs();
            m.view.next_seq != runner.journal().next_seq() && age >= MIND_EVERY.as_ns().unsigned_abs()
        })
    }

    /// The state alone, without the features that a publication lets readers ask.
    fn view<D: Disk>(&self, runner: &Runner<D>) -> RunView {
        let kernel = runner.driver().engine().kernel();
        RunView {
            manifest: Arc::clone(&self.manifest),
            state: kernel.state().clone(),
            next_seq: runner.journal().next_seq(),
            snapshot_seq: None,
            start: self.start,
            ended: None,
            torn: false,
            place: None,
            regime: kernel.cross().and_then(|c| volatility_name(c, whole_until(kernel.state()))),
        }
    }

    /// The state as it is, which must be durable: to be called when nothing is staged.
    #[must_use]
    pub fn publish<D: Disk>(&mut self, runner: &Runner<D>, at: Ts) -> Published {
        let kernel = runner.driver().engine().kernel();
        let view = Arc::new(self.view(runner));
        let mind = match &self.mind {
            Some(mind) if !self.is_behind(runner, at) => Arc::clone(mind),
            _ => {
                let KernelSnapshot { banks, cross, .. } = kernel.snapshot();
                Arc::new(Mind { view: Arc::clone(&view), at, banks, cross })
            }
        };
        self.mind = Some(Arc::clone(&mind));
        Published {
            view,
            latest: runner.recent().latest(),
            rim: runner.rim().clone(),
            at,
            head: runner.journal().chain(),
            checkpoint: runner.journal().newest_checkpoint().cloned(),
            mind,
            holder: self.holder.clone(),
            path: self.path.clone(),
            drills: Arc::clone(&self.drills),
        }
    }
}

impl Published {
    /// As the projections want it, with the reader's own wall time.
    #[must_use]
    pub fn reading(&self, wall: Ts) -> Reading {
        self.reading_of(&self.view, wall)
    }

    /// The reading that belongs to the kernel that may be asked.
    #[must_use]
    pub fn reading_of_mind(&self, wall: Ts) -> Reading {
        self.reading_of(&self.mind.view, wall)
    }

    fn reading_of(&self, view: &Arc<RunView>, wall: Ts) -> Reading {
        Reading {
            view: Arc::clone(view),
            holder: Some(self.holder.clone()),
            wall,
            path: self.path.clone(),
            drills: Arc::clone(&self.drills),
        }
    }
}
