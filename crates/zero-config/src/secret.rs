//! A secret in memory: wiped when dropped, and no way to show or write it.

use std::fmt;
use zeroize::Zeroizing;

/// Bytes that nobody may see: a token, a passphrase, the key of a signature.
///
/// There is no way to put one into a packet or into text:
///
/// ```compile_fail
/// # fn f(secret: &zero_config::Secret) {
/// serde_json::to_string(secret);
/// # }
/// ```
///
/// ```compile_fail
/// # fn f(secret: &zero_config::Secret) {
/// format!("{secret}");
/// # }
/// ```
///
/// ```compile_fail
/// # fn f(secret: &zero_config::Secret) {
/// // Nor is there a copy that would outlive it.
/// let other: zero_config::Secret = secret.clone();
/// # }
/// ```
///
/// ```
/// # let secret = zero_config::Secret::new(b"hunter2".to_vec());
/// assert_eq!(format!("{secret:?}"), "Secret(hidden)");
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for whoever compares, signs or unlocks with them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}
