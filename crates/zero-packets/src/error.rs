//! The one error packet.

use crate::errors::{self, Exit};
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(ErrorPacket, ErrorId = "zero.error.v1");

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorPacket {
    /// Schema id.
    pub schema_version: ErrorId,
    /// Stable code, to be looked up in the error reference.
    pub code: String,
    /// Whose matter it is.
    pub kind: ErrorKind,
    /// The cause, in one sentence.
    pub cause: String,
    /// What to do.
    pub hint: String,
    /// Exit code of the process.
    pub exit_code: u8,
    /// Further causes, such as the other problems of a configuration.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub details: Vec<ErrorDetail>,
}

/// A further cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDetail {
    /// Stable code.
    pub code: String,
    /// The cause, in one sentence.
    pub cause: String,
    /// What to do.
    pub hint: String,
}

/// Whose matter an error is; each kind has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The user's input or data.
    User,
    /// How the command was written.
    Usage,
    /// Refused for safety.
    Refused,
    /// Damage to the journal, or a verification that failed.
    Damaged,
    /// The program's own.
    Internal,
}

impl From<Exit> for ErrorKind {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Data => Self::User,
            Exit::Usage => Self::Usage,
            Exit::Refused => Self::Refused,
            Exit::Damaged => Self::Damaged,
            Exit::Internal => Self::Internal,
        }
    }
}

impl ErrorPacket {
    /// Kind and exit code follow from the code's place in the registry; a code that is not there is internal.
    #[must_use]
    pub fn new(code: &str, cause: String, hint: String) -> Self {
        let exit = errors::find(code).map_or(Exit::Internal, |e| e.exit);
        Self {
            schema_version: ErrorId,
            code: code.to_owned(),
            kind: exit.into(),
            cause,
            hint,
            exit_code: exit.code(),
            details: Vec::new(),
        }
    }
}
