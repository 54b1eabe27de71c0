//! `zero operator ...`: acts of a person, recorded in the journal.

use crate::Dec;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(AutoState, AutoStateId = "zero.operator.auto.v1");
packet_id!(OperatorAct, OperatorActId = "zero.operator.act.v1");

/// An act that is durable, and the state after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperatorAct {
    /// Schema id.
    pub schema_version: OperatorActId,
    /// What was done.
    pub action: String,
    /// On what; empty where the action says it all.
    pub subject: String,
    /// Who.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// What it does to the account's worst case: `reduces`, `neutral` or `increases`.
    pub risk_direction: String,
    /// `running_loop` when a loop took it from its inbox, `journal` when it was recorded at rest.
    pub via: String,
    /// Directory of the journal.
    pub journal_path: String,
    /// Sequence after the last record that was read back.
    pub journal_seq: u64,
    /// Entries are paused now.
    pub paused: bool,
    /// `on` while strategies may enter by themselves, `off` after `zero auto off`.
    pub auto: String,
    /// The kill switch is thrown now.
    pub killed: bool,
    /// A flatten is not complete yet.
    pub flattening: bool,
    /// Coins with a position now.
    pub open_positions: u32,
    /// Breakers open now.
    pub open_breakers: Vec<String>,
    /// Equity, USD; null where a mark is missing.
    pub equity: Option<Dec>,
}

/// Whether strategies may enter by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AutoState {
    /// Schema id.
    pub schema_version: AutoStateId,
    /// `on` or `off`.
    pub state: String,
    /// True: nothing here can send a live order.
    pub simulated: bool,
    /// What else keeps strategies from entering while the switch is on; null where nothing does.
    pub reason: Option<String>,
    /// Directory of the journal.
    pub journal_path: String,
    /// Sequence after the last record that was read.
    pub journal_seq: u64,
}
