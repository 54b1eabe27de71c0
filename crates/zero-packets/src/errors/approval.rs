//! Codes of approvals: why an increase of risk is not approved in a live-capable runtime.

use super::Exit::{Data, Refused};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-APR-001", Refused, "not approved", "The runtime is live-capable, and an increase of risk came without an approval.", "Write the request to a file, run `zero approve FILE`, and send what it prints with the request."),
    e("ZERO-APR-002", Refused, "unreadable approval", "What came as an approval is none.", "Send the text that `zero approve` prints, whole and unchanged."),
    e("ZERO-APR-003", Refused, "another request", "The approval is for another request: its method, path or body differ.", "Approve the request that is sent, with the same body."),
    e("ZERO-APR-004", Refused, "another journal", "The approval is good in another journal.", "Approve the request for this runtime's journal."),
    e("ZERO-APR-005", Refused, "unknown key", "The approval is signed by a key that is not registered, or that does not follow from the one that approved here before.", "Approve with the operator's key: `zero keys list` shows it."),
    e("ZERO-APR-006", Refused, "ended key", "The approval's key was revoked, or another took over.", "Approve with the active key: `zero keys list` shows it."),
    e("ZERO-APR-007", Refused, "not valid yet", "The approval is not valid yet.", "Wait until its time, or compare the clocks."),
    e("ZERO-APR-008", Refused, "expired", "The approval has expired.", "Approve the request again."),
    e("ZERO-APR-009", Refused, "used", "The approval was used before; each is good once.", "Approve the request again."),
    e("ZERO-APR-010", Refused, "bad signature", "The approval's signature does not verify.", "Send the text that `zero approve` prints, whole and unchanged."),
    e("ZERO-APR-011", Refused, "bad lifetime", "The approval would be valid for longer than an hour, or for no time at all.", "Choose a shorter time with --valid."),
    e("ZERO-APR-012", Refused, "too many approvals", "As many approvals were used within the hour as can be remembered.", "Wait until some have expired."),
    e("ZERO-APR-013", Data, "no such request", "The file to approve holds no request that increases risk.", "Write `{\"method\": \"POST\", \"path\": \"/live/resume\", \"body\": {}}`, or what a refusal shows."),
    e("ZERO-APR-014", Refused, "no journal yet", "A live-capable run needs a journal that is there: its first start is an increase that has to be approved for it.", "Start it once in paper, then approve the change to live-capable."),
    e("ZERO-APR-015", Refused, "open passphrase file", "The passphrase's file can be read by others, or is no file.", "Give it mode 0600, or pass a pipe such as /dev/fd/3."),
];
