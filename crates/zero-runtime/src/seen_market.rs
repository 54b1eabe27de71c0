//! The cross-section of all coins as a reader of a journal folds it beside the state: what the status says of the market's
//! regime, in one pass and without a kernel.

use crate::project::volatility_name;
use crate::record::Manifest;
use crate::spec::Epoch;
use zero_core::Ts;
use zero_kernel::{Fact, feed_cross};
use zero_market::Universe;
use zero_market::cross::{CrossMarket, CrossMemory};

/// The cross-section up to a record, where it is known. From the first record on it is this program's own reading. From a
/// snapshot on it counts, like every feature, for the epoch that wrote it: it is not carried over the border to another one,
/// and is unknown until there is a snapshot of that one.
#[derive(Debug, Default)]
pub(crate) struct SeenMarket {
    cross: Option<CrossMarket>,
    /// Whose snapshot it was continued from.
    epoch: Option<Epoch>,
}

impl SeenMarket {
    /// From a snapshot on.
    pub(crate) fn continued(&mut self, manifest: &Manifest, memory: Option<&CrossMemory>) {
        self.begin(manifest);
        self.epoch = Some(manifest.epoch);
        self.cross = self.cross.take().filter(|_| memory.is_some());
        if let (Some(cross), Some(memory)) = (&mut self.cross, memory)
            && !cross.restore(memory)
        {
            self.cross = None;
        }
    }

    /// Before the first event of a run. A run without lenses estimates no cross-section.
    pub(crate) fn begin(&mut self, manifest: &Manifest) {
        let universe = || Universe::new(manifest.universe.clone());
        self.cross = (!manifest.lenses.is_empty()).then(|| CrossMarket::new(&universe()));
    }

    /// A start of the run: another epoch computes its features by itself.
    pub(crate) fn epoch(&mut self, manifest: &Manifest) {
        if self.epoch.is_some_and(|e| e != manifest.epoch) {
            self.cross = None;
        }
    }

    #[inline]
    pub(crate) fn fold(&mut self, fact: &Fact) {
        if let (Fact::Event(event), Some(cross)) = (fact, &mut self.cross) {
            feed_cross(cross, event);
        }
    }

    /// The state of volatility at `now`.
    pub(crate) fn regime(&self, now: Ts) -> Option<&'static str> {
        volatility_name(self.cross.as_ref()?, now)
    }
}
