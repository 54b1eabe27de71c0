//! Execution quality, and the cost model that is measured from it.

use crate::Dec;
use crate::id::packet_id;
use crate::stat::Stat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

packet_id!(CostModel, CostModelId = "zero.cost.model.v1");

/// What orders cost. Basis points are of the intended value at the decision price; positive is a cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExecutionQuality {
    /// An exchange's fill quality is claimed. Paper orders cannot show it.
    pub exchange_fill_quality_claimed: bool,
    /// Live slippage is claimed. Paper orders cannot show it.
    pub live_slippage_claimed: bool,
    /// Paper orders are there to be judged.
    pub paper_fill_quality_available: bool,
    /// A live claim needs evidence of the operator's own.
    pub requires_operator_owned_live_evidence: bool,
    /// Orders that were meant to trade and are over.
    pub orders: u64,
    /// Orders that were sent, protective ones included.
    pub sent: u64,
    /// Protective orders that were never touched.
    pub idle: u64,
    /// Refused by the venue, over orders sent; null without one.
    pub reject_rate: Option<f64>,
    /// Filled in part only, over orders that are over; null without one.
    pub partial_rate: Option<f64>,
    /// Refusals by the venue's reason.
    pub rejects: BTreeMap<String, u64>,
    /// By purpose, and `all`.
    pub shortfall: BTreeMap<String, ShortfallMeans>,
    /// By purpose, and `all`: where the market went after fills, in the fill's direction, by horizon. Horizons that the data
    /// cannot show have no value.
    pub markouts: BTreeMap<String, BTreeMap<String, Stat>>,
    /// Cost of taking beyond the market's price, by coin, hour and size; null without a fill.
    pub costs: Option<CostModel>,
    /// Orders beyond what is kept.
    pub left_out: u64,
}

/// Mean implementation shortfall with its parts, which sum to the total.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShortfallMeans {
    /// The whole.
    pub total_bps: Stat,
    /// Mean of each part: delay, half spread, impact, timing, opportunity, fees, funding.
    pub parts_bps: BTreeMap<String, f64>,
    /// Intended value of the orders, USD.
    pub intended_usd: Dec,
    /// The whole, USD.
    pub total_usd: Dec,
}

/// A measured cost model: a document of its own, that configuration may name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostModel {
    /// Schema id.
    pub schema_version: CostModelId,
    /// Lower ends of the size classes after the first, USD of intended value.
    pub size_edges_usd: Vec<Dec>,
    /// Cells, coarse before fine.
    pub cells: Vec<CostCell>,
    /// Standard deviation of one order's cost within the finest cells, basis points.
    pub sd_bps: Option<f64>,
    /// First fill, RFC 3339.
    pub from: String,
    /// Last fill, RFC 3339.
    pub to: String,
}

/// One cell of a cost model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostCell {
    /// Coin; null is all.
    pub coin: Option<String>,
    /// Hour of the day, UTC; null is all.
    pub hour: Option<u8>,
    /// Size class; null is all.
    pub size: Option<u8>,
    /// Orders.
    pub n: u64,
    /// Their mean, basis points.
    pub mean_bps: f64,
    /// Shrunk towards the parent: what the model says, as a fraction of price.
    pub cost: Dec,
}
