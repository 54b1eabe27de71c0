//! Statements about keys and their signatures.

use super::Purpose;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fmt;
use std::fmt::Write as _;
use zero_core::canon::JsonText;
use zero_core::cbor::{CborError, Decoder, Encoder};
use zero_core::{Canon, Digest32, Json, Ts, canon_enum, canon_struct};

/// Longest reason of a revocation, in bytes.
pub const REASON_MAX: usize = 200;

/// What is signed begins with this, so that a signature over a statement can never pass for one over anything else.
const DOMAIN: &[u8] = b"zero.keys.statement.v1\n";

/// A public key's name: SHA-256 of its 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub Digest32);

impl Fingerprint {
    /// Of a public key.
    #[must_use]
    pub fn of(public: &[u8; 32]) -> Self {
        Self(Digest32::of(public))
    }

    /// The first 16 hexadecimal digits: enough for people to tell keys apart.
    #[must_use]
    pub fn short(self) -> String {
        self.0.to_string().chars().take(16).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

/// The bytes of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl Canon for PublicKey {
    fn encode(&self, e: &mut Encoder) {
        e.bytes(&self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.bytes_exact().map(Self)
    }
}

impl Json for PublicKey {
    fn json(&self, out: &mut JsonText) {
        hex_text(&self.0, out);
    }
}

/// The bytes of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureBytes(pub [u8; 64]);

impl Canon for SignatureBytes {
    fn encode(&self, e: &mut Encoder) {
        e.bytes(&self.0);
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, CborError> {
        d.bytes_exact().map(Self)
    }
}

impl Json for SignatureBytes {
    fn json(&self, out: &mut JsonText) {
        hex_text(&self.0, out);
    }
}

fn hex_text(bytes: &[u8], out: &mut JsonText) {
    out.push('"');
    for b in bytes {
        let _ = write!(out, "{b:02x}");
    }
    out.push('"');
}

canon_struct! {
    /// A key begins.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Created {
        /// What it signs.
        pub purpose: Purpose,
        /// Its number in the chain, from one.
        pub number: u32,
        /// The key.
        pub key: PublicKey,
        /// When.
        pub time: Ts,
        /// Digest of the signed statement before, zero for the first.
        pub previous: Digest32,
    }
}

canon_struct! {
    /// A key takes over from another.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Rotated {
        /// What they sign.
        pub purpose: Purpose,
        /// The new key's number.
        pub number: u32,
        /// The key that ends.
        pub old: PublicKey,
        /// The key that begins.
        pub new: PublicKey,
        /// When.
        pub time: Ts,
        /// Digest of the signed statement before.
        pub previous: Digest32,
    }
}

canon_struct! {
    /// A key must no longer be trusted from here on.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Revoked {
        /// What it signed.
        pub purpose: Purpose,
        /// The key.
        pub key: PublicKey,
        /// Why, in the operator's words.
        pub reason: String,
        /// When.
        pub time: Ts,
        /// Digest of the signed statement before.
        pub previous: Digest32,
    }
}

canon_enum! {
    /// A step in a key's life.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Statement {
        /// A key begins; signed by it.
        1 "created" Created(Created),
        /// A key takes over; signed by the old one, then by the new one.
        2 "rotated" Rotated(Rotated),
        /// A key ends; signed by it.
        3 "revoked" Revoked(Revoked),
    }
}

impl Statement {
    /// The keys that have to sign, in order.
    #[must_use]
    pub fn signers(&self) -> Vec<PublicKey> {
        match self {
            Self::Created(s) => vec![s.key],
            Self::Rotated(s) => vec![s.old, s.new],
            Self::Revoked(s) => vec![s.key],
        }
    }

    fn message(&self) -> Vec<u8> {
        let mut out = DOMAIN.to_vec();
        out.extend_from_slice(&self.to_bytes());
        out
    }

    pub(crate) fn sign(self, keys: &[&SigningKey]) -> SignedStatement {
        let message = self.message();
        let signatures = keys.iter().map(|k| SignatureBytes(k.sign(&message).to_bytes())).collect();
        SignedStatement { statement: self, signatures }
    }
}

canon_struct! {
    /// A statement with its signatures, in the order of [`Statement::signers`].
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SignedStatement {
        /// What is stated.
        pub statement: Statement,
        /// By whom.
        pub signatures: Vec<SignatureBytes>,
    }
}

impl SignedStatement {
    /// Whether every key that has to sign did, and none else. Verification is strict: small-order keys and malleable
    /// signatures fail.
    #[must_use]
    pub fn verifies(&self) -> bool {
        let signers = self.statement.signers();
        let message = self.statement.message();
        signers.len() == self.signatures.len()
            && signers.iter().zip(&self.signatures).all(|(key, sig)| {
                VerifyingKey::from_bytes(&key.0)
                    .is_ok_and(|k| k.verify_strict(&message, &Signature::from_bytes(&sig.0)).is_ok())
            })
    }

    /// What the next statement names as `previous`.
    #[must_use]
    pub fn digest(&self) -> Digest32 {
        Digest32::of(&self.to_bytes())
    }
}
