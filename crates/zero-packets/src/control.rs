//! Acts over HTTP: what was asked for, what the loop recorded, and what is in force after it.

use crate::id::packet_id;
use crate::live::OperatorContext;
use crate::operator_state::{OperatorState, Ruling};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(LiveControl, LiveControlId = "zero.live.control.v1");
packet_id!(AutoToggle, AutoToggleId = "zero.auto.toggle.v1");
packet_id!(EventsAccepted, EventsAcceptedId = "zero.operator.events.v1");

/// A control that the running loop took. In paper it acts on the paper runtime; there is no live executor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveControl {
    /// Schema id.
    pub schema_version: LiveControlId,
    /// It is in force.
    pub ok: bool,
    /// `trading`, `paused`, `flattening` or `killed`, after the act.
    pub state: Option<String>,
    /// Why it is not in force, or what it acted on.
    pub reason: Option<String>,
    /// Closing orders under way after it.
    pub orders: Vec<ControlOrder>,
    /// `heartbeat`, `pause_entries`, `resume_entries`, `kill` or `flatten_all`.
    pub action: String,
    /// `reduces`, `neutral` or `increases`.
    pub risk_direction: String,
    /// Who asked.
    pub operator_context: OperatorContext,
    /// `journal-` and the number of the act's record.
    pub trace_id: String,
    /// Number of the journal's next record once the act was durable.
    pub journal_seq: u64,
    /// True: the paper account.
    pub simulated: bool,
    /// How the request was ruled on, where it met friction; null for what is never slowed.
    pub ruling: Option<Ruling>,
}

/// An order that closes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlOrder {
    /// Its id.
    pub order: String,
    /// Coin.
    pub coin: String,
    /// `buy` or `sell`.
    pub side: String,
    /// Size that is still open, in coins.
    pub size: crate::Dec,
}

/// The switch for automatic entries after it was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AutoToggle {
    /// Schema id.
    pub schema_version: AutoToggleId,
    /// `on` or `off`.
    pub state: String,
    /// True: nothing here can send a live order.
    pub simulated: bool,
    /// Why the state is not the one that was asked for; null where it is.
    pub reason: Option<String>,
    /// `journal-` and the number of the act's record.
    pub trace_id: String,
    /// Number of the journal's next record once the act was durable.
    pub journal_seq: u64,
    /// How the request was ruled on, where it met friction.
    pub ruling: Option<Ruling>,
}

/// Events of an operator that were recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventsAccepted {
    /// Schema id.
    pub schema_version: EventsAcceptedId,
    /// How many were recorded.
    pub accepted: u32,
    /// Why the others were not, one sentence each.
    pub refused: Vec<String>,
    /// The operator after them.
    pub snapshot: OperatorState,
    /// Who asked.
    pub operator_context: OperatorContext,
    /// `journal-` and the number of the first one's record; `none` where none was taken.
    pub trace_id: String,
}
