//! Checkpoints: the signed statement "at this size, this root" (c2sp.org/tlog-checkpoint).
//!
//! One extension line, `zero.journal/chain <base64>`, carries the chain hash as well. The specification discourages
//! extension lines; this one is needed because class and retention flags are in the chain but not in the leaves,
//! and one signature must bind both.

use crate::error::ProofError;
use crate::note::{NoteKey, NoteSigner, from_base64, open_note, sign_note, split_note, to_base64};
use zero_core::Digest32;

const CHAIN_LINE: &str = "zero.journal/chain ";

/// A tree head, and the chain hash at the same size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity.
    pub origin: String,
    /// Records covered.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Digest32,
    /// Chain hash after them; absent in checkpoints of other programs.
    pub chain: Option<Digest32>,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n{}\n{}\n", self.origin, self.size, to_base64(&self.root));
        if let Some(chain) = &self.chain {
            out.push_str(CHAIN_LINE);
            out.push_str(&to_base64(chain));
            out.push('\n');
        }
        out
    }

    /// The signed note, under the origin as key name.
    ///
    /// # Errors
    /// What the signer says.
    pub fn sign(&self, signer: &dyn NoteSigner) -> Result<String, String> {
        sign_note(&self.text(), &self.origin, signer)
    }

    /// From a note signed by one of `keys` under the note's own origin.
    ///
    /// # Errors
    /// When it is malformed or not signed by any of them.
    pub fn open(note: &str, keys: &[NoteKey]) -> Result<Self, ProofError> {
        let out = Self::parse_text(open_note(note, keys)?)?;
        // A key of another name that is also trusted must not speak for this log.
        if keys.iter().any(|k| k.name == out.origin) {
            Ok(out)
        } else {
            Err(ProofError::OtherOrigin(out.origin))
        }
    }

    /// Without looking at signatures: to show, not to believe.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn parse_unverified(note: &str) -> Result<Self, ProofError> {
        Self::parse_text(split_note(note)?.0)
    }

    fn parse_text(text: &str) -> Result<Self, ProofError> {
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(ProofError::Malformed("a checkpoint has at least three lines"));
        };
        if origin.is_empty() {
            return Err(ProofError::Malformed("a checkpoint needs an origin"));
        }
        let size =
            parse_decimal(size).ok_or(ProofError::Malformed("a checkpoint's size is a decimal number"))?;
        let root =
            from_base64(root).ok_or(ProofError::Malformed("a checkpoint's root is 32 bytes in base64"))?;
        let mut chain = None;
        for line in lines {
            if line.is_empty() {
                return Err(ProofError::Malformed("a checkpoint has no empty lines"));
            }
            if let Some(rest) = line.strip_prefix(CHAIN_LINE) {
                chain = Some(from_base64(rest).ok_or(ProofError::Malformed("the chain hash is 32 bytes"))?);
            }
        }
        Ok(Self { origin: origin.to_owned(), size, root, chain })
    }
}

/// ASCII decimal without leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    #[test]
    fn a_checkpoint_survives_signing_and_opening() {
        let sk = SigningKey::from_bytes(&[3; 32]);
        let key = NoteKey { name: "zero.local/t".into(), public: sk.verifying_key().to_bytes() };
        let c = Checkpoint {
            origin: "zero.local/t".into(),
            size: 12,
            root: Digest32::of(b"r"),
            chain: Some(Digest32::of(b"c")),
        };
        let note = c.sign(&sk).unwrap();
        assert_eq!(Checkpoint::open(&note, std::slice::from_ref(&key)), Ok(c.clone()));
        assert_eq!(Checkpoint::parse_unverified(&note), Ok(c));
    }

    #[test]
    fn sizes_with_leading_zeros_or_signs_are_refused() {
        for bad in ["", "01", "+1", "-1", " 1", "1 ", "18446744073709551616"] {
            assert_eq!(parse_decimal(bad), None, "{bad:?}");
        }
        assert_eq!(parse_decimal("0"), Some(0));
    }
}
