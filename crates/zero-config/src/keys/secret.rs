//! Secret keys: on disk in files of mode 0600, in memory in buffers that are wiped.

use super::{KeyError, Purpose};
use crate::home::guard::GuardedDir;
use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

/// The 32 bytes an ed25519 key is derived from. It can be neither shown nor serialised.
pub(crate) struct Seed(Zeroizing<[u8; 32]>);

const HEAD: &[u8; 8] = b"ZEROKEY1";
const FILE_LEN: usize = HEAD.len() + 1 + 32;

impl Seed {
    /// From the system's randomness.
    pub(crate) fn random() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0u8; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(KeyError::Entropy)?;
        Ok(Self(seed))
    }

    /// From its bytes.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(|seed| Self(Zeroizing::new(seed)))
    }

    /// Its bytes, to be sealed.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    #[cfg(test)]
    pub(crate) fn published(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    /// The key; it wipes itself when dropped.
    pub(crate) fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.0)
    }

    /// Writes a new file.
    pub(crate) fn save(&self, dir: &GuardedDir, purpose: Purpose, name: &str) -> Result<(), KeyError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_LEN));
        bytes.extend_from_slice(HEAD);
        bytes.push(purpose as u8);
        bytes.extend_from_slice(self.0.as_slice());
        if dir.write_new(name, &bytes)? { Ok(()) } else { Err(KeyError::Exists(purpose)) }
    }

    /// Reads a file.
    pub(crate) fn load(dir: &GuardedDir, purpose: Purpose, name: &str) -> Result<Self, KeyError> {
        // Reserved in full, with a byte to spare for the reader's probe: a buffer that grew would leave a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_LEN * 4));
        if !dir.read_into(name, FILE_LEN as u64, &mut bytes)? {
            return Err(KeyError::Secret(purpose));
        }
        let body = bytes.strip_prefix(HEAD).and_then(|b| b.strip_prefix(&[purpose as u8]));
        body.and_then(Self::of).ok_or(KeyError::Secret(purpose))
    }
}
