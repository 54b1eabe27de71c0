//! What a running loop lets its readers see: the durable state at a moment, shared and never changed.

use crate::project::{Drills, Holder, Reading};
use crate::recent::Latest;
use crate::record::Manifest;
use crate::rim::Rim;
use crate::runner::Runner;
use crate::view::{RunView, Start};
use std::sync::Arc;
use zero_core::Ts;
use zero_journal::Disk;

/// The durable state of a loop at a moment.
#[derive(Clone, Debug)]
pub struct Published {
    /// The state as a reader of the journal would fold it.
    pub view: Arc<RunView>,
    /// The latest judged candidates.
    pub latest: Latest,
    /// What the loop measured of itself.
    pub rim: Rim,
    /// Wall time of the publication.
    pub at: Ts,
    holder: Holder,
    path: String,
    drills: Drills,
}

/// Makes publications of one run: keeps what does not change between them.
#[derive(Debug)]
pub struct Publisher {
    manifest: Arc<Manifest>,
    start: Option<Start>,
    holder: Holder,
    path: String,
    drills: Drills,
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
        }
    }

    /// The state as it is, which must be durable: to be called when nothing is staged.
    #[must_use]
    pub fn publish<D: Disk>(&self, runner: &Runner<D>, at: Ts) -> Published {
        let view = RunView {
            manifest: Arc::clone(&self.manifest),
            state: runner.driver().engine().kernel().state().clone(),
            next_seq: runner.journal().next_seq(),
            snapshot_seq: None,
            start: self.start,
            ended: None,
            torn: false,
            place: None,
        };
        Published {
            view: Arc::new(view),
            latest: runner.recent().map(crate::recent::Recent::latest).unwrap_or_default(),
            rim: runner.rim().clone(),
            at,
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
        Reading {
            view: Arc::clone(&self.view),
            holder: Some(self.holder.clone()),
            wall,
            path: self.path.clone(),
            drills: Arc::clone(&self.drills),
        }
    }
}
