//! An order of the operator's own: what became of it.

use crate::Dec;
use crate::id::packet_id;
use crate::live::OperatorContext;
use crate::operator_state::Ruling;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Execute, ExecuteId = "zero.execute.v1");

/// An order of the operator's own and what became of it. The same key with the same order has the same answer, byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Execute {
    /// Schema id.
    pub schema_version: ExecuteId,
    /// The paper venue took it.
    pub accepted: bool,
    /// Taken by the paper venue, or judged for it; false of a live order, which is refused.
    pub simulated: bool,
    /// Null: the fill comes at the market's next price and names `order_id`.
    pub fill_id: Option<String>,
    /// Coin.
    pub coin: String,
    /// `buy` or `sell`.
    pub side: String,
    /// Size in coins, as it was asked for: it is taken whole or not at all.
    pub size: Dec,
    /// `allowed`, or why it was not taken.
    pub reason: String,
    /// The order, as its judgement, its fills and what is told of them name it; `journal-` and the number of the record of a request on which
    /// friction ruled; `none` of a live order, which is not made.
    pub trace_id: String,
    /// The order; its fills and its judgement in the journal carry it. Null where none was made of the request.
    pub order_id: Option<String>,
    /// The key under which it is answered again; made here where none was sent.
    pub idempotency_key: String,
    /// Digest of what was asked for under the key.
    pub request_hash: String,
    /// It was to be taken only if it reduces.
    pub reduce_only: bool,
    /// Price that it must not be worse than; null for none.
    pub price: Option<Dec>,
    /// Gates that did not pass.
    pub gates: Vec<String>,
    /// Breakers that were open to it.
    pub breakers: Vec<String>,
    /// How friction ruled, where the request waits or was refused; its key is then still free.
    pub ruling: Option<Ruling>,
    /// Only of a live order: `refused`, since none can be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Only of a live order: digest of its receipt, null where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_hash: Option<Option<String>>,
    /// Only of a live order: who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_context: Option<OperatorContext>,
}
