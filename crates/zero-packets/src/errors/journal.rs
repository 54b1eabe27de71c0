//! Codes of `zero-journal`.

use super::Exit::{Damaged, Data, Internal, Refused, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-JRN-001", Internal, "file system", "The operating system refused an operation on the journal.", "Check the path, its permissions and the free space."),
    e("ZERO-JRN-002", Refused, "journal in use", "Another process writes this journal.", "Stop the process that is named; reading needs no lock."),
    e("ZERO-JRN-003", Damaged, "damaged history", "Acknowledged history is not what was written.", "Do not run on it: keep the files, restore a copy that holds the named record, and verify it."),
    e("ZERO-JRN-004", Damaged, "rollback", "The journal holds less than, or other than, a signed checkpoint says it held.", "Restore the newest copy; never delete the second place to get past this."),
    e("ZERO-JRN-005", Refused, "no second checkpoint", "The second place holds no valid checkpoint of this journal.", "Restore the second place from a copy."),
    e("ZERO-JRN-006", Internal, "journal stopped", "An earlier write or sync failed, so nothing more may be acknowledged.", "Restart the process; it re-reads what the disk really holds."),
    e("ZERO-JRN-007", Data, "format version", "A journal file was written by a newer version of the format.", "Use the program version that wrote it, or a newer one."),
    e("ZERO-JRN-008", Refused, "other origin", "The journal belongs to another origin than the one named.", "Name the journal's own origin, or open the other directory."),
    e("ZERO-JRN-009", Data, "no journal", "The directory holds no journal.", "Check the path; a first run creates the journal."),
    e("ZERO-JRN-010", Internal, "too large", "A record or batch is larger than the limits allow.", "Commit smaller batches, or split the record."),
    e("ZERO-JRN-011", Usage, "bad journal option", "An option of the journal cannot be honoured.", "Correct the option."),
    e("ZERO-JRN-012", Data, "pruned", "The records asked for were dropped by retention.", "Ask for a range that retention kept."),
    e("ZERO-JRN-013", Data, "no such record", "The record asked for does not exist, or is not covered yet.", "Ask for an existing record, or sign a checkpoint that covers it."),
    e("ZERO-JRN-014", Damaged, "invalid note", "A signed note, checkpoint or proof on disk is not valid.", "Check the file and the key that should have signed it."),
    e("ZERO-JRN-101", Data, "malformed proof", "A note, checkpoint or proof does not have the required form.", "Fetch the file again; it was cut or edited."),
    e("ZERO-JRN-102", Damaged, "untrusted signer", "No trusted key signed it.", "Check that the key is that of this journal."),
    e("ZERO-JRN-103", Damaged, "bad signature", "A known key's signature does not fit the text.", "Do not believe it: the text or the signature was altered."),
    e("ZERO-JRN-104", Damaged, "other log", "It is about another log.", "Check that the origin is that of this journal."),
    e("ZERO-JRN-105", Damaged, "root mismatch", "The hashes do not lead to the signed root.", "Do not believe it: proof or record was altered."),
    e("ZERO-JRN-106", Data, "impossible sizes", "The index or the sizes of a proof cannot be.", "Ask for a record below the checkpoint's size."),
];
