//! Layers: where values may come from, later ones over earlier ones.

use crate::home::guard;
use crate::problem::{Problem, ProblemKind};
use std::fmt;
use std::path::{Path, PathBuf};

/// A layer. Later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// What ships with the program.
    Default,
    /// The machine's file, and what a command presets.
    System,
    /// The operator's own file.
    Operator,
    /// Environment variables.
    Environment,
    /// `--set key=value`.
    CommandLine,
}

impl Layer {
    /// Its name in messages and packets.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::System => "system",
            Self::Operator => "operator",
            Self::Environment => "environment",
            Self::CommandLine => "command line",
        }
    }
}

/// Where a text stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the program.
    BuiltIn,
    /// In a file, at a line counted from one; zero where the whole file is meant.
    File {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// In an environment variable.
    Env(String),
    /// In the n-th `--set`, counted from one.
    Set(usize),
    /// In a sweep, which gives the key one value after another.
    Sweep,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File { path, line: 0 } => write!(f, "{}", path.display()),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Env(name) => f.write_str(name),
            Self::Set(n) => write!(f, "--set #{n}"),
            Self::Sweep => f.write_str("--sweep"),
        }
    }
}

/// Largest configuration file, in bytes.
pub const FILE_MAX: u64 = 1 << 20;

/// The text of a file and its name for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileText {
    /// For messages.
    pub path: PathBuf,
    /// TOML.
    pub text: String,
}

impl FileText {
    /// Text that comes with the program, under a name for messages.
    #[must_use]
    pub fn built_in(name: &str, text: &str) -> Self {
        Self { path: PathBuf::from(format!("<{name}>")), text: text.to_owned() }
    }

    /// Reads a file; `None` where there is none. Others than its owner must not be able to write to it.
    ///
    /// # Errors
    /// [`ProblemKind::Unreadable`].
    pub fn read(layer: Layer, path: &Path) -> Result<Option<Self>, Problem> {
        match guard::read_config(path, FILE_MAX) {
            Ok(None) => Ok(None),
            Ok(Some(text)) => Ok(Some(Self { path: path.to_owned(), text })),
            Err(e) => Err(Problem {
                kind: ProblemKind::Unreadable,
                key: None,
                at: Some((layer, Place::File { path: path.to_owned(), line: 0 })),
                cause: e.to_string(),
                hint: e.hint(),
            }),
        }
    }
}

/// Everything a configuration is read from. The environment is passed in: nothing here reads the process.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub(crate) files: Vec<(Layer, FileText)>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) set: Vec<String>,
    pub(crate) swept: Vec<(String, String)>,
}

impl Sources {
    /// Defaults alone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file to a layer; a later file of the same layer wins.
    #[must_use]
    pub fn file(mut self, layer: Layer, file: FileText) -> Self {
        self.files.push((layer, file));
        self
    }

    /// Adds environment variables; those that are not ours are ignored.
    #[must_use]
    pub fn env(mut self, vars: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(vars.into_iter().filter(|(name, _)| name.starts_with("ZERO_")));
        self.env.sort();
        self
    }

    /// Adds `key=value` arguments.
    #[must_use]
    pub fn set(mut self, args: impl IntoIterator<Item = String>) -> Self {
        self.set.extend(args);
        self
    }

    /// Adds the keys and values of a sweep's variant, which win over all others.
    #[must_use]
    pub fn swept(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        self.swept.extend(values);
        self
    }
}
