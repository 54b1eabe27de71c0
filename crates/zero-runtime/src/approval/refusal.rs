//! Why an increase is not approved: every reason has its own code.

use thiserror::Error;

/// Why an increase is not approved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApprovalError {
    /// There is none.
    #[error("this runtime is live-capable, and the request has no approval")]
    Missing,
    /// It is no approval.
    #[error("the approval cannot be read")]
    Unreadable,
    /// It approves another request.
    #[error("the approval is for another request: method, path or body differ")]
    OtherRequest,
    /// It is good in another journal.
    #[error("the approval is for another journal")]
    OtherJournal,
    /// Nobody registered that key, or it does not follow from the one that this journal knows.
    #[error("the approval is signed by a key that this runtime does not know: {0}")]
    UnknownKey(String),
    /// The key was revoked, or another took over.
    #[error("the key of the approval was revoked or replaced")]
    KeyEnded,
    /// It is not good yet.
    #[error("the approval is not valid yet")]
    NotYetValid,
    /// It is not good any more.
    #[error("the approval has expired")]
    Expired,
    /// It was used.
    #[error("the approval was used before")]
    Used,
    /// The signature is not one of its key over it.
    #[error("the signature of the approval does not verify")]
    Signature,
    /// It would be good for longer than an approval may be.
    #[error("the approval would be valid for longer than an hour, or for no time at all")]
    Lifetime,
    /// As many approvals are remembered as may be.
    #[error("as many approvals were used within the hour as can be remembered")]
    Full,
}

impl ApprovalError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "ZERO-APR-001",
            Self::Unreadable => "ZERO-APR-002",
            Self::OtherRequest => "ZERO-APR-003",
            Self::OtherJournal => "ZERO-APR-004",
            Self::UnknownKey(_) => "ZERO-APR-005",
            Self::KeyEnded => "ZERO-APR-006",
            Self::NotYetValid => "ZERO-APR-007",
            Self::Expired => "ZERO-APR-008",
            Self::Used => "ZERO-APR-009",
            Self::Signature => "ZERO-APR-010",
            Self::Lifetime => "ZERO-APR-011",
            Self::Full => "ZERO-APR-012",
        }
    }
}
