//! Codes of `zero-runtime`.

use super::Exit::{Damaged, Data, Internal, Refused};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-RUN-001", Internal, "venue overflow", "The paper venue's money arithmetic left the 64-bit range.", "Lower the account's size; report the run if it is not absurd."),
    e("ZERO-RUN-002", Internal, "runaway", "Venue and kernel kept answering each other over one event.", "Report it with the journal."),
    e("ZERO-RUN-003", Damaged, "venue diverged", "At recovery the paper venue says something else than was recorded.", "Verify the journal; run it with the program version that wrote it."),
    e("ZERO-RUN-004", Damaged, "unreadable record", "A record of the journal cannot be read by this program.", "Use the program version that wrote it, or a newer one, and verify the journal."),
    e("ZERO-RUN-005", Refused, "another run", "The journal belongs to other books or instruments than this run.", "Use another journal directory, or the configuration that it was begun with."),
    e("ZERO-RUN-006", Data, "no run", "The journal holds no run.", "Check the path; `zero run` or `zero demo` makes one."),
    e("ZERO-RUN-007", Data, "too few events", "The market has too few events for parity.", "Use a longer range."),
    e("ZERO-RUN-008", Internal, "operator inbox", "The operator inbox cannot be read.", "Check the partition's permissions and the disk."),
    e("ZERO-RUN-010", Data, "interrupted", "The study was interrupted before its end, and nothing of it was kept.", "Run it again from its beginning."),
    e("ZERO-RUN-011", Data, "no slice", "No slice was decided at the moment that was asked about: it lies before the first or after the last of the run.", "Name a moment within the run, or let the run see its first bars close."),
    e("ZERO-RUN-012", Data, "pruned away", "The moment that was asked about needs records that retention removed.", "Ask about the present, or use a copy of the journal from before it was pruned."),
    e("ZERO-RUN-013", Internal, "unapproved increase", "An increase of risk came to a live-capable run without a verified approval; nothing was done.", "Report it: this is a fault of the program."),
    e("ZERO-RUN-014", Refused, "unattended increase", "A live-capable run was to clear halts by itself.", "Leave out --clear-halts-after, and clear each halt with an approval."),
    e("ZERO-RUN-015", Refused, "another market", "The journal holds positions or orders of a synthetic market, and the run is of another market; or the other way round.", "Go on with the former market until nothing is held (`zero flatten`), or give this one a journal of its own."),
];
