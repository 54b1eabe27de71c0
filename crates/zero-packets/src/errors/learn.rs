//! Codes of `zero-learn`.

use super::Exit::Data;
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-LRN-001", Data, "no cost known", "No order of the run took liquidity, so no cost model follows from it.", "Let the run trade first, or name another journal."),
    e("ZERO-LRN-002", Data, "cost model unusable", "The cost model that `paper.cost_model` names cannot be read or does not fit the run.", "Write it anew with `zero execution --model FILE`, or unset the key."),
];
