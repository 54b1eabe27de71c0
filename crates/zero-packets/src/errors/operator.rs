//! Codes of the friction before an increase of risk, of sessions and of notifications.

use super::Exit::{Data, Refused};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-OPR-001", Refused, "held", "An increase of risk was asked for at a level that puts a pause, or a phrase, before it.", "Wait for the stated time, type the phrase with `zero operator confirm` where one is stated, and repeat the request."),
    e("ZERO-OPR-002", Refused, "refused", "An increase of risk was asked for at a level that admits none, or during a declared break.", "Rest first: `zero operator-state` shows what the level rests on and when it ends. Reductions are never refused."),
    e("ZERO-OPR-003", Data, "notification settings", "A setting of `notify` cannot be used.", "Change the key that the message names; `zero notify test` tries every sink."),
    e("ZERO-OPR-004", Data, "no such session", "A session was named that is not there, or cannot be begun or labelled now.", "`zero session list` shows every session; end the open one first."),
    e("ZERO-OPR-005", Refused, "order not taken", "An order of the operator's own was refused: a gate of admission did not pass, or it may only reduce and would not.", "`zero rejections` shows every gate with its measure; an order that closes is never gated."),
];
