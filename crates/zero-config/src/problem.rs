//! What is wrong with a configuration: every problem, with its place, its rule and what to do.

use crate::layer::{Layer, Place};
use std::fmt;

/// Which rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The file is not TOML.
    Syntax,
    /// No such key.
    UnknownKey,
    /// Another type was expected.
    WrongType,
    /// The unit is missing or is not one that the key takes.
    WrongUnit,
    /// Outside the key's range, or not one of its choices.
    OutOfRange,
    /// A required key has no value.
    Missing,
    /// Keys contradict each other.
    Contradiction,
    /// A file cannot be read, or is not safe to read.
    Unreadable,
    /// A `--set` argument is not `key=value`.
    BadArgument,
}

impl ProblemKind {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "ZERO-CFG-001",
            Self::UnknownKey => "ZERO-CFG-002",
            Self::WrongType => "ZERO-CFG-003",
            Self::WrongUnit => "ZERO-CFG-004",
            Self::OutOfRange => "ZERO-CFG-005",
            Self::Missing => "ZERO-CFG-006",
            Self::Contradiction => "ZERO-CFG-007",
            Self::Unreadable => "ZERO-CFG-008",
            Self::BadArgument => "ZERO-CFG-009",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which rule was broken.
    pub kind: ProblemKind,
    /// The key, where one is meant.
    pub key: Option<String>,
    /// Layer and place of the offending text, where there is one.
    pub at: Option<(Layer, Place)>,
    /// The cause, in one sentence.
    pub cause: String,
    /// What to do.
    pub hint: String,
}

impl Problem {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, place)) = &self.at {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.cause)
    }
}

impl std::error::Error for Problem {}

/// Every problem of a configuration, never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Code of the first problem.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.first().map_or("ZERO-CFG-008", Problem::code)
    }

    /// What to do about the first problem.
    #[must_use]
    pub fn hint(&self) -> &str {
        self.0.first().map_or("", Problem::hint)
    }
}

impl fmt::Display for Problems {
    /// One problem per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, p) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{p}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
