//! The registry of error codes, and the exit codes they lead to.

mod approval;
mod cli;
mod config;
mod data;
mod http;
mod journal;
mod kernel;
mod learn;
mod mcp;
mod operator;
mod runtime;
mod stats;
mod strategy;
mod table;
mod wire;

use std::fmt::Write as _;

/// Exit codes of a failure; success is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Input, data or configuration is wrong.
    Data,
    /// The command line is wrong.
    Usage,
    /// Refused for safety.
    Refused,
    /// The journal is damaged, or a verification failed.
    Damaged,
    /// A fault of the program or the machine.
    Internal,
}

impl Exit {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Data, Self::Usage, Self::Refused, Self::Damaged, Self::Internal];

    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Data => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Damaged => 4,
            Self::Internal => 5,
        }
    }

    /// Its meaning.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Data => "input, data or configuration is wrong; nothing was changed",
            Self::Usage => "the command line is wrong",
            Self::Refused => "refused for safety",
            Self::Damaged => "the journal is damaged, or a verification failed",
            Self::Internal => "a fault of the program or the machine",
        }
    }
}

/// An error code, declared once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorSpec {
    /// `ZERO-XXX-nnn`; never reused.
    pub code: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What happened.
    pub meaning: &'static str,
    /// What to do.
    pub hint: &'static str,
    /// Exit code it leads to.
    pub exit: Exit,
}

const fn e(
    code: &'static str,
    exit: Exit,
    title: &'static str,
    meaning: &'static str,
    hint: &'static str,
) -> ErrorSpec {
    ErrorSpec { code, title, meaning, hint, exit }
}

/// Every error code: a group per crate, groups and codes sorted.
pub const ERRORS: &[&[ErrorSpec]] = &[
    http::CODES,
    approval::CODES,
    config::CODES,
    cli::CODES,
    table::CODES,
    data::CODES,
    journal::CODES,
    kernel::CODES,
    learn::CODES,
    mcp::CODES,
    operator::CODES,
    runtime::CODES,
    stats::CODES,
    strategy::CODES,
    wire::CODES,
];

/// Every error code.
pub fn all() -> impl Iterator<Item = &'static ErrorSpec> {
    ERRORS.iter().flat_map(|group| group.iter())
}

/// A code's declaration.
#[must_use]
pub fn find(code: &str) -> Option<&'static ErrorSpec> {
    all().find(|e| e.code == code)
}

/// The text of `docs/errors.md`.
#[must_use]
pub fn errors_markdown() -> String {
    let mut out = String::from(
        "# Errors\n\n\
         <!-- Generated from the registry of error codes. Change the registry, not this file. -->\n\n\
         Every failure has a stable code, a cause and a hint; with `--json` they are a `zero.error.v1` packet on standard\n\
         output. A code is never reused.\n\n\
         ## Exit codes\n\n| exit | meaning |\n|---|---|\n| 0 | success |\n",
    );
    for exit in Exit::ALL {
        let _ = writeln!(out, "| {} | {} |", exit.code(), exit.meaning());
    }
    out.push_str(
        "\n## Codes\n\n| code | name | what happened | what to do | exit |\n|---|---|---|---|---|\n",
    );
    for e in all() {
        let _ =
            writeln!(out, "| `{}` | {} | {} | {} | {} |", e.code, e.title, e.meaning, e.hint, e.exit.code());
    }
    out
}
