//! Codes of `zero-kernel`.

use super::Exit::{Damaged, Data, Internal};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-KRN-001", Internal, "money overflow", "Money arithmetic left the 64-bit range.", "Lower the account's size; report the run if it is not absurd."),
    e("ZERO-KRN-002", Data, "unknown name in an event", "An event names a coin, book or account outside the run.", "Check that data and configuration name the same coins."),
    e("ZERO-KRN-003", Data, "time ran backwards", "An event is older than the state.", "Sort the data, and import each range once."),
    e("ZERO-KRN-004", Damaged, "contradicting fact", "A fact contradicts the folded state.", "Verify the journal with `zero journal verify`."),
    e("ZERO-KRN-005", Data, "unworkable configuration", "The configuration cannot work: no admissible order exists.", "Read the named cause; usually a limit is too tight for the venue's minimum."),
];
