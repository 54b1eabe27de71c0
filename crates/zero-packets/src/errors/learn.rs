//! Codes of `zero-learn`.

use super::Exit::Data;
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-LRN-001", Data, "no cost known", "No order of the run took liquidity, so no cost model follows from it.", "Let the run trade first, or name another journal."),
    e("ZERO-LRN-002", Data, "cost model unusable", "The cost model that `paper.cost_model` names cannot be read or does not fit the run.", "Write it anew with `zero execution --model FILE`, or unset the key."),
    e("ZERO-LRN-003", Data, "too few outcomes for an opinion model", "The candidates with a known outcome are too few, too much of one kind or of too few stretches of time for a model of lens opinions.", "Let the run judge more candidates, or learn from more data with `--data`."),
    e("ZERO-LRN-005", Data, "opinion model unusable", "The opinion model that `paper.opinion_model` names cannot be read, was altered, or does not fit the run's lenses.", "Write it anew with `zero learn lenses --out FILE`, or unset the key."),
];
