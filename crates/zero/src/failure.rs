//! Why a command failed, as the operator sees it: a code, a cause, a hint, an exit code.

use zero_packets::ErrorPacket;

/// A failure of a command.
#[derive(Debug)]
pub(crate) struct Failure(pub ErrorPacket);

impl Failure {
    pub(crate) fn new(code: &str, cause: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(ErrorPacket::new(code, cause.into(), hint.into()))
    }

    /// The disk refused something.
    pub(crate) fn io(what: &str, path: &std::path::Path, e: &std::io::Error) -> Self {
        let cause = format!("cannot {what} {}: {e}", path.display());
        if is_wrong_file(e) {
            return Self::new(
                "ZERO-CLI-025",
                cause,
                "name a file that is there and is what the command reads",
            );
        }
        Self::new("ZERO-CLI-001", cause, "check the path and its permissions")
    }
}

/// Was a file named that is not there, or not of the kind that is read? Then the machine is not at fault.
pub(crate) fn is_wrong_file(e: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, IsADirectory, NotADirectory, NotFound};
    matches!(e.kind(), NotFound | IsADirectory | NotADirectory | InvalidData)
}

/// Errors that know their code, cause and hint.
macro_rules! from_error {
    ($($t:ty),* $(,)?) => {$(
        impl From<$t> for Failure {
            fn from(e: $t) -> Self {
                Self::new(e.code(), e.to_string(), e.hint())
            }
        }
    )*};
}

from_error!(
    zero_runtime::EngineError,
    zero_runtime::runner::RunError,
    zero_runtime::study::StudyError,
    zero_runtime::parity::ParityError,
    zero_runtime::looping::LoopError,
    zero_runtime::source::SourceError,
    zero_data::DataError,
    zero_config::HomeError,
    zero_config::KeyError,
    zero_hl_wire::WireError,
    zero_stats::StatsError,
);

impl From<zero_journal::JournalError> for Failure {
    fn from(e: zero_journal::JournalError) -> Self {
        Self::new(e.code(), e.to_string(), e.hint().to_string())
    }
}

impl From<zero_config::Problem> for Failure {
    fn from(p: zero_config::Problem) -> Self {
        Self::new(p.code(), p.to_string(), p.hint())
    }
}

impl From<zero_config::Problems> for Failure {
    fn from(all: zero_config::Problems) -> Self {
        let mut list = all.0.into_iter();
        let Some(first) = list.next() else {
            return Self::new("ZERO-CLI-002", "the configuration cannot be read", "run `zero config check`");
        };
        let more = list.len();
        let mut failure = Self::from(first);
        if more > 0 {
            failure.0.cause.push_str(&format!(" (and {more} more: `zero config check` lists all)"));
        }
        failure
    }
}
