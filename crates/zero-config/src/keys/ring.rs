//! The keys of a partition.

use super::chain::{Chain, KeyInfo, encode_line, verify_chain};
use super::seal::{self, Cost};
use super::secret::Seed;
use super::statement::{Created, PublicKey, REASON_MAX, Revoked, Rotated, SignedStatement, Statement};
use super::{KeyError, Purpose};
use crate::home::Partition;
use crate::home::guard::{GuardedDir, try_lock};
use crate::secret::Secret;
use ed25519_dalek::SigningKey;
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use zero_core::Ts;

/// Largest chain file, in bytes.
const CHAIN_MAX: u64 = 16 << 20;

/// The keys of a partition. Public parts are in memory; a secret is read when it is used.
#[derive(Debug)]
pub struct KeyRing {
    dir: GuardedDir,
    journal: Chain,
    proof: Chain,
    operator: Chain,
}

impl KeyRing {
    /// Reads and verifies the chains. Makes nothing.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(partition: &Partition) -> Result<Self, KeyError> {
        let dir = partition.open()?.existing_dir("keys")?;
        let journal = read_chain(&dir, Purpose::Journal)?;
        let proof = read_chain(&dir, Purpose::Proof)?;
        let operator = read_chain(&dir, Purpose::Operator)?;
        Ok(Self { dir, journal, proof, operator })
    }

    /// Public parts of all keys, by purpose and number.
    #[must_use]
    pub fn list(&self) -> Vec<KeyInfo> {
        Purpose::ALL.iter().flat_map(|p| &self.chain(*p).keys).cloned().collect()
    }

    /// The key that signs now.
    #[must_use]
    pub fn active(&self, purpose: Purpose) -> Option<&KeyInfo> {
        self.chain(purpose).active()
    }

    /// Whether there was never a key.
    #[must_use]
    pub fn is_empty(&self, purpose: Purpose) -> bool {
        self.chain(purpose).keys.is_empty()
    }

    /// Where the statements are.
    #[must_use]
    pub fn chain_path(&self, purpose: Purpose) -> PathBuf {
        self.dir.path().join(chain_name(purpose))
    }

    /// The active key with its secret, for whoever signs.
    ///
    /// # Errors
    /// [`KeyError::NoKey`], [`KeyError::Secret`], [`KeyError::Home`], and [`KeyError::Sealed`] for a key that needs a
    /// passphrase.
    pub fn signing_key(&self, purpose: Purpose) -> Result<SigningKey, KeyError> {
        self.secret(purpose, None)
    }

    /// The active sealed key, opened.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] beside those of [`KeyRing::signing_key`].
    pub fn unlock(&self, purpose: Purpose, passphrase: &Secret) -> Result<SigningKey, KeyError> {
        self.secret(purpose, Some(passphrase))
    }

    fn secret(&self, purpose: Purpose, passphrase: Option<&Secret>) -> Result<SigningKey, KeyError> {
        let info = self.active(purpose).ok_or(KeyError::NoKey(purpose))?;
        let name = secret_name(purpose, info.number);
        let seed = if purpose.is_sealed() {
            let passphrase = passphrase.ok_or(KeyError::Sealed(purpose))?;
            seal::load(&self.dir, purpose, &name, passphrase)?
        } else {
            Seed::load(&self.dir, purpose, &name)?
        };
        let key = seed.key();
        // A swapped secret file would sign with a key that nobody vouched for.
        if key.verifying_key().to_bytes() == info.public.0 { Ok(key) } else { Err(KeyError::Secret(purpose)) }
    }

    /// Makes a key where none is active.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn create(&mut self, purpose: Purpose, now: Ts) -> Result<KeyInfo, KeyError> {
        self.create_from(purpose, &Seed::random()?, now)
    }

    /// Makes a sealed key where none is active.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn create_sealed(
        &mut self,
        purpose: Purpose,
        passphrase: &Secret,
        now: Ts,
    ) -> Result<KeyInfo, KeyError> {
        self.make(purpose, &Seed::random()?, Some((passphrase, Cost::STANDARD)), now)
    }

    pub(crate) fn create_from(
        &mut self,
        purpose: Purpose,
        seed: &Seed,
        now: Ts,
    ) -> Result<KeyInfo, KeyError> {
        self.make(purpose, seed, None, now)
    }

    pub(crate) fn make(
        &mut self,
        purpose: Purpose,
        seed: &Seed,
        lock: Option<(&Secret, Cost)>,
        now: Ts,
    ) -> Result<KeyInfo, KeyError> {
        let file = self.lock(purpose)?;
        if self.active(purpose).is_some() {
            return Err(KeyError::Exists(purpose));
        }
        let number = self.free_number(purpose)?;
        let key = seed.key();
        self.save(purpose, seed, &secret_name(purpose, number), lock)?;
        let statement = Statement::Created(Created {
            purpose,
            number,
            key: public(&key),
            time: now,
            previous: self.chain(purpose).head_digest(),
        });
        self.append(purpose, file, &statement.sign(&[&key]))?;
        self.active(purpose).cloned().ok_or(KeyError::NoKey(purpose))
    }

    /// Makes a new key that takes over, and returns the statement both keys signed.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn rotate(&mut self, purpose: Purpose, now: Ts) -> Result<SignedStatement, KeyError> {
        self.rotate_to(purpose, &Seed::random()?, now)
    }

    /// Makes a new sealed key that takes over, under the same passphrase.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn rotate_sealed(
        &mut self,
        purpose: Purpose,
        passphrase: &Secret,
        now: Ts,
    ) -> Result<SignedStatement, KeyError> {
        self.replace(purpose, &Seed::random()?, Some((passphrase, Cost::STANDARD)), now)
    }

    pub(crate) fn rotate_to(
        &mut self,
        purpose: Purpose,
        seed: &Seed,
        now: Ts,
    ) -> Result<SignedStatement, KeyError> {
        self.replace(purpose, seed, None, now)
    }

    fn replace(
        &mut self,
        purpose: Purpose,
        seed: &Seed,
        lock: Option<(&Secret, Cost)>,
        now: Ts,
    ) -> Result<SignedStatement, KeyError> {
        let file = self.lock(purpose)?;
        let old = self.secret(purpose, lock.map(|(p, _)| p))?;
        let new = seed.key();
        let number = self.free_number(purpose)?;
        // The secret is durable before anything says that it is in use.
        self.save(purpose, seed, &secret_name(purpose, number), lock)?;
        let statement = Statement::Rotated(Rotated {
            purpose,
            number,
            old: public(&old),
            new: public(&new),
            time: now,
            previous: self.chain(purpose).head_digest(),
        });
        let signed = statement.sign(&[&old, &new]);
        self.append(purpose, file, &signed)?;
        Ok(signed)
    }

    /// Ends the active key and returns the statement it signed. Its secret file stays, for the operator to remove.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn revoke(&mut self, purpose: Purpose, reason: &str, now: Ts) -> Result<SignedStatement, KeyError> {
        self.end(purpose, reason, None, now)
    }

    /// Ends the active sealed key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn revoke_sealed(
        &mut self,
        purpose: Purpose,
        reason: &str,
        passphrase: &Secret,
        now: Ts,
    ) -> Result<SignedStatement, KeyError> {
        self.end(purpose, reason, Some(passphrase), now)
    }

    fn end(
        &mut self,
        purpose: Purpose,
        reason: &str,
        passphrase: Option<&Secret>,
        now: Ts,
    ) -> Result<SignedStatement, KeyError> {
        if reason.is_empty() || reason.len() > REASON_MAX || reason.chars().any(char::is_control) {
            return Err(KeyError::Reason);
        }
        let file = self.lock(purpose)?;
        let key = self.secret(purpose, passphrase)?;
        let statement = Statement::Revoked(Revoked {
            purpose,
            key: public(&key),
            reason: reason.to_owned(),
            time: now,
            previous: self.chain(purpose).head_digest(),
        });
        let signed = statement.sign(&[&key]);
        self.append(purpose, file, &signed)?;
        Ok(signed)
    }

    const fn chain(&self, purpose: Purpose) -> &Chain {
        match purpose {
            Purpose::Journal => &self.journal,
            Purpose::Proof => &self.proof,
            Purpose::Operator => &self.operator,
        }
    }

    fn put_chain(&mut self, purpose: Purpose, chain: Chain) {
        match purpose {
            Purpose::Journal => self.journal = chain,
            Purpose::Proof => self.proof = chain,
            Purpose::Operator => self.operator = chain,
        }
    }

    /// A sealed key without a lock, or an open one with it, would not be what its purpose promises.
    fn save(
        &self,
        purpose: Purpose,
        seed: &Seed,
        name: &str,
        lock: Option<(&Secret, Cost)>,
    ) -> Result<(), KeyError> {
        match lock {
            Some(lock) if purpose.is_sealed() => seal::save(seed, &self.dir, purpose, name, lock),
            None if !purpose.is_sealed() => seed.save(&self.dir, purpose, name),
            _ => Err(KeyError::Sealed(purpose)),
        }
    }

    /// Locks the chain file and reads it anew: another process may have changed it since.
    fn lock(&mut self, purpose: Purpose) -> Result<File, KeyError> {
        let name = chain_name(purpose);
        let file = self.dir.file_or_create(&name, OFlags::RDWR)?;
        if !try_lock(&file, &self.dir.path().join(&name))? {
            return Err(KeyError::Busy(purpose));
        }
        let chain = read_chain(&self.dir, purpose)?;
        self.put_chain(purpose, chain);
        Ok(file)
    }

    /// The number of the next key. A secret left by a crash before its statement was written is unused and goes.
    fn free_number(&self, purpose: Purpose) -> Result<u32, KeyError> {
        let number = self.chain(purpose).next_number();
        let name = secret_name(purpose, number);
        if self.dir.file(&name, OFlags::RDONLY)?.is_some() {
            self.dir.remove(&name)?;
        }
        Ok(number)
    }

    fn append(&mut self, purpose: Purpose, mut file: File, s: &SignedStatement) -> Result<(), KeyError> {
        let path = self.chain_path(purpose);
        let mut chain = self.chain(purpose).clone();
        let at = chain.keys.len() + 1;
        chain.push(purpose, at, s).map_err(|source| KeyError::Chain { purpose, source })?;
        let io = |source| crate::home::HomeError::Io { doing: "append to", path: path.clone(), source };
        let mut text = String::new();
        (&mut file).take(CHAIN_MAX).read_to_string(&mut text).map_err(io)?;
        // What follows the last line end was never acknowledged.
        let end = text.rfind('\n').map_or(0, |i| i + 1) as u64;
        file.set_len(end).map_err(io)?;
        file.seek(SeekFrom::Start(end)).map_err(io)?;
        file.write_all(encode_line(s).as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        self.dir.sync()?;
        self.put_chain(purpose, chain);
        Ok(())
    }
}

fn read_chain(dir: &GuardedDir, purpose: Purpose) -> Result<Chain, KeyError> {
    let mut bytes = Vec::new();
    dir.read_into(&chain_name(purpose), CHAIN_MAX, &mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    verify_chain(purpose, &text).map_err(|source| KeyError::Chain { purpose, source })
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

fn chain_name(purpose: Purpose) -> String {
    format!("{}.chain", purpose.name())
}

fn secret_name(purpose: Purpose, number: u32) -> String {
    format!("{}.{number}.key", purpose.name())
}
