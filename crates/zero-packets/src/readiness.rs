//! `zero readiness`: which claims are proven by dated evidence, and which are not known to hold.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Readiness, ReadinessId = "zero.readiness.v1");

/// Every claim with its evidence, and how many hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Readiness {
    /// Schema id.
    pub schema_version: ReadinessId,
    /// Day that the ages are counted to, `YYYY-MM-DD`.
    pub as_of: String,
    /// `ready`: every claim holds; `refuted`: one does not; `unknown`: none is refuted and some have no fresh evidence.
    pub verdict: String,
    /// Share of claims that hold, 0 to 100; null while one is unknown, for then the score is between the two below.
    pub score: Option<f64>,
    /// The score if every unknown claim were refuted.
    pub score_low: f64,
    /// The score if every unknown claim held.
    pub score_high: f64,
    /// In the order of the program's list.
    pub claims: Vec<Claim>,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Its name, which is the evidence file's without extension.
    pub name: String,
    /// What is claimed.
    pub claim: String,
    /// `holds`, `refuted` or `unknown`.
    pub status: String,
    /// Why, in words.
    pub reason: String,
    /// Day of the evidence; null without one.
    pub date: Option<String>,
    /// Its age in days; null without a date.
    pub age_days: Option<i64>,
    /// Days after which it counts as unknown.
    pub max_age_days: i64,
    /// Revision that was measured; null where the file names none.
    pub revision: Option<String>,
    /// Command that makes the evidence anew.
    pub rebuild: String,
}
