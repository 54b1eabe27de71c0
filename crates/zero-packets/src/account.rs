//! `/hl/account`: the account at the venue. A runtime without a venue account refuses to answer rather than show an
//! empty one.

use crate::Dec;
use crate::id::packet_id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

packet_id!(HlAccount, HlAccountId = "zero.hl_account.v1");

/// An account at the venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HlAccount {
    /// Schema id.
    pub schema_version: HlAccountId,
    /// Venue.
    pub exchange: String,
    /// The account, all but its ends left out.
    pub user: String,
    /// When it was read, RFC 3339.
    pub as_of: Option<String>,
    /// Equity, USD.
    pub account_value: Option<Dec>,
    /// Margin in use, USD.
    pub margin_used: Option<Dec>,
    /// What could be taken out, USD.
    pub withdrawable: Option<Dec>,
    /// What is held.
    pub positions: Vec<HlPosition>,
    /// What rests.
    pub open_orders: Vec<Value>,
    /// How many of each.
    pub counts: HlCounts,
}

/// A position at the venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HlPosition {
    /// Coin.
    pub symbol: String,
    /// `long` or `short`.
    pub side: String,
    /// Size in coins.
    pub quantity: Dec,
    /// Mean entry price, USD.
    pub entry_price: Dec,
    /// Notional at the mark, USD.
    pub position_value: Dec,
    /// Profit at the mark, USD.
    pub unrealized_pnl: Dec,
    /// Margin in use, USD.
    pub margin_used: Dec,
}

/// How many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HlCounts {
    /// Positions.
    pub positions: u64,
    /// Orders that rest.
    pub open_orders: u64,
}
