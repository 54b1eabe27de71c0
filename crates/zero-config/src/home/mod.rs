//! Where state lives: one partition per operator, reachable by its owner alone.
//!
//! `<root>/operators/<operator>/{config.toml,keys/,journal/,data/,logs/,reports/,tokens/}`; directories 0700, files 0600.

pub(crate) mod guard;
mod init;
mod tokens;

pub use guard::HomeError;
pub use init::{InitOptions, InitReport, Item, init};
pub use tokens::{Principal, read_token, read_tokens};

use crate::layer::{FileText, Layer};
use crate::load::Config;
use crate::problem::Problem;
use guard::GuardedDir;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// The machine's configuration file.
pub const SYSTEM_FILE: &str = "/etc/zero/config.toml";
/// The operator where none is named.
pub const DEFAULT_OPERATOR: &str = "default";
/// Names under which the program itself acts, or whoever holds an agent's token: acts under them are nobody's, so a person who
/// had one could do nothing.
pub const RESERVED: [&str; 3] = ["zero", "agent", "unattended-policy"];
/// Directories of a partition.
pub const DIRECTORIES: &[&str] = &["keys", "journal", "data", "logs", "reports", "tokens"];

/// Who a partition belongs to: also its directory's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorId(String);

impl OperatorId {
    /// Lower-case letters, digits, `-` and `_`, beginning with a letter or digit, at most 63 bytes, and none of [`RESERVED`].
    ///
    /// # Errors
    /// [`HomeError::OperatorId`].
    pub fn new(text: &str) -> Result<Self, HomeError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = (1..=63).contains(&text.len())
            && text.bytes().next().is_some_and(plain)
            && text.bytes().all(|b| plain(b) || b == b'-' || b == b'_')
            && !RESERVED.contains(&text);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(HomeError::OperatorId(text.chars().take(64).collect()))
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The root of all state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// At an explicit place.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// `$ZERO_HOME`, else `$XDG_STATE_HOME/zero`, else `$HOME/.local/state/zero`. The environment is asked through
    /// the caller's function. As the XDG specification has it, a path that is not absolute counts as unset; a
    /// relative `ZERO_HOME` is refused.
    ///
    /// # Errors
    /// [`HomeError::NoRoot`].
    pub fn resolve(var: impl Fn(&str) -> Option<OsString>) -> Result<Self, HomeError> {
        let absolute = |name: &str| var(name).map(PathBuf::from).filter(|p| p.is_absolute());
        if var("ZERO_HOME").is_some_and(|v| !v.is_empty()) {
            return absolute("ZERO_HOME").map(Self::at).ok_or(HomeError::NoRoot);
        }
        absolute("XDG_STATE_HOME")
            .map(|p| p.join("zero"))
            .or_else(|| absolute("HOME").map(|p| p.join(".local/state/zero")))
            .map(Self::at)
            .ok_or(HomeError::NoRoot)
    }

    /// The root's path.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// An operator's partition. Nothing is read or made.
    #[must_use]
    pub fn partition(&self, operator: &OperatorId) -> Partition {
        Partition { root: self.root.clone(), operator: operator.clone() }
    }
}

/// Where an operator's state lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    root: PathBuf,
    operator: OperatorId,
}

impl Partition {
    /// Whose it is.
    #[must_use]
    pub const fn operator(&self) -> &OperatorId {
        &self.operator
    }

    /// Its directory.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.root.join("operators").join(self.operator.as_str())
    }

    /// The operator's configuration file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.dir().join("config.toml")
    }

    /// Key files.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.dir().join("keys")
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.dir().join("journal")
    }

    /// The data store, unless `data.path` names another.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.dir().join("data")
    }

    /// Operational logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.dir().join("logs")
    }

    /// Reports, and the second copy of the newest checkpoint unless `journal.second_place` names another.
    #[must_use]
    pub fn reports(&self) -> PathBuf {
        self.dir().join("reports")
    }

    /// The data store in force: `data.path`, else the partition's own.
    #[must_use]
    pub fn data_for(&self, config: &Config) -> PathBuf {
        config.data.path.as_ref().map_or_else(|| self.data(), PathBuf::from)
    }

    /// Where the second copy of the newest checkpoint goes: `journal.second_place`, else the partition's reports.
    #[must_use]
    pub fn second_place_for(&self, config: &Config) -> PathBuf {
        config.journal.second_place.as_ref().map_or_else(|| self.reports(), PathBuf::from)
    }

    /// Whether `zero init` has been here.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.dir().is_dir()
    }

    /// Checks owner, mode and kind of every directory of the partition. Makes and changes nothing.
    ///
    /// # Errors
    /// [`HomeError`] for the first that lets others in.
    pub fn verify(&self) -> Result<(), HomeError> {
        let dir = self.open()?;
        DIRECTORIES.iter().try_for_each(|name| dir.existing_dir(name).map(drop))
    }

    /// Reads the operator's configuration file; `None` where there is none.
    ///
    /// # Errors
    /// [`Problem`] of kind [`crate::ProblemKind::Unreadable`].
    pub fn read_config(&self) -> Result<Option<FileText>, Problem> {
        FileText::read(Layer::Operator, &self.config_file())
    }

    pub(crate) fn open(&self) -> Result<GuardedDir, HomeError> {
        let opened =
            || GuardedDir::open(&self.root)?.existing_dir("operators")?.existing_dir(self.operator.as_str());
        opened().map_err(|e| match e {
            HomeError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                HomeError::NoPartition { path: self.dir() }
            }
            e => e,
        })
    }
}
