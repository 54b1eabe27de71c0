//! `/v2/status`: the runtime at a glance.

use crate::id::{Source, packet_id};
use crate::{Dec, Stat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

packet_id!(Status, StatusId = "zero.status.v1");

/// The runtime at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Schema id.
    pub schema_version: StatusId,
    /// How sure the runtime is of its own view.
    pub confidence: Confidence,
    /// The market in short.
    pub market: Market,
    /// Open positions in short.
    pub positions: PositionTotals,
    /// Since 00:00 UTC of the event day.
    pub today: Today,
    /// Always empty: entries that are near are asked of the kernel, in `zero.approaching.v1` and `zero.brief.v1`; `blind_spots`
    /// says so.
    pub approaching: Vec<Value>,
    /// What the runtime does not see, in words.
    pub blind_spots: Vec<Value>,
    /// The most urgent matter, if there is one.
    pub alert: Option<String>,
    /// What start-up recovered.
    pub recovery: Recovery,
    /// Event time, RFC 3339.
    pub ts: Option<String>,
    /// `paper`, `shadow` or `live`.
    pub mode: String,
    /// Read from a running loop or from the journal.
    pub source: Source,
    /// Journal sequence that this shows.
    pub journal_seq: u64,
    /// Seconds between the event time shown and the reading, where the reader has a clock.
    pub age_s: Option<f64>,
    /// Digest over all decisions so far, hexadecimal.
    pub decision_digest: String,
    /// Digest of the configuration in force, hexadecimal.
    pub config_hash: String,
    /// Names of open breakers.
    pub open_breakers: Vec<String>,
    /// The run may take new risk: no breaker is open. While `auto_off` alone is, the operator's own orders are judged all the same.
    pub risk_increasing_allowed: bool,
}

/// How sure the runtime is of its own view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Confidence {
    /// Share of health checks that pass, times 100; null where none could be made.
    pub score: Option<f64>,
    /// `ok`, `degraded` or `unknown`.
    pub level: Option<String>,
}

/// The market in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Market {
    /// State of the market's volatility, as in `zero.regime.v1`; null while it is unknown.
    pub regime: Option<String>,
    /// Share of coins with fresh data.
    pub health: Option<f64>,
    /// Signal in words; null where it is not computed.
    pub signal: Option<String>,
    /// Prediction in words; null where it is not computed.
    pub prediction: Option<String>,
    /// Fear and greed index; null: it is not observed.
    pub fear_greed: Option<i64>,
    /// Coins with fresh data and no block.
    pub coins_tradeable: Option<u32>,
}

/// Open positions in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PositionTotals {
    /// Coins with a position.
    pub open: Option<u32>,
    /// Profit and loss at the marks, USD; null where a mark is missing.
    pub unrealized_pnl: Option<Dec>,
    /// Equity, USD; null where a mark is missing.
    pub equity: Option<Dec>,
}

/// The event day so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Today {
    /// Closed trades.
    pub trades: Option<u32>,
    /// Of them with profit after costs.
    pub wins: Option<u32>,
    /// Profit and loss after costs, USD.
    pub pnl: Option<Dec>,
    /// Length of the current run of wins (positive) or losses (negative).
    pub streak: Option<i32>,
    /// Product of the size modifiers at the last decision.
    pub sizing_mult: Option<f64>,
    /// Share of wins with its interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub win_rate: Option<Stat>,
}

/// What start-up recovered and what has been since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// Whether records survive a crash.
    pub durable: bool,
    /// `fresh`, `recovered` or `ephemeral`.
    pub status: Option<String>,
    /// `journal` or `memory`.
    pub source: Option<String>,
    /// Directory of the journal.
    pub journal_path: Option<String>,
    /// Decisions found at start.
    pub decisions_recovered: Option<u32>,
    /// Fills found at start.
    pub fills_recovered: Option<u32>,
    /// Rejections found at start.
    pub rejections_recovered: Option<u32>,
    /// Positions found at start.
    pub positions_recovered: Option<u32>,
    /// Event time of the last decision found, RFC 3339.
    pub last_decision_at: Option<String>,
    /// Decisions now.
    pub current_decisions: Option<u32>,
    /// Fills now.
    pub current_fills: Option<u32>,
    /// Rejections now.
    pub current_rejections: Option<u32>,
    /// Positions now.
    pub current_positions: Option<u32>,
    /// Bytes of a torn tail that start-up cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub torn_bytes: Option<u64>,
}
