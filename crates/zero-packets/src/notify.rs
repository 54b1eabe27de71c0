//! `zero notify ...`: what was said to a person, and what still waits for one.

use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(NotifyStatus, NotifyStatusId = "zero.notify.status.v1");
packet_id!(NotifyTest, NotifyTestId = "zero.notify.test.v1");

/// Alerts that nobody acknowledged, and how the sinks fare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotifyStatus {
    /// Schema id.
    pub schema_version: NotifyStatusId,
    /// Alerts that nobody acknowledged.
    pub open: Vec<OpenAlert>,
    /// Sinks of the loop that runs, or ran last.
    pub sinks: Vec<SinkTally>,
    /// The record up to which the journal was read; null where no loop with sinks ever ran.
    pub journal_seq: Option<u64>,
}

/// An alert that nobody acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenAlert {
    /// What `zero operator ack` takes.
    pub key: String,
    /// `info`, `warning` or `critical`.
    pub urgency: String,
    /// Latest words.
    pub text: String,
    /// When it happened first, RFC 3339.
    pub first: String,
    /// How often it happened.
    pub count: u64,
    /// How often it was said again.
    pub escalations: u32,
    /// When it is said again; null where it is not.
    pub again: Option<String>,
}

/// How a sink fares, since its loop began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SinkTally {
    /// `terminal`, `file`, `command`, `webhook` or `telegram`.
    pub name: String,
    /// Messages delivered.
    pub delivered: u64,
    /// Attempts that failed: refused, or not reached.
    pub failed: u64,
    /// Messages that wait for their first or their next attempt.
    pub waiting: u64,
    /// Messages given up after their last attempt, or because too many waited.
    pub dead: u64,
    /// When the next attempt may be made, RFC 3339; null where nothing holds it back.
    pub next_attempt: Option<String>,
}

/// What became of a message to every configured sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotifyTest {
    /// Schema id.
    pub schema_version: NotifyTestId,
    /// Every sink.
    pub sinks: Vec<Tried>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// The sink.
    pub name: String,
    /// It was delivered.
    pub ok: bool,
    /// Why not.
    pub cause: Option<String>,
}
