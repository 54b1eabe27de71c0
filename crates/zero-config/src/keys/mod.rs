//! Signing keys of an operator: ed25519 (RFC 8032), one chain of signed statements per purpose.
//!
//! A key's life is a chain of statements in `keys/<purpose>.chain`: created (signed by the key), rotated (signed by the
//! old and the new key), revoked (signed by the key). The chain is only ever appended to and can be verified by anyone
//! who has it; secrets are in `keys/<purpose>.<n>.key`. The operator's own key is sealed under a passphrase: a process that
//! runs for long has its public part alone.

pub mod chain;
mod ring;
mod seal;
mod secret;
pub mod statement;
#[cfg(test)]
mod tests;

pub use chain::{ChainError, KeyInfo, KeyStatus, verify_chain};
pub use ring::KeyRing;
pub use statement::{Fingerprint, SignedStatement, Statement};

use crate::home::HomeError;
use thiserror::Error;

zero_core::canon_tag! {
    /// What a key signs.
    pub enum Purpose {
        /// Checkpoints of the journal.
        0 "journal" Journal,
        /// Proofs and evidence.
        1 "proof" Proof,
        /// Approvals of increases of risk, by the operator in person.
        2 "operator" Operator,
    }
}

impl Purpose {
    /// Is its secret sealed under a passphrase?
    #[must_use]
    pub const fn is_sealed(self) -> bool {
        matches!(self, Self::Operator)
    }
}

/// Why a key operation failed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file system is at fault.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The chain of statements does not verify.
    #[error("the statements of the {purpose} key do not verify: {source}", purpose = purpose.name())]
    Chain {
        /// Whose chain.
        purpose: Purpose,
        /// What is wrong with it.
        source: ChainError,
    },
    /// There is a key already.
    #[error("there is an active {} key already", .0.name())]
    Exists(Purpose),
    /// There is no active key.
    #[error("there is no active {} key", .0.name())]
    NoKey(Purpose),
    /// A secret file is not one of ours, or does not belong to its public key.
    #[error("the secret file of the {} key is damaged or belongs to another key", .0.name())]
    Secret(Purpose),
    /// The system gave no randomness.
    #[error("the system gave no randomness: {0}")]
    Entropy(getrandom::Error),
    /// Another process is changing keys.
    #[error("another process is changing the {} key", .0.name())]
    Busy(Purpose),
    /// A reason that is empty or too long.
    #[error("a reason must have 1 to {max} bytes without control characters", max = statement::REASON_MAX)]
    Reason,
    /// A sealed key was asked for without its passphrase.
    #[error("the {} key is sealed, and no passphrase was given", .0.name())]
    Sealed(Purpose),
    /// The passphrase does not open the key.
    #[error("the passphrase does not open the {} key", .0.name())]
    Passphrase(Purpose),
    /// A passphrase that seals nothing.
    #[error("a passphrase must have {min} to {max} bytes", min = seal::PASSPHRASE_MIN, max = seal::PASSPHRASE_MAX)]
    PassphraseLength,
}

impl KeyError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Home(e) => e.code(),
            Self::Chain { .. } => "ZERO-CFG-040",
            Self::Exists(_) => "ZERO-CFG-041",
            Self::NoKey(_) => "ZERO-CFG-042",
            Self::Secret(_) => "ZERO-CFG-043",
            Self::Entropy(_) => "ZERO-CFG-044",
            Self::Busy(_) => "ZERO-CFG-045",
            Self::Reason => "ZERO-CFG-046",
            Self::Sealed(_) => "ZERO-CFG-047",
            Self::Passphrase(_) => "ZERO-CFG-048",
            Self::PassphraseLength => "ZERO-CFG-049",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Home(e) => e.hint(),
            Self::Chain { .. } => "restore the chain file from a copy; do not edit it".into(),
            Self::Exists(p) => format!("`zero keys rotate {}` replaces it", p.name()),
            Self::NoKey(p) => format!("`zero keys create {}` makes one", p.name()),
            Self::Secret(_) => {
                "restore the secret file from a copy, or revoke with the old copy and create anew".into()
            }
            Self::Entropy(_) => "try again when the machine has finished starting".into(),
            Self::Busy(_) => "wait for it to end".into(),
            Self::Reason => "say in a few words why the key is revoked".into(),
            Self::Sealed(_) => {
                "type it at a terminal, or name a file of mode 0600 with --passphrase-file".into()
            }
            Self::Passphrase(_) => "try again; nobody can open the key without it".into(),
            Self::PassphraseLength => "choose several words".into(),
        }
    }
}
