//! Secret keys under a passphrase: Argon2id (RFC 9106) makes a key of it, XChaCha20-Poly1305 closes the file with that.
//! Everything in front of the sealed bytes is authenticated with them, so that a file cannot be made cheaper to guess.

use super::secret::Seed;
use super::{KeyError, Purpose};
use crate::home::guard::GuardedDir;
use crate::secret::Secret;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// Shortest passphrase, bytes.
pub(crate) const PASSPHRASE_MIN: usize = 12;
/// Longest passphrase, bytes.
pub(crate) const PASSPHRASE_MAX: usize = 1_024;

const HEAD: &[u8; 9] = b"ZEROSEAL1";
const SALT: usize = 16;
const NONCE: usize = 24;
/// Head, purpose, three costs, salt and nonce: what is authenticated.
const OPEN_LEN: usize = HEAD.len() + 1 + 12 + SALT + NONCE;
/// The seed and its tag.
const SEALED_LEN: usize = 32 + 16;
const FILE_LEN: usize = OPEN_LEN + SEALED_LEN;

/// What a guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory, KiB.
    pub(crate) memory_kib: u32,
    /// Passes over it.
    pub(crate) passes: u32,
    /// Lanes.
    pub(crate) lanes: u32,
}

impl Cost {
    /// RFC 9106, the second recommended choice: 64 MiB, three passes, four lanes.
    pub(crate) const STANDARD: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 4 };
    /// The least that the algorithm takes: for tests of everything but the cost.
    #[cfg(test)]
    pub(crate) const LEAST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// A planted file must not take all memory or run for hours.
    const fn is_bearable(self) -> bool {
        self.memory_kib <= 1 << 20 && self.passes <= 16 && self.lanes <= 16
    }
}

/// Writes a new sealed file.
pub(crate) fn save(
    seed: &Seed,
    dir: &GuardedDir,
    purpose: Purpose,
    name: &str,
    (passphrase, cost): (&Secret, Cost),
) -> Result<(), KeyError> {
    if !(PASSPHRASE_MIN..=PASSPHRASE_MAX).contains(&passphrase.expose().len()) {
        return Err(KeyError::PassphraseLength);
    }
    let mut random = [0u8; SALT + NONCE];
    getrandom::fill(&mut random).map_err(KeyError::Entropy)?;
    let mut file = HEAD.to_vec();
    file.push(purpose as u8);
    for n in [cost.memory_kib, cost.passes, cost.lanes] {
        file.extend_from_slice(&n.to_be_bytes());
    }
    file.extend_from_slice(&random);
    let (cipher, nonce) = cipher(&file, passphrase, purpose)?;
    let payload = Payload { msg: seed.bytes(), aad: &file };
    let sealed = cipher.encrypt(&nonce, payload).map_err(|_| KeyError::Secret(purpose))?;
    file.extend_from_slice(&sealed);
    if dir.write_new(name, &file)? { Ok(()) } else { Err(KeyError::Exists(purpose)) }
}

/// Opens a sealed file.
pub(crate) fn load(
    dir: &GuardedDir,
    purpose: Purpose,
    name: &str,
    passphrase: &Secret,
) -> Result<Seed, KeyError> {
    let mut file = Vec::with_capacity(FILE_LEN);
    if !dir.read_into(name, FILE_LEN as u64, &mut file)? || file.len() != FILE_LEN {
        return Err(KeyError::Secret(purpose));
    }
    let is_ours = file.strip_prefix(HEAD).is_some_and(|rest| rest.first() == Some(&(purpose as u8)));
    if !is_ours {
        return Err(KeyError::Secret(purpose));
    }
    let (open, sealed) = file.split_at_checked(OPEN_LEN).ok_or(KeyError::Secret(purpose))?;
    let (cipher, nonce) = cipher(open, passphrase, purpose)?;
    let payload = Payload { msg: sealed, aad: open };
    let seed = Zeroizing::new(cipher.decrypt(&nonce, payload).map_err(|_| KeyError::Passphrase(purpose))?);
    Seed::of(&seed).ok_or(KeyError::Secret(purpose))
}

fn cipher(
    open: &[u8],
    passphrase: &Secret,
    purpose: Purpose,
) -> Result<(XChaCha20Poly1305, XNonce), KeyError> {
    let damaged = || KeyError::Secret(purpose);
    let at = HEAD.len() + 1;
    let number = |i: usize| {
        let bytes = open.get(at + 4 * i..at + 4 * (i + 1))?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let cost = match (number(0), number(1), number(2)) {
        (Some(memory_kib), Some(passes), Some(lanes)) => Cost { memory_kib, passes, lanes },
        _ => return Err(damaged()),
    };
    if !cost.is_bearable() {
        return Err(damaged());
    }
    let salt = open.get(at + 12..at + 12 + SALT).ok_or_else(damaged)?;
    let nonce = open.get(at + 12 + SALT..OPEN_LEN).ok_or_else(damaged)?;
    let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| damaged())?;
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| damaged())?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose(), salt, key.as_mut_slice())
        .map_err(|_| damaged())?;
    Ok((XChaCha20Poly1305::new(&(*key).into()), nonce.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::{Home, InitOptions, OperatorId, init};
    use zero_core::Ts;

    fn dir() -> (tempfile::TempDir, GuardedDir) {
        let tmp = tempfile::tempdir().unwrap();
        let home = Home::at(tmp.path().join("z"));
        let options = InitOptions { keys: false, now: Ts::from_ns(1) };
        let p = init(&home, &OperatorId::new("ada").unwrap(), options).unwrap().partition;
        (tmp, p.open().unwrap().existing_dir("keys").unwrap())
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_alone_and_no_byte_of_it_can_be_changed() {
        let (_tmp, dir) = dir();
        let seed = Seed::published([7; 32]);
        let right = secret("correct horse battery");
        save(&seed, &dir, Purpose::Operator, "k", (&right, Cost::LEAST)).unwrap();
        let path = dir.path().join("k");
        let file = std::fs::read(&path).unwrap();
        assert_eq!(file.len(), FILE_LEN);
        assert!(!file.windows(32).any(|w| w == [7; 32]), "the seed is not in the file");
        assert_eq!(load(&dir, Purpose::Operator, "k", &right).unwrap().bytes(), [7; 32]);
        for wrong in ["correct horse batterz", "correct horse batter", "", "Correct horse battery"] {
            let e = load(&dir, Purpose::Operator, "k", &secret(wrong)).err().unwrap();
            assert!(matches!(e, KeyError::Passphrase(_)), "{wrong}: {e}");
        }
        assert!(load(&dir, Purpose::Proof, "k", &right).is_err(), "a key of one purpose serves no other");
        for i in 0..file.len() {
            let mut bad = file.clone();
            bad[i] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(load(&dir, Purpose::Operator, "k", &right).is_err(), "byte {i}");
        }
        std::fs::write(&path, &file[..file.len() - 1]).unwrap();
        assert!(load(&dir, Purpose::Operator, "k", &right).is_err());
    }

    #[test]
    fn a_planted_cost_is_refused_before_memory_is_taken() {
        let (_tmp, dir) = dir();
        let right = secret("correct horse battery");
        save(&Seed::published([7; 32]), &dir, Purpose::Operator, "k", (&right, Cost::LEAST)).unwrap();
        let path = dir.path().join("k");
        let mut file = std::fs::read(&path).unwrap();
        file[HEAD.len() + 1..HEAD.len() + 5].copy_from_slice(&u32::MAX.to_be_bytes());
        std::fs::write(&path, &file).unwrap();
        assert!(matches!(load(&dir, Purpose::Operator, "k", &right), Err(KeyError::Secret(_))));
    }

    #[test]
    fn a_short_passphrase_seals_nothing() {
        let (_tmp, dir) = dir();
        let e =
            save(&Seed::published([7; 32]), &dir, Purpose::Operator, "k", (&secret("short"), Cost::LEAST));
        assert!(matches!(e, Err(KeyError::PassphraseLength)));
        assert!(!dir.path().join("k").exists());
    }
}
