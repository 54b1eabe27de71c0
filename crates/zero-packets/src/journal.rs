//! `zero journal verify|tail|export|checkpoint|prove|prune`.

use crate::RawJson;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(JournalVerify, JournalVerifyId = "zero.journal.verify.v1");
packet_id!(JournalTail, JournalTailId = "zero.journal.tail.v1");
packet_id!(JournalExport, JournalExportId = "zero.journal.export.v1");
packet_id!(JournalCheckpoint, JournalCheckpointId = "zero.journal.checkpoint.v1");
packet_id!(JournalPrune, JournalPruneId = "zero.journal.prune.v1");
packet_id!(JournalProof, JournalProofId = "zero.journal.proof.v1");

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalVerify {
    /// Schema id.
    pub schema_version: JournalVerifyId,
    /// Directory.
    pub path: String,
    /// The log's identity.
    pub origin: String,
    /// Everything verifies.
    pub ok: bool,
    /// Whether signatures were checked against known keys.
    pub signatures_checked: bool,
    /// Directory of the second checkpoint that it was held against.
    pub second_place: Option<String>,
    /// Records read.
    pub records: u64,
    /// Of these, facts.
    pub facts: u64,
    /// Of these, traces.
    pub traces: u64,
    /// Of these, kept for ever.
    pub kept: u64,
    /// Batches read.
    pub batches: u64,
    /// Segments read.
    pub segments: u64,
    /// Checkpoints whose signature and root verify.
    pub checkpoints: u64,
    /// Merkle root over all records, hexadecimal; null where the reading ended early or pruned records hide it.
    pub root: Option<String>,
    /// Head of the hash chain, hexadecimal; null where the reading ended early.
    pub head: Option<String>,
    /// Sequence of the newest snapshot that matches.
    pub snapshot: Option<u64>,
    /// Runs of records that retention removed.
    pub pruned: Vec<SeqRange>,
    /// Bytes of an unacknowledged, torn tail.
    pub torn_bytes: u64,
    /// What is wrong and where.
    pub damage: Vec<Damage>,
    /// Everything else that is wrong, one sentence each.
    pub problems: Vec<String>,
}

/// A run of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeqRange {
    /// First sequence.
    pub from_seq: u64,
    /// Sequence after the last.
    pub to_seq: u64,
}

/// What retention removed, or would remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalPrune {
    /// Schema id.
    pub schema_version: JournalPruneId,
    /// Directory.
    pub path: String,
    /// Nothing was removed: this only says what would be.
    pub dry_run: bool,
    /// Records from here on stay.
    pub before_seq: u64,
    /// Why that is the bound.
    pub bound: String,
    /// Runs removed.
    pub removed: Vec<SeqRange>,
    /// Bytes freed.
    pub bytes: u64,
    /// Segments old enough that stay because of a record to keep or a citation.
    pub kept_segments: u64,
}

/// Damage to acknowledged history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Damage {
    /// Segment file.
    pub segment: String,
    /// Byte in it.
    pub offset: u64,
    /// Sequence of the first record that is affected.
    pub seq: u64,
    /// What is wrong.
    pub what: String,
}

/// The last records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalTail {
    /// Schema id.
    pub schema_version: JournalTailId,
    /// Oldest first.
    pub records: Vec<JournalRecord>,
    /// How many are here.
    pub count: u32,
    /// Sequence after the last record.
    pub next_seq: u64,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalRecord {
    /// Sequence.
    pub seq: u64,
    /// `fact` or `trace`.
    pub class: String,
    /// What kind.
    pub kind: String,
    /// Event time, RFC 3339: the market's. Null for what has none: a start, an end, a ruling, a trial, an approval.
    pub ts: Option<String>,
    /// When it was by the machine's clock, or by the operator's for acts and rulings. Null for what no clock was read for.
    pub wall_ts: Option<String>,
    /// Leaf digest, hexadecimal.
    pub leaf: String,
    /// The innermost part of the record; the record's canonical bytes are what is hashed.
    pub body: RawJson,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalExport {
    /// Schema id.
    pub schema_version: JournalExportId,
    /// File, or `-` for standard output.
    pub path: String,
    /// Records written, one per line.
    pub records: u64,
    /// First sequence.
    pub from_seq: u64,
    /// Sequence after the last.
    pub to_seq: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// A signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalCheckpoint {
    /// Schema id.
    pub schema_version: JournalCheckpointId,
    /// Origin line.
    pub origin: String,
    /// Records it covers.
    pub size: u64,
    /// Merkle root, hexadecimal.
    pub root: String,
    /// The signed note, as C2SP defines it.
    pub note: String,
    /// Verifier key that others check it with, as `signed-note` names it.
    pub vkey: String,
    /// Records that are there and not covered yet.
    pub uncovered: u64,
    /// Signed by this command; false where the newest one was only shown.
    pub fresh: bool,
    /// Where the second copy lies.
    pub second_place: Option<String>,
}

/// An inclusion or consistency proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalProof {
    /// Schema id.
    pub schema_version: JournalProofId,
    /// `inclusion` or `consistency`.
    pub kind: String,
    /// Leaf index of an inclusion proof.
    pub index: Option<u64>,
    /// Leaf digest of an inclusion proof, hexadecimal.
    pub leaf: Option<String>,
    /// Older size of a consistency proof.
    pub old_size: Option<u64>,
    /// Older root of a consistency proof, hexadecimal.
    pub old_root: Option<String>,
    /// Size of the tree.
    pub size: u64,
    /// Its root, hexadecimal.
    pub root: String,
    /// Digests as RFC 6962 orders them, base64 as in the text.
    pub hashes: Vec<String>,
    /// The proof as text: `c2sp.org/tlog-proof@v1` for inclusion, a witness request for consistency.
    pub text: String,
    /// Verifier key of the checkpoint in it.
    pub vkey: String,
    /// Files that were written.
    pub files: Vec<String>,
}
