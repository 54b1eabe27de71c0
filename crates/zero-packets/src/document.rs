//! Texts that a command prints as they are: completions and generated references.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Document, DocumentId = "zero.document.v1");

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Schema id.
    pub schema_version: DocumentId,
    /// Which.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// The text.
    pub text: String,
}
