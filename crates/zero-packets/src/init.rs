//! `zero init`.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Init, InitId = "zero.init.v1");

/// What `zero init` did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Init {
    /// Schema id.
    pub schema_version: InitId,
    /// Operator.
    pub operator: String,
    /// Partition.
    pub path: String,
    /// Whether anything was made.
    pub changed: bool,
    /// Everything that was looked after.
    pub items: Vec<InitItem>,
}

/// A thing that was looked after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InitItem {
    /// Where.
    pub path: String,
    /// What.
    pub what: String,
    /// Made now.
    pub created: bool,
}
