//! `zero config show|get|check`.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(ConfigShow, ConfigShowId = "zero.config.show.v1");
packet_id!(ConfigGet, ConfigGetId = "zero.config.get.v1");
packet_id!(ConfigCheck, ConfigCheckId = "zero.config.check.v1");

/// The configuration in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigShow {
    /// Schema id.
    pub schema_version: ConfigShowId,
    /// SHA-256 over its canonical bytes, hexadecimal.
    pub config_hash: String,
    /// Every key, by path.
    pub keys: Vec<ConfigKey>,
}

/// A key in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigKey {
    /// Path.
    pub key: String,
    /// Canonical text; null where it is absent.
    pub value: Option<String>,
    /// Layer that won.
    pub layer: String,
    /// Where in it.
    pub place: String,
}

/// A key explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigGet {
    /// Schema id.
    pub schema_version: ConfigGetId,
    /// Path.
    pub key: String,
    /// Canonical text; null where it is absent.
    pub value: Option<String>,
    /// Type.
    pub kind: String,
    /// Type and range in words.
    pub rule: String,
    /// Meaning and unit.
    pub doc: String,
    /// How a change moves risk.
    pub risk: String,
    /// Environment variable that sets it.
    pub env: String,
    /// First version that had it.
    pub since: String,
    /// Every layer that says something, the winner last.
    pub layers: Vec<ConfigLayer>,
}

/// What a layer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigLayer {
    /// Layer.
    pub layer: String,
    /// Where in it.
    pub place: String,
    /// Canonical text; null where the layer unsets the key.
    pub value: Option<String>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigCheck {
    /// Schema id.
    pub schema_version: ConfigCheckId,
    /// Nothing is wrong.
    pub ok: bool,
    /// SHA-256 over the canonical bytes, hexadecimal; null where something is wrong.
    pub config_hash: Option<String>,
    /// Every problem.
    pub problems: Vec<ConfigProblem>,
}

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigProblem {
    /// Stable code.
    pub code: String,
    /// Path of the key, where one is meant.
    pub key: Option<String>,
    /// Where it stands, where it stands anywhere.
    pub place: Option<String>,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub hint: String,
}
