//! C2SP signed notes with Ed25519 keys (c2sp.org/signed-note).

use crate::error::ProofError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zero_core::Digest32;

const ED25519: u8 = 1;
const MAX_NOTE_LEN: usize = 64 * 1024;
const MAX_SIGNATURES: usize = 64;

/// Signs checkpoints; an Ed25519 key in this process or elsewhere.
pub trait NoteSigner {
    /// The 32 bytes of the public key (RFC 8032).
    fn public_key(&self) -> [u8; 32];
    /// The 64 bytes of the signature over a note's text.
    ///
    /// # Errors
    /// A sentence, when the key cannot be used now.
    fn sign(&self, text: &[u8]) -> Result<[u8; 64], String>;
}

impl NoteSigner for SigningKey {
    fn public_key(&self) -> [u8; 32] {
        self.verifying_key().to_bytes()
    }

    fn sign(&self, text: &[u8]) -> Result<[u8; 64], String> {
        self.try_sign(text).map(|s| s.to_bytes()).map_err(|e| e.to_string())
    }
}

/// A public key and the name it signs under, which for a log is its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    /// Key name: no spaces, no plus sign.
    pub name: String,
    /// Ed25519 public key.
    pub public: [u8; 32],
}

impl NoteKey {
    /// The key id: `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[:4]`.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let mut h = zero_core::Hasher::new();
        h.update(self.name.as_bytes());
        h.update(&[b'\n', ED25519]);
        h.update(&self.public);
        let Digest32([a, b, c, d, ..]) = h.finish();
        [a, b, c, d]
    }

    /// The verifier key text `name+id+base64(0x01 ‖ public key)`, as other tools take it.
    #[must_use]
    pub fn to_vkey(&self) -> String {
        let mut typed = vec![ED25519];
        typed.extend_from_slice(&self.public);
        let id = u32::from_be_bytes(self.id());
        format!("{}+{id:08x}+{}", self.name, STANDARD.encode(typed))
    }

    /// From the verifier key text.
    ///
    /// # Errors
    /// When it is not one, or its id does not fit.
    pub fn parse_vkey(text: &str) -> Result<Self, ProofError> {
        let malformed = ProofError::Malformed("not a verifier key");
        let mut parts = text.trim_end().splitn(3, '+');
        let (Some(name), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed);
        };
        let data = STANDARD.decode(data).map_err(|_| malformed.clone())?;
        let [ED25519, public @ ..] = data.as_slice() else { return Err(malformed) };
        let public = <[u8; 32]>::try_from(public).map_err(|_| malformed.clone())?;
        let key = Self { name: name.to_owned(), public };
        if valid_name(name) && id == format!("{:08x}", u32::from_be_bytes(key.id())) {
            Ok(key)
        } else {
            Err(malformed)
        }
    }
}

/// Whether a text can be a key name and an origin line.
#[must_use]
pub fn valid_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control())
}

/// The whole note: `text` (which must end in a newline), a blank line, one signature line.
///
/// # Errors
/// What the signer says.
pub fn sign_note(text: &str, name: &str, signer: &dyn NoteSigner) -> Result<String, String> {
    let key = NoteKey { name: name.to_owned(), public: signer.public_key() };
    let mut blob = key.id().to_vec();
    blob.extend_from_slice(&signer.sign(text.as_bytes())?);
    Ok(format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(blob)))
}

/// The text of a note that at least one of `keys` signed; a signature by one of them that does not fit refuses it.
///
/// # Errors
/// When it is malformed, no known key signed it, or a known key's signature is wrong.
pub fn open_note<'a>(note: &'a str, keys: &[NoteKey]) -> Result<&'a str, ProofError> {
    let (text, signatures) = split_note(note)?;
    let mut known = false;
    for (name, blob) in signatures {
        let Some((id, signature)) = blob.split_first_chunk::<4>() else {
            return Err(ProofError::Malformed("a signature is too short"));
        };
        let Some(key) = keys.iter().find(|k| k.name == name && k.id() == *id) else { continue };
        let signature = Signature::from_slice(signature).map_err(|_| ProofError::BadSignature)?;
        let public = VerifyingKey::from_bytes(&key.public).map_err(|_| ProofError::BadSignature)?;
        public.verify_strict(text.as_bytes(), &signature).map_err(|_| ProofError::BadSignature)?;
        known = true;
    }
    if known { Ok(text) } else { Err(ProofError::UnknownKey) }
}

/// A signer's name, and its key id and signature.
type SignatureLine<'a> = (&'a str, Vec<u8>);

/// A note's text and its signature lines, nothing verified.
pub(crate) fn split_note(note: &str) -> Result<(&str, Vec<SignatureLine<'_>>), ProofError> {
    if note.len() > MAX_NOTE_LEN || note.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(ProofError::Malformed("a note has a limit of length and no control characters"));
    }
    let at = note.rfind("\n\n").ok_or(ProofError::Malformed("a note needs a blank line"))?;
    let (text, lines) = (&note[..=at], &note[at + 2..]);
    let lines = lines.strip_suffix('\n').ok_or(ProofError::Malformed("a note ends in a newline"))?;
    let mut out = Vec::new();
    for line in lines.split('\n').take(MAX_SIGNATURES) {
        let parsed = line.strip_prefix("\u{2014} ").and_then(|l| l.split_once(' '));
        let (name, blob) = parsed.ok_or(ProofError::Malformed("not a signature line"))?;
        let blob = STANDARD.decode(blob).map_err(|_| ProofError::Malformed("a signature is not base64"))?;
        out.push((name, blob));
    }
    Ok((text, out))
}

pub(crate) fn to_base64(hash: &Digest32) -> String {
    STANDARD.encode(hash.0)
}

pub(crate) fn from_base64(text: &str) -> Option<Digest32> {
    STANDARD.decode(text).ok()?.try_into().ok().map(Digest32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> (SigningKey, NoteKey) {
        let sk = SigningKey::from_bytes(&[7; 32]);
        let public = sk.verifying_key().to_bytes();
        (sk, NoteKey { name: "zero.local/test".into(), public })
    }

    /// The example key and note published with Go's `golang.org/x/mod/sumdb/note`.
    #[test]
    fn a_note_signed_by_another_implementation_is_accepted() {
        let key = NoteKey::parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap();
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert!(open_note(note, &[key]).unwrap().starts_with("If you think"));
    }

    #[test]
    fn every_changed_byte_of_a_note_is_refused() {
        let (sk, key) = key();
        let note = sign_note("zero.local/test\n3\nabc\n", &key.name, &sk).unwrap();
        assert!(open_note(&note, std::slice::from_ref(&key)).is_ok());
        for i in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[i] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(open_note(&changed, std::slice::from_ref(&key)).is_err(), "byte {i}");
        }
    }

    #[test]
    fn another_key_of_the_same_name_is_unknown() {
        let (sk, key) = key();
        let note = sign_note("x\n", &key.name, &sk).unwrap();
        let other = NoteKey { public: SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes(), ..key };
        assert_eq!(open_note(&note, &[other]), Err(ProofError::UnknownKey));
    }

    proptest! {
        #[test]
        fn opening_never_panics(text in "\\PC{0,200}", blank in any::<bool>()) {
            let (_, key) = key();
            let note = if blank { format!("{text}\n\n\u{2014} zero.local/test AAAA\n") } else { text };
            prop_assert!(open_note(&note, &[key]).is_err());
            let _ = NoteKey::parse_vkey(&note);
        }
    }
}
