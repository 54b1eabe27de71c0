//! `zero approve`: an operator's signed approval of one request.

use crate::RawJson;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Approval, ApprovalId = "zero.approval.v1");

/// An approval of one increase of risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Schema id.
    pub schema_version: ApprovalId,
    /// Method of the request: `POST`, or `ACT` for a command.
    pub method: String,
    /// Its path.
    pub path: String,
    /// Its body; any other body is not approved.
    pub body: RawJson,
    /// What it does: the control that increases risk.
    pub control: String,
    /// Identity of the journal that it is good in, hexadecimal.
    pub journal: String,
    /// Fingerprint of the key that signed, hexadecimal.
    pub key: String,
    /// What makes it unique, hexadecimal.
    pub nonce: String,
    /// From when on it is good, RFC 3339.
    pub not_before: String,
    /// From when on it is not, RFC 3339.
    pub expires: String,
    /// SHA-256 over everything that is signed, hexadecimal.
    pub digest: String,
    /// What is sent with the request: in the header `X-Zero-Approval`, or to a command with `--approval`.
    pub approval: String,
}
