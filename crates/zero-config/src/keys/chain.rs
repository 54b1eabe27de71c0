//! A chain of statements and what follows from it.

use super::Purpose;
use super::statement::{Fingerprint, PublicKey, SignedStatement, Statement};
use std::fmt::Write as _;
use thiserror::Error;
use zero_core::{Canon as _, Digest32, Ts};

/// Most statements of a chain.
pub const STATEMENTS_MAX: usize = 10_000;

/// Why a chain is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// A line is not the hexadecimal text of a canonical statement.
    #[error("statement {0} cannot be read")]
    Encoding(usize),
    /// A signature does not verify.
    #[error("statement {0} is not signed by the keys it needs")]
    Signature(usize),
    /// A statement does not name the digest of the one before.
    #[error("statement {0} does not follow the one before")]
    Link(usize),
    /// A statement does not fit the state that the ones before lead to.
    #[error("statement {0} does not fit the keys before it")]
    Order(usize),
    /// More statements than are read.
    #[error("more than {STATEMENTS_MAX} statements")]
    TooLong,
}

/// How a key stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStatus {
    /// It signs.
    Active,
    /// Another took over; what it signed before stays good.
    Rotated {
        /// When.
        time: Ts,
    },
    /// It must not be trusted from the time of revocation on.
    Revoked {
        /// When.
        time: Ts,
        /// Why.
        reason: String,
    },
}

impl KeyStatus {
    /// Its name in packets.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Rotated { .. } => "rotated",
            Self::Revoked { .. } => "revoked",
        }
    }
}

/// The public part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// What it signs.
    pub purpose: Purpose,
    /// Its number in the chain.
    pub number: u32,
    /// The public key.
    pub public: PublicKey,
    /// Its name.
    pub fingerprint: Fingerprint,
    /// When it began.
    pub created: Ts,
    /// Whether the key before vouched for it; a first key and one after a revocation have nobody to do so.
    pub vouched: bool,
    /// How it stands.
    pub status: KeyStatus,
}

/// A verified chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Every key, in order.
    pub keys: Vec<KeyInfo>,
    /// Digest of the last statement.
    pub head: Digest32Opt,
}

/// The head of a chain, zero where it is empty.
pub type Digest32Opt = Option<Digest32>;

impl Chain {
    /// The key that signs now.
    #[must_use]
    pub fn active(&self) -> Option<&KeyInfo> {
        self.keys.last().filter(|k| k.status == KeyStatus::Active)
    }

    pub(crate) fn next_number(&self) -> u32 {
        self.keys.last().map_or(1, |k| k.number.saturating_add(1))
    }

    pub(crate) fn head_digest(&self) -> Digest32 {
        self.head.unwrap_or(Digest32::ZERO)
    }

    /// Adds a statement if it verifies, follows and fits.
    pub(crate) fn push(
        &mut self,
        purpose: Purpose,
        at: usize,
        s: &SignedStatement,
    ) -> Result<(), ChainError> {
        let active = self.active().map(|k| k.public);
        let next = self.next_number();
        let (previous, fits) = match &s.statement {
            Statement::Created(c) => (
                c.previous,
                c.purpose == purpose && active.is_none() && c.number == next && !self.knows(c.key),
            ),
            Statement::Rotated(r) => (
                r.previous,
                r.purpose == purpose && active == Some(r.old) && r.number == next && !self.knows(r.new),
            ),
            Statement::Revoked(r) => (r.previous, r.purpose == purpose && active == Some(r.key)),
        };
        if previous != self.head_digest() {
            return Err(ChainError::Link(at));
        }
        if !fits {
            return Err(ChainError::Order(at));
        }
        if !s.verifies() {
            return Err(ChainError::Signature(at));
        }
        self.apply(purpose, &s.statement);
        self.head = Some(s.digest());
        Ok(())
    }

    /// A key that was ever used never comes back: its old signatures would come back with it.
    fn knows(&self, key: PublicKey) -> bool {
        self.keys.iter().any(|k| k.public == key)
    }

    fn apply(&mut self, purpose: Purpose, s: &Statement) {
        let (number, public, created, vouched) = match s {
            Statement::Created(c) => (c.number, c.key, c.time, false),
            Statement::Rotated(r) => {
                if let Some(last) = self.keys.last_mut() {
                    last.status = KeyStatus::Rotated { time: r.time };
                }
                (r.number, r.new, r.time, true)
            }
            Statement::Revoked(r) => {
                if let Some(last) = self.keys.last_mut() {
                    last.status = KeyStatus::Revoked { time: r.time, reason: r.reason.clone() };
                }
                return;
            }
        };
        let fingerprint = Fingerprint::of(&public.0);
        self.keys.push(KeyInfo {
            purpose,
            number,
            public,
            fingerprint,
            created,
            vouched,
            status: KeyStatus::Active,
        });
    }
}

/// Reads and verifies a chain file: one statement per line, in hexadecimal. Text after the last line end was never
/// acknowledged and is left out.
///
/// # Errors
/// [`ChainError`] naming the first statement that is wrong, counted from one.
pub fn verify_chain(purpose: Purpose, text: &str) -> Result<Chain, ChainError> {
    let mut chain = Chain::default();
    let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or("");
    for (i, line) in whole.split('\n').filter(|l| !l.is_empty()).enumerate() {
        if i >= STATEMENTS_MAX {
            return Err(ChainError::TooLong);
        }
        let s = decode_line(line).ok_or(ChainError::Encoding(i + 1))?;
        chain.push(purpose, i + 1, &s)?;
    }
    Ok(chain)
}

fn decode_line(line: &str) -> Option<SignedStatement> {
    let mut bytes = vec![0u8; line.len() / 2];
    if !zero_core::hash::decode_hex(line, &mut bytes) {
        return None;
    }
    SignedStatement::from_bytes(&bytes).ok()
}

pub(crate) fn encode_line(s: &SignedStatement) -> String {
    let mut out = String::new();
    for b in s.to_bytes() {
        let _ = write!(out, "{b:02x}");
    }
    out.push('\n');
    out
}
