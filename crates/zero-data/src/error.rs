//! What can go wrong with data: one error naming file, row, field and rule.

use crate::rule::Rule;
use std::fmt;
use std::path::{Path, PathBuf};

/// One broken rule: where it broke first, and how often.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The broken rule.
    #[serde(serialize_with = "rule_name")]
    pub rule: Rule,
    /// First row that breaks it, counted from one in the file's own terms: the line of a CSV or JSONL file (the header
    /// is line 1), the element of a JSON array. `None` when the finding is about the whole file.
    pub row: Option<u64>,
    /// The field, as the file names it; empty for the whole row.
    pub field: String,
    /// What was found and what was expected.
    pub detail: String,
    /// How many rows break it, as far as was read.
    pub count: u64,
}

fn rule_name<S: serde::Serializer>(rule: &Rule, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(rule.name())
}

impl Finding {
    /// A finding on one row.
    #[must_use]
    pub fn at(rule: Rule, row: u64, field: &str, detail: impl Into<String>) -> Self {
        Self { rule, row: Some(row), field: field.to_owned(), detail: detail.into(), count: 1 }
    }

    /// A finding on the file as a whole.
    #[must_use]
    pub fn whole(rule: Rule, field: &str, detail: impl Into<String>) -> Self {
        Self { rule, row: None, field: field.to_owned(), detail: detail.into(), count: 1 }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}, ")?;
        }
        if !self.field.is_empty() {
            write!(f, "field {}, ", self.field)?;
        }
        write!(f, "rule {}: {}", self.rule.name(), self.detail)?;
        if self.count > 1 {
            write!(f, " ({} times)", self.count)?;
        }
        Ok(())
    }
}

/// A refused file: the first finding of each broken rule, in the order of importance.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    /// Which file.
    pub file: PathBuf,
    /// The finding that decided.
    pub primary: Finding,
    /// Other rules that the file breaks, one finding each.
    pub also: Vec<Finding>,
}

impl Refusal {
    /// All findings, the deciding one first.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        std::iter::once(&self.primary).chain(&self.also)
    }

    /// Does the file break this rule?
    #[must_use]
    pub fn breaks(&self, rule: Rule) -> bool {
        self.findings().any(|f| f.rule == rule)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.primary)?;
        for more in &self.also {
            write!(f, "; also {more}")?;
        }
        Ok(())
    }
}

/// Why data cannot be imported or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The operating system refused.
    #[error("{}: cannot {action}: {cause}", path.display())]
    Io {
        /// Which path.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// What it said.
        cause: String,
    },
    /// The content is in none of the known formats.
    #[error("{}: unknown format: {reason}", path.display())]
    UnknownFormat {
        /// Which file.
        path: PathBuf,
        /// What was seen.
        reason: String,
    },
    /// The file breaks a rule; nothing was imported.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Two files hold the same series.
    #[error("{} and {} both hold {kind} of {symbol}", first.display(), second.display())]
    DuplicateSeries {
        /// The first file.
        first: PathBuf,
        /// The second file.
        second: PathBuf,
        /// The coin.
        symbol: String,
        /// Bars or funding.
        kind: &'static str,
    },
    /// A coin that is neither in the reference universe nor described by the caller.
    #[error("{symbol} is not a known instrument, so its size decimals and leverage are unknown")]
    UnknownInstrument {
        /// The coin.
        symbol: String,
    },
    /// Nothing to import.
    #[error("no input files")]
    NoInput,
    /// The destination exists.
    #[error("{} exists already", path.display())]
    Exists {
        /// Which directory.
        path: PathBuf,
    },
    /// The directory is not a store of this version.
    #[error("{} is not a data store: {reason}", path.display())]
    NotAStore {
        /// Which directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A stored file disagrees with its manifest or its checksums.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// How.
        reason: String,
    },
    /// A coin that the store does not hold.
    #[error("the store holds no coin with index {index}")]
    UnknownCoin {
        /// The index asked for.
        index: u16,
    },
    /// A parameter of the synthetic market that makes no sense.
    #[error("synthetic market: {reason}")]
    Spec {
        /// Which and why.
        reason: String,
    },
    /// Series in memory that break an invariant of [`crate::Dataset`].
    #[error("data set: {reason}")]
    Dataset {
        /// Which and why.
        reason: String,
    },
}

impl DataError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ZERO-DAT-001",
            Self::UnknownFormat { .. } => "ZERO-DAT-002",
            Self::Refused(r) => r.primary.rule.code(),
            Self::DuplicateSeries { .. } => "ZERO-DAT-003",
            Self::UnknownInstrument { .. } => "ZERO-DAT-004",
            Self::NoInput => "ZERO-DAT-005",
            Self::Exists { .. } => "ZERO-DAT-006",
            Self::NotAStore { .. } => "ZERO-DAT-007",
            Self::Damaged { .. } => "ZERO-DAT-008",
            Self::UnknownCoin { .. } => "ZERO-DAT-009",
            Self::Spec { .. } => "ZERO-DAT-010",
            Self::Dataset { .. } => "ZERO-DAT-011",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => {
                "check that the path exists and that its permissions and free space allow this"
            }
            Self::UnknownFormat { .. } => {
                "state the format explicitly, or convert the file to a documented one"
            }
            Self::Refused(r) => r.primary.rule.hint(),
            Self::DuplicateSeries { .. } => "import one file per coin and kind; one store holds one interval",
            Self::UnknownInstrument { .. } => {
                "give its size decimals and maximum leverage, or allow inference from the data explicitly"
            }
            Self::NoInput => "name at least one file, or a directory that holds data files",
            Self::Exists { .. } => "choose another directory, or ask for replacement explicitly",
            Self::NotAStore { .. } => "import the data again; a store is written by the import command only",
            Self::Damaged { .. } => "import the data again from its sources; nothing is read past damage",
            Self::UnknownCoin { .. } => "resolve the coin through the store's own universe",
            Self::Spec { .. } => "correct the parameter",
            Self::Dataset { .. } => "sort and align the series first",
        }
    }

    /// The refusal, if this is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(r) => Some(r),
            _ => None,
        }
    }

    /// A refusal with one finding.
    #[must_use]
    pub fn refused(file: &Path, primary: Finding) -> Self {
        Self::Refused(Box::new(Refusal { file: file.to_owned(), primary, also: Vec::new() }))
    }

    pub(crate) fn io(path: &Path, action: &'static str, e: &std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), action, cause: e.to_string() }
    }
}

/// Collects findings: the first of each rule, with counts. Bounded by the number of rules.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    pub(crate) fn add(&mut self, f: Finding) {
        match self.list.iter_mut().find(|g| g.rule == f.rule) {
            Some(g) => g.count += 1,
            None => self.list.push(f),
        }
    }

    /// The refusal of a file, if anything was found. Rules that explain the others (unit, truncation) come first.
    pub(crate) fn verdict(mut self, file: &Path) -> Result<(), DataError> {
        self.list.sort_by_key(|f| match f.rule {
            Rule::Truncated => 0,
            Rule::WrongUnit => 1,
            Rule::IntervalMismatch => 2,
            Rule::Gap => 4,
            Rule::NotMarketData => 5,
            _ => 3,
        });
        let mut all = self.list.into_iter();
        match all.next() {
            None => Ok(()),
            Some(primary) => Err(DataError::Refused(Box::new(Refusal {
                file: file.to_owned(),
                primary,
                also: all.collect(),
            }))),
        }
    }
}
