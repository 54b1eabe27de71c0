//! Codes of `zero-hl-wire`.

use super::Exit::{Data, Internal, Refused};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-WIR-001", Data, "live source configuration", "The live source cannot work as configured.", "Correct the named setting."),
    e("ZERO-WIR-002", Data, "unlisted coin", "The venue does not list a configured perpetual.", "Check the symbol against the venue's list."),
    e("ZERO-WIR-003", Internal, "rate limited", "The venue refused a request for its rate.", "Wait; other programs on this address may share the limit."),
    e("ZERO-WIR-004", Data, "budget exhausted", "The request budget has no room for the request.", "Ask for fewer coins or a shorter history."),
    e("ZERO-WIR-005", Internal, "venue status", "The venue answered with an HTTP error.", "Check the venue's status page; the source retries on its own."),
    e("ZERO-WIR-006", Internal, "transport", "A request did not reach the venue, or its answer did not arrive.", "Check the network; the source retries on its own."),
    e("ZERO-WIR-007", Internal, "answer too large", "An answer is longer than the limit.", "Check that the address is the venue's; ask for a shorter range."),
    e("ZERO-WIR-008", Data, "malformed message", "A venue message breaks the documented shape.", "The venue may have changed its format: update before trading on this feed."),
    e("ZERO-WIR-009", Data, "implausible message", "A number in a venue message cannot be what its field promises.", "The venue may have changed its format: update before trading on this feed."),
    e("ZERO-WIR-010", Refused, "clock skew", "The local clock and the venue's differ by more than the limit.", "Synchronise the machine's clock and start again."),
    e("ZERO-WIR-011", Data, "late candle", "A candle came after its time had been closed.", "Nothing is to be done; the candle was refused and counted."),
    e("ZERO-WIR-012", Data, "subscription refused", "The venue refused a subscription.", "Check the coin and interval."),
    e("ZERO-WIR-013", Data, "stopped", "The source was stopped.", "Nothing is to be done."),
    e("ZERO-WIR-014", Internal, "source ended", "A worker of the live source ended on its own.", "Start the source again and report the preceding error."),
];
