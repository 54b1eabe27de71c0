//! Bearer tokens of the HTTP surface: one file per principal, 256 bits as hexadecimal text.

use super::Partition;
use super::guard::{GuardedDir, HomeError};
use super::init::Item;
use crate::keys::KeyError;
use crate::secret::Secret;
use zeroize::Zeroizing;

/// Bytes of a token.
const BYTES: usize = 32;
/// Largest file that is read.
const FILE_MAX: u64 = 256;

/// Who a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// A dashboard: reads.
    Observer,
    /// A coding agent: reads, and never an increase of risk.
    Agent,
    /// The operator.
    Operator,
}

impl Principal {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Observer, Self::Agent, Self::Operator];

    /// Its name: also its file's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observer => "observer",
            Self::Agent => "agent",
            Self::Operator => "operator",
        }
    }
}

/// Makes the tokens that are missing.
pub(super) fn init_tokens(dir: &GuardedDir, items: &mut Vec<Item>) -> Result<(), KeyError> {
    let (tokens, _) = dir.dir("tokens")?;
    for p in Principal::ALL {
        let mut secret = Zeroizing::new([0u8; BYTES]);
        getrandom::fill(secret.as_mut_slice()).map_err(KeyError::Entropy)?;
        let text: Zeroizing<String> = Zeroizing::new(secret.iter().map(|b| format!("{b:02x}")).collect());
        let created = tokens.write_new(p.name(), text.as_bytes())?;
        items.push(Item { path: tokens.path().join(p.name()), what: "token", created });
    }
    Ok(())
}

/// The tokens of a partition. A file that others can read, or that is no token, is refused, and so are two that are equal: who
/// holds one would be both.
///
/// # Errors
/// [`HomeError`].
pub fn read_tokens(partition: &Partition) -> Result<Vec<(Principal, Secret)>, HomeError> {
    let dir = partition.open()?.existing_dir("tokens")?;
    let mut out = Vec::new();
    for p in Principal::ALL {
        out.extend(read_one(&dir, p)?.map(|t| (p, t)));
    }
    let mut rest = out.as_slice();
    while let Some(((one, token), others)) = rest.split_first() {
        if let Some((other, _)) =
            others.iter().find(|(_, t): &&(Principal, Secret)| t.expose() == token.expose())
        {
            return Err(HomeError::SameToken {
                dir: dir.path().to_owned(),
                one: one.name(),
                other: other.name(),
            });
        }
        rest = others;
    }
    Ok(out)
}

/// The token of one principal, and no other's: for a process that must not hold more.
///
/// # Errors
/// [`HomeError`].
pub fn read_token(partition: &Partition, principal: Principal) -> Result<Option<Secret>, HomeError> {
    read_one(&partition.open()?.existing_dir("tokens")?, principal)
}

fn read_one(dir: &GuardedDir, p: Principal) -> Result<Option<Secret>, HomeError> {
    let mut bytes = Vec::new();
    if !dir.read_into(p.name(), FILE_MAX, &mut bytes)? {
        return Ok(None);
    }
    let token = Secret::new(bytes);
    let plain = token.expose().len() == 2 * BYTES && token.expose().iter().all(u8::is_ascii_hexdigit);
    if plain {
        Ok(Some(token))
    } else {
        Err(HomeError::Content {
            path: dir.path().join(p.name()),
            want: format!("a token: {} hexadecimal digits and nothing else", 2 * BYTES),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::{Home, InitOptions, OperatorId, init};
    use std::os::unix::fs::PermissionsExt as _;
    use zero_core::Ts;

    #[test]
    fn a_token_that_stands_for_two_principals_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (home, ana) = (Home::at(dir.path().join("z")), OperatorId::new("ana").unwrap());
        init(&home, &ana, InitOptions { keys: false, now: Ts::from_ns(1) }).unwrap();
        let partition = home.partition(&ana);
        let tokens = partition.dir().join("tokens");
        std::fs::copy(tokens.join("operator"), tokens.join("agent")).unwrap();
        let e = read_tokens(&partition).unwrap_err();
        assert!(matches!(e, HomeError::SameToken { one: "agent", other: "operator", .. }), "{e}");
        assert_eq!(e.code(), "ZERO-CFG-028");
    }

    #[test]
    fn tokens_are_made_once_differ_and_are_refused_when_others_can_read_them() {
        let dir = tempfile::tempdir().unwrap();
        let (home, ana) = (Home::at(dir.path().join("z")), OperatorId::new("ana").unwrap());
        let options = InitOptions { keys: false, now: Ts::from_ns(1) };
        init(&home, &ana, options).unwrap();
        let partition = home.partition(&ana);
        let first = read_tokens(&partition).unwrap();
        assert_eq!(first.len(), 3);
        assert!(first.iter().all(|(_, t)| t.expose().len() == 64));
        assert_ne!(first[0].1.expose(), first[1].1.expose());
        assert_eq!(format!("{:?}", first[0].1), "Secret(hidden)");
        assert!(!init(&home, &ana, options).unwrap().changed(), "a second run makes nothing");
        assert_eq!(read_tokens(&partition).unwrap()[2].1.expose(), first[2].1.expose());
        let file = partition.dir().join("tokens/agent");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_tokens(&partition), Err(HomeError::Mode { .. })));
    }
}
