//! What can go wrong in the log, each with a stable code and what to do about it.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

/// Damage to history that was acknowledged: which record, in which file, at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The first record that cannot be trusted.
    pub seq: u64,
    /// The segment file.
    pub segment: PathBuf,
    /// Byte offset in that file.
    pub offset: u64,
    /// What was found there.
    pub reason: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "record {} in {} at byte {}: {}",
            self.seq,
            self.segment.display(),
            self.offset,
            self.reason
        )
    }
}

/// A failure to open, append to, read or maintain the log.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The operating system refused an operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process writes this journal.
    #[error("the journal {} is in use by {holder}", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// What the holder wrote about itself.
        holder: String,
    },
    /// Acknowledged history is not what was written.
    #[error("acknowledged history is damaged: {0}")]
    Damaged(Damage),
    /// The journal holds less than, or other than, what a signed checkpoint says it held.
    #[error("the journal does not match its signed checkpoint of {size} records in {}: {reason}", place.display())]
    Rollback {
        /// Records the checkpoint covers.
        size: u64,
        /// Where the checkpoint was found.
        place: PathBuf,
        /// How they disagree.
        reason: String,
    },
    /// A journal exists, but the second place of its checkpoint holds none that can be believed.
    #[error("the second place {} holds no valid checkpoint of this journal: {reason}", path.display())]
    SecondPlace {
        /// The second place.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// An earlier write or sync failed; nothing more may be acknowledged by this process.
    #[error("the journal stopped after a failed write: {cause}")]
    Poisoned {
        /// The first failure.
        cause: String,
    },
    /// The format is from another version of this program.
    #[error("{} has format version {found}, this program reads up to {known}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The journal belongs to another origin than the caller names.
    #[error("the journal's origin is {found:?}, not {wanted:?}")]
    Origin {
        /// In the segment header.
        found: String,
        /// By the caller.
        wanted: String,
    },
    /// There is no journal in that directory.
    #[error("{} holds no journal", path.display())]
    NoJournal {
        /// The directory.
        path: PathBuf,
    },
    /// A record or batch is larger than the limits allow.
    #[error("{what} of {bytes} bytes is over the limit of {limit}")]
    TooLarge {
        /// Record, batch or origin.
        what: &'static str,
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// An option cannot be honoured.
    #[error("{0}")]
    Option(String),
    /// The records asked for were pruned by retention.
    #[error("records {}..{} were pruned", .0.start, .0.end)]
    Pruned(Range<u64>),
    /// The record asked for does not exist, or is not covered yet.
    #[error("record {seq} is not below {size}, the end of what was asked")]
    OutOfRange {
        /// The record.
        seq: u64,
        /// Records there are.
        size: u64,
    },
    /// A signed note, checkpoint or proof is not valid.
    #[error("{}: {source}", path.display())]
    Note {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ProofError,
    },
}

impl JournalError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ZERO-JRN-001",
            Self::Locked { .. } => "ZERO-JRN-002",
            Self::Damaged(_) => "ZERO-JRN-003",
            Self::Rollback { .. } => "ZERO-JRN-004",
            Self::SecondPlace { .. } => "ZERO-JRN-005",
            Self::Poisoned { .. } => "ZERO-JRN-006",
            Self::Version { .. } => "ZERO-JRN-007",
            Self::Origin { .. } => "ZERO-JRN-008",
            Self::NoJournal { .. } => "ZERO-JRN-009",
            Self::TooLarge { .. } => "ZERO-JRN-010",
            Self::Option(_) => "ZERO-JRN-011",
            Self::Pruned(_) => "ZERO-JRN-012",
            Self::OutOfRange { .. } => "ZERO-JRN-013",
            Self::Note { .. } => "ZERO-JRN-014",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "check the path, its permissions and the free space",
            Self::Locked { .. } => "stop the process that holds it; reading needs no lock",
            Self::Damaged(_) => {
                "do not run on it: keep the files as they are, restore a copy that holds this record, and verify it"
            }
            Self::Rollback { .. } => {
                "an older or altered copy of the journal is in place: restore the newest one; never delete the second place to get past this"
            }
            Self::SecondPlace { .. } => {
                "restore the second place from a copy; without it nobody can tell whether the journal was rolled back"
            }
            Self::Poisoned { .. } => {
                "no further increase of risk; restart the process, which re-reads what the disk really holds"
            }
            Self::Version { .. } => "use the program version that wrote it, or a newer one",
            Self::Origin { .. } => "name the journal's own origin, or open the other directory",
            Self::NoJournal { .. } => "check the path; a first run creates the journal",
            Self::TooLarge { .. } => "commit smaller batches, or split the record",
            Self::Option(_) => "correct the option",
            Self::Pruned(_) => "ask for a range that retention kept",
            Self::OutOfRange { .. } => "ask for an existing record; emit a checkpoint to cover new ones",
            Self::Note { .. } => "check the file and the key that should have signed it",
        }
    }

    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Why a signed note, checkpoint or proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The text does not have the required form.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// No known key signed it.
    #[error("no trusted key signed it")]
    UnknownKey,
    /// A known key's signature does not fit the text.
    #[error("the signature does not fit the text")]
    BadSignature,
    /// It is about another log.
    #[error("it is about the log {0:?}")]
    OtherOrigin(String),
    /// The hashes do not lead to the signed root.
    #[error("the hashes do not lead to the signed root")]
    RootMismatch,
    /// The indices or sizes cannot be.
    #[error("the index or sizes cannot be")]
    OutOfRange,
}

impl ProofError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "ZERO-JRN-101",
            Self::UnknownKey => "ZERO-JRN-102",
            Self::BadSignature => "ZERO-JRN-103",
            Self::OtherOrigin(_) => "ZERO-JRN-104",
            Self::RootMismatch => "ZERO-JRN-105",
            Self::OutOfRange => "ZERO-JRN-106",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "fetch the file again; it was cut or edited",
            Self::UnknownKey | Self::OtherOrigin(_) => {
                "check that the key and origin are those of this journal"
            }
            Self::BadSignature | Self::RootMismatch => "do not believe it: text, proof or record was altered",
            Self::OutOfRange => "ask for a record below the checkpoint's size",
        }
    }
}
