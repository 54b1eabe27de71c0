//! `/positions`: what is held.

use crate::Dec;
use crate::id::{Source, packet_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

packet_id!(Positions, PositionsId = "zero.positions.v1");

/// Open positions of the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Positions {
    /// Schema id.
    pub schema_version: PositionsId,
    /// By coin.
    pub positions: Vec<Position>,
    /// How many.
    pub count: u32,
    /// Equity, USD; null where a mark is missing.
    pub account_value: Option<Dec>,
    /// Sum over the positions, USD; null where a mark is missing.
    pub total_unrealized_pnl: Option<Dec>,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
}

/// The account's position in a coin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// Coin.
    pub symbol: String,
    /// `long` or `short`; `flat` where books hold legs that cancel out.
    pub side: String,
    /// Net size in coins, zero or positive.
    pub size: Dec,
    /// Net cost over net size: `unrealized_pnl` is the signed size times the mark less this. Left out where the books' opposite
    /// legs give no such price; `entry_unknown` then says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Dec>,
    /// Why there is no entry price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_unknown: Option<String>,
    /// Mark; null where there is none.
    pub mark: Option<Dec>,
    /// Profit and loss at the mark, USD.
    pub unrealized_pnl: Option<Dec>,
    /// The same in units of the risk taken at entry; null where no stop was set.
    pub unrealized_r: Option<f64>,
    /// Resting stop of the position's side, the nearest where books have several.
    pub stop: Option<Dec>,
    /// Resting take-profit of the position's side, the nearest where books have several.
    pub target: Option<Dec>,
    /// Seconds of event time since the position was opened.
    pub age_s: Option<f64>,
    /// Which book holds how much of it.
    pub books: Vec<BookShare>,
}

/// A book's part of a position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookShare {
    /// Book.
    pub book: String,
    /// Signed size in coins, long positive.
    pub size: Dec,
    /// Mean entry price of the book.
    pub entry: Dec,
}
