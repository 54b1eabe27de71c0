//! `zero doctor`: what is fit to run and what is not.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Doctor, DoctorId = "zero.doctor.v1");

/// Every check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doctor {
    /// Schema id.
    pub schema_version: DoctorId,
    /// No check failed.
    pub ok: bool,
    /// Program version.
    pub version: String,
    /// In the order they were made.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// `pass`, `warn`, `fail` or `skipped`.
    pub status: String,
    /// What was found.
    pub note: String,
    /// What to do; null where nothing is to be done.
    pub hint: Option<String>,
}
