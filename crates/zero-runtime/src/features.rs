//! The features that a snapshot has, apart from the state that it has.

use crate::record::Manifest;
use crate::replica::Past;
use crate::snapshot::RunSnapshot;
use crate::spec::Epoch;
use zero_journal::Anchor;
use zero_kernel::KernelSnapshot;
use zero_market::cross::CrossMemory;
use zero_strategy::feature::BankMemory;

/// Features as of an anchor, valid for the epoch that wrote them.
#[derive(Clone, Debug)]
pub struct Features {
    pub(crate) anchor: Anchor,
    epoch: Epoch,
    pub(crate) banks: Vec<BankMemory>,
    pub(crate) cross: Option<CrossMemory>,
}

impl Features {
    /// The run as a snapshot has it, and its features.
    pub(crate) fn of(anchor: Anchor, snap: RunSnapshot) -> (Past, Self) {
        let RunSnapshot { manifest, kernel: KernelSnapshot { state, banks, cross }, .. } = snap;
        let features = Self { anchor, epoch: manifest.epoch, banks, cross };
        (Past { manifest, state, next_seq: anchor.seq }, features)
    }

    /// Can a kernel of this run that stands right before `next_seq` begin with them?
    pub(crate) fn fit(&self, manifest: &Manifest, next_seq: u64) -> bool {
        self.epoch == manifest.epoch && self.anchor.seq <= next_seq
    }
}
